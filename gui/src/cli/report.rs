//! The command line's output about jobs: lines and a progress bar for people, JSON objects for scripts.

use std::collections::HashMap;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use posterframe_client::{
    Client, Job, JobSheet, JobState, LogLine, Phase, PhaseState, Still, StillFile, UploadProgress, Verdict,
    path_text,
};
use posterframe_contract::{JobId, TaskExit};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::say::say;
use crate::{format, job_text};

/// Prints the news of jobs, each piece once.
pub(super) struct Reporter {
    /// What is already printed of each job.
    printed: HashMap<JobId, Printed>,
    bar: ProgressBar,
    /// Prints no news: only the results are wanted.
    quiet: bool,
}

#[derive(Default)]
struct Printed {
    started: bool,
    phases: usize,
    /// Mark in the log after the last printed line.
    mark: i64,
    /// Tenths of the upload that are printed; without a terminal each tenth gets a line.
    tenth: u64,
}

impl Reporter {
    pub(super) fn new(quiet: bool) -> Self {
        let style =
            ProgressStyle::with_template("  {bar:32} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left");
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self {
            printed: HashMap::new(),
            bar,
            quiet,
        }
    }

    /// Nothing more is printed of this job.
    pub(super) fn forget(&mut self, id: JobId) {
        self.printed.remove(&id);
    }

    /// Prints the news of `jobs` since the last call, with their names where they `have_names`.
    pub(super) fn report(&mut self, client: &Client, jobs: &[JobId], have_names: bool) {
        if self.quiet {
            return;
        }
        for id in jobs {
            if let Some(job) = client.job(*id) {
                let name = if have_names {
                    format!("{}  ", job.name)
                } else {
                    String::new()
                };
                let mark = self.printed.get(id).map_or(0, |printed| printed.mark);
                let (mut lines, mark) = client.log_since(*id, mark);
                lines.sort_by_key(|line| line.unix_millis);
                self.report_job(&name, &job, &lines, client.now());
                self.printed.entry(*id).or_default().mark = mark;
            }
        }
    }

    fn report_job(&mut self, name: &str, job: &Job, new: &[LogLine], now: OffsetDateTime) {
        let printed = self.printed.entry(job.id).or_default();
        let mut lines = Vec::new();
        if !printed.started {
            printed.started = true;
            let bytes = format::bytes(job.video.bytes);
            lines.push(format!("{}, {bytes}, job {}", heading(job), job.id));
        }
        lines.extend(new.iter().map(|line| format!("  {name}{}", log_line(line))));
        while let Some(record) = job
            .steps()
            .get(printed.phases)
            .filter(|record| job.phase_state(record.phase) != PhaseState::Waiting)
        {
            let took = record.duration(now).map(format::duration).unwrap_or_default();
            match job.phase_state(record.phase) {
                PhaseState::Done => lines.push(format!(
                    "  {name}{:<15} {took}",
                    job_text::phase(job, record.phase)
                )),
                PhaseState::Failed => {
                    lines.push(format!(
                        "  {name}{:<15} failed, {took}",
                        job_text::phase(job, record.phase)
                    ));
                }
                _ => break,
            }
            printed.phases += 1;
        }
        if let Some(line) = job
            .upload
            .and_then(|progress| upload_line(&self.bar, printed, &progress))
        {
            lines.push(format!("  {name}{line}"));
        }
        if job.phase_state(Phase::Upload) == PhaseState::Done {
            self.bar.finish_and_clear();
        }
        self.bar.suspend(|| lines.iter().for_each(|line| say!("{line}")));
    }
}

/// Updates the bar on a terminal. Elsewhere returns a line for each new tenth of the upload.
fn upload_line(bar: &ProgressBar, printed: &mut Printed, progress: &UploadProgress) -> Option<String> {
    if !bar.is_hidden() {
        if bar.is_finished() {
            bar.reset();
        }
        bar.set_length(progress.total);
        bar.set_position(progress.sent);
        return None;
    }
    let tenth = progress.sent * 10 / progress.total.max(1);
    if tenth <= printed.tenth {
        return None;
    }
    printed.tenth = tenth;
    let left = progress
        .left()
        .map(|left| format!(", {} left", format::duration(left)))
        .unwrap_or_default();
    Some(format!(
        "{} of {}, {}/s{left}",
        format::bytes(progress.sent),
        format::bytes(progress.total),
        format::bytes(progress.bytes_per_second as u64),
    ))
}

/// `bunny.mp4 at 00:00:10.541`, or `bunny.mp4, 3 frames · 6 files`.
pub(super) fn heading(job: &Job) -> String {
    let separator = if job.stills.len() == 1 { " at" } else { "," };
    format!("{}{separator} {}", job.video.name, job_text::about(job))
}

/// How a job ended: one line, or one more for each still where there are several.
pub(super) fn outcome(job: &Job) -> String {
    let took = format::duration(job.elapsed(OffsetDateTime::now_utc()));
    let stills = job.stills.iter().map(|still| still_outcome(job, still));
    let stills = stills.collect::<Vec<_>>();
    match (job.state, stills.as_slice()) {
        (JobState::Done, [still]) => format!("Done in {took}: {still}"),
        (JobState::Done, _) => {
            let comparison = job_text::comparison(job)
                .map(|(_, words)| words)
                .unwrap_or_default();
            format!("Done in {took}: {comparison}\n    {}", stills.join("\n    "))
        }
        (state, stills) => {
            let error = error_text(job).unwrap_or_default();
            let stills = match stills.len() {
                0 | 1 => String::new(),
                _ if job.made_by.is_none() => String::new(),
                _ => format!("\n    {}", stills.join("\n    ")),
            };
            format!("{} after {took}: {error}{stills}", state.label())
        }
    }
}

fn still_outcome(job: &Job, still: &Still) -> String {
    let files = still.files.iter().map(|file| {
        let size = format::bytes(file.made.bytes);
        format!("{}, {size}", file.made.key)
    });
    let verdict = match &still.verdict {
        Some(Verdict::Identical) => Some("identical to preview".to_owned()),
        Some(Verdict::Differs(how)) => Some(format!("differs from preview: {how}")),
        Some(Verdict::Unknown) | None => None,
    };
    let error = still.error.as_ref().map(|error| error.message.clone());
    let about = files.chain(verdict).chain(error).collect::<Vec<_>>().join(", ");
    if job.stills.len() == 1 {
        about
    } else {
        format!("{}  {about}", still.position.timecode())
    }
}

/// The reason why stills of a job are missing; `None` if none is.
pub(super) fn error_text(job: &Job) -> Option<String> {
    let failure = job.failure.as_ref();
    match job.state {
        JobState::Failed => Some(failure.map_or_else(
            || "the job failed".to_owned(),
            |failure| format!("{}. {}", failure.title, failure.cause),
        )),
        JobState::Stopped => Some("the job was stopped".to_owned()),
        _ => None,
    }
}

/// The exit status for how a job ended: the worker's own code, of what its stills failed of or else of its task.
pub(super) fn exit(job: &Job) -> u8 {
    let code = |code: i32| TaskExit::from_code(code).filter(|exit| *exit != TaskExit::Success);
    let sheets = job.sheets.iter().map(|sheet| sheet.made.as_ref()?.error.as_ref());
    let errors = job.stills.iter().map(|still| still.error.as_ref()).chain(sheets);
    // The task may be about to end with it.
    let stills = TaskExit::of_stills(errors.map(|error| code(error?.exit_code.into())));
    let here = || job.here.as_ref()?.exit_code;
    let task = || code(job.task.as_ref().and_then(|task| task.exit_code).or_else(here)?);
    match job.state {
        JobState::Done => 0,
        JobState::Failed if stills != TaskExit::Success => stills.code(),
        JobState::Failed => task().map_or(1, TaskExit::code),
        _ => 1,
    }
}

/// A job as a JSON object for scripts.
pub(super) fn job_json(job: &Job) -> Value {
    let phases: Vec<Value> = job
        .steps()
        .iter()
        .map(|record| {
            let ended = record.ended.and_then(|ended| record.duration(ended));
            json!({ "phase": record.phase, "state": job.phase_state(record.phase), "started": record.started.map(rfc3339),
                    "ended": record.ended.map(rfc3339), "seconds": ended.map(|time| time.as_secs_f64()) })
        })
        .collect();
    let mut object = json!({
        "job_id": job.id,
        "state": job.state,
        "backend": job.backend,
        "source": { "url": job.source_url(), "etag": job.video_etag, "bytes": job.video.bytes,
                    "interpretation": job.interpretation },
        "request_key": job.request_key,
        "manifest_key": job.manifest_key,
        "task_arn": job.task.as_ref().map(|task| &task.arn),
        "made_here": job.here.is_some(),
        "attempt": job.attempt,
        "stills": job.stills.iter().map(still_json).collect::<Vec<_>>(),
        "sheets": job.sheets.iter().map(sheet_json).collect::<Vec<_>>(),
        "identical_to_preview": job.verdict().and_then(|verdict| verdict.identical()),
        "read": job.read.map(|read| json!({ "bytes": read.bytes, "requests": read.requests })),
        "phases": phases,
        "failure": job.failure,
        "error": error_text(job),
    });
    put_path(&mut object, "video", Some(&job.video.path));
    object
}

fn file_json(file: &StillFile) -> Value {
    let made = &file.made;
    let mut object = json!({ "key": made.key, "format": made.format, "width": made.width, "height": made.height,
                             "bytes": made.bytes, "pixel_sha256": made.pixel_sha256 });
    put_path(&mut object, "file", Some(&file.path));
    object
}

fn sheet_json(sheet: &JobSheet) -> Value {
    let made = sheet.made.as_ref();
    let mut object = json!({
        "sheet": sheet.request.to_string(),
        "tiles": made.map(|made| made.tiles),
        "tile": made.map(|made| [made.tile.0, made.tile.1]),
        "files": sheet.files.iter().map(file_json).collect::<Vec<_>>(),
        "vtt_key": made.and_then(|made| Some(&made.vtt.as_ref()?.key)),
        "error": made.and_then(|made| Some(&made.error.as_ref()?.message)),
    });
    put_path(&mut object, "vtt", sheet.vtt.as_deref());
    object
}

fn still_json(still: &Still) -> Value {
    let files = still.files.iter().map(file_json);
    json!({
        "position": still.position,
        "number": still.number,
        "name": still.name,
        "note": still.note,
        "timecode": still.frame.as_ref().and_then(|frame| frame.timecode),
        "frame_time": still.frame.as_ref().map(|frame| frame.time),
        "files": files.collect::<Vec<_>>(),
        "identical_to_preview": still.verdict.as_ref().and_then(Verdict::identical),
        "error": still.error.as_ref().map(|error| &error.message),
    })
}

/// Adds a path to a JSON object: `name` is text, with U+FFFD for bytes that are no UTF-8, and `name_bytes` is the exact
/// path, percent-encoded. Every path gets both, so that scripts need not tell paths apart.
pub(super) fn put_path(object: &mut Value, name: &str, path: Option<&Path>) {
    object[name] = path.map(Path::to_string_lossy).into();
    object[format!("{name}_bytes")] = path.map(path_text::percent_encoded).into();
}

pub(super) fn log_line(line: &LogLine) -> String {
    let time = format::clock(line.unix_millis);
    format!(
        "{time}  {:<17}  {:<5}  {}",
        line.source.label(),
        line.level.label(),
        line.message
    )
}

pub(super) fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    // Breaks if a path that is no text stops the program, or a script cannot tell which file is meant.
    #[test]
    fn any_path_can_be_printed() {
        let mut object = json!({});
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/a b/Mu\xf1oz.mp4"));
        put_path(&mut object, "video", Some(path));
        put_path(&mut object, "file", None);
        let expected = json!({
            "video": "/a b/Mu\u{fffd}oz.mp4", "video_bytes": "/a%20b/Mu%F1oz.mp4", "file": null, "file_bytes": null,
        });
        assert_eq!(object, expected);
    }
}
