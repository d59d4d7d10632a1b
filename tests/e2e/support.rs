//! Shared helpers of the tests: running the program, making clips, the oracle, and a backend.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use posterframe_clips::ffmpeg;
use serde_json::Value;

pub const MIB: usize = 1 << 20;

/// How long a test waits before it fails: long enough for a busy machine.
pub const WAIT_LIMIT: Duration = Duration::from_mins(1);

/// The program that `cargo build` makes, two folders above this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("posterframe");
    assert!(
        program.is_file(),
        "run script/test, which builds {}",
        program.display()
    );
    program
}

/// The program with this data folder.
pub fn posterframe(data: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .env("POSTERFRAME_DATA", data)
        .env_remove("POSTERFRAME_BACKEND")
        .stdin(Stdio::null());
    command
}

/// The outputs of a finished command, and whether it succeeded.
pub struct Ran {
    pub ok: bool,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran {
        ok: output.status.success(),
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs `posterframe submit --json`. Returns the objects that it prints, and its result.
pub fn submit(data: &Path, videos: &[&Path], arguments: &[&str]) -> (Vec<Value>, Ran) {
    let ran = run(posterframe(data)
        .arg("submit")
        .arg("--json")
        .args(arguments)
        .arg("--")
        .args(videos));
    let objects = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    (objects, ran)
}

/// Makes a clip with ffmpeg's `arguments`.
pub fn clip(folder: &Path, name: &str, arguments: &str) -> PathBuf {
    let file = folder.join(name);
    posterframe_clips::make(&file, arguments);
    file
}

/// A clip of two seconds at 25 fps, with B-frames and a different picture in each frame.
pub fn small_clip(folder: &Path, name: &str) -> PathBuf {
    clip(
        folder,
        name,
        "-f lavfi -i testsrc2=size=320x180:rate=25 -t 2 -c:v libx264 -g 20 -bf 2 -f mp4",
    )
}

/// A clip of about `mib` MiB that differs for each `seed`: some frames, and padding that decoders ignore.
pub fn padded(folder: &Path, name: &str, mib: usize, seed: u64) -> PathBuf {
    let base = folder.join("base.mp4");
    if !base.exists() {
        small_clip(folder, "base.mp4");
    }
    let mut bytes = std::fs::read(base).unwrap();
    let padding = mib * MIB;
    bytes.extend(((padding + 8) as u32).to_be_bytes());
    bytes.extend(b"free");
    let state = AtomicU64::new(seed | 1);
    bytes.extend((0..padding / 8).flat_map(|_| crate::proxy::random(&state).to_le_bytes()));
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    file
}

/// A picture's pixels and their format.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    pub size: String,
    pub pixels: Vec<u8>,
}

/// The frame that the original project's ffmpeg command gives; `None` if there is none at `position`.
pub fn oracle(video: &Path, position: &str) -> Option<Picture> {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("oracle.png");
    let mut input = std::ffi::OsString::from("file:");
    input.push(video);
    ffmpeg()
        .arg("-i")
        .arg(input)
        .args(["-ss", position, "-frames:v", "1", "-an", "-c:v", "png"])
        .arg(&png)
        .output()
        .unwrap();
    png.exists().then(|| picture(&png))
}

/// A PNG's pixels with 16 bits per channel, enough for every PNG.
pub fn picture(png: &Path) -> Picture {
    let output: Output = ffmpeg()
        .arg("-i")
        .arg(png)
        .args(["-f", "rawvideo", "-pix_fmt", "rgba64le", "-"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}: {}",
        png.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    let size = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=width,height,pix_fmt",
            "-of",
            "csv=p=0",
        ])
        .arg(png)
        .output()
        .unwrap();
    Picture {
        size: String::from_utf8_lossy(&size.stdout).trim().to_owned(),
        pixels: output.stdout,
    }
}

/// How near two pictures of the same size are, in dB; more is nearer. All bytes are values of colours.
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a
        .iter()
        .zip(b)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    let mean = squares.sum::<f64>() / a.len() as f64;
    10.0 * (255.0_f64.powi(2) / mean.max(1e-9)).log10()
}

/// A backend that runs until it is dropped.
pub struct Backend {
    child: Child,
    pub environment: HashMap<String, String>,
    pub bucket: String,
}

impl Backend {
    pub fn start(data: &Path) -> Self {
        let mut child = posterframe(data)
            .arg("local")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut environment, mut bucket) = (HashMap::new(), String::new());
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
                environment.insert(name.to_owned(), value.to_owned());
            }
            if let Some(name) = line.strip_prefix("# bucket ") {
                name.trim().clone_into(&mut bucket);
            }
            if line.starts_with("# try:") {
                break;
            }
        }
        assert!(
            environment.contains_key("AWS_ENDPOINT_URL"),
            "the backend printed no endpoint"
        );
        Self {
            child,
            environment,
            bucket,
        }
    }

    /// Runs the AWS CLI with this backend.
    pub fn aws(&self, arguments: &[&str]) -> Ran {
        self.run("POSTERFRAME_TEST_AWS", "aws", arguments)
    }

    /// A log group's lines of the last hour, from a tool that reads them by `FilterLogEvents`.
    pub fn tail(&self, group: &str) -> String {
        let ran = self.run(
            "POSTERFRAME_TEST_AWSLOGS",
            "awslogs",
            &["get", group, "ALL", "--start=1h"],
        );
        assert!(ran.ok, "awslogs get {group}: {}", ran.stderr);
        ran.stdout
    }

    fn run(&self, variable: &str, default: &str, arguments: &[&str]) -> Ran {
        let program = std::env::var_os(variable).unwrap_or_else(|| default.into());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(&self.environment)
            .env("AWS_PAGER", "")
            .env_remove("AWS_CA_BUNDLE");
        run(&mut command)
    }

    /// Like [`Self::aws`], but it must succeed and print JSON.
    pub fn aws_json(&self, arguments: &[&str]) -> Value {
        let ran = self.aws(arguments);
        assert!(ran.ok, "aws {arguments:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or(Value::Null)
    }

    /// The owner (`startedBy`) of each task that the backend has ever run.
    pub fn task_owners(&self) -> Vec<String> {
        let mut arns = Vec::new();
        for status in ["RUNNING", "STOPPED"] {
            let list = [
                "ecs",
                "list-tasks",
                "--cluster",
                "posterframe",
                "--desired-status",
                status,
            ];
            let listed = self.aws_json(&list);
            arns.extend(listed["taskArns"].as_array().unwrap().clone());
        }
        let mut owners = Vec::new();
        for arns in arns.chunks(100) {
            let mut describe = vec!["ecs", "describe-tasks", "--cluster", "posterframe", "--tasks"];
            describe.extend(arns.iter().map(|arn| arn.as_str().unwrap()));
            let described = self.aws_json(&describe);
            let tasks = described["tasks"].as_array().unwrap();
            owners.extend(
                tasks
                    .iter()
                    .map(|task| task["startedBy"].as_str().unwrap_or_default().to_owned()),
            );
        }
        owners
    }

    /// Number of multipart uploads that are neither completed nor aborted.
    pub fn unfinished_uploads(&self) -> usize {
        let listed = self.aws_json(&["s3api", "list-multipart-uploads", "--bucket", &self.bucket]);
        listed["Uploads"].as_array().map_or(0, Vec::len)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the backend, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        // This fails if the test has already killed it.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// Polls until `ask` gives a value. Panics after [`WAIT_LIMIT`].
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < WAIT_LIMIT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Processes whose parent is `parent`, found in /proc.
pub fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok())
        .filter(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            // The name in parentheses is followed by the state and the parent.
            let parent_of = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            parent_of == Some(parent)
        })
        .collect()
}

/// Whether this test runs as root, and so can change a child's user and mount file systems.
pub fn is_root() -> bool {
    rustix::process::getuid().is_root()
}
