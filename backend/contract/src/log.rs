//! Log lines: `LEVEL job{id=…}: message`. The functions and the worker write them, the client reads them.
//!
//! Keys and names are chosen by whoever uploads, and end up in messages. So one message is always one line, and a
//! job's id counts only where no message can stand.

use std::fmt::{self, Debug, Display, Write};

use serde::{Deserialize, Serialize};

use crate::{JobId, MANIFEST_NAME};

/// Name of the span that puts the job's id on a line. Its one field is `id`.
pub const JOB_SPAN: &str = "job";
/// What the worker's messages begin with that say that a file is in the bucket.
pub const PUT: &str = "put ";

/// How far a task is, as the worker's messages begin that say what became of a still.
///
/// ```
/// use posterframe_contract::log::Progress;
///
/// let progress = Progress { done: 3, of: 12 };
/// assert_eq!(progress.to_string(), "3 of 12");
/// assert_eq!(Progress::of("3 of 12: frame 253 at 00:00:10.541"), Some(progress));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The stills of which is known what became of them.
    pub done: u32,
    /// All stills of the job.
    pub of: u32,
}

impl Progress {
    /// What `message` says; `None` where it is about something else.
    pub fn of(message: &str) -> Option<Self> {
        let (progress, _) = message.split_once(": ")?;
        let (done, of) = progress.split_once(" of ")?;
        let (done, of) = (done.parse().ok()?, of.parse().ok()?);
        (done <= of).then_some(Self { done, of })
    }
}

impl Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.done, self.of)
    }
}

/// What a task has read of its video, as the worker's message says it once it is over.
///
/// ```
/// use posterframe_contract::log::BytesRead;
///
/// let read = BytesRead { bytes: 3_318_272, of: 26_204_118, requests: 9 };
/// assert_eq!(read.to_string(), "read 3318272 of 26204118 bytes in 9 requests");
/// assert_eq!(BytesRead::parse(&read.to_string()), Some(read));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BytesRead {
    /// Bytes that were read.
    pub bytes: u64,
    /// The video's size in bytes.
    pub of: u64,
    /// Requests that it took.
    pub requests: u64,
}

impl BytesRead {
    /// What `message` says; `None` where it is about something else.
    pub fn parse(message: &str) -> Option<Self> {
        let (bytes, rest) = message.strip_prefix("read ")?.split_once(" of ")?;
        let (of, requests) = rest.strip_suffix(" requests")?.split_once(" bytes in ")?;
        Some(Self {
            bytes: bytes.parse().ok()?,
            of: of.parse().ok()?,
            requests: requests.parse().ok()?,
        })
    }
}

impl Display for BytesRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, of, requests } = self;
        write!(f, "read {bytes} of {of} bytes in {requests} requests")
    }
}

/// Whether `message` says that the manifest is in the bucket: all other files of the task are too, then.
///
/// ```
/// use posterframe_contract::log::is_manifest_put;
///
/// assert!(is_manifest_put("put s3://bucket/thumbnails/1/manifest.json, 812 bytes"));
/// assert!(is_manifest_put("put s3://bucket/thumbnails/bunny.manifest.json, 812 bytes"));
/// assert!(!is_manifest_put("put s3://bucket/thumbnails/1/bunny.png, 812 bytes"));
/// ```
pub fn is_manifest_put(message: &str) -> bool {
    let object = message.strip_prefix(PUT).and_then(|put| put.rsplit_once(", "));
    object.is_some_and(|(object, _)| object.ends_with(MANIFEST_NAME))
}

/// The words for a line's level.
const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/// A line, taken apart.
///
/// ```
/// use posterframe_contract::log::Line;
///
/// let line = Line::parse(" INFO job{id=01939f0e-7c1a-7000-8000-0123456789ab}: new file");
/// assert_eq!((line.level, line.message), (Some("INFO"), "new file"));
/// assert!(line.job.is_some());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// `TRACE`, `DEBUG`, `INFO`, `WARN` or `ERROR`; `None` for a line that our programs did not write.
    pub level: Option<&'a str>,
    /// The job that the line is about, where it says so straight after its level.
    pub job: Option<JobId>,
    /// All that follows; the whole line where there is no level.
    pub message: &'a str,
}

impl<'a> Line<'a> {
    /// Takes any line. What is not of our form is all message.
    pub fn parse(raw: &'a str) -> Self {
        let text = raw.trim();
        let Some((level, rest)) = text.split_once(' ').filter(|(word, _)| LEVELS.contains(word)) else {
            return Self {
                level: None,
                job: None,
                message: text,
            };
        };
        let rest = rest.trim_start();
        let (job, message) = split_job(rest).map_or((None, rest), |(job, message)| (Some(job), message));
        Self {
            level: Some(level),
            job,
            message,
        }
    }
}

/// The id of `job{id=…}:` at the very start, and what follows it.
fn split_job(text: &str) -> Option<(JobId, &str)> {
    let (id, message) = text
        .strip_prefix(JOB_SPAN)?
        .strip_prefix("{id=")?
        .split_once("}:")?;
    Some((id.parse().ok()?, message.trim_start()))
}

/// Writes one field of an event or a span, for `tracing_subscriber::fmt::format::debug_fn`: the message as it is,
/// any other as `name=value`, and each as [`OneLine`].
pub fn write_field(to: &mut impl Write, name: &str, value: &dyn Debug) -> fmt::Result {
    if name != "message" {
        write!(to, "{name}=")?;
    }
    write!(to, "{}", OneLine(format_args!("{value:?}")))
}

/// Shows a value on one line, in the order in which it is written: control characters (C0 and C1), the separators of
/// lines and paragraphs, and what overrides the direction of text are escaped as JSON escapes them, `\n` or `\u202e`: so
/// JSON stays JSON, and says the same.
///
/// ```
/// use posterframe_contract::log::OneLine;
///
/// assert_eq!(OneLine("a\nERROR b\u{1b}[2J é").to_string(), r"a\nERROR b\u001b[2J é");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OneLine<T>(pub T);

impl<T: Display> Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut plain = text;
        while let Some(at) = plain.find(is_escaped) {
            let (before, rest) = plain.split_at(at);
            let mut rest = rest.chars();
            self.0.write_str(before)?;
            match rest.next() {
                Some('\n') => self.0.write_str(r"\n")?,
                Some('\r') => self.0.write_str(r"\r")?,
                Some('\t') => self.0.write_str(r"\t")?,
                Some(char) => write!(self.0, r"\u{:04x}", u32::from(char))?,
                None => {}
            }
            plain = rest.as_str();
        }
        self.0.write_str(plain)
    }
}

fn is_escaped(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JOB: &str = "01939f0e-7c1a-7000-8000-0123456789ab";

    // Breaks if a job's line is not found, or a name that holds another job's id puts the line into that job's log.
    #[test]
    fn only_the_span_after_the_level_counts() {
        let line = Line::parse(&format!("INFO job{{id={JOB}}}: new file s3://b/job{{id=x}}: y\n")).job;
        assert_eq!(line, Some(JOB.parse().unwrap()));
        for foreign in [
            format!("INFO new file s3://b/job{{id={JOB}}}: y"),
            format!("ERROR x job{{id={JOB}}}: RunTask failed"),
            format!("job{{id={JOB}}}: RunTask failed"),
            format!("INFO job{{id=x}}job{{id={JOB}}}: y"),
            format!("INFO job{{id={JOB}, id=2}}: y"),
        ] {
            assert_eq!(Line::parse(&foreign).job, None, "{foreign}");
        }
    }

    // Breaks if a line of Lambda's own, or one without a job, loses some of its text.
    #[test]
    fn other_lines() {
        let message = |raw| {
            let line = Line::parse(raw);
            (line.level, line.message)
        };
        assert_eq!(message("ERROR no frame"), (Some("ERROR"), "no frame"));
        assert_eq!(message("START RequestId: 1\n"), (None, "START RequestId: 1"));
        assert_eq!(message(""), (None, ""));
    }

    // Breaks if a program that reads our JSON gets another text than was meant, or none.
    #[test]
    fn json_stays_json() {
        let text = "a\n\u{7f}\u{9b}\u{202e}é\\\"";
        let shown = OneLine(serde_json::json!({ "name": text })).to_string();
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["name"], text);
    }

    // Breaks if a key can end its line, move the cursor, or show its letters in another order.
    #[test]
    fn what_is_escaped() {
        let shown = OneLine("\0\r\n\t\u{7f}\u{85}\u{9b}\u{2028}\u{202e}\u{2066}").to_string();
        assert_eq!(shown, r"\u0000\r\n\t\u007f\u0085\u009b\u2028\u202e\u2066");
        let kept = "ünïcödé 🎬 שלום \\ ' \" \u{200f}";
        assert_eq!(OneLine(kept).to_string(), kept);
        let mut field = String::new();
        write_field(&mut field, "message", &format_args!("a\nb")).unwrap();
        write_field(&mut field, " id", &format_args!("1\n")).unwrap();
        assert_eq!(field, r"a\nb id=1\n");
    }

    proptest! {
        // Breaks if any message at all makes a second line, or a line of another job.
        #[test]
        fn one_message_is_one_line(message in "\\PC*|.*|[\\x00-\\x{a0}\\u{2028}]*") {
            let line = format!("INFO job{{id={JOB}}}: {}", OneLine(&message));
            prop_assert_eq!(line.lines().count(), 1);
            prop_assert_eq!(Line::parse(&line).job, Some(JOB.parse().unwrap()));
        }
    }
}
