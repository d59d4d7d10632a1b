//! What a job is, as the app and the command line show it, and how it moves from phase to phase.

use std::path::PathBuf;
use std::time::Duration;

use posterframe_contract::{JobId, Position, ThumbnailMetadata};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::failure::JobFailure;
use super::phase::{Phase, PhaseRecord, PhaseState};
use super::progress::{UploadProgress, Wait};
use super::task::TaskInfo;
use crate::config::Backend;
use crate::fs::path_text;

/// A video and the frames of it that are to become thumbnails: one upload, one job a frame.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The file on this machine.
    pub video: PathBuf,
    /// The frames, in the order in which they were marked. At least one.
    pub frames: Vec<FrameChoice>,
}

/// One frame to extract.
#[derive(Clone, Debug, Default)]
pub struct FrameChoice {
    /// Where it is.
    pub position: Position,
    /// Its number, counted from 0, where it is known.
    pub number: Option<u64>,
    /// Hex SHA-256 of the preview's pixels (`posterframe_frame::Image::pixel_sha256`), to be compared with the
    /// thumbnail's.
    pub preview_sha256: Option<String>,
    /// The libav that decoded the preview.
    pub preview_libav: Option<String>,
    /// Size and format of the preview's pixels.
    pub preview_pixels: Option<Pixels>,
    /// A small PNG of the preview for the job list.
    pub still_png: Option<Vec<u8>>,
}

/// One frame of one video on its way to a thumbnail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Name of the backend that it runs on.
    pub backend: String,
    /// The video.
    pub video: VideoFile,
    /// Where the frame is.
    pub position: Position,
    /// The frame's number, counted from 0, where it was known at the submit.
    pub frame_number: Option<u64>,
    /// The bucket.
    pub bucket: String,
    /// Key of the upload.
    pub upload_key: String,
    /// Key of the thumbnail, once it is made.
    pub thumbnail_key: String,
    /// The job whose upload is copied inside the bucket for this one: one upload for all frames of a video.
    pub upload_of: Option<JobId>,
    /// Where the job is.
    pub state: JobState,
    /// All five phases in order, with their times.
    pub phases: [PhaseRecord; 5],
    /// Bytes sent, while the upload is under way.
    #[serde(skip)]
    pub upload: Option<UploadProgress>,
    /// Why the job is held up, while it is: it goes on by itself.
    #[serde(skip)]
    pub wait: Option<Wait>,
    /// The ECS task, once it is known.
    pub task: Option<TaskInfo>,
    /// 1 for the first try; each retry counts one more.
    pub attempt: u32,
    /// ARNs of the tasks of earlier tries.
    pub past_tasks: Vec<String>,
    /// When it was submitted.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// When it was done, failed or stopped.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended: Option<OffsetDateTime>,
    /// Hash of the preview's pixels.
    pub preview_sha256: Option<String>,
    /// The libav that decoded the preview.
    pub preview_libav: Option<String>,
    /// Size and format of the preview's pixels.
    pub preview_pixels: Option<Pixels>,
    /// A small PNG of the preview on disk.
    #[serde(with = "path_text::option")]
    pub still: Option<PathBuf>,
    /// The finished thumbnail.
    pub thumbnail: Option<Thumbnail>,
    /// Why it failed, in plain words.
    pub failure: Option<JobFailure>,
    /// It was told to stop, and does as soon as its task is there.
    pub stop_requested: bool,
    /// The last error that the function logged about it, before there was a task.
    pub function_error: Option<String>,
    /// It has ended, but lines of its log may still come.
    pub log_open: bool,
    /// Someone else submitted it: it can be looked at, not changed.
    pub foreign: bool,
    /// The file that the frame was chosen from, where it changed before it was sent.
    pub chosen_from: Option<VideoFile>,
}

impl Job {
    /// A job to which nothing has happened yet. Its keys are the caller's to give.
    pub fn new(
        id: JobId,
        backend: &Backend,
        video: VideoFile,
        position: Position,
        created: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            backend: backend.name.clone(),
            video,
            position,
            frame_number: None,
            bucket: backend.bucket.clone(),
            upload_key: String::new(),
            thumbnail_key: String::new(),
            upload_of: None,
            state: JobState::Queued,
            phases: Phase::ALL.map(PhaseRecord::waiting),
            upload: None,
            wait: None,
            task: None,
            attempt: 1,
            past_tasks: Vec::new(),
            created,
            ended: None,
            preview_sha256: None,
            preview_libav: None,
            preview_pixels: None,
            still: None,
            thumbnail: None,
            failure: None,
            stop_requested: false,
            function_error: None,
            log_open: false,
            foreign: false,
            chosen_from: None,
        }
    }

    /// Notes why it failed, and what may be the reason of that.
    pub(crate) fn fail(&mut self, mut failure: JobFailure) {
        if self.chosen_from.is_some() {
            failure.cause = format!(
                "The video’s file changed after the frame was chosen, and was sent as it was then. {}",
                failure.cause
            );
            failure
                .next_steps
                .insert(0, "Open the video again, and submit the frame anew".to_owned());
        }
        self.failure = Some(failure);
    }

    /// The record of `phase`.
    pub fn phase(&self, phase: Phase) -> &PhaseRecord {
        &self.phases[phase as usize]
    }

    /// The last phase that has begun.
    fn last_phase(&self) -> Option<Phase> {
        let begun = self.phases.iter().rev().find(|record| record.started.is_some());
        begun.map(|record| record.phase)
    }

    /// The phase that is under way.
    pub fn current_phase(&self) -> Option<Phase> {
        self.last_phase().filter(|_| !self.state.is_ended())
    }

    /// How far `phase` is.
    pub fn phase_state(&self, phase: Phase) -> PhaseState {
        match (self.state, self.last_phase()) {
            (JobState::Done, _) => PhaseState::Done,
            (state, Some(last)) if phase == last && state.is_ended() => PhaseState::Failed,
            (_, Some(last)) if phase == last => PhaseState::Current,
            (_, Some(last)) if phase < last => PhaseState::Done,
            _ => PhaseState::Waiting,
        }
    }

    /// From the submit (or the last retry) to its end, or to `now`.
    pub fn elapsed(&self, now: OffsetDateTime) -> Duration {
        let started = self.phases[0].started.unwrap_or(self.created);
        let ended = self.ended.unwrap_or(now);
        (ended - started).max(time::Duration::ZERO).unsigned_abs()
    }

    /// The thumbnail's file name.
    pub fn thumbnail_name(&self) -> &str {
        self.thumbnail_key
            .rsplit('/')
            .next()
            .unwrap_or(&self.thumbnail_key)
    }

    /// Begins `phase` at `at`: all before it are over, and what they lack of times they get from their
    /// neighbours.
    pub(crate) fn begin(&mut self, phase: Phase, at: OffsetDateTime) {
        let before = self.phases[..phase as usize]
            .iter()
            .filter_map(|record| record.started);
        // Two machines' clocks, and one that was set, may disagree: no phase begins before the one before it.
        let at = before.max().map_or(at, |before| at.max(before));
        let is_new = self.current_phase() != Some(phase);
        for record in &mut self.phases {
            if record.phase < phase {
                record.started = record.started.or(Some(at));
                record.ended = record.ended.or(Some(at));
            } else if record.phase == phase && is_new {
                *record = PhaseRecord {
                    started: Some(at),
                    ..PhaseRecord::waiting(phase)
                };
            }
        }
        self.state = match phase {
            Phase::Upload => JobState::Queued,
            Phase::Event => JobState::Waiting,
            Phase::Start => JobState::Starting,
            Phase::Extract | Phase::Thumbnail => JobState::Running,
        };
    }

    /// Ends the job at `at`: all phases are over, or the current one has failed.
    pub(crate) fn end(&mut self, state: JobState, at: OffsetDateTime) {
        let before = self.phases.iter().filter_map(|record| record.started).max();
        let at = before.map_or(at, |before| at.max(before));
        let current = self.current_phase();
        for record in &mut self.phases {
            if state == JobState::Done {
                record.started = record.started.or(Some(at));
                record.ended = record.ended.or(Some(at));
            } else if Some(record.phase) == current {
                record.ended = Some(at);
            }
        }
        self.state = state;
        self.ended = Some(at);
        self.upload = None;
        self.wait = None;
    }

    /// Sets the job back to where it waits for its event, as a new try.
    pub(crate) fn begin_again(&mut self, at: OffsetDateTime) {
        self.past_tasks.extend(self.task.take().map(|task| task.arn));
        self.attempt += 1;
        self.failure = None;
        self.function_error = None;
        self.stop_requested = false;
        self.log_open = false;
        self.thumbnail = None;
        self.ended = None;
        self.phases = Phase::ALL.map(PhaseRecord::waiting);
        self.begin(Phase::Upload, at);
    }
}

/// Size and format of a picture's pixels, as they go into its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// How a pixel's bytes are to be read: `rgb8`, `rgba16`, …
    pub format: String,
}

impl std::fmt::Display for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} × {} {}", self.width, self.height, self.format)
    }
}

/// The video of a job, as it was when it was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFile {
    /// Where it lies on this machine.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// Its file name, to be read: what is no text in it is U+FFFD.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its modification time, nanoseconds since the Unix epoch.
    pub modified_unix_nanos: i128,
    /// Hex SHA-256 of its size and of samples of its content.
    pub content: Option<String>,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Another upload goes first.
    Queued,
    /// The video is being sent (or copied inside the bucket).
    Uploading,
    /// Someone paused the upload; it goes on when it is resumed.
    Paused,
    /// Uploaded; the event has not yet started a task.
    Waiting,
    /// The task is provisioned or pending.
    Starting,
    /// The task runs.
    Running,
    /// The thumbnail is there.
    Done,
    /// It ended without a thumbnail.
    Failed,
    /// Someone stopped it.
    Stopped,
}

impl JobState {
    /// Whether nothing more happens by itself.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Stopped)
    }

    /// The word for it: `Uploading`, `Running`, …
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Uploading => "Uploading",
            Self::Paused => "Paused",
            Self::Waiting => "Waiting",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// A finished thumbnail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Its size in bytes.
    pub bytes: u64,
    /// The copy on this machine.
    #[serde(with = "path_text")]
    pub file: PathBuf,
    /// What the worker says of it; `None` for a PNG without our metadata.
    pub metadata: Option<ThumbnailMetadata>,
    /// How it compares with the preview.
    pub verdict: Verdict,
}

/// How a thumbnail compares with the preview that was on screen at the submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same pixels.
    Identical,
    /// Other pixels; what differs, in words.
    Differs(String),
    /// There is nothing to compare with.
    Unknown,
}

impl Verdict {
    /// `Some(true)` for the same pixels, `Some(false)` for others, `None` where there is nothing to compare.
    pub const fn identical(&self) -> Option<bool> {
        match self {
            Self::Identical => Some(true),
            Self::Differs(_) => Some(false),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A job that was just submitted, to a backend on AWS.
    pub(crate) fn job(id: JobId) -> Job {
        let video = VideoFile {
            path: "/films/bunny.mp4".into(),
            name: "bunny.mp4".into(),
            bytes: 7,
            modified_unix_nanos: 0,
            content: None,
        };
        let backend = Backend::on_aws("studio", "studio-media");
        let position = Position::from_micros(10_541_000);
        let mut job = Job {
            upload_key: format!("uploads/{id}/bunny_00-00-10.541.mp4"),
            thumbnail_key: format!("thumbnails/{id}/bunny.png"),
            ..Job::new(id, &backend, video, position, OffsetDateTime::UNIX_EPOCH)
        };
        job.begin(Phase::Upload, OffsetDateTime::UNIX_EPOCH);
        job
    }
}
