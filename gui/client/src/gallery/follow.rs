//! Thumbnails of jobs that are done appear by themselves: each is looked for once, not the whole bucket again.

use std::collections::HashSet;
use std::time::Duration;

use posterframe_contract::JobId;
use tokio_util::sync::CancellationToken;

use super::state::State;
use super::{deletion, list};

/// Jobs change many times a second while they run.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// Goes on until `closing`. Nothing is asked before someone has looked at the gallery.
pub(super) async fn follow(inner: &State, closing: CancellationToken) {
    let mut changes = inner.registry.changes();
    let mut seen: HashSet<(JobId, u32)> = HashSet::new();
    let mut looked_at = false;
    let work = async {
        deletion::resume(inner).await;
        while changes.changed().await.is_ok() {
            tokio::time::sleep(DEBOUNCE).await;
            changes.mark_unchanged();
            let complete = inner.index.lock().is_complete();
            for job in inner.registry.jobs().iter() {
                let ours = job.first_file().is_some() && job.backend == inner.session.backend.name;
                // What was done before the first listing is in it.
                let fresh = ours && seen.insert((job.id, job.attempt)) && looked_at;
                if fresh && let Err(error) = list::job(inner, &job.manifest_key).await {
                    tracing::warn!("a new thumbnail is not shown yet: {error}");
                    seen.remove(&(job.id, job.attempt));
                } else if fresh {
                    inner.registry.changed();
                }
            }
            looked_at |= complete;
        }
    };
    closing.run_until_cancelled(work).await;
    inner.trash.empty().await;
}
