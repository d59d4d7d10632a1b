//! The thread that plays: small pictures at the video's own rate, forwards or backwards, without sound.
//!
//! Each picture is due at a time by the clock. Those that are late are left out, and what is counted says so. Backwards, the
//! frames of a group of pictures are decoded by a second thread while those of the one after it are shown.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use posterframe_frame::{Cancel, Error, Frame, Options, Video};

use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, Failure, Footage, Output};

/// Pictures a second that a screen shows; more would not be seen.
const MAX_RATE: f64 = 60.0;
/// The largest pictures of playing backwards, in pixels, and the most of a group of pictures: two such groups are in memory.
const BACKWARDS: (u32, u32) = (640, 360);
const MAX_GROUP: usize = 128;
/// Over how long pictures are counted.
const COUNTED: Duration = Duration::from_secs(1);
/// How late a picture may be before others are left out to catch up, and how late before the clock is set back instead: the
/// video is decoded more slowly than it plays.
const LATE: Duration = Duration::from_millis(40);
const TOO_LATE: Duration = Duration::from_millis(700);

/// What to play.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Play {
    /// Where to begin, since the start of the video.
    pub from: Duration,
    /// How many times as fast as the video; negative for backwards.
    pub speed: i8,
    /// Largest size of the pictures, in pixels.
    pub fit: (u32, u32),
    /// Begin again at the first time when the second is reached.
    pub again: Option<(Duration, Duration)>,
}

/// How many pictures were shown in the last second, and how many there should have been.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayRate {
    /// Those that were shown.
    pub shown: f32,
    /// Those that the video has, up to what a screen shows.
    pub wanted: f32,
}

pub(super) fn start<P: Send + Sync + 'static>(
    footage: &Footage,
    plays: &Arc<Mailbox<Option<Play>>>,
    output: &Arc<Output<P>>,
    threads: &Threads,
) -> io::Result<()> {
    let (plays, output, footage) = (plays.clone(), output.clone(), footage.clone());
    threads.start("playback", move || {
        let mut video = None;
        while let Some((generation, play)) = plays.take() {
            let Some(play) = play else { continue };
            let played = caught("playing", || {
                let video = match &mut video {
                    Some(video) => video,
                    none => none.insert(open(&footage, plays.interrupt())?),
                };
                let playback = Playback {
                    generation,
                    play,
                    plays: &plays,
                    output: &output,
                    counter: Counter::new(),
                    footage: &footage,
                };
                playback.run(video)
            });
            let failure = match played {
                Ok(Ok(())) => None,
                Ok(Err(Error::Cancelled)) => continue,
                Ok(Err(error)) => Some(Failure::from(&error)),
                Err(failure) => {
                    video = None;
                    Some(failure)
                }
            };
            (output.tell)(Event::PlayEnded { generation, failure });
        }
    })
}

fn open(footage: &Footage, cancel: Cancel) -> Result<Video, Error> {
    let options = Options {
        cancel,
        recent_bytes: 0,
        ..super::options(&footage.source)
    };
    footage.open(options)
}

struct Playback<'a, P> {
    generation: u64,
    play: Play,
    plays: &'a Mailbox<Option<Play>>,
    output: &'a Output<P>,
    counter: Counter,
    footage: &'a Footage,
}

/// The clock: when which time of the video is due.
#[derive(Clone, Copy)]
struct Clock {
    began: Instant,
    from: Duration,
    speed: f64,
}

impl Clock {
    fn due(&self, time: Duration) -> Instant {
        let distance = time.abs_diff(self.from).as_secs_f64();
        self.began + Duration::from_secs_f64(distance / self.speed)
    }

    /// The time of the video that is due now, where it plays forwards.
    fn now(&self) -> Duration {
        self.from + self.began.elapsed().mul_f64(self.speed)
    }
}

impl<P: Send + Sync + 'static> Playback<'_, P> {
    fn run(mut self, video: &mut Video) -> Result<(), Error> {
        let rate = video
            .info()
            .frame_rate
            .map_or(30.0, |(num, den)| f64::from(num) / f64::from(den.max(1)));
        let speed = f64::from(self.play.speed.unsigned_abs().max(1));
        self.counter.wanted = (rate * speed).min(MAX_RATE);
        loop {
            let is_over = if self.play.speed < 0 {
                self.backwards()?
            } else {
                self.forwards(video)?
            };
            // What was stopped, or replaced, is gone without a word.
            if !is_over {
                return Err(Error::Cancelled);
            }
            match self.play.again {
                Some((first, _)) if self.play.speed > 0 => self.play.from = first,
                _ => return Ok(()),
            }
        }
    }

    fn clock(&self, from: Duration) -> Clock {
        Clock {
            began: Instant::now(),
            from,
            speed: f64::from(self.play.speed.unsigned_abs().max(1)),
        }
    }

    /// Whether it came to the end.
    fn forwards(&mut self, video: &mut Video) -> Result<bool, Error> {
        let fit = self.play.fit;
        let mut frame = video.small_frame_at(self.play.from, fit)?;
        let mut clock = self.clock(frame.time);
        let end = self.play.again.map(|(_, end)| end);
        let step = Duration::from_secs_f64(clock.speed / MAX_RATE);
        loop {
            if !self.show_when_due(&frame, &clock) {
                return Ok(false);
            }
            let shown = frame.time;
            let lateness = Instant::now().saturating_duration_since(clock.due(shown));
            if lateness > TOO_LATE {
                clock = self.clock(shown);
            }
            // A screen shows no more pictures than so many, and what is late is not shown.
            let next = if lateness > LATE {
                clock.now().max(shown + step)
            } else if self.counter.wanted >= MAX_RATE {
                shown + step
            } else {
                shown
            };
            let found = if next > shown {
                match video.small_frame_at(next, fit) {
                    Ok(found) => Some(found),
                    Err(Error::PastTheEnd { .. }) => video.next_small_frame(frame.pts, fit)?,
                    Err(error) => return Err(error),
                }
            } else {
                video.next_small_frame(frame.pts, fit)?
            };
            frame = match found {
                // A position between two frames may lead to the one that is shown.
                Some(found) if found.pts <= frame.pts => match video.next_small_frame(frame.pts, fit)? {
                    Some(found) => found,
                    None => return Ok(true),
                },
                Some(found) => found,
                None => return Ok(true),
            };
            if end.is_some_and(|end| frame.time > end) {
                return Ok(true);
            }
        }
    }

    /// Whether it came to the start.
    fn backwards(&mut self) -> Result<bool, Error> {
        let (sender, groups) = sync_channel(0);
        let (footage, cancel, from) = (self.footage.clone(), self.plays.interrupt(), self.play.from);
        let fit = self.play.fit;
        let fit = (fit.0.min(BACKWARDS.0), fit.1.min(BACKWARDS.1));
        let decoder = thread::Builder::new()
            .name("backwards".to_owned())
            .spawn(move || {
                let decoded = caught("playing", || -> Result<(), Error> {
                    let mut video = open(&footage, cancel)?;
                    let mut pts = video.small_frame_at(from, (16, 16))?.pts;
                    loop {
                        let group = video.small_frames_before(pts, fit, MAX_GROUP)?;
                        let Some(first) = group.first() else { return Ok(()) };
                        pts = first.pts;
                        if sender.send(group).is_err() {
                            return Ok(());
                        }
                    }
                });
                // Whoever panicked has said so in the log; the pictures end.
                decoded.unwrap_or(Ok(()))
            });
        let Ok(decoder) = decoder else { return Ok(true) };
        let is_over = self.show_backwards(&groups);
        drop(groups);
        if is_over && let Ok(decoded) = decoder.join() {
            decoded?;
        }
        Ok(is_over)
    }

    fn show_backwards(&mut self, groups: &Receiver<Vec<Frame>>) -> bool {
        let mut clock = self.clock(self.play.from);
        loop {
            let group = match groups.recv_timeout(Duration::from_millis(100)) {
                Ok(group) => group,
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) if self.plays.has_newer() => return false,
                Err(RecvTimeoutError::Timeout) => continue,
            };
            // What is decoded more slowly than it plays plays more slowly.
            if let Some(last) = group.last()
                && Instant::now().saturating_duration_since(clock.due(last.time)) > LATE
            {
                clock = self.clock(last.time);
            }
            for frame in group.iter().rev() {
                let is_late = Instant::now().saturating_duration_since(clock.due(frame.time)) > LATE;
                if !is_late && !self.show_when_due(frame, &clock) {
                    return false;
                }
            }
        }
    }

    /// Waits until the frame is due, and tells it. `false` where something newer is to be done.
    fn show_when_due(&mut self, frame: &Frame, clock: &Clock) -> bool {
        // Painting takes a while, too: it is done before the frame is due.
        let picture = self.output.paint(&frame.image);
        let wait = clock.due(frame.time).saturating_duration_since(Instant::now());
        if self.plays.wait_for_newer(wait) {
            return false;
        }
        let rate = self.counter.count();
        (self.output.tell)(Event::Played {
            generation: self.generation,
            time: frame.time,
            position: frame.position(),
            picture,
            rate,
        });
        true
    }
}

/// Counts the pictures of the last second.
struct Counter {
    since: Instant,
    shown: u32,
    wanted: f64,
    newest: Option<PlayRate>,
}

impl Counter {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            shown: 0,
            wanted: 0.0,
            newest: None,
        }
    }

    /// Counts a picture. The rate of the last whole second.
    fn count(&mut self) -> Option<PlayRate> {
        self.shown += 1;
        let elapsed = self.since.elapsed();
        if elapsed >= COUNTED {
            self.newest = Some(PlayRate {
                shown: (f64::from(self.shown - 1) / elapsed.as_secs_f64()) as f32,
                wanted: self.wanted as f32,
            });
            self.since = Instant::now();
            self.shown = 1;
        }
        self.newest
    }
}
