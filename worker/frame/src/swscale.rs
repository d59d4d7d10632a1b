//! Converts and scales with libswscale, configured as in the ffmpeg program's `scale` filter, to get the same pixels.
//! Unsafe for the reason that `raw` gives.
//!
//! The program uses a filter graph, but this module calls libswscale directly: loading libavfilter, with the 168 libraries
//! of Debian's build, would take half as long as getting a near frame.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{ffi, frame};

use crate::{Error, raw};

/// Alignment of output lines that libswscale's fast paths need, in bytes.
const ALIGN: usize = 64;

/// The filter for scaling.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Filter {
    /// The ffmpeg program's default.
    Bicubic,
    /// The mean of the covered area: fast, and good for scaling down.
    Area,
}

/// The format, size and filter of a conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) format: Pixel,
    pub(crate) size: (u32, u32),
    pub(crate) filter: Filter,
}

/// Converts the picture to another format and size.
pub(crate) fn frame(picture: &frame::Video, wanted: Wanted) -> Result<frame::Video, Error> {
    let scaler = Scaler::new(picture, wanted)?;
    let mut scaled = frame::Video::new(wanted.format, wanted.size.0, wanted.size.1);
    // SAFETY: both frames are live; only properties are copied, and the pixels stay where they are.
    let copied = unsafe { ffi::av_frame_copy_props(scaled.as_mut_ptr(), picture.as_ptr()) };
    if copied < 0 {
        return Err(raw::no_memory());
    }
    scaler.run(picture, &mut scaled)?;
    // SAFETY: plain fields of a live frame.
    unsafe {
        let scaled = scaled.as_mut_ptr();
        (*scaled).width = wanted.size.0 as c_int;
        (*scaled).height = wanted.size.1 as c_int;
        (*scaled).color_range = scaler.range;
        if raw::is_rgb(wanted.format) {
            (*scaled).colorspace = ffi::AVColorSpace::AVCOL_SPC_RGB;
        } else if (*scaled).colorspace == ffi::AVColorSpace::AVCOL_SPC_RGB {
            (*scaled).colorspace = ffi::AVColorSpace::AVCOL_SPC_UNSPECIFIED;
        }
    }
    Ok(scaled)
}

/// Like [`frame()`], but returns the bytes without padding, top line first. Only for formats with a single plane. The
/// result is written in place, because a copy would be the largest part of a thumbnail's memory.
pub(crate) fn packed(picture: &frame::Video, wanted: Wanted) -> Result<Vec<u8>, Error> {
    let scaler = Scaler::new(picture, wanted)?;
    let height = wanted.size.1 as usize;
    let line = raw::line_bytes(wanted.format, wanted.size.0, 0).ok_or_else(raw::no_memory)?;
    // libswscale writes whole blocks, and so may write past the end of a line.
    let stride = line.next_multiple_of(ALIGN) + ALIGN;
    let mut bytes = vec![0; stride * height + ALIGN];
    let start = bytes.as_ptr().align_offset(ALIGN).min(ALIGN);
    let mut scaled = frame::Video::empty();
    // SAFETY: the buffer lends `bytes`, which outlives the frame and is not touched while it is there; `keep` frees
    // nothing. Its size is that of the vector, and the lines fit into it from `start` on.
    unsafe {
        let buffer = ffi::av_buffer_create(
            bytes.as_mut_ptr(),
            bytes.len() as _,
            Some(keep),
            ptr::null_mut(),
            0,
        );
        if buffer.is_null() {
            return Err(raw::no_memory());
        }
        let scaled = scaled.as_mut_ptr();
        (*scaled).buf[0] = buffer;
        (*scaled).data[0] = bytes.as_mut_ptr().add(start);
        (*scaled).linesize[0] = stride as c_int;
    }
    scaled.set_format(wanted.format);
    scaled.set_width(wanted.size.0);
    scaled.set_height(wanted.size.1);
    let done = scaler.run(picture, &mut scaled);
    drop(scaled);
    drop(scaler);
    done?;
    for y in 0..height {
        let from = start + y * stride;
        bytes.copy_within(from..from + line, y * line);
    }
    bytes.truncate(line * height);
    Ok(bytes)
}

/// Frees nothing, since the buffer only borrows its bytes.
unsafe extern "C" fn keep(_: *mut c_void, _: *mut u8) {}

struct Scaler {
    context: *mut ffi::SwsContext,
    /// Colour range of the output.
    range: ffi::AVColorRange,
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: this scaler owns the context.
        unsafe { ffi::sws_freeContext(self.context) }
    }
}

impl Scaler {
    fn new(picture: &frame::Video, wanted: Wanted) -> Result<Self, Error> {
        // SAFETY: an empty context, or none.
        let context = unsafe { ffi::sws_alloc_context() };
        if context.is_null() {
            return Err(raw::no_memory());
        }
        let mut scaler = Self {
            context,
            range: ffi::AVColorRange::AVCOL_RANGE_UNSPECIFIED,
        };
        scaler.describe(picture, wanted);
        // SAFETY: the context is live and described; it needs no filters.
        let error = unsafe { ffi::sws_init_context(context, ptr::null_mut(), ptr::null_mut()) };
        if error < 0 {
            return Err(Error::convert(error.into()));
        }
        scaler.set_colours(picture);
        Ok(scaler)
    }

    fn set(&self, option: &CStr, value: i64) {
        // SAFETY: the context is live and knows its options; one that it does not know is an error without effect.
        unsafe {
            ffi::av_opt_set_int(self.context.cast(), option.as_ptr(), value, 0);
        }
    }

    fn describe(&self, picture: &frame::Video, wanted: Wanted) {
        let number = |format: Pixel| i64::from(ffi::AVPixelFormat::from(format) as i32);
        self.set(c"srcw", picture.width().into());
        self.set(c"srch", picture.height().into());
        self.set(c"src_format", number(picture.format()));
        self.set(c"dstw", wanted.size.0.into());
        self.set(c"dsth", wanted.size.1.into());
        self.set(c"dst_format", number(wanted.format));
        self.set(
            c"sws_flags",
            match wanted.filter {
                Filter::Bicubic => ffi::SWS_BICUBIC as i64,
                Filter::Area => ffi::SWS_AREA as i64,
            },
        );
        if let Some(full) = full_range(picture) {
            self.set(c"src_range", full.into());
        }
        // The filter always assumes that chroma lies between the lines, as in MPEG-2.
        if picture.format() == Pixel::YUV420P {
            self.set(c"src_v_chr_pos", 128);
        }
        if wanted.format == Pixel::YUV420P {
            self.set(c"dst_v_chr_pos", 128);
        }
    }

    /// Sets the frame's matrix and range, which are not known when the context is made.
    fn set_colours(&mut self, picture: &frame::Video) {
        let (mut from, mut to) = (ptr::null_mut(), ptr::null_mut());
        let (mut from_full, mut to_full) = (0, 0);
        let (mut brightness, mut contrast, mut saturation) = (0, 0, 0);
        // SAFETY: the context is live, and all places to write to are.
        let known = unsafe {
            ffi::sws_getColorspaceDetails(
                self.context,
                &raw mut from,
                &raw mut from_full,
                &raw mut to,
                &raw mut to_full,
                &raw mut brightness,
                &raw mut contrast,
                &raw mut saturation,
            )
        };
        if known < 0 {
            // Neither format is YUV, so there is nothing to set.
            return;
        }
        let full = full_range(picture).map_or(from_full, c_int::from);
        // SAFETY: the coefficients are static; libswscale takes its default for a matrix that it does not know.
        unsafe {
            let matrix = ffi::sws_getCoefficients((*picture.as_ptr()).colorspace as c_int);
            ffi::sws_setColorspaceDetails(
                self.context,
                matrix,
                full,
                matrix,
                to_full,
                brightness,
                contrast,
                saturation,
            );
        }
        self.range = if to_full != 0 {
            ffi::AVColorRange::AVCOL_RANGE_JPEG
        } else {
            ffi::AVColorRange::AVCOL_RANGE_MPEG
        };
    }

    fn run(&self, picture: &frame::Video, into: &mut frame::Video) -> Result<(), Error> {
        // SAFETY: the context is live and made for these sizes and formats.
        let error = unsafe { ffi::sws_scale_frame(self.context, into.as_mut_ptr(), picture.as_ptr()) };
        if error < 0 {
            return Err(Error::convert(error.into()));
        }
        Ok(())
    }
}

/// Whether the frame has full colour range; `None` if it does not say.
fn full_range(picture: &frame::Video) -> Option<bool> {
    // SAFETY: a plain field of a live frame.
    match unsafe { (*picture.as_ptr()).color_range } {
        ffi::AVColorRange::AVCOL_RANGE_UNSPECIFIED => None,
        range => Some(range == ffi::AVColorRange::AVCOL_RANGE_JPEG),
    }
}
