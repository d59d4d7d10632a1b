//! Uploads over a failing network, with expiring logins and in a killed program: no job is lost, and nothing runs twice.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::Value;

use crate::proxy::{Fault, Proxy, random};
use crate::support::{Backend, MIB, padded, posterframe, run, wait_for};

/// The program as a client of `backend`, through the proxy at `endpoint`.
fn client(data: &Path, backend: &Backend, endpoint: &str) -> Command {
    let mut command = posterframe(data);
    command
        .envs(&backend.environment)
        .env("POSTERFRAME_BUCKET", "posterframe")
        .env("POSTERFRAME_ENDPOINT", endpoint);
    command
}

fn submitted(command: &mut Command, video: &Path) -> Value {
    let ran = run(command.args(["submit", "--json", "--at", "1"]).arg(video));
    assert!(ran.ok, "{}\n{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn jobs(data: &Path) -> Vec<Value> {
    let ran = run(posterframe(data).args(["jobs", "--json"]));
    let jobs = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    jobs.collect()
}

// Breaks if a cut connection, a lost answer, a refusal or a damaged part fails a job, damages an object, or causes a
// second task.
#[test]
fn a_bad_network_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let proxy = Proxy::start(
        &backend.environment["AWS_ENDPOINT_URL"],
        7,
        3,
        &[
            Fault::Cut,
            Fault::LoseAnswer,
            Fault::Damage,
            Fault::Delay,
            Fault::Answer(503, "SlowDown"),
            Fault::Answer(500, "InternalError"),
        ],
    );
    let data = folder.path().join("client");
    let large = padded(folder.path(), "large.mp4", 50, 1);
    let small = padded(folder.path(), "small.mp4", 1, 2);
    let mut ids = Vec::new();
    for video in [&large, &small] {
        let job = submitted(&mut client(&data, &backend, &proxy.endpoint()), video);
        assert_eq!(
            (&job["state"], &job["identical_to_preview"]),
            (&"done".into(), &true.into())
        );
        let url = job["source"]["url"].as_str().unwrap();
        let copy = folder.path().join("copy");
        assert!(backend.aws(&["s3", "cp", url, copy.to_str().unwrap()]).ok);
        assert!(
            std::fs::read(copy).unwrap() == std::fs::read(video).unwrap(),
            "{url} is damaged"
        );
        ids.push(job["job_id"].as_str().unwrap().to_owned());
    }
    assert!(proxy.struck() > 0);
    let mut owners = backend.task_owners();
    owners.sort();
    ids.sort();
    assert_eq!(owners, ids);
}

// Breaks if the lost answer to an upload's last request causes a second upload and a second task.
#[test]
fn a_lost_answer_is_no_second_upload() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
    let data = folder.path().join("client");
    let small = padded(folder.path(), "small.mp4", 1, 3);
    proxy.script(&[Fault::LoseAnswer]);
    submitted(&mut client(&data, &backend, &proxy.endpoint()), &small);
    // The requests are the creation, two parts, and the completion.
    let large = padded(folder.path(), "large.mp4", 10, 4);
    proxy.script(&[Fault::None, Fault::None, Fault::None, Fault::LoseAnswer]);
    submitted(&mut client(&data, &backend, &proxy.endpoint()), &large);
    assert_eq!(proxy.struck(), 2);
    assert_eq!(backend.task_owners().len(), 2);
}

// Breaks if a refused or expired login or a wrong clock fails a job instead of delaying it, or if the job does not
// continue by itself.
#[test]
fn a_new_login_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
    let data = folder.path().join("client");
    let keys = |id: &str, secret: &str| {
        let keys = serde_json::json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret });
        keys.to_string()
    };
    let answer = folder.path().join("answer");
    let config = folder.path().join("aws-config");
    // The credentials program first fails, as before a login, and then prints unknown keys.
    let asked = folder.path().join("asked");
    let helper = format!("sh -c 'echo >>{}; cat {}'", asked.display(), answer.display());
    let times_asked = || std::fs::read(&asked).map_or(0, |lines| lines.len());
    std::fs::write(
        &config,
        format!("[profile studio]\nregion = us-east-1\ncredential_process = {helper}\n"),
    )
    .unwrap();
    let video = padded(folder.path(), "large.mp4", 10, 5);
    let log = folder.path().join("stderr");
    let mut command = client(&data, &backend, &proxy.endpoint());
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_CONFIG_FILE", &config)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("POSTERFRAME_PROFILE", "studio")
        .args(["submit", "--json", "--at", "1"])
        .arg(&video)
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let said = |text: &str| {
        wait_for(text, || {
            let log = run(posterframe(&data).args(["jobs", "--logs"])).stdout;
            log.contains(text).then_some(())
        });
    };
    said("trying on by itself");
    assert!(child.try_wait().unwrap().is_none(), "it gave up without a login");
    std::fs::write(&answer, keys("AKIAUNKNOWN", "wrong")).unwrap();
    // The first call may have read the file too early. After the second one, the unknown login has been refused.
    let before = times_asked();
    wait_for("a login that is asked for again", || {
        (times_asked() >= before + 3).then_some(())
    });
    assert!(
        child.try_wait().unwrap().is_none(),
        "it gave up with an unknown login"
    );
    proxy.script(&[
        Fault::Answer(403, "RequestTimeTooSkewed"),
        Fault::Answer(400, "ExpiredToken"),
    ]);
    let environment = &backend.environment;
    std::fs::write(
        &answer,
        keys(
            &environment["AWS_ACCESS_KEY_ID"],
            &environment["AWS_SECRET_ACCESS_KEY"],
        ),
    )
    .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        std::fs::read_to_string(log).unwrap()
    );
    assert_eq!(backend.task_owners().len(), 1);
}

// Breaks if a video that is in the bucket is sent again for a later frame, for a copy of the file or after a restart, or
// if a changed file is taken for the one in the bucket.
#[test]
fn a_video_goes_up_once() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
    let data = folder.path().join("client");
    let video = padded(folder.path(), "clip.mp4", 10, 6);
    let submit = |video: &Path| submitted(&mut client(&data, &backend, &proxy.endpoint()), video);
    let first = submit(&video);
    let once = proxy.uploaded();
    assert!(once > 10 * MIB as u64);
    let copy = folder.path().join("copy.mp4");
    std::fs::copy(&video, &copy).unwrap();
    for video in [&video, &copy] {
        let again = submit(video);
        assert_eq!(again["source"]["url"], first["source"]["url"]);
        let request = format!("jobs/{}.json", again["job_id"].as_str().unwrap());
        assert_eq!(
            (&again["request_key"], &again["identical_to_preview"]),
            (&request.into(), &true.into())
        );
    }
    assert!(proxy.uploaded() < once + MIB as u64, "it was sent again");
    // A copy with another modification time, and one byte changed between the samples.
    let mut bytes = std::fs::read(&video).unwrap();
    let place = bytes.len() - 3 * MIB / 2;
    bytes[place] ^= 1;
    let other = folder.path().join("other.mp4");
    std::fs::write(&other, bytes).unwrap();
    submit(&other);
    assert!(
        proxy.uploaded() > once + 10 * MIB as u64,
        "another file was taken for the same"
    );
}

// Breaks if parts that a killed program has sent are sent again, or if parts of two versions of a file are mixed.
#[test]
fn a_killed_upload_goes_on() {
    for changed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(&folder.path().join("backend"));
        let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
        let data = folder.path().join("client");
        let video = padded(folder.path(), "clip.mp4", 48, 8);
        let mut child = client(&data, &backend, &proxy.endpoint())
            .args(["submit", "--at", "1", "--upload-limit", "20 MB/s"])
            .arg(&video)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for("some parts", || {
            (proxy.uploaded() > 16 * MIB as u64).then_some(())
        });
        child.kill().unwrap();
        child.wait().unwrap();
        if changed {
            // Size and time stay the same, but a byte of a sample changes.
            let time = std::fs::metadata(&video).unwrap().modified().unwrap();
            let mut bytes = std::fs::read(&video).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            std::fs::write(&video, bytes).unwrap();
            let file = std::fs::File::options().write(true).open(&video).unwrap();
            file.set_modified(time).unwrap();
        }
        let before = proxy.uploaded();
        let ran = run(client(&data, &backend, &proxy.endpoint()).args(["resume", "--json"]));
        assert!(ran.ok, "{}", ran.stderr);
        let job: Value = serde_json::from_str(&ran.stdout).unwrap();
        let again = proxy.uploaded() - before;
        assert_eq!(
            again < 40 * MIB as u64,
            !changed,
            "{again} bytes in the second run"
        );
        let url = job["source"]["url"].as_str().unwrap();
        let copy = folder.path().join("copy");
        assert!(backend.aws(&["s3", "cp", url, copy.to_str().unwrap()]).ok);
        assert!(
            std::fs::read(copy).unwrap() == std::fs::read(&video).unwrap(),
            "the object is mixed"
        );
        assert_eq!(backend.task_owners().len(), 1);
    }
}

// Breaks if a job that failed because its file was replaced during the upload does not say so.
#[test]
fn a_replaced_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
    let data = folder.path().join("client");
    // More than the parts that are in memory at a time, so that some are read after the change.
    let video = padded(folder.path(), "clip.mp4", 96, 9);
    let child = client(&data, &backend, &proxy.endpoint())
        .args(["submit", "--json", "--at", "1", "--upload-limit", "32 MB/s"])
        .arg(&video)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("some of it", || (proxy.uploaded() > MIB as u64).then_some(()));
    std::fs::write(&video, "No video any more.\n".repeat(1000)).unwrap();
    let output = child.wait_with_output().unwrap();
    let job: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!output.status.success(), "{job}");
    let error = job["error"].to_string();
    assert!(error.contains("changed after the frames were chosen"), "{job}");
}

// Breaks if a kill at any point loses an accepted job, or causes a second task. POSTERFRAME_TEST_KILLS sets the number of
// kills; their times depend only on POSTERFRAME_TEST_SEED.
#[test]
fn kills_lose_nothing() {
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (kills, seed) = (
        number("POSTERFRAME_TEST_KILLS", 10),
        number("POSTERFRAME_TEST_SEED", 11),
    );
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let endpoint = backend.environment["AWS_ENDPOINT_URL"].clone();
    let data = folder.path().join("client");
    // Some videos are small, and some are sent in parts. Each is uploaded once; later jobs are requests.
    let videos: Vec<PathBuf> = (0..8)
        .map(|index| {
            padded(
                folder.path(),
                &format!("clip{index}.mp4"),
                if index % 2 == 0 { 20 } else { 2 },
                index as u64 + 20,
            )
        })
        .collect();
    let state = AtomicU64::new(seed | 1);
    for kill in 0..kills {
        let video = &videos[(random(&state) % videos.len() as u64) as usize];
        let mut child = client(&data, &backend, &endpoint)
            .args(["submit", "--at", "1"])
            // Every other job is a request from the start.
            .args((kill % 2 == 0).then_some("--at=0.4"))
            .arg(video)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(100 + random(&state) % 900));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(jobs(&data).len() as u64 <= kill + 1);
    }
    let ran = run(client(&data, &backend, &endpoint).args(["resume", "--json"]));
    assert!(ran.ok, "{}\n{}", ran.stdout, ran.stderr);
    let jobs = jobs(&data);
    assert!(!jobs.is_empty(), "no run came as far as a job");
    let mut ids: Vec<String> = jobs
        .iter()
        .map(|job| job["job_id"].as_str().unwrap().to_owned())
        .collect();
    for job in &jobs {
        assert_eq!(job["state"], "done", "{job}");
    }
    let mut owners = backend.task_owners();
    owners.sort();
    ids.sort();
    assert_eq!(owners, ids, "jobs lost or made twice");
}
