//! Frames by place and by rule: which they are, that they lead to the same pixels as ffmpeg's, and jobs of them.

use posterframe_contract::Position;
use serde_json::Value;

use crate::support::{clip, oracle, picture, posterframe, run, submit};

const FILM: &str = "-f lavfi -i testsrc2=size=160x120:rate=25 -t 4 -c:v libx264 -g 25 -keyint_min 25 -sc_threshold 0 -bf 2 -f mp4";

/// What `frame` says of a selection: the frames' times in seconds, and their files.
fn selected(folder: &std::path::Path, video: &std::path::Path, arguments: &[&str]) -> Vec<(f64, String)> {
    let out = folder.join("out");
    std::fs::create_dir_all(&out).unwrap();
    let mut command = posterframe(folder);
    command.arg("frame").arg(video).args(arguments);
    command.args(["--json", "--force", "--out"]).arg(&out);
    let ran = run(&mut command);
    assert!(ran.ok, "{arguments:?}: {}", ran.stderr);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |still: &Value| {
        let time: Position = still["frame_time"].as_str().unwrap().parse().unwrap();
        let file = still["files"][0]["file"].as_str().unwrap();
        (time.as_micros() as f64 / 1e6, file.to_owned())
    };
    object["stills"].as_array().unwrap().iter().map(of).collect()
}

// Breaks if a place or a rule leads to another frame than it says, or its file has other pixels than ffmpeg's at that time.
#[test]
fn places_and_rules() {
    let folder = tempfile::tempdir().unwrap();
    let film = clip(folder.path(), "film.mp4", FILM);
    for (arguments, times) in [
        (&["--at", "50%"][..], &[1.98][..]),
        (&["--at", "last"], &[3.96]),
        (&["--at", "-1s"], &[2.96]),
        (&["--at", "10f"], &[0.4]),
        (&["--every", "1.5s"], &[0.0, 1.52, 3.0]),
        (&["--every", "40f"], &[0.0, 1.6, 3.2]),
        (&["--count", "2"], &[1.0, 3.0]),
        (&["--keyframes"], &[0.0, 1.0, 2.0, 3.0]),
        (&["--at", "0.4", "--every", "2s"], &[0.4, 0.0, 2.0]),
    ] {
        let found = selected(folder.path(), &film, arguments);
        assert_eq!(found.len(), times.len(), "{arguments:?}: {found:?}");
        for ((time, file), wanted) in found.iter().zip(times) {
            assert!((time - wanted).abs() < 0.05, "{arguments:?}: {found:?}");
            let theirs = oracle(&film, &format!("{time:.6}")).unwrap();
            assert!(
                picture(std::path::Path::new(file)) == theirs,
                "{arguments:?}: {file}"
            );
        }
    }
    for (wrong, words) in [
        (&["--at", "200f"][..], "there is no frame 200"),
        (&["--at", "-9s"], "before the start"),
        (&["--at", "101%"], "expected 0 to 100"),
        (&["--every", "10x"], "expected s, ms or f"),
        (&["--at", "01:00:10:13"], "timecode"),
    ] {
        let mut command = posterframe(folder.path());
        command.arg("frame").arg(&film).args(wrong);
        let ran = run(&mut command);
        assert!(!ran.ok && ran.stderr.contains(words), "{wrong:?}: {}", ran.stderr);
    }
}

// Breaks if a job of a rule's frames is not one job of them all, or is of black frames where there are better ones.
#[test]
fn jobs_of_rules() {
    let folder = tempfile::tempdir().unwrap();
    let film = clip(
        folder.path(),
        "dark.mp4",
        "-f lavfi -i color=black:size=160x120:rate=25:duration=2 -f lavfi -i testsrc2=size=160x120:rate=25:duration=2 \
         -filter_complex [0][1]concat=n=2 -c:v libx264 -g 25 -f mp4",
    );
    let (objects, ran) = submit(folder.path(), &[&film], &["--best", "1", "--count", "2"]);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = &objects[..] else {
        panic!("{objects:?}")
    };
    let stills = job["stills"].as_array().unwrap();
    assert_eq!(stills.len(), 3, "{job}");
    assert_eq!(job["identical_to_preview"], true);
    let best = stills[2]["position"].as_str().unwrap();
    assert!(best >= "00:00:02.000", "{best}");
}

// Breaks if a dry run sends something, or says other frames, names or sizes than are made.
#[test]
fn a_dry_run_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let film = clip(folder.path(), "film.mp4", FILM);
    let arguments = ["--every", "2s", "--output", "png", "--output", "jpeg:80x60"];
    let mut command = posterframe(folder.path());
    command
        .arg("submit")
        .arg(&film)
        .args(arguments)
        .args(["--dry-run", "--json"]);
    let ran = run(&mut command);
    assert!(ran.ok, "{}", ran.stderr);
    let planned: Value = serde_json::from_str(&ran.stdout).unwrap();
    let jobs = run(posterframe(folder.path()).args(["jobs", "--json"]));
    assert!(jobs.stdout.trim().is_empty(), "{}", jobs.stdout);
    let (objects, ran) = submit(folder.path(), &[&film], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let stills = objects[0]["stills"].as_array().unwrap();
    let frames = planned["frames"].as_array().unwrap();
    assert_eq!((frames.len(), stills.len()), (2, 2), "{planned}");
    for (frame, still) in frames.iter().zip(stills) {
        assert_eq!(frame["position"], still["position"]);
        for (file, made) in frame["files"]
            .as_array()
            .unwrap()
            .iter()
            .zip(still["files"].as_array().unwrap())
        {
            let key = made["key"].as_str().unwrap();
            assert_eq!(Some(file["name"].as_str().unwrap()), key.rsplit('/').next());
            let (planned, made) = (file["bytes"].as_f64().unwrap(), made["bytes"].as_f64().unwrap());
            // What a file says of itself differs: where the video lies.
            assert!((planned - made).abs() < 0.3 * made + 2_000.0, "{file} {made}");
        }
    }
}

// Breaks if a list of videos is not taken whole, a video that cannot be read keeps the others from being submitted, or it is
// not said what came of each.
#[test]
fn a_list_of_videos() {
    let folder = tempfile::tempdir().unwrap();
    let film = clip(folder.path(), "film.mp4", FILM);
    let list = folder.path().join("list.txt");
    let missing = folder.path().join("missing.mp4");
    std::fs::write(&list, format!("{}\r\n\n{}\n", film.display(), missing.display())).unwrap();
    let mut command = posterframe(folder.path());
    let ran = run(command.args(["submit", "--at", "1", "--from-list"]).arg(&list));
    assert!(!ran.ok && ran.stderr.contains("missing.mp4"), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let of = |name: &str| lines.iter().rev().take(2).any(|line| line.starts_with(name));
    assert!(
        of("film.mp4     Done in ") && of("missing.mp4  not submitted: "),
        "{}",
        ran.stdout
    );
}
