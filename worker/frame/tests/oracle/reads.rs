//! The bytes that are read: seeks save bytes, and hints announce them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use posterframe_frame::{Error, Options, ReadSeek, Source, Video};

use crate::support::Clip;

/// A clip of some 30 GOPs.
const LONG: &str =
    "-f lavfi -i testsrc2=size=320x180:rate=25:duration=30 -c:v libx264 -pix_fmt yuv420p -g 25 -bf 2";

/// The ranges that were read and hinted.
#[derive(Clone, Debug, Default)]
struct Log {
    read: Vec<Range<u64>>,
    hinted: Vec<Range<u64>>,
}

impl Log {
    fn bytes(&self) -> u64 {
        self.read.iter().map(|range| range.end - range.start).sum()
    }
}

/// A file that logs its reads and hints.
struct Logged(File, Arc<Mutex<Log>>);

impl Read for Logged {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.0.stream_position()?;
        let read = self.0.read(buffer)?;
        self.1.lock().unwrap().read.push(start..start + read as u64);
        Ok(read)
    }
}

impl Seek for Logged {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl ReadSeek for Logged {
    fn will_read(&mut self, bytes: Range<u64>) {
        self.1.lock().unwrap().hinted.push(bytes);
    }
}

fn open(clip: &Clip) -> (Video, Arc<Mutex<Log>>, u64) {
    let log = Arc::default();
    let file = File::open(&clip.path).unwrap();
    let size = file.metadata().unwrap().len();
    let source = Source::Stream {
        reader: Box::new(Logged(file, Arc::clone(&log))),
        name: "clip".to_owned(),
    };
    let options = Options {
        threads: 1,
        ..Options::default()
    };
    (Video::open_with(source, options).unwrap(), log, size)
}

// Breaks if a position past the end is detected only after the whole file is read, or the last frame is wrong.
#[test]
fn past_the_end_by_a_seek() {
    for name in ["clip.mp4", "clip.mkv"] {
        let clip = Clip::new(name, LONG);
        let last = clip.index().time(749);
        let (mut video, log, size) = open(&clip);
        log.lock().unwrap().read.clear();
        let error = video.frame_at(Duration::from_secs(31)).unwrap_err();
        assert!(
            matches!(error, Error::PastTheEnd { last: named, .. } if named == last),
            "{name}: {error}"
        );
        let bytes = log.lock().unwrap().bytes();
        assert!(bytes < size / 4, "{name}: {bytes} of {size} bytes");
        assert_eq!(video.frame_at(last).unwrap().time, last);
    }
}

// Breaks if a frame in the middle reads much more than its GOP, or the hints are not the bytes that are then read.
#[test]
fn what_was_told_is_what_is_read() {
    for (name, arguments) in [
        ("clip.mp4", ""),
        ("fast.mp4", "-movflags +faststart"),
        ("clip.mkv", ""),
    ] {
        let clip = Clip::new(name, &format!("{LONG} {arguments}"));
        let (mut video, log, size) = open(&clip);
        let index = std::mem::take(&mut *log.lock().unwrap());
        if name != "clip.mkv" {
            let [moov] = &index.hinted[..] else {
                panic!("{name}: {:?}", index.hinted)
            };
            let whole = std::fs::read(&clip.path).unwrap();
            assert_eq!(&whole[moov.start as usize + 4..][..4], b"moov", "{name}");
        }
        video.frame_at(Duration::from_millis(15_500)).unwrap();
        let log = log.lock().unwrap();
        let [hinted] = &log.hinted[..] else {
            panic!("{name}: {:?}", log.hinted)
        };
        let bytes = hinted.end - hinted.start;
        assert!(
            bytes > 1_000 && bytes < size / 20,
            "{name}: {bytes} of {size} bytes"
        );
        // libav fills its whole buffer, which may reach past the bytes that it needs.
        let first = log
            .read
            .iter()
            .map(|read| read.start)
            .filter(|&start| start >= hinted.start)
            .min();
        assert_eq!(first, Some(hinted.start), "{name}");
        let last = log
            .read
            .iter()
            .map(|read| read.end)
            .filter(|&end| end > hinted.start && end < hinted.end + size / 4)
            .max();
        assert!(
            last.is_some_and(|last| last + 2_000 >= hinted.end && last <= hinted.end + (192 << 10)),
            "{name}: {hinted:?} {last:?}"
        );
    }
}

// Breaks if each step back decodes its GOP again.
#[test]
fn steps_back_are_kept() {
    let clip = Clip::new("clip.mp4", LONG);
    let (mut video, log, _) = open(&clip);
    let mut pts = video.frame_at(Duration::from_millis(15_900)).unwrap().pts;
    pts = video.previous_frame(pts).unwrap().unwrap().pts;
    let first = log.lock().unwrap().bytes();
    for _ in 0..15 {
        pts = video.previous_frame(pts).unwrap().unwrap().pts;
    }
    assert_eq!(log.lock().unwrap().bytes(), first);
    // The same by positions, which the app uses for its steps.
    for millis in [15_400, 15_200] {
        video.frame_at(Duration::from_millis(millis)).unwrap();
    }
    assert_eq!(log.lock().unwrap().bytes(), first);
}
