//! One open video as the view sees it: what its player has told so far, where the playhead is, and what is marked.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use egui::{ColorImage, TextureHandle, TextureOptions};
use posterframe_client::{Client, VideoFile};
use posterframe_contract::Position;
use posterframe_frame::{FrameIndex, VideoInfo};
use posterframe_player::{Event, Failure, Motion, Player, PlayerOptions, Strip};

use super::looks::{Known, Looks, Offer};
use super::marks::Marks;
use super::playhead::{Next, Target};
use super::screen::{Fitting, Screen};
use super::strip::FilmStrip;
use super::visible_range::VisibleRange;
use super::zoom::{Frame as ZoomFrame, Zoom};
use crate::context::{Engine, Remote, RemoteState};

/// A picture for the screen.
pub type Picture = Arc<ColorImage>;
/// A frame with such a picture.
pub type Frame = posterframe_player::ExactFrame<Picture>;

/// One open video.
pub struct OpenVideo {
    pub path: PathBuf,
    pub name: String,
    pub bytes: u64,
    /// Its file as it was when it was opened.
    pub opened: Remote<VideoFile>,
    pub info: Option<VideoInfo>,
    /// Why it cannot be opened.
    pub failure: Option<Failure>,
    pub index: Option<Arc<FrameIndex>>,
    /// The newest exact frame.
    pub frame: Option<Arc<Frame>>,
    /// Why the newest request came to nothing.
    pub frame_failure: Option<Failure>,
    /// What broke down last.
    pub broken: Option<Failure>,
    pub marks: Marks,
    /// What is known of the frames to submit.
    pub looks: Looks,
    /// The mark that moves to the frame of a request as soon as that is there.
    moving: Option<(Position, u64)>,
    pub strip: FilmStrip,
    /// A picture of the video for lists: the first of the strip that came.
    pub still: Option<TextureHandle>,
    /// Positions, and the names that a submit of them makes.
    pub names: (Vec<Position>, Vec<(String, String)>),
    /// The picture under a hovering pointer, and where it was asked for.
    glance: (Option<Duration>, Option<(Duration, TextureHandle)>),
    /// What the timeline shows; all of it where there is nothing.
    part: Option<VisibleRange>,
    /// The playhead when the timeline was drawn last.
    playhead_seen: Duration,
    zoom: Zoom,
    pub zoom_frame: Option<ZoomFrame>,
    screen: Screen,
    display_size: (u32, u32),
    /// The keyframe on the screen, while the playhead is dragged.
    pub keyframe: Option<Duration>,
    /// The number of the request whose exact frame was shown last.
    shown: u64,
    pub target: Target,
    /// The frame is to be marked as soon as it is there; and what was asked for meanwhile, which comes after that.
    pub marking: Option<VecDeque<Next>>,
    /// What is marked, or else the frame of this request, is to be submitted as soon as it is there.
    pub submitting: Option<u64>,
    pub fit: Fitting,
    pub player: Option<Player<Picture>>,
    cache_bytes: usize,
    events: Receiver<Event<Picture>>,
    pub ctx: egui::Context,
}

impl OpenVideo {
    /// A video to open at `position`, once it is shown. Its decoded frames will take at most `cache_bytes`.
    pub fn new(ctx: &egui::Context, path: &Path, position: Option<Position>, cache_bytes: usize) -> Self {
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
            failure: None,
            index: None,
            frame: None,
            frame_failure: None,
            broken: None,
            marks: Marks::default(),
            looks: Looks::default(),
            moving: None,
            strip: FilmStrip::default(),
            still: None,
            names: (Vec::new(), Vec::new()),
            glance: (None, None),
            part: None,
            playhead_seen: Duration::ZERO,
            zoom: Zoom::Fit,
            zoom_frame: None,
            screen: Screen::default(),
            display_size: (16, 9),
            keyframe: None,
            shown: 0,
            target: Target {
                position,
                motion: Motion::Jump,
                generation: 0,
                pending: None,
            },
            marking: None,
            submitting: None,
            fit: Fitting::default(),
            player: None,
            cache_bytes,
            events: mpsc::channel().1,
            ctx: ctx.clone(),
        }
    }

    /// Opens it, on threads of its own, as the one that is shown.
    pub fn wake(&mut self) {
        if self.player.is_some() || self.failure.is_some() {
            return;
        }
        let (sender, events) = mpsc::channel();
        let waker = self.ctx.clone();
        let tell = move |event| {
            // The view is gone: so is this thread in a moment.
            if sender.send(event).is_ok() {
                waker.request_repaint();
            }
        };
        let options = PlayerOptions {
            cache_bytes: self.cache_bytes,
            index: self.index.is_none(),
        };
        match Player::open(&self.path, options, paint, tell) {
            Ok(player) => {
                self.player = Some(player);
                self.events = events;
                self.ask(true);
            }
            Err(error) => {
                self.failure = Some(Failure {
                    text: format!("the decoder cannot start: {error}"),
                    advice: "Close other programs, and open the video again".to_owned(),
                });
            }
        }
    }

    /// Opens it anew after something broke down, with all that is marked and at the same place.
    pub fn start_again(&mut self) {
        self.sleep();
        self.failure = None;
        self.frame_failure = None;
        self.broken = None;
        self.wake();
    }

    /// Whether a mark waits for its frame: it comes without the video on the screen, too.
    pub fn owes_a_mark(&self) -> bool {
        self.player.is_some() && self.failure.is_none() && (self.marking.is_some() || self.moving.is_some())
    }

    /// Ends its threads while another one is shown: what is on the screen of it and what is marked stays. Whether
    /// a submit waited for its frame, which comes to nothing by that.
    pub fn sleep(&mut self) -> bool {
        let submit_waited = self.submitting.take().is_some();
        if self.player.take().is_some() {
            self.events = mpsc::channel().1;
            self.target.pending = None;
            self.keyframe = None;
            self.shown = 0;
            self.marking = None;
            self.glance = (None, None);
            self.moving = None;
            self.looks.pause();
            self.strip.pause();
        }
        submit_waited
    }

    /// Takes in what the player has told.
    pub fn update(&mut self, engine: &Engine) {
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
        // While a frame is on its way there is none to look at, unless some are marked.
        let calm = self.target.pending.is_none() || !self.marks.all().is_empty();
        let positions = if calm { self.positions() } else { Vec::new() };
        if let Some(player) = &self.player
            && let Some(rest) = self.looks.want(&positions, player)
        {
            self.ctx.request_repaint_after(rest);
        }
        match self.fit.due() {
            Some(Duration::ZERO) => {
                // The frame is in the cache, or on its way: nothing is to be stopped for its size.
                self.target.motion = Motion::Step;
                self.ask(false);
            }
            Some(rest) => self.ctx.request_repaint_after(rest),
            None => {}
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
                if let Some((mark, _)) = self.moving.take_if(|(_, request)| *request <= generation)
                    && self.target.pending.is_none()
                {
                    let number = self.number_of(frame.time);
                    self.marks.replace(mark, &frame, number);
                }
                self.frame = Some(frame);
                if self.target.pending.is_none()
                    && let Some(next) = self.marking.take()
                {
                    self.toggle_mark();
                    self.go_on(next);
                }
            }
            Event::Failed { generation, failure } => {
                if generation == self.target.generation {
                    self.target.pending = None;
                    self.marking = None;
                    self.submitting = None;
                    self.moving = None;
                    self.frame_failure = Some(failure);
                }
            }
            Event::Still {
                strip,
                index,
                picture,
            } => {
                let texture = self
                    .ctx
                    .load_texture("film strip", picture, TextureOptions::LINEAR);
                self.still.get_or_insert_with(|| texture.clone());
                self.strip.take_in(strip, index, texture);
            }
            Event::Glance { position, picture } => {
                let texture = self.ctx.load_texture("glance", picture, TextureOptions::LINEAR);
                self.glance.1 = Some((position, texture));
            }
            Event::Indexed(index) => self.index = Some(index),
            Event::Neighbours { position, neighbours } => {
                let better = neighbours.better.into_iter().map(|better| {
                    let options = TextureOptions::LINEAR;
                    Offer {
                        time: better.time,
                        picture: self.ctx.load_texture("better", better.picture, options),
                    }
                });
                self.looks.take_in(Known {
                    position: Position::from_micros(position.as_micros() as u64),
                    flaw: neighbours.flaw,
                    better: better.collect(),
                });
            }
            // Numbers stay away; everything else works by time.
            Event::NotIndexed(_) => {}
            Event::Broken(failure) => self.broken = Some(failure),
        }
    }

    /// Whether a picture of `time` is nearer to the playhead than the one on the screen.
    fn is_nearer(&self, time: Duration) -> bool {
        let playhead = self.target.position;
        let shown = self.keyframe.or(self.frame.as_deref().map(|frame| frame.time));
        shown.is_none_or(|shown| time.abs_diff(playhead) <= shown.abs_diff(playhead))
    }

    fn show(&mut self, picture: Picture) {
        self.screen.show(&self.ctx, picture, self.zoom.shows_squares());
    }

    /// The picture on the screen.
    pub const fn texture(&self) -> Option<&TextureHandle> {
        self.screen.texture.as_ref()
    }

    /// The size that shows the picture in its right shape, in pixels.
    pub fn display_size(&self) -> egui::Vec2 {
        let (width, height) = self.display_size;
        egui::vec2(width.max(1) as f32, height.max(1) as f32)
    }

    /// How large the picture is shown.
    pub const fn zoom(&self) -> Zoom {
        self.zoom
    }

    /// Shows the picture so large, and has it made for that size. The first time brings the first picture.
    pub fn set_zoom(&mut self, zoom: Zoom, frame: ZoomFrame, most: usize) {
        self.zoom_frame = Some(frame);
        self.zoom = zoom;
        self.screen.set_squares(zoom.shows_squares());
        let most = most.min(8192) as f32;
        let pixels = |pixels: f32| pixels.floor().clamp(0.0, most) as u32;
        let size = match zoom {
            Zoom::Fit => frame.room.size() * frame.pixels_per_point,
            Zoom::At { scale, .. } => (frame.size * scale.min(1.0)).ceil(),
        };
        match self.fit.set((pixels(size.x), pixels(size.y))) {
            Some(Duration::ZERO) => self.ask(false),
            Some(rest) => self.ctx.request_repaint_after(rest),
            None => {}
        }
    }

    /// A step of zoom by a key.
    pub fn zoom_by_key(&mut self, change: impl Fn(Zoom, ZoomFrame) -> Zoom) {
        if let Some(frame) = self.zoom_frame {
            self.zoom = change(self.zoom, frame).within(frame);
        }
    }

    /// What the timeline shows, with the playhead in it once that has moved; `None` until the length is known.
    pub fn part(&mut self) -> Option<VisibleRange> {
        let length = self.length().filter(|length| !length.is_zero())?;
        let part = self
            .part
            .unwrap_or_else(|| VisibleRange::whole(length))
            .of(length);
        let playhead = self.playhead();
        if std::mem::replace(&mut self.playhead_seen, playhead) == playhead {
            Some(part)
        } else {
            Some(part.showing(playhead))
        }
    }

    /// Shows another part.
    pub fn set_part(&mut self, part: VisibleRange) {
        self.part = (!part.is_whole()).then_some(part);
    }

    /// Shows `factor` times less of the video, around the playhead.
    pub fn zoom_timeline(&mut self, factor: f64) {
        if let Some(part) = self.part() {
            self.set_part(part.zoomed(self.playhead().as_secs_f64(), factor));
        }
    }

    /// Asks for a film strip.
    pub fn want_strip(&mut self, strip: Strip) {
        if let Some(player) = &self.player
            && let Some(rest) = self.strip.want(strip, player)
        {
            self.ctx.request_repaint_after(rest);
        }
    }

    /// Asks for the picture under a hovering pointer.
    pub fn want_glance(&mut self, time: Duration, max: (u32, u32)) {
        if let Some(player) = self.player.as_ref().filter(|_| self.glance.0 != Some(time))
            && let Some(fit) = self.fit.size()
        {
            self.glance.0 = Some(time);
            player.glance(time, max, fit);
        }
    }

    /// The picture for a hovering pointer at `time`: its own, or the nearest of the film strip.
    pub fn glance(&self, time: Duration) -> Option<&TextureHandle> {
        let own = self.glance.1.as_ref().filter(|(at, _)| *at == time);
        own.map(|(_, texture)| texture)
            .or_else(|| self.strip.at(time))
            .or(self.glance.1.as_ref().map(|(_, texture)| texture))
    }

    /// Whether the picture on the screen is the exact frame that was asked for.
    pub fn is_settled(&self) -> bool {
        self.target.pending.is_none() && self.frame_failure.is_none() && self.frame.is_some()
    }

    /// Marks the frame, or takes the mark off; as soon as the frame is there.
    pub fn toggle_mark(&mut self) {
        if self.comes_later(Next::Mark) {
            return;
        }
        if !self.is_settled() {
            self.marking = self.target.pending.map(|_| VecDeque::new());
            return;
        }
        if let Some(frame) = &self.frame {
            let number = self.number_of(frame.time);
            self.marks.toggle(frame, number);
        }
    }

    /// Moves the mark at `from` to the frame at `to`, and goes there.
    pub fn move_mark(&mut self, from: Position, to: Duration) {
        if self.marking.is_some() {
            // Its frame would be taken for the one to move to.
            return;
        }
        self.go_to(self.frame_time(to));
        self.moving = Some((from, self.target.generation));
    }

    /// Whether the frame under the playhead is marked.
    pub fn is_marked(&self) -> bool {
        self.marks.find(self.playhead_position()).is_some()
    }

    /// Goes to the mark before or after the playhead.
    pub fn step_mark(&mut self, forward: bool) {
        if let Some(position) = self.marks.neighbour(self.playhead_position(), forward) {
            self.go_to(Duration::from_micros(position.as_micros()));
        }
    }

    /// The number of the frame at `time`; `None` until the index is there, or where it only guesses.
    pub fn number_of(&self, time: Duration) -> Option<usize> {
        self.index
            .as_deref()
            .filter(|index| index.is_exact())?
            .number_at(time)
    }

    /// How many frames there are.
    pub fn frame_count(&self) -> Option<usize> {
        self.index
            .as_deref()
            .filter(|index| index.is_exact())
            .map(FrameIndex::len)
    }

    /// What to say of a file that ends before its own table of frames does.
    pub fn cut_off(&self) -> Option<String> {
        let info = self.info.as_ref()?;
        let index = self.index.as_deref().filter(|index| index.is_exact())?;
        let promised = info.frame_count? as usize;
        let last = index.time(index.len().checked_sub(1)?);
        // An edit list may leave out frames, too, but not the end.
        let ends_early = last + Duration::from_secs(1) < info.duration?;
        (ends_early && promised > index.len()).then(|| {
            format!(
                "The file is cut off: {} of its {promised} frames are missing. Copy or download it again",
                promised - index.len()
            )
        })
    }

    /// How long it lasts, as far as is known.
    pub fn length(&self) -> Option<Duration> {
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
}

fn paint(width: u32, height: u32, rgba: &[u8]) -> Picture {
    Arc::new(ColorImage::from_rgba_unmultiplied(
        [width as usize, height as usize],
        rgba,
    ))
}
