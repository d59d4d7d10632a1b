//! One open video: what its player has told so far, and what is marked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use egui::{ColorImage, TextureHandle, TextureOptions};
use posterframe_client::{Client, PlannedFrame, PlannedNames, VideoFile};
use posterframe_contract::{Interpretation, OutputRequest, Position, SheetRequest};
use posterframe_frame::{FrameIndex, NoTimecode, Timecodes, VideoInfo};
use posterframe_player::{Event, Failure, Footage, Motion, Player, PlayerOptions, VideoSource};
use posterframe_remote::Remote;

use super::actions::Waiting;
use super::distant::Distant;
use super::looks::{Known, Looks, Offer};
use super::marks::Marks;
use super::playhead::Playhead;
use super::playing::Playing;
use super::preview::Preview;
use super::timeline::Timeline;
use super::{position_at, time_at};
use crate::context::{Engine, RequestState, Requested};
use crate::distant::Location;
use crate::format::DisplayUnit;

/// What a submit would be of: frames, the files to make of each, and sheets.
pub type WantedFiles = (Vec<PlannedFrame>, Vec<OutputRequest>, Vec<SheetRequest>);

/// A picture for the screen.
pub type Picture = Arc<ColorImage>;
/// A frame with such a picture.
pub type Frame = posterframe_player::ExactFrame<Picture>;

/// One open video.
pub struct OpenVideo {
    /// Its file; of a video at a distance its address, without what may be a secret.
    pub path: PathBuf,
    /// What a video at a distance has beside the rest.
    pub distant: Option<Distant>,
    /// Which of its tracks is shown, and what of the file's own word on it does not count.
    pub interpretation: Interpretation,
    pub name: String,
    pub bytes: u64,
    /// Its file as it was when it was opened.
    pub opened: Requested<VideoFile>,
    pub info: Option<VideoInfo>,
    /// Why it cannot be opened.
    pub failure: Option<Failure>,
    pub index: Option<Arc<FrameIndex>>,
    /// What broke down last.
    pub broken: Option<Failure>,
    pub playhead: Playhead,
    /// What positions are shown as.
    pub unit: DisplayUnit,
    /// Its timecodes, checked with the times of all frames.
    pub timecodes: Option<Result<Timecodes, NoTimecode>>,
    /// While it plays.
    pub playing: Option<Playing>,
    /// Whether the picture on the screen is one that was played: it stays for a moment after that, and is no exact frame.
    pub shows_played: bool,
    /// The newest exact frame.
    pub frame: Option<Arc<Frame>>,
    pub marks: Marks,
    /// Where the frames are that a rule has found and that may be marked.
    pub candidates: Vec<Position>,
    /// What is known of the frames to submit.
    pub looks: Looks,
    /// What waits for the frame at the playhead, the oldest first.
    pub waiting: VecDeque<Waiting>,
    /// The frames of a submit that has waited until now.
    pub due: Option<Vec<Position>>,
    /// Positions and outputs, and the names that a submit of them makes.
    pub names: (WantedFiles, PlannedNames),
    pub preview: Preview,
    pub timeline: Timeline,
    /// A picture of the video for lists: the first of the film strip that came.
    pub still: Option<TextureHandle>,
    pub player: Option<Player<Picture>>,
    cache_bytes: usize,
    events: Receiver<Event<Picture>>,
    pub ctx: egui::Context,
}

impl OpenVideo {
    /// A video to open at `position`, once it is shown. Its decoded frames will take at most `cache_bytes`.
    pub fn new(ctx: &egui::Context, video: Location, position: Option<Position>, cache_bytes: usize) -> Self {
        let path = video.path();
        let distant = match video {
            Location::File(_) => None,
            Location::Distant(place) => Some(Distant::new(place)),
        };
        Self {
            path: path.clone(),
            distant,
            interpretation: Interpretation::default(),
            name: path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            bytes: 0,
            opened: Requested::default(),
            info: None,
            failure: None,
            index: None,
            broken: None,
            playhead: Playhead::new(position.map_or(Duration::ZERO, time_at)),
            unit: DisplayUnit::default(),
            timecodes: None,
            playing: None,
            shows_played: false,
            frame: None,
            marks: Marks::default(),
            candidates: Vec::new(),
            looks: Looks::default(),
            waiting: VecDeque::new(),
            due: None,
            names: Default::default(),
            preview: Preview::default(),
            timeline: Timeline::default(),
            still: None,
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
        // One at a distance waits for its login.
        let Some(Footage { source, .. }) = self.footage() else {
            return;
        };
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
            interpretation: self.interpretation,
        };
        match Player::open(source, options, paint, tell) {
            Ok(player) => {
                self.player = Some(player);
                self.events = events;
                self.ask(Motion::Jump, true);
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
        if let Some(distant) = &mut self.distant {
            distant.let_go();
        }
        self.failure = None;
        self.broken = None;
        self.wake();
    }

    /// Where it is read from. `None` for a video at a distance before there is a login.
    pub fn footage(&self) -> Option<Footage> {
        let source = match &self.distant {
            None => VideoSource::from(&self.path),
            Some(distant) => distant.source()?,
        };
        Some(Footage::new(source, self.interpretation))
    }

    /// Reads it in another way from now on, at the same place.
    pub fn interpret(&mut self, interpretation: Interpretation) {
        self.sleep();
        self.interpretation = interpretation;
        self.marks.forget_pixels();
        (self.info, self.index, self.timecodes, self.failure) = (None, None, None, None);
        self.timeline = Timeline::default();
        self.still = None;
        self.wake();
    }

    /// Where it is, to open it anew.
    pub fn location(&self) -> Location {
        match &self.distant {
            None => Location::File(self.path.clone()),
            Some(distant) => Location::Distant(distant.place.clone()),
        }
    }

    /// Whether there is no reader for it yet.
    pub fn is_out_of_reach(&self) -> bool {
        self.footage().is_none()
    }

    /// Whether a mark waits for its frame: it comes without the video on the screen, too.
    pub fn owes_a_mark(&self) -> bool {
        let is_mark = |action: &Waiting| matches!(action, Waiting::Mark | Waiting::MoveMark(_));
        self.player.is_some() && self.failure.is_none() && self.waiting.iter().any(is_mark)
    }

    /// Ends its threads while another one is shown: what is on the screen of it and what is marked stays. Whether a submit
    /// waited for its frame, which comes to nothing by that.
    pub fn sleep(&mut self) -> bool {
        let submit_waited = self.waiting.contains(&Waiting::Submit);
        self.waiting.clear();
        self.playing = None;
        if self.player.take().is_some() {
            self.events = mpsc::channel().1;
            self.playhead = Playhead::new(self.playhead.position);
            self.looks.pause();
            self.timeline.pause();
        }
        submit_waited
    }

    /// Takes in what the player has told.
    pub fn update(&mut self, engine: &Engine) {
        // Until a submit that is due has been made, its frame stays the newest one.
        while self.due.is_none()
            && let Ok(event) = self.events.try_recv()
        {
            self.take_in(event);
        }
        if self.distant.is_none() && self.opened.state() == RequestState::NotRequested {
            let path = self.path.clone();
            self.opened = engine.request_blocking(&self.ctx, move || Client::look_at(&path));
        }
        let index = self.index.clone().filter(|index| index.is_exact());
        self.marks.update(&self.ctx, engine, |position| {
            index.as_deref()?.number_at(time_at(position))
        });
        // While a frame is on its way there is none to look at, unless some are marked. What is beside a frame of a video at
        // a distance is read for marks alone.
        let is_quiet = self.playhead.waited().is_none() && self.distant.is_none();
        let calm = self.playing.is_none() && (is_quiet || !self.marks.all().is_empty());
        let positions = if calm { self.positions() } else { Vec::new() };
        if let Some(player) = &self.player
            && let Some(rest) = self.looks.want(&positions, player)
        {
            self.ctx.request_repaint_after(rest);
        }
        match self.preview.fitting.due() {
            // The frame is in the cache, or on its way: nothing is to be stopped for its size.
            Some(Duration::ZERO) => self.ask(Motion::Step, false),
            Some(rest) => self.ctx.request_repaint_after(rest),
            None => {}
        }
    }

    fn take_in(&mut self, event: Event<Picture>) {
        match event {
            Event::Opened(info) => {
                let distant = self.distant.as_ref().and_then(Distant::remote);
                self.bytes = distant.and_then(Remote::size).unwrap_or(info.bytes);
                self.preview.display_size = info.display_size;
                self.info = Some(*info);
            }
            Event::NotOpened(failure) => self.failure = Some(failure),
            Event::Keyframe {
                generation,
                time,
                picture,
            } => {
                self.fill_strip(time, &picture);
                let exact = self.frame.as_deref().map(|frame| frame.time);
                if self.playhead.take_keyframe(generation, time, exact) {
                    self.show(picture);
                    self.shows_played = false;
                }
            }
            Event::Exact { generation, frame } => {
                self.fill_strip(frame.time, &frame.picture);
                // One that was asked for before it played is not where it is by now.
                if self.playing.is_none() {
                    self.show(frame.picture.clone());
                    self.shows_played = false;
                }
                self.preview.display_size = frame.display_size;
                let is_newest = self.playhead.take_exact(generation, time_at(frame.position));
                self.frame = Some(frame);
                if is_newest {
                    self.go_on();
                }
            }
            Event::Failed { generation, failure } => {
                if self.playhead.take_failure(generation, failure) {
                    self.waiting.clear();
                }
            }
            Event::Still {
                strip,
                index,
                picture,
            } => {
                let texture = self.texture_of("film strip", picture);
                self.still.get_or_insert_with(|| texture.clone());
                self.timeline.strip.take_in(strip, index, texture);
            }
            Event::Glance { position, picture } => {
                self.fill_strip(position, &picture);
                self.timeline.hover = Some((position, self.texture_of("hover", picture)));
            }
            Event::Indexed(index) => {
                let timecodes = self.info.as_ref().map(|info| info.timecodes.clone());
                self.timecodes = timecodes.map(|timecodes| timecodes?.checked(&index));
                self.index = Some(index);
            }
            Event::Neighbours { position, neighbours } => {
                let better = neighbours.better.into_iter().map(|better| Offer {
                    time: better.time,
                    picture: self.texture_of("better", better.picture),
                });
                let better = better.collect();
                self.looks.take_in(Known {
                    position: position_at(position),
                    flaw: neighbours.flaw,
                    better,
                });
            }
            Event::Played {
                generation,
                position,
                picture,
                rate,
                ..
            } => self.take_played(generation, position, picture, rate),
            Event::PlayEnded { generation, failure } => self.take_end(generation, failure),
            // Numbers stay away; everything else works by time.
            Event::NotIndexed(_) => {}
            Event::Broken(failure) => self.broken = Some(failure),
        }
    }

    /// Of a video at a distance, the film strip shows what was looked at: nothing is read for it alone.
    fn fill_strip(&mut self, time: Duration, picture: &Picture) {
        if self.distant.is_none() || !self.timeline.strip.lacks(time) {
            return;
        }
        let texture = self.texture_of("film strip", Arc::new(small(picture)));
        self.still.get_or_insert_with(|| texture.clone());
        self.timeline.strip.fill(time, &texture);
    }

    fn texture_of(&self, name: &str, picture: Picture) -> TextureHandle {
        self.ctx.load_texture(name, picture, TextureOptions::LINEAR)
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

/// The longer side of a picture of the film strip, in pixels.
const STRIP_SIDE: usize = 240;

/// A picture for the film strip: every so many pixels of a larger one.
fn small(picture: &ColorImage) -> ColorImage {
    let [width, height] = picture.size;
    let step = width.max(height).div_ceil(STRIP_SIDE).max(1);
    if step == 1 {
        return picture.clone();
    }
    let [columns, rows] = [width.div_ceil(step), height.div_ceil(step)];
    let row = |y: usize| (0..columns).map(move |x| (x, y));
    let pixels = (0..rows).flat_map(row);
    let pixels = pixels.map(|(x, y)| picture.pixels[y * step * width + x * step]);
    ColorImage::new([columns, rows], pixels.collect())
}

fn paint(width: u32, height: u32, rgba: &[u8]) -> Picture {
    Arc::new(ColorImage::from_rgba_unmultiplied(
        [width as usize, height as usize],
        rgba,
    ))
}
