//! A player as the New view drives it, for measuring.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use egui::ColorImage;
use posterframe_player::{Event, Motion, Player, PlayerOptions, Request, VideoSource};

/// A picture as the window has it.
pub type Picture = Arc<ColorImage>;

/// How long to wait for an event before the measurement fails.
pub const EVENT_TIMEOUT: Duration = Duration::from_mins(1);

/// Milliseconds since then.
pub fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// An open video.
pub struct Driver {
    pub player: Player<Picture>,
    pub events: Receiver<Event<Picture>>,
    /// The size of the preview, in pixels.
    pub fit: (u32, u32),
}

impl Driver {
    pub fn open(source: impl Into<VideoSource>, fit: (u32, u32), index: bool) -> anyhow::Result<Self> {
        let (sender, events) = mpsc::channel();
        let paint = |width: u32, height: u32, rgba: &[u8]| {
            let size = [width as usize, height as usize];
            Arc::new(ColorImage::from_rgba_unmultiplied(size, rgba))
        };
        let tell = move |event| drop(sender.send(event));
        let options = PlayerOptions {
            index,
            ..PlayerOptions::default()
        };
        Ok(Self {
            player: Player::open(source, options, paint, tell)?,
            events,
            fit,
        })
    }

    /// Asks for the frame at `position`. Returns the request's number.
    pub fn request(&self, position: Duration, motion: Motion) -> u64 {
        self.player.request(Request {
            position,
            motion,
            clamp: true,
            fit: self.fit,
        })
    }

    /// Waits for the exact frame of a request. Returns its time.
    pub fn wait_for(&self, number: u64) -> anyhow::Result<Duration> {
        loop {
            match self.events.recv_timeout(EVENT_TIMEOUT).context("no frame came")? {
                Event::Exact { generation, frame } if generation == number => return Ok(frame.time),
                Event::Failed { failure, .. } | Event::NotOpened(failure) | Event::Broken(failure) => {
                    bail!(failure.text)
                }
                _ => {}
            }
        }
    }
}
