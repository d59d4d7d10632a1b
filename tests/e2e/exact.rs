//! Compares `posterframe frame` with the ffmpeg program, pixel for pixel.

use std::path::{Path, PathBuf};

use posterframe_clips::shared_media;

use crate::support::{oracle, picture, posterframe, run, small_clip};

/// The program's frame, or its error.
fn ours(folder: &Path, video: &Path, position: &str) -> Result<PathBuf, String> {
    let output = folder.join("ours.png");
    let _ = std::fs::remove_file(&output);
    let ran = run(posterframe(folder)
        .args(["frame", "--at", position, "-o"])
        .arg(&output)
        .arg("--")
        .arg(video));
    assert!(
        !ran.stderr.contains("panicked"),
        "{}: {}",
        video.display(),
        ran.stderr
    );
    assert_eq!(ran.ok, output.exists(), "{}: {}", video.display(), ran.stderr);
    if ran.ok { Ok(output) } else { Err(ran.stderr) }
}

fn compare(folder: &Path, video: &Path, position: &str) {
    let at = format!("{} at {position}", video.display());
    match (ours(folder, video, position), oracle(video, position)) {
        (Ok(png), Some(expected)) => {
            let got = picture(&png);
            assert_eq!(got.size, expected.size, "{at}: another size or pixel format");
            assert!(got.pixels == expected.pixels, "{at}: other pixels");
        }
        (Err(_), None) => {}
        (Ok(_), None) => panic!("{at}: ffmpeg gives no frame, we do"),
        (Err(error), Some(_)) => panic!("{at}: ffmpeg gives a frame, we do not: {error}"),
    }
}

/// Duration in seconds by the container or the stream; 0 if neither has one.
fn duration(video: &Path) -> f64 {
    let mut command = std::process::Command::new("ffprobe");
    command
        .args([
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            "-i",
        ])
        .arg(video);
    run(&mut command).stdout.trim().parse().unwrap_or(0.0)
}

// Breaks if a frame of the sample or a simple clip differs from ffmpeg's: the first, the last, at exact times, between
// frames, past the end.
#[test]
fn our_own_clips() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/sample.mp4");
    for position in ["0", "0.041", "0.042", "3.5", "10.541", "11.958", "11.959", "12"] {
        compare(folder.path(), &sample, position);
    }
    let clip = small_clip(folder.path(), "clip.mp4");
    for position in ["0", "0.04", "0.0401", "0.79", "0.8", "0.81", "1.96", "1.97"] {
        compare(folder.path(), &clip, position);
    }
}

// Breaks if a frame of a clip beside the checkout differs from ffmpeg's. Without such clips it checks nothing.
#[test]
fn the_clips_beside_the_checkout() {
    let folder = tempfile::tempdir().unwrap();
    for video in shared_media() {
        let duration = duration(&video);
        for part in [0.0, 0.37, 0.9, 1.1] {
            compare(folder.path(), &video, &format!("{:.3}", duration * part));
        }
    }
}

// Breaks if several frames of one call are not those of one call each, one that is past the end takes others with it, or a
// script is not told which file is which.
#[test]
fn several_frames_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let stills = folder.path().join("stills");
    let mut command = posterframe(folder.path());
    let at = ["--at", "1.5", "--at", "9", "--at", "4f", "--at", "0.2"];
    let ran = command
        .args(["frame", "--json", "-o"])
        .arg(&stills)
        .args(at)
        .arg(&clip);
    let output = ran.output().unwrap();
    assert_eq!(output.status.code(), Some(17));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = object["stills"].as_array().unwrap();
    assert_eq!(found.len(), 4);
    for (still, (position, number)) in found
        .iter()
        .zip([("1.5", 38), ("9", -1), ("0.16", 4), ("0.2", 5)])
    {
        let Some(expected) = oracle(&clip, position) else {
            assert!(
                still["error"].as_str().unwrap().contains("past the last frame"),
                "{still}"
            );
            continue;
        };
        let file = Path::new(still["files"][0]["file"].as_str().unwrap());
        assert_eq!(picture(file), expected, "{position}");
        assert_eq!(still["number"], number, "{still}");
        assert_eq!(still["files"][0]["bytes"], std::fs::metadata(file).unwrap().len());
    }
    let missing = posterframe(folder.path())
        .args(["frame", "--at", "9"])
        .arg(&clip)
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(13));
    let no_video = folder.path().join("notes.mp4");
    std::fs::write(&no_video, "Milk, bread").unwrap();
    let no_video = posterframe(folder.path())
        .args(["frame", "--at", "1"])
        .arg(&no_video)
        .output()
        .unwrap();
    assert_eq!(no_video.status.code(), Some(12));
}
