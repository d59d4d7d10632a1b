//! Jobs that are made on this computer: what a task makes, without the video leaving the disk.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use posterframe_contract::Manifest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::proxy::{Fault, Proxy};
use crate::support::{Backend, children, oracle, picture, posterframe, run, small_clip, submit, wait_for};

const BUCKET: &str = "posterframe";

/// A backend, a proxy in front of it, and a client's data folder.
struct World {
    folder: tempfile::TempDir,
    clip: PathBuf,
    backend: Backend,
    proxy: Proxy,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let private = folder.path().join("private folder");
        std::fs::create_dir(&private).unwrap();
        let backend = Backend::start(&folder.path().join("backend"));
        let proxy = Proxy::start(&backend.environment["AWS_ENDPOINT_URL"], 1, 0, &[]);
        // A retry finds the job's backend by its name.
        let config_folder = folder.path().join("client/config");
        std::fs::create_dir_all(&config_folder).unwrap();
        let config = format!(
            "backend = \"studio\"\n[backends.studio]\nbucket = \"{BUCKET}\"\nendpoint = \"{}\"\n",
            proxy.endpoint()
        );
        std::fs::write(config_folder.join("posterframe.toml"), config).unwrap();
        Self {
            clip: small_clip(&private, "bunny.mp4"),
            folder,
            backend,
            proxy,
        }
    }

    /// The program as a client of the backend, through the proxy.
    fn client(&self) -> Command {
        let mut command = posterframe(&self.folder.path().join("client"));
        command.envs(&self.backend.environment);
        command
    }

    /// The objects that a command prints, which must succeed.
    fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = run(self.client().args(arguments));
        assert!(ran.ok, "{arguments:?}: {}\n{}", ran.stdout, ran.stderr);
        let lines = ran.stdout.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn submit(&self, arguments: &[&str]) -> Value {
        let clip = self.clip.to_str().unwrap();
        let all = [&["submit", "--json"], arguments, &["--", clip]].concat();
        self.objects(&all).remove(0)
    }

    /// Begins a command that goes on until it is ended.
    fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self.client();
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// The only job, as the history has it.
    fn job(&self) -> Value {
        self.objects(&["jobs", "--json"]).remove(0)
    }

    /// The keys of all objects.
    fn keys(&self) -> Vec<String> {
        let listed = self
            .backend
            .aws_json(&["s3api", "list-objects-v2", "--bucket", BUCKET]);
        let objects = listed["Contents"].as_array().cloned().unwrap_or_default();
        let keys = objects
            .iter()
            .map(|object| object["Key"].as_str().unwrap().to_owned());
        keys.collect()
    }

    fn fetch(&self, key: &str) -> PathBuf {
        let file = self.folder.path().join(key.replace('/', "-"));
        let from = format!("s3://{BUCKET}/{key}");
        let copied = self.backend.aws(&["s3", "cp", &from, file.to_str().unwrap()]);
        assert!(copied.ok, "{}", copied.stderr);
        file
    }

    /// The manifest of a job, without what names the job and its source. A file says its source too, so that its length
    /// may be another.
    fn manifest(&self, id: &str) -> Manifest {
        let json = std::fs::read(self.fetch(&format!("thumbnails/{id}/manifest.json"))).unwrap();
        let json = String::from_utf8(json).unwrap().replace(id, "JOB");
        let mut manifest: Value = serde_json::from_str(&json).unwrap();
        manifest.as_object_mut().unwrap().remove("job");
        manifest["source"] = serde_json::json!({ "url": "source", "bytes": manifest["source"]["bytes"] });
        let mut parsed = Manifest::parse(manifest.to_string().as_bytes()).unwrap();
        let stills = parsed.stills.iter_mut().flat_map(|still| &mut still.files);
        let sheets = parsed.sheets.iter_mut().flat_map(|sheet| &mut sheet.files);
        // Where they are from is inside the files, too: only a task's source has an `ETag`.
        for file in stills.chain(sheets) {
            file.bytes = 0;
        }
        parsed
    }

    /// An object's type and metadata, without its source.
    fn metadata(&self, key: &str) -> Value {
        let head = ["s3api", "head-object", "--bucket", BUCKET, "--key", key];
        let mut head = self.backend.aws_json(&head);
        assert!(head["Metadata"]["source-key"].take().is_string(), "{head}");
        serde_json::json!([head["ContentType"], head["Metadata"]])
    }
}

fn id(job: &Value) -> &str {
    job["job_id"].as_str().unwrap()
}

/// The worker of a running program, which stays because its first file finds no end.
fn worker(program: &Child) -> u32 {
    wait_for("the worker", || children(program.id()).first().copied())
}

fn has_ended(process: u32) {
    let process = format!("/proc/{process}");
    wait_for("the worker's end", || {
        (!Path::new(&process).exists()).then_some(())
    });
}

fn signal(program: &mut Child, signal: Signal) -> Option<i32> {
    kill_process(Pid::from_child(program), signal).unwrap();
    program.wait().unwrap().code()
}

// Breaks if a job that is made here differs from a task's in more than its source, if its video or a request goes to the
// bucket, a task runs, what is stored tells where the video lies, or thumbnails are not heard of.
#[test]
fn made_here_as_by_a_task() {
    let world = World::new();
    let what = [
        "--at",
        "1.5",
        "--at",
        "0.2",
        "--output",
        "png",
        "--output",
        "jpeg:160x",
        "--sheet",
        "80x45@1s",
    ];
    let here = world.submit(&[&what[..], &["--here"]].concat());
    let folder = format!("thumbnails/{}/", id(&here));
    let keys = world.keys();
    assert!(
        keys.len() == 7 && keys.iter().all(|key| key.starts_with(&folder)),
        "{keys:?}"
    );
    assert_eq!(world.backend.task_owners(), Vec::<String>::new());
    assert_eq!(here["state"], "done");
    assert_eq!(
        (&here["identical_to_preview"], &here["made_here"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&here["task_arn"], &here["request_key"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(here["source"]["url"], "file:bunny.mp4");
    let phases: Vec<_> = here["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phase| &phase["phase"])
        .collect();
    assert_eq!(phases, ["extract", "thumbnail"]);
    assert_eq!(
        Some(picture(&world.fetch(&format!("{folder}bunny.png")))),
        oracle(&world.clip, "1.5")
    );
    for key in &keys {
        let file = std::fs::read(world.fetch(key)).unwrap();
        let told = file.windows(14).any(|bytes| bytes == b"private folder");
        assert!(!told, "{key} tells the folder");
    }
    let still = world.fetch(&format!("{folder}bunny-2.jpg"));
    let verified = run(posterframe(world.folder.path())
        .arg("verify")
        .arg(&still)
        .arg(&world.clip));
    assert!(verified.ok, "{}\n{}", verified.stdout, verified.stderr);

    let task = world.submit(&what);
    assert_eq!(task["made_here"], false);
    assert_eq!(world.manifest(id(&here)), world.manifest(id(&task)));
    for name in ["bunny.png", "bunny-2.jpg"] {
        let of = |job: &Value| world.metadata(&format!("thumbnails/{}/{name}", id(job)));
        assert_eq!(of(&here), of(&task), "{name}");
    }

    let log = wait_for("thumbnail-trigger", || {
        let log = world.backend.tail("/aws/lambda/posterframe-thumbnail-trigger");
        // Cues are no news.
        (log.matches(&folder).count() == keys.len() - 1).then_some(log)
    });
    assert!(
        log.contains(&format!("{folder}bunny.png")) && log.contains("new manifest"),
        "{log}"
    );
    let shown = run(world.client().args(["jobs", "show", id(&here), "--logs"]));
    for text in [
        "made       on this computer",
        "1 of 2: frame",
        "manifest.json",
        "new thumbnail",
    ] {
        assert!(shown.stdout.contains(text), "{text} in {}", shown.stdout);
    }
    assert!(
        !shown.stdout.contains("upload-trigger") && !shown.stdout.contains("  task"),
        "{}",
        shown.stdout
    );
}

// Breaks if a killed program leaves its worker behind, or loses the job, or if the next start does not make the same.
#[test]
fn a_killed_program_makes_it_again() {
    let world = World::new();
    world.proxy.script(&[Fault::None, Fault::Hang]);
    let clip = world.clip.to_str().unwrap().to_owned();
    let mut program = world.begin(&["submit", "--here", "--at", "1", "--at", "0.2", &clip]);
    let worker = worker(&program);
    wait_for("the second file", || (world.proxy.struck() == 1).then_some(()));
    program.kill().unwrap();
    program.wait().unwrap();
    has_ended(worker);
    let job = world.job();
    assert_eq!(
        (&job["state"], &job["stills"][0]["files"]),
        (&"running".into(), &Value::Array(Vec::new()))
    );
    let resumed = world.objects(&["resume", "--json"]).remove(0);
    assert_eq!((id(&resumed), &resumed["state"]), (id(&job), &"done".into()));
    assert_eq!(
        (&resumed["attempt"], &resumed["identical_to_preview"]),
        (&1.into(), &true.into())
    );
    assert_eq!(world.keys().len(), 3);
}

// Breaks if a lost network or a refused login fails a job that is made here, or if it does not go on by itself.
#[test]
fn a_lost_network_is_waited_for() {
    let world = World::new();
    world.proxy.strike(&[
        Fault::Cut,
        Fault::Answer(503, "SlowDown"),
        Fault::Answer(400, "ExpiredToken"),
    ]);
    let clip = world.clip.to_str().unwrap().to_owned();
    let mut program = world.begin(&["submit", "--here", "--at", "1", &clip]);
    wait_for("a wait", || {
        let log = run(world.client().args(["jobs", "--logs"])).stdout;
        log.contains("trying on by itself").then_some(())
    });
    assert!(program.try_wait().unwrap().is_none(), "it gave up");
    assert_eq!(world.job()["state"], "running");
    world.proxy.strike(&[]);
    assert!(program.wait().unwrap().success());
    let job = world.job();
    assert_eq!((&job["state"], &job["attempt"]), (&"done".into(), &1.into()));
}

// Breaks if Ctrl+C leaves a worker or a job that goes on, or SIGTERM loses one, or a stopped one cannot be tried again.
#[test]
fn stopped_and_tried_again() {
    let world = World::new();
    let clip = world.clip.to_str().unwrap().to_owned();
    world.proxy.script(&[Fault::Hang]);
    let mut program = world.begin(&["submit", "--here", "--at", "1", &clip]);
    let first = worker(&program);
    wait_for("the first file", || (world.proxy.struck() == 1).then_some(()));
    assert_eq!(signal(&mut program, Signal::INT), Some(130));
    has_ended(first);
    let job = world.job();
    assert_eq!(job["state"], "stopped");

    world.proxy.script(&[Fault::Hang]);
    let mut program = world.begin(&["jobs", "retry", id(&job)]);
    let second = worker(&program);
    wait_for("the first file", || (world.proxy.struck() == 2).then_some(()));
    assert_eq!(signal(&mut program, Signal::TERM), Some(130));
    has_ended(second);
    assert_eq!(world.job()["state"], "running");

    // The client goes on with it before it stops it.
    world.proxy.script(&[Fault::Hang]);
    world.objects(&["jobs", "stop", "--json", id(&job)]);
    assert_eq!(world.job()["state"], "stopped");
    assert_eq!(world.keys(), Vec::<String>::new());
    world.proxy.script(&[]);
    let again = world.objects(&["jobs", "retry", "--json", id(&job)]).remove(0);
    assert_eq!((&again["state"], &again["attempt"]), (&"done".into(), &3.into()));
    assert_eq!(
        (&again["identical_to_preview"], world.keys().len()),
        (&true.into(), 2)
    );
}

// Breaks if a job that is made here takes another version of its file for the one that its frames were chosen from, or if a
// file at a distance is taken for one that is here. All on the backend on this machine.
#[test]
fn another_file_is_none_of_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "1", "--here"]);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects[0]["identical_to_preview"], true);
    let retry = || run(posterframe(folder.path()).args(["jobs", "retry", "--json", id(&objects[0])]));
    let (whole, kept) = (std::fs::read(&clip).unwrap(), folder.path().join("kept.mp4"));
    std::fs::rename(&clip, &kept).unwrap();
    std::fs::write(&clip, &whole[..whole.len() - 1]).unwrap();
    let changed = retry();
    assert!(!changed.ok);
    assert!(
        changed
            .stderr
            .contains("has changed since its frames were chosen"),
        "{}",
        changed.stderr
    );
    std::fs::rename(&kept, &clip).unwrap();
    let again = retry();
    assert!(again.ok, "{}", again.stderr);

    let (_, ran) = submit(
        folder.path(),
        &[Path::new("s3://posterframe/a.mp4")],
        &["--at", "1", "--here"],
    );
    assert!(!ran.ok, "{}", ran.stdout);
}
