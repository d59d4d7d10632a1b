//! The report of a job, to paste where one asks for help: all its facts, without secrets.

use std::fmt::Write as _;
use std::path::Path;

use posterframe_client::{Backend, Job, Log, redact};

use super::facts;
use super::notice::Notice;
use crate::context::{Command, ViewContext};
use crate::job_text;

/// Most log lines in a report. The last ones are kept.
const MAX_LOG_LINES: usize = 200;

/// Puts the report on the clipboard.
pub(super) fn copy(ctx: &ViewContext<'_>, job: &Job, log: &Log) {
    ctx.commands.send(Command::CopyText(report(job, log, ctx.now)));
    ctx.commands.send(Command::Toast("Copied the report".to_owned()));
}

fn report(job: &Job, log: &Log, now: time::OffsetDateTime) -> String {
    let mut text = format!("Posterframe report: {}\n", job.state.label().to_lowercase());
    if let Some(notice) = Notice::of(job, now) {
        let _ = write!(text, "\n{notice}");
    }
    let _ = writeln!(text, "\nVersions");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let kind = if job.backend == Backend::THIS_COMPUTER {
        "this computer"
    } else {
        "AWS"
    };
    for (label, value) in [
        ("Posterframe", env!("CARGO_PKG_VERSION")),
        ("System", &system),
        ("Preview's libav", &posterframe_frame::libav_version()),
        ("Backend", kind),
    ] {
        let _ = writeln!(text, "  {label:<16} {value}");
    }
    let _ = writeln!(text, "\nJob");
    for (label, value) in facts::all(job) {
        let _ = writeln!(text, "  {label:<16} {value}");
    }
    let _ = writeln!(text, "\nPhases");
    for record in job.steps() {
        let state = format!("{:?}", job.phase_state(record.phase)).to_lowercase();
        let took = record
            .duration(now)
            .map_or_else(String::new, crate::format::duration);
        let when = job_text::span(record.started, record.ended).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<16} {state:<8} {took:<12} {when}",
            job_text::phase(job, record.phase)
        );
    }
    let from = log.len().saturating_sub(MAX_LOG_LINES);
    let _ = writeln!(text, "\nLog, {} of {} lines", log.len() - from, log.len());
    text.push_str(&job_text::log_text(log.range(from..log.len())));
    let home = directories::BaseDirs::new();
    without_secrets(&text, home.as_ref().map(directories::BaseDirs::home_dir))
}

impl std::fmt::Display for Notice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (title, cause, steps, raw) = self.parts();
        writeln!(formatter, "{title}\n{cause}")?;
        for (index, step) in steps.iter().enumerate() {
            writeln!(formatter, "  {}. {step}", index + 1)?;
        }
        if raw.is_empty() {
            Ok(())
        } else {
            writeln!(formatter, "{raw}")
        }
    }
}

/// Removes credentials and signed links, and the home folder, which holds the user's name.
fn without_secrets(text: &str, home: Option<&Path>) -> String {
    let safe = redact(text);
    match home.and_then(Path::to_str).filter(|home| home.len() > 1) {
        Some(home) => safe.replace(home, "~"),
        None => safe.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a report grants access or names the user, or if it loses useful facts.
    #[test]
    fn reports_have_no_secrets() {
        let text = "link https://b.s3.amazonaws.com/t/a.png?X-Amz-Signature=0f&X-Amz-Credential=AKIA done\n\
                    key AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE,\n\
                    aws_secret_access_key = wJalrXUtnFEMI\n\
                    unable to pull secrets or auth AWS_SESSION_TOKEN=abc password:hunter2 exit code 13\n\
                    /home/ann/films/a.mp4\n";
        let safe = without_secrets(text, Some(Path::new("/home/ann")));
        for secret in ["=0f", "AKIA", "ASIA", "wJalr", "abc", "hunter2", "ann"] {
            assert!(!safe.contains(secret), "{secret} in {safe}");
        }
        for kept in [
            "https://b.s3.amazonaws.com/t/a.png?",
            "done",
            "secrets or auth",
            "exit code 13",
            "~/films/a.mp4",
        ] {
            assert!(safe.contains(kept), "{kept} not in {safe}");
        }
    }
}
