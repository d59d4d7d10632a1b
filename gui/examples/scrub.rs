//! Measures the player, used as in the New view. Prints JSON: a list of milliseconds for each figure.
//!
//! `scrub VIDEO WIDTH HEIGHT POSITION…`: the size of the preview in pixels, and positions in seconds.

mod driver;

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use driver::{Driver, EVENT_TIMEOUT, millis};
use posterframe_player::{Event, Motion};

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
        let driver = Timed::open(Path::new(video), fit, false)?;
        driver.exact(Duration::ZERO, Motion::Jump)?;
        firsts.push(millis(began));
    }
    figures.push(("first", firsts));

    let driver = Timed::open(Path::new(video), fit, true)?;
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
        driver.driver.player.glance(to, SMALL, driver.driver.fit);
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

/// A driver that times its requests.
struct Timed {
    driver: Driver,
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

impl Timed {
    fn open(video: &Path, fit: (u32, u32), index: bool) -> anyhow::Result<Self> {
        Ok(Self {
            driver: Driver::open(video, fit, index)?,
            requests: Mutex::default(),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<f64>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, position: Duration, motion: Motion) -> u64 {
        let began = Instant::now();
        let generation = self.driver.request(position, motion);
        self.lock().push(millis(began));
        generation
    }

    /// The time of the frame at `position`.
    fn exact(&self, position: Duration, motion: Motion) -> anyhow::Result<Duration> {
        self.driver.wait_for(self.request(position, motion))
    }

    fn wait_for_index(&self) -> anyhow::Result<()> {
        loop {
            match self
                .driver
                .events
                .recv_timeout(EVENT_TIMEOUT)
                .context("no index")?
            {
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
            match self.driver.events.recv_timeout(wait) {
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
