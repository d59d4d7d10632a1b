//! One open video as the view sees it: what its player has told so far, where the playhead is, and what is marked.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use egui::{ColorImage, TextureHandle, TextureOptions};
use posterframe_client::{Client, VideoFile};
use posterframe_contract::Position;
use posterframe_frame::{FrameIndex, VideoInfo};

use super::marks::Marks;
use crate::engine::{Engine, Remote, RemoteState};
use crate::player::{self, Event, Failure, Motion, Player, PlayerOptions, Request, Step, StepFrom};

/// A picture for the screen.
pub(super) type Picture = Arc<ColorImage>;
/// A frame with such a picture.
pub(super) type Frame = player::ExactFrame<Picture>;

/// How long a request may take before the chip says that the frame is being decoded.
const PATIENCE: Duration = Duration::from_millis(150);

/// One open video.
pub(super) struct OpenVideo {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) bytes: u64,
    /// Its file as it was when it was opened.
    pub(super) opened: Remote<VideoFile>,
    pub(super) info: Option<VideoInfo>,
    /// Why it cannot be opened.
    pub(super) failure: Option<Failure>,
    pub(super) index: Option<Arc<FrameIndex>>,
    /// The newest exact frame.
    pub(super) frame: Option<Arc<Frame>>,
    /// Why the newest request came to nothing.
    pub(super) frame_failure: Option<Failure>,
    pub(super) marks: Marks,
    pub(super) strip: Vec<Option<TextureHandle>>,
    /// A picture of the video for lists: the first of the strip that came.
    pub(super) still: Option<TextureHandle>,
    /// Positions, and the names that a submit of them makes.
    pub(super) names: (Vec<Position>, Vec<(String, String)>),
    texture: Option<TextureHandle>,
    display_size: (u32, u32),
    /// The keyframe on the screen, while the playhead is dragged.
    keyframe: Option<Duration>,
    /// The number of the request whose exact frame was shown last.
    shown: u64,
    target: Target,
    /// Mark the frame as soon as it is there.
    mark_when_ready: bool,
    fit: Fit,
    player: Option<Player<Picture>>,
    events: Receiver<Event<Picture>>,
    ctx: egui::Context,
}

/// Where the playhead goes.
struct Target {
    position: Duration,
    motion: Motion,
    generation: u64,
    /// When it was asked for; `None` once it is there.
    pending: Option<Instant>,
}

/// The size of the preview on the screen, in pixels.
struct Fit {
    size: (u32, u32),
    /// When the window was resized; `None` once the picture is made for the new size.
    changed: Option<Instant>,
}

/// What the chip on the preview says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chip {
    /// The picture is the exact frame.
    Exact(Option<usize>),
    /// The picture is an older one, and the frame is on its way.
    Decoding(Option<usize>),
    /// The picture is a keyframe near the pointer.
    Keyframe(Option<usize>),
    /// There is no such picture.
    CannotDecode,
}

impl OpenVideo {
    /// Opens a video, on threads of its own, at `position`.
    pub(super) fn open(
        ctx: &egui::Context,
        path: &Path,
        position: Option<Position>,
        cache_bytes: usize,
    ) -> Self {
        let (sender, events) = mpsc::channel();
        let waker = ctx.clone();
        let tell = move |event| {
            // The view is gone: so is this thread in a moment.
            if sender.send(event).is_ok() {
                waker.request_repaint();
            }
        };
        let player = Player::open(
            path,
            PlayerOptions {
                cache_bytes,
                index: true,
            },
            paint,
            tell,
        );
        let failure = player.as_ref().err().map(|error| Failure {
            text: format!("the decoder cannot start: {error}"),
            advice: "Close other programs, and open the video again".to_owned(),
        });
        let position = position.map_or(Duration::ZERO, |position| {
            Duration::from_micros(position.as_micros())
        });
        Self {
            path: path.to_owned(),
            name: path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            bytes: 0,
            opened: Remote::default(),
            info: None,
            failure,
            index: None,
            frame: None,
            frame_failure: None,
            marks: Marks::default(),
            strip: Vec::new(),
            still: None,
            names: (Vec::new(), Vec::new()),
            texture: None,
            display_size: (16, 9),
            keyframe: None,
            shown: 0,
            target: Target {
                position,
                motion: Motion::Jump,
                generation: 0,
                pending: None,
            },
            mark_when_ready: false,
            fit: Fit {
                size: (0, 0),
                changed: None,
            },
            player: player.ok(),
            events,
            ctx: ctx.clone(),
        }
    }

    /// Takes in what the player has told.
    pub(super) fn update(&mut self, engine: &Engine) {
        while let Ok(event) = self.events.try_recv() {
            self.take_in(event);
        }
        if self.opened.state() == RemoteState::NotRequested {
            let path = self.path.clone();
            self.opened = engine.request_blocking(&self.ctx, move || Client::look_at(&path));
        }
        let index = self.index.clone().filter(|index| index.is_exact());
        self.marks.update(&self.ctx, engine, |position| {
            index
                .as_deref()?
                .number_at(Duration::from_micros(position.as_micros()))
        });
        if let Some(changed) = self.fit.changed {
            let rest = PATIENCE.saturating_sub(changed.elapsed());
            if rest.is_zero() {
                self.fit.changed = None;
                // The frame is in the cache, or on its way: nothing is to be stopped for its size.
                self.target.motion = Motion::Step;
                self.ask(false);
            } else {
                self.ctx.request_repaint_after(rest);
            }
        }
    }

    fn take_in(&mut self, event: Event<Picture>) {
        match event {
            Event::Opened(info) => {
                self.bytes = info.bytes;
                self.display_size = info.display_size;
                self.info = Some(*info);
            }
            Event::NotOpened(failure) => self.failure = Some(failure),
            // One of an earlier request is shown, too: the picture moves with the pointer. But not in place of a
            // picture that is nearer to it.
            Event::Keyframe {
                generation,
                time,
                picture,
            } => {
                let is_late = self.target.pending.is_none() || generation <= self.shown;
                if !is_late && self.is_nearer(time) {
                    self.keyframe = Some(time);
                    self.show(picture);
                }
            }
            Event::Exact { generation, frame } => {
                self.show(frame.picture.clone());
                self.display_size = frame.display_size;
                self.keyframe = None;
                self.frame_failure = None;
                self.shown = generation;
                if generation == self.target.generation {
                    self.target.position = Duration::from_micros(frame.position.as_micros());
                    self.target.pending = None;
                }
                self.frame = Some(frame);
                if self.target.pending.is_none() && std::mem::take(&mut self.mark_when_ready) {
                    self.toggle_mark();
                }
            }
            Event::Failed { generation, failure } => {
                if generation == self.target.generation {
                    self.target.pending = None;
                    self.mark_when_ready = false;
                    self.frame_failure = Some(failure);
                }
            }
            Event::Still {
                count,
                index,
                picture,
            } => {
                self.strip.resize(count, None);
                let texture = self
                    .ctx
                    .load_texture("film strip", picture, TextureOptions::LINEAR);
                self.still.get_or_insert_with(|| texture.clone());
                if let Some(place) = self.strip.get_mut(index) {
                    *place = Some(texture);
                }
            }
            Event::Indexed(index) => self.index = Some(index),
            // Numbers stay away; everything else works by time.
            Event::NotIndexed(_) => {}
        }
    }

    /// Whether a picture of `time` is nearer to the playhead than the one on the screen.
    fn is_nearer(&self, time: Duration) -> bool {
        let playhead = self.target.position;
        let shown = self.keyframe.or(self.frame.as_deref().map(|frame| frame.time));
        shown.is_none_or(|shown| time.abs_diff(playhead) <= shown.abs_diff(playhead))
    }

    fn show(&mut self, picture: Picture) {
        match &mut self.texture {
            Some(texture) => texture.set(picture, TextureOptions::LINEAR),
            texture => *texture = Some(self.ctx.load_texture("preview", picture, TextureOptions::LINEAR)),
        }
    }

    /// The picture on the screen, and the size that shows it in its right shape.
    pub(super) fn picture(&self) -> Option<(&TextureHandle, egui::Vec2)> {
        let (width, height) = self.display_size;
        Some((self.texture.as_ref()?, egui::vec2(width as f32, height as f32)))
    }

    /// Tells how large the preview is, in pixels. The first time brings the first picture.
    pub(super) fn set_fit(&mut self, size: (u32, u32)) {
        if self.fit.size == size || size.0 < 2 || size.1 < 2 {
            return;
        }
        let first = self.fit.size == (0, 0);
        self.fit.size = size;
        if first {
            self.ask(false);
        } else {
            self.fit.changed = Some(Instant::now());
            self.ctx.request_repaint_after(PATIENCE);
        }
    }

    /// Asks for a film strip of `count` pictures.
    pub(super) fn want_strip(&mut self, count: usize, max: (u32, u32)) {
        if self.strip.len() == count {
            return;
        }
        if let Some(player) = &self.player {
            self.strip.resize(count, None);
            player.strip(count, max);
        }
    }

    /// Moves the playhead to a position that was typed: past the last frame is an error.
    pub(super) fn go_to(&mut self, position: Duration) {
        self.target.position = position;
        self.target.motion = Motion::Jump;
        self.ask(false);
    }

    /// Moves the playhead under the pointer.
    pub(super) fn drag_to(&mut self, time: Duration, dragging: bool) {
        let position = match self.index.as_deref().filter(|index| !index.is_empty()) {
            // Each frame once, however many pixels it has on the timeline.
            Some(index) => index.position(index.number_at(time).unwrap_or(index.len() - 1)),
            None => time,
        };
        let moved = position != self.target.position;
        let motion = match (dragging, moved) {
            (true, _) => Motion::Drag,
            (false, true) => Motion::Jump,
            // Let go where it rested: the exact frame may be on its way already.
            (false, false) => Motion::Step,
        };
        if moved || (self.target.motion == Motion::Drag) != dragging {
            self.target.position = position;
            self.target.motion = motion;
            self.ask(true);
        }
    }

    /// Takes a step from the frame that the playhead goes to.
    pub(super) fn step(&mut self, step: Step) {
        let index = self.index.as_deref();
        let Some(frame) = self.frame.as_deref() else {
            return;
        };
        // Before the index is there, only the frame on the screen is known: wait for it.
        if index.is_none() && self.target.pending.is_some() && !matches!(step, Step::First | Step::Last) {
            return;
        }
        let from = StepFrom {
            time: if self.target.pending.is_some() {
                self.target.position
            } else {
                frame.time
            },
            tick: frame.tick,
            frame_rate: self.info.as_ref().and_then(|info| info.frame_rate),
            duration: self.info.as_ref().and_then(|info| info.duration),
            index,
        };
        if let Some(position) = player::target(step, from) {
            self.target.position = position;
            self.target.motion = Motion::Step;
            self.ask(true);
        }
    }

    fn ask(&mut self, clamp: bool) {
        let Some(player) = &self.player else { return };
        if self.fit.size == (0, 0) {
            return;
        }
        let Target { position, motion, .. } = self.target;
        self.target.generation = player.request(Request {
            position,
            motion,
            clamp,
            fit: self.fit.size,
        });
        self.target.pending = Some(Instant::now());
        self.frame_failure = None;
        self.ctx.request_repaint_after(PATIENCE);
    }

    /// Whether the picture on the screen is the exact frame that was asked for.
    pub(super) fn is_settled(&self) -> bool {
        self.target.pending.is_none() && self.frame_failure.is_none() && self.frame.is_some()
    }

    /// Marks the frame, or takes the mark off; as soon as the frame is there.
    pub(super) fn toggle_mark(&mut self) {
        if !self.is_settled() {
            self.mark_when_ready = self.target.pending.is_some();
            return;
        }
        if let Some(frame) = &self.frame {
            let number = self.number_of(frame.time);
            self.marks.toggle(frame, number);
        }
    }

    /// Whether the frame under the playhead is marked.
    pub(super) fn is_marked(&self) -> bool {
        self.marks.find(self.playhead_position()).is_some()
    }

    /// Goes to the mark before or after the playhead.
    pub(super) fn step_mark(&mut self, forward: bool) {
        if let Some(position) = self.marks.neighbour(self.playhead_position(), forward) {
            self.go_to(Duration::from_micros(position.as_micros()));
        }
    }

    /// The time under the playhead.
    pub(super) fn playhead(&self) -> Duration {
        self.length()
            .map_or(self.target.position, |length| self.target.position.min(length))
    }

    /// [`OpenVideo::playhead`] as it is shown and submitted.
    pub(super) fn playhead_position(&self) -> Position {
        Position::from_micros(self.playhead().as_micros() as u64)
    }

    /// The number of the frame under the playhead.
    pub(super) fn number(&self) -> Option<usize> {
        self.number_of(self.target.position)
    }

    /// The number of the frame at `time`; `None` until the index is there, or where it only guesses.
    pub(super) fn number_of(&self, time: Duration) -> Option<usize> {
        self.index
            .as_deref()
            .filter(|index| index.is_exact())?
            .number_at(time)
    }

    /// How many frames there are.
    pub(super) fn frame_count(&self) -> Option<usize> {
        self.index
            .as_deref()
            .filter(|index| index.is_exact())
            .map(FrameIndex::len)
    }

    /// How long it lasts, as far as is known.
    pub(super) fn length(&self) -> Option<Duration> {
        let told = self
            .info
            .as_ref()
            .and_then(|info| info.duration)
            .filter(|length| !length.is_zero());
        told.or_else(|| {
            self.index
                .as_deref()
                .map(|index| index.time(index.len().saturating_sub(1)))
        })
    }

    /// What the chip on the preview says.
    pub(super) fn chip(&self) -> Option<Chip> {
        if self.frame_failure.is_some() {
            return Some(Chip::CannotDecode);
        }
        let waited = self.target.pending.map(|since| since.elapsed());
        match (self.keyframe, waited, &self.frame) {
            (Some(time), Some(waited), _) if self.target.motion == Motion::Drag || waited < PATIENCE => {
                Some(Chip::Keyframe(self.number_of(time)))
            }
            // For a moment the chip says what is on the screen still: a flicker helps nobody.
            (None, waited, Some(frame)) if waited.is_none_or(|waited| waited < PATIENCE) => {
                Some(Chip::Exact(self.number_of(frame.time)))
            }
            (_, Some(waited), _) if waited >= PATIENCE => Some(Chip::Decoding(self.number())),
            _ => None,
        }
    }
}

fn paint(width: u32, height: u32, rgba: &[u8]) -> Picture {
    Arc::new(ColorImage::from_rgba_unmultiplied(
        [width as usize, height as usize],
        rgba,
    ))
}
