//! Bad input: a clear error, a failing exit status, and nothing lost.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::{clip, is_root, posterframe, program, run, small_clip, submit};

/// The user id of `nobody`.
const NOBODY: u32 = 65_534;

// Breaks if a bad file causes a job, a thumbnail or a crash, or the error does not say what is wrong.
#[test]
fn bad_videos_are_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let good = small_clip(at, "good.mp4");
    let whole = std::fs::read(&good).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = at.join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let audio = "-f lavfi -i sine=duration=1 -c:a aac";
    let cases = [
        (
            write("text.mp4", b"this is no video at all, but it is named like one\n"),
            "video",
        ),
        (write("empty.mp4", b""), "empty"),
        (write("truncated.mp4", &whole[..whole.len() / 3]), "video"),
        (clip(at, "audio.mp4", audio), "video stream"),
        (at.to_owned(), "folder"),
        (at.join("missing.mp4"), "No such file"),
    ];
    for (file, expected) in &cases {
        let (objects, ran) = submit(at, &[file], &["--at", "0.5"]);
        let name = file.display();
        assert!(!ran.ok, "{name} was taken");
        assert!(!ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(expected),
            "{name}: no “{expected}” in: {}",
            ran.stderr
        );
        assert_eq!(objects[0]["state"], "failed", "{name}");
        assert!(
            objects[0]["error"]
                .as_str()
                .is_some_and(|error| !error.is_empty()),
            "{name}"
        );
    }
    // A good video is done although another one is bad.
    let (objects, ran) = submit(at, &[&cases[0].0, &good], &["--at", "0.5"]);
    assert!(!ran.ok);
    assert!(
        objects.iter().any(|object| object["state"] == "done"),
        "{objects:?}"
    );
}

// Breaks if a position past the end gives a frame, or a malformed position is accepted.
#[test]
fn bad_positions_are_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let good = small_clip(folder.path(), "good.mp4");
    let (objects, ran) = submit(folder.path(), &[&good], &["--at", "1:00:00"]);
    assert!(!ran.ok && objects[0]["state"] == "failed");
    assert!(
        ran.stderr.contains("past") && ran.stderr.contains("1.96"),
        "the last frame's time is missing: {}",
        ran.stderr
    );
    let (_, ran) = submit(folder.path(), &[&good], &["--at", "50f"]);
    assert!(
        !ran.ok && ran.stderr.contains("the last one is 49"),
        "{}",
        ran.stderr
    );
    for malformed in ["ten", "1:60", "1:2:3:4:5", "", "1e3"] {
        let ran = run(posterframe(folder.path())
            .arg("submit")
            .arg(&good)
            .arg(format!("--at={malformed}")));
        assert!(
            !ran.ok && ran.stderr.contains("expected "),
            "{malformed}: {}",
            ran.stderr
        );
    }
}

/// Runs the program as a user without rights, who must be able to reach its file.
fn as_nobody(data: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .env("POSTERFRAME_DATA", data)
        .env("HOME", "/nonexistent")
        .uid(NOBODY)
        .gid(NOBODY);
    command
}

fn nobody_can_run() -> bool {
    is_root()
        && as_nobody(Path::new("/nonexistent"))
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
}

// Breaks if a file or a folder without permission causes an unclear error.
#[test]
fn missing_permissions_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let file = small_clip(folder.path(), "secret.mp4");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).unwrap();
    let data = folder.path().join("data");
    let as_user = |data: &Path| {
        if is_root() {
            as_nobody(data)
        } else {
            posterframe(data)
        }
    };
    if is_root() && !nobody_can_run() {
        // The program is in root's home, where the other user cannot run it.
        eprintln!("skipped: another user cannot reach {}", program().display());
        return;
    }
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o777)).unwrap();
    let ran = run(as_user(&data).arg("submit").arg(&file).args(["--at", "0"]));
    assert!(
        !ran.ok && ran.stderr.contains("ermission denied"),
        "{}",
        ran.stderr
    );

    let read_only = folder.path().join("read-only");
    std::fs::create_dir(&read_only).unwrap();
    std::fs::set_permissions(&read_only, PermissionsExt::from_mode(0o555)).unwrap();
    let ran = run(as_user(&read_only).args(["gallery"]));
    assert!(
        !ran.ok && ran.stderr.contains("read-only") && !ran.stderr.contains("panicked"),
        "{}",
        ran.stderr
    );
}

// Breaks if a full disk causes an unclear error or leaves a broken thumbnail behind.
#[test]
fn a_full_data_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let mounted = is_root()
        && Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1500k", "tmpfs"])
            .arg(&data)
            .output()
            .is_ok_and(|output| output.status.success());
    if !mounted {
        eprintln!("skipped: only root can make a small disk");
        return;
    }
    let large = clip(
        folder.path(),
        "large.mp4",
        "-f lavfi -i testsrc2=size=640x360:rate=25 -vf noise=alls=60:allf=t -t 2 -c:v libx264 -preset ultrafast -qp 12",
    );
    let (_, ran) = submit(&data, &[&large], &["--at", "0.5"]);
    let unmounted = Command::new("umount").arg("-l").arg(&data).output().unwrap();
    assert!(unmounted.status.success());
    assert!(!ran.ok && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert!(
        ran.stderr.to_lowercase().contains("full") || ran.stderr.contains("space"),
        "{}",
        ran.stderr
    );
}

// Breaks if two processes write to the same data folder, or the second one does not say why it stops.
#[test]
fn a_second_program_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = small_clip(folder.path(), "good.mp4");
    let _first = crate::support::Backend::start(folder.path());
    let ran = run(posterframe(folder.path())
        .arg("submit")
        .arg(&good)
        .args(["--at", "0"]));
    assert!(!ran.ok, "a second backend ran on the same folder");
    assert!(
        ran.stderr
            .contains("another Posterframe is using this data directory"),
        "{}",
        ran.stderr
    );
}
