//! The registry, on a database in a folder of its own.

use super::*;
use crate::model::job::tests::job;

fn registry(folder: &Path) -> Arc<JobRegistry> {
    Arc::new(JobRegistry::open(&folder.join("history.db"), Arc::default()).unwrap())
}

// Breaks if a clock that is set during an upload, or a night's sleep, counts as its duration.
#[tokio::test]
async fn an_upload_lasts_as_long_as_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    for hours in [-1, 1] {
        let mut job = job(JobId::new());
        // As if the clock was set by so much right after the submit.
        job.phases[0].started = Some(OffsetDateTime::now_utc() + time::Duration::hours(hours));
        let id = job.id;
        registry.insert(job).await.unwrap();
        let (job, ()) = registry
            .end_upload(id, |job, now| job.begin(Phase::Event, now))
            .await
            .unwrap();
        let took = job
            .phase(Phase::Upload)
            .duration(OffsetDateTime::now_utc())
            .unwrap();
        assert!(took < Duration::from_mins(1), "{took:?}");
        // And nothing after it is put off by what was noted.
        let event = job.phase(Phase::Event).started.unwrap();
        assert!((event - OffsetDateTime::now_utc()).abs() < time::Duration::minutes(1));
    }
}

// Breaks if a log that nobody looked at is read on the window's thread, or a line that comes meanwhile is lost.
#[tokio::test]
async fn a_log_is_loaded_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let id = JobId::new();
    let first = registry(folder.path());
    first.insert(job(id)).await.unwrap();
    first.note(id, LogLevel::Info, "earlier");
    drop(first);
    let registry = registry(folder.path());
    let mut changes = registry.changes();
    assert!(registry.log(id).is_loading());
    registry.note(id, LogLevel::Info, "meanwhile");
    while registry.log(id).is_loading() {
        changes.changed().await.unwrap();
    }
    registry.note(id, LogLevel::Info, "later");
    registry.flushed().await;
    let log = registry.log(id);
    let messages: Vec<_> = log.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(messages, ["earlier", "meanwhile", "later"]);
    assert!(registry.log(JobId::new()).is_empty());
}

// Breaks if a thousand watched jobs fill the memory with their logs.
#[tokio::test]
async fn few_logs_are_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    for _ in 0..3 * MAX_LOGS_IN_MEMORY {
        let id = JobId::new();
        registry.insert(job(id)).await.unwrap();
        registry.log(id);
        registry.note(id, LogLevel::Info, "x");
    }
    assert_eq!(registry.shared.state().logs.len(), MAX_LOGS_IN_MEMORY);
}

/// What another process would find.
fn on_disk(folder: &Path, id: JobId) -> Option<Job> {
    Store::open(&folder.join("history.db")).unwrap().job(id).unwrap()
}

// Breaks if of two changes at once the older one is what stays on disk, or one is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_change_is_lost() {
    const TASKS: u32 = 8;
    const CHANGES: u32 = 25;
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let id = JobId::new();
    registry.insert(job(id)).await.unwrap();
    let tasks = (0..TASKS).map(|_| {
        let registry = registry.clone();
        tokio::spawn(async move {
            for _ in 0..CHANGES {
                registry.update(id, |job| job.attempt += 1).await.unwrap();
                // What is only in memory comes between, and takes nothing back.
                let progress = crate::UploadProgress {
                    sent: 1,
                    total: 7,
                    bytes_per_second: 1.0,
                };
                registry.change(id, |job| job.upload = Some(progress));
            }
        })
    });
    futures::future::join_all(tasks).await;
    assert_eq!(registry.job(id).unwrap().attempt, 1 + TASKS * CHANGES);
    assert_eq!(on_disk(folder.path(), id).unwrap().attempt, 1 + TASKS * CHANGES);
}

// Breaks if a job comes back that was forgotten while others still had something to say of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_forgotten_job_stays_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    for _ in 0..20 {
        let id = JobId::new();
        let ended = Job {
            state: JobState::Done,
            ..job(id)
        };
        registry.insert(ended).await.unwrap();
        let busy = (0..4).map(|_| {
            let registry = registry.clone();
            tokio::spawn(async move {
                while registry.update(id, |job| job.attempt += 1).await.is_some() {
                    registry.note(id, LogLevel::Info, "still here");
                }
            })
        });
        let busy: Vec<_> = busy.collect();
        registry.forget(id).await.unwrap();
        futures::future::join_all(busy).await;
        registry.flushed().await;
        assert!(registry.job(id).is_none() && on_disk(folder.path(), id).is_none());
        assert!(registry.log_since(id, 0).await.0.is_empty());
    }
}

// Breaks if a job that somebody begins again is forgotten, or a job under way is.
#[tokio::test]
async fn only_what_has_ended_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let id = JobId::new();
    registry.insert(job(id)).await.unwrap();
    let refused = registry.forget(id).await.unwrap_err();
    assert!(matches!(refused, ClientError::NotNow(_)), "{refused}");
    assert!(registry.job(id).is_some() && on_disk(folder.path(), id).is_some());
}

// Breaks if a slow disk holds up the threads of the runtime: here it has but one, which has to free the disk itself.
#[tokio::test]
async fn a_slow_disk_holds_up_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let id = JobId::new();
    registry.insert(job(id)).await.unwrap();
    let (free, held) = std::sync::mpsc::channel::<()>();
    let slow = registry.write(move |_| held.recv());
    let change = registry.update(id, |job| job.attempt = 7);
    registry.note(id, LogLevel::Info, "a note waits for nobody");
    assert_eq!(registry.job(id).unwrap().attempt, 1);
    // A log is read beside what is written.
    assert!(registry.log_since(id, 0).await.0.is_empty());
    free.send(()).unwrap();
    assert!(slow.await.is_ok());
    assert_eq!(change.await.unwrap().attempt, 7);
}

// Breaks if what was asked for before somebody went away is done after what was asked for since: a halted upload would
// undo the pause.
#[tokio::test]
async fn what_nobody_waits_for_is_done_in_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let id = JobId::new();
    registry.insert(job(id)).await.unwrap();
    drop(registry.update(id, |job| job.state = JobState::Uploading));
    registry.update(id, |job| job.state = JobState::Paused).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Paused);
    assert_eq!(on_disk(folder.path(), id).unwrap().state, JobState::Paused);
}

// Breaks if a panic over one change ends the history, or is taken for a change that went well.
#[tokio::test]
async fn a_panic_is_its_askers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    let id = JobId::new();
    registry.insert(job(id)).await.unwrap();
    let broken = registry.update(id, |_| panic!("as the test wants it"));
    let broken = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(broken));
    assert!(broken.await.is_err());
    registry.update(id, |job| job.attempt = 2).await;
    assert_eq!(on_disk(folder.path(), id).unwrap().attempt, 2);
}

// Breaks if a thread of a runtime that waits often, as for the jobs of a large submission, waits for ever.
#[tokio::test]
async fn waiting_often_comes_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    for _ in 0..500 {
        registry.flushed().wait();
    }
}

// Breaks if a clock that is set during an upload makes it last an hour, or less than nothing.
#[test]
fn a_jump_does_not_count() {
    let at = |seconds| OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds);
    let took = Duration::from_secs(10);
    assert_eq!(measured_begin(at(100), at(110), took), None);
    assert_eq!(measured_begin(at(100), at(3_710), took), Some(at(3_700)));
    assert_eq!(measured_begin(at(7_200), at(3_610), took), Some(at(3_600)));
}
