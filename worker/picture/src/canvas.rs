//! What tiles and letters are put on: lines of one grey, which grow downwards as they are needed.

use crate::{Image, PictureError, PixelFormat};

/// Pixels of red, green and blue.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    width: usize,
    ground: u8,
    data: Vec<u8>,
}

impl Canvas {
    /// So many pixels wide, without lines as yet.
    pub(crate) const fn new(width: u32, ground: u8) -> Self {
        Self {
            width: width as usize,
            ground,
            data: Vec::new(),
        }
    }

    pub(crate) const fn width(&self) -> u32 {
        self.width as u32
    }

    pub(crate) const fn height(&self) -> u32 {
        (self.data.len() / self.line()) as u32
    }

    /// Adds lines of the ground until there are at least so many.
    pub(crate) fn grow(&mut self, height: u32) {
        let bytes = self.line() * height as usize;
        if bytes > self.data.len() {
            self.data.resize(bytes, self.ground);
        }
    }

    /// Puts a picture into the middle of a field with this left top corner and size, which lies on the canvas. What is larger
    /// is cut off, and the ground shows through what is transparent.
    pub(crate) fn paste(&mut self, picture: &Image, at: (u32, u32), field: (u32, u32)) {
        let (line, ground) = (self.line(), u32::from(self.ground));
        let (width, height) = (picture.width().min(field.0), picture.height().min(field.1));
        let left = (at.0 + (field.0 - width) / 2) as usize * 3;
        let top = (at.1 + (field.1 - height) / 2) as usize;
        let rgba = picture.to_rgba8();
        let from = rgba
            .chunks_exact(picture.width() as usize * 4)
            .take(height as usize);
        for (to, from) in self.data.chunks_exact_mut(line).skip(top).zip(from) {
            let to = to[left..].chunks_exact_mut(3).take(width as usize);
            for (to, from) in to.zip(from.chunks_exact(4)) {
                let alpha = u32::from(from[3]);
                let over =
                    |value: u8| ((u32::from(value) * alpha + ground * (255 - alpha) + 127) / 255) as u8;
                to.copy_from_slice(&[over(from[0]), over(from[1]), over(from[2])]);
            }
        }
    }

    /// Covers a pixel with a grey, by a part of it from 0 to 1. Outside there is nothing to cover.
    pub(crate) fn cover(&mut self, (x, y): (i32, i32), grey: u8, part: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        let at = y * self.line() + x * 3;
        if x >= self.width || at >= self.data.len() {
            return;
        }
        let part = (part.clamp(0.0, 1.0) * 255.0).round() as u32;
        for value in &mut self.data[at..at + 3] {
            *value = ((u32::from(grey) * part + u32::from(*value) * (255 - part) + 127) / 255) as u8;
        }
    }

    /// The left `width` pixels of all lines.
    ///
    /// # Errors
    /// It has no lines, or is not that wide.
    pub(crate) fn into_image(self, width: u32) -> Result<Image, PictureError> {
        let height = self.height();
        let data = if width == self.width() {
            self.data
        } else {
            let lines = self.data.chunks_exact(self.line());
            lines
                .flat_map(|line| &line[..width as usize * 3])
                .copied()
                .collect()
        };
        Image::new(PixelFormat::Rgb8, width, height, data)
    }

    const fn line(&self) -> usize {
        self.width * 3
    }
}
