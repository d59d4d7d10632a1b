//! The packets of the video stream that is shown.

use std::collections::VecDeque;

use ffmpeg_next::codec::Id;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Error as AvError, Packet, Rational, frame};

use crate::limits::Limits;
use crate::order::{Order, PacketTimes};
use crate::rotation::Matrix;
use crate::source::SharedSource;
use crate::{Error, raw, span, track};

pub(crate) struct Demuxer {
    pub(crate) input: Input,
    /// Number of the stream.
    pub(crate) stream: usize,
    pub(crate) time_base: Rational,
    /// A read failed since the last seek: what comes next may not be what comes next in the video.
    pub(crate) failed: bool,
    /// A packet is shorter than its container says, or is marked as damaged by the demuxer.
    pub(crate) damaged: bool,
    /// Packets that were read ahead and not yet returned.
    peeked: VecDeque<Packet>,
    /// Whether packets have their pictures' times; `None` after a seek, which leaves packets out.
    order: Option<Order>,
    /// The end of the file was reached.
    ended: bool,
    /// The entries of the index whose pictures an edit list leaves out, once they were asked for.
    left_out: Option<Vec<usize>>,
    source: SharedSource,
    limits: Limits,
}

impl Demuxer {
    /// At the first packet.
    pub(crate) fn open(source: &SharedSource, limits: &Limits) -> Result<Self, Error> {
        let mut input = source.open(limits)?;
        let stream = track::stream(&input, limits.options().interpretation.track)?;
        raw::discard_others(&mut input, stream);
        let found = input.stream(stream).ok_or(Error::NoVideoStream)?;
        let (time_base, codec) = (found.time_base(), found.parameters().id());
        let order = Order::new(codec, raw::video_delay(&input, stream) > 0);
        Ok(Self {
            input,
            stream,
            time_base,
            failed: false,
            damaged: false,
            peeked: VecDeque::new(),
            order: Some(order),
            ended: false,
            left_out: None,
            source: source.clone(),
            limits: limits.clone(),
        })
    }

    /// The next packet; `None` at the end, and where reading fails, which the ffmpeg program takes for the end too.
    pub(crate) fn next(&mut self) -> Result<Option<Packet>, Error> {
        match self.peeked.pop_front() {
            Some(packet) => Ok(Some(packet)),
            None if self.ended => Ok(None),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<Packet>, Error> {
        loop {
            self.limits.check()?;
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => {
                    if let Some(order) = &mut self.order {
                        order.packet(&packet);
                    }
                    self.damaged |= packet.is_corrupt();
                    return Ok(Some(packet));
                }
                Ok(()) => {}
                Err(AvError::Other { errno }) if errno == ffmpeg_next::error::EAGAIN => {}
                Err(_) => {
                    self.failed = true;
                    self.limits.check()?;
                    self.ended = true;
                    return Ok(None);
                }
            }
        }
    }

    /// Whether the packets read so far have their pictures' times.
    pub(crate) fn packet_times(&self) -> PacketTimes {
        self.order
            .as_ref()
            .map_or(PacketTimes::Unclear, Order::packet_times)
    }

    /// The same, but reads packets ahead where those read so far do not show it and no seek has left any out.
    pub(crate) fn probe_packet_times(&mut self) -> Result<PacketTimes, Error> {
        let is_settled = |order: &Option<Order>| order.as_ref().is_none_or(Order::is_settled);
        while !self.ended && !is_settled(&self.order) {
            match self.read()? {
                Some(packet) => self.peeked.push_back(packet),
                None => break,
            }
        }
        Ok(self.packet_times())
    }

    /// The packet that comes after `at` others, which is read now and returned again in its turn.
    pub(crate) fn ahead(&mut self, at: usize) -> Result<Option<&Packet>, Error> {
        while self.peeked.len() <= at && !self.ended {
            match self.read()? {
                Some(packet) => self.peeked.push_back(packet),
                None => break,
            }
        }
        Ok(self.peeked.get(at))
    }

    /// The display matrix of pictures that have none of their own.
    pub(crate) fn matrix(&self) -> Option<Matrix> {
        match self.limits.options().interpretation.rotate {
            Some(rotation) => Some(Matrix::clockwise(rotation)),
            None => Matrix::of_stream(&self.input, self.stream),
        }
    }

    /// The picture's own display matrix, where it counts.
    pub(crate) fn matrix_of(&self, picture: &frame::Video) -> Option<Matrix> {
        match self.limits.options().interpretation.rotate {
            Some(_) => None,
            None => Matrix::of_frame(picture),
        }
    }

    /// Something came of the packets that were read.
    pub(crate) fn progress(&self) {
        self.limits.progress(0);
    }

    /// To the last keyframe at or before `timestamp`, in ticks of the container, to read on up to `until`.
    pub(crate) fn seek(&mut self, timestamp: i64, until: i64) -> bool {
        self.peeked.clear();
        self.order = None;
        self.ended = false;
        let sought = raw::seek_backward(&mut self.input, self.stream, timestamp);
        if sought
            && let Some(bytes) = span::of_packets(&raw::index(&self.input, self.stream), timestamp, until)
        {
            self.source.will_read(bytes);
        }
        self.failed = !sought;
        sought
    }

    /// The last keyframe at or before `timestamp`, both in ticks of the container, by the index.
    pub(crate) fn keyframe_before(&self, timestamp: i64) -> Option<i64> {
        let index = raw::index(&self.input, self.stream);
        span::keyframe_before(&index, timestamp).map(|(_, entry)| entry.timestamp)
    }

    /// How many frames' packets lie before this one; `None` where the index does not have them all.
    pub(crate) fn frames_before(&mut self, packet: &Packet) -> Option<u64> {
        let dts = packet.dts()?;
        let index = raw::index(&self.input, self.stream);
        let at = span::partition_point(&index, |entry| entry.timestamp < dts);
        let entry = index.get(at)?;
        let is_it = entry.bytes > 0 && i64::try_from(entry.offset) == Ok(packet.position() as i64);
        if !is_it || self.is_vp8() {
            return None;
        }
        let left_out = self.left_out.get_or_insert_with(|| {
            (0..index.len())
                .filter(|&at| index.get(at).is_some_and(|entry| entry.left_out))
                .collect()
        });
        Some((at - left_out.partition_point(|&other| other < at)) as u64)
    }

    fn is_vp8(&self) -> bool {
        let stream = self.input.stream(self.stream);
        stream.is_some_and(|stream| stream.parameters().id() == Id::VP8)
    }

    /// Whether a frame is shown for the packet. Not for those that an edit list leaves out, nor for VP8's hidden
    /// reference frames, which have packets of their own.
    pub(crate) fn gives_a_frame(&self, packet: &Packet) -> bool {
        // RFC 6386, section 9.1: the fifth bit of the frame tag is `show_frame`.
        let hidden = self.is_vp8()
            && packet
                .data()
                .and_then(<[u8]>::first)
                .is_some_and(|tag| tag & 0x10 == 0);
        !hidden && !raw::is_discarded(packet)
    }

    /// Where the stream starts, in ticks.
    pub(crate) fn start_time(&self) -> Option<i64> {
        let start = self.input.stream(self.stream)?.start_time();
        (start != ffmpeg_next::ffi::AV_NOPTS_VALUE).then_some(start)
    }

    pub(crate) fn frame_rate(&self) -> Rational {
        self.input
            .stream(self.stream)
            .map_or(Rational(0, 1), |stream| stream.avg_frame_rate())
    }

    /// Whether each frame has its place in an index that tells where decoding can start, and its own timestamp.
    ///
    /// Transport streams and the like have none; a fragmented MP4's grows as it is read; an AVI's has no times.
    pub(crate) fn has_trusted_index(&self) -> bool {
        let format = self.input.format();
        let container = format.name();
        let has_frame_count = self
            .input
            .stream(self.stream)
            .is_some_and(|stream| stream.frames() > 0);
        if container.contains("mp4") {
            has_frame_count && raw::index(&self.input, self.stream).len() > 0
        } else {
            // Matroska reads its cues at the first seek only.
            container.contains("matroska")
        }
    }
}
