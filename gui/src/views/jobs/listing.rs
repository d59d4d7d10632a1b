//! The rows of the list of jobs. They are computed only when jobs, filter text or states change, so that drawing costs no
//! more for thousands of jobs than for the rows on the screen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use posterframe_client::{Job, JobState};
use posterframe_contract::JobId;

/// All jobs, newest first, as the client gives them.
pub(super) type Jobs = Arc<Vec<Arc<Job>>>;

/// The list's filter by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    All,
    Active,
    Done,
    Failed,
}

impl Shown {
    pub(super) const ALL: [Self; 4] = [Self::All, Self::Active, Self::Done, Self::Failed];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Done => "Done",
            Self::Failed => "Failed",
        }
    }

    fn holds(self, state: JobState) -> bool {
        match self {
            Self::All => true,
            Self::Active => !state.is_ended(),
            Self::Done => state == JobState::Done,
            Self::Failed => state == JobState::Failed,
        }
    }
}

/// The rows of the list.
#[derive(Default)]
pub(super) struct Listing {
    jobs: Jobs,
    query: String,
    shown: Shown,
    hidden: HashSet<JobId>,
    /// Number of jobs in each of [`Shown::ALL`], regardless of the filter text.
    counts: [usize; 4],
    under_way: bool,
    /// The rows' jobs, as indices into `jobs`.
    rows: Vec<usize>,
    row_of: HashMap<JobId, usize>,
    /// Whether the rows have been computed at all.
    is_computed: bool,
}

impl Listing {
    /// Computes the rows anew if anything has changed.
    pub(super) fn update(&mut self, jobs: &Jobs, query: &str, shown: Shown, hidden: &HashSet<JobId>) {
        let same = Arc::ptr_eq(&self.jobs, jobs)
            && self.query == query
            && self.shown == shown
            && self.hidden == *hidden
            && self.is_computed;
        if same {
            return;
        }
        self.jobs = jobs.clone();
        query.clone_into(&mut self.query);
        self.shown = shown;
        self.hidden.clone_from(hidden);
        self.counts = [0; 4];
        self.under_way = false;
        self.rows.clear();
        self.row_of.clear();
        self.is_computed = true;
        let terms: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        for (index, job) in jobs.iter().enumerate() {
            if hidden.contains(&job.id) {
                continue;
            }
            self.under_way |= !job.state.is_ended();
            for (count, state) in self.counts.iter_mut().zip(Shown::ALL) {
                *count += usize::from(state.holds(job.state));
            }
            if shown.holds(job.state) && matches(job, &terms) {
                self.row_of.insert(job.id, self.rows.len());
                self.rows.push(index);
            }
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Number of jobs in each of [`Shown::ALL`].
    pub(super) fn counts(&self) -> [usize; 4] {
        self.counts
    }

    /// Whether any job is under way.
    pub(super) fn under_way(&self) -> bool {
        self.under_way
    }

    /// The job of a row.
    pub(super) fn job(&self, row: usize) -> Option<&Arc<Job>> {
        self.jobs.get(*self.rows.get(row)?)
    }

    /// The row of a job; `None` if it is filtered out.
    pub(super) fn row(&self, id: JobId) -> Option<usize> {
        self.row_of.get(&id).copied()
    }

    /// The jobs of all rows.
    pub(super) fn jobs(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.rows.iter().filter_map(|index| self.jobs.get(*index))
    }
}

/// Whether each term is part of the video's or a file's name, or begins the id of the job or of its task.
fn matches(job: &Job, terms: &[String]) -> bool {
    if terms.is_empty() {
        return true;
    }
    let names = format!("{}\n{}", job.video.name, job.file_names().join("\n")).to_lowercase();
    let id = job.id.to_string();
    let task = job.task.as_ref().map_or("", |task| task.id());
    terms.iter().all(|word| {
        names.contains(word.as_str()) || id.starts_with(word.as_str()) || task.starts_with(word.as_str())
    })
}
