//! Corrects packets' timestamps as the ffmpeg program does before it decodes.
//!
//! Timestamps of transport streams jump and wrap; raw streams and AVI have few timestamps or none. The frame at a
//! position then depends on how the ffmpeg program (5.1, `process_input` and `process_input_packet` in `ffmpeg.c`)
//! guesses the missing ones, so this module guesses in the same way. It needs all packets from the first one on.

use std::collections::VecDeque;

use ffmpeg_next::{Packet, Rational, Rescale};

use crate::demux::Demuxer;
use crate::raw;

const MICROS: Rational = Rational(1, 1_000_000);
/// A jump of more than this is a discontinuity (`-dts_delta_threshold`), in microseconds.
const DISCONTINUITY: i64 = 10_000_000;
/// In formats that do not jump, timestamps this far off are dropped (`-dts_error_threshold`), in microseconds.
const MAX_OFFSET: i64 = 3_600 * 30 * 1_000_000;

pub(crate) struct Clock {
    time_base: Rational,
    frame_rate: Rational,
    may_jump: bool,
    wrap_bits: u32,
    /// The start times of the container and of the stream, in microseconds.
    container_start: i64,
    stream_start: Option<i64>,
    /// Offset that is added to each timestamp, in microseconds.
    offset: i64,
    wraps_mended: bool,
    /// Decoding timestamps of the current packet and of the next one, in microseconds.
    dts: Option<i64>,
    next_dts: Option<i64>,
    /// Presentation timestamps of the last frame and of the next one, in microseconds.
    pts: i64,
    next_pts: i64,
    started: bool,
    /// Timestamp of the previous packet, in microseconds; 0 before the first packet, which may count as a jump too.
    last_packet: i64,
    /// Guessed timestamps of the frames that the decoder returns after the last packet.
    draining: VecDeque<i64>,
}

impl Clock {
    pub(crate) fn new(demuxer: &Demuxer) -> Self {
        let container_start = raw::start_time(&demuxer.input);
        let stream_start = demuxer
            .start_time()
            .map(|start| start.rescale(demuxer.time_base, MICROS));
        Self {
            time_base: demuxer.time_base,
            frame_rate: demuxer.frame_rate(),
            may_jump: raw::may_jump(&demuxer.input),
            wrap_bits: raw::wrap_bits(&demuxer.input, demuxer.stream),
            container_start: container_start.unwrap_or(0),
            stream_start,
            offset: -container_start.unwrap_or(0),
            wraps_mended: container_start.is_none(),
            dts: None,
            next_dts: None,
            pts: 0,
            next_pts: 0,
            started: false,
            last_packet: 0,
            draining: VecDeque::new(),
        }
    }

    /// Corrects the timestamps of a packet from the demuxer.
    pub(crate) fn demuxed(&mut self, packet: &mut Packet) {
        self.mend_wrap(packet);
        shift(packet, self.offset.rescale(MICROS, self.time_base));
        let to_micros = |ticks: i64| ticks.rescale(self.time_base, MICROS);
        if let Some(dts) = packet.dts().map(to_micros) {
            match self.next_dts {
                None if self.may_jump => {
                    let delta = dts - self.last_packet;
                    if delta.abs() > DISCONTINUITY {
                        self.jump(packet, delta);
                    }
                }
                Some(next) => self.check_step(packet, dts, next),
                None => {}
            }
        }
        if let Some(dts) = packet.dts() {
            self.last_packet = dts.rescale(self.time_base, MICROS);
        }
    }

    fn check_step(&mut self, packet: &mut Packet, dts: i64, next: i64) {
        let delta = dts - next;
        if self.may_jump {
            let latest = self.dts.map_or(self.pts, |dts| dts.max(self.pts));
            if delta.abs() > DISCONTINUITY || dts + 100_000 < latest {
                self.jump(packet, delta);
            }
            return;
        }
        if delta.abs() > MAX_OFFSET {
            packet.set_dts(None);
        }
        if let Some(pts) = packet.pts()
            && (pts.rescale(self.time_base, MICROS) - next).abs() > MAX_OFFSET
        {
            packet.set_pts(None);
        }
    }

    fn jump(&mut self, packet: &mut Packet, delta: i64) {
        self.offset -= delta;
        shift(packet, -delta.rescale(MICROS, self.time_base));
    }

    /// Corrects timestamps that wrap: in a stream that starts shortly before the wrap, the first ones are too large.
    fn mend_wrap(&mut self, packet: &mut Packet) {
        if self.wraps_mended || self.wrap_bits >= 64 {
            return;
        }
        // The start is that of the streams in use, which is only this one.
        if self.next_dts.is_none()
            && self.may_jump
            && self.offset == -self.container_start
            && let Some(start) = self.stream_start.filter(|&start| start > self.container_start)
        {
            self.offset = -start;
        }
        self.wraps_mended = true;
        let half = self.container_start.rescale(MICROS, self.time_base) + (1_i64 << (self.wrap_bits - 1));
        let wrap = 1_i64 << self.wrap_bits;
        if let Some(dts) = packet.dts().filter(|&dts| dts > half) {
            packet.set_dts(Some(dts - wrap));
            self.wraps_mended = false;
        }
        if let Some(pts) = packet.pts().filter(|&pts| pts > half) {
            packet.set_pts(Some(pts - wrap));
            self.wraps_mended = false;
        }
    }

    /// Must be called before the packet is sent to the decoder. The decoder holds back `reorder_depth` frames to reorder
    /// them.
    pub(crate) fn packet(&mut self, packet: &Packet, reorder_depth: i32) {
        if !self.started {
            self.started = true;
            let has_rate = self.frame_rate.numerator() > 0 && self.frame_rate.denominator() > 0;
            let held_back = f64::from(reorder_depth) * 1e6 / f64::from(self.frame_rate);
            self.dts = Some(if has_rate { -held_back as i64 } else { 0 });
        }
        if self.next_dts.is_none() {
            self.next_dts = self.dts;
        }
        if let Some(dts) = packet.dts() {
            self.dts = Some(dts.rescale(self.time_base, MICROS));
            self.next_dts = self.dts;
        }
    }

    /// Must be called before a frame is received. Returns the decoding timestamp to set for it, in ticks.
    pub(crate) fn request(&mut self) -> Option<i64> {
        self.pts = self.next_pts;
        self.dts = self.next_dts;
        self.dts.map(|dts| dts.rescale(MICROS, self.time_base))
    }

    /// Like [`Self::request`], for a frame that is received after the last packet.
    pub(crate) fn request_at_the_end(&mut self) {
        let dts = self.request();
        self.draining.extend(dts);
    }

    /// Advances to the next packet. `duration` is in microseconds; 0 if it is not known.
    pub(crate) fn advance(&mut self, duration: i64) {
        self.next_dts = self.dts.filter(|_| duration != 0).map(|dts| dts + duration);
    }

    /// The timestamp of a received frame, in ticks. `duration` is in microseconds.
    pub(crate) fn frame(&mut self, timestamp: Option<i64>, duration: i64) -> Option<i64> {
        let timestamp = timestamp.or_else(|| self.draining.pop_front());
        if let Some(ticks) = timestamp {
            self.pts = ticks.rescale(self.time_base, MICROS);
            self.next_pts = self.pts;
        }
        self.next_pts += duration;
        timestamp
    }
}

fn shift(packet: &mut Packet, by: i64) {
    packet.set_pts(packet.pts().map(|pts| pts.saturating_add(by)));
    packet.set_dts(packet.dts().map(|dts| dts.saturating_add(by)));
}
