//! How large the files of the outputs will be: they are made of the frame on the screen, by the task's own code, on a thread
//! of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use posterframe_contract::{Format, OutputRequest};
use posterframe_picture::{encode, render};

use super::super::model::OpenVideo;
use super::draft::unnamed;
use crate::context::{Engine, Requested};

/// How long the frame rests on the screen before its files are made.
const REST: Duration = Duration::from_millis(400);
/// The most outputs that are remembered.
const MAX_MADE: usize = 32;

/// A file that was made of the frame on the screen.
#[derive(Clone, Debug)]
pub(super) struct Made {
    output: OutputRequest,
    time: Duration,
    /// Its bytes, and its quality where it has one; or why it cannot be made.
    pub(super) file: Result<(u64, Option<u8>), String>,
}

/// What is known of the outputs of the shown video.
#[derive(Default)]
pub(super) struct Estimates {
    video: PathBuf,
    /// The frame on the screen, and since when.
    frame: Option<(Duration, Instant)>,
    running: Requested<Made>,
    /// The newest last.
    made: Vec<Made>,
}

impl Estimates {
    /// Has the files of these outputs made once the video's frame rests; those that are looked at closely each time, the others
    /// only where that is quick, or nothing is known of them.
    pub(super) fn want<'a>(
        &mut self,
        (ctx, engine): (&Context, &Engine),
        video: &OpenVideo,
        outputs: impl Iterator<Item = (&'a OutputRequest, bool)>,
    ) {
        self.of_video(&video.path);
        if let Some(made) = self.running.take() {
            self.made.retain(|old| old.output != made.output);
            self.made.push(made);
            let surplus = self.made.len().saturating_sub(MAX_MADE);
            self.made.drain(..surplus);
        }
        let settled = video.frame.as_ref().filter(|_| video.playhead.is_settled());
        let Some(frame) = settled else { return };
        let since = match self.frame {
            Some((time, since)) if time == frame.time => since,
            _ => self.frame.insert((frame.time, Instant::now())).1,
        };
        if self.running.is_pending() {
            return;
        }
        let wanted = outputs.map(|(output, is_close)| (unnamed(output), is_close));
        let next = wanted.into_iter().find(|(output, is_close)| {
            let is_slow = output.format == Format::Avif && !is_close;
            self.find(output)
                .is_none_or(|made| made.time != frame.time && !is_slow)
        });
        let Some((output, _)) = next else { return };
        let rest = REST.saturating_sub(since.elapsed());
        if !rest.is_zero() {
            ctx.request_repaint_after(rest);
            return;
        }
        let (image, time) = (Arc::clone(&frame.image), frame.time);
        self.running = engine.request_blocking(ctx, move || {
            let file = render(&image, &output)
                .and_then(|picture| encode(&picture, &output, None))
                .map(|encoded| (encoded.bytes.len() as u64, encoded.quality))
                .map_err(|error| error.to_string());
            Ok::<_, String>(Made { output, time, file })
        });
    }

    /// What is known of an output, whatever its files are named, maybe of another frame.
    pub(super) fn of(&self, output: &OutputRequest) -> Option<&Made> {
        self.find(&unnamed(output))
    }

    /// Whether the newest answer for an output is of the frame on the screen.
    pub(super) fn is_new(&self, output: &OutputRequest) -> bool {
        let time = self.frame.map(|(time, _)| time);
        self.of(output).is_some_and(|made| Some(made.time) == time)
    }

    /// The bytes of all outputs together, where each is known.
    pub(super) fn total(&self, outputs: &[OutputRequest]) -> Option<u64> {
        let bytes = |output| self.of(output)?.file.as_ref().ok().map(|file| file.0);
        outputs.iter().map(bytes).sum()
    }

    fn find(&self, unnamed: &OutputRequest) -> Option<&Made> {
        self.made.iter().find(|made| made.output == *unnamed)
    }

    fn of_video(&mut self, path: &Path) {
        if self.video != path {
            *self = Self {
                video: path.to_owned(),
                ..Self::default()
            };
        }
    }
}
