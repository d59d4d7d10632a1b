//! Pictures in files, as pixels.
//!
//! AVIF is read by libav, which is here already: the image crate would need another C library for it.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use image::{DynamicImage, ImageReader, RgbaImage};
use posterframe_frame::Video;
use posterframe_picture::proof::Container;
use posterframe_picture::{Image, Tags};

/// Largest width and height that are read, in pixels: a PNG can claim any size.
const MAX_SIDE: u32 = 16_384;
/// Most bytes that a decoder may allocate.
const MAX_DECODE_BYTES: u64 = 1 << 30;
/// So many bytes of a file tell whether it is an AVIF.
const BEGINNING: u64 = 64;

/// Whether a file that begins so is an AVIF.
pub fn is_avif(beginning: &[u8]) -> bool {
    Container::of(beginning) == Some(Container::Avif)
}

/// The pixels of an AVIF as they are coded, HDR too. An alpha is left out: libav takes it for another picture.
///
/// # Errors
/// The file is damaged, or larger than the memory allows.
pub fn read_avif(file: &Path) -> Result<Image, posterframe_frame::Error> {
    let video = Video::open(file)?;
    Ok(video.into_frame_at(Duration::ZERO)?.image)
}

/// A picture for the screen: one that says that it is HDR is tone-mapped, as the preview of its video is.
///
/// # Errors
/// The file cannot be read, is no picture, or is too large. In words.
pub fn for_screen(file: &Path) -> Result<DynamicImage, String> {
    let unread = |error: std::io::Error| format!("the picture cannot be read ({error})");
    let open = || File::open(file).map(BufReader::new).map_err(unread);
    let mut beginning = Vec::new();
    open()?
        .take(BEGINNING)
        .read_to_end(&mut beginning)
        .map_err(unread)?;
    if is_avif(&beginning) {
        let image = read_avif(file).map_err(|error| format!("this AVIF cannot be shown ({error})"))?;
        return shown(&image).ok_or_else(|| "this AVIF cannot be shown".to_owned());
    }
    let is_hdr = |(width, height), tags: Tags| tags.is_hdr() && width <= MAX_SIDE && height <= MAX_SIDE;
    // What is no PNG, or a damaged one, is left to the other decoder.
    if let Ok(Some(hdr)) = Image::decode_png_if(open()?, is_hdr)
        && let Some(shown) = shown(&hdr)
    {
        return Ok(shown);
    }
    let mut reader = ImageReader::new(open()?).with_guessed_format().map_err(unread)?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    reader.limits(limits);
    let decoded = reader.decode();
    decoded.map_err(|error| format!("this is not a picture ({error})"))
}

fn shown(image: &Image) -> Option<DynamicImage> {
    let rgba = RgbaImage::from_raw(image.width(), image.height(), image.to_screen_rgba8());
    rgba.map(DynamicImage::from)
}

#[cfg(test)]
mod tests {
    use posterframe_picture::{PixelFormat, encode};

    use super::*;

    fn hdr(data: Vec<u8>) -> Image {
        let image = Image::new(PixelFormat::Rgb16, 64, 36, data).unwrap();
        image.with_tags(Tags {
            primaries: 9,
            transfer: 16,
            ..Tags::NONE
        })
    }

    // Breaks if an AVIF of ours is not known as one, cannot be read, or shows HDR's codes as if they were a screen's.
    #[test]
    fn avif_is_read() {
        // 203 nits, the white of paper, in PQ.
        let image = hdr([0x94, 0xa8].repeat(64 * 36 * 3));
        let avif = encode(&image, &"avif".parse().unwrap(), None).unwrap().bytes;
        assert!(is_avif(&avif[..BEGINNING as usize]) && !is_avif(b"\x89PNG\r\n\x1a\n"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.avif");
        std::fs::write(&file, avif).unwrap();
        let read = read_avif(&file).unwrap();
        assert_eq!((read.format(), read.tags().transfer), (PixelFormat::Rgb16, 16));
        let shown = for_screen(&file).unwrap().to_rgba8();
        assert_eq!(shown.dimensions(), (64, 36));
        assert!(
            (220..=240).contains(&shown.get_pixel(9, 9)[0]),
            "{:?}",
            shown.get_pixel(9, 9)
        );
    }

    // Breaks if the exact PNG of an HDR video is shown with its codes taken for sRGB's, unlike the preview beside it.
    #[test]
    fn hdr_is_tone_mapped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hdr.png");
        let codes = (0..64 * 36 * 3_u32).flat_map(|at| ((at * 71 % 60_000) as u16).to_be_bytes());
        let hdr = hdr(codes.collect());
        std::fs::write(&file, hdr.encode_png().unwrap()).unwrap();
        let shown = for_screen(&file).unwrap().to_rgba8();
        assert!(*shown == *hdr.to_screen_rgba8() && *shown != *hdr.to_rgba8());
    }
}
