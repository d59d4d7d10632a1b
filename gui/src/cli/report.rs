//! The command line's output about jobs: lines and a progress bar for people, JSON objects for scripts.

use std::collections::HashMap;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use posterframe_client::{
    Client, Job, JobState, LogLine, Phase, PhaseState, UploadProgress, Verdict, path_text,
};
use posterframe_contract::JobId;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::say::say;
use crate::format;

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

    /// Prints the news of `jobs` since the last call.
    pub(super) fn report(&mut self, client: &Client, jobs: &[JobId]) {
        if self.quiet {
            return;
        }
        for id in jobs {
            if let Some(job) = client.job(*id) {
                let name = if jobs.len() > 1 {
                    format!("{}  ", job.thumbnail_name())
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
            lines.push(format!(
                "{} at {}, {bytes}, job {}",
                job.video.name, job.position, job.id
            ));
        }
        lines.extend(new.iter().map(|line| format!("  {name}{}", log_line(line))));
        while let Some(record) = job
            .phases
            .get(printed.phases)
            .filter(|record| job.phase_state(record.phase) != PhaseState::Waiting)
        {
            let took = record.duration(now).map(format::duration).unwrap_or_default();
            match job.phase_state(record.phase) {
                PhaseState::Done => lines.push(format!("  {name}{:<15} {took}", record.phase.label())),
                PhaseState::Failed => {
                    lines.push(format!("  {name}{:<15} failed, {took}", record.phase.label()));
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

/// One line on how a job ended.
pub(super) fn outcome(job: &Job) -> String {
    let took = format::duration(job.elapsed(OffsetDateTime::now_utc()));
    match (job.state, &job.thumbnail) {
        (JobState::Done, Some(thumbnail)) => {
            let verdict = match &thumbnail.verdict {
                Verdict::Identical => ", identical to preview".to_owned(),
                Verdict::Differs(how) => format!(", differs from preview: {how}"),
                Verdict::Unknown => String::new(),
            };
            let size = format::bytes(thumbnail.bytes);
            format!("Done in {took}: {}, {size}{verdict}", job.thumbnail_key)
        }
        (state, _) => format!(
            "{} after {took}: {}",
            state.label(),
            error_text(job).unwrap_or_default()
        ),
    }
}

/// The reason why a job has no thumbnail; `None` if it has one.
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

/// A job as a JSON object for scripts.
pub(super) fn job_json(job: &Job) -> Value {
    let thumbnail = job.thumbnail.as_ref();
    let metadata = thumbnail.and_then(|thumbnail| thumbnail.metadata.as_ref());
    let phases: Vec<Value> = job
        .phases
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
        "bucket": job.bucket,
        "upload_key": job.upload_key,
        "thumbnail_key": job.thumbnail_key,
        "task_arn": job.task.as_ref().map(|task| &task.arn),
        "position": job.position,
        "frame_time": metadata.map(|metadata| metadata.frame_time),
        "attempt": job.attempt,
        "pixel_sha256": metadata.map(|metadata| &metadata.pixel_sha256),
        "identical_to_preview": thumbnail.and_then(|thumbnail| thumbnail.verdict.identical()),
        "phases": phases,
        "failure": job.failure,
        "error": error_text(job),
    });
    put_path(&mut object, "video", Some(&job.video.path));
    put_path(
        &mut object,
        "file",
        thumbnail.map(|thumbnail| thumbnail.file.as_path()),
    );
    object
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
