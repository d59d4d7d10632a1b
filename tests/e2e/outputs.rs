//! Files other than the exact PNG: what the app would show of an output is what the task writes, and other programs read it.

use std::fs;
use std::path::Path;

use posterframe_contract::{OutputRequest, PRESETS, SHEET_PRESETS, SheetRequest};
use posterframe_frame::Video;
use posterframe_picture::proof::{Proof, extract};
use serde_json::{Value, json};

use crate::support::{self, clip, oracle, picture, posterframe, run, small_clip, submit};

fn jobs_stills(objects: &[Value]) -> &[Value] {
    let [job] = objects else { panic!("{objects:?}") };
    job["stills"].as_array().unwrap()
}

/// How near a file's pixels are to a picture's of the same size, in dB; more is nearer.
fn psnr(file: &Path, image: &posterframe_frame::Image) -> f64 {
    let read = picture(file);
    let size = format!("{},{},", image.width(), image.height());
    assert!(read.size.starts_with(&size), "{}: {}", file.display(), read.size);
    let there = read
        .pixels
        .chunks_exact(8)
        .flat_map(|pixel| [pixel[1], pixel[3], pixel[5]]);
    let rgba = image.to_rgba8();
    let here = rgba.chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied();
    support::psnr(&there.collect::<Vec<_>>(), &here.collect::<Vec<_>>())
}

// Breaks if an output's pixels are not those that the app makes of the same frame, its file has another size, is damaged or
// too large, or the exact PNG beside it is not the original's any more.
#[test]
fn a_task_makes_what_the_app_shows() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(
        folder.path(),
        "film.mp4",
        "-f lavfi -i testsrc2=size=1280x720:rate=25 -t 2 -c:v libx264 -g 20 -bf 2 -f mp4",
    );
    let out = folder.path().join("out");
    let outputs = [
        "png",
        "jpeg:640x360:q=92",
        "jpeg:200x200:crop:444:max=12kB",
        "webp:480x480:pad",
        "webp:crop=100,50,320,180:lossless",
        "png:16:x90",
        "avif:320x180",
        "avif:10:crop=100,50,200,101:444",
    ];
    let mut arguments = vec!["--at", "0.52", "--at", "1.96", "--out", out.to_str().unwrap()];
    for output in outputs {
        arguments.extend(["--output", output]);
    }
    arguments.extend(["--name", "{name}{-n}-{width}"]);
    let (objects, ran) = submit(folder.path(), &[&clip], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let mut video = Video::open(clip.as_path()).unwrap();
    for (still, (position, micros)) in jobs_stills(&objects)
        .iter()
        .zip([("0.52", 520_000), ("1.96", 1_960_000)])
    {
        let frame = video.frame_at(std::time::Duration::from_micros(micros)).unwrap();
        let files = still["files"].as_array().unwrap();
        assert_eq!(files.len(), outputs.len(), "{still}");
        assert_eq!(still["identical_to_preview"], true);
        for (file, output) in files.iter().zip(outputs) {
            let wanted: OutputRequest = output.parse().unwrap();
            let shown = posterframe_picture::render(&frame.image, &wanted).unwrap();
            assert_eq!(file["pixel_sha256"], shown.pixel_sha256(), "{output}");
            assert_eq!(
                (&file["width"], &file["height"]),
                (&shown.width().into(), &shown.height().into())
            );
            let path = Path::new(file["file"].as_str().unwrap());
            assert_eq!(path.extension().unwrap(), wanted.format.extension());
            let bytes = fs::metadata(path).unwrap().len();
            assert_eq!(file["bytes"], bytes);
            assert!(
                wanted.max_bytes.is_none_or(|most| bytes <= most),
                "{output}: {bytes}"
            );
            let least = match output {
                "png" | "png:16:x90" | "webp:crop=100,50,320,180:lossless" => 50.0,
                _ => 25.0,
            };
            let proof = extract(&fs::read(path).unwrap()).and_then(|xmp| Proof::from_xmp(&xmp));
            let proof = proof.unwrap_or_else(|| panic!("{output} does not say where it comes from"));
            assert_eq!(proof.frame_sha256, frame.image.pixel_sha256());
            assert_eq!(
                (proof.pixel_sha256.as_str(), proof.frame_number),
                (file["pixel_sha256"].as_str().unwrap(), still["number"].as_u64())
            );
            let nearness = psnr(path, &shown);
            assert!(nearness > least, "{output}: {nearness} dB");
        }
        let exact = Path::new(files[0]["file"].as_str().unwrap());
        assert_eq!(Some(picture(exact)), oracle(&clip, position));
    }
    assert!(out.join("film-2-1280.png").is_file() && out.join("film-200.jpg").is_file());
}

// Breaks if what cannot be made takes the others with it, is found out only by the task where it could be said before, or is
// not said in words.
#[test]
fn what_cannot_be_made_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let (objects, ran) = submit(
        folder.path(),
        &[&clip],
        &[
            "--at",
            "1",
            "--output",
            "png",
            "--output",
            "jpeg:max=100",
            "--output",
            "webp:320x",
        ],
    );
    assert_eq!(ran.code, Some(18), "{}", ran.stderr);
    let still = &jobs_stills(&objects)[0];
    assert_eq!(still["files"].as_array().unwrap().len(), 2, "{still}");
    let error = still["error"].as_str().unwrap();
    assert!(
        error.contains("jpeg:max=100 cannot be made: at the lowest quality"),
        "{error}"
    );
    for (arguments, complaint) in [
        (&["--output", "jpeg:0x10"][..], "such as 1280x720"),
        (&["--output", "bmp"], "a preset"),
        (&["--output", "png:q=3"], "no quality"),
        (
            &["--output", "jpeg:20x20", "--output", "jpeg:crop=0,0,9,9"],
            "outputs[1].name",
        ),
        (&["--name", "{nothing}"], "a field such as"),
        (&["--name", "../x"], "without slashes"),
    ] {
        let (_, ran) = submit(folder.path(), &[&clip], &[&["--at", "1"], arguments].concat());
        assert!(
            !ran.ok && ran.stderr.contains(complaint),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
}

// Breaks if `frame` makes other files than a task, names them otherwise than asked, or takes an extension for another format.
#[test]
fn frames_without_a_backend() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let frame = |arguments: &[&str]| {
        run(posterframe(folder.path())
            .current_dir(folder.path())
            .args(["frame", "bunny.mp4", "--at", "1"])
            .args(arguments))
    };
    let ran = frame(&["-o", "poster.jpg", "--json"]);
    assert!(ran.ok, "{}", ran.stderr);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    let file = &object["stills"][0]["files"][0];
    assert_eq!((&file["format"], &file["quality"]), (&"jpeg".into(), &90.into()));
    let size = |file: &str| picture(&folder.path().join(file)).size;
    assert!(size("poster.jpg").starts_with("320,180,"));
    let ran = frame(&[
        "-o", "all", "--output", "youtube", "--output", "web", "--output", "png",
    ]);
    assert!(ran.ok, "{}", ran.stderr);
    for (name, expected) in [
        ("bunny_00-00-01.000.jpg", "1280,720,"),
        ("bunny_00-00-01.000.webp", "320,180,"),
        ("bunny_00-00-01.000.png", "320,180,"),
    ] {
        let made = size(&format!("all/{name}"));
        assert!(made.starts_with(expected), "{name}: {made}");
    }
    let ran = frame(&[
        "-o",
        "all",
        "--output",
        "jpeg:100x",
        "--output",
        "jpeg:50x",
        "--name",
        "{name}-{width}-{frame}",
    ]);
    assert!(ran.ok, "{}", ran.stderr);
    assert!(
        folder.path().join("all/bunny-100-25.jpg").is_file()
            && folder.path().join("all/bunny-50-25.jpg").is_file()
    );
    for (arguments, complaint) in [
        (
            &["-o", "x.png", "--output", "jpeg"][..],
            "give it the extension .jpg",
        ),
        (&["-o", "x.bmp"], "cannot be written"),
        (&["--output", "jpeg:20x", "--output", "jpeg:10x"], "--name"),
        (&["-o", "poster.jpg"], "only --force replaces"),
    ] {
        let ran = frame(arguments);
        assert!(
            !ran.ok && ran.stderr.contains(complaint),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    assert_eq!(clip.file_name().unwrap(), "bunny.mp4");
}

// Breaks if a preset that was kept in the window is not taken by its name, is not listed as one's own, or replaces a
// built-in one.
#[test]
fn presets_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let kept = json!({ "presets": [
        { "label": "For the shop", "output": { "format": "webp", "size": "160x", "quality": 50 } },
        { "label": "web", "output": { "format": "png", "size": "20x" } },
    ] });
    fs::create_dir_all(folder.path().join("config")).unwrap();
    fs::write(folder.path().join("config/window.json"), kept.to_string()).unwrap();
    let ran = run(posterframe(folder.path()).arg("outputs"));
    assert!(
        ran.stdout.lines().any(|line| line.contains("For the shop")
            && line.contains("webp:160x:q=50")
            && line.ends_with("Your own")),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("for the window alone"), "{}", ran.stdout);
    let ran = run(posterframe(folder.path()).args(["outputs", "--json"]));
    let listed: Vec<Value> = { ran.stdout.lines() }
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let own: Vec<&Value> = listed.iter().filter(|object| object["own"] == true).collect();
    assert_eq!((own.len(), &own[0]["name"]), (2, &json!("For the shop")));
    assert_eq!(listed.len(), PRESETS.len() + SHEET_PRESETS.len() + 2);
    let outputs = [
        "--at",
        "1",
        "--output",
        "For the shop",
        "--output",
        "For the shop:80x:name={name}-small",
        "--output",
        "web:64x:name={name}-web",
    ];
    let ran = run(posterframe(folder.path())
        .current_dir(folder.path())
        .args(["frame", "bunny.mp4", "-o", "here"])
        .args(outputs));
    assert!(ran.ok, "{}", ran.stderr);
    let (objects, ran) = submit(folder.path(), &[&clip], &outputs);
    assert!(ran.ok, "{}", ran.stderr);
    let files = jobs_stills(&objects)[0]["files"].as_array().unwrap();
    let sizes: Vec<_> = files
        .iter()
        .map(|file| (&file["format"], &file["width"]))
        .collect();
    let webp = &json!("webp");
    assert_eq!(
        sizes,
        [(webp, &json!(160)), (webp, &json!(80)), (webp, &json!(64))]
    );
    for (name, width) in [
        ("bunny_00-00-01.000.webp", "160,"),
        ("bunny-small.webp", "80,"),
        ("bunny-web.webp", "64,"),
    ] {
        let made = picture(&folder.path().join("here").join(name));
        assert!(made.size.starts_with(width), "{name}: {}", made.size);
    }
    let (_, ran) = submit(
        folder.path(),
        &[&clip],
        &["--at", "1", "--output", "For the shops"],
    );
    assert!(
        !ran.ok && ran.stderr.contains("story, For the shop, web"),
        "{}",
        ran.stderr
    );
}

// Breaks if a preset is not listed, or its line cannot be given to --output or --sheet.
#[test]
fn presets_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(posterframe(folder.path()).args(["outputs", "--json"]));
    let listed: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (outputs, sheets) = listed.split_at(PRESETS.len());
    assert_eq!(sheets.len(), SHEET_PRESETS.len());
    for (object, preset) in sheets.iter().zip(SHEET_PRESETS) {
        assert_eq!(object["name"], preset.name);
        let sheet: SheetRequest = object["sheet"].as_str().unwrap().parse().unwrap();
        assert_eq!(sheet, preset.sheet);
        assert_eq!(
            serde_json::from_value::<SheetRequest>(object["request"].clone()).unwrap(),
            sheet
        );
    }
    for (object, preset) in outputs.iter().zip(PRESETS) {
        assert_eq!(object["name"], preset.name);
        let output: OutputRequest = object["output"].as_str().unwrap().parse().unwrap();
        assert_eq!(output, preset.output());
        assert_eq!(
            serde_json::from_value::<OutputRequest>(object["request"].clone()).unwrap(),
            output
        );
    }
}
