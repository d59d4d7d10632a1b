//! The logs of all jobs at once: three log groups, each read by time from where it was left.
//!
//! `FilterLogEvents` gives every event its id, so that what is read twice is known (see [`crate::store`]); a group is
//! read some way back each time, for CloudWatch shows lines late and not in order across streams.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use posterframe_contract::{JobId, names};

use super::Watcher;
use super::cloud::{Cloud, EventPage, LogQuery, log_groups};
use crate::clock::Clock;
use crate::logs::{is_put, is_trouble, job_of, parse};
use crate::store::Entry;
use crate::{Backend, ClientError, Job, JobState, LogLevel, LogLine, LogSource, Phase};

/// Pages of one group or stream in one turn: others want theirs too.
const PAGES: usize = 20;
/// Every so many scans go back by the whole overlap; those between by a little.
const DEEP: u32 = 5;
/// How far back the others go.
const LITTLE: Duration = Duration::from_secs(2);
/// How long after a task's creation the function that made it may still log of it.
const REPLY: Duration = Duration::from_secs(30);
/// The backend's own clocks disagree by less.
const SKEW_MS: i64 = 60_000;

const SOURCES: [LogSource; 3] = [
    LogSource::UploadTrigger,
    LogSource::Worker,
    LogSource::ThumbnailTrigger,
];

/// Where the reading of the log groups stands.
pub(super) struct Reader {
    groups: [Group; 3],
    /// Streams to be read from their start: the job, the stream, and the page that comes next.
    catch_up: VecDeque<(JobId, String, Option<String>)>,
    container: String,
    /// The last thing that Lambda said of the function upload-trigger as a whole, and when.
    trouble: Option<(i64, String)>,
}

struct Group {
    name: String,
    /// Its name in the database: another backend may have a group of the same name.
    place_name: String,
    source: LogSource,
    /// All before it was read, in milliseconds since the epoch.
    place: i64,
    /// The newest event of all scans that were read to their end and kept: what is older was seen.
    newest: i64,
    scans: u32,
    /// A scan that goes on in the next turn.
    unfinished: Option<Scan>,
}

/// One way through a group, page by page.
#[derive(Clone)]
struct Scan {
    /// From when on, in milliseconds since the epoch.
    from: i64,
    /// The page that comes next.
    token: Option<String>,
    /// The newest event of its pages so far.
    newest: i64,
}

impl Group {
    /// The scan to begin, or to go on with. One that fails is forgotten, and begins again where it began: a page's
    /// token may be no good any more.
    fn next(&mut self, overlap: Duration, since: i64) -> Scan {
        if let Some(scan) = self.unfinished.take() {
            return scan;
        }
        self.scans += 1;
        let back = if self.scans % DEEP == 1 {
            overlap
        } else {
            LITTLE.min(overlap)
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
    pub(super) fn place_names(backend: &Backend) -> [String; 3] {
        log_groups(backend).map(|name| format!("{} {name}", backend.name))
    }

    /// `places` says how far each group was read.
    pub(super) fn new(backend: &Backend, places: [Option<i64>; 3]) -> Self {
        let (names, place_names) = (log_groups(backend), Self::place_names(backend));
        let groups = std::array::from_fn(|index| {
            let place = places[index].unwrap_or(0);
            Group {
                name: names[index].clone(),
                place_name: place_names[index].clone(),
                source: SOURCES[index],
                place,
                newest: place,
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
    pub(super) fn tasks_place(&self) -> i64 {
        self.groups[1].place.max(self.groups[1].newest)
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

/// Whose lines are looked for.
struct Wanted {
    /// Jobs by the ids of their tasks.
    by_task: HashMap<String, JobId>,
    /// No line of any of them is older.
    since: i64,
    groups: [bool; 3],
}

impl Wanted {
    /// `told` says of which jobs the function has nothing more to say.
    fn of(jobs: &[Arc<Job>], drained: &[Arc<Job>], told: impl Fn(JobId) -> bool) -> Self {
        let all = || jobs.iter().chain(drained);
        // Before the upload was over, nobody but the app had anything to say.
        let uploaded = |job: &Arc<Job>| {
            let event = job.phase(Phase::Event).started;
            event.unwrap_or(job.created).unix_timestamp() * 1000
        };
        let runs = |job: &Arc<Job>| job.state == JobState::Running;
        Self {
            by_task: all()
                .filter_map(|job| Some((job.task.as_ref()?.id().to_owned(), job.id)))
                .collect(),
            since: all().map(uploaded).min().unwrap_or(0) - SKEW_MS,
            // Where something new can be.
            groups: [
                jobs.iter().any(|job| !told(job.id)) || !drained.is_empty(),
                jobs.iter().any(runs) || !drained.is_empty(),
                drained.iter().any(|job| job.state == JobState::Done),
            ],
        }
    }
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Reads what is new in the groups where something can be. Whether there was.
    pub(super) async fn read_logs(&mut self, jobs: &[Arc<Job>]) -> Result<bool, ClientError> {
        let drained: Vec<Arc<Job>> = self.draining.keys().filter_map(|id| self.hub.job(*id)).collect();
        let now = self.clock.now();
        // A function that has run a task has only its reply to log.
        let told = |id| {
            let seen = self.told.get(&id);
            seen.is_some_and(|seen| now.saturating_duration_since(*seen) > REPLY)
        };
        let wanted = Wanted::of(jobs, &drained, told);
        let mut new = false;
        for group in 0..wanted.groups.len() {
            if wanted.groups[group] {
                new |= self.scan(group, &wanted).await?;
            }
        }
        Ok(new)
    }

    async fn scan(&mut self, index: usize, wanted: &Wanted) -> Result<bool, ClientError> {
        let overlap = self.pace.overlap;
        let group = &mut self.reader.groups[index];
        let mut scan = group.next(overlap, wanted.since);
        let (name, source) = (group.name.clone(), group.source);
        let mut new = false;
        for _ in 0..PAGES {
            let query = LogQuery {
                group: name.clone(),
                stream: None,
                from: scan.from,
                token: scan.token.take(),
            };
            let cloud = self.cloud.clone();
            let page = self.budgeted(cloud.log_events(query)).await?;
            let newest = page.events.iter().map(|event| event.unix_millis).max();
            scan.newest = scan.newest.max(newest.unwrap_or(0));
            scan.token.clone_from(&page.next);
            let over = page.next.is_none();
            let entries = self.sort_out(page, source, wanted);
            // Only once all of it is read is there a place to go on from, and only once it is written is it read.
            let place = (over && scan.newest > 0).then(|| scan.newest - overlap.as_millis() as i64);
            let group = &self.reader.groups[index];
            let place = place.map(|place| group.place.max(place));
            let noted = place.map(|place| (group.place_name.clone(), place));
            new |= self.keep(entries, noted).await?;
            if over {
                let group = &mut self.reader.groups[index];
                group.newest = scan.newest;
                group.place = place.unwrap_or(group.place);
                return Ok(new);
            }
        }
        self.reader.groups[index].unfinished = Some(scan);
        Ok(true)
    }

    /// Reads the streams that were asked for from their start.
    pub(super) async fn catch_up(&mut self) -> Result<bool, ClientError> {
        let mut new = false;
        for _ in 0..PAGES {
            let Some((job, stream, token)) = self.reader.catch_up.pop_front() else {
                break;
            };
            let query = LogQuery {
                group: self.reader.groups[1].name.clone(),
                stream: Some(stream.clone()),
                from: 0,
                token: token.clone(),
            };
            match self.catch_up_page(job, query).await {
                Ok((more, next)) => {
                    new |= more;
                    if next.is_some() {
                        self.reader.catch_up.push_front((job, stream, next));
                    }
                }
                Err(error) => {
                    self.reader.catch_up.push_back((job, stream, token));
                    return Err(error);
                }
            }
        }
        Ok(new)
    }

    /// Reads a page of one job's stream. Whether anything was new, and the next page.
    async fn catch_up_page(
        &mut self,
        job: JobId,
        query: LogQuery,
    ) -> Result<(bool, Option<String>), ClientError> {
        let cloud = self.cloud.clone();
        let page = self.budgeted(cloud.log_events(query)).await?;
        let lines = page.events.into_iter().map(|event| Entry {
            line: parse(event.unix_millis, LogSource::Worker, &event.message, job),
            event: Some(event.id),
        });
        let new = self.keep(vec![(job, lines.collect())], None).await?;
        Ok((new, page.next))
    }

    /// The page's lines, each with its job. What is of no job that is looked for is left out.
    fn sort_out(&mut self, page: EventPage, source: LogSource, wanted: &Wanted) -> Vec<(JobId, Vec<Entry>)> {
        let mut sorted: HashMap<JobId, Vec<Entry>> = HashMap::new();
        for event in page.events {
            let job = if source == LogSource::Worker {
                wanted.by_task.get(names::task_id(&event.stream)).copied()
            } else {
                job_of(&event.message)
            };
            if let Some(job) = job {
                sorted.entry(job).or_default().push(Entry {
                    line: parse(event.unix_millis, source, &event.message, job),
                    event: Some(event.id),
                });
            } else if source == LogSource::UploadTrigger
                && is_trouble(&event.message)
                && self
                    .reader
                    .trouble
                    .as_ref()
                    .is_none_or(|(at, _)| *at < event.unix_millis)
            {
                self.reader.trouble = Some((event.unix_millis, event.message.trim().to_owned()));
            }
        }
        sorted.into_iter().collect()
    }

    /// Writes lines to disk, and takes in what they say. Whether any was new. An error, and also a panic of the writer,
    /// means that they are to be read again.
    async fn keep(
        &mut self,
        entries: Vec<(JobId, Vec<Entry>)>,
        place: Option<(String, i64)>,
    ) -> Result<bool, ClientError> {
        if entries.is_empty() && place.is_none() {
            return Ok(false);
        }
        let written = AssertUnwindSafe(self.hub.append(entries, place)).catch_unwind();
        let new = written.await.unwrap_or(Err(ClientError::NotWritten))?;
        for (id, lines) in &new {
            self.heed(*id, lines).await;
        }
        Ok(!new.is_empty())
    }

    /// What a job's new lines say about where it is.
    async fn heed(&mut self, id: JobId, lines: &[LogLine]) {
        let worker = |line: &&LogLine| line.source == LogSource::Worker;
        if lines.iter().filter(worker).any(|line| is_put(&line.message)) {
            self.ready.insert(id);
        }
        let error = lines
            .iter()
            .rev()
            .find(|line| line.source == LogSource::UploadTrigger && line.level == LogLevel::Error);
        if let Some(error) = error
            && self.hub.job(id).is_some_and(|job| job.task.is_none())
        {
            let message = error.message.clone();
            let noted = self.hub.update(id, |job| job.function_error = Some(message));
            noted.await;
        }
        if lines.iter().any(|line| line.source == LogSource::UploadTrigger) {
            let now = self.clock.now();
            self.tasks.hurry(now);
        }
    }
}
