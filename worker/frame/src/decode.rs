//! Decodes packets to frames with timestamps.

use ffmpeg_next::codec::decoder;
use ffmpeg_next::codec::discard::Discard;
use ffmpeg_next::{Error as AvError, Packet, Rational, Rescale, frame, picture};

use crate::clock::Clock;
use crate::demux::Demuxer;
use crate::limits::Limits;
use crate::number::Numbering;
use crate::rotation::Matrix;
use crate::source::SharedSource;
use crate::{Error, raw};

const MICROS: Rational = Rational(1, 1_000_000);

/// A decoded frame in the decoder's own pixel format.
pub(crate) struct Decoded {
    pub(crate) picture: frame::Video,
    /// Ticks since the start of the video; `None` where no timestamp is known: no position leads to such a frame.
    pub(crate) pts: Option<i64>,
    /// The display matrix, where this frame or an earlier one has one.
    pub(crate) matrix: Option<Matrix>,
}

impl Decoded {
    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> u64 {
        raw::picture_bytes(&self.picture)
    }

    /// A copy in its own buffer. How a decoder conceals damage depends on which of its buffers are free, so callers must not
    /// hold these buffers.
    pub(crate) fn detached(self) -> Self {
        match raw::copy(&self.picture) {
            Some(picture) => Self { picture, ..self },
            None => self,
        }
    }
}

/// The source of packets' timestamps.
enum Timing {
    /// All packets from the first one on.
    FromTheStart(Box<Clock>),
    /// After a seek in a container whose timestamps only have to be shifted by its start time.
    Sought { start: i64 },
}

/// What a seek is for, in ticks since the start of the video.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// The first frame at or after this.
    pub(crate) target: i64,
    /// At most the target: every frame from here on comes out. Of the frames before, non-reference frames are skipped.
    pub(crate) whole_from: i64,
    /// Whether the frame before the target is needed even where the target is a keyframe: then the whole GOP before it is
    /// decoded.
    pub(crate) wants_before: bool,
}

/// How well a seek went.
#[derive(Default)]
struct Landing {
    /// Timestamp of the first packet, and whether it is a keyframe.
    packet: Option<(Option<i64>, bool)>,
    /// That packet's picture came out undamaged and refers to no other picture.
    clean: bool,
    /// A packet or picture since the seek is damaged.
    damaged: bool,
    /// Presentation timestamp of the last picture that came out, from its packet.
    newest: Option<i64>,
    /// Pictures came out in another order than that of their packets' timestamps.
    misordered: bool,
}

/// What `receive` got from the decoder.
enum Received {
    Frame(Decoded),
    /// No frame for now: the decoder wants more packets, or the frame is damaged.
    Nothing,
    /// The decoder is drained.
    End,
}

/// A demuxer and the decoder after it.
pub(crate) struct Pipeline {
    pub(crate) demuxer: Demuxer,
    pub(crate) decoder: decoder::Video,
    timing: Timing,
    pub(crate) limits: Limits,
    /// The decoder may hold another frame of the last packet, which has to be received before the next packet is sent.
    more_in_decoder: bool,
    /// Whether a frame was already received for this packet.
    repeating: bool,
    at_end: bool,
    /// What the last seek was for.
    goal: Option<Goal>,
    /// Smallest timestamp at or after `goal.target` among the packets since the last seek that give a frame.
    pub(crate) first_after: Option<i64>,
    /// Largest timestamp before `goal.whole_from` among those packets.
    pub(crate) last_before: Option<i64>,
    /// Timestamps of those packets whose frames have not come out yet.
    ahead: Vec<i64>,
    /// The quality of the last seek.
    landing: Landing,
    /// Duration of the last packet sent, in ticks; `None` at the end.
    duration: Option<i64>,
    /// The display matrix of the last frame.
    matrix: Option<Matrix>,
    numbering: Numbering,
}

impl Pipeline {
    /// At the first packet, to be decoded with at most so many threads; 0 for as many as there are processors.
    pub(crate) fn open(source: &SharedSource, limits: &Limits, threads: usize) -> Result<Self, Error> {
        let demuxer = Demuxer::open(source, limits)?;
        let decoder = crate::decoder::open(&demuxer, limits.options(), threads)?;
        let timing = Timing::FromTheStart(Box::new(Clock::new(&demuxer)));
        Ok(Self {
            demuxer,
            decoder,
            timing,
            limits: limits.clone(),
            more_in_decoder: false,
            repeating: false,
            at_end: false,
            goal: None,
            first_after: None,
            last_before: None,
            ahead: Vec::new(),
            landing: Landing::default(),
            duration: None,
            matrix: None,
            numbering: Numbering::from_the_start(),
        })
    }

    /// To the last keyframe at or before `landing`, in ticks since the start of the video, by the container's index.
    ///
    /// Non-reference frames before the goal are skipped: every packet has its timestamp where seeks are made. Where
    /// they are not, timestamps are guessed from the frames that come out.
    ///
    /// `first` is the display matrix of the video's first frame. It is used until a frame after the seek has its own; the
    /// matrices of the skipped frames are unknown. The result differs from the ffmpeg program only if a skipped frame has
    /// a matrix and the keyframe has none.
    pub(crate) fn seek(&mut self, landing: i64, goal: Goal, first: Option<Matrix>) -> bool {
        let start = self.start();
        self.matrix = first;
        let in_container = |ticks: i64| ticks.saturating_add(start);
        if !self
            .demuxer
            .seek(in_container(landing), in_container(goal.target))
        {
            return false;
        }
        self.decoder.flush();
        self.decoder.skip_frame(Discard::Default);
        self.timing = Timing::Sought { start };
        self.more_in_decoder = false;
        self.at_end = false;
        self.goal = Some(goal);
        self.first_after = None;
        self.last_before = None;
        self.ahead.clear();
        self.landing = Landing::default();
        self.numbering = Numbering::sought(None);
        true
    }

    /// Sets a new goal without a seek. This is possible only if none of the frames that it needs was skipped, and no packet
    /// was lost.
    pub(crate) fn redirect(&mut self, goal: Goal) -> bool {
        let none_skipped = self.last_before.is_none_or(|last| last < goal.whole_from);
        if self.goal.is_none() || self.demuxer.failed || !none_skipped {
            return false;
        }
        self.goal = Some(goal);
        self.first_after = self.ahead.iter().copied().filter(|&pts| pts >= goal.target).min();
        true
    }

    /// Where the container says that it starts, in its ticks.
    pub(crate) fn start(&self) -> i64 {
        raw::start_time(&self.demuxer.input)
            .unwrap_or(0)
            .rescale(MICROS, self.demuxer.time_base)
    }

    /// The timestamp of the packet that the last seek landed on.
    pub(crate) fn landed_at(&self) -> Option<i64> {
        self.landing.packet.and_then(|(pts, _)| pts)
    }

    /// The keyframe at or before `target` that a seek would land on by the container's index, in ticks since the start
    /// of the video; `None` where the index does not tell.
    pub(crate) fn keyframe_before(&self, target: i64) -> Option<i64> {
        let start = self.start();
        let keyframe = self.demuxer.keyframe_before(target.saturating_add(start))?;
        Some(keyframe.saturating_sub(start))
    }

    /// Decodes only the next keyframe, and reads no packet after it. A seek must follow. `None` if its timestamp is not
    /// `wanted`.
    pub(crate) fn keyframe(&mut self, wanted: impl FnOnce(i64) -> bool) -> Result<Option<Decoded>, Error> {
        let mut wanted = Some(wanted);
        while let Some(packet) = self.demuxer.next()? {
            if !packet.is_key() {
                continue;
            }
            if let (Timing::Sought { start }, Some(pts)) = (&self.timing, packet.pts())
                && wanted
                    .take()
                    .is_some_and(|wanted| !wanted(pts.saturating_sub(*start)))
            {
                return Ok(None);
            }
            self.send(packet);
            // Fails only where the end was signalled before.
            let _ = self.decoder.send_eof();
            let received = self.receive();
            self.decoder.flush();
            if let Received::Frame(decoded) = received {
                return Ok(Some(decoded));
            }
        }
        Ok(None)
    }

    /// The timestamp of the next keyframe, which is not decoded. A seek must follow.
    pub(crate) fn skip_to_keyframe(&mut self) -> Result<Option<i64>, Error> {
        let Timing::Sought { start } = self.timing else {
            return Ok(None);
        };
        while let Some(packet) = self.demuxer.next()? {
            self.limits.progress(0);
            if packet.is_key()
                && self.demuxer.gives_a_frame(&packet)
                && let Some(pts) = packet.pts()
            {
                return Ok(Some(pts.saturating_sub(start)));
            }
        }
        Ok(None)
    }

    /// Whether every frame from `pts` on comes out.
    pub(crate) fn is_whole_from(&self, pts: i64) -> bool {
        self.goal.is_none_or(|goal| pts >= goal.whole_from)
    }

    /// Whether the last seek landed on a clean keyframe at or before `target`, and all since was decoded as it
    /// should.
    pub(crate) fn proves_seek(&self, target: i64) -> bool {
        let at_keyframe = matches!(self.landing.packet, Some((Some(pts), true)) if pts <= target);
        at_keyframe && self.landing.clean && self.is_clean()
    }

    /// Whether all since the last seek was decoded as it should.
    pub(crate) const fn is_clean(&self) -> bool {
        !self.landing.damaged && !self.landing.misordered
    }

    /// Whether pictures since the last seek show that packets do not have their pictures' times.
    pub(crate) const fn is_misordered(&self) -> bool {
        self.landing.misordered
    }

    /// Whether frames since the last seek may differ from run to run: something was damaged, and several threads decode.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.landing.damaged && raw::is_threaded(&self.decoder)
    }

    /// Whether the caller may hold the decoder's own buffers without changing how it conceals damage.
    pub(crate) fn may_keep(&self) -> bool {
        raw::is_threaded(&self.decoder)
    }

    /// Whether every packet from the first one on was decoded, without a seek.
    pub(crate) const fn is_from_the_start(&self) -> bool {
        matches!(self.timing, Timing::FromTheStart(_))
    }

    /// The next frame in the order of display; `None` after the last one. Damaged packets are passed over, as the
    /// ffmpeg program does.
    pub(crate) fn next(&mut self) -> Result<Option<Decoded>, Error> {
        loop {
            self.limits.check()?;
            if self.more_in_decoder || self.at_end {
                match self.receive() {
                    Received::Frame(decoded) => return Ok(Some(decoded)),
                    Received::End => return Ok(None),
                    // After the last packet, errors for damaged frames may come before the remaining frames.
                    Received::Nothing if self.at_end => continue,
                    Received::Nothing => self.more_in_decoder = false,
                }
            }
            if let Some(packet) = self.demuxer.next()? {
                self.send(packet);
            } else {
                self.at_end = true;
                self.duration = None;
                // Fails only where the end was signalled before.
                let _ = self.decoder.send_eof();
            }
        }
    }

    fn send(&mut self, mut packet: Packet) {
        self.duration = Some(packet.duration());
        match &mut self.timing {
            Timing::FromTheStart(clock) => {
                clock.demuxed(&mut packet);
                clock.packet(&packet, raw::reorder_depth(&self.decoder));
                packet.set_dts(clock.request());
            }
            Timing::Sought { start } => {
                let start = *start;
                if self.landing.packet.is_none() {
                    self.numbering = Numbering::sought(self.demuxer.frames_before(&packet));
                }
                packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(start)));
                packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(start)));
            }
        }
        if self.landing.packet.is_none() {
            self.landing.packet = Some((packet.pts(), packet.is_key()));
        }
        self.landing.damaged |= packet.is_corrupt();
        if let Some(pts) = packet.pts().filter(|_| self.demuxer.gives_a_frame(&packet)) {
            self.numbering.packet(pts);
        }
        if let Some(goal) = self.goal {
            self.choose_skipping(&packet, goal);
        }
        self.repeating = false;
        self.more_in_decoder = self.decoder.send_packet(&packet).is_ok();
        if !self.more_in_decoder {
            self.landing.damaged = true;
            self.advance();
        }
    }

    fn choose_skipping(&mut self, packet: &Packet, goal: Goal) {
        let is_past = |ticks: i64| packet.pts().is_none_or(|pts| pts >= ticks);
        let wanted = is_past(goal.whole_from);
        self.decoder.skip_frame(if wanted {
            Discard::Default
        } else {
            Discard::NonReference
        });
        // An edit list may leave out frames that have to be decoded all the same.
        let Some(pts) = packet.pts().filter(|_| self.demuxer.gives_a_frame(packet)) else {
            return;
        };
        self.ahead.push(pts);
        if is_past(goal.target) {
            self.first_after = Some(self.first_after.map_or(pts, |first| first.min(pts)));
        } else if !wanted {
            self.last_before = self.last_before.max(Some(pts));
        }
    }

    /// The number of the frame at `pts`, which has just come out.
    pub(crate) fn number(&self, pts: i64) -> Option<u64> {
        self.numbering.of(pts)
    }

    /// Asks the decoder for a frame, with the clock's bookkeeping around it.
    fn receive(&mut self) -> Received {
        if let Timing::FromTheStart(clock) = &mut self.timing {
            if self.at_end {
                clock.request_at_the_end();
            } else if self.repeating {
                clock.request();
            }
        }
        let mut picture = frame::Video::empty();
        let received = self.decoder.receive_frame(&mut picture);
        if received.is_ok() || self.at_end || !self.repeating {
            self.advance();
        }
        self.repeating = true;
        match received {
            Ok(()) => Received::Frame(self.received(picture)),
            Err(AvError::Eof) => Received::End,
            Err(AvError::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => Received::Nothing,
            Err(_) => {
                self.landing.damaged = true;
                Received::Nothing
            }
        }
    }

    fn received(&mut self, picture: frame::Video) -> Decoded {
        let mut pts = picture.timestamp();
        if let Some(pts) = pts {
            self.ahead.retain(|&ahead| ahead > pts);
        }
        self.limits.progress(raw::picture_bytes(&picture));
        self.judge(&picture);
        let default = self.packet_micros();
        if let Timing::FromTheStart(clock) = &mut self.timing {
            let ticks = picture.packet().duration;
            let micros = if ticks > 0 {
                ticks.rescale(self.demuxer.time_base, MICROS)
            } else {
                default
            };
            pts = clock.frame(pts, micros);
        }
        if let Some(pts) = pts {
            self.numbering.frame(pts);
        }
        let own = self.demuxer.matrix_of(&picture);
        // The ffmpeg program has kept what an earlier frame said since 7.0; before, a frame without a matrix had none.
        self.matrix = if raw::major_version() >= 59 {
            own.or(self.matrix)
        } else {
            own
        };
        Decoded {
            picture,
            pts,
            matrix: self.matrix,
        }
    }

    /// What the container marks as a keyframe may still refer to other pictures: a recovery point of intra refresh does.
    fn judge(&mut self, picture: &frame::Video) {
        let whole = !picture.is_corrupt() && !picture.has_decode_errors();
        self.landing.damaged |= !whole;
        let times = (picture.pts(), self.landing.newest);
        self.landing.misordered |= picture.pts() != picture.timestamp()
            || matches!(times, (Some(pts), Some(newest)) if pts <= newest);
        self.landing.newest = picture.pts().or(self.landing.newest);
        let landed_at = self.landed_at();
        if whole && landed_at.is_some() && picture.timestamp() == landed_at {
            self.landing.clean = picture.is_key() || picture.kind() == picture::Type::I;
        }
    }

    fn advance(&mut self) {
        let micros = self.packet_micros();
        if let Timing::FromTheStart(clock) = &mut self.timing {
            clock.advance(micros);
        }
    }

    /// Duration of the last packet sent, in microseconds.
    fn packet_micros(&self) -> i64 {
        match self.duration {
            Some(ticks) if ticks > 0 => ticks.rescale(self.demuxer.time_base, MICROS),
            _ => self.frame_micros(),
        }
    }

    /// Duration of a frame by the codec's frame rate, in microseconds; 0 where it has none.
    fn frame_micros(&self) -> i64 {
        let Some(rate) = self
            .decoder
            .frame_rate()
            .filter(|rate| rate.numerator() > 0 && rate.denominator() > 0)
        else {
            return 0;
        };
        let per_frame = raw::ticks_per_frame(&self.decoder);
        let ticks =
            raw::repeated_fields(&self.demuxer.input, self.demuxer.stream).map_or(per_frame, |more| more + 1);
        1_000_000 * i64::from(rate.denominator()) * i64::from(ticks)
            / i64::from(rate.numerator())
            / i64::from(per_frame)
    }
}
