//! Videos that are read otherwise than their files say: by a task, by `frame`, `marks` and `verify`.

use std::path::{Path, PathBuf};
use std::process::Command;

use posterframe_clips::ffmpeg;
use posterframe_contract::{JobRequest, Manifest};
use posterframe_picture::proof::{Proof, extract};
use serde_json::{Value, json};

use crate::support::{Backend, Picture, clip, picture, posterframe, run, submit};

/// Two videos of different sizes, rates and pictures.
fn two_tracks(folder: &Path) -> PathBuf {
    clip(
        folder,
        "two.mp4",
        "-f lavfi -i testsrc2=size=320x180:rate=25:duration=2 -f lavfi -i mandelbrot=size=192x108:rate=30 -map 0 -map 1 -t 2 \
         -c:v libx264 -pix_fmt yuv420p -g 20 -bf 2 -f mp4",
    )
}

/// The ffmpeg program's frame of the second track, turned by a quarter.
fn second_turned(video: &Path, position: &str) -> Picture {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("oracle.png");
    let made = ffmpeg()
        .arg("-noautorotate")
        .arg("-i")
        .arg(video)
        .args([
            "-map",
            "0:V:1",
            "-ss",
            position,
            "-frames:v",
            "1",
            "-vf",
            "transpose=clock",
        ])
        .arg(&png)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    picture(&png)
}

const SECOND_TURNED: [&str; 4] = ["--track", "2", "--rotate", "90"];

// Breaks if a task takes another track than the preview, or turns it otherwise than ffmpeg; if the job is in the short form, which
// cannot say it; if request, manifest or file do not say it; or if `verify` does not go by what the file says.
#[test]
fn a_task_takes_the_track() {
    let folder = tempfile::tempdir().unwrap();
    let video = two_tracks(folder.path());
    let out = folder.path().join("out");
    let mut arguments = vec!["--at", "1.1", "--out", out.to_str().unwrap()];
    arguments.extend(SECOND_TURNED);
    let (objects, ran) = submit(folder.path(), &[&video], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = objects.as_slice() else {
        panic!("{objects:?}")
    };
    let said = json!({ "track": 2, "rotate": 90 });
    assert_eq!(job["source"]["interpretation"], said);
    assert_eq!(job["identical_to_preview"], true, "{job}");
    let still = PathBuf::from(job["stills"][0]["files"][0]["file"].as_str().unwrap());
    let expected = second_turned(&video, "1.1");
    assert!(expected.size.starts_with("108,192,"), "{}", expected.size);
    assert_eq!(picture(&still), expected);

    let xmp = extract(&std::fs::read(&still).unwrap()).unwrap();
    let proof = Proof::from_xmp(&xmp).unwrap();
    assert_eq!(serde_json::to_value(proof.origin.interpretation).unwrap(), said);
    for (tag, value) in [("-XMP-pf:Track", "2"), ("-XMP-pf:Rotate", "90")] {
        match Command::new("exiftool").args(["-b", tag]).arg(&still).output() {
            Ok(read) => assert_eq!(String::from_utf8(read.stdout).unwrap(), value, "{tag}"),
            Err(error) => println!("skipped: exiftool: {error}"),
        }
    }
    let verify = |arguments: &[&str]| {
        let ran = run(posterframe(folder.path())
            .args(["verify", "--json"])
            .args(arguments)
            .args([&still, &video]));
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        (ran.code, answer)
    };
    let (code, answer) = verify(&[]);
    assert_eq!((code, &answer["number"]), (Some(0), &json!(33)), "{answer}");
    assert_eq!(answer["claimed"]["interpretation"], said);
    let (code, answer) = verify(&["--track", "1"]);
    assert_eq!(code, Some(1), "{answer}");

    let backend = Backend::start(folder.path());
    let fetch = |key: &Value| {
        let from = format!("s3://{}/{}", backend.bucket, key.as_str().unwrap());
        let file = folder.path().join("fetched.json");
        let copied = backend.aws(&["s3", "cp", &from, file.to_str().unwrap()]);
        assert!(copied.ok, "{}", copied.stderr);
        std::fs::read(file).unwrap()
    };
    let request = JobRequest::parse(&fetch(&job["request_key"])).unwrap();
    assert_eq!(request.source.interpretation, proof.origin.interpretation);
    let manifest = Manifest::parse(&fetch(&job["manifest_key"])).unwrap();
    assert_eq!(manifest.source.interpretation, proof.origin.interpretation);
}

// Breaks if `frame` makes another picture than a task, does not list the tracks, or a track that is missing is not said with
// those that there are; if frames of a still that says nothing are not looked for in the track that is asked for; or if marks are
// those of another track.
#[test]
fn without_a_backend() {
    let folder = tempfile::tempdir().unwrap();
    let video = two_tracks(folder.path());
    let program = |command: &str, arguments: &[&str]| {
        run(posterframe(folder.path())
            .current_dir(folder.path())
            .args([command, "--json"])
            .args(arguments))
    };
    let ran = program(
        "frame",
        &[&["two.mp4", "--at", "1.1", "-o", "a.png"][..], &SECOND_TURNED].concat(),
    );
    assert!(ran.ok, "{}", ran.stderr);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    let tracks: Vec<_> = object["tracks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| {
            (
                &track["track"],
                &track["width"],
                &track["frame_rate"],
                &track["shown"],
            )
        })
        .collect();
    assert_eq!(
        tracks,
        [
            (&json!(1), &json!(320), &json!("25/1"), &json!(false)),
            (&json!(2), &json!(192), &json!("30/1"), &json!(true))
        ]
    );
    assert_eq!(
        picture(&folder.path().join("a.png")),
        second_turned(&video, "1.1")
    );
    for (rule, arguments) in [("dry", &["--dry-run"][..]), ("wet", &[])] {
        let mut command = vec!["two.mp4", "--at", "1.1", "--track", "3"];
        command.extend(arguments);
        let ran = program("submit", &command);
        assert!(
            !ran.ok
                && ran
                    .stderr
                    .contains("the video has 2 video tracks; there is no track 3"),
            "{rule}: {}",
            ran.stderr
        );
    }
    for (arguments, complaint) in [
        (["--rotate", "45"], "0, 90, 180 or 270"),
        (["--track", "0"], "invalid value"),
    ] {
        let ran = program("frame", &[&["two.mp4", "--at", "1"][..], &arguments].concat());
        assert!(!ran.ok && ran.stderr.contains(complaint), "{}", ran.stderr);
    }

    let plain = folder.path().join("plain.png");
    let made = ffmpeg()
        .arg("-i")
        .arg(folder.path().join("a.png"))
        .args(["-map_metadata", "-1"])
        .arg(&plain)
        .output()
        .unwrap();
    assert!(made.status.success());
    let ran = program("verify", &["plain.png", "two.mp4"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let ran = program(
        "verify",
        &[&["plain.png", "two.mp4"][..], &SECOND_TURNED].concat(),
    );
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);

    std::fs::write(folder.path().join("marks.csv"), "frame,name\n33,Here\n").unwrap();
    for (track, position) in [("1", "00:00:01.320"), ("2", "00:00:01.100")] {
        let ran = program("marks", &["two.mp4", "--marks", "marks.csv", "--track", track]);
        assert!(ran.ok, "{}", ran.stderr);
        let mark: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(mark["position"], position, "{mark}");
    }
}
