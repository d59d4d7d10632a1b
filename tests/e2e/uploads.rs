//! Paused, killed and stopped uploads: the parts in the bucket, and the bytes that are sent again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use posterframe_client::{AccessKeys, Client, ClientOptions, FrameChoice, JobState, Paths, Rate, Submission};
use posterframe_contract::{Interpretation, JobId, Position};

use crate::proxy::{Fault, Proxy};
use crate::support::{Backend, MIB, WAIT_LIMIT, padded, wait_for};

/// Size of a part, in bytes.
/// Upload limit in bytes per second: slow enough to pause an upload of [`LONG`].
const LIMIT: u64 = 40_000_000;
/// Size of a long upload, in MiB.
const LONG: usize = 128;
/// Number of sent bytes at which at least two parts are in the bucket: at most eight parts are sent at the same time.
const UNDER_WAY: u64 = 80 << 20;

/// A client's folder, and a backend behind a proxy that counts bytes.
struct World {
    folder: tempfile::TempDir,
    backend: Backend,
    proxy: Proxy,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(&folder.path().join("backend"));
        let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
        Self {
            folder,
            backend,
            proxy,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("client")
    }

    async fn client(&self) -> Client {
        let get = |name: &str| self.backend.environment[name].clone();
        let keys = [get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")];
        client(&self.data(), &self.proxy.endpoint(), &get("AWS_REGION"), keys).await
    }

    /// The sizes of all parts of unfinished uploads in the bucket.
    fn parts(&self) -> Vec<u64> {
        let bucket = self.backend.bucket.as_str();
        let listed = self
            .backend
            .aws_json(&["s3api", "list-multipart-uploads", "--bucket", bucket]);
        let uploads = listed["Uploads"].as_array().cloned().unwrap_or_default();
        let parts = uploads.iter().flat_map(|upload| {
            let (key, id) = (
                upload["Key"].as_str().unwrap(),
                upload["UploadId"].as_str().unwrap(),
            );
            let list = [
                "s3api",
                "list-parts",
                "--bucket",
                bucket,
                "--key",
                key,
                "--upload-id",
                id,
            ];
            let parts = self.backend.aws_json(&list)["Parts"].as_array().cloned();
            parts.unwrap_or_default()
        });
        parts.map(|part| part["Size"].as_u64().unwrap()).collect()
    }
}

async fn client(data: &Path, endpoint: &str, region: &str, [id, secret]: [String; 2]) -> Client {
    let keys = AccessKeys { id, secret };
    let backend = posterframe_client::Backend::this_computer(
        endpoint.to_owned(),
        region.to_owned(),
        "posterframe".to_owned(),
        keys,
    );
    let paths = Paths::resolve(Some(data.to_owned())).unwrap();
    let worker = None;
    Client::open(ClientOptions {
        paths,
        backend,
        worker,
    })
    .await
    .unwrap()
}

fn submit(client: &Client, video: &Path) -> JobId {
    let frame = FrameChoice {
        position: Position::from_micros(1_000_000),
        ..FrameChoice::default()
    };
    let submission = Submission {
        video: video.to_owned(),
        frames: vec![frame],
        outputs: Vec::new(),
        sheets: Vec::new(),
        interpretation: Interpretation::default(),
    };
    client.submit(submission).unwrap()
}

async fn done(client: &Client, id: JobId) {
    let waited = tokio::time::timeout(WAIT_LIMIT, client.ended(&[id])).await;
    let job = client.job(id).unwrap();
    assert!(waited.is_ok() && job.state == JobState::Done, "{job:#?}");
}

/// Waits until this many bytes of the job's upload are sent.
async fn sent(client: &Client, id: JobId, bytes: u64) {
    let mut changes = client.changes();
    let wait = async {
        while client
            .job(id)
            .unwrap()
            .upload
            .is_none_or(|upload| upload.sent < bytes)
        {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(WAIT_LIMIT, wait)
        .await
        .expect("the upload does not move");
}

/// Not a test itself: this is the process that [`a_paused_upload_outlives_a_kill`] kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "another test runs it, and kills it"]
async fn a_program_that_pauses() {
    let get = |name: &str| std::env::var(name).unwrap();
    let keys = [get("TEST_KEY"), get("TEST_SECRET")];
    let client = client(
        Path::new(&get("TEST_DATA")),
        &get("TEST_ENDPOINT"),
        &get("TEST_REGION"),
        keys,
    )
    .await;
    client.set_upload_limit(Rate::new(LIMIT));
    let id = submit(&client, Path::new(&get("TEST_VIDEO")));
    sent(&client, id, UNDER_WAY).await;
    client.pause(id).await.unwrap();
    println!("paused {id}");
    std::future::pending::<()>().await;
}

// Breaks if a paused upload continues by itself after a kill or a restart, cannot be resumed then, or sends a part again
// that is in the bucket.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_upload_outlives_a_kill() {
    let world = World::new();
    let video = padded(world.folder.path(), "paused.mp4", LONG, 31);
    let environment = &world.backend.environment;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "uploads::a_program_that_pauses",
            "--ignored",
            "--nocapture",
        ])
        .env("TEST_DATA", world.data())
        .env("TEST_ENDPOINT", world.proxy.endpoint())
        .env("TEST_REGION", &environment["AWS_REGION"])
        .env("TEST_KEY", &environment["AWS_ACCESS_KEY_ID"])
        .env("TEST_SECRET", &environment["AWS_SECRET_ACCESS_KEY"])
        .env("TEST_VIDEO", &video)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let paused = lines.find_map(|line| line.split_once("paused ").map(|(_, id)| id.trim().to_owned()));
    child.kill().unwrap();
    child.wait().unwrap();
    let id: JobId = paused.expect("it never paused").parse().unwrap();
    let parts_before = world.parts();
    assert!(
        parts_before.len() >= 2,
        "{parts_before:?} were sent before the pause"
    );

    // Two starts. In each one another job uploads, while this one stays paused.
    let before = world.proxy.uploaded();
    let mut others = 0;
    for seed in [32, 33] {
        let client = world.client().await;
        let other = padded(world.folder.path(), "other.mp4", 1, seed);
        others += std::fs::metadata(&other).unwrap().len();
        let other = submit(&client, &other);
        done(&client, other).await;
        assert_eq!(client.job(id).unwrap().state, JobState::Paused);
        client.close().await;
    }
    assert_eq!(world.parts(), parts_before);
    let small = world.proxy.uploaded() - before;
    assert!(small < others + MIB as u64, "{small} bytes while it was paused");

    let before = world.proxy.uploaded();
    let client = world.client().await;
    client.resume(id).await.unwrap();
    done(&client, id).await;
    let key = client.job(id).unwrap().video_key.clone();
    client.close().await;
    let missing = std::fs::metadata(&video).unwrap().len() - parts_before.iter().sum::<u64>();
    let again = world.proxy.uploaded() - before;
    assert!(
        (missing..missing + MIB as u64).contains(&again),
        "{again} bytes sent where {missing} were missing"
    );
    let copy = world.folder.path().join("copy");
    let url = format!("s3://posterframe/{key}");
    assert!(world.backend.aws(&["s3", "cp", &url, copy.to_str().unwrap()]).ok);
    assert!(
        std::fs::read(copy).unwrap() == std::fs::read(&video).unwrap(),
        "{key} is damaged"
    );
    assert_eq!(world.backend.unfinished_uploads(), 0);
}

// Breaks if an upload that is stopped, while it runs, while it is paused or after a restart, leaves parts in the bucket,
// which cost money, or starts a task.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_leaves_nothing() {
    let world = World::new();
    for (seed, paused, restarted) in [(41, false, false), (42, true, false), (43, true, true)] {
        let video = padded(world.folder.path(), "stopped.mp4", LONG, seed);
        let mut client = world.client().await;
        client.set_upload_limit(Rate::new(LIMIT));
        let id = submit(&client, &video);
        sent(&client, id, UNDER_WAY).await;
        if paused {
            client.pause(id).await.unwrap();
            assert!(world.parts().len() >= 2);
        }
        if restarted {
            client.close().await;
            client = world.client().await;
        }
        client.stop(id).await.unwrap();
        assert_eq!(client.job(id).unwrap().state, JobState::Stopped);
        wait_for("the parts to be cleared away", || {
            (world.backend.unfinished_uploads() == 0).then_some(())
        });
        client.close().await;
    }
    let listed = world
        .backend
        .aws(&["s3", "ls", "--recursive", "s3://posterframe/uploads/"]);
    assert!(!listed.stdout.contains("stopped"), "{}", listed.stdout);
    assert!(world.backend.task_owners().is_empty());
}

// Breaks if the lost answer to a request starts a second task, or a refused one starts none.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_second_request() {
    let world = World::new();
    let video = padded(world.folder.path(), "asked.mp4", 1, 51);
    let client = world.client().await;
    let mut ids = vec![submit(&client, &video)];
    done(&client, ids[0]).await;
    for fault in [Fault::LoseAnswer, Fault::Answer(503, "SlowDown"), Fault::Cut] {
        let before = world.proxy.struck();
        world.proxy.script(&[fault]);
        let id = submit(&client, &video);
        done(&client, id).await;
        assert_eq!(world.proxy.struck() - before, 1);
        ids.push(id);
    }
    client.close().await;
    let mut owners = world.backend.task_owners();
    owners.sort();
    assert_eq!(owners, ids.iter().map(JobId::to_string).collect::<Vec<_>>());
}
