//! Files that are no videos, damaged files, and limits.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, FrameIndex, Options, Source, Video};

use crate::support::{Clip, MOVING, make};

// Breaks if a file that is no video causes a panic, or an error that does not say what is wrong.
#[test]
fn files_that_are_no_videos() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let sound = folder.path().join("sound.mp4");
    make(&sound, "-f lavfi -i sine=duration=1 -c:a aac");
    let open = |path: std::path::PathBuf| Video::open(path).err().unwrap();
    assert!(matches!(
        open(folder.path().join("missing.mp4")),
        Error::Open { .. }
    ));
    assert!(matches!(open(folder.path().to_owned()), Error::IsFolder(_)));
    assert!(matches!(open(write("empty.mp4", b"")), Error::Empty));
    assert!(matches!(
        open(write("text.mp4", b"not a video")),
        Error::NotAVideo { .. }
    ));
    assert!(matches!(open(sound), Error::NoVideoStream));
    let playlist = b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n";
    assert!(matches!(
        open(write("list.m3u8", playlist)),
        Error::NotAVideo { .. } | Error::NoVideoStream
    ));
}

// Breaks if a truncated file causes a panic, or gives a frame that is not in it.
#[test]
fn files_that_break_off() {
    let clip = Clip::new(
        "clip.mkv",
        &format!("{MOVING} -c:v libx264 -pix_fmt yuv420p -g 30"),
    );
    let whole = std::fs::read(&clip.path).unwrap();
    for part in 1..8 {
        let bytes = whole[..whole.len() * part / 8].to_vec();
        let source = Source::Stream {
            reader: Box::new(Cursor::new(bytes)),
            name: "clip.mkv".into(),
        };
        let Ok(mut video) = Video::open(source) else {
            continue;
        };
        let error = video.frame_at(Duration::from_millis(3_960)).err();
        assert!(
            matches!(error, Some(Error::PastTheEnd { .. } | Error::NoFrame)),
            "{part}: {error:?}"
        );
    }
}

// Breaks if the error of a truncated last packet is taken for the end, so that frames in the decoder are lost, or a frame
// that cannot be decoded is counted.
#[test]
fn every_frame_of_a_file_that_is_cut_short() {
    let faststart = "-movflags +faststart";
    for (name, codec) in [
        ("h264.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30"),
        (
            "large.mp4",
            "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30 -vf scale=960:720 -preset ultrafast",
        ),
        (
            "hevc.mov",
            "-c:v libx265 -pix_fmt yuv420p -x265-params bframes=3:log-level=none",
        ),
        ("mpeg4.mp4", "-c:v mpeg4 -q:v 4 -bf 2"),
        ("h264.mkv", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30"),
        ("h264.ts", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30"),
    ] {
        let source = "-f lavfi -i testsrc2=size=128x96:rate=25:duration=0.5";
        let options = if name.ends_with("mp4") || name.ends_with("mov") {
            faststart
        } else {
            ""
        };
        Clip::by(name, |path| {
            make(path, &format!("{source} {codec} {options}"));
            let whole = std::fs::read(path).unwrap();
            let short = if name.ends_with("ts") { 2 * 188 } else { 20 };
            std::fs::write(path, &whole[..whole.len() - short]).unwrap();
        })
        .compare_every(Duration::from_millis(40));
    }
}

// Breaks if a damaged file causes a crash, a hang or unlimited memory use. It tries two thousand files, the same ones
// each time.
#[test]
fn damaged_files() {
    let small = "-f lavfi -i testsrc2=size=96x64:rate=12:duration=1.5";
    let clips = [
        ("clip.mp4", "-c:v libx264 -pix_fmt yuv420p -g 6"),
        ("clip.mkv", "-c:v libx264 -pix_fmt yuv420p -g 6 -bf 2"),
        ("clip.webm", "-c:v libvpx-vp9 -cpu-used 8 -g 6"),
        ("clip.ts", "-c:v mpeg2video -g 6"),
        ("clip.avi", "-c:v mpeg4 -g 6"),
    ];
    for (seed, (name, arguments)) in clips.into_iter().enumerate() {
        let clip = Clip::new(name, &format!("{small} {arguments}"));
        let whole = std::fs::read(&clip.path).unwrap();
        let mut random = Random(0x2545_F491_4F6C_DD1D + seed as u64);
        for _ in 0..400 {
            open_and_decode(name, random.damage(&whole));
        }
    }
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kilobytes: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        assert!(kilobytes < 600_000, "{kilobytes} kB at the most");
    }
}

/// Opens and decodes a file. Any result is allowed but a crash or exceeding the time limit.
fn open_and_decode(name: &str, bytes: Vec<u8>) {
    let limit = Duration::from_secs(20);
    let source = Source::Stream {
        reader: Box::new(Cursor::new(bytes)),
        name: name.to_owned(),
    };
    let options = Options {
        max_time: limit,
        max_pixels: 1 << 20,
        max_decoded_bytes: 1 << 30,
        ..Options::default()
    };
    let Ok(mut video) = Video::open_with(source, options) else {
        return;
    };
    let found = video.frame_at(Duration::from_millis(700));
    let stepped = match &found {
        Ok(frame) => video.previous_frame(frame.pts).map(drop),
        Err(_) => Ok(()),
    };
    let outcomes = [
        found.map(drop),
        stepped,
        video.keyframe_near(Duration::from_secs(1), (64, 64)).map(drop),
        video.stills(
            Duration::ZERO..Duration::from_secs(2),
            3,
            (32, 32),
            &mut |_, _| ControlFlow::Continue(()),
        ),
    ];
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            !matches!(error, Error::TooSlow(_) | Error::Stalled(_) | Error::TooMuch(_)),
            "{name}: no progress within {limit:?}"
        );
        assert!(!error.to_string().is_empty());
    }
}

/// A fixed pseudo-random sequence (xorshift64), so that a failure can be reproduced.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    /// Changes some bytes, cuts a piece out, or repeats one.
    fn damage(&mut self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for _ in 0..=self.next(40) {
            let at = self.next(bytes.len());
            bytes[at] = self.next(256) as u8;
        }
        let (start, length) = (self.next(bytes.len()), self.next(2_000));
        let end = (start + length).min(bytes.len());
        match self.next(4) {
            0 => drop(bytes.drain(start..end)),
            1 => bytes.extend_from_within(start..end),
            _ => {}
        }
        bytes
    }
}

// Breaks if limits are not enforced, or a cancelled call continues to its end.
#[test]
fn limits_and_cancelling() {
    let clip = Clip::new("clip.mp4", &format!("{MOVING} -c:v libx264 -pix_fmt yuv420p"));
    let small = Options {
        max_pixels: 176 * 144 - 1,
        ..Options::default()
    };
    assert!(matches!(
        Video::open_with(&clip.path, small),
        Err(Error::TooLarge { .. })
    ));
    let cancel = Cancel::default();
    let mut video = Video::open_with(
        &clip.path,
        Options {
            cancel: cancel.clone(),
            ..Options::default()
        },
    )
    .unwrap();
    cancel.cancel();
    assert!(matches!(video.frame_at(Duration::ZERO), Err(Error::Cancelled)));
    assert!(matches!(
        FrameIndex::scan(
            &clip.path,
            &Options {
                cancel,
                ..Options::default()
            }
        ),
        Err(Error::Cancelled)
    ));
    let hasty = Options {
        max_time: Duration::ZERO,
        ..Options::default()
    };
    let slow =
        Video::open_with(&clip.path, hasty).and_then(|mut video| video.frame_at(Duration::from_secs(3)));
    assert!(matches!(slow, Err(Error::TooSlow(_))));
}

// Breaks if the film strip leaves out a still, or a returned position leads to another frame.
#[test]
fn stills_and_positions() {
    let clip = Clip::new(
        "clip.mp4",
        &format!("{MOVING} -c:v libx264 -pix_fmt yuv420p -g 25 -bf 2"),
    );
    let mut video = Video::open(&clip.path).unwrap();
    let mut seen = Vec::new();
    video
        .stills(
            Duration::ZERO..Duration::from_secs(4),
            12,
            (80, 80),
            &mut |number, frame| {
                seen.push((number, frame.image.width()));
                ControlFlow::Continue(())
            },
        )
        .unwrap();
    assert_eq!(seen, (0..12).map(|number| (number, 80)).collect::<Vec<_>>());
    let index = clip.index();
    assert_eq!(index.len(), 100);
    // A strip of a part of the video, which is stopped early.
    let (part, mut times) = (Duration::from_secs(1)..Duration::from_secs(2), Vec::new());
    video
        .stills(part, 5, (80, 80), &mut |_, frame| {
            times.push(frame.time);
            if times.len() < 3 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .unwrap();
    let expected: Vec<_> = [1100, 1300, 1500]
        .map(|millis| index.time(index.number_at(Duration::from_millis(millis)).unwrap()))
        .to_vec();
    assert_eq!(times, expected);
    for number in [0, 1, 37, 99] {
        let frame = video.frame_at(index.position(number)).unwrap();
        assert_eq!(frame.time, index.time(number));
        assert_eq!(frame.position(), index.position(number));
    }
}
