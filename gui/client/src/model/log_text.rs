//! What the programs write: `LEVEL job{id=…}: message`, and whose it is.

use posterframe_contract::JobId;
use posterframe_contract::log::{BytesRead, Line, Progress, is_manifest_put};

use super::job::Job;
use super::job_state::JobState;
use super::log::{LogLevel, LogLine, LogSource};
use super::phase::Phase;

const LEVELS: [(&str, LogLevel); 5] = [
    ("TRACE", LogLevel::Debug),
    ("DEBUG", LogLevel::Debug),
    ("INFO", LogLevel::Info),
    ("WARN", LogLevel::Warn),
    ("ERROR", LogLevel::Error),
];

/// What Lambda itself writes where a function fails beyond its own words.
const LAMBDA_FAILURES: [&str; 6] = [
    "Task timed out",
    "Runtime exited",
    "Runtime.ExitError",
    "Runtime.InvalidEntrypoint",
    "Status: error",
    "panicked at",
];

/// The job that a function's line names.
pub(crate) fn job_of(message: &str) -> Option<JobId> {
    Line::parse(message).job
}

/// Whether a line says that a function has failed as a whole, for whichever job.
pub(crate) fn is_function_failure(message: &str) -> bool {
    LAMBDA_FAILURES.iter().any(|text| message.contains(text))
}

/// Whether the log of a job that has ended has all that is sure to be in it. `last` gives a source's last line.
pub(crate) fn is_whole(job: &Job, last: impl Fn(LogSource) -> Option<LogLine>) -> bool {
    let began = job.phase(Phase::Event).started.unwrap_or(job.created);
    let began = (began.unix_timestamp_nanos() / 1_000_000) as i64;
    // An earlier try had last lines too.
    let last = |source| last(source).filter(|line| line.unix_millis >= began);
    let worker = || last(LogSource::Worker);
    let ran = job.task.as_ref().is_some_and(|task| task.started.is_some());
    !job.log_open
        || match job.state {
            JobState::Done => {
                worker().is_some_and(|line| is_manifest_put(&line.message))
                    && last(LogSource::ThumbnailTrigger).is_some()
            }
            // What it failed of is the last thing that a worker says.
            JobState::Failed => !ran || worker().is_some_and(|line| line.level == LogLevel::Error),
            _ => !ran,
        }
}

/// A line without its level and its job; anything that is not of this form is taken as it is.
pub(crate) fn parse(unix_millis: i64, source: LogSource, raw: &str, job: JobId) -> LogLine {
    let line = Line::parse(raw);
    let level = LEVELS.iter().find(|(name, _)| Some(*name) == line.level);
    let is_others = line.job.is_some_and(|other| other != job);
    let message = if is_others { raw.trim() } else { line.message };
    LogLine {
        unix_millis,
        source,
        level: level.map_or(LogLevel::Info, |(_, level)| *level),
        message: message.to_owned(),
    }
}

/// What a worker's lines say of how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    progress: Option<Progress>,
    read: Option<BytesRead>,
}

impl Said {
    /// What these lines of a worker say; `None` where that is nothing.
    pub(crate) fn of<'a>(mut messages: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let said = Self {
            progress: messages
                .clone()
                .filter_map(Progress::of)
                .max_by_key(|progress| progress.done),
            read: messages.find_map(BytesRead::parse),
        };
        (said != Self::default()).then_some(said)
    }

    /// Notes it with its job.
    pub(crate) fn note(self, job: &mut Job) {
        if let Some(Progress { done, of }) = self.progress {
            job.stills_done = job.stills_done.max(done);
            job.stills_of = Some(of);
        }
        job.read = self.read.or(job.read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if level or job id stay in the text, or a foreign line loses some of its own.
    #[test]
    fn lines_are_taken_apart() {
        let job = JobId::new();
        let line = |raw: &str| {
            let line = parse(0, LogSource::Worker, raw, job);
            (line.level, line.message)
        };
        let raw = format!(" INFO job{{id={job}}}: new file\n");
        assert_eq!(line(&raw), (LogLevel::Info, "new file".into()));
        assert_eq!(job_of(&raw), Some(job));
        assert_eq!(line("ERROR no frame"), (LogLevel::Error, "no frame".into()));
        assert_eq!(
            line("thread main panicked"),
            (LogLevel::Info, "thread main panicked".into())
        );
        assert_eq!(job_of("INFO job{id=x}: y"), None);
        // A name may hold another job's id.
        assert_eq!(job_of(&format!("INFO new file s3://b/job{{id={job}}}: y")), None);
    }

    // Breaks if whoever follows a job leaves before its last lines, or waits where none will come.
    #[test]
    fn a_whole_log_is_known() {
        let mut job = crate::model::job::tests::job(JobId::new());
        let began = time::OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(100);
        job.begin(Phase::Event, began);
        let line = |source, unix_millis, raw: &str| {
            let line = parse(unix_millis, source, raw, job.id);
            move |asked| (asked == source).then(|| line.clone())
        };
        let put = line(
            LogSource::Worker,
            100_000,
            "INFO put s3://b/k/manifest.json, 9 bytes",
        );
        let told = line(LogSource::ThumbnailTrigger, 100_000, "INFO new thumbnail");
        let told_before = line(LogSource::ThumbnailTrigger, 99_999, "INFO new thumbnail");
        let failed = line(LogSource::Worker, 100_000, "ERROR no frame");
        let nothing = |_| None;
        let mut job = job.clone();
        job.state = JobState::Done;
        assert!(is_whole(&job, nothing), "its log is closed");
        job.log_open = true;
        assert!(!is_whole(&job, &put));
        assert!(!is_whole(&job, |source| put(source).or_else(|| told_before(source))));
        assert!(is_whole(&job, |source| put(source).or_else(|| told(source))));
        job.state = JobState::Failed;
        assert!(is_whole(&job, nothing), "no task ran");
        job.task = Some(crate::model::TaskInfo {
            started: Some(began),
            ..crate::model::TaskInfo::default()
        });
        assert!(!is_whole(&job, nothing));
        assert!(is_whole(&job, failed));
    }

    // Breaks if a function that Lambda ended goes unnoticed: it has no last word of its own.
    #[test]
    fn lambdas_own_words_are_known() {
        assert!(is_function_failure(
            "2026-11-25T14:02:43.700Z 6f0c Task timed out after 30.03 seconds"
        ));
        assert!(is_function_failure(
            "RequestId: 6f0c Error: Runtime exited with error: exit status 1 Runtime.ExitError"
        ));
        assert!(!is_function_failure(
            "REPORT RequestId: 6f0c Duration: 31.21 ms Memory Size: 128 MB"
        ));
    }
}
