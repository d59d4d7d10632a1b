//! What libav has and `ffmpeg-next` does not show. The only unsafe code: each function reads or sets plain fields of
//! a context that its argument keeps alive, or calls one libav function on it.
#![allow(unsafe_code)]

use std::ffi::CStr;

use ffmpeg_next::codec::Context;
use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::packet::Ref;
use ffmpeg_next::{Packet, Rational, frame};

/// How an entry of a stream's index looks.
pub(crate) struct IndexSummary {
    /// Entries, one for each frame where the container has a full index.
    pub(crate) entries: usize,
    /// Those that a decoder can start at.
    pub(crate) keyframes: usize,
}

fn stream(input: &Input, index: usize) -> *mut ffi::AVStream {
    assert!(index < input.nb_streams() as usize, "no such stream");
    // SAFETY: the context is alive as long as `input`, and has `nb_streams` streams.
    unsafe { *(*input.as_ptr()).streams.add(index) }
}

/// The stream's index as far as the demuxer has read it.
pub(crate) fn index_summary(input: &Input, index: usize) -> IndexSummary {
    let stream = stream(input, index);
    // SAFETY: `stream` is alive; entries are read before anything can move them.
    unsafe {
        let entries = ffi::avformat_index_get_entries_count(stream).max(0);
        let is_key = |at: &i32| {
            let entry = ffi::avformat_index_get_entry(stream, *at);
            !entry.is_null() && (*entry).flags() & ffi::AVINDEX_KEYFRAME != 0
        };
        IndexSummary {
            entries: entries as usize,
            keyframes: (0..entries).filter(is_key).count(),
        }
    }
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

/// The codec's profile, such as `High` of H.264.
pub(crate) fn profile_name(decoder: &Context) -> Option<String> {
    // SAFETY: the name is a static string or null.
    unsafe {
        let name = ffi::avcodec_profile_name((*decoder.as_ptr()).codec_id, (*decoder.as_ptr()).profile);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
    }
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
