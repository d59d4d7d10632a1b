//! Texts about a job, as the views show them.

use std::fmt::Write as _;
use std::time::Duration;

use posterframe_client::{
    Job, JobState, LogLine, Phase, PreflightIssue, RemoteIssue, Still, Verdict, capitalized,
};
use posterframe_kit::widgets::Tone;
use time::OffsetDateTime;

use crate::format::{self, age};

/// The tone, and so the colour, of a state.
pub fn tone(state: JobState) -> Tone {
    match state {
        JobState::Queued | JobState::Paused | JobState::Waiting | JobState::Stopped => Tone::Quiet,
        JobState::Uploading | JobState::Starting | JobState::Running => Tone::Busy,
        JobState::Done => Tone::Good,
        JobState::Failed => Tone::Bad,
    }
}

/// The text on the pill: the state, and the percentage while the job uploads.
pub fn pill(job: &Job) -> String {
    match (job.state, &job.upload) {
        (state, _) if job.stop_requested && !state.is_ended() => "Stopping".to_owned(),
        (JobState::Uploading, Some(upload)) => {
            format!("Uploading {:.0}%", (upload.fraction() * 100.0).floor())
        }
        (state, _) => state.label().to_owned(),
    }
}

/// What there is to say in place of its task of a job that is made on this computer.
pub const HERE: &str = "on this computer";

/// A duration in whole seconds: the text is drawn once a second while a job is under way, so tenths would be stale.
pub fn running(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{seconds} s")
    } else {
        format::duration(Duration::from_secs(seconds))
    }
}

/// `1 frame`, `3 frames`.
pub fn counted(count: usize, what: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {what}{many}")
}

/// What a job makes, in short: where its only frame is, or `3 frames · 6 files`.
pub fn about(job: &Job) -> String {
    match job.stills.as_slice() {
        [still] => still.position.timecode(),
        // Which frames a place or a rule leads to is known once the task has found them.
        [] if !job.selectors.is_empty() => selectors(job),
        [] if !job.sheets.is_empty() => counted(job.sheets.len(), "sheet"),
        // Someone else's, of which nothing is known yet.
        [] => "Frames of someone else".to_owned(),
        stills => {
            let files = match job.files().count() {
                0 => stills.len() * job.outputs.len(),
                files => files,
            };
            format!("{} · {}", counted(stills.len(), "frame"), counted(files, "file"))
        }
    }
}

/// The places and rules of a job, in short: `best 5, 50% and 3 more`.
fn selectors(job: &Job) -> String {
    const MAX_NAMED: usize = 3;
    let named = job.selectors.iter().take(MAX_NAMED);
    let named = named.map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match job.selectors.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// What a job makes, by name: its only file, or what [`about`] says.
pub fn made(job: &Job) -> String {
    match job.file_names().as_slice() {
        [name] => name.clone(),
        _ => about(job),
    }
}

/// A phase's name in the job's timeline.
pub fn phase(job: &Job, phase: Phase) -> &'static str {
    match phase {
        Phase::Thumbnail if job.still_count() > 1 => "Thumbnails",
        phase => phase.label(),
    }
}

/// The comparison of all stills with their previews in one sentence; `None` before there is a result.
pub fn comparison(job: &Job) -> Option<(Tone, String)> {
    // A sheet has no preview to be compared with.
    let files: usize = job.stills.iter().map(|still| still.files.len()).sum();
    let failed = job.failed_stills().count();
    if failed > 0 {
        return Some((
            Tone::Bad,
            format!("{failed} of {} failed", counted(job.stills.len(), "still")),
        ));
    }
    let differing = |still: &&Still| matches!(still.verdict, Some(Verdict::Differs(_)));
    let differing = job.stills.iter().filter(differing).count();
    Some(match (job.verdict()?, job.stills.len()) {
        (Verdict::Identical, 1) => (Tone::Good, "Identical to preview".to_owned()),
        (Verdict::Identical, _) => {
            let words = format!("{} · all identical to preview", counted(files, "file"));
            (Tone::Good, words)
        }
        (Verdict::Differs(_), 1) => (Tone::Warn, "Differs from preview".to_owned()),
        (Verdict::Differs(_), stills) => (
            Tone::Warn,
            format!("{differing} of {stills} differs from preview"),
        ),
        (Verdict::Unknown, 1) => (Tone::Quiet, "No preview to compare with".to_owned()),
        (Verdict::Unknown, _) => {
            let words = format!("{} · not all have a preview", counted(files, "file"));
            (Tone::Quiet, words)
        }
    })
}

/// The fraction of the job that is done, from 0 to 1. An upload counts its bytes; later states count phases.
pub fn fraction(job: &Job) -> f32 {
    match (job.state, &job.upload) {
        (JobState::Queued | JobState::Paused, _) => 0.0,
        (JobState::Uploading, upload) => upload.map_or(0.0, |upload| upload.fraction()),
        _ if is_counted(job) => {
            let stills = job.stills_done as f32 / job.still_count() as f32;
            (step(job, Phase::Extract) + stills) / job.steps().len() as f32
        }
        _ => job
            .current_phase()
            .map_or(0.0, |phase| (step(job, phase) + 1.0) / job.steps().len() as f32),
    }
}

/// How many phases of a job are before `phase`.
fn step(job: &Job, phase: Phase) -> f32 {
    let before = job.steps().iter().filter(|step| step.phase < phase);
    before.count() as f32
}

/// Whether the task is at stills of which some are known to be over.
fn is_counted(job: &Job) -> bool {
    job.still_count() > 1 && job.stills_done > 0 && job.current_phase() == Some(Phase::Extract)
}

/// The line under a job's bar.
pub fn note(job: &Job, now: OffsetDateTime) -> String {
    if let (JobState::Uploading, Some(upload)) = (job.state, &job.upload) {
        let (sent, total) = (format::bytes(upload.sent), format::bytes(upload.total));
        // One unit for both numbers where it is the same.
        let sent = match (sent.split_once(' '), total.split_once(' ')) {
            (Some((number, unit)), Some((_, other))) if unit == other => number.to_owned(),
            _ => sent,
        };
        let mut note = format!("{sent} of {total}");
        if let Some(left) = upload.left() {
            let rate = format::bytes(upload.bytes_per_second as u64);
            let _ = write!(note, " · {rate}/s · {} left", running(left));
        }
        return note;
    }
    if let Some(wait) = &job.wait {
        return format!("{} · tried again at {}", wait.reason.label(), clock(wait.again));
    }
    let counted = format!("Extracting {} of {}", job.stills_done, job.still_count());
    let what = match job.state {
        JobState::Queued if job.here.is_some() => {
            return "Waits for other jobs that are made here".to_owned();
        }
        JobState::Queued => return "Waits for other uploads".to_owned(),
        JobState::Paused => return "What is sent stays sent".to_owned(),
        JobState::Uploading => "Uploading",
        JobState::Waiting => "Waiting for the event",
        JobState::Starting => "Task starting",
        JobState::Running if job.current_phase() == Some(Phase::Thumbnail) => {
            if job.stills.len() == 1 {
                "Fetching the thumbnail"
            } else {
                "Fetching the thumbnails"
            }
        }
        _ if is_counted(job) => &counted,
        _ => "Extracting",
    };
    let since = job
        .current_phase()
        .and_then(|phase| job.phase(phase).duration(now));
    since.map_or_else(|| what.to_owned(), |since| format!("{what} · {}", running(since)))
}

/// The texts at the right of an ended job's row: its outcome, which the row may shorten, and its age.
pub fn ended(job: &Job, now: OffsetDateTime) -> (String, String) {
    let ago = age(now, job.ended.unwrap_or(job.created));
    match &job.failure {
        Some(failure) => (failure.title.clone(), ago),
        None if job.state == JobState::Done => (format::duration(job.elapsed(now)), ago),
        None => (String::new(), ago),
    }
}

/// `0.25 vCPU · 512 MB`.
pub fn task_size(cpu: &str, memory: &str) -> String {
    let cpu = cpu
        .parse::<f32>()
        .map_or_else(|_| cpu.to_owned(), |units| format!("{}", units / 1024.0));
    format!("{cpu} vCPU · {memory} MB")
}

/// A log as text, one line each.
pub fn log_text<'a>(lines: impl Iterator<Item = &'a LogLine>) -> String {
    lines.fold(String::new(), |mut text, line| {
        let (clock, source, level) = (
            format::clock(line.unix_millis),
            line.source.label(),
            line.level.label(),
        );
        let _ = writeln!(text, "{clock}  {source:<17}  {level:<5}  {}", line.message);
        text
    })
}

/// The local time of day in whole seconds.
pub fn clock(time: OffsetDateTime) -> String {
    let clock = format::clock((time.unix_timestamp_nanos() / 1_000_000) as i64);
    clock.split('.').next().unwrap_or_default().to_owned()
}

/// Day and time of day, local, with milliseconds.
pub fn moment(time: OffsetDateTime) -> String {
    let day = format::local(time).date();
    format!(
        "{day} {}",
        format::clock((time.unix_timestamp_nanos() / 1_000_000) as i64)
    )
}

/// A start and an end as local times of day; `None` before the start.
pub fn span(started: Option<OffsetDateTime>, ended: Option<OffsetDateTime>) -> Option<String> {
    let clock = |time: OffsetDateTime| format::clock((time.unix_timestamp_nanos() / 1_000_000) as i64);
    let started = clock(started?);
    Some(match ended {
        Some(ended) => format!("{started} – {}", clock(ended)),
        None => format!("since {started}"),
    })
}

/// The text of what the check before a submission found.
pub fn issue(issue: &PreflightIssue, now: OffsetDateTime) -> String {
    match issue {
        PreflightIssue::Changed => {
            "The file has changed since it was opened: the marks may be other frames now".to_owned()
        }
        PreflightIssue::Unreadable(words) | PreflightIssue::TooLong(words) => capitalized(words),
        PreflightIssue::Stored => "The bucket has the video already: nothing is uploaded".to_owned(),
        PreflightIssue::Made { name, when } => {
            format!("This frame is made already: {name}, {}", age(now, *when))
        }
        PreflightIssue::NameTaken { name, when } => {
            format!("There is a {name} already, {}; both are kept", age(now, *when))
        }
    }
}

/// The text of what is worth knowing before a video at a distance is submitted.
pub fn remote_issue(issue: &RemoteIssue) -> String {
    match issue {
        RemoteIssue::NeedsPermission { resource } => format!(
            "Tasks can read this only if the stack’s parameter ReadableObjects has {resource}, and another account’s bucket \
             allows it"
        ),
        RemoteIssue::NotHere => {
            "The backend on this computer has no such bucket, so its task cannot read this: choose a backend on AWS, or \
             download the video"
                .to_owned()
        }
        RemoteIssue::OnlyHere => {
            "The address is one of this computer, which a task on AWS does not reach: download the video".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the CPU units of ECS are shown as they are.
    #[test]
    fn sizes_of_tasks() {
        assert_eq!(task_size("256", "512"), "0.25 vCPU · 512 MB");
        assert_eq!(task_size("1024", "2048"), "1 vCPU · 2048 MB");
    }
}
