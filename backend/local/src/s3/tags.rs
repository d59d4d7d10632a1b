//! Tags of objects: given with an upload or a copy, or set, read and removed by themselves.

use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::s3::Store;
use crate::s3::catalogue::{self, Tags};
use crate::s3::fail::Fail;
use crate::s3::versions::only_null;

/// S3's limits for one object.
const MAX_TAGS: usize = 10;
const MAX_NAME_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;

/// The tags of an `x-amz-tagging` header, which looks like the query of a URL.
pub(super) fn of_header(header: Option<&str>) -> S3Result<Tags> {
    let pairs = form_urlencoded::parse(header.unwrap_or_default().as_bytes());
    check(
        pairs
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
    )
}

fn of_set(set: Vec<Tag>) -> S3Result<Tags> {
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    check(set.into_iter().map(pair).collect())
}

fn check(mut tags: Tags) -> S3Result<Tags> {
    tags.sort_unstable();
    if tags.len() > MAX_TAGS {
        return Err(s3_error!(
            InvalidTag,
            "Object tags cannot be greater than {MAX_TAGS}"
        ));
    }
    if tags.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(s3_error!(
            InvalidTag,
            "Cannot provide multiple Tags with the same key"
        ));
    }
    for (name, value) in &tags {
        let length = name.chars().count();
        if length == 0 || length > MAX_NAME_CHARS || name.starts_with("aws:") {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > MAX_VALUE_CHARS {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
    }
    Ok(tags)
}

impl Store {
    pub(super) async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<GetObjectTaggingOutput> {
        let GetObjectTaggingInput {
            bucket,
            key,
            version_id,
            ..
        } = request.input;
        only_null(version_id.as_deref())?;
        let object = self.db.read(move |tx| catalogue::get(tx, &bucket, &key)).await?;
        let tag = |(name, value)| Tag {
            key: Some(name),
            value: Some(value),
        };
        Ok(GetObjectTaggingOutput {
            tag_set: object.attributes.tags.into_iter().map(tag).collect(),
            version_id: None,
        })
    }

    pub(super) async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<PutObjectTaggingOutput> {
        let PutObjectTaggingInput {
            bucket,
            key,
            version_id,
            tagging,
            ..
        } = request.input;
        only_null(version_id.as_deref())?;
        self.set_tags(bucket, key, of_set(tagging.tag_set)?).await?;
        Ok(PutObjectTaggingOutput::default())
    }

    pub(super) async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<DeleteObjectTaggingOutput> {
        let DeleteObjectTaggingInput {
            bucket,
            key,
            version_id,
            ..
        } = request.input;
        only_null(version_id.as_deref())?;
        self.set_tags(bucket, key, Tags::new()).await?;
        Ok(DeleteObjectTaggingOutput::default())
    }

    async fn set_tags(&self, bucket: String, key: String, tags: Tags) -> S3Result<()> {
        self.db
            .write::<_, Fail>(move |tx| {
                let mut object = catalogue::get(tx, &bucket, &key)?;
                object.attributes.tags = tags;
                catalogue::set_attributes(tx, &bucket, &key, &object.attributes)
            })
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if tags come back as other ones than were sent, or more than S3 keeps are taken.
    #[test]
    fn headers() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let tags = of_header(Some("a%20b=c%2Bd&empty&plus=x+y")).unwrap();
        assert_eq!(tags, [pair("a b", "c+d"), pair("empty", ""), pair("plus", "x y")]);
        assert!(of_header(None).unwrap().is_empty());
        let eleven: Vec<String> = (0..=MAX_TAGS).map(|n| format!("k{n}=v")).collect();
        for bad in [
            eleven.join("&"),
            "a=1&a=2".to_owned(),
            "aws:a=1".to_owned(),
            format!("{}=1", "k".repeat(129)),
            format!("k={}", "v".repeat(257)),
        ] {
            assert_eq!(
                of_header(Some(&bad)).unwrap_err().code().as_str(),
                "InvalidTag",
                "{bad}"
            );
        }
    }
}
