//! The report of a job: everything that someone who helps would ask for, and no secrets.

use std::fmt::Write as _;
use std::path::Path;

use posterframe_client::{Backend, Job, Log};

use super::facts;
use super::notice::Notice;
use crate::context::{Command, ViewContext};
use crate::job_text;

/// How many of the log's lines it has: the last ones.
const LINES: usize = 200;

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
    for record in &job.phases {
        let state = format!("{:?}", job.phase_state(record.phase)).to_lowercase();
        let took = record
            .duration(now)
            .map_or_else(String::new, crate::format::duration);
        let when = job_text::span(record.started, record.ended).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<16} {state:<8} {took:<12} {when}",
            record.phase.label()
        );
    }
    let from = log.len().saturating_sub(LINES);
    let _ = writeln!(text, "\nLog, {} of {} lines", log.len() - from, log.len());
    text.push_str(&job_text::log_text(log.range(from..log.len())));
    let home = directories::BaseDirs::new();
    redact(&text, home.as_ref().map(directories::BaseDirs::home_dir))
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

/// Takes out what grants access or names a person: signatures of links, access keys, passwords, the home folder.
fn redact(text: &str, home: Option<&Path>) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        // `name`, `=` and the value may be one word, or three.
        let (mut named, mut secret) = (false, false);
        for word in line.split_inclusive(char::is_whitespace) {
            let bare = word.trim_end();
            let lower = bare.to_lowercase();
            if let (Some(query), true) = (bare.find('?'), lower.contains("x-amz-")) {
                safe.push_str(&bare[..query]);
                safe.push_str("?[signature removed]");
            } else if secret && !bare.is_empty() || is_access_key(bare) {
                safe.push_str("[removed]");
                secret = false;
            } else if let Some(at) = secret_at(&lower) {
                safe.push_str(&bare[..at]);
                secret = at == bare.len();
                if !secret {
                    safe.push_str("[removed]");
                }
            } else {
                secret = named && matches!(bare, "=" | ":");
                named = names_secret(&lower);
                safe.push_str(bare);
            }
            safe.push_str(&word[bare.len()..]);
        }
    }
    match home.and_then(Path::to_str).filter(|home| home.len() > 1) {
        Some(home) => safe.replace(home, "~"),
        None => safe,
    }
}

/// `AKIA…` and `ASIA…` with sixteen more letters and digits, wherever in the word.
fn is_access_key(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        part.len() == 20
            && (part.starts_with("AKIA") || part.starts_with("ASIA"))
            && part
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

fn names_secret(lower: &str) -> bool {
    let names = [
        "secret",
        "password",
        "session_token",
        "security-token",
        "authorization",
        "signature",
    ];
    names.iter().any(|name| lower.contains(name))
}

/// Where the value begins after a name such as `secret_access_key=` or `Authorization:`.
fn secret_at(lower: &str) -> Option<usize> {
    let at = lower.find(['=', ':'])?;
    names_secret(&lower[..at]).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a report that is pasted into a public issue lets strangers in, or loses what helps.
    #[test]
    fn reports_have_no_secrets() {
        let text = "link https://b.s3.amazonaws.com/t/a.png?X-Amz-Signature=0f&X-Amz-Credential=AKIA done\n\
                    key AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE,\n\
                    aws_secret_access_key = wJalrXUtnFEMI\n\
                    unable to pull secrets or auth AWS_SESSION_TOKEN=abc password:hunter2 exit code 13\n\
                    /home/ann/films/a.mp4\n";
        let safe = redact(text, Some(Path::new("/home/ann")));
        for secret in ["X-Amz", "AKIA", "ASIA", "wJalr", "abc", "hunter2", "ann"] {
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
