//! Cancelled calls: the next call continues from the current state, and gives the same frames as any other.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Options, ReadSeek, Source, Video};

use crate::support::Clip;

/// A clip of eight seconds and several MB.
const NOISY: &str = "-f lavfi -i testsrc2=size=176x100:rate=25:duration=8 -vf noise=alls=60:allf=t -c:v libx264 \
                     -pix_fmt yuv420p -preset fast -crf 20 -sc_threshold 0";

/// Cancels once a byte of the file is read, and notes the first byte that is read afterwards.
#[derive(Default)]
struct Trap {
    at: Option<u64>,
    /// Delay from the read to the cancelling.
    delay: Duration,
    lowest: Option<u64>,
}

struct Trapped {
    file: File,
    trap: Arc<Mutex<Trap>>,
    cancel: Cancel,
}

impl Read for Trapped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.file.stream_position()?;
        let read = self.file.read(buffer)?;
        let mut trap = self.trap.lock().unwrap();
        trap.lowest = Some(trap.lowest.map_or(start, |lowest| lowest.min(start)));
        if trap
            .at
            .is_some_and(|at| (start..start + read as u64).contains(&at))
        {
            trap.at = None;
            let (cancel, delay) = (self.cancel.clone(), trap.delay);
            if delay.is_zero() {
                cancel.cancel();
            } else {
                thread::spawn(move || {
                    thread::sleep(delay);
                    cancel.cancel();
                });
            }
        }
        Ok(read)
    }
}

impl Seek for Trapped {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl ReadSeek for Trapped {}

fn open(clip: &Clip, threads: usize) -> (Video, Arc<Mutex<Trap>>, Cancel) {
    let (trap, cancel) = (Arc::<Mutex<Trap>>::default(), Cancel::default());
    let reader = Trapped {
        file: File::open(&clip.path).unwrap(),
        trap: trap.clone(),
        cancel: cancel.clone(),
    };
    let source = Source::Stream {
        reader: Box::new(reader),
        name: "clip".to_owned(),
    };
    let options = Options {
        cancel: cancel.clone(),
        lead: Duration::from_millis(250),
        threads,
        ..Options::default()
    };
    (Video::open_with(source, options).unwrap(), trap, cancel)
}

/// Opens the clip, and seeks to 7 s. `delay` after the byte at `stop` is read, the call is cancelled. Then compares the
/// frame at `next` and the three after it with those of another video. Returns whether no byte before `stop` was read
/// again.
fn stop_and_go_on(clip: &Clip, threads: usize, stop: u64, delay: Duration, next: Duration) -> bool {
    let mut untouched = Video::open(&clip.path).unwrap();
    let (mut video, trap, cancel) = open(clip, threads);
    video.frame_at(Duration::from_millis(40)).unwrap();
    *trap.lock().unwrap() = Trap {
        at: Some(stop),
        delay,
        lowest: None,
    };
    let cancelled = video.frame_at(Duration::from_secs(7));
    *trap.lock().unwrap() = Trap::default();
    thread::sleep(delay * 2);
    cancel.reset();
    let mut position = next;
    for _ in 0..4 {
        let expected = untouched.frame_at(position).unwrap();
        let frame = video.frame_at(position).unwrap();
        let name = clip.path.display();
        let case = format!("{name}: stopped at {stop}, {threads} threads, {position:?}");
        assert_eq!(
            (frame.pts, frame.position()),
            (expected.pts, expected.position()),
            "{case}"
        );
        assert!(frame.image == expected.image, "{case}");
        match untouched.next_frame(expected.pts).unwrap() {
            Some(following) => position = following.position(),
            None => break,
        }
    }
    let lowest = trap.lock().unwrap().lowest;
    matches!(cancelled, Err(Error::Cancelled)) && lowest.is_none_or(|lowest| lowest >= stop)
}

// Breaks if a frame that was skipped for the first goal is missing for the second one, or a wrong frame is returned.
#[test]
fn the_next_call_gives_the_same_frames() {
    for (name, arguments, delay) in [
        ("clip.mp4", "-g 250 -bf 3", 0),
        // libav's Matroska demuxer fails if a read is cancelled, so this cancels between two reads.
        ("clip.mkv", "-g 190 -bf 3", 1),
        ("groups.mp4", "-g 50 -bf 3", 0),
        (
            "open.mp4",
            "-bf 3 -x264-params open-gop=1:keyint=50:min-keyint=50",
            0,
        ),
    ] {
        let clip = Clip::new(name, &format!("{NOISY} {arguments}"));
        let size = std::fs::metadata(&clip.path).unwrap().len();
        for (part, next) in [(20, 7_000), (40, 6_720), (80, 5_000), (50, 900)] {
            for threads in [1, 4] {
                let (delay, next) = (Duration::from_millis(delay), Duration::from_millis(next));
                stop_and_go_on(&clip, threads, size * part / 100, delay, next);
            }
        }
    }
}

// Breaks if a frame near the cancelled position is wrong, or the video up to there is decoded again.
#[test]
fn to_every_place_around_the_stop() {
    let clip = Clip::new("clip.mp4", &format!("{NOISY} -g 250 -bf 3"));
    let stop = std::fs::metadata(&clip.path).unwrap().len() / 2;
    let places = (80..140).map(|frame| Duration::from_millis(frame * 40));
    let went_on = places
        .filter(|&next| stop_and_go_on(&clip, 2, stop, Duration::ZERO, next))
        .count();
    assert!((20..50).contains(&went_on), "{went_on} of 60 went on");
}
