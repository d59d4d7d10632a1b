//! What libav says of pixel formats: plain fields of descriptors that are static.

use ffmpeg_next::ffi;
use ffmpeg_next::format::Pixel;

/// All pixel formats in libav's order.
pub(crate) fn pixel_formats() -> impl Iterator<Item = Pixel> {
    let mut last = std::ptr::null();
    std::iter::from_fn(move || {
        // SAFETY: descriptors are static; the last one's successor is null.
        let format = unsafe {
            last = ffi::av_pix_fmt_desc_next(last);
            (!last.is_null()).then(|| ffi::av_pix_fmt_desc_get_id(last))
        };
        format.map(Pixel::from)
    })
}

/// Whether libswscale reads and writes pixels of this format.
pub(crate) fn is_convertible(format: Pixel) -> bool {
    // SAFETY: plain numbers.
    unsafe { ffi::sws_isSupportedInput(format.into()) > 0 && ffi::sws_isSupportedOutput(format.into()) > 0 }
}

/// Of several formats, the one that loses least of what `from` can hold, as libavfilter picks it.
pub(crate) fn best_format(choices: impl Iterator<Item = Pixel>, from: Pixel) -> Pixel {
    let has_alpha = traits(from).is_some_and(|traits| traits.components % 2 == 0);
    choices.fold(Pixel::None, |best, choice| {
        // SAFETY: plain numbers; what is lost is not asked for.
        let best = unsafe {
            ffi::av_find_best_pix_fmt_of_2(
                best.into(),
                choice.into(),
                from.into(),
                has_alpha.into(),
                std::ptr::null_mut(),
            )
        };
        best.into()
    })
}

/// What it takes to move a format's pixels about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    pub(crate) components: u8,
    /// How many bits of an x or y a place in the chroma planes leaves out.
    pub(crate) chroma_shift: (u32, u32),
    /// Whether luma and chroma lie in one plane.
    pub(crate) is_packed: bool,
    pub(crate) has_palette: bool,
    /// A pixel is no whole number of bytes.
    pub(crate) is_bits: bool,
    /// Bits of the first component.
    pub(crate) depth: u32,
    pub(crate) planes: usize,
    /// Bytes from a pixel to the next, of each plane.
    pub(crate) steps: [usize; 4],
}

/// What is known of a format; `None` of those that are no pixels in memory.
pub(crate) fn traits(format: Pixel) -> Option<Traits> {
    // SAFETY: the descriptor is static; four steps are written.
    unsafe {
        let descriptor = ffi::av_pix_fmt_desc_get(format.into()).as_ref()?;
        let flag = |flag| descriptor.flags & u64::from(flag) != 0;
        if flag(ffi::AV_PIX_FMT_FLAG_HWACCEL as u32) {
            return None;
        }
        let mut steps = [0; 4];
        ffi::av_image_fill_max_pixsteps(steps.as_mut_ptr(), std::ptr::null_mut(), descriptor);
        Some(Traits {
            components: descriptor.nb_components,
            chroma_shift: (descriptor.log2_chroma_w.into(), descriptor.log2_chroma_h.into()),
            is_packed: descriptor.comp[0].plane == descriptor.comp[1].plane,
            has_palette: flag(ffi::AV_PIX_FMT_FLAG_PAL as u32),
            is_bits: flag(ffi::AV_PIX_FMT_FLAG_BITSTREAM as u32),
            depth: descriptor.comp[0].depth as u32,
            planes: usize::try_from(ffi::av_pix_fmt_count_planes(format.into())).ok()?,
            steps: steps.map(|step| step as usize),
        })
    }
}

/// Whether the format's components are red, green and blue.
pub(crate) fn is_rgb(format: Pixel) -> bool {
    // SAFETY: the descriptor is static or null.
    unsafe { ffi::av_pix_fmt_desc_get(format.into()).as_ref() }
        .is_some_and(|descriptor| descriptor.flags & ffi::AV_PIX_FMT_FLAG_RGB as u64 != 0)
}

/// The bytes of a plane's line without what it may be padded with.
pub(crate) fn line_bytes(format: Pixel, width: u32, plane: usize) -> Option<usize> {
    // SAFETY: plain numbers.
    let bytes = unsafe { ffi::av_image_get_linesize(format.into(), width.try_into().ok()?, plane as i32) };
    usize::try_from(bytes).ok().filter(|&bytes| bytes > 0)
}

/// The bits of a value in a format whose lines are nothing but values of as many whole bytes as they need, in this
/// machine's order: 8 to 16. `None` of all others.
pub(crate) fn value_bits(format: Pixel) -> Option<u32> {
    // SAFETY: the descriptor is static or null.
    let descriptor = unsafe { ffi::av_pix_fmt_desc_get(format.into()).as_ref()? };
    let flag = |flag| descriptor.flags & u64::from(flag) != 0;
    let odd = [
        ffi::AV_PIX_FMT_FLAG_HWACCEL as u32,
        ffi::AV_PIX_FMT_FLAG_PAL as u32,
        ffi::AV_PIX_FMT_FLAG_BITSTREAM as u32,
        ffi::AV_PIX_FMT_FLAG_BAYER as u32,
        ffi::AV_PIX_FMT_FLAG_FLOAT as u32,
    ];
    let components = descriptor.comp.get(..usize::from(descriptor.nb_components))?;
    let depth = components.first()?.depth;
    let is_whole = (8..=16).contains(&depth)
        && components
            .iter()
            .all(|component| component.depth == depth && component.shift == 0);
    let is_foreign = depth > 8 && flag(ffi::AV_PIX_FMT_FLAG_BE as u32) != cfg!(target_endian = "big");
    (is_whole && !is_foreign && !odd.into_iter().any(flag)).then_some(depth as u32)
}
