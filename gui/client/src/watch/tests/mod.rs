//! The watcher, from the upload's end to the thumbnail, on an AWS that is played and by clocks that are set by hand.

mod aws;
mod faults;
mod patience;
mod stage;

use std::time::Duration;

use posterframe_contract::{JobId, JobRequest, Position, VideoSource};

use self::aws::HOUR;
use self::stage::{PUT, Stage, manifest_key, messages};
use crate::model::{JobState, Phase};
use crate::store::JobRegistry;
use crate::watch::clock::Clock;

const LONG: Duration = Duration::from_hours(3);

// Breaks if a thousand jobs cost five requests a second or more, if one of them is lost on the way, or if a line of
// their logs is missing or comes twice.
#[tokio::test]
async fn a_thousand_jobs_at_under_five_requests_a_second() {
    const JOBS: usize = 1_000;
    const LINES: usize = 8;
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let ids: Vec<JobId> = (0..JOBS).map(|_| stage.uploaded(&registry)).collect();
    for (index, id) in ids.iter().enumerate() {
        let created = 2.0 + index as f64 * 0.05;
        let stops = created + 330.0;
        stage.task(*id, [created, created + 30.0, stops], Some(0));
        for line in 0..LINES {
            let at = if line + 1 == LINES {
                stops - 0.5
            } else {
                created + 30.0 + line as f64 * 40.0
            };
            let text = if line + 1 == LINES {
                PUT.to_owned()
            } else {
                format!("line {line}")
            };
            stage.line(*id, at, 3.0, &text);
        }
    }
    stage.watch(&mut watcher, LONG).await;
    for id in &ids {
        let job = registry.job(*id).unwrap();
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        let worker: Vec<_> = messages(stage.folder.path(), *id);
        assert_eq!(worker.len(), LINES, "{worker:?}");
    }
    let sim = stage.sim.lock().unwrap();
    // The picture itself is fetched once; everything else is watching.
    let watching: Vec<f64> = sim
        .requests
        .iter()
        .filter(|(_, what)| *what != "GetObject")
        .map(|(at, _)| at.as_secs_f64())
        .collect();
    let busiest = (0..watching.len())
        .map(|from| {
            watching[from..]
                .iter()
                .take_while(|at| **at < watching[from] + 10.0)
                .count()
        })
        .max()
        .unwrap();
    assert!(busiest < 50, "{busiest} requests in ten seconds");
    let fetched = sim.requests.len() - watching.len();
    assert!(fetched <= JOBS + JOBS / 10, "{fetched} fetches");
    let took = watching.last().unwrap() - watching[0];
    println!(
        "{JOBS} jobs, {took:.0} s: {} requests, {:.2} a second, at most {busiest} in 10 s; {fetched} thumbnails fetched",
        watching.len(),
        watching.len() as f64 / took,
    );
}

// Breaks if AWS is pressed on while it throttles, or a job is lost by it.
#[tokio::test]
async fn throttling_slows_the_watcher_down() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let id = stage.uploaded(&registry);
    stage.task(id, [1.0, 20.0, 200.0], Some(0));
    stage.sim.lock().unwrap().throttled_until = Duration::from_mins(2);
    stage.watch(&mut watcher, Duration::from_mins(2)).await;
    let during = stage.sim.lock().unwrap().requests.len();
    assert!(
        (3..=40).contains(&during),
        "{during} requests in two minutes of throttling"
    );
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Done);
    let said = messages(stage.folder.path(), id);
    let reported_faults = said
        .iter()
        .filter(|line| line.contains("ThrottlingException"))
        .count();
    assert!((1..=2).contains(&reported_faults), "{said:?}");
    assert!(said.iter().any(|line| line == "the backend answers again"));
}

// Breaks if a job that waits for its event cannot be stopped, or its task is told twice.
#[tokio::test]
async fn a_task_is_stopped_when_it_appears() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let id = stage.uploaded(&registry);
    registry.update(id, |job| job.stop_requested = true).await;
    stage.watch(&mut watcher, Duration::from_secs(20)).await;
    assert_eq!(registry.job(id).unwrap().state, JobState::Waiting);
    stage.task(id, [1.0, 30.0, 300.0], Some(0));
    // The wish survives a restart.
    drop(watcher);
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, LONG).await;
    let job = registry.job(id).unwrap();
    assert_eq!((job.state, job.failure.clone()), (JobState::Stopped, None));
    assert_eq!(stage.count("StopTask"), 1);
}

// Breaks if a job that was stopped before any task came waits for ever, or one without a task is not given up.
#[tokio::test]
async fn no_task_ever_comes() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let (stopped, waiting) = (stage.uploaded(&registry), stage.uploaded(&registry));
    registry.update(stopped, |job| job.stop_requested = true).await;
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(stopped).unwrap().state, JobState::Stopped);
    let failed = registry.job(waiting).unwrap();
    assert_eq!(failed.failure.as_ref().unwrap().title, "No task was started");
    // Late is better than never: the queue may have been held up.
    stage.task(waiting, [1.0, 20.0, 60.0], Some(0));
    let other = stage.uploaded(&registry);
    stage.task(other, [1.0, 20.0, 60.0], Some(0));
    watcher.poll_now();
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(waiting).unwrap().state, JobState::Done);
}

// Breaks if a task that ECS does not know for a moment counts as gone, or one that ended while the app was closed is
// waited for, although its thumbnail is there or never will be.
#[tokio::test]
async fn missing_is_not_final_but_gone_is() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let ids: Vec<JobId> = (0..3).map(|_| stage.uploaded(&registry)).collect();
    for (id, exit) in ids.iter().zip([Some(0), Some(1), Some(0)]) {
        stage.task(*id, [1.0, 20.0, 100.0], exit);
    }
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert!(
        ids.iter()
            .all(|id| registry.job(*id).unwrap().state == JobState::Running)
    );
    // ECS forgets the third one for half a minute.
    let arn = registry.job(ids[2]).unwrap().task.as_ref().unwrap().arn.clone();
    let hidden = stage.sim.lock().unwrap().tasks.remove(&arn).unwrap();
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert_eq!(registry.job(ids[2]).unwrap().state, JobState::Running);
    stage.sim.lock().unwrap().tasks.insert(arn, hidden);
    drop(watcher);
    drop(registry);
    // The app is closed for a night.
    stage.clock.advance_to(stage.clock.now() + HOUR * 8);
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert_eq!(
        registry.job(ids[1]).unwrap().state,
        JobState::Running,
        "given up too early"
    );
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(registry.job(ids[0]).unwrap().state, JobState::Done);
    assert_eq!(registry.job(ids[2]).unwrap().state, JobState::Done);
    let gone = registry.job(ids[1]).unwrap();
    assert_eq!(gone.failure.as_ref().unwrap().title, "The task is gone");
}

// Breaks if a line that CloudWatch shows late is lost, one is shown twice across pages or restarts, or a task's lines
// from before it was known are not read.
#[tokio::test]
async fn every_line_once() {
    let stage = Stage::new();
    stage.sim.lock().unwrap().page = 7;
    let (mut watcher, registry) = stage.watcher();
    let (id, noisy) = (stage.uploaded(&registry), stage.uploaded(&registry));
    stage.task(id, [1.0, 2.0, 60.0], Some(13));
    stage.task(noisy, [0.1, 0.2, 90.0], Some(0));
    for n in 0..200 {
        stage.line(noisy, 0.3 + f64::from(n) * 0.25, 0.0, "noise");
    }
    for n in 0..50 {
        // Every fifth comes twenty seconds late, and all have the same text.
        stage.line(
            id,
            2.0 + f64::from(n),
            if n % 5 == 0 { 20.0 } else { 0.5 },
            "same",
        );
    }
    stage.line(
        id,
        59.0,
        1.0,
        "The position lies past the last frame: the last frame is at 00:01",
    );
    for _ in 0..6 {
        stage.watch(&mut watcher, Duration::from_secs(11)).await;
        drop(watcher);
        let (next, _) = stage.watcher();
        watcher = next;
    }
    let registry = watcher.registry.clone();
    stage.watch(&mut watcher, LONG).await;
    let lines = messages(stage.folder.path(), id);
    assert_eq!(lines.len(), 51, "{lines:?}");
    assert_eq!(messages(stage.folder.path(), noisy).len(), 200);
    let failure = registry.job(id).unwrap().failure.clone().unwrap();
    assert_eq!(failure.title, "The position lies past the last frame");
    assert!(
        failure.raw.contains("exit code 13") && failure.raw.contains("00:01"),
        "{}",
        failure.raw
    );
}

/// What the app would show of a job now: nothing is stuck, and no phase has lasted longer than the test.
fn looks_sound(stage: &Stage, registry: &JobRegistry, id: JobId) {
    let now = registry.time.at(stage.clock.wall());
    let job = registry.job(id).unwrap();
    assert_eq!(job.stall(now), None);
    assert_eq!(job.failure, None);
}

// Breaks if a clock that is set, or one that is hours from AWS's, gives up a job that has not waited, calls it stuck,
// loses or repeats a line of its log, or makes a phase last longer than it did.
#[tokio::test]
async fn no_clock_matters() {
    const LINES: usize = 30;
    for (ahead, jump) in [(0, 3), (0, -3), (5, -3), (5, 3), (-5, 3), (-5, -3)] {
        let stage = Stage::new();
        stage.sim.lock().unwrap().ahead = time::Duration::hours(ahead);
        let jump = time::Duration::hours(jump);
        let (mut watcher, registry) = stage.watcher();
        let (done, failed) = (stage.uploaded(&registry), stage.uploaded(&registry));
        for (id, exit) in [(done, 0), (failed, 13)] {
            stage.task(id, [20.0, 50.0, 100.0], Some(exit));
            stage.function_line(id, 19.0, 2.0, "new file");
            stage.function_line(id, 21.0, 9.0, "told ECS");
            for n in 0..LINES {
                // The last ones can be read only when the job is over.
                let late = if n + 3 > LINES { 25.0 } else { 1.0 };
                stage.line(id, 51.0 + n as f64 * 1.5, late, "same");
            }
        }
        // While it waits, starts, and runs.
        for (seconds, state) in [
            (10, JobState::Waiting),
            (30, JobState::Starting),
            (40, JobState::Running),
        ] {
            stage.watch(&mut watcher, Duration::from_secs(seconds)).await;
            assert_eq!(registry.job(done).unwrap().state, state, "{ahead} h, {jump}");
            stage
                .clock
                .jump(if state == JobState::Starting { -jump } else { jump });
            looks_sound(&stage, &registry, done);
            looks_sound(&stage, &registry, failed);
        }
        // It ends, and the app with it, before its last lines can be read; and the clock is set meanwhile.
        while !registry.job(failed).unwrap().state.is_ended() || !registry.job(done).unwrap().state.is_ended()
        {
            stage.watch(&mut watcher, Duration::from_millis(200)).await;
        }
        drop((watcher, registry));
        stage.clock.jump(-jump);
        let (mut watcher, registry) = stage.watcher();
        stage.watch(&mut watcher, LONG).await;
        for (id, state) in [(done, JobState::Done), (failed, JobState::Failed)] {
            let job = registry.job(id).unwrap();
            assert_eq!(job.state, state, "{ahead} h, {jump}: {:?}", job.failure);
            let lines = messages(stage.folder.path(), id);
            assert_eq!(lines.len(), LINES + 2, "{ahead} h, {jump}: {lines:?}");
            let times = job
                .phases
                .iter()
                .flat_map(|record| [record.started, record.ended]);
            let times: Vec<_> = times.flatten().collect();
            assert!(times.is_sorted(), "{times:?}");
            let took = job.elapsed(registry.time.at(stage.clock.wall())).as_secs();
            assert!(
                (95..130).contains(&took),
                "{ahead} h, {jump}: {took} s, {times:?}"
            );
            let extracting = job.phase(Phase::Extract).duration(times[0]).unwrap().as_secs();
            assert!(
                (45..60).contains(&extracting),
                "{ahead} h, {jump}: {extracting} s"
            );
        }
        assert!(stage.clock.passed() < HOUR, "it went on watching");
    }
}

// Breaks if other people's jobs show unasked, cannot be shown, or one for another bucket is taken for one of ours.
#[tokio::test]
async fn other_peoples_jobs() {
    let mut stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let (theirs, elsewhere) = (JobId::new(), JobId::new());
    for (id, bucket) in [(theirs, "studio-media"), (elsewhere, "other-media")] {
        let arn = stage.task(id, [0.0, 20.0, 60.0], Some(0));
        let variable = |name: &str, value: String| (name.to_owned(), value);
        stage.sim.lock().unwrap().tasks.get_mut(&arn).unwrap().environment = vec![
            variable(
                "INPUT_VIDEO_FILE_URL",
                format!("{bucket}/uploads/{id}/bunny_00-10.mp4"),
            ),
            variable("POSITION_TIME_DURATION", "00:10".into()),
            variable("OUTPUT_THUMBS_FILE_NAME", "bunny.png".into()),
            variable("OUTPUT_S3_PATH", format!("{bucket}/thumbnails/{id}")),
        ];
    }
    let asking = JobId::new();
    let arn = stage.task(asking, [0.0, 20.0, 60.0], Some(0));
    let request_key = format!("jobs/{asking}.json");
    let source = VideoSource::new("s3://studio-media/videos/1/meadow.mov");
    let second = |seconds: u64| Position::from_micros(seconds * 1_000_000);
    let request = JobRequest::new(source, "meadow", [second(1), second(2)]);
    {
        let mut sim = stage.sim.lock().unwrap();
        sim.requests_of_others.insert(request_key.clone(), request);
        let task = sim.tasks.get_mut(&arn).unwrap();
        task.environment = vec![("JOB_REQUEST".into(), format!("s3://studio-media/{request_key}"))];
    }
    assert_eq!(watcher.round().await, None);
    assert!(registry.jobs().is_empty() && stage.count("ListTasks") == 0);
    drop((watcher, registry));
    stage.backend.others = true;
    let (mut watcher, registry) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_mins(3)).await;
    let seen = |id: JobId| {
        let job = registry.job(id).unwrap();
        assert!(job.state == JobState::Done && job.foreign);
        (job.video.name.clone(), job.file_names())
    };
    assert_eq!(seen(theirs), ("bunny_00-10.mp4".into(), vec!["bunny.png".into()]));
    let names = vec!["meadow.png".to_owned(), "meadow-2.png".to_owned()];
    assert_eq!(seen(asking), ("meadow.mov".into(), names));
    assert_eq!(registry.jobs().len(), 2);
}

// Breaks if a still that failed takes the others with it, or its job counts as done; or if a job of which all failed, or
// whose task failed before any, shows something.
#[tokio::test]
async fn some_stills_fail() {
    let stage = Stage::new();
    let (mut watcher, registry) = stage.watcher();
    let jobs = [(17, 1), (13, 3), (11, 0)].map(|(exit, failed)| {
        let id = stage.uploaded(&registry);
        registry
            .update(id, |job| job.stills = vec![job.stills[0].clone(); 3])
            .wait();
        stage.task(id, [1.0, 10.0, 60.0], Some(exit));
        let mut sim = stage.sim.lock().unwrap();
        sim.failed_stills.insert(id, failed);
        if failed > 0 {
            sim.manifests
                .insert(manifest_key(id), stage.clock.passed() + Duration::from_secs(59));
        }
        drop(sim);
        stage.line(id, 30.0, 1.0, "2 of 3: frame 7 at 00:00:02");
        stage.line(id, 31.0, 1.0, "read 10 of 70 bytes in 2 requests");
        id
    });
    stage.watch(&mut watcher, Duration::from_secs(45)).await;
    let job = registry.job(jobs[0]).unwrap();
    assert_eq!((job.stills_done, job.read.map(|read| read.bytes)), (2, Some(10)));
    stage.watch(&mut watcher, LONG).await;
    let seen = jobs.map(|id| {
        let job = registry.job(id).unwrap();
        assert_eq!(job.state, JobState::Failed);
        let title = job.failure.as_ref().unwrap().title.clone();
        (job.files().count(), job.failed_stills().count(), title)
    });
    let expected = [
        (2, 1, "1 of 3 stills could not be made"),
        (0, 3, "None of the stills could be made"),
        (0, 0, "The task could not read the uploaded video"),
    ];
    assert_eq!(
        seen,
        expected.map(|(files, failed, title)| (files, failed, title.to_owned()))
    );
}
