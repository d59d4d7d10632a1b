//! Jobs of videos that are not sent: only a request is put, which names the video where it is.

use posterframe_contract::{JobRequest, MAX_REQUEST_BYTES, names};
use time::OffsetDateTime;

use super::plan::{self, Wanted};
use super::transfer::Upload;
use crate::config::{Backend, Paths};
use crate::error::ClientError;
use crate::model::{Job, JobSource, JobState, LogLevel, RemoteSubmission, RemoteVideo, SecretUrl, VideoFile};

/// What is worth knowing before a video at a distance is submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteIssue {
    /// The stack's tasks may read this only where its parameter `ReadableObjects` names it, and its bucket allows it.
    NeedsPermission {
        /// What to put into the parameter.
        resource: String,
    },
    /// The backend on this machine has no such bucket: its tasks know this machine's S3 alone.
    NotHere,
    /// The address is one of this machine, which a task on AWS does not reach.
    OnlyHere,
}

/// Whether a task of `backend` may read the video, as far as that can be told from here.
pub(crate) fn issues(backend: &Backend, video: &RemoteVideo) -> Vec<RemoteIssue> {
    let Some((bucket, key)) = video.object() else {
        let is_here = video.url.starts_with("http://");
        return if is_here && !backend.is_local() {
            vec![RemoteIssue::OnlyHere]
        } else {
            Vec::new()
        };
    };
    let is_own = bucket == backend.bucket;
    if backend.is_local() {
        return if is_own {
            Vec::new()
        } else {
            vec![RemoteIssue::NotHere]
        };
    }
    // The task's role reads what may be an upload, anywhere in the bucket, and all of the videos' folder.
    let extension = key.rsplit('.').next().unwrap_or_default();
    let lower = extension.to_ascii_lowercase();
    let is_upload = names::VIDEO_EXTENSIONS.contains(&lower.as_str())
        && (extension == lower || extension == extension.to_ascii_uppercase());
    let folder = format!("{}/", backend.videos_folder.trim_matches('/'));
    if is_own && (is_upload || key.starts_with(&folder)) {
        return Vec::new();
    }
    let parent = key
        .rsplit_once('/')
        .map_or(String::new(), |(parent, _)| format!("{parent}/"));
    vec![RemoteIssue::NeedsPermission {
        resource: format!("arn:aws:s3:::{bucket}/{parent}*"),
    }]
}

/// The job of a submission.
pub(crate) fn job(
    submission: RemoteSubmission,
    backend: &Backend,
    paths: &Paths,
    now: OffsetDateTime,
) -> Result<Job, ClientError> {
    let RemoteSubmission {
        source,
        frames,
        outputs,
        sheets,
        interpretation,
    } = submission;
    let video = VideoFile {
        path: source.url.clone().into(),
        name: source.name.clone(),
        bytes: source.bytes,
        modified_unix_nanos: 0,
        content: None,
    };
    let (stills, pictures): (Vec<_>, Vec<_>) = frames.into_iter().map(plan::still).unzip();
    let wanted = Wanted {
        stills,
        outputs,
        sheets,
        interpretation,
    };
    let mut job = plan::plan(backend, video, wanted, now)?;
    job.request_key = Some(names::request_key(&backend.jobs_folder, job.id));
    job.video_etag.clone_from(&source.etag);
    job.video_key = match source.object() {
        Some((bucket, key)) if bucket == backend.bucket => key.to_owned(),
        _ => String::new(),
    };
    job.source = Some(JobSource::of(&source));
    job.request().check()?;
    plan::keep_pictures(&mut job, pictures, paths, now);
    Ok(job)
}

impl Upload<'_> {
    /// Puts the request for a video that is not sent.
    pub(super) async fn ask_for_remote(self) -> Result<(), ClientError> {
        let lacks_secret = self.job.source.as_ref().is_some_and(JobSource::lacks_secret);
        let secret = if lacks_secret {
            Some(self.secret_of_request().await?)
        } else {
            None
        };
        let id = self.job.id;
        let asks = self.registry.update(id, |job| {
            job.state = JobState::Uploading;
            if let (Some(source), Some(secret)) = (&mut job.source, secret) {
                source.secret = Some(secret);
            }
        });
        let Some(job) = asks.await else {
            return Ok(());
        };
        let message = format!(
            "the task reads the video where it is: {}; nothing is sent",
            job.source_url()
        );
        self.registry.note(id, LogLevel::Info, message);
        Upload { job: &job, ..self }.put_request().await?;
        let put = self.registry.update(id, |job| {
            if let Some(source) = &mut job.source {
                source.secret = None;
            }
        });
        put.await;
        Ok(())
    }

    /// The address with its query that a signed one needs, as an earlier try's request has it.
    async fn secret_of_request(self) -> Result<SecretUrl, ClientError> {
        let gone = |reason: &str| ClientError::Aws {
            operation: "Reading the address of the video",
            code: Some("NoSuchKey".to_owned()),
            reason: format!("{reason}; open the video by its address again, and submit the frames anew"),
        };
        let (Some(key), Some(source)) = (&self.job.request_key, &self.job.source) else {
            return Err(gone("there is no request"));
        };
        let answer = self
            .session
            .s3
            .get_object()
            .bucket(&self.job.bucket)
            .key(key)
            .send()
            .await;
        let answer = answer.map_err(|error| ClientError::aws("Reading the address of the video", &error))?;
        if answer.content_length().unwrap_or(0).unsigned_abs() > MAX_REQUEST_BYTES as u64 {
            return Err(gone("the request is too large"));
        }
        let json = answer.body.collect().await.map_err(|_| ClientError::Aws {
            operation: "Reading the address of the video",
            code: None,
            reason: "the connection broke off".to_owned(),
        })?;
        let request = JobRequest::parse(&json.into_bytes()).map_err(|_| gone("the request is not valid"))?;
        let url = request.source.url;
        let is_it = url.split('?').next() == Some(&source.url);
        if is_it {
            Ok(SecretUrl::new(url))
        } else {
            Err(gone("the request names another video"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FrameChoice;

    fn video(url: &str) -> RemoteVideo {
        RemoteVideo {
            url: url.into(),
            secret: None,
            name: url.rsplit('/').next().unwrap().into(),
            bytes: 48_200_000_000,
            etag: Some("\"e\"".into()),
        }
    }

    fn planned(source: RemoteVideo) -> Job {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        let submission = RemoteSubmission {
            source,
            frames: vec![FrameChoice::default()],
            outputs: Vec::new(),
            sheets: Vec::new(),
            interpretation: posterframe_contract::Interpretation::default(),
        };
        job(
            submission,
            &Backend::on_aws("studio", "own"),
            &paths,
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap()
    }

    // Breaks if a video in the bucket is asked for as an upload, or in another version than the one that was seen.
    #[test]
    fn a_request_is_all() {
        let job = planned(video("s3://own/masters/a film.mov"));
        assert!(job.request_key.is_some());
        let request = job.request();
        assert_eq!(request.source.url, "s3://own/masters/a film.mov");
        assert_eq!(request.source.etag.as_deref(), Some("\"e\""));
        assert_eq!(
            (job.video_key.as_str(), job.video.bytes),
            ("masters/a film.mov", 48_200_000_000)
        );
        assert_eq!(job.name, "a film");
        let elsewhere = planned(video("s3://other/a.mov"));
        assert_eq!(
            (elsewhere.video_key.as_str(), elsewhere.source_url().as_str()),
            ("", "s3://other/a.mov")
        );
    }

    // Breaks if a signed address is in the history, a report or a title, or is missing from the request.
    #[test]
    fn signatures_are_kept_out() {
        let signed = RemoteVideo {
            secret: Some(SecretUrl::new("https://h/a.mp4?sig=secret")),
            ..video("https://h/a.mp4")
        };
        let mut job = planned(signed);
        assert_eq!(job.request().source.url, "https://h/a.mp4?sig=secret");
        assert_eq!(job.source_url(), "https://h/a.mp4");
        assert!(!format!("{job:?}").contains("sig="));
        let source = job.source.as_mut().unwrap();
        assert!(!source.lacks_secret());
        source.secret = None;
        assert!(source.lacks_secret());
        assert!(!serde_json::to_string(&job).unwrap().contains("sig="));
    }

    // Breaks if a task is said to be refused what it may read, or what it may not is found out by a failed job.
    #[test]
    fn what_tasks_may_read() {
        let aws = Backend::on_aws("studio", "own");
        let of = |url: &str| issues(&aws, &video(url));
        for url in [
            "s3://own/masters/a.mov",
            "s3://own/A.MP4",
            "s3://own/videos/1/a.weird",
            "https://h/a.mp4",
        ] {
            assert_eq!(of(url), [], "{url}");
        }
        let needs = |resource: &str| {
            [RemoteIssue::NeedsPermission {
                resource: resource.into(),
            }]
        };
        assert_eq!(of("s3://own/masters/a.r3d"), needs("arn:aws:s3:::own/masters/*"));
        assert_eq!(of("s3://other/a.mov"), needs("arn:aws:s3:::other/*"));
        assert_eq!(of("http://127.0.0.1:8000/a.mov"), [RemoteIssue::OnlyHere]);
        let keys = crate::config::AccessKeys {
            id: "i".into(),
            secret: "s".into(),
        };
        let local = Backend::this_computer("http://127.0.0.1:9".into(), "r".into(), "own".into(), keys);
        assert_eq!(issues(&local, &video("s3://own/a.weird")), []);
        assert_eq!(issues(&local, &video("s3://other/a.mov")), [RemoteIssue::NotHere]);
        assert_eq!(issues(&local, &video("http://127.0.0.1:8000/a.mov")), []);
    }
}
