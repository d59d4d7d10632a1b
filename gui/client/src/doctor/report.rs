//! The parts of a backend, and what was found of each.

use std::time::Duration;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Who the app is to AWS.
    Credentials,
    /// The region, and whether the bucket lies in it.
    Region,
    /// The bucket, and whether its folders can be listed.
    Bucket,
    /// The bucket's rules, which tell of uploads and thumbnails.
    Events,
    /// The queue of uploads' events.
    Queue,
    /// Where events go that could not be handled.
    DeadLetters,
    /// The function that runs tasks.
    UploadFunction,
    /// The function that logs thumbnails' URLs.
    ThumbnailFunction,
    /// The ECS cluster.
    Cluster,
    /// The worker's task definition.
    TaskDefinition,
    /// What the task may do.
    Roles,
    /// Where functions and tasks write.
    Logs,
    /// The library in this program that decodes previews.
    Libav,
}

impl Component {
    /// All of them, in the order in which a job meets them.
    pub const ALL: [Self; 13] = [
        Self::Credentials,
        Self::Region,
        Self::Bucket,
        Self::Events,
        Self::Queue,
        Self::DeadLetters,
        Self::UploadFunction,
        Self::ThumbnailFunction,
        Self::Cluster,
        Self::TaskDefinition,
        Self::Roles,
        Self::Logs,
        Self::Libav,
    ];

    /// Its name, for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Credentials => "Credentials",
            Self::Region => "Region",
            Self::Bucket => "Bucket",
            Self::Events => "Event rules",
            Self::Queue => "Queue",
            Self::DeadLetters => "Dead-letter queue",
            Self::UploadFunction => "Upload function",
            Self::ThumbnailFunction => "Thumbnail function",
            Self::Cluster => "Cluster",
            Self::TaskDefinition => "Task definition",
            Self::Roles => "Task roles",
            Self::Logs => "Log groups",
            Self::Libav => "Decoder",
        }
    }

    /// Its name, for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Region => "region",
            Self::Bucket => "bucket",
            Self::Events => "event_rules",
            Self::Queue => "queue",
            Self::DeadLetters => "dead_letter_queue",
            Self::UploadFunction => "upload_function",
            Self::ThumbnailFunction => "thumbnail_function",
            Self::Cluster => "cluster",
            Self::TaskDefinition => "task_definition",
            Self::Roles => "roles",
            Self::Logs => "log_groups",
            Self::Libav => "libav",
        }
    }
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Passed,
    /// It works, or nobody could look; something about it wants attention.
    Warning,
    /// Jobs fail by it.
    Failed,
    /// This backend has none, and needs none.
    NotNeeded,
}

impl CheckState {
    /// Its name, for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotNeeded => "not_needed",
        }
    }
}

/// Text that mends something, to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What it is: `policy` or `command`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// How the part is.
    pub state: CheckState,
    /// What was found, in a sentence without its full stop.
    pub what: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// What to copy for that.
    pub remedy: Option<Remedy>,
    /// Nothing answered, or nothing was asked: that says nothing of the part itself.
    pub unanswered: bool,
}

impl CheckResult {
    fn new(state: CheckState, what: impl Into<String>) -> Self {
        Self {
            state,
            what: what.into(),
            advice: None,
            remedy: None,
            unanswered: false,
        }
    }

    /// All is well.
    pub fn passed(what: impl Into<String>) -> Self {
        Self::new(CheckState::Passed, what)
    }

    /// Something wants attention.
    pub fn warning(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckState::Warning, what).advise(advice)
    }

    /// Jobs fail by it.
    pub fn failed(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckState::Failed, what).advise(advice)
    }

    pub(super) fn not_needed() -> Self {
        Self::new(CheckState::NotNeeded, "not needed on this computer")
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub(super) fn remedy(mut self, kind: &'static str, text: impl Into<String>) -> Self {
        self.remedy = Some(Remedy {
            kind,
            text: text.into(),
        });
        self
    }
}

/// One part, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentCheck {
    /// The part.
    pub part: Component,
    /// What was found.
    pub finding: CheckResult,
    /// How long it took.
    pub took: Duration,
}
