//! How long a task is waited for, and jobs that were given up although their task came.

use std::time::Duration;

use posterframe_contract::JobId;

use super::LONG;
use super::aws::HOUR;
use super::stage::{Stage, manifest_key};
use crate::model::{JobState, Phase};
use crate::watch::clock::Clock;

const MINUTE: f64 = 60.0;
const QUOTA: &str =
    "RunTask failed: You've reached the limit on the number of vCPUs you can run concurrently";

// Breaks if a job of a large batch is given up while the queue still tries for it, as it does for two hours.
#[tokio::test]
async fn a_task_may_come_as_late_as_its_event() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let (busy, silent) = (stage.uploaded(&registry), stage.uploaded(&registry));
    for minute in 0..115 {
        stage.function_fails(busy, f64::from(minute) * MINUTE, QUOTA);
    }
    for id in [busy, silent] {
        stage.task(id, [115.0 * MINUTE, 116.0 * MINUTE, 117.0 * MINUTE], Some(0));
    }
    stage.watch(&mut watcher, Duration::from_mins(114)).await;
    for id in [busy, silent] {
        assert_eq!(registry.job(id).unwrap().state, JobState::Waiting);
    }
    // A restart does not begin to count anew, nor does it end the patience.
    drop((watcher, registry));
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_mins(30)).await;
    for id in [busy, silent] {
        assert_eq!(registry.job(id).unwrap().state, JobState::Done);
    }
}

// Breaks if somebody waits for hours for what will not pass, or for ever for what does not come.
#[tokio::test]
async fn what_will_not_pass_is_said_soon() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let (denied, silent) = (stage.uploaded(&registry), stage.uploaded(&registry));
    for minute in 0..20 {
        let error = "RunTask failed: x is not authorized to perform: ecs:RunTask on resource: y";
        stage.function_fails(denied, f64::from(minute) * MINUTE, error);
    }
    stage.watch(&mut watcher, Duration::from_mins(15)).await;
    let failed = registry.job(denied).unwrap();
    assert_eq!(
        failed.failure.as_ref().unwrap().title,
        "The function may not run the task"
    );
    assert_eq!(registry.job(silent).unwrap().state, JobState::Waiting);
    stage.watch(&mut watcher, Duration::from_mins(110)).await;
    assert_eq!(registry.job(silent).unwrap().state, JobState::Failed);
    // After a closed app of hours, ten minutes are enough.
    let late = stage.uploaded(&registry);
    drop((watcher, registry));
    stage.clock.advance_to(stage.clock.now() + HOUR * 5);
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_mins(15)).await;
    assert_eq!(registry.job(late).unwrap().state, JobState::Failed);
}

// Breaks if a job stays failed for want of a task although its task or its thumbnail came later, one that has none is
// looked for again and again, or one is touched that failed of something else.
#[tokio::test]
async fn late_tasks_mend_their_jobs() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let ids: [JobId; 5] = std::array::from_fn(|_| stage.uploaded(&registry));
    let [pictured, running, nothing, unsent, old] = ids;
    registry
        .update(unsent, |job| {
            let created = job.created;
            job.phases[Phase::Event as usize].started = None;
            job.end(JobState::Failed, created);
        })
        .await;
    stage.watch(&mut watcher, LONG).await;
    let failed = |id: JobId| registry.job(id).unwrap().state == JobState::Failed;
    assert!(ids.into_iter().all(failed));
    registry
        .update(old, |job| {
            job.ended = job.ended.map(|ended| ended - time::Duration::days(15));
        })
        .await;
    assert!(watcher.mended().borrow().as_ref().is_some_and(Vec::is_empty));
    drop((watcher, registry));
    // The app is closed for a day; the events are given out again meanwhile.
    stage.clock.advance_to(stage.clock.now() + HOUR * 24);
    for id in [pictured, unsent, old] {
        let written = stage.clock.passed().saturating_sub(HOUR);
        stage
            .sim
            .lock()
            .unwrap()
            .manifests
            .insert(manifest_key(id), written);
    }
    stage.task(running, [0.0, 1.0, 100.0], Some(0));
    let before = ids.map(|id| stage.fetches(id));
    let (mut watcher, registry) = stage.watcher();
    let mended = watcher.mended();
    stage.watch(&mut watcher, LONG).await;
    let state = |id: JobId| registry.job(id).unwrap().state;
    assert_eq!(
        (state(pictured), state(running)),
        (JobState::Done, JobState::Done)
    );
    let job = registry.job(pictured).unwrap();
    assert!(job.failure.is_none() && job.files().next().is_some());
    for id in [nothing, unsent, old] {
        assert_eq!(state(id), JobState::Failed);
    }
    let mut told = mended.borrow().clone().unwrap();
    told.sort_unstable();
    assert_eq!(told, [pictured, running]);
    let fetched = |id: JobId| {
        let index = ids.iter().position(|known| *known == id).unwrap();
        stage.fetches(id) - before[index]
    };
    let all = [pictured, nothing, unsent, old].map(fetched);
    assert_eq!(all, [1, 1, 0, 0]);
    assert_eq!(watcher.round().await, None);
}

// Breaks if a command that takes up what was interrupted waits for a network before it does.
#[tokio::test]
async fn nobody_waits_for_late_tasks_without_a_network() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let id = stage.uploaded(&registry);
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Failed);
    drop((watcher, registry));
    stage.task(id, [0.0, 1.0, 2.0], Some(0));
    stage.sim.lock().unwrap().throttled_until = stage.clock.passed() + Duration::from_mins(10);
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_mins(1)).await;
    assert!(watcher.mended().borrow().as_ref().is_some_and(Vec::is_empty));
    // It is looked for all the same.
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Done);
}
