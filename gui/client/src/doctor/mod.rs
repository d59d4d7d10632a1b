//! Whether a backend can do its work: each of its parts is looked at, nothing is changed, and what fails comes with
//! what to do about it. The window and the command line show the same list.

mod examiner;
mod fault;
mod functions;
mod plain;
mod storage;
mod tasks;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, Stream};

use crate::Backend;
use crate::session::Session;
use examiner::Examiner;

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Who the app is to AWS.
    Credentials,
    /// The region, and whether the bucket lies in it.
    Region,
    /// The bucket, and whether its two folders can be listed.
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

impl Part {
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
pub struct Finding {
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

impl Finding {
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

    fn not_needed() -> Self {
        Self::new(CheckState::NotNeeded, "not needed on this computer")
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn remedy(mut self, kind: &'static str, text: impl Into<String>) -> Self {
        self.remedy = Some(Remedy {
            kind,
            text: text.into(),
        });
        self
    }
}

/// One part, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The part.
    pub part: Part,
    /// What was found.
    pub finding: Finding,
    /// How long it took.
    pub took: Duration,
}

type Look = Pin<Box<dyn Future<Output = Check> + Send>>;

/// Looks at every part of `backend` at once; each comes as soon as it is known. Dropping the stream ends it.
///
/// `libav` looks at the decoder in this program, which this crate does not know.
pub fn check(
    backend: Backend,
    libav: impl Future<Output = Finding> + Send + 'static,
) -> impl Stream<Item = Check> + Send {
    let looks: FuturesUnordered<Look> = FuturesUnordered::new();
    let examiner = Arc::new(Examiner::new(backend));
    let mut libav = Some(libav);
    for part in Part::ALL {
        let examiner = examiner.clone();
        let libav = if part == Part::Libav { libav.take() } else { None };
        looks.push(Box::pin(async move {
            let asked = Instant::now();
            let look = async {
                match libav {
                    Some(libav) => libav.await,
                    None => examiner.look(part).await,
                }
            };
            let finding = tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| {
                let what = format!("no answer within {} s", PATIENCE.as_secs());
                Finding::failed(what, "Check the network, a proxy or firewall, and the endpoint")
            });
            Check {
                part,
                finding,
                took: asked.elapsed(),
            }
        }));
    }
    looks
}

impl Examiner {
    async fn look(&self, part: Part) -> Finding {
        let session = self.session().await;
        let aws_only = matches!(
            part,
            Part::Queue | Part::DeadLetters | Part::UploadFunction | Part::ThumbnailFunction | Part::Roles
        );
        if session.backend.is_local() && aws_only {
            return Finding::not_needed();
        }
        let found = match part {
            Part::Credentials => self.credentials().await,
            Part::Region => self.region().await,
            Part::Bucket => self.bucket().await,
            Part::Events => self.events().await,
            Part::Queue => self.queue().await,
            Part::DeadLetters => self.dead_letters().await,
            Part::UploadFunction => self.function(&session.backend.upload_function, true).await,
            Part::ThumbnailFunction => self.function(&session.backend.thumbnail_function, false).await,
            Part::Cluster => self.cluster().await,
            Part::TaskDefinition => self.task_definition().await,
            Part::Roles => self.roles().await,
            Part::Logs => self.logs().await,
            Part::Libav => Ok(Finding::not_needed()),
        };
        found.unwrap_or_else(|fault| fault.finding(session, part))
    }
}

/// Whose name a session acts under does not matter to most parts; an unusable login matters to all.
fn profile_words(session: &Session) -> String {
    session.backend.profile.as_ref().map_or_else(
        || "the default profile".to_owned(),
        |name| format!("profile {name}"),
    )
}
