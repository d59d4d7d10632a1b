//! A file in parts: those that the bucket has are read and compared, the others sent.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, Part};
use futures::{StreamExt, stream};

use super::meter::RequestProgress;
use super::source::{self, same};
use super::sums::{Sums, composite};
use super::transfer::{PART_BYTES, REQUESTS_AT_ONCE, Upload, damaged, head, look, unless_stalled};
use crate::aws::{ChecksumKind, Session};
use crate::error::ClientError;
use crate::model::{LogLevel, VideoFile};
use crate::store::{MultipartEntry, SentEntry};

/// S3's limit.
pub(super) const MAX_PARTS: u64 = 10_000;

/// A part that the bucket has.
struct Sent {
    number: i32,
    etag: String,
    sums: Sums,
}

impl Upload<'_> {
    /// Sends a file in parts. `None` where the file changed meanwhile.
    pub(super) async fn multipart(self, video: &VideoFile) -> Result<Option<SentEntry>, ClientError> {
        let id = self.job.id;
        let old = self.registry.journal(move |store| store.multipart(id)).await?;
        let kept = match old {
            Some(old) if same(&old.video, video) && old.key == self.job.video_key => Some(old),
            Some(old) => {
                self.drop_entry(&old).await?;
                None
            }
            None => None,
        };
        let resumed = kept.is_some();
        let entry = match kept {
            Some(entry) => entry,
            None => self.create(video).await?,
        };
        let parts = match self.parts(video, &entry, resumed).await {
            Ok(parts) => parts,
            Err(error) if error.code() == Some("NoSuchUpload") => return self.gone(video, &entry).await,
            Err(error) => return Err(error),
        };
        if !same(&look(self.job).await?, video) {
            self.drop_entry(&entry).await?;
            return Ok(None);
        }
        self.complete(video, &entry, parts).await
    }

    async fn create(self, video: &VideoFile) -> Result<MultipartEntry, ClientError> {
        let Self { session, job, .. } = self;
        let with = session.endpoint.may_take_checksums();
        let request = || {
            session
                .s3
                .create_multipart_upload()
                .bucket(&job.bucket)
                .key(&job.video_key)
        };
        let created = if with {
            let asked = request()
                .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
                .checksum_type(ChecksumType::FullObject);
            match asked.send().await {
                // Some servers refuse what they do not know.
                Err(error)
                    if matches!(
                        error.code(),
                        Some("NotImplemented" | "InvalidArgument" | "InvalidRequest")
                    ) =>
                {
                    request().send().await
                }
                answer => answer,
            }
        } else {
            request().send().await
        };
        let created = created.map_err(|error| ClientError::aws("The upload", &error))?;
        let takes = created.checksum_algorithm() == Some(&ChecksumAlgorithm::Crc64Nvme);
        session.endpoint.takes_checksums(takes);
        let entry = MultipartEntry {
            backend: session.backend.name.clone(),
            bucket: job.bucket.clone(),
            key: job.video_key.clone(),
            upload_id: created.upload_id.unwrap_or_default(),
            part_bytes: PART_BYTES.max(video.bytes.div_ceil(MAX_PARTS).next_multiple_of(1 << 20)),
            check: if takes {
                ChecksumKind::Crc64Nvme
            } else {
                ChecksumKind::Md5
            },
            video: video.clone(),
        };
        let (id, noted) = (job.id, entry.clone());
        let noted = self
            .registry
            .journal(move |store| store.put_multipart(id, &noted));
        noted.await?;
        Ok(entry)
    }

    /// All parts of the file in the bucket, in order.
    async fn parts(
        self,
        video: &VideoFile,
        entry: &MultipartEntry,
        resumed: bool,
    ) -> Result<Vec<Sent>, ClientError> {
        let there = if resumed {
            self.list(entry).await?
        } else {
            BTreeMap::new()
        };
        let numbers = 1..=video.bytes.div_ceil(entry.part_bytes);
        let failed = AtomicBool::new(false);
        let (failed, there) = (&failed, &there);
        let work = stream::iter(numbers).map(|number| async move {
            // What is on its way when another part fails still arrives, and need not be sent again.
            if failed.load(Ordering::Relaxed) {
                return None;
            }
            let part = self.part(video, entry, number, there.get(&(number as i32))).await;
            failed.fetch_or(part.is_err(), Ordering::Relaxed);
            Some(part)
        });
        let parts: Vec<_> = work.buffer_unordered(REQUESTS_AT_ONCE).collect().await;
        let parts: Result<Vec<Sent>, ClientError> = parts.into_iter().flatten().collect();
        let mut parts = parts?;
        parts.sort_unstable_by_key(|part| part.number);
        let found = parts
            .iter()
            .filter(|part| there.contains_key(&part.number))
            .count();
        if found > 0 {
            self.registry.note(
                self.job.id,
                LogLevel::Info,
                format!("{found} of {} parts were in the bucket already", parts.len()),
            );
        }
        Ok(parts)
    }

    /// What the bucket has of this upload.
    async fn list(self, entry: &MultipartEntry) -> Result<BTreeMap<i32, Part>, ClientError> {
        let mut pages = self
            .session
            .s3
            .list_parts()
            .bucket(&entry.bucket)
            .key(&entry.key)
            .upload_id(&entry.upload_id)
            .into_paginator()
            .send();
        let mut there = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ClientError::aws("Going on with the upload", &error))?;
            let numbered = page.parts.unwrap_or_default().into_iter();
            there.extend(numbered.filter_map(|part| Some((part.part_number()?, part))));
        }
        Ok(there)
    }

    /// One part: compared with the file where the bucket has it, sent where it has not, or other bytes.
    async fn part(
        self,
        video: &VideoFile,
        entry: &MultipartEntry,
        number: u64,
        there: Option<&Part>,
    ) -> Result<Sent, ClientError> {
        let Self { session, job, .. } = self;
        let _permit = self.pool.request().await;
        let range = entry.range(number);
        let length = range.end - range.start;
        let md5 = entry.check == ChecksumKind::Md5
            || there.is_some_and(|part| part.checksum_crc64_nvme().is_none());
        let sums = source::sums(video, range.clone(), md5).await?;
        if let Some(there) = there
            && there.size() == Some(length.cast_signed())
            && sums.agree(there.checksum_crc64_nvme(), there.e_tag()) == Some(true)
        {
            self.meter.skip(length);
            return Ok(Sent {
                number: number as i32,
                etag: there.e_tag().unwrap_or_default().to_owned(),
                sums,
            });
        }
        let progress = RequestProgress::new(self.meter);
        let request = session
            .transfers
            .upload_part()
            .bucket(&job.bucket)
            .key(&entry.key)
            .upload_id(&entry.upload_id)
            .part_number(number as i32)
            .content_length(length.cast_signed())
            .body(self.piece(video, range, &progress));
        let request = match entry.check {
            ChecksumKind::Crc64Nvme => request.checksum_crc64_nvme(sums.crc64nvme()),
            ChecksumKind::Md5 => request.set_content_md5(sums.content_md5()),
        };
        let answer = unless_stalled(&progress, Box::pin(request.send()))
            .await?
            .map_err(|error| ClientError::aws("The upload", &error))?;
        if sums.agree(answer.checksum_crc64_nvme(), answer.e_tag()) == Some(false) {
            return Err(damaged());
        }
        progress.keep();
        Ok(Sent {
            number: number as i32,
            etag: answer.e_tag.unwrap_or_default(),
            sums,
        })
    }

    async fn complete(
        self,
        video: &VideoFile,
        entry: &MultipartEntry,
        sent: Vec<Sent>,
    ) -> Result<Option<SentEntry>, ClientError> {
        let session = self.session;
        let sums: Vec<Sums> = sent.iter().map(|part| part.sums).collect();
        let whole = Sums::of_all(&sums);
        let part = |part: Sent| {
            CompletedPart::builder()
                .part_number(part.number)
                .e_tag(part.etag)
                .build()
        };
        let parts = sent.into_iter().map(part).collect();
        let request = session
            .transfers
            .complete_multipart_upload()
            .bucket(&entry.bucket)
            .key(&entry.key)
            .upload_id(&entry.upload_id)
            .set_if_none_match(session.endpoint.if_none_match())
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
        let request = match entry.check {
            ChecksumKind::Crc64Nvme => request
                .checksum_crc64_nvme(whole.crc64nvme())
                .checksum_type(ChecksumType::FullObject),
            ChecksumKind::Md5 => request,
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let error = ClientError::aws("The upload", &error);
                return match error.code() {
                    // The answer to an earlier try got lost.
                    Some("PreconditionFailed") => self.arrived(video, &whole).await.map(Some),
                    Some("NoSuchUpload") => self.gone(video, entry).await,
                    // S3 asks for a new start; and a part that is not what it was is one that cannot be trusted.
                    Some("ConditionalRequestConflict" | "InvalidPart" | "InvalidPartOrder" | "BadDigest") => {
                        self.drop_entry(entry).await?;
                        Err(error.into_backend_trouble())
                    }
                    Some("NotImplemented") if session.endpoint.goes_without_conditions() => {
                        Err(error.into_backend_trouble())
                    }
                    _ => Err(error),
                };
            }
        };
        let agree = match entry.check {
            ChecksumKind::Crc64Nvme => whole.agree(answer.checksum_crc64_nvme(), None),
            ChecksumKind::Md5 => composite(&sums, answer.e_tag()),
        };
        if agree == Some(false) {
            self.forget_entry().await?;
            return Err(ClientError::Damaged);
        }
        Ok(Some(self.entry(video, &whole, answer.e_tag())))
    }

    /// The upload is unknown to the bucket: it was completed, and the answer got lost; or it was cleared away.
    async fn gone(self, video: &VideoFile, entry: &MultipartEntry) -> Result<Option<SentEntry>, ClientError> {
        if head(self.session, &self.job.bucket, &self.job.video_key)
            .await?
            .is_some()
        {
            let whole = source::sums(video, 0..video.bytes, false).await?;
            return self.arrived(video, &whole).await.map(Some);
        }
        self.forget_entry().await?;
        self.registry.note(
            self.job.id,
            LogLevel::Warn,
            "the bucket has cleared the unfinished upload away; it starts over",
        );
        // Not for ever: each start takes a look at the file, and `send` counts them.
        tracing::debug!("upload {} is gone", entry.upload_id);
        Ok(None)
    }

    /// Gives up what was sent of another version of the file.
    async fn drop_entry(self, entry: &MultipartEntry) -> Result<(), ClientError> {
        abort(self.session, entry).await?;
        self.forget_entry().await
    }

    async fn forget_entry(self) -> Result<(), ClientError> {
        let id = self.job.id;
        self.registry
            .journal(move |store| store.delete_multipart(id))
            .await
    }
}

/// Gives up what was sent of a multipart upload; one that is gone already is what was wanted.
pub(crate) async fn abort(session: &Session, entry: &MultipartEntry) -> Result<(), ClientError> {
    let aborted = session
        .s3
        .abort_multipart_upload()
        .bucket(&entry.bucket)
        .key(&entry.key)
        .upload_id(&entry.upload_id)
        .send()
        .await;
    match aborted {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("NoSuchUpload") => Ok(()),
        Err(error) => Err(ClientError::aws("Giving up the upload", &error)),
    }
}
