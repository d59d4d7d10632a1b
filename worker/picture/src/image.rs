//! Pixels, their hash, and PNG.

use std::borrow::Cow;
use std::io::{BufRead, Cursor, Seek, Write};

use png::{BitDepth, ColorType, Compression, Filter};
use sha2::{Digest, Sha256};

use crate::PictureError;
use crate::tags::Tags;

/// Size of one `IDAT` chunk, in bytes.
const PNG_CHUNK: usize = 64 << 10;

/// The layout of an [`Image`]'s bytes. Values of 16 bits are big-endian, as in a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// Red, green, blue.
    Rgb8,
    /// Red, green, blue, alpha (not premultiplied).
    Rgba8,
    /// Red, green, blue, 16 bits each.
    Rgb16,
    /// Red, green, blue, alpha, 16 bits each.
    Rgba16,
    /// Grey.
    Gray8,
    /// Grey, alpha.
    GrayAlpha8,
    /// Grey, 16 bits.
    Gray16,
    /// Grey, alpha, 16 bits each.
    GrayAlpha16,
}

impl PixelFormat {
    /// The format's name, which is part of the pixel hash.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rgb8 => "rgb8",
            Self::Rgba8 => "rgba8",
            Self::Rgb16 => "rgb16",
            Self::Rgba16 => "rgba16",
            Self::Gray8 => "gray8",
            Self::GrayAlpha8 => "graya8",
            Self::Gray16 => "gray16",
            Self::GrayAlpha16 => "graya16",
        }
    }

    const fn png(self) -> (ColorType, BitDepth) {
        match self {
            Self::Rgb8 => (ColorType::Rgb, BitDepth::Eight),
            Self::Rgba8 => (ColorType::Rgba, BitDepth::Eight),
            Self::Rgb16 => (ColorType::Rgb, BitDepth::Sixteen),
            Self::Rgba16 => (ColorType::Rgba, BitDepth::Sixteen),
            Self::Gray8 => (ColorType::Grayscale, BitDepth::Eight),
            Self::GrayAlpha8 => (ColorType::GrayscaleAlpha, BitDepth::Eight),
            Self::Gray16 => (ColorType::Grayscale, BitDepth::Sixteen),
            Self::GrayAlpha16 => (ColorType::GrayscaleAlpha, BitDepth::Sixteen),
        }
    }

    fn from_png(color: ColorType, depth: BitDepth) -> Option<Self> {
        [
            Self::Rgb8,
            Self::Rgba8,
            Self::Rgb16,
            Self::Rgba16,
            Self::Gray8,
            Self::GrayAlpha8,
            Self::Gray16,
            Self::GrayAlpha16,
        ]
        .into_iter()
        .find(|format| format.png() == (color, depth))
    }

    /// Values per pixel, and bytes per value.
    const fn layout(self) -> (usize, usize) {
        match self {
            Self::Rgb8 => (3, 1),
            Self::Rgba8 => (4, 1),
            Self::Rgb16 => (3, 2),
            Self::Rgba16 => (4, 2),
            Self::Gray8 => (1, 1),
            Self::GrayAlpha8 => (2, 1),
            Self::Gray16 => (1, 2),
            Self::GrayAlpha16 => (2, 2),
        }
    }

    pub(crate) const fn values(self) -> usize {
        self.layout().0
    }

    pub(crate) const fn has_alpha(self) -> bool {
        self.values().is_multiple_of(2)
    }

    pub(crate) const fn has_8_bits(self) -> bool {
        self.layout().1 == 1
    }

    /// Which value of a pixel is its alpha.
    pub(crate) const fn alpha_index(self) -> Option<usize> {
        if self.has_alpha() {
            Some(self.values() - 1)
        } else {
            None
        }
    }

    /// Bytes per pixel.
    pub const fn bytes_per_pixel(self) -> usize {
        let (values, bytes) = self.layout();
        values * bytes
    }
}

/// A picture: lines from top to bottom, without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    format: PixelFormat,
    width: u32,
    height: u32,
    tags: Tags,
    data: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Image({} × {} {})",
            self.width,
            self.height,
            self.format.name()
        )
    }
}

impl Image {
    /// A picture of `width` × `height` pixels.
    ///
    /// # Errors
    /// The length of `data` does not match the size and the format.
    pub fn new(format: PixelFormat, width: u32, height: u32, data: Vec<u8>) -> Result<Self, PictureError> {
        let expected = width as usize * height as usize * format.bytes_per_pixel();
        if data.len() != expected || expected == 0 {
            let bytes = data.len();
            return Err(PictureError::Size { bytes, expected });
        }
        Ok(Self {
            format,
            width,
            height,
            tags: Tags::NONE,
            data,
        })
    }

    /// The picture with this aspect ratio and these colour properties.
    #[must_use]
    pub const fn with_tags(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// The layout of the bytes.
    pub const fn format(&self) -> PixelFormat {
        self.format
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The sample aspect ratio, width to height; 1 to 1 if it is not known.
    pub const fn sample_aspect(&self) -> (u32, u32) {
        let (width, height) = self.tags.shape;
        if width == 0 || height == 0 {
            return (1, 1);
        }
        (width, height)
    }

    /// Its aspect ratio and colour properties.
    pub const fn tags(&self) -> Tags {
        self.tags
    }

    /// The bytes; [`PixelFormat::bytes_per_pixel`] of them per pixel.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Width and height for a screen with square pixels, after the sample aspect ratio is applied.
    pub fn display_size(&self) -> (u32, u32) {
        let (num, den) = self.sample_aspect();
        let width = (u64::from(self.width) * u64::from(num) + u64::from(den) / 2) / u64::from(den);
        (u32::try_from(width).unwrap_or(u32::MAX).max(1), self.height)
    }

    /// Hex SHA-256 of the size, the pixel format and the bytes.
    pub fn pixel_sha256(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.width.to_be_bytes());
        hash.update(self.height.to_be_bytes());
        hash.update(self.format.name());
        hash.update(&self.data);
        hex::encode(hash.finalize())
    }

    /// The picture's codes as RGBA with eight bits per value. For the screen there is [`Self::to_screen_rgba8`].
    pub fn to_rgba8(&self) -> Vec<u8> {
        let values = self.to_8_bits();
        match self.format.values() {
            1 => to_rgba(values.as_chunks(), |[grey]| [grey, grey, grey, 255]),
            2 => to_rgba(values.as_chunks(), |[grey, alpha]| [grey, grey, grey, alpha]),
            3 => to_rgba(values.as_chunks(), |[r, g, b]| [r, g, b, 255]),
            _ => values.into_owned(),
        }
    }

    /// The values with 16 bits each: 255 becomes 65,535.
    pub(crate) fn values_16(&self) -> Vec<u16> {
        if self.format.has_8_bits() {
            return self.data.iter().map(|value| u16::from(*value) * 257).collect();
        }
        let (pairs, _) = self.data.as_chunks();
        pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
    }

    /// A picture of the same size and tags with other values: as many pixels as this one has.
    pub(crate) fn converted<'a>(&self, format: PixelFormat, data: Vec<u8>) -> Cow<'a, Self> {
        Cow::Owned(Self {
            format,
            width: self.width,
            height: self.height,
            tags: self.tags,
            data,
        })
    }

    /// The values reduced to eight bits: the first byte of each big-endian value.
    pub(crate) fn to_8_bits(&self) -> Cow<'_, [u8]> {
        match self.format.layout() {
            (_, 1) => Cow::Borrowed(&self.data),
            (_, bytes) => self.data.iter().step_by(bytes).copied().collect(),
        }
    }

    /// The picture as a PNG, with its aspect ratio and colour properties (`pHYs`, `cICP`, `sRGB`, `cHRM`, `gAMA`, `mDCV`,
    /// `cLLI`) as ffmpeg writes them.
    ///
    /// # Errors
    /// The picture is too large for a PNG.
    pub fn encode_png(&self) -> Result<Vec<u8>, PictureError> {
        let failed = |error: png::EncodingError| PictureError::File(error.to_string());
        // This capacity is usually enough, so that the buffer does not grow, and not much too large.
        let mut png = Vec::with_capacity(self.data.len() / 2);
        let mut encoder = png::Encoder::new(&mut png, self.width, self.height);
        let (color, depth) = self.format.png();
        encoder.set_color(color);
        encoder.set_depth(depth);
        // The level is chosen by measurement: see `examples/png_levels.rs`, and the table in ARCHITECTURE.md.
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::Paeth);
        let mut writer = encoder.write_header().map_err(failed)?;
        for (name, data) in self.tags.chunks() {
            writer.write_chunk(name, &data).map_err(failed)?;
        }
        // The lines are written in chunks. Otherwise the compressed picture would be in memory twice.
        let mut lines = writer.stream_writer_with_size(PNG_CHUNK).map_err(failed)?;
        let written = lines.write_all(&self.data);
        written.map_err(|error| PictureError::File(error.to_string()))?;
        lines.finish().map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(png)
    }

    /// Decodes a PNG.
    ///
    /// # Errors
    /// The bytes are no PNG, or a damaged or too large one.
    pub fn decode_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let decoded = Self::decode_png_if(Cursor::new(bytes), |_, _| true)?;
        decoded.ok_or_else(|| PictureError::File("it is not wanted".to_owned()))
    }

    /// Decodes a PNG, if its size and its tags are `wanted`; only its first bytes are read if they are not.
    ///
    /// # Errors
    /// The same as [`Self::decode_png`].
    pub fn decode_png_if(
        png: impl BufRead + Seek,
        wanted: impl FnOnce((u32, u32), Tags) -> bool,
    ) -> Result<Option<Self>, PictureError> {
        let failed = PictureError::File;
        let mut decoder = png::Decoder::new(png);
        // Palettes and depths below eight bits, which other programs write, are expanded to a format of this library.
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().map_err(|error| failed(error.to_string()))?;
        let tags = Tags::of_png(reader.info());
        if !wanted(reader.info().size(), tags) {
            return Ok(None);
        }
        let size = reader
            .output_buffer_size()
            .ok_or_else(|| failed("the picture is too large".to_owned()))?;
        let mut data = vec![0; size];
        let info = reader
            .next_frame(&mut data)
            .map_err(|error| failed(error.to_string()))?;
        let format = PixelFormat::from_png(info.color_type, info.bit_depth)
            .ok_or_else(|| failed(format!("an unexpected kind of PNG: {:?}", info.color_type)))?;
        let image = Self::new(format, info.width, info.height, data)?;
        Ok(Some(image.with_tags(tags)))
    }
}

fn to_rgba<const N: usize>((pixels, _): (&[[u8; N]], &[u8]), rgba: impl Fn([u8; N]) -> [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0; pixels.len() * 4];
    for (to, &from) in bytes.as_chunks_mut().0.iter_mut().zip(pixels) {
        *to = rgba(from);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ContentLight, Light, MasteringDisplay};

    fn image(format: PixelFormat) -> Image {
        let data = (0..7 * 3 * format.bytes_per_pixel())
            .map(|value| (value * 37 % 256) as u8)
            .collect();
        Image::new(format, 7, 3, data).unwrap()
    }

    // Breaks if a PNG changes a pixel, its depth, its alpha or its tags.
    #[test]
    fn png_round_trip() {
        for format in [
            PixelFormat::Rgb8,
            PixelFormat::Rgba8,
            PixelFormat::Rgb16,
            PixelFormat::Rgba16,
            PixelFormat::Gray8,
            PixelFormat::GrayAlpha8,
            PixelFormat::Gray16,
            PixelFormat::GrayAlpha16,
        ] {
            let image = image(format).with_tags(Tags {
                shape: (16, 11),
                primaries: 9,
                transfer: 16,
                light: Light {
                    display: Some(MasteringDisplay {
                        chromaticities: [35_400, 14_600, 8_500, 39_850, 6_550, 2_300, 15_635, 16_450],
                        max_luminance: 40_000_000,
                        min_luminance: 50,
                    }),
                    content: Some(ContentLight {
                        max_pixel: 850,
                        max_frame_average: 120,
                    }),
                },
            });
            let read = Image::decode_png(&image.encode_png().unwrap()).unwrap();
            assert!(read == image, "{image:?}");
            assert_eq!(read.pixel_sha256(), image.pixel_sha256());
            assert_eq!(image.to_rgba8().len(), 7 * 3 * 4);
        }
    }

    // Breaks if pictures of other shapes but the same bytes count as identical.
    #[test]
    fn the_hash_covers_size_and_format() {
        let bytes = vec![7; 24];
        let wide = Image::new(PixelFormat::Rgb8, 8, 1, bytes.clone()).unwrap();
        let high = Image::new(PixelFormat::Rgb8, 1, 8, bytes.clone()).unwrap();
        let alpha = Image::new(PixelFormat::Rgba8, 6, 1, bytes).unwrap();
        let hashes = [wide, high, alpha].map(|image| image.pixel_sha256());
        assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
    }

    // Breaks if a picture that fits is enlarged, or one with narrow pixels is shown too wide.
    #[test]
    fn scaling_keeps_the_shape() {
        let small = image(PixelFormat::Rgb8).scaled_to_fit((100, 100)).unwrap();
        assert_eq!((small.width(), small.height()), (7, 3));
        let narrow = Image::new(PixelFormat::Gray8, 40, 20, vec![9; 800])
            .unwrap()
            .with_tags(Tags {
                shape: (1, 2),
                ..Tags::NONE
            });
        assert_eq!(narrow.display_size(), (20, 20));
        let fitted = narrow.scaled_to_fit((10, 10)).unwrap();
        assert_eq!((fitted.width(), fitted.height()), (10, 10));
    }

    // Breaks if bytes that are no PNG cause a panic.
    #[test]
    fn not_a_png() {
        assert!(Image::decode_png(b"GIF89a").is_err());
        assert!(Image::new(PixelFormat::Rgb8, 2, 2, vec![0; 11]).is_err());
    }
}
