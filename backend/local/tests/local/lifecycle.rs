//! Starts, ends and crashes.

use std::path::Path;
use std::time::Duration;

use posterframe_contract::names;
use posterframe_local::{Error, LocalBackend, Options, Program};

use crate::support::{Local, programs, start, start_with};

// Breaks if two windows write to one folder, or one that was closed keeps it.
#[tokio::test]
async fn one_backend_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let second = LocalBackend::start(Options::new(folder.path(), programs())).await;
    let error = second.unwrap_err();
    assert!(matches!(error, Error::InUse(_)), "{error}");
    assert!(
        error.to_string().contains("another Posterframe is using"),
        "{error}"
    );
    first.backend.shutdown().await;
    start(folder.path()).await;
}

// Breaks if an installation that lacks a program, or settings that cannot work, are found out at the first job.
#[tokio::test]
async fn what_cannot_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path(), programs());
    options.programs.worker = Program::new("/nowhere/worker", [""; 0]);
    let error = LocalBackend::start(options).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/worker"), "{error}");
    let options = Options {
        max_tasks: 0,
        ..Options::new(folder.path(), programs())
    };
    assert!(matches!(
        LocalBackend::start(options).await,
        Err(Error::Setting(_))
    ));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = Options {
        port: Some(port),
        ..Options::new(folder.path(), programs())
    };
    let error = LocalBackend::start(options).await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()), "{error}");
}

// Breaks if closing the window hangs on a job, loses one that waits, or one that ran does not run again.
#[tokio::test]
async fn an_orderly_end() {
    let folder = tempfile::tempdir().unwrap();
    let one = || Options {
        max_tasks: 1,
        ..Options::new(folder.path(), programs())
    };
    let local = start_with(one()).await;
    let running = local.run(&["sleep"]).await;
    let waiting = local.run(&["exit", "7"]).await;
    local.put("kept", b"x").await;
    local.reached(&running, "RUNNING").await;
    // The task would go on for a minute.
    tokio::time::timeout(Duration::from_secs(30), local.backend.shutdown())
        .await
        .unwrap();

    let local = start_with(one()).await;
    let again = local.reached(&running, "RUNNING").await;
    assert!(
        again.started_at().is_some() && again.stop_code().is_none(),
        "{again:?}"
    );
    let stop = local.ecs.stop_task().cluster(names::CLUSTER).task(&running);
    stop.send().await.unwrap();
    let waited = local.reached(&waiting, "STOPPED").await;
    assert_eq!(waited.containers()[0].exit_code(), Some(7));
    assert_eq!(local.get("kept").await, b"x");
}

// Breaks if a task that ran when the backend was dropped or killed is RUNNING for ever, or objects are lost.
#[test]
fn after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let (local, id) = first.block_on(async {
        let local = start(folder.path()).await;
        local.put("kept", b"x").await;
        let id = local.run(&["sleep"]).await;
        local.reached(&id, "RUNNING").await;
        (local, id)
    });
    // Nothing that the backend would do at its end gets a chance to run any more.
    drop(first);
    drop(local);
    runtime().block_on(async {
        let local = start(folder.path()).await;
        ended_with_backend(&local, &id).await;
        assert_eq!(local.get("kept").await, b"x");
    });
}

// Breaks if a backend that was only dropped leaves its children, or its folder locked, or loses what ran.
#[tokio::test]
async fn dropped() {
    let folder = tempfile::tempdir().unwrap();
    let local = start(folder.path()).await;
    let id = local.run(&["sleep"]).await;
    local.reached(&id, "RUNNING").await;
    drop(local);
    let local = restarted(folder.path()).await;
    local.reached(&id, "RUNNING").await;
}

async fn ended_with_backend(local: &Local, id: &str) {
    let task = local.reached(id, "STOPPED").await;
    let reason = task.stopped_reason().unwrap();
    assert!(reason.contains("backend ended"), "{reason}");
}

/// A backend on a folder whose last one is still ending.
async fn restarted(folder: &Path) -> Local {
    let free = async || LocalBackend::start(Options::new(folder, programs())).await.ok();
    crate::support::wait_for("the folder", free)
        .await
        .shutdown()
        .await;
    start(folder).await
}
