//! Pixels are the same each time, on a busy machine and after other seeks in the same video.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use posterframe_frame::{Options, Video};

use crate::support::{Clip, make, oracle_with};

const TIMES: usize = 20;
const H264: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 40 -bf 3";

fn source(size: &str) -> String {
    format!("-f lavfi -i testsrc2=size={size}:rate=25:duration=2.5,noise=alls=8:allf=t")
}

/// Decodes the frame at `at` [`TIMES`] times on several threads, alone and after other frames that are kept. Returns the
/// set of hashes.
fn hashes(path: &Path, at: Duration) -> BTreeSet<String> {
    let one = |number: usize| {
        let options = Options {
            threads: [0, 1, 3, 8][number % 4],
            ..Options::default()
        };
        let open = || Video::open_with(path, options.clone()).unwrap();
        if number.is_multiple_of(2) {
            return open().into_frame_at(at).unwrap().image.pixel_sha256();
        }
        let mut video = open();
        let mut frame = video
            .frame_at(at.saturating_sub(Duration::from_millis(400)))
            .unwrap();
        while frame.time < at {
            frame = video.next_frame(frame.pts).unwrap().unwrap();
        }
        let hash = frame.image.pixel_sha256();
        let later = video.next_frame(frame.pts).unwrap().unwrap();
        let back = video.previous_frame(later.pts).unwrap().unwrap();
        assert_eq!(back.image.pixel_sha256(), hash, "{}: a step back", path.display());
        hash
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| scope.spawn(move || (worker..TIMES).step_by(4).map(one).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    })
}

/// Checks that there is a single hash, which is that of ffmpeg's frame with one decoding thread. With several threads,
/// ffmpeg's own frames of a damaged stream differ.
fn compare(clip: &Clip, positions: &[u64]) {
    for at in positions.iter().copied().map(Duration::from_millis) {
        let expected = oracle_with(&clip.path, at, &["-threads", "1"]).unwrap();
        let hashes = hashes(&clip.path, at);
        let name = clip.path.display();
        assert_eq!(
            hashes,
            BTreeSet::from([expected.image.pixel_sha256()]),
            "{name} at {at:?}"
        );
    }
}

/// Overwrites some bytes of the media data, the same ones each time.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let (from, to) = (bytes.len() / 8, bytes.len() * 7 / 8);
    for number in 0..60 {
        let at = from + (to - from) * number / 60 + (number * 37) % 90;
        bytes[at] = (number * 73 + 41) as u8;
    }
    std::fs::write(path, bytes).unwrap();
}

// Breaks if missing parts of a damaged stream are filled with random content of memory.
#[test]
fn damaged_h264() {
    for (name, size) in [
        ("small.mp4", "320x240"),
        ("large.mp4", "960x720"),
        ("small.mkv", "320x240"),
    ] {
        let clip = Clip::by(name, |path| {
            make(path, &format!("{} {H264}", source(size)));
            damage(path);
        });
        compare(&clip, &[1_200, 1_960]);
    }
}

// Breaks if lost packets of a transport stream are decoded by several threads.
#[test]
fn lost_packets() {
    for (name, size) in [("small.ts", "320x240"), ("large.ts", "960x720")] {
        let clip = Clip::by(name, |path| {
            make(path, &format!("{} {H264}", source(size)));
            let whole = std::fs::read(path).unwrap();
            let kept = whole.chunks(188).enumerate();
            let kept = kept.filter(|(number, _)| *number < 20 || number % 53 != 0);
            std::fs::write(
                path,
                kept.flat_map(|(_, packet)| packet).copied().collect::<Vec<_>>(),
            )
            .unwrap();
        });
        compare(&clip, &[1_200, 1_960]);
    }
}

// Breaks if a decoder whose threads do not wait for each other correctly gets several.
#[test]
fn undamaged() {
    let small = source("320x240");
    let large = source("960x720");
    for (name, arguments) in [
        ("theora.ogv", format!("{large} -c:v libtheora -g 64 -q:v 6")),
        ("h264.mp4", format!("{large} {H264}")),
        (
            "vp9.webm",
            format!("{large} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 40 -b:v 1M"),
        ),
        (
            "hevc.mp4",
            format!("{large} -c:v libx265 -preset ultrafast -x265-params log-level=none"),
        ),
        ("mpeg4.mp4", format!("{small} -c:v mpeg4 -bf 2 -q:v 4 -g 40")),
        ("mpeg2.ts", format!("{large} -c:v mpeg2video -bf 2 -q:v 6 -g 12")),
        (
            "vp8.webm",
            format!("{large} -c:v libvpx -deadline realtime -cpu-used 8 -g 40 -b:v 1M"),
        ),
    ] {
        compare(&Clip::new(name, &arguments), &[1_960]);
    }
}
