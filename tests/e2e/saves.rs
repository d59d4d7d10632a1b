//! Writing pictures: files that are never overwritten, and inputs that are no regular files.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Ran, oracle, picture, posterframe, run, small_clip, submit, wait_for};

fn frame(folder: &Path, video: &Path, output: &Path, more: &[&str]) -> Ran {
    let mut command = posterframe(folder);
    command
        .args(["frame", "--at", "0.72"])
        .args(more)
        .arg("-o")
        .arg(output)
        .arg(video);
    run(&mut command)
}

// Breaks if a picture overwrites a video or another file, by its own name or by another path to it.
#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = small_clip(folder.path(), "clip.mp4");
    // A video may have any name, even a PNG's.
    let video = at("clip.png");
    std::fs::rename(made, &video).unwrap();
    let whole = std::fs::read(&video).unwrap();
    std::os::unix::fs::symlink(&video, at("soft.png")).unwrap();
    std::fs::hard_link(&video, at("hard.png")).unwrap();
    for name in ["clip.png", "soft.png", "hard.png", "./clip.png"] {
        for more in [&[][..], &["--force"]] {
            let ran = frame(folder.path(), &video, &at(name), more);
            assert!(
                !ran.ok && ran.stderr.contains("the video itself"),
                "{name}: {}",
                ran.stderr
            );
        }
    }
    // The video on standard input is not overwritten either.
    let mut command = posterframe(folder.path());
    command
        .args(["frame", "-", "--force", "--at", "0.72", "-o"])
        .arg(&video);
    let ran = run(command.stdin(File::open(&video).unwrap()));
    assert!(
        !ran.ok && ran.stderr.contains("the video itself"),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read(&video).unwrap(), whole);

    let other = at("other.png");
    std::fs::write(&other, "somebody's").unwrap();
    let ran = frame(folder.path(), &video, &other, &[]);
    assert!(!ran.ok && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(std::fs::read(&other).unwrap(), b"somebody's");
    let ran = frame(folder.path(), &video, &other, &["--force"]);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(Some(picture(&other)), oracle(&video, "0.72"));
    let stills = at("stills");
    std::fs::create_dir(&stills).unwrap();
    let ran = frame(folder.path(), &video, &stills, &[]);
    assert!(
        ran.ok && stills.join("clip_00-00-00.720.png").exists(),
        "{}",
        ran.stderr
    );
    std::fs::remove_dir_all(&stills).unwrap();
    assert!(frame(folder.path(), &video, Path::new("/dev/null"), &[]).ok);

    // No unfinished file is left.
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["clip.png", "hard.png", "other.png", "soft.png"]);
}

// Breaks if a PNG is written under another format's name.
#[test]
fn other_formats_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let video = small_clip(folder.path(), "clip.mp4");
    for name in ["a.bmp", "a.mp4", "a.png.gif"] {
        let output = folder.path().join(name);
        let mut command = posterframe(folder.path());
        command
            .args(["frame", "--at", "0.72", "-o"])
            .arg(&output)
            .arg(&video);
        let ran = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains("let the name end with .png") && !output.exists(),
            "{stderr}"
        );
    }
}

fn ended(mut child: Child) -> (ExitStatus, String) {
    let status = wait_for("the program's end", || child.try_wait().unwrap());
    let mut stderr = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
    (status, stderr)
}

fn start(command: &mut Command) -> Child {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

// Breaks if an input that is no regular file makes the program wait, or is reported as a damaged video.
#[test]
fn only_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, socket) = (folder.path().join("pipe.mp4"), folder.path().join("socket.mp4"));
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, kind) in [
        (pipe.as_path(), "a pipe"),
        (&socket, "a socket"),
        (Path::new("/dev/zero"), "a device"),
        (folder.path(), "a folder"),
    ] {
        for command in ["frame", "submit"] {
            let mut program = posterframe(folder.path());
            let (status, stderr) = ended(start(program.args([command, "--at", "0"]).arg(path)));
            assert!(
                !status.success() && stderr.contains(&format!("this is {kind}")),
                "{command}: {stderr}"
            );
        }
    }
}

// Breaks if a piped video gives another frame than the file, is copied without a limit, or its copy is left behind.
#[test]
fn a_video_on_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let video = small_clip(folder.path(), "clip.mp4");
    let bytes = std::fs::read(&video).unwrap();
    let piped = |arguments: &[&str]| {
        let mut command = posterframe(folder.path());
        command
            .args(arguments)
            .env("TMPDIR", &temporary)
            .current_dir(folder.path());
        let mut child = start(command.stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().unwrap();
        // The program need not read all of an input that it refuses.
        let _ = stdin.write_all(&bytes);
        drop(stdin);
        ended(child)
    };
    for (input, position, output) in [("-", "0.72", "a.png"), ("/dev/stdin", "18f", "b.png")] {
        let (status, stderr) = piped(&["frame", input, "--at", position, "-o", output]);
        assert!(status.success(), "{stderr}");
        assert_eq!(Some(picture(&folder.path().join(output))), oracle(&video, "0.72"));
    }
    let (status, stderr) = piped(&["frame", "-", "--at", "0.72"]);
    assert!(
        status.success() && folder.path().join("video_00-00-00.720.png").is_file(),
        "{stderr}"
    );
    let (status, stderr) = piped(&["frame", "-", "--at", "0", "--stdin-limit", "1 kB", "-o", "c.png"]);
    assert!(!status.success() && stderr.contains("--stdin-limit"), "{stderr}");
    let (status, stderr) = piped(&["submit", "-", "--at", "0"]);
    assert!(
        !status.success() && stderr.contains("posterframe frame"),
        "{stderr}"
    );
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

// Breaks if a signal does not end a program that waits for a video.
#[test]
fn a_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let mut command = posterframe(folder.path());
        let mut child = start(command.args(["frame", "-", "--at", "0"]).stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().unwrap();
        // This is more than a pipe holds, so once it is written, the program has begun to read.
        stdin.write_all(&vec![0; 200_000]).unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let (status, stderr) = ended(child);
        assert_eq!(status.signal(), Some(signal.as_raw()), "{stderr}");
    }
}

// Breaks if the folder for thumbnails gets an unfinished file, or a thumbnail overwrites another.
#[test]
fn thumbnails_are_saved_beside_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let video = small_clip(folder.path(), "clip.mp4");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("clip.png"), "somebody's").unwrap();
    let (objects, ran) = submit(
        folder.path(),
        &[&video],
        &["--at", "0.72", "--out", out.to_str().unwrap()],
    );
    assert!(ran.ok, "{}", ran.stderr);
    assert!(
        objects[0]["stills"][0]["files"][0]["file"]
            .as_str()
            .unwrap()
            .ends_with("/clip (2).png")
    );
    assert_eq!(std::fs::read(out.join("clip.png")).unwrap(), b"somebody's");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
}
