//! Sheets: tiles of a whole video with their cues, and contact sheets, by a task and by `frame`.

use std::path::Path;
use std::process::Command;

use posterframe_clips::ffmpeg;
use posterframe_picture::proof::{SheetProof, extract};
use serde_json::Value;

use crate::support::{clip, picture, posterframe, psnr, run, submit};

/// A picture's bytes of red, green and blue, as the ffmpeg program reads it, through a filter.
fn pixels(arguments: &[&str], file: &Path, filter: &str) -> Vec<u8> {
    let mut command = ffmpeg();
    command.args(arguments).arg("-i").arg(file);
    command.args([
        "-frames:v",
        "1",
        "-vf",
        filter,
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
        "-",
    ]);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A keyframe every two seconds: keyframes do for one tile every four.
const CLIP: &str = "-f lavfi -i testsrc2=size=640x360:rate=25 -t 18 -c:v libx264 -g 50 -keyint_min 50 -sc_threshold 0 -f mp4";

/// What must be the same of two sheets' files: a picture's pixels, since its file says of an object which version it is.
fn content(file: &Path) -> Vec<u8> {
    if file.extension().is_some_and(|extension| extension == "vtt") {
        std::fs::read(file).unwrap()
    } else {
        picture(file).pixels
    }
}

/// The cues of a `WebVTT` file: their times, and the part of the picture.
fn cues(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut parts = text.split("\n\n");
    assert_eq!(parts.next(), Some("WEBVTT"));
    let cue = |part: &str| {
        let (times, target) = part.trim().split_once('\n').unwrap();
        (times.to_owned(), target.to_owned())
    };
    parts.map(cue).collect()
}

// Breaks if a tile is not the frame of its cue, cues do not say where tiles are, the task's sheet is not the one that is
// made here, or a job without a still is none.
#[test]
fn tiles_are_the_frames_of_their_cues() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "a b.mp4", CLIP);
    let out = folder.path().join("out");
    let sheets = ["160x90@4s:columns=3:png", "80x@1.5s:exact:png"];
    let mut arguments = vec!["--out", out.to_str().unwrap()];
    arguments.extend(sheets.iter().flat_map(|sheet| ["--sheet", sheet]));
    let (objects, ran) = submit(folder.path(), &[&clip], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = objects.as_slice() else {
        panic!("{objects:?}")
    };
    assert_eq!(
        (&job["state"], &job["stills"]),
        (&"done".into(), &Value::Array(Vec::new()))
    );
    let cases = [
        ("a b-sheet", 5, (160, 90), 4.0),
        ("a b-sheet-2", 12, (80, 45), 1.5),
    ];
    for (sheet, (name, tiles, tile, step)) in job["sheets"].as_array().unwrap().iter().zip(cases) {
        assert_eq!(
            (&sheet["tiles"], &sheet["error"]),
            (&tiles.into(), &Value::Null),
            "{sheet}"
        );
        let (picture, vtt) = (out.join(format!("{name}.png")), out.join(format!("{name}.vtt")));
        assert_eq!(sheet["files"][0]["file"], picture.to_str().unwrap());
        assert_eq!(sheet["vtt"], vtt.to_str().unwrap());
        let cues = cues(&vtt);
        assert_eq!(cues.len(), tiles);
        for (index, (times, target)) in cues.iter().enumerate() {
            let time = step * index as f64;
            let start = format!("00:00:{:06.3} --> ", (time * 25.0).ceil() / 25.0);
            assert!(times.starts_with(&start), "{times}: {start}");
            let (file, part) = target.split_once("#xywh=").unwrap();
            assert_eq!(file, format!("{}.png", name.replace(' ', "%20")));
            let part: Vec<&str> = part.split(',').collect();
            let [left, top, width, height] = part.as_slice() else {
                panic!("{target}")
            };
            assert_eq!((width.parse(), height.parse()), (Ok(tile.0), Ok(tile.1)));
            let crop = format!("crop={width}:{height}:{left}:{top}");
            let scale = format!("scale={width}:{height}:flags=area");
            let there = pixels(&[], &picture, &crop);
            let expected = pixels(&["-ss", &time.to_string()], &clip, &scale);
            let likeness = psnr(&there, &expected);
            assert!(likeness > 30.0, "{name}, tile {index}: {likeness:.1} dB");
        }
    }

    // The same on this computer.
    let here = folder.path().join("here");
    let mut command = posterframe(folder.path());
    command
        .args(["frame", "--json", "--out", here.to_str().unwrap()])
        .arg(&clip);
    command.args(sheets.iter().flat_map(|sheet| ["--sheet", sheet]));
    let ran = run(&mut command);
    assert!(ran.ok, "{}", ran.stderr);
    for name in [
        "a b-sheet.png",
        "a b-sheet.vtt",
        "a b-sheet-2.png",
        "a b-sheet-2.vtt",
    ] {
        assert!(content(&here.join(name)) == content(&out.join(name)), "{name}");
    }
    // Nothing is written over.
    let ran = run(&mut command);
    assert!(!ran.ok && ran.stderr.contains("--force"), "{}", ran.stderr);
}

// Breaks if a contact sheet has cues or the name of another sheet, a still of it is not the frame of its time, its head is not
// there, or the task's is not the one that is made here.
#[test]
fn contact_sheets_are_the_same_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "a b.mp4", CLIP);
    let out = folder.path().join("out");
    let sheets = ["160x90@4s:contact:columns=3:png", "160x90@4s:png", "contact"];
    let mut arguments = vec!["--out", out.to_str().unwrap()];
    arguments.extend(sheets.iter().flat_map(|sheet| ["--sheet", sheet]));
    let (objects, ran) = submit(folder.path(), &[&clip], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = objects.as_slice() else {
        panic!("{objects:?}")
    };
    let names = ["a b-contact.png", "a b-sheet.png", "a b-contact-2.jpg"];
    let made = job["sheets"].as_array().unwrap();
    for ((sheet, name), tiles) in made.iter().zip(names).zip([5, 5, 24]) {
        assert_eq!(
            (&sheet["tiles"], &sheet["error"]),
            (&tiles.into(), &Value::Null),
            "{sheet}"
        );
        assert_eq!(sheet["files"][0]["file"], out.join(name).to_str().unwrap());
        assert_eq!(sheet["vtt_key"].is_null(), name.contains("contact"), "{sheet}");
    }

    // Three columns and two lines, 10 pixels apart and 20 from the edge, with 24 for each time: what is left is the head.
    let (width, height) = (
        &made[0]["files"][0]["width"],
        made[0]["files"][0]["height"].as_u64(),
    );
    assert_eq!(width, 540);
    let head = height.unwrap() - (2 * (90 + 24 + 10) - 10 + 20);
    let picture = out.join(names[0]);
    let lightest = |crop: &str| pixels(&[], &picture, crop).into_iter().max();
    for index in 0..5 {
        let (left, top) = (20 + index % 3 * 170, head + index / 3 * 124);
        let there = pixels(&[], &picture, &format!("crop=160:90:{left}:{top}"));
        let at = (index * 4).to_string();
        let expected = pixels(&["-ss", &at], &clip, "scale=160:90:flags=area");
        let likeness = psnr(&there, &expected);
        assert!(likeness > 30.0, "tile {index}: {likeness:.1} dB");
        let time = lightest(&format!("crop=160:24:{left}:{}", top + 90));
        assert!(time > Some(160), "the time of tile {index}: {time:?}");
    }
    assert!(lightest(&format!("crop=540:{head}:0:0")) > Some(200));

    // The same on this computer.
    let here = folder.path().join("here");
    let mut command = posterframe(folder.path());
    command
        .args(["frame", "--json", "--out", here.to_str().unwrap()])
        .arg(&clip);
    command.args(sheets.iter().flat_map(|sheet| ["--sheet", sheet]));
    let ran = run(&mut command);
    assert!(ran.ok, "{}", ran.stderr);
    for name in names {
        assert!(content(&here.join(name)) == content(&out.join(name)), "{name}");
    }
    assert!(!here.join("a b-contact.vtt").exists());
}

// Breaks if a sheet that cannot be is sent, or it is not said what was expected.
#[test]
fn impossible_sheets_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (sheet, words) in [
        ("160x90", "10s"),
        ("160x90@0s", "at least 0.1s"),
        ("0x90@1s", "from 1 to"),
        ("160x90@10s:gif", "jpeg, webp or png"),
    ] {
        let ran = run(posterframe(folder.path()).args(["submit", "--sheet", sheet, "x.mp4"]));
        assert!(!ran.ok && ran.stderr.contains(words), "{sheet}: {}", ran.stderr);
    }
    let wide = ["submit", "--json", "--sheet", "1024x90@1s:columns=50"];
    let ran = run(posterframe(folder.path())
        .args(wide)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/sample.mp4")));
    assert!(!ran.ok && ran.stderr.contains("pixels across"), "{}", ran.stderr);
}

// Breaks if a sheet does not say where it is from, in each of its pictures, to exiftool too, or if `verify` looks for it among
// the frames of the video.
#[test]
fn sheets_say_where_they_are_from() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "a b.mp4", CLIP);
    let out = folder.path().join("out");
    let sheets = [
        "160x90@4s",
        "640x@1s:columns=1:exact:no-vtt:webp",
        "160x@5tiles:contact:png",
    ];
    let arguments = sheets.iter().flat_map(|sheet| ["--sheet", sheet]);
    let arguments: Vec<&str> = ["--out", out.to_str().unwrap()]
        .into_iter()
        .chain(arguments)
        .collect();
    let (objects, ran) = submit(folder.path(), &[&clip], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let here = folder.path().join("here");
    let ran = run(posterframe(folder.path())
        .arg("frame")
        .args(&arguments[2..])
        .arg("--out")
        .arg(&here)
        .arg(&clip));
    assert!(ran.ok, "{}", ran.stderr);
    let made = objects[0]["sheets"].as_array().unwrap();
    assert_eq!(made.len(), sheets.len());
    for (object, text) in made.iter().zip(sheets) {
        let mut tiles = 0;
        let files = object["files"].as_array().unwrap();
        for (index, file) in files.iter().enumerate() {
            let path = Path::new(file["file"].as_str().unwrap());
            for path in [path, &here.join(path.file_name().unwrap())] {
                let xmp = extract(&std::fs::read(path).unwrap()).unwrap();
                let said = SheetProof::from_xmp(&xmp).unwrap();
                assert_eq!(
                    (&*said.origin.name, said.sheet.to_string().as_str()),
                    ("a b.mp4", text)
                );
                assert_eq!(said.origin.bytes, Some(std::fs::metadata(&clip).unwrap().len()));
                assert_eq!(said.origin.etag.is_some(), path.starts_with(&out));
                assert_eq!(said.number as usize, index + 1);
                assert_eq!(said.pixel_sha256, file["pixel_sha256"].as_str().unwrap());
                if path.starts_with(&out) {
                    tiles += said.tiles;
                }
                let read = Command::new("exiftool")
                    .args(["-b", "-XMP-pf:Sheet"])
                    .arg(path)
                    .output();
                match read {
                    Ok(read) => assert_eq!(String::from_utf8(read.stdout).unwrap(), text),
                    Err(error) => println!("skipped: exiftool: {error}"),
                }
                let ran = run(posterframe(folder.path())
                    .args(["verify", "--json"])
                    .args([path, &clip]));
                let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
                assert_eq!(
                    (ran.code, &answer["answer"]),
                    (Some(2), &"cannot tell".into()),
                    "{answer}"
                );
                let reason = answer["reason"].as_str().unwrap();
                assert!(reason.contains("this is a sheet"), "{reason}");
            }
        }
        assert_eq!(tiles, object["tiles"].as_u64().unwrap() as u32, "{text}");
    }
}
