//! Whether a backend can do its work: each of its parts is looked at, nothing is changed, and what fails comes with
//! what to do about it. The window and the command line show the same list.

mod examiner;
mod facts;
mod fault;
mod functions;
mod report;
mod signed_request;
mod storage;
mod tasks;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use examiner::Examiner;
use futures::stream::{FuturesUnordered, Stream};

use crate::config::Backend;

pub use report::{Check, CheckState, Finding, Part, Remedy};

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

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
                    None => look_at(&examiner, part).await,
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

async fn look_at(examiner: &Examiner, part: Part) -> Finding {
    let session = examiner.session().await;
    let aws_only = matches!(
        part,
        Part::Queue | Part::DeadLetters | Part::UploadFunction | Part::ThumbnailFunction | Part::Roles
    );
    if session.backend.is_local() && aws_only {
        return Finding::not_needed();
    }
    let found = match part {
        Part::Credentials => examiner.credentials().await,
        Part::Region => examiner.region().await,
        Part::Bucket => examiner.bucket().await,
        Part::Events => examiner.events().await,
        Part::Queue => examiner.queue().await,
        Part::DeadLetters => examiner.dead_letters().await,
        Part::UploadFunction => examiner.function(&session.backend.upload_function, true).await,
        Part::ThumbnailFunction => {
            examiner
                .function(&session.backend.thumbnail_function, false)
                .await
        }
        Part::Cluster => examiner.cluster().await,
        Part::TaskDefinition => examiner.task_definition().await,
        Part::Roles => examiner.roles().await,
        Part::Logs => examiner.logs().await,
        Part::Libav => Ok(Finding::not_needed()),
    };
    found.unwrap_or_else(|fault| fault.finding(session, part))
}
