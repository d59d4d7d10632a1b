//! How far each log group was read, and where to go on.

use std::collections::VecDeque;
use std::time::Duration;

use posterframe_contract::{JobId, names};

use crate::config::Backend;
use crate::model::LogSource;

/// Every so many scans go back by the whole overlap; those between by a little.
const FULL_OVERLAP_EVERY: u32 = 5;
/// How far back the others go.
const SHORT_OVERLAP: Duration = Duration::from_secs(2);

/// The sources that write to a log group, each with its group's name.
fn log_groups(backend: &Backend) -> [(LogSource, String); 3] {
    [
        (
            LogSource::UploadTrigger,
            names::function_log_group(&backend.upload_function),
        ),
        (LogSource::Worker, names::task_log_group(&backend.task_family)),
        (
            LogSource::ThumbnailTrigger,
            names::function_log_group(&backend.thumbnail_function),
        ),
    ]
}

fn checkpoint_name(backend: &Backend, group: &str) -> String {
    format!("{} {group}", backend.name)
}

/// Where the reading of the log groups stands.
pub(super) struct Reader {
    groups: [Group; 3],
    /// Streams to be read from their start: the job, the stream, and the page that comes next.
    pub(super) catch_up: VecDeque<(JobId, String, Option<String>)>,
    container: String,
    /// The last thing that Lambda said of the function upload-trigger as a whole, and when.
    pub(super) trouble: Option<(i64, String)>,
}

pub(super) struct Group {
    pub(super) name: String,
    /// Its name in the database: another backend may have a group of the same name.
    pub(super) checkpoint_name: String,
    source: LogSource,
    /// All before it was read, in milliseconds since the epoch.
    pub(super) checkpoint: i64,
    /// The newest event of all scans that were read to their end and kept: what is older was seen.
    pub(super) newest: i64,
    pub(super) scans: u32,
    /// A scan that goes on in the next turn.
    pub(super) unfinished: Option<Scan>,
}

/// One way through a group, page by page.
#[derive(Clone)]
pub(super) struct Scan {
    /// From when on, in milliseconds since the epoch.
    pub(super) from: i64,
    /// The page that comes next.
    pub(super) token: Option<String>,
    /// The newest event of its pages so far.
    pub(super) newest: i64,
}

impl Group {
    /// The scan to begin, or to go on with. One that fails is forgotten, and begins again where it began: a page's
    /// token may be no good any more.
    pub(super) fn next(&mut self, overlap: Duration, since: i64) -> Scan {
        if let Some(scan) = self.unfinished.take() {
            return scan;
        }
        self.scans += 1;
        let back = if self.scans % FULL_OVERLAP_EVERY == 1 {
            overlap
        } else {
            SHORT_OVERLAP.min(overlap)
        };
        Scan {
            from: since.max(self.newest - back.as_millis() as i64),
            token: None,
            newest: self.newest,
        }
    }
}

impl Reader {
    /// The groups' names in the database.
    pub(super) fn checkpoint_names(backend: &Backend) -> [String; 3] {
        log_groups(backend).map(|(_, name)| checkpoint_name(backend, &name))
    }

    /// `checkpoints` says how far each group was read, in the order of [`Self::checkpoint_names`].
    pub(super) fn new(backend: &Backend, checkpoints: [Option<i64>; 3]) -> Self {
        let mut checkpoints = checkpoints.into_iter();
        let groups = log_groups(backend).map(|(source, name)| {
            let checkpoint = checkpoints.next().flatten().unwrap_or(0);
            Group {
                checkpoint_name: checkpoint_name(backend, &name),
                name,
                source,
                checkpoint,
                newest: checkpoint,
                scans: 0,
                unfinished: None,
            }
        });
        Self {
            groups,
            catch_up: VecDeque::new(),
            container: backend.container.clone(),
            trouble: None,
        }
    }

    /// Up to where the tasks' group was read.
    pub(super) fn tasks_checkpoint(&mut self) -> i64 {
        let group = self.group(LogSource::Worker);
        group.checkpoint.max(group.newest)
    }

    /// The group to which `source` writes: not the app, which has none.
    pub(super) fn group(&mut self, source: LogSource) -> &mut Group {
        let mut groups = self.groups.iter_mut();
        groups
            .find(|group| group.source == source)
            .expect("every source on AWS has a group")
    }

    /// Reads a task's stream from its start, once.
    pub(super) fn catch_up(&mut self, job: JobId, task_id: &str) {
        let stream = names::task_log_stream(names::LOG_STREAM_PREFIX, &self.container, task_id);
        if !self.catch_up.iter().any(|(_, known, _)| *known == stream) {
            self.catch_up.push_back((job, stream, None));
        }
    }

    pub(super) fn is_catching_up(&self, job: JobId) -> bool {
        self.catch_up.iter().any(|(id, ..)| *id == job)
    }

    /// What Lambda said of the function as a whole since `unix_millis`.
    pub(super) fn trouble_since(&self, unix_millis: i64) -> Option<&str> {
        let (at, text) = self.trouble.as_ref()?;
        (*at >= unix_millis).then_some(text.as_str())
    }
}
