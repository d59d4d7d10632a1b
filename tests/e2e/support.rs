//! What the tests share: the program, clips made on the spot, the oracle, and a backend to talk to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use posterframe_clips::ffmpeg;
use serde_json::Value;

pub const MIB: usize = 1 << 20;

/// Long enough for a loaded machine; a test that needs it all has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The program that `cargo build` made: two folders above this test's own.
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

/// The program on a data folder of its own.
pub fn posterframe(data: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .env("POSTERFRAME_DATA", data)
        .env_remove("POSTERFRAME_BACKEND")
        .stdin(Stdio::null());
    command
}

/// A finished command's two outputs and whether it succeeded.
pub struct Ran {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran {
        ok: output.status.success(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// `posterframe submit --json`: the objects that it prints, and how it ended.
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

/// Makes a clip: ffmpeg's `arguments` between a quiet start and the file.
pub fn clip(folder: &Path, name: &str, arguments: &str) -> PathBuf {
    let file = folder.join(name);
    posterframe_clips::make(&file, arguments);
    file
}

/// Two seconds at 25 fps with B-frames; every frame differs.
pub fn small_clip(folder: &Path, name: &str) -> PathBuf {
    clip(
        folder,
        name,
        "-f lavfi -i testsrc2=size=320x180:rate=25 -t 2 -c:v libx264 -g 20 -bf 2 -f mp4",
    )
}

/// A clip of some `mib` MiB that differs for each `seed`: a few real frames, and bytes that no decoder looks at.
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

/// Pixels and their format, of any file that ffmpeg reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    pub size: String,
    pub pixels: Vec<u8>,
}

/// The frame of the original's command, as a PNG; `None` where there is none at `position`.
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

/// A PNG's pixels in 16 bits a channel, which holds whatever a PNG can.
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

    /// The AWS CLI, pointed at this backend.
    pub fn aws(&self, arguments: &[&str]) -> Ran {
        self.run("POSTERFRAME_TEST_AWS", "aws", arguments)
    }

    /// A log group's lines of the last hour, as a tail that goes by `FilterLogEvents` shows them.
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

    /// [`Self::aws`], which must succeed with JSON.
    pub fn aws_json(&self, arguments: &[&str]) -> Value {
        let ran = self.aws(arguments);
        assert!(ran.ok, "aws {arguments:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or(Value::Null)
    }

    /// Whose the tasks are that the backend ever ran, one entry a task.
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

    /// How many multipart uploads are begun and neither completed nor aborted.
    pub fn unfinished_uploads(&self) -> usize {
        let listed = self.aws_json(&["s3api", "list-multipart-uploads", "--bucket", &self.bucket]);
        listed["Uploads"].as_array().map_or(0, Vec::len)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        // It may have been killed by the test already.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// Asks until there is an answer.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
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
            // After the name in parentheses: state, parent.
            let parent_of = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            parent_of == Some(parent)
        })
        .collect()
}

/// Whether this test may give up its rights for a child, and mount what it likes.
pub fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// The clips beside a checkout that has them; none elsewhere.
pub fn shared_media() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension != "tsv") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
