//! What libav has and `ffmpeg-next` does not show. The only unsafe code but for `swscale`: each function reads or sets
//! plain fields of a context that its argument keeps alive, or calls one libav function on it.
#![allow(unsafe_code)]

mod formats;
mod metadata;

use std::ffi::CStr;
use std::marker::PhantomData;

use ffmpeg_next::codec::{Context, Id};
use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::packet::Ref;
use ffmpeg_next::{Packet, Rational, frame};

use crate::Error;

pub(crate) use formats::{
    best_format, is_convertible, is_rgb, line_bytes, pixel_formats, traits, value_bits,
};
pub(crate) use metadata::{Of, text};

/// An entry of a stream's index: a packet, or in some containers a keyframe's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its first byte in the file.
    pub(crate) offset: u64,
    /// Its bytes; 0 where the index does not say.
    pub(crate) bytes: u64,
    /// Ticks of the container, in the order of decoding.
    pub(crate) timestamp: i64,
    /// Whether a decoder can start at it.
    pub(crate) keyframe: bool,
    /// Whether an edit list leaves its picture out.
    pub(crate) left_out: bool,
}

/// A stream's index, as far as the demuxer has read it.
pub(crate) struct Index<'a> {
    stream: *mut ffi::AVStream,
    len: usize,
    _input: PhantomData<&'a Input>,
}

impl Index<'_> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, at: usize) -> Option<Entry> {
        let at = i32::try_from(at).ok().filter(|_| at < self.len)?;
        // SAFETY: the stream lives as long as the input that `self` borrows; what libav gives is copied before
        // anything can move it.
        let entry = unsafe { ffi::avformat_index_get_entry(self.stream, at).as_ref()? };
        Some(Entry {
            offset: u64::try_from(entry.pos).ok()?,
            bytes: u64::try_from(entry.size()).unwrap_or(0),
            timestamp: entry.timestamp,
            keyframe: entry.flags() & ffi::AVINDEX_KEYFRAME != 0,
            left_out: entry.flags() & ffi::AVINDEX_DISCARD_FRAME != 0,
        })
    }
}

pub(crate) fn index(input: &Input, index: usize) -> Index<'_> {
    let stream = stream(input, index);
    // SAFETY: a plain count of a live stream.
    let len = unsafe { ffi::avformat_index_get_entries_count(stream) };
    Index {
        stream,
        len: usize::try_from(len).unwrap_or(0),
        _input: PhantomData,
    }
}

fn stream(input: &Input, index: usize) -> *mut ffi::AVStream {
    assert!(index < input.nb_streams() as usize, "no such stream");
    // SAFETY: the context is alive as long as `input`, and has `nb_streams` streams.
    unsafe { *(*input.as_ptr()).streams.add(index) }
}

/// Where the container says that it starts, in microseconds.
pub(crate) fn start_time(input: &Input) -> Option<i64> {
    // SAFETY: a plain field of a live context.
    let start = unsafe { (*input.as_ptr()).start_time };
    (start != ffi::AV_NOPTS_VALUE).then_some(start)
}

/// Whether timestamps of this format may jump (`AVFMT_TS_DISCONT`): transport and program streams, and the like.
pub(crate) fn may_jump(input: &Input) -> bool {
    // SAFETY: an opened input has a format, which is static.
    unsafe { (*(*input.as_ptr()).iformat).flags & ffi::AVFMT_TS_DISCONT != 0 }
}

/// The bits after which the stream's timestamps wrap.
pub(crate) fn wrap_bits(input: &Input, index: usize) -> u32 {
    // SAFETY: a plain field of a live stream.
    unsafe { (*stream(input, index)).pts_wrap_bits }.clamp(1, 64) as u32
}

/// Whether the demuxer has met packets of the stream while it probed.
pub(crate) fn has_packets(input: &Input, index: usize) -> bool {
    // SAFETY: a plain field of a live stream.
    let flags = unsafe { (*stream(input, index)).event_flags };
    flags & ffi::AVSTREAM_EVENT_FLAG_NEW_PACKETS != 0
}

/// Makes the demuxer drop the packets of every stream but `keep`.
pub(crate) fn discard_others(input: &mut Input, keep: usize) {
    for index in 0..input.nb_streams() as usize {
        let wanted = if index == keep {
            ffi::AVDiscard::AVDISCARD_DEFAULT
        } else {
            ffi::AVDiscard::AVDISCARD_ALL
        };
        // SAFETY: a plain field of a live stream, which nothing else uses meanwhile.
        unsafe { (*stream(input, index)).discard = wanted };
    }
}

/// Seeks to the last keyframe of the stream at or before `timestamp`, by the container's own means.
pub(crate) fn seek_backward(input: &mut Input, index: usize, timestamp: i64) -> bool {
    // SAFETY: a live context that nothing else uses meanwhile.
    unsafe {
        ffi::av_seek_frame(
            input.as_mut_ptr(),
            index as i32,
            timestamp,
            ffi::AVSEEK_FLAG_BACKWARD,
        ) >= 0
    }
}

/// How many fields the parser says that the current picture is shown for beyond its own.
pub(crate) fn repeated_fields(input: &Input, index: usize) -> Option<i32> {
    // SAFETY: the parser belongs to the live stream.
    unsafe {
        let parser = ffi::av_stream_get_parser(stream(input, index));
        (!parser.is_null()).then(|| (*parser).repeat_pict)
    }
}

/// Ticks of the codec's time base for each frame: 2 where it counts fields.
pub(crate) fn ticks_per_frame(decoder: &Context) -> i32 {
    // SAFETY: a plain field of a live context.
    unsafe { (*decoder.as_ptr()).ticks_per_frame }.max(1)
}

/// Frames that the decoder may hold back to put them in order.
pub(crate) fn reorder_depth(decoder: &Context) -> i32 {
    // SAFETY: a plain field of a live context.
    unsafe { (*decoder.as_ptr()).has_b_frames }
}

/// Frames that the codec holds back to put them in order, as the container or the probe says.
pub(crate) fn video_delay(input: &Input, index: usize) -> i32 {
    // SAFETY: a plain field of a live stream's parameters.
    unsafe { (*(*stream(input, index)).codecpar).video_delay }
}

/// Whether each picture of the codec stands for itself.
pub(crate) fn is_intra_only(codec: Id) -> bool {
    // SAFETY: descriptors are static.
    let descriptor = unsafe { ffi::avcodec_descriptor_get(codec.into()).as_ref() };
    descriptor.is_some_and(|descriptor| descriptor.props & ffi::AV_CODEC_PROP_INTRA_ONLY != 0)
}

/// Whether several threads decode; 0 stands for as many as a library of its own sees fit.
pub(crate) fn is_threaded(decoder: &Context) -> bool {
    // SAFETY: a plain field of a live context.
    unsafe { (*decoder.as_ptr()).thread_count != 1 }
}

/// The codec's profile, such as `High` of H.264.
pub(crate) fn profile_name(decoder: &Context) -> Option<String> {
    // SAFETY: the name is a static string or null.
    unsafe {
        let name = ffi::avcodec_profile_name((*decoder.as_ptr()).codec_id, (*decoder.as_ptr()).profile);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
    }
}

/// Whether the container or the probe says that each picture is of one moment.
pub(crate) fn is_progressive(input: &Input, index: usize) -> bool {
    // SAFETY: a plain field of a live stream's parameters.
    let order = unsafe { (*(*stream(input, index)).codecpar).field_order };
    order == ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE
}

/// The shape of the stream's pixels, as the container or the codec says.
pub(crate) fn sample_aspect(input: &Input, index: usize) -> Option<Rational> {
    let stream = stream(input, index);
    // SAFETY: both are live; no frame is needed.
    let ratio = unsafe {
        let context = input.as_ptr().cast_mut();
        ffi::av_guess_sample_aspect_ratio(context, stream, std::ptr::null_mut())
    };
    (ratio.num > 0 && ratio.den > 0).then(|| ratio.into())
}

/// The shape of the stream's pixels that goes before what a frame says itself: the container's; in the ffmpeg program of
/// libav 7.1 also the one that was found while probing.
pub(crate) fn container_aspect(input: &Input, index: usize) -> Option<Rational> {
    let stream = stream(input, index);
    // SAFETY: plain fields of a live stream and of its parameters.
    let (container, probed) = unsafe {
        (
            (*stream).sample_aspect_ratio,
            (*(*stream).codecpar).sample_aspect_ratio,
        )
    };
    if container.num != 0 {
        return Some(container.into());
    }
    (major_version() >= 59 && probed.num != 0).then(|| probed.into())
}

/// Whether libav takes pixels of this shape for possible in a picture of this size; encoders ask it.
pub(crate) fn is_possible_aspect((width, height): (u32, u32), aspect: Rational) -> bool {
    // SAFETY: plain numbers.
    unsafe { ffi::av_image_check_sar(width, height, aspect.into()) >= 0 }
}

/// A fraction in its lowest terms, with numbers that fit.
pub(crate) fn reduced(numerator: i64, denominator: i64) -> Rational {
    let (mut num, mut den) = (0, 1);
    // SAFETY: both places to write to are live.
    unsafe {
        ffi::av_reduce(
            &raw mut num,
            &raw mut den,
            numerator,
            denominator,
            i32::MAX.into(),
        );
    }
    Rational(num, den)
}

/// The frame's colour primaries and transfer function, by their numbers in ITU-T H.273; 2 where they are not known.
pub(crate) fn colours(picture: &frame::Video) -> (u8, u8) {
    // SAFETY: plain fields of a live frame.
    let (primaries, transfer) = unsafe {
        let raw = picture.as_ptr();
        ((*raw).color_primaries as i64, (*raw).color_trc as i64)
    };
    let number = |value: i64| u8::try_from(value).unwrap_or(2);
    (number(primaries), number(transfer))
}

/// The same of a stream, by its container or its codec's header.
pub(crate) fn stream_colours(input: &Input, index: usize) -> (u8, u8) {
    // SAFETY: plain fields of a live stream's parameters.
    let (primaries, transfer) = unsafe {
        let parameters = (*stream(input, index)).codecpar;
        (
            (*parameters).color_primaries as i64,
            (*parameters).color_trc as i64,
        )
    };
    let number = |value: i64| u8::try_from(value).unwrap_or(2);
    (number(primaries), number(transfer))
}

/// Whether a stream says that its pictures are made of two fields. libav may know only once it has read some.
pub(crate) fn is_interlaced(input: &Input, index: usize) -> bool {
    use ffi::AVFieldOrder::{AV_FIELD_PROGRESSIVE, AV_FIELD_UNKNOWN};
    // SAFETY: a plain field of a live stream's parameters.
    let order = unsafe { (*(*stream(input, index)).codecpar).field_order };
    !matches!(order, AV_FIELD_UNKNOWN | AV_FIELD_PROGRESSIVE)
}

/// The major version of libavutil: it counts with the releases of all of libav (57 is 5.1, 59 is 7.1).
pub(crate) fn major_version() -> u32 {
    // SAFETY: a plain number.
    unsafe { ffi::avutil_version() >> 16 }
}

pub(crate) fn no_memory() -> Error {
    Error::Convert {
        reason: "there is not enough memory".to_owned(),
    }
}

/// The lines of one plane of a picture, top line first, whichever way they are stored.
pub(crate) struct Lines<'a> {
    first: *const u8,
    stride: isize,
    bytes: usize,
    count: usize,
    _picture: PhantomData<&'a frame::Video>,
}

impl Lines<'_> {
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn get(&self, line: usize) -> &[u8] {
        assert!(line < self.count, "no such line");
        // SAFETY: the picture that is borrowed has so many lines of at least so many bytes.
        unsafe { std::slice::from_raw_parts(self.first.offset(self.stride * line as isize), self.bytes) }
    }
}

pub(crate) fn lines(picture: &frame::Video, plane: usize) -> Option<Lines<'_>> {
    let shift = match plane {
        1 | 2 => traits(picture.format())?.chroma_shift.1,
        _ => 0,
    };
    // SAFETY: plain fields of a live frame.
    let (first, stride) = unsafe {
        let raw = picture.as_ptr();
        (*(*raw).data.get(plane)?, *(*raw).linesize.get(plane)?)
    };
    (!first.is_null()).then_some(Lines {
        first,
        stride: stride as isize,
        bytes: line_bytes(picture.format(), picture.width(), plane)?,
        count: picture.height().div_ceil(1 << shift) as usize,
        _picture: PhantomData,
    })
}

/// A picture of the same kind as another, in a size of its own, with nothing in it but the palette where there is one.
pub(crate) fn like(picture: &frame::Video, width: u32, height: u32) -> Result<frame::Video, Error> {
    let mut other = frame::Video::new(picture.format(), width, height);
    // SAFETY: both frames are live; a palette has 256 entries of four bytes.
    unsafe {
        let (from, to) = (picture.as_ptr(), other.as_mut_ptr());
        if (*to).data[0].is_null() || ffi::av_frame_copy_props(to, from) < 0 {
            return Err(no_memory());
        }
        let has_palette = traits(picture.format()).is_some_and(|traits| traits.has_palette);
        if has_palette && !(*from).data[1].is_null() && !(*to).data[1].is_null() {
            std::ptr::copy_nonoverlapping((*from).data[1], (*to).data[1], 1024);
        }
    }
    Ok(other)
}

/// The same picture in memory of its own, which no decoder waits for.
pub(crate) fn copy(picture: &frame::Video) -> Option<frame::Video> {
    let mut copy = frame::Video::empty();
    // SAFETY: both frames are live, and the new one gets buffers for the size and format that it is told first.
    unsafe {
        let (from, to) = (picture.as_ptr(), copy.as_mut_ptr());
        ((*to).format, (*to).width, (*to).height) = ((*from).format, (*from).width, (*from).height);
        let copied = ffi::av_frame_get_buffer(to, 0) >= 0
            && ffi::av_frame_copy(to, from) >= 0
            && ffi::av_frame_copy_props(to, from) >= 0;
        copied.then_some(copy)
    }
}

/// The picture's bytes without gaps, top line first, palette last, as libav lays them out in one buffer.
pub(crate) fn packed_pixels(picture: &frame::Video) -> Option<Vec<u8>> {
    // SAFETY: the sizes come from libav for this very format and size; lines may be stored upwards, which
    // `av_image_copy_to_buffer` understands and a slice of the plane would not.
    unsafe {
        let raw = picture.as_ptr();
        let format: ffi::AVPixelFormat = picture.format().into();
        let (width, height) = ((*raw).width, (*raw).height);
        let bytes = ffi::av_image_get_buffer_size(format, width, height, 1);
        let mut packed = vec![0; usize::try_from(bytes).ok()?];
        let copied = ffi::av_image_copy_to_buffer(
            packed.as_mut_ptr(),
            bytes,
            (*raw).data.as_ptr().cast(),
            (*raw).linesize.as_ptr(),
            format,
            width,
            height,
            1,
        );
        (copied == bytes).then_some(packed)
    }
}

/// The picture's bytes in memory, about.
pub(crate) fn picture_bytes(picture: &frame::Video) -> u64 {
    // SAFETY: plain fields of a live frame; the size comes from libav for this very format and size.
    let bytes = unsafe {
        let raw = picture.as_ptr();
        ffi::av_image_get_buffer_size(picture.format().into(), (*raw).width, (*raw).height, 64)
    };
    u64::try_from(bytes).unwrap_or(0)
}

/// The picture's size as the container or the probe says.
pub(crate) fn picture_size(input: &Input, index: usize) -> (i32, i32) {
    // SAFETY: plain fields of a live stream's parameters.
    unsafe {
        let parameters = (*stream(input, index)).codecpar;
        ((*parameters).width, (*parameters).height)
    }
}

/// Whether the packet's frame is to be decoded and thrown away (`AV_PKT_FLAG_DISCARD`), as an edit list asks for.
pub(crate) fn is_discarded(packet: &Packet) -> bool {
    // SAFETY: a plain field of a live packet.
    let flags = unsafe { (*packet.as_ptr()).flags };
    flags & ffi::AV_PKT_FLAG_DISCARD != 0
}
