//! What a job is, as the app and the command line show it, and how it moves from phase to phase.

use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_contract::log::BytesRead;
use posterframe_contract::{
    Interpretation, JobId, JobRequest, NameFacts, OutputRequest, StillRequest, VideoSource, manifest_key,
    names,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::failure::JobFailure;
use super::here::HereRun;
use super::job_state::JobState;
use super::phase::{Phase, PhaseRecord, PhaseState};
use super::progress::{UploadProgress, Wait};
use super::remote::JobSource;
use super::sheet::JobSheet;
use super::still::{Still, StillFile, Verdict};
use super::task::TaskInfo;
use crate::config::Backend;
use crate::fs::path_text;

/// Some frames of one video on their way to stills: one upload at most, one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Name of the backend that it runs on.
    pub backend: String,
    /// The video.
    pub video: VideoFile,
    /// What its files are named after.
    pub name: String,
    /// The stills, in the order in which files are numbered. Of someone else's job they may not be known yet.
    pub stills: Vec<Still>,
    /// What the request says of its stills, where that is more than times: only the task can tell which frames these are, and
    /// until then there are no stills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<StillRequest>,
    /// How the video is read, where that is not as its file says.
    #[serde(default, skip_serializing_if = "Interpretation::is_default")]
    pub interpretation: Interpretation,
    /// The files to make of each.
    pub outputs: Vec<OutputRequest>,
    /// The sheets to make of the whole video.
    #[serde(default)]
    pub sheets: Vec<JobSheet>,
    /// The bucket.
    pub bucket: String,
    /// Key of the video in the bucket.
    pub video_key: String,
    /// The video's `ETag` in the bucket, once it is there.
    pub video_etag: Option<String>,
    /// Key of the request; `None` in the short form, where the video's upload is all that starts the task.
    pub request_key: Option<String>,
    /// Key of the manifest, which the task writes last.
    pub manifest_key: String,
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
    /// Stills of which is known what became of them, while the task runs.
    pub stills_done: u32,
    /// How many stills there are in all, as the task says: nobody else may know.
    #[serde(default)]
    pub stills_of: Option<u32>,
    /// What the task read of the video, once it is over.
    pub read: Option<BytesRead>,
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
    /// Who decoded its stills, once there is a result.
    pub made_by: Option<MadeBy>,
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
    /// The file that the frames were chosen from, where it changed before it was sent.
    pub chosen_from: Option<VideoFile>,
    /// Where the video is, if it is not a file on this machine: nothing is sent then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<JobSource>,
    /// How the worker on this computer is, if that makes the files in place of a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<HereRun>,
}

impl Job {
    /// A job to which nothing has happened yet. Its keys are the caller's to give.
    pub fn new(
        id: JobId,
        backend: &Backend,
        video: VideoFile,
        stills: Vec<Still>,
        created: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            backend: backend.name.clone(),
            video,
            name: String::new(),
            stills,
            selectors: Vec::new(),
            interpretation: Interpretation::default(),
            outputs: vec![OutputRequest::default()],
            sheets: Vec::new(),
            bucket: backend.bucket.clone(),
            video_key: String::new(),
            video_etag: None,
            request_key: None,
            manifest_key: manifest_key(&backend.thumbnails_folder, id),
            state: JobState::Queued,
            phases: Phase::ALL.map(PhaseRecord::waiting),
            upload: None,
            wait: None,
            stills_done: 0,
            stills_of: None,
            read: None,
            task: None,
            attempt: 1,
            past_tasks: Vec::new(),
            created,
            ended: None,
            made_by: None,
            failure: None,
            stop_requested: false,
            function_error: None,
            log_open: false,
            foreign: false,
            chosen_from: None,
            source: None,
            here: None,
        }
    }

    /// What the task is to do, as the request says it.
    pub fn request(&self) -> JobRequest {
        let source = VideoSource {
            url: self
                .source
                .as_ref()
                .map_or_else(|| self.source_url(), |source| source.request_url().to_owned()),
            etag: self.video_etag.clone(),
            interpretation: self.interpretation,
        };
        let stills = self.stills.iter().map(|still| StillRequest {
            name: still.name.clone(),
            note: still.note.clone(),
            ..StillRequest::at(still.position)
        });
        JobRequest {
            stills: match self.selectors.as_slice() {
                [] => stills.collect(),
                selectors => selectors.to_vec(),
            },
            outputs: self.outputs.clone(),
            sheets: self.sheets.iter().map(|sheet| sheet.request.clone()).collect(),
            ..JobRequest::new(source, self.name.clone(), [])
        }
    }

    /// Where the worker reads the video: `s3://bucket/key`, an address without its query, or the name of a file here.
    pub fn source_url(&self) -> String {
        if self.here.is_some() {
            return names::file_source(&self.video.name);
        }
        let in_bucket = || format!("s3://{}/{}", self.bucket, self.video_key);
        self.source
            .as_ref()
            .map_or_else(in_bucket, |source| source.url.clone())
    }

    /// All pictures of the result: those of the stills, in their order, and then those of the sheets.
    pub fn files(&self) -> impl Iterator<Item = &StillFile> {
        let stills = self.stills.iter().flat_map(|still| &still.files);
        stills.chain(self.sheets.iter().flat_map(|sheet| &sheet.files))
    }

    /// All files of the result on this machine.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let cues = self.sheets.iter().filter_map(|sheet| sheet.vtt.as_deref());
        self.files().map(|file| file.path.as_path()).chain(cues)
    }

    /// The still that has the file of this key in the bucket.
    pub fn still_of(&self, key: &str) -> Option<&Still> {
        let has = |still: &&Still| still.files.iter().any(|file| file.made.key == key);
        self.stills.iter().find(has)
    }

    /// The stills that could not be made, or not whole.
    pub fn failed_stills(&self) -> impl Iterator<Item = &Still> {
        self.stills.iter().filter(|still| still.error.is_some())
    }

    /// The result's first file: what stands for the job where there is room for one picture.
    pub fn first_file(&self) -> Option<&StillFile> {
        self.files().next()
    }

    /// The names that the result's files get: those that are made, or, before, those that a request would make.
    pub fn file_names(&self) -> Vec<String> {
        if self.files().next().is_some() {
            return self.files().map(|file| file.name().to_owned()).collect();
        }
        self.still_names().into_iter().chain(self.sheet_names()).collect()
    }

    /// How many stills it has, as far as that is known.
    pub fn still_count(&self) -> usize {
        match self.stills.len() {
            0 => self.stills_of.unwrap_or_default() as usize,
            known => known,
        }
    }

    /// The names that a request would give the files of the stills; none where it is not known which these are.
    pub(crate) fn still_names(&self) -> Vec<String> {
        let request = self.request();
        let Some(positions) = request.positions() else {
            return Vec::new();
        };
        let names = positions.into_iter().enumerate().flat_map(|(index, time)| {
            let facts = NameFacts {
                time,
                ..NameFacts::default()
            };
            let request = &request;
            let name = move |output| request.file_name(index, output, &facts);
            request.outputs.iter().map(name)
        });
        names.collect()
    }

    /// The names that a request would give the first picture of each sheet, and its cues.
    pub(crate) fn sheet_names(&self) -> Vec<String> {
        let request = self.request();
        let sheets = request.sheets.iter().enumerate();
        let names = sheets.flat_map(|(index, sheet)| {
            let names = request.sheet_names(index);
            let vtt = sheet.vtt.then(|| names.vtt());
            std::iter::once(names.picture(0, sheet.format)).chain(vtt)
        });
        names.collect()
    }

    /// How the stills compare with their previews, all together: differs where one does, and is unknown where one is.
    /// `None` before there is a result.
    pub fn verdict(&self) -> Option<Verdict> {
        let mut all = self.stills.iter().filter_map(|still| still.verdict.as_ref());
        let first = all.next()?.clone();
        Some(all.fold(first, |sum, verdict| match (&sum, verdict) {
            (Verdict::Differs(_), _) | (Verdict::Unknown, Verdict::Identical | Verdict::Unknown) => sum,
            _ => verdict.clone(),
        }))
    }

    /// Notes why it failed, and what may be the reason of that.
    pub(crate) fn fail(&mut self, mut failure: JobFailure) {
        if self.chosen_from.is_some() {
            failure.cause = format!(
                "The video’s file changed after the frames were chosen, and was sent as it was then. {}",
                failure.cause
            );
            failure
                .next_steps
                .insert(0, "Open the video again, and submit the frames anew".to_owned());
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

    /// Sets the job back to its start, as a new try: a request with this key, whatever the first try was, unless it is made here.
    pub(crate) fn begin_again(&mut self, request_key: String, at: OffsetDateTime) {
        match &mut self.here {
            Some(run) => *run = HereRun::default(),
            None => self.request_key = Some(request_key),
        }
        self.past_tasks.extend(self.task.take().map(|task| task.arn));
        self.attempt += 1;
        self.failure = None;
        self.function_error = None;
        self.stop_requested = false;
        self.log_open = false;
        self.stills_done = 0;
        self.stills_of = None;
        self.read = None;
        self.made_by = None;
        if !self.selectors.is_empty() {
            // The video may be another one by then.
            self.stills.clear();
        }
        for still in &mut self.stills {
            still.forget_result();
        }
        for sheet in &mut self.sheets {
            *sheet = JobSheet::of(sheet.request.clone());
        }
        self.ended = None;
        self.phases = Phase::ALL.map(PhaseRecord::waiting);
        self.begin(Phase::Upload, at);
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

/// Which programs decoded a job's stills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBy {
    /// The libav.
    pub libav_version: String,
    /// The worker.
    pub worker_version: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use posterframe_contract::Position;

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
        let stills = vec![Still::at(Position::from_micros(10_541_000))];
        let mut job = Job {
            name: "bunny".into(),
            video_key: format!("uploads/{id}/bunny_00-00-10.541.mp4"),
            ..Job::new(id, &backend, video, stills, OffsetDateTime::UNIX_EPOCH)
        };
        job.begin(Phase::Upload, OffsetDateTime::UNIX_EPOCH);
        job
    }
}
