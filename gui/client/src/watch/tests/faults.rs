//! What goes wrong on the way: a download that stalls, a disk that takes nothing.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Notify;

use super::LONG;
use super::stage::{PUT, Stage, messages};
use crate::model::JobState;

// Breaks if one slow thumbnail holds up the watching of all other jobs, or is fetched again while it is on its way.
#[tokio::test]
async fn a_stalled_download_holds_nobody_up() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let (slow, other) = (stage.uploaded(&registry), stage.uploaded(&registry));
    stage.task(slow, [1.0, 10.0, 30.0], Some(0));
    stage.task(other, [1.0, 10.0, 300.0], Some(0));
    stage.line(slow, 29.0, 0.5, PUT);
    stage.line(other, 200.0, 0.5, "still at it");
    let released = Arc::new(Notify::new());
    let key = registry.job(slow).unwrap().manifest_key.clone();
    stage.sim.lock().unwrap().stalled.insert(key, released.clone());
    stage.watch(&mut watcher, Duration::from_mins(1)).await;
    let fetches = stage.fetches(slow);
    stage.watch(&mut watcher, Duration::from_mins(3)).await;
    assert_eq!(registry.job(slow).unwrap().state, JobState::Running);
    assert_eq!(messages(stage.folder.path(), other), ["still at it"]);
    assert_eq!(stage.fetches(slow), fetches);
    while !registry.job(other).unwrap().state.is_ended() {
        stage.watch(&mut watcher, Duration::from_secs(1)).await;
    }
    assert_eq!(registry.job(other).unwrap().state, JobState::Done);
    released.notify_one();
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(slow).unwrap().state, JobState::Done);
}

// Breaks if a thumbnail that was on its way for an earlier try of a job counts for the next one.
#[tokio::test]
async fn a_download_of_an_earlier_try_is_left() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let id = stage.uploaded(&registry);
    stage.task(id, [1.0, 10.0, 30.0], Some(0));
    let released = Arc::new(Notify::new());
    let key = registry.job(id).unwrap().manifest_key.clone();
    stage.sim.lock().unwrap().stalled.insert(key, released.clone());
    stage.watch(&mut watcher, Duration::from_mins(1)).await;
    assert!(stage.fetches(id) > 0);
    let now = registry.now();
    registry
        .update(id, move |job| {
            job.begin_again("jobs/a.json".into(), now);
        })
        .await;
    released.notify_one();
    stage.watch(&mut watcher, Duration::from_mins(1)).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Queued);
}

// Breaks if lines that could not be written, for a full disk, are skipped: the reading of their group or of their
// stream goes on from where it was.
#[tokio::test]
async fn a_failed_write_skips_no_line() {
    const LINES: usize = 40;
    let stage = Stage::new();
    stage.sim.lock().unwrap().page = 7;
    let (mut watcher, registry) = stage.watcher();
    // One is followed as it runs. The other's task is there before it is known: its stream is read from the start.
    let (running, found) = (stage.uploaded(&registry), stage.uploaded(&registry));
    stage.task(running, [1.0, 2.0, 400.0], Some(0));
    let arn = stage.task(found, [1.0, 2.0, 400.0], Some(0));
    let hidden = stage.sim.lock().unwrap().tasks.remove(&arn).unwrap();
    for n in 0..LINES {
        stage.line(running, 3.0 + n as f64, 0.5, &format!("line {n}"));
        stage.line(found, 4.0 + n as f64 / 8.0, 0.5, &format!("line {n}"));
    }
    let disk = Connection::open(stage.folder.path().join("history.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON log_lines WHEN NEW.source > 0
                BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    stage.watch(&mut watcher, Duration::from_secs(15)).await;
    disk.execute_batch(full).unwrap();
    stage.sim.lock().unwrap().tasks.insert(arn, hidden);
    stage.watch(&mut watcher, Duration::from_mins(2)).await;
    assert!(messages(stage.folder.path(), running).len() < LINES);
    disk.execute_batch("DROP TRIGGER full").unwrap();
    stage.watch(&mut watcher, Duration::from_mins(1)).await;
    for id in [running, found] {
        let mut lines = messages(stage.folder.path(), id);
        lines.retain(|line| line.starts_with("line "));
        assert_eq!(lines.len(), LINES, "{lines:?}");
    }
}
