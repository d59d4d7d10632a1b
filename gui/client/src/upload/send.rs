//! From a file to an object: in parts, resumable, compared byte by byte, and never two versions of a file mixed.

use std::time::{Duration, Instant};

use super::meter::RequestProgress;
use super::source::{self, same};
use super::transfer::{PART_BYTES, Upload, damaged, look, unless_stalled};
use crate::aws::ChecksumKind;
use crate::error::ClientError;
use crate::model::{LogLevel, VideoFile};
use crate::store::SentEntry;

/// How often a file may change under its upload before that is an error.
const MAX_CHANGES: u32 = 20;
/// How long an empty file may be on its way to another content.
const REWRITTEN: Duration = Duration::from_millis(500);

impl Upload<'_> {
    /// Sends the job's video to its key, and gives its `ETag`. What an earlier try has sent already is not sent again.
    pub(crate) async fn send(self) -> Result<String, ClientError> {
        tokio::select! {
            sent = self.send_quietly() => sent,
            never = self.meter.tell(self.registry, self.job.id) => match never {},
        }
    }

    async fn send_quietly(self) -> Result<String, ClientError> {
        let job = self.job;
        let mut video = look(job).await?;
        if !same(&video, &job.video) {
            self.changed(
                &video,
                "the file changed after the submit; it is sent as it is now",
            )
            .await;
        }
        for _ in 0..MAX_CHANGES {
            self.meter.begin(video.bytes);
            let began = Instant::now();
            let done = if video.bytes <= PART_BYTES {
                self.put(&video).await
            } else {
                self.multipart(&video).await
            };
            if let Ok(Some(sent)) = done {
                let sent = SentEntry {
                    rate: self.meter.rate(began.elapsed()),
                    ..sent
                };
                let (id, etag) = (job.id, sent.etag.clone());
                let noted = self.registry.journal(move |store| {
                    store.delete_multipart(id)?;
                    store.put_sent(&sent)
                });
                noted.await?;
                return Ok(etag);
            }
            video = match (self.look_again(&video).await, done) {
                // It may have failed because there is another file by now: that is sent then.
                (Some(changed), _) => changed,
                (None, Err(error)) => return Err(error),
                (None, Ok(_)) => look(job).await?,
            };
            self.changed(&video, "the file changed during the upload; it is sent anew")
                .await;
        }
        Err(ClientError::Video {
            path: video.path,
            source: std::io::Error::other("it changes all the time"),
        })
    }

    /// The file as it is now, where it is another one than `video`.
    async fn look_again(self, video: &VideoFile) -> Option<VideoFile> {
        let mut now = look(self.job).await;
        if matches!(now, Err(ClientError::EmptyFile(_))) {
            // What is written anew is emptied first.
            tokio::time::sleep(REWRITTEN).await;
            now = look(self.job).await;
        }
        now.ok().filter(|now| !same(now, video))
    }

    async fn changed(self, video: &VideoFile, what: &str) {
        self.registry.note(self.job.id, LogLevel::Warn, what);
        let video = video.clone();
        let changed = self.registry.update(self.job.id, |job| {
            let before = std::mem::replace(&mut job.video, video);
            job.chosen_from.get_or_insert(before);
        });
        changed.await;
    }

    /// Sends a small file in one request. `None` where the file changed meanwhile.
    async fn put(self, video: &VideoFile) -> Result<Option<SentEntry>, ClientError> {
        let Self { session, job, .. } = self;
        let _permit = self.pool.request().await;
        let check = session.endpoint.checksum_kind();
        let whole = 0..video.bytes;
        let sums = source::sums(video, whole.clone(), check == ChecksumKind::Md5).await?;
        if !same(&look(job).await?, video) {
            return Ok(None);
        }
        let progress = RequestProgress::new(self.meter);
        let request = session
            .transfers
            .put_object()
            .bucket(&job.bucket)
            .key(&job.video_key)
            .content_length(video.bytes.cast_signed())
            .body(self.piece(video, whole, &progress));
        let request = match check {
            ChecksumKind::Crc64Nvme => request.checksum_crc64_nvme(sums.crc64nvme()),
            ChecksumKind::Md5 => request.set_content_md5(sums.content_md5()),
        };
        // A repeated request, whose first answer got lost, must not raise a second event.
        let request = request.set_if_none_match(session.endpoint.if_none_match());
        let answer = match unless_stalled(&progress, Box::pin(request.send())).await? {
            Ok(answer) => answer,
            Err(error) => {
                let error = ClientError::aws("The upload", &error);
                return match error.code() {
                    Some("PreconditionFailed") => self.arrived(video, &sums).await.map(Some),
                    Some("NotImplemented") if session.endpoint.goes_without_conditions() => {
                        Err(error.into_backend_trouble())
                    }
                    _ => Err(error),
                };
            }
        };
        progress.keep();
        if sums.agree(answer.checksum_crc64_nvme(), answer.e_tag()) == Some(false) {
            return Err(damaged());
        }
        Ok(Some(self.entry(video, &sums, answer.e_tag())))
    }
}
