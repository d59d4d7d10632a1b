//! Unusual file names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::support::{oracle, picture, posterframe, run, small_clip, submit};

/// A small clip whose name is `name`, which need not be UTF-8.
fn named(folder: &Path, name: &[u8]) -> PathBuf {
    let file = folder.join(OsStr::from_bytes(name));
    std::fs::rename(small_clip(folder, "clip.mp4"), &file).unwrap();
    file
}

/// The one JSON object that a command printed.
fn object(stdout: &str) -> serde_json::Value {
    serde_json::from_str(stdout.trim()).unwrap_or_else(|_| panic!("no JSON object: {stdout}"))
}

// Breaks if a name is truncated, changed, taken for an option or a position, or gets another video's thumbnail.
#[test]
fn odd_names_survive_the_whole_way() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "with spaces.mp4",
        "a+b.mp4",
        "100%25.mp4",
        "under_score_00-10.mp4",
        "dots.in.name.mp4",
        "ünïcödé-名前.mp4",
        "🎬.mp4",
        "-leading-dash.mp4",
        "UPPER.MP4",
        "no-extension",
        "strange.ext",
        "quote'\".mp4",
        "a&b=c;d#e?f.mp4",
    ];
    let clips: Vec<_> = names.iter().map(|name| small_clip(folder.path(), name)).collect();
    let videos: Vec<_> = clips.iter().map(PathBuf::as_path).collect();
    let out = folder.path().join("out");
    let (objects, ran) = submit(
        folder.path(),
        &videos,
        &["--at", "0.72", "--out", out.to_str().unwrap()],
    );
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects.len(), names.len());
    let expected = oracle(&clips[0], "0.72");
    for (name, clip) in names.iter().zip(&clips) {
        let object = objects
            .iter()
            .find(|object| object["video"] == clip.to_str().unwrap())
            .unwrap();
        let stem = clip.file_stem().unwrap().to_str().unwrap();
        assert_eq!(object["state"], "done", "{name}: {}", object["error"]);
        assert_eq!(object["identical_to_preview"], true, "{name}");
        let file = out.join(format!("{stem}.png"));
        assert_eq!(Some(picture(&file)), expected, "{name}");
    }
}

// Breaks if a name that is no UTF-8 stops the program, loses the job, or leads to another file: during a submission, in
// the history, after a restart and for a retry.
#[test]
fn names_that_are_no_text_survive_the_whole_way() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let inside = data.join(OsStr::from_bytes(b"fil\xffs"));
    std::fs::create_dir(&inside).unwrap();
    let video = named(&inside, b"Mu\xf1oz.mp4");
    let expected = oracle(&video, "0.72");
    let out = inside.join("out");

    let mut command = posterframe(data);
    command
        .args(["submit", "--json", "--at", "0.72", "--out"])
        .arg(&out)
        .arg(&video);
    let ran = run(&mut command);
    assert!(ran.ok, "{}", ran.stderr);
    let job = object(&ran.stdout);
    let text = |key: &str| job[key].as_str().unwrap().to_owned();
    assert!(text("video").ends_with("/fil\u{fffd}s/Mu\u{fffd}oz.mp4"), "{job}");
    assert!(text("video_bytes").ends_with("/fil%FFs/Mu%F1oz.mp4"), "{job}");
    let made = |key: &str| job["stills"][0]["files"][0][key].as_str().unwrap().to_owned();
    assert!(made("file_bytes").ends_with("/fil%FFs/out/Mu-oz.png"), "{job}");
    assert!(made("key").ends_with("/Mu-oz.png"), "{job}");
    assert_eq!(job["identical_to_preview"], true);
    assert_eq!(Some(picture(&out.join("Mu-oz.png"))), expected);

    // Another process reads it from the history, for scripts and for people.
    let ran = run(posterframe(data).args(["jobs", "--json"]));
    assert_eq!(
        object(&ran.stdout)["video_bytes"],
        job["video_bytes"],
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let id = text("job_id");
    for arguments in [&["jobs"][..], &["jobs", "show", &id], &["jobs", "retry", &id]] {
        let ran = run(posterframe(data).args(arguments));
        assert!(ran.ok && ran.stderr.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
    let ran = run(posterframe(data).args(["jobs", "show", "--json", &id]));
    let again = object(&ran.stdout);
    assert_eq!((&again["attempt"], &again["state"]), (&2.into(), &"done".into()));

    // After a restart the job continues with the same file.
    let ran = run(posterframe(data)
        .args(["submit", "--no-wait", "--at", "1"])
        .arg(&video));
    assert!(ran.ok, "{}", ran.stderr);
    let ran = run(posterframe(data).args(["resume", "--json"]));
    let resumed = object(&ran.stdout);
    assert_eq!(
        (&resumed["state"], &resumed["video_bytes"]),
        (&"done".into(), &job["video_bytes"]),
        "{resumed}"
    );

    // A missing file also gives a JSON object, with an error.
    let missing = inside.join(OsStr::from_bytes(b"\xfe.mp4"));
    let ran = run(posterframe(data)
        .args(["submit", "--json", "--at", "0"])
        .arg(&missing));
    assert!(!ran.ok && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert!(
        object(&ran.stdout)["video_bytes"]
            .as_str()
            .unwrap()
            .ends_with("/%FE.mp4")
    );

    // Such a name for the data folder, and in the default name of a frame.
    let ran = run(posterframe(&inside)
        .current_dir(&inside)
        .args(["frame", "--at", "0.72"])
        .arg(&video));
    assert!(ran.ok, "{}", ran.stderr);
    let frame = inside.join(OsStr::from_bytes(b"Mu\xf1oz_00-00-00.720.png"));
    assert_eq!(Some(picture(&frame)), expected);
    let ran = run(posterframe(&inside)
        .args(["submit", "--json", "--at", "0.72"])
        .arg(&video));
    assert!(
        ran.ok && object(&ran.stdout)["identical_to_preview"] == true,
        "{}",
        ran.stderr
    );
}

// Breaks if the longest possible file name leads to an output name that is too long.
#[test]
fn long_names_are_shortened() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let names = ["x".repeat(255), format!("{}.mp4", "ü".repeat(125))];
    let videos = names.each_ref().map(|name| named(folder.path(), name.as_bytes()));
    let videos = videos.each_ref().map(PathBuf::as_path);
    let (objects, ran) = submit(
        folder.path(),
        &videos,
        &["--at", "0.72", "--out", out.to_str().unwrap()],
    );
    assert!(ran.ok, "{}", ran.stderr);
    for object in &objects {
        let file = Path::new(object["stills"][0]["files"][0]["file"].as_str().unwrap());
        assert!(file.starts_with(&out) && file.is_file(), "{object}");
    }
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
    let ran = run(posterframe(folder.path())
        .current_dir(&out)
        .args(["frame", "--at", "0.72"])
        .arg(videos[0]));
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 3);
}
