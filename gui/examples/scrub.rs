//! Measures the player, used as in the New view. Prints JSON: a list of milliseconds for each figure.
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

/// Interval of the pointer's movements: one frame of the screen.
const MOVE_INTERVAL: Duration = Duration::from_millis(16);
/// Duration of a drag over the whole video.
const DRAG: Duration = Duration::from_secs(3);
/// Duration of a drag to a position, and its length in the video's time.
const REACH: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(5));
/// Pause at the end of a drag, before the button is released.
const HOLD: Duration = Duration::from_millis(100);
/// Pause of a hovering pointer before a click.
const AIM: Duration = Duration::from_millis(500);
/// Number of steps back from each position.
const STEPS: usize = 3;
/// Distance to the previous frame at 30 frames per second: more than one frame, and less than two.
const BACK: Duration = Duration::from_millis(50);
/// Largest size of the picture under a hovering pointer, in pixels.
const SMALL: (u32, u32) = (160, 160);
/// How long to wait for an event before the measurement fails.
const EVENT_TIMEOUT: Duration = Duration::from_secs(30);

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
    // Other positions than above, since those are in the cache.
    for &position in &positions {
        let to = position + Duration::from_millis(1_700);
        let (reach, way) = REACH;
        // The drag slows down towards its end, like a hand.
        driver.drag(reach, |part| to.saturating_sub(way.mul_f64((1.0 - part).powi(3))))?;
        std::thread::sleep(HOLD);
        let began = Instant::now();
        // The New view also requests a step after a drag. The exact frame may already be under way.
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
    /// Milliseconds for which each request blocked its caller, the window's thread in the app.
    requests: Mutex<Vec<f64>>,
}

/// The figures of a drag.
struct Drag {
    /// Milliseconds between two pictures.
    gaps: Vec<f64>,
    /// Number of requests that were newer than the picture's own when its decoding began, which should be none.
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
            match self.events.recv_timeout(EVENT_TIMEOUT)? {
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
            match self.events.recv_timeout(EVENT_TIMEOUT).context("no index")? {
                Event::Indexed(_) => return Ok(()),
                Event::NotIndexed(failure) => anyhow::bail!("{}", failure.text),
                _ => {}
            }
        }
    }

    /// Drags the pointer for `duration`. `position` gives its position after a fraction of that time, from 0 to 1.
    fn drag(&self, duration: Duration, position: impl Fn(f64) -> Duration) -> anyhow::Result<Drag> {
        let (mut gaps, mut late) = (Vec::new(), Vec::new());
        let began = Instant::now();
        let (mut newest, mut last_picture) = (0, began);
        let mut next_move = began;
        // The newest request at the time of the last picture, which is when the next decoding began.
        let mut newest_then = 0_u64;
        while began.elapsed() < duration {
            if Instant::now() >= next_move {
                let part = began.elapsed().as_secs_f64() / duration.as_secs_f64();
                newest = self.request(position(part.min(1.0)), Motion::Drag);
                next_move += MOVE_INTERVAL;
            }
            let wait = next_move.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(wait) {
                Ok(Event::Keyframe { generation, .. } | Event::Exact { generation, .. }) => {
                    gaps.push(millis(last_picture));
                    last_picture = Instant::now();
                    late.push(newest_then.saturating_sub(generation) as f64);
                    newest_then = newest;
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the player is gone"),
            }
        }
        anyhow::ensure!(!gaps.is_empty(), "no picture while dragging");
        // The final position.
        self.request(position(1.0), Motion::Drag);
        Ok(Drag { gaps, late })
    }
}
