//! `GetObjectAttributes`: what is known of an object without reading it, its parts among it.

use s3s::dto::{
    Checksum, ETag, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ObjectAttributes, ObjectPart, StorageClass,
};
use s3s::{S3Request, S3Result};

use crate::clock::from_ms;
use crate::s3::Store;
use crate::s3::catalogue::{self, ObjectRow};
use crate::s3::checksums::set_checksums;
use crate::s3::list::max_keys;
use crate::s3::versions::only_null;

impl Store {
    pub(super) async fn get_object_attributes(
        &self,
        request: S3Request<GetObjectAttributesInput>,
    ) -> S3Result<GetObjectAttributesOutput> {
        let input = request.input;
        only_null(input.version_id.as_deref())?;
        let (bucket, key) = (input.bucket, input.key);
        let object = self.db.read(move |tx| catalogue::get(tx, &bucket, &key)).await?;
        // `s3s` takes the whole header for one name.
        let names = input
            .object_attributes
            .iter()
            .flat_map(|names| names.as_str().split(','));
        let names: Vec<&str> = names.map(str::trim).collect();
        let asked = |name: &str| names.contains(&name);
        let max_parts = max_keys(input.max_parts)?;
        let parts = parts(&object, input.part_number_marker.unwrap_or(0), max_parts);
        Ok(GetObjectAttributesOutput {
            checksum: checksum(&object).filter(|_| asked(ObjectAttributes::CHECKSUM)),
            e_tag: asked(ObjectAttributes::ETAG).then(|| ETag::Strong(object.etag.clone())),
            last_modified: Some(from_ms(object.modified).into()),
            object_parts: parts.filter(|_| asked(ObjectAttributes::OBJECT_PARTS)),
            object_size: asked(ObjectAttributes::OBJECT_SIZE).then_some(object.size as i64),
            storage_class: asked(ObjectAttributes::STORAGE_CLASS)
                .then(|| StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        })
    }
}

fn checksum(object: &ObjectRow) -> Option<Checksum> {
    let sums = &object.attributes.checksums;
    let mut checksum = Checksum {
        checksum_type: sums.kind(),
        ..Default::default()
    };
    set_checksums!(checksum, sums);
    (!sums.is_empty()).then_some(checksum)
}

/// The parts after the number `after`, at most `limit`; nothing for an object that was put in one piece.
fn parts(object: &ObjectRow, after: i32, limit: i32) -> Option<GetObjectAttributesParts> {
    if !object.in_parts() {
        return None;
    }
    let sums = object.attributes.part_checksums.iter().cloned().map(Some);
    let sums = sums.chain(std::iter::repeat(None));
    let numbered = (1..).zip(object.segments.iter().zip(sums));
    let parts: Vec<ObjectPart> = numbered
        .skip_while(|(number, _)| *number <= after)
        .take(limit as usize)
        .map(|(number, (segment, sums))| {
            let mut part = ObjectPart {
                part_number: Some(number),
                size: Some(segment.1 as i64),
                ..Default::default()
            };
            set_checksums!(part, sums.unwrap_or_default());
            part
        })
        .collect();
    let total = object.segments.len() as i32;
    let last = parts.last().and_then(|part| part.part_number).unwrap_or(after);
    Some(GetObjectAttributesParts {
        is_truncated: Some(last < total),
        max_parts: Some(limit),
        next_part_number_marker: Some(last),
        part_number_marker: Some(after),
        parts: Some(parts),
        total_parts_count: Some(total),
    })
}
