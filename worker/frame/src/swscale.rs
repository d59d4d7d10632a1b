//! libswscale, set up as the ffmpeg program's `scale` filter sets it up, so that the pixels are the program's; unsafe
//! for the reason that `raw` gives.
//!
//! The program converts by a filter graph. This goes to libswscale directly: libavfilter alone, with the 168 libraries
//! that Debian's build of it loads, takes half of the time in which a near frame is there.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{ffi, frame};

use crate::{Error, raw};

/// What libswscale's quicker ways need of the places that they write to.
const ALIGN: usize = 64;

/// How pixels are made from others where the size changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Filter {
    /// The ffmpeg program's own.
    Bicubic,
    /// The mean of what a pixel covers: quick, and right for pictures made smaller.
    Area,
}

/// What is to be made of a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) format: Pixel,
    pub(crate) size: (u32, u32),
    pub(crate) filter: Filter,
}

/// The picture in another format and size.
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

/// The same as bytes without gaps, top line first: of formats with a single plane. They are written where they stay;
/// a copy would be the largest of all that a thumbnail takes in memory.
pub(crate) fn packed(picture: &frame::Video, wanted: Wanted) -> Result<Vec<u8>, Error> {
    let scaler = Scaler::new(picture, wanted)?;
    let height = wanted.size.1 as usize;
    let line = raw::line_bytes(wanted.format, wanted.size.0, 0).ok_or_else(raw::no_memory)?;
    // libswscale writes whole blocks, at the ends of lines too.
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

/// What is lent is not freed.
unsafe extern "C" fn keep(_: *mut c_void, _: *mut u8) {}

struct Scaler {
    context: *mut ffi::SwsContext,
    /// Of what comes out.
    range: ffi::AVColorRange,
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: the context is this one's own.
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
        // Halfway between the lines, as in MPEG-2, whatever the stream says.
        if picture.format() == Pixel::YUV420P {
            self.set(c"src_v_chr_pos", 128);
        }
        if wanted.format == Pixel::YUV420P {
            self.set(c"dst_v_chr_pos", 128);
        }
    }

    /// The frame's own matrix and range; what they are is not known when the context is made.
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
            // Neither is YUV.
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
        // SAFETY: the context is live and made for these very sizes and formats.
        let error = unsafe { ffi::sws_scale_frame(self.context, into.as_mut_ptr(), picture.as_ptr()) };
        if error < 0 {
            return Err(Error::convert(error.into()));
        }
        Ok(())
    }
}

/// Whether the frame says that its values are of full range.
fn full_range(picture: &frame::Video) -> Option<bool> {
    // SAFETY: a plain field of a live frame.
    match unsafe { (*picture.as_ptr()).color_range } {
        ffi::AVColorRange::AVCOL_RANGE_UNSPECIFIED => None,
        range => Some(range == ffi::AVColorRange::AVCOL_RANGE_JPEG),
    }
}
