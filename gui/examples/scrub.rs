//! Drives the player as the New view does, and prints what it took as JSON: milliseconds, a list for each figure.
//!
//! `scrub VIDEO WIDTH HEIGHT POSITION…`: the size of the preview in pixels, and positions in seconds.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use egui::ColorImage;
use posterframe_player::{Event, Motion, Player, PlayerOptions, Request};

type Picture = Arc<ColorImage>;

/// The pointer moves with the screen.
const MOVES: Duration = Duration::from_millis(16);
/// A drag over the whole video lasts so long.
const DRAG: Duration = Duration::from_secs(3);
/// A drag to a place lasts so long, and covers so much.
const REACH: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(5));
/// A hand rests so long at the place before it lets go.
const HOLD: Duration = Duration::from_millis(100);
/// A hand rests so long over a place before it clicks.
const AIM: Duration = Duration::from_millis(500);
/// Steps back from each position.
const STEPS: usize = 3;
/// From a frame to the one before, at 30 frames a second: more than one frame, less than two.
const BACK: Duration = Duration::from_millis(50);
/// The size of the picture under a hovering pointer.
const SMALL: (u32, u32) = (160, 160);
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [video, width, height, positions @ ..] = arguments.as_slice() else {
        anyhow::bail!("scrub VIDEO WIDTH HEIGHT POSITION…");
    };
    let fit = (width.parse()?, height.parse()?);
    let positions: Vec<Duration> = positions
        .iter()
        .map(|position| Ok(Duration::from_secs_f64(position.parse()?)))
        .collect::<anyhow::Result<_>>()?;

    let mut figures = Vec::new();
    let mut firsts = Vec::new();
    for _ in 0..positions.len().min(5) {
        let began = Instant::now();
        let driver = Driver::open(Path::new(video), fit, false)?;
        driver.exact(Duration::ZERO, Motion::Jump)?;
        firsts.push(millis(began));
    }
    figures.push(("first", firsts));

    let driver = Driver::open(Path::new(video), fit, true)?;
    driver.exact(Duration::ZERO, Motion::Jump)?;
    driver.wait_for_index()?;
    let (mut jumps, mut backs) = (Vec::new(), Vec::new());
    for &position in &positions {
        let began = Instant::now();
        let mut time = driver.exact(position, Motion::Jump)?;
        jumps.push(millis(began));
        for _ in 0..STEPS {
            let began = Instant::now();
            let before = driver.exact(time.saturating_sub(BACK), Motion::Step)?;
            backs.push(millis(began));
            anyhow::ensure!(before < time, "the step back went nowhere");
            time = before;
        }
    }
    figures.push(("exact", jumps));
    figures.push(("back", backs));
    let end = positions.iter().max().copied().unwrap_or_default();
    let drag = driver.drag(DRAG, |part| end.mul_f64(part))?;
    figures.push(("drag", drag.gaps));
    figures.push(("late", drag.late));
    let mut releases = Vec::new();
    // Not the places above: they are in the cache.
    for &position in &positions {
        let to = position + Duration::from_millis(1_700);
        let (reach, way) = REACH;
        // Slower and slower, as a hand does.
        driver.drag(reach, |part| to.saturating_sub(way.mul_f64((1.0 - part).powi(3))))?;
        std::thread::sleep(HOLD);
        let began = Instant::now();
        // As the New view does where the pointer rested: the exact frame may be on its way.
        driver.exact(to, Motion::Step)?;
        releases.push(millis(began));
    }
    figures.push(("release", releases));
    let mut clicks = Vec::new();
    for &position in &positions {
        let to = position + Duration::from_millis(3_300);
        driver.player.glance(to, SMALL, driver.fit);
        std::thread::sleep(AIM);
        let began = Instant::now();
        driver.exact(to, Motion::Jump)?;
        clicks.push(millis(began));
    }
    figures.push(("click", clicks));
    figures.push(("request", std::mem::take(&mut *driver.lock())));
    let lists: Vec<String> = figures
        .iter()
        .map(|(name, list)| format!("\"{name}\": {list:.3?}"))
        .collect();
    println!("{{{}}}", lists.join(", "));
    Ok(())
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

struct Driver {
    player: Player<Picture>,
    events: Receiver<Event<Picture>>,
    fit: (u32, u32),
    /// How long each request held up who asked: the window's thread.
    requests: Mutex<Vec<f64>>,
}

/// What a drag took.
struct Drag {
    /// Between one picture and the next.
    gaps: Vec<f64>,
    /// How many requests were newer than the picture's own when its decoding began: none should be.
    late: Vec<f64>,
}

impl Driver {
    fn open(video: &Path, fit: (u32, u32), index: bool) -> anyhow::Result<Self> {
        let (sender, events) = mpsc::channel();
        let paint = |width: u32, height: u32, rgba: &[u8]| {
            let size = [width as usize, height as usize];
            Arc::new(ColorImage::from_rgba_unmultiplied(size, rgba))
        };
        let tell = move |event| {
            let _ = sender.send(event);
        };
        let options = PlayerOptions {
            index,
            ..PlayerOptions::default()
        };
        Ok(Self {
            player: Player::open(video, options, paint, tell)?,
            events,
            fit,
            requests: Mutex::default(),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<f64>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, position: Duration, motion: Motion) -> u64 {
        let began = Instant::now();
        let generation = self.player.request(Request {
            position,
            motion,
            clamp: true,
            fit: self.fit,
        });
        self.lock().push(millis(began));
        generation
    }

    /// The time of the frame at `position`.
    fn exact(&self, position: Duration, motion: Motion) -> anyhow::Result<Duration> {
        let wanted = self.request(position, motion);
        loop {
            match self.events.recv_timeout(PATIENCE)? {
                Event::Exact { generation, frame } if generation == wanted => return Ok(frame.time),
                Event::NotOpened(failure) | Event::Failed { failure, .. } => {
                    anyhow::bail!("{}", failure.text)
                }
                _ => {}
            }
        }
    }

    fn wait_for_index(&self) -> anyhow::Result<()> {
        loop {
            match self.events.recv_timeout(PATIENCE).context("no index")? {
                Event::Indexed(_) => return Ok(()),
                Event::NotIndexed(failure) => anyhow::bail!("{}", failure.text),
                _ => {}
            }
        }
    }

    /// A pointer that moves for so long: `place` tells where it is after which part of the time.
    fn drag(&self, lasts: Duration, place: impl Fn(f64) -> Duration) -> anyhow::Result<Drag> {
        let (mut gaps, mut late) = (Vec::new(), Vec::new());
        let began = Instant::now();
        let (mut newest, mut told) = (0, began);
        let mut next_move = began;
        // The newest request at the last picture: then the next one was begun.
        let mut newest_then = 0_u64;
        while began.elapsed() < lasts {
            if Instant::now() >= next_move {
                let part = began.elapsed().as_secs_f64() / lasts.as_secs_f64();
                newest = self.request(place(part.min(1.0)), Motion::Drag);
                next_move += MOVES;
            }
            let wait = next_move.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(wait) {
                Ok(Event::Keyframe { generation, .. } | Event::Exact { generation, .. }) => {
                    gaps.push(millis(told));
                    told = Instant::now();
                    late.push(newest_then.saturating_sub(generation) as f64);
                    newest_then = newest;
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the player is gone"),
            }
        }
        anyhow::ensure!(!gaps.is_empty(), "no picture while dragging");
        // Where the pointer stays.
        self.request(place(1.0), Motion::Drag);
        Ok(Drag { gaps, late })
    }
}
