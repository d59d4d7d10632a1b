//! The contract of the client on every backend. The same suite runs against the backend on this machine and against moto,
//! an independent implementation of AWS.
//!
//! `POSTERFRAME_TEST_CONFIG` names a configuration file whose backend is used; `script/test-stack` sets it to a stack on
//! moto. Without it each test starts the backend on this machine. Tests may share a bucket, so each checks only its own
//! objects.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_client::{
    AccessKeys, Client, ClientOptions, Config, Extent, FrameChoice, Job, JobState, LogSource, Paths,
    PhaseState, Preview, Submission, Verdict,
};
use posterframe_contract::{Interpretation, JobId, Position, TaskExit};
use posterframe_frame::Video;
use tempfile::TempDir;

use crate::support::{Backend, clip, oracle, picture, small_clip};

/// A folder for clients, and their backend.
struct World {
    folder: TempDir,
    options: ClientOptions,
    /// The backend, if it is the one on this machine. It must be dropped after the client.
    local: Option<Backend>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().join("client"))).unwrap();
        let configured = std::env::var_os("POSTERFRAME_TEST_CONFIG").map(|file| {
            let config = Config::load(Path::new(&file)).unwrap();
            config.backend(None).unwrap().expect("it names a backend")
        });
        let (backend, local) = if let Some(backend) = configured {
            (backend, None)
        } else {
            let local = Backend::start(&folder.path().join("backend"));
            let get = |name: &str| local.environment[name].clone();
            let keys = AccessKeys {
                id: get("AWS_ACCESS_KEY_ID"),
                secret: get("AWS_SECRET_ACCESS_KEY"),
            };
            let (endpoint, region) = (get("AWS_ENDPOINT_URL"), get("AWS_REGION"));
            let bucket = local.bucket.clone();
            let backend = posterframe_client::Backend::this_computer(endpoint, region, bucket, keys);
            (backend, Some(local))
        };
        Self {
            folder,
            options: ClientOptions {
                paths,
                backend,
                worker: None,
            },
            local,
        }
    }

    async fn client(&self) -> Client {
        Client::open(self.options.clone()).await.unwrap()
    }
}

/// Submits frames of a video, each with the hash of its preview, like the app.
fn submit(client: &Client, video: &Path, at: &[&str]) -> JobId {
    let mut opened = Video::open(video).unwrap();
    let frames = at.iter().map(|at| {
        let position: Position = at.parse().unwrap();
        let preview = opened.frame_at(Duration::from_micros(position.as_micros())).ok();
        FrameChoice {
            position,
            preview: preview.map(|frame| Preview {
                sha256: frame.image.pixel_sha256(),
                libav: posterframe_frame::libav_version(),
                pixels: None,
            }),
            ..FrameChoice::default()
        }
    });
    let submission = Submission {
        video: video.to_owned(),
        frames: frames.collect(),
        outputs: Vec::new(),
        sheets: Vec::new(),
        interpretation: Interpretation::default(),
    };
    client.submit(submission).unwrap()
}

/// Waits for a job's end in `state`; fails with the job's details.
async fn ended(client: &Client, id: JobId, state: JobState) -> Job {
    let waited = tokio::time::timeout(Duration::from_mins(2), client.ended(&[id])).await;
    let job = client.job(id).unwrap();
    let log = client.log(id);
    assert!(
        waited.is_ok() && job.state == state,
        "not {state:?}: {job:#?}\n{log:#?}"
    );
    (*job).clone()
}

/// Polls until the condition holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {what}");
}

fn file_of(job: &Job) -> PathBuf {
    job.first_file().unwrap().path.clone()
}

// Breaks if any step from the upload to the picture fails, or its proof, its times or its log is not what the app expects.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_done() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "a clip+é.mp4");
    let id = submit(&client, &video, &["00:01.2"]);
    let job = ended(&client, id, JobState::Done).await;
    assert_eq!(Some(picture(&file_of(&job))), oracle(&video, "1.2"));
    assert_eq!(job.verdict(), Some(Verdict::Identical));
    assert!(
        job.video_key.ends_with("/a clip+é_00-00-01.200.mp4") && job.request_key.is_none(),
        "{}",
        job.video_key
    );
    assert!(
        job.phases
            .iter()
            .all(|phase| job.phase_state(phase.phase) == PhaseState::Done)
    );
    let times: Vec<_> = job
        .phases
        .iter()
        .flat_map(|phase| [phase.started.unwrap(), phase.ended.unwrap()])
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let task = job.task.as_ref().unwrap();
    assert!(task.arn.starts_with("arn:aws:ecs:"), "{}", task.arn);

    // The functions' lines may arrive after the picture.
    let has = |source: LogSource, text: &str| {
        let log = client.log(id);
        log.iter()
            .any(|line| line.source == source && line.message.contains(text))
    };
    until("the whole log", || {
        has(LogSource::UploadTrigger, "new file s3://")
            && has(LogSource::UploadTrigger, "extracting the frame at")
            && has(LogSource::UploadTrigger, &task.arn)
            && has(LogSource::Worker, "put ")
            && has(LogSource::ThumbnailTrigger, "new thumbnail")
    })
    .await;
    let log = client.log(id);
    let twice = log
        .iter()
        .filter(|line| line.message.starts_with("new file"))
        .count();
    assert_eq!(twice, 1, "{log:#?}");
    client.close().await;
}

// Breaks if frames of one video need an upload or a task each, collide, or one gets another's picture; or if another frame
// of a video that is in the bucket, or a retry, sends it again.
#[tokio::test(flavor = "multi_thread")]
async fn one_upload_for_several_frames() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "bunny.mp4");
    let id = submit(&client, &video, &["00:00.52", "00:00", "00:01.96"]);
    let job = ended(&client, id, JobState::Done).await;
    assert_eq!((job.stills.len(), job.past_tasks.len()), (3, 0));
    for (still, at) in job.stills.iter().zip(["0.52", "0", "1.96"]) {
        assert_eq!(still.verdict, Some(Verdict::Identical));
        assert_eq!(Some(picture(&still.files[0].path)), oracle(&video, at), "{at}");
    }
    let names: Vec<_> = job.files().map(posterframe_client::StillFile::name).collect();
    assert_eq!(names, ["bunny.png", "bunny-2.png", "bunny-3.png"]);

    let another = ended(&client, submit(&client, &video, &["00:01"]), JobState::Done).await;
    assert_eq!(another.video_key, job.video_key);
    assert_eq!(Some(picture(&file_of(&another))), oracle(&video, "1"));
    client.retry(id).unwrap();
    let retried = ended(&client, id, JobState::Done).await;
    assert_eq!((retried.attempt, retried.past_tasks.len()), (2, 1));
    assert_eq!(retried.verdict(), Some(Verdict::Identical));
    if let Some(local) = &world.local {
        let list = [
            "s3api",
            "list-objects-v2",
            "--bucket",
            &local.bucket,
            "--prefix",
            "videos/",
        ];
        assert_eq!(local.aws_json(&list)["Contents"].as_array().unwrap().len(), 1);
    }
    client.close().await;
}

// Breaks if a retry of a single frame does not ask for the same again, or a video that is gone from the bucket meanwhile
// is not sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_a_request() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "again.mp4");
    let id = submit(&client, &video, &["00:01"]);
    let first = ended(&client, id, JobState::Done).await;
    client.retry(id).unwrap();
    let second = ended(&client, id, JobState::Done).await;
    assert_eq!(second.video_key, first.video_key);
    assert_eq!(second.request_key, Some(format!("jobs/{id}.json")));
    if let Some(local) = &world.local {
        let url = format!("s3://{}/{}", local.bucket, first.video_key);
        assert!(local.aws(&["s3", "rm", &url]).ok);
        client.retry(id).unwrap();
        let third = ended(&client, id, JobState::Done).await;
        assert_eq!(third.video_key, format!("videos/{id}/again.mp4"));
        assert_eq!(third.verdict(), Some(Verdict::Identical));
    }
    client.close().await;
}

// Breaks if a file that is uploaded in several parts differs in the bucket.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_parts() {
    let world = World::new();
    let client = world.client().await;
    let noise = "-f lavfi -i testsrc2=size=1280x720:rate=25 -vf noise=alls=60:allf=t -t 1 -c:v libx264 -preset ultrafast -qp 12";
    let video = clip(world.folder.path(), "large.mp4", noise);
    assert!(std::fs::metadata(&video).unwrap().len() > 20_000_000);
    let id = submit(&client, &video, &["00:00.9"]);
    let job = ended(&client, id, JobState::Done).await;
    assert_eq!(job.verdict(), Some(Verdict::Identical));
    client.close().await;
}

// Breaks if a failure lacks the task's exit code or the worker's message, or a retry starts no new task.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_explained_and_tried_again() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "short.mp4");
    let id = submit(&client, &video, &["00:59"]);
    let job = ended(&client, id, JobState::Failed).await;
    let failure = job.failure.as_ref().unwrap();
    assert!(!failure.next_steps.is_empty(), "{failure:?}");
    let text = format!("{failure:?}");
    assert!(text.contains("1.96"), "the last frame's time is not in {text}");
    let error = job.stills[0].error.as_ref().unwrap();
    assert_eq!(error.exit_code, TaskExit::PastTheEnd.code(), "{error:?}");
    let first = job.task.unwrap();

    client.retry(id).unwrap();
    let job = ended(&client, id, JobState::Failed).await;
    assert_eq!(job.attempt, 2);
    assert_ne!(job.task.unwrap().arn, first.arn);
    assert_eq!(job.past_tasks, [first.arn]);
    client.close().await;
}

// Breaks if closing the app loses a job, or opening it again uploads or extracts anything twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_client_goes_on() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "later.mp4");
    let id = submit(&client, &video, &["00:00.4"]);
    client.close().await;
    let client = world.client().await;
    let job = ended(&client, id, JobState::Done).await;
    assert_eq!(job.attempt, 1);
    assert_eq!(Some(picture(&file_of(&job))), oracle(&video, "0.4"));
    client.close().await;
}

// Breaks if the gallery lacks a thumbnail, its job, link or metadata are wrong, or it stays after it is deleted.
#[tokio::test(flavor = "multi_thread")]
async fn the_gallery() {
    let world = World::new();
    let client = world.client().await;
    let video = small_clip(world.folder.path(), "shelf é.mp4");
    let id = submit(&client, &video, &["00:01"]);
    let job = ended(&client, id, JobState::Done).await;
    let png = std::fs::read(file_of(&job)).unwrap();
    let key = job.first_file().unwrap().made.key.clone();

    let gallery = client.gallery();
    gallery.refresh(Extent::All).await.unwrap();
    let listing = gallery.listing();
    let found = || {
        let listing = gallery.listing();
        let item = listing.items.iter().find(|item| item.key == key);
        item.cloned()
    };
    let item = found().unwrap_or_else(|| panic!("{key} is not in {listing:?}"));
    assert_eq!((item.job, item.bytes as usize), (Some(id), png.len()));
    assert!(
        listing.items.is_sorted_by(|a, b| a.modified >= b.modified),
        "not the newest first: {listing:?}"
    );
    let picture = gallery.picture(&item).await.unwrap();
    assert!(
        std::fs::read(picture.file).unwrap() == png,
        "another picture came down"
    );
    let metadata = picture.metadata.unwrap();
    let preview = job.stills[0].preview.as_ref().unwrap();
    assert_eq!(metadata.pixel_sha256, preview.sha256);
    let link = gallery.presign(&item.key, Duration::from_mins(5)).await.unwrap();
    assert!(get(&link.url) == png, "the link leads elsewhere: {}", link.url);

    let deletion = gallery.delete(std::slice::from_ref(&item), true).await.unwrap();
    gallery.refresh(Extent::All).await.unwrap();
    assert_eq!(found(), None);
    gallery.restore(deletion.unwrap()).await.unwrap();
    gallery.refresh(Extent::All).await.unwrap();
    let picture = gallery.picture(&found().unwrap()).await.unwrap();
    assert_eq!(
        picture.metadata,
        Some(metadata),
        "its proof did not come back with it"
    );
    client.close().await;
}

/// Makes a plain GET request, without AWS's signature.
fn get(url: &str) -> Vec<u8> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    write!(
        connection,
        "GET /{path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = answer.split_off(head + 4);
    assert!(
        answer.starts_with(b"HTTP/1.") && answer[9..12] == *b"200",
        "{}",
        String::from_utf8_lossy(&answer)
    );
    body
}
