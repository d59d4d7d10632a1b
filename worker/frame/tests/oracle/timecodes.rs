//! Timecodes, beside those that ffprobe reads from a file and those that ffmpeg draws into each picture.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use posterframe_contract::Timecode;
use posterframe_frame::{Error, FrameIndex, Image, Moment, NoTimecode, Options, Video};

use crate::support::{Clip, make, oracle};

const LOSSLESS: &str = "-pix_fmt yuv420p -c:v libx264 -qp 0 -g 12 -bf 2";

/// A filter that draws white text on black; `what` is `text` or `timecode`. The value's colons are escaped for the options, and
/// the quotes are for the graph.
fn drawn(what: &str, value: &str, rate: &str) -> String {
    let value = value.replace(':', "\\:");
    let rate_of_text = if what == "timecode" {
        format!(":rate={rate}:tc24hmax=1")
    } else {
        String::new()
    };
    format!(
        "-f lavfi -i color=c=black:s=320x48:r={rate}:d=3,drawtext={what}='{value}'{rate_of_text}:fontsize=32:fontcolor=white:x=4:y=4"
    )
}

/// A clip of three seconds whose frames show their timecodes, from `start` on.
fn clip(name: &str, rate: &str, start: &str, codec: &str) -> Clip {
    let source = drawn("timecode", start, rate);
    Clip::new(name, &format!("{source} {codec} -timecode {start}"))
}

fn timecode(text: &str) -> Timecode {
    text.parse().unwrap()
}

fn at(path: &Path, text: &str) -> Result<Image, Error> {
    let mut video = Video::open(path)?;
    let pick = video.pick(Moment::Timecode(timecode(text)))?;
    let frame = video.frame_at(pick.position)?;
    // The frame itself says the same of itself, whether or not its number is known.
    let timecodes = video.info().timecodes.clone()?;
    for number in [None, frame.number, pick.number] {
        assert_eq!(timecodes.at(frame.pts, number)?, timecode(text), "{number:?}");
    }
    Ok(frame.image)
}

/// What ffprobe says of the first frame.
fn probed(path: &Path) -> String {
    let entries = "stream_tags=timecode:format_tags=timecode";
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            entries,
            "-of",
            "default=nw=1:nk=1",
        ])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().next().unwrap_or_default().to_owned()
}

// Breaks if a timecode leads to a frame that does not show it: by ffmpeg's own arithmetic, across the traps of drop-frame
// timecode, past midnight, in containers that tell times in different ways.
#[test]
fn each_frame_shows_its_timecode() {
    for (name, rate, start, wanted) in [
        (
            "drop.mov",
            "30000/1001",
            "00:00:59;20",
            ["00:00:59;20", "00:00:59;29", "00:01:00;02", "00:01:02;10"],
        ),
        (
            "tenth.mp4",
            "30000/1001",
            "00:09:58;20",
            ["00:09:59;29", "00:10:00;00", "00:10:00;01", "00:10:01;19"],
        ),
        (
            "fast.mkv",
            "60000/1001",
            "10:58:59;50",
            ["10:58:59;59", "10:59:00;04", "10:59:00;05", "10:59:02;00"],
        ),
        (
            "midnight.mov",
            "25",
            "23:59:59:00",
            ["23:59:59:00", "23:59:59:24", "00:00:00:00", "00:00:01:24"],
        ),
        (
            "film.mkv",
            "24000/1001",
            "01:00:00:00",
            ["01:00:00:00", "01:00:00:23", "01:00:01:00", "01:00:02:23"],
        ),
        (
            "slow.mp4",
            "30000/1001",
            "01:00:59:20",
            ["01:00:59:29", "01:01:00:00", "01:01:00:01", "01:01:02:10"],
        ),
    ] {
        let clip = clip(name, rate, start, LOSSLESS);
        for wanted in wanted {
            let text = Clip::new(
                "text.mp4",
                &format!("{} {LOSSLESS} -frames:v 1", drawn("text", wanted, rate)),
            );
            let shown = Video::open(&text.path)
                .unwrap()
                .into_frame_at(Duration::ZERO)
                .unwrap();
            let ours = at(&clip.path, wanted).unwrap_or_else(|error| panic!("{name} at {wanted}: {error}"));
            assert!(
                ours.data() == shown.image.data(),
                "{name}: another frame than {wanted}"
            );
        }
    }
}

// Breaks if a container's first timecode is not found, or read as another one than ffprobe says; or a timecode's frame has
// other pixels than ffmpeg's.
#[test]
fn what_ffprobe_says() {
    for container in ["mov", "mp4", "mkv", "mxf"] {
        for (rate, number, start, expected) in [
            ("30000/1001", 43, "01:00:00;00", "01:00:01;13"),
            ("30000/1001", 43, "01:00:00:00", "01:00:01:13"),
            ("25", 43, "10:00:00:00", "10:00:01:18"),
            ("24000/1001", 43, "00:59:58:12", "01:00:00:07"),
            ("50", 43, "09:59:59:49", "10:00:00:42"),
        ] {
            let codec = if container == "mxf" {
                "-c:v mpeg2video -g 12 -bf 2"
            } else {
                LOSSLESS
            };
            let clip = clip(&format!("clip.{container}"), rate, start, codec);
            let place = format!("{container} {rate} {start}");
            let video = Video::open(&clip.path).unwrap();
            let timecodes = video.info().timecodes.clone().expect(&place);
            assert_eq!(
                timecodes.scale().start().to_string(),
                probed(&clip.path),
                "{place}"
            );
            assert!(timecodes.is_own() && timecodes.note().is_none(), "{place}");
            assert_eq!(
                timecodes.scale().timecode(number).to_string(),
                expected,
                "{place}"
            );
            let index = FrameIndex::scan(&clip.path, &Options::default()).unwrap();
            assert_eq!(timecodes.checked(&index), Ok(timecodes), "{place}");
            let theirs = oracle(&clip.path, index.position(number as usize)).expect(&place);
            let ours = at(&clip.path, expected).expect(&place);
            assert!(
                ours.to_rgba8() == theirs.image.to_rgba8(),
                "{place}: other pixels"
            );
        }
    }
}

// Breaks if a number that no frame has, or that lies outside of the video, leads to a frame, or the message does not help.
#[test]
fn timecodes_that_lead_nowhere() {
    let clip = clip("clip.mov", "30000/1001", "00:00:59;20", LOSSLESS);
    for (text, expected) in [
        ("00:01:00:01", "00:01:00;02 is the next frame"),
        ("00:00:59;30", "a second has 30 frames here, 0 to 29"),
        ("00:00:59;19", "the timecodes go from 00:00:59;20 to 00:01:02;21"),
        ("00:01:02;22", "the timecodes go from 00:00:59;20 to 00:01:02;21"),
        ("13:00:00;00", "the timecodes go from 00:00:59;20 to 00:01:02;21"),
    ] {
        let error = at(&clip.path, text).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
        assert!(!error.advice().is_empty());
    }
    let pal = self::clip("clip.mp4", "25", "01:00:00:00", LOSSLESS);
    let error = at(&pal.path, "01:00:00;10").unwrap_err().to_string();
    assert!(error.contains("write 01:00:00:10"), "{error}");
}

// Breaks if a video without a timecode of its own has none at all, or nobody is told how it is counted.
#[test]
fn without_one_it_counts_from_zero() {
    for (name, rate, expected, note) in [
        ("plain.mp4", "25", "00:00:01:05", None),
        ("plain.mkv", "30000/1001", "00:00:01:00", None),
        (
            "odd.mp4",
            "25/2",
            "00:00:02:04",
            Some("12.5 frames a second is no standard rate of timecode: 13 frames are counted as a second"),
        ),
        (
            "slow.mkv",
            "15",
            "00:00:02:00",
            Some("15 frames a second is no standard rate of timecode: 15 frames are counted as a second"),
        ),
    ] {
        let clip = Clip::new(
            name,
            &format!("-f lavfi -i testsrc2=s=96x64:r={rate}:d=4 -g 12 {LOSSLESS}"),
        );
        let video = Video::open(&clip.path).unwrap();
        let timecodes = video.info().timecodes.clone().unwrap();
        assert!(!timecodes.is_own());
        assert_eq!(timecodes.note().as_deref(), note, "{name}");
        let wanted = timecodes.scale().timecode(30);
        assert_eq!(wanted.to_string(), expected, "{name}");
        let index = FrameIndex::scan(&clip.path, &Options::default()).unwrap();
        let theirs = oracle(&clip.path, index.position(30)).unwrap();
        assert!(
            at(&clip.path, expected).unwrap().data() == theirs.image.data(),
            "{name}"
        );
    }
}

// Breaks if a video whose frames keep no distance has timecodes, which other programs would read as other frames.
#[test]
fn none_at_a_variable_rate() {
    let vary = "-vf select='lt(n,30)+not(mod(n,3))' -vsync vfr -c:v mpeg4";
    let source = "-f lavfi -i testsrc2=s=96x64:r=30:d=4";
    for name in ["clip.mp4", "clip.mov"] {
        let clip = Clip::new(name, &format!("{source} {vary} -timecode 01:00:00:00"));
        let video = Video::open(&clip.path).unwrap();
        assert_eq!(video.info().timecodes, Err(NoTimecode::VariableRate), "{name}");
        let error = at(&clip.path, "01:00:00:10").unwrap_err();
        assert!(error.to_string().contains("frame rate varies"), "{error}");
        assert!(error.advice().contains("253f"));
    }
    // Matroska's header tells nothing of it; what is found at the place does, and all frames together.
    let clip = Clip::by("clip.mkv", |path| {
        let whole = path.with_file_name("whole.mp4");
        make(&whole, &format!("{source} {vary}"));
        make(path, "-i {dir}/whole.mp4 -c copy -timecode 01:00:00:00");
    });
    let video = Video::open(&clip.path).unwrap();
    let timecodes = video.info().timecodes.clone().unwrap();
    let index = FrameIndex::scan(&clip.path, &Options::default()).unwrap();
    assert_eq!(timecodes.checked(&index), Err(NoTimecode::VariableRate));
    let wanted = timecodes.scale().timecode(10).to_string();
    assert!(
        matches!(
            at(&clip.path, &wanted),
            Err(Error::NoTimecode(NoTimecode::VariableRate))
        ),
        "{wanted}"
    );
}

// Breaks if timecodes of a video that begins late, or whose edit list leaves out frames, are not those of the frames that are
// shown.
#[test]
fn from_the_first_frame_that_is_shown() {
    for (name, more) in [
        ("late.mkv", "-output_ts_offset 7.3"),
        ("late.mp4", "-output_ts_offset 7.3"),
        ("late.ts", ""),
    ] {
        let source = drawn("timecode", "00:00:00:00", "25");
        let clip = Clip::new(name, &format!("{source} {LOSSLESS} {more}"));
        let theirs = oracle(&clip.path, Duration::from_millis(1_040)).unwrap();
        let ours = at(&clip.path, "00:00:01:01").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(ours.data() == theirs.image.data(), "{name}");
    }
    let cut = Clip::by("cut.mp4", |path| {
        let source = drawn("timecode", "01:00:00:00", "25");
        make(
            &path.with_file_name("whole.mp4"),
            &format!("{source} {LOSSLESS} -g 25"),
        );
        make(path, "-ss 0.52 -i {dir}/whole.mp4 -c copy -timecode 01:00:00:13");
    });
    let text = Clip::new(
        "text.mp4",
        &format!("{} {LOSSLESS} -frames:v 1", drawn("text", "01:00:01:20", "25")),
    );
    let shown = Video::open(&text.path)
        .unwrap()
        .into_frame_at(Duration::ZERO)
        .unwrap();
    let ours = at(&cut.path, "01:00:01:20").unwrap();
    assert!(ours.data() == shown.image.data(), "another frame");
}
