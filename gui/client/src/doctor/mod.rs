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

pub use report::{CheckResult, CheckState, Component, ComponentCheck, Remedy};

/// How long a part may take to answer.
const COMPONENT_TIMEOUT: Duration = Duration::from_secs(15);

type Look = Pin<Box<dyn Future<Output = ComponentCheck> + Send>>;

/// Looks at every part of `backend` at once; each comes as soon as it is known. Dropping the stream ends it.
///
/// `libav` looks at the decoder in this program, which this crate does not know.
pub fn check(
    backend: Backend,
    libav: impl Future<Output = CheckResult> + Send + 'static,
) -> impl Stream<Item = ComponentCheck> + Send {
    let looks: FuturesUnordered<Look> = FuturesUnordered::new();
    let examiner = Arc::new(Examiner::new(backend));
    let mut libav = Some(libav);
    for part in Component::ALL {
        let examiner = examiner.clone();
        let libav = if part == Component::Libav {
            libav.take()
        } else {
            None
        };
        looks.push(Box::pin(async move {
            let asked = Instant::now();
            let look = async {
                match libav {
                    Some(libav) => libav.await,
                    None => look_at(&examiner, part).await,
                }
            };
            let finding = tokio::time::timeout(COMPONENT_TIMEOUT, look)
                .await
                .unwrap_or_else(|_| {
                    let what = format!("no answer within {} s", COMPONENT_TIMEOUT.as_secs());
                    CheckResult::failed(what, "Check the network, a proxy or firewall, and the endpoint")
                });
            ComponentCheck {
                part,
                finding,
                took: asked.elapsed(),
            }
        }));
    }
    looks
}

async fn look_at(examiner: &Examiner, part: Component) -> CheckResult {
    let session = examiner.session().await;
    let aws_only = matches!(
        part,
        Component::Queue
            | Component::DeadLetters
            | Component::UploadFunction
            | Component::ThumbnailFunction
            | Component::Roles
    );
    if session.backend.is_local() && aws_only {
        return CheckResult::not_needed();
    }
    let found = match part {
        Component::Credentials => examiner.credentials().await,
        Component::Region => examiner.region().await,
        Component::Bucket => examiner.bucket().await,
        Component::Events => examiner.events().await,
        Component::Queue => examiner.queue().await,
        Component::DeadLetters => examiner.dead_letters().await,
        Component::UploadFunction => examiner.function(&session.backend.upload_function, true).await,
        Component::ThumbnailFunction => {
            examiner
                .function(&session.backend.thumbnail_function, false)
                .await
        }
        Component::Cluster => examiner.cluster().await,
        Component::TaskDefinition => examiner.task_definition().await,
        Component::Roles => examiner.roles().await,
        Component::Logs => examiner.logs().await,
        Component::Libav => Ok(CheckResult::not_needed()),
    };
    found.unwrap_or_else(|fault| fault.finding(session, part))
}
