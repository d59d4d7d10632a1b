//! Reads AVIF files by libav, which is here already: the image crate would need another C library for it.

use std::path::Path;
use std::time::Duration;

use image::{DynamicImage, RgbaImage};
use posterframe_contract::{OutputColor, OutputRequest};
use posterframe_frame::Video;
use posterframe_picture::proof::Container;
use posterframe_picture::{Image, render};

/// So many bytes of a file tell whether it is an AVIF.
pub const BEGINNING: u64 = 64;

/// Whether a file that begins so is an AVIF.
pub fn is_avif(beginning: &[u8]) -> bool {
    Container::of(beginning) == Some(Container::Avif)
}

/// The pixels as they are coded, HDR too. An alpha is left out: libav takes it for another picture.
///
/// # Errors
/// The file is damaged, or larger than the memory allows.
pub fn read(file: &Path) -> Result<Image, posterframe_frame::Error> {
    let video = Video::open(file)?;
    Ok(video.into_frame_at(Duration::ZERO)?.image)
}

/// The same for the screen: HDR is tone-mapped.
///
/// # Errors
/// As [`read`]'s, in words.
pub fn read_for_screen(file: &Path) -> Result<DynamicImage, String> {
    let image = read(file).map_err(|error| error.to_string())?;
    let screen = OutputRequest {
        depth: Some(8),
        color: OutputColor::Sdr,
        ..OutputRequest::default()
    };
    let image = render(&image, &screen).map_err(|error| error.to_string())?;
    let rgba = RgbaImage::from_raw(image.width(), image.height(), image.to_rgba8());
    rgba.map(DynamicImage::from)
        .ok_or_else(|| "its pixels are not those of its size".to_owned())
}

#[cfg(test)]
mod tests {
    use posterframe_picture::{PixelFormat, Tags, encode};

    use super::*;

    // Breaks if an AVIF of ours is not known as one, cannot be read, or shows HDR's codes as if they were a screen's.
    #[test]
    fn ours_are_read() {
        // 203 nits, the white of paper, in PQ.
        let pixels = [0x94, 0xa8].repeat(64 * 36 * 3);
        let image = Image::new(PixelFormat::Rgb16, 64, 36, pixels).unwrap();
        let image = image.with_tags(Tags {
            primaries: 9,
            transfer: 16,
            ..Tags::NONE
        });
        let avif = encode(&image, &"avif".parse().unwrap(), None).unwrap().bytes;
        assert!(is_avif(&avif[..BEGINNING as usize]) && !is_avif(b"\x89PNG\r\n\x1a\n"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.avif");
        std::fs::write(&file, avif).unwrap();
        let read = read(&file).unwrap();
        assert_eq!((read.format(), read.tags().transfer), (PixelFormat::Rgb16, 16));
        let shown = read_for_screen(&file).unwrap().to_rgba8();
        assert_eq!(shown.dimensions(), (64, 36));
        assert!(
            (220..=240).contains(&shown.get_pixel(9, 9)[0]),
            "{:?}",
            shown.get_pixel(9, 9)
        );
    }
}
