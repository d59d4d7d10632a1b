//! `posterframe watch`: what arrives in a folder is submitted whole, and once each, whatever happens to the program.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{oracle, padded, picture, posterframe, run, small_clip, wait_for};

/// A folder that is watched, and where the program keeps its files.
struct World {
    home: tempfile::TempDir,
    incoming: PathBuf,
}

/// The program while it watches; killed when it is dropped.
struct Watch {
    child: Child,
    stdout: PathBuf,
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let incoming = home.path().join("incoming");
        fs::create_dir(&incoming).unwrap();
        Self { home, incoming }
    }

    /// A whole video beside the folder, another one for each `seed`.
    fn video(&self, seed: u64) -> PathBuf {
        padded(self.home.path(), &format!("video-{seed}"), 1, seed)
    }

    /// A video that is in the folder at once, as one that is moved there.
    fn arrive(&self, name: impl AsRef<Path>, seed: u64) -> PathBuf {
        let path = self.incoming.join(name);
        fs::rename(self.video(seed), &path).unwrap();
        path
    }

    fn watch(&self, arguments: &[&str]) -> Watch {
        let stdout = self.home.path().join("stdout");
        let child = posterframe(&self.home.path().join("data"))
            .arg("watch")
            .arg(&self.incoming)
            .args(["--best", "1", "--settle", "2s", "--json", "--out"])
            .arg(self.home.path().join("out"))
            .args(arguments)
            .stdout(File::create(&stdout).unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Watch { child, stdout }
    }

    /// All jobs of the history: for each the name of its video and how it ended, in the order of names.
    fn jobs(&self) -> Vec<(String, String)> {
        let listed = run(posterframe(&self.home.path().join("data")).args(["jobs", "--json"]));
        assert!(listed.ok, "{}", listed.stderr);
        let mut jobs: Vec<_> = objects(&listed.stdout).iter().map(outcome).collect();
        jobs.sort();
        jobs
    }

    /// Files that were saved.
    fn saved(&self) -> usize {
        fs::read_dir(self.home.path().join("out")).map_or(0, Iterator::count)
    }
}

fn objects(text: &str) -> Vec<Value> {
    let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(object).collect()
}

/// The video's name, percent-encoded, and the job's state.
fn outcome(job: &Value) -> (String, String) {
    let path = job["video_bytes"].as_str().unwrap();
    let name = path.rsplit('/').next().unwrap();
    (name.to_owned(), job["state"].as_str().unwrap().to_owned())
}

impl Watch {
    /// What it has said of videos so far, in the order of names.
    fn said(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(&self.stdout).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut said: Vec<_> = objects(whole).iter().map(outcome).collect();
        said.sort();
        said
    }

    /// Waits until it has said something of so many videos.
    fn wait(&self, count: usize) -> Vec<(String, String)> {
        wait_for("videos to be done", || {
            Some(self.said()).filter(|said| said.len() >= count)
        })
    }

    /// Tells it to end, and gives its exit status and what it said to people.
    fn end(mut self) -> (Option<i32>, String) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.ended()
    }

    /// Waits for its end.
    fn ended(&mut self) -> (Option<i32>, String) {
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut pipe, &mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn done(names: &[&str]) -> Vec<(String, String)> {
    let mut done: Vec<_> = names
        .iter()
        .map(|name| ((*name).to_owned(), "done".to_owned()))
        .collect();
    done.sort();
    done
}

// Breaks if a video is submitted before it is whole, twice, or not at all; if something else is submitted; or if a restart forgets
// what was done.
#[test]
fn what_arrives_is_submitted_once() {
    let world = World::new();
    world.arrive("there.mp4", 1);
    world.arrive(".hidden.mp4", 2);
    fs::write(world.incoming.join("notes.txt"), "no video").unwrap();
    fs::write(world.incoming.join("README"), "no video either").unwrap();
    let watch = world.watch(&[]);
    let odd = {
        use std::os::unix::ffi::OsStrExt as _;
        world.arrive(std::ffi::OsStr::from_bytes(b"Mu\xf1oz.MP4"), 3)
    };
    let partial = world.arrive("moved.mp4.part", 4);
    fs::write(world.incoming.join("broken.mp4"), [7; 5_000]).unwrap();
    // A slow copy. Its beginning is no video, and later it is a shorter one.
    let bytes = fs::read(world.video(5)).unwrap();
    let mut slow = File::create(world.incoming.join("slow.mp4")).unwrap();
    for part in bytes.chunks(bytes.len() / 12) {
        slow.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    drop(slow);
    fs::rename(&partial, world.incoming.join("moved.mp4")).unwrap();
    let said = watch.wait(5);
    let mut expected = done(&["Mu%F1oz.MP4", "moved.mp4", "slow.mp4", "there.mp4"]);
    expected.push(("broken.mp4".to_owned(), "failed".to_owned()));
    expected.sort();
    assert_eq!(said, expected);
    let (code, stderr) = watch.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stderr.matches("broken.mp4").count(), 1, "{stderr}");
    assert_eq!(world.saved(), 4);
    let made = world.home.path().join("out/slow.png");
    assert_eq!(picture(&made).size, oracle(&odd, "0").unwrap().size);

    // Nothing is new.
    let mut again = world.watch(&["--once"]);
    assert_eq!(again.ended().0, Some(0));
    assert_eq!(again.said(), []);
    // Another file in a place, a file that is mended, one that has another name now, and one that was hidden.
    world.arrive("there.mp4", 6);
    world.arrive("broken.mp4", 7);
    fs::rename(
        world.incoming.join("slow.mp4"),
        world.incoming.join("renamed.mp4"),
    )
    .unwrap();
    fs::rename(
        world.incoming.join(".hidden.mp4"),
        world.incoming.join("shown.mp4"),
    )
    .unwrap();
    let mut again = world.watch(&["--once"]);
    assert_eq!(again.ended().0, Some(0));
    assert_eq!(again.said(), done(&["broken.mp4", "shown.mp4", "there.mp4"]));
    let all = [
        "Mu%F1oz.MP4",
        "moved.mp4",
        "slow.mp4",
        "there.mp4",
        "there.mp4",
        "broken.mp4",
        "shown.mp4",
    ];
    assert_eq!(world.jobs(), done(&all));
}

// Breaks if a kill in the middle loses a video, or submits one twice, or its result is not handed over.
#[test]
fn kills_lose_nothing() {
    let world = World::new();
    let names = ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4"];
    for (seed, name) in names.into_iter().enumerate() {
        world.arrive(name, seed as u64 + 1);
    }
    let mut handed_over = Vec::new();
    // Killed once a first video is done, and once more in the middle of the others.
    for count in [1, 2] {
        let mut watch = world.watch(&[]);
        watch.wait(count);
        watch.child.kill().unwrap();
        watch.child.wait().unwrap();
        handed_over.extend(watch.said());
    }
    let mut last = world.watch(&["--once"]);
    let (code, stderr) = last.ended();
    assert_eq!(code, Some(0), "{stderr}");
    handed_over.extend(last.said());
    assert_eq!(world.jobs(), done(&names));
    // What was said just before a kill may be said once more.
    handed_over.sort();
    handed_over.dedup();
    assert_eq!(handed_over, done(&names));
    let files: Vec<_> = names.iter().map(|name| name.replace(".mp4", ".png")).collect();
    for file in files {
        assert!(world.home.path().join("out").join(&file).exists(), "{file}");
    }
}

// Breaks if a folder that cannot be watched is waited for in silence, or the program watches its own files.
#[test]
fn folders_that_cannot_be_watched() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir_all(data.join("local")).unwrap();
    let file = small_clip(home.path(), "a.mp4");
    for (folder, words) in [
        (home.path().join("missing"), "cannot be watched"),
        (file, "cannot be watched"),
        (data.join("local"), "own files"),
    ] {
        let ran = run(posterframe(&data).arg("watch").arg(&folder).args(["--at", "1"]));
        assert!(
            !ran.ok && ran.stderr.contains(words),
            "{}: {}",
            folder.display(),
            ran.stderr
        );
    }
    let ran = run(posterframe(&data).arg("watch").arg(home.path()));
    assert!(!ran.ok && ran.stderr.contains("--at"), "{}", ran.stderr);
}
