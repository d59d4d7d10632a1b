//! The preview's texture, and the size that its pictures are made for.

use std::time::{Duration, Instant};

use egui::{Context, TextureFilter, TextureHandle, TextureOptions};

use super::playhead::SPINNER_DELAY;
use super::video::Picture;

/// The picture on the screen.
#[derive(Default)]
pub struct Screen {
    pub texture: Option<TextureHandle>,
    picture: Option<Picture>,
    squares: bool,
}

impl Screen {
    /// Shows a picture; its pixels as `squares` where they are so large that one wants to see them.
    pub fn show(&mut self, ctx: &Context, picture: Picture, squares: bool) {
        self.squares = squares;
        self.picture = Some(picture.clone());
        let options = options(squares);
        match &mut self.texture {
            Some(texture) => texture.set(picture, options),
            texture => *texture = Some(ctx.load_texture("preview", picture, options)),
        }
    }

    /// Shows the same picture's pixels as squares, or smooth.
    pub fn set_squares(&mut self, squares: bool) {
        if self.squares != squares
            && let (Some(texture), Some(picture)) = (&mut self.texture, &self.picture)
        {
            self.squares = squares;
            texture.set(picture.clone(), options(squares));
        }
    }
}

fn options(squares: bool) -> TextureOptions {
    TextureOptions {
        magnification: if squares {
            TextureFilter::Nearest
        } else {
            TextureFilter::Linear
        },
        ..TextureOptions::LINEAR
    }
}

/// The size that pictures are made for, in pixels.
#[derive(Default)]
pub struct Fitting {
    size: Option<(u32, u32)>,
    /// When it changed; `None` once a picture was asked for in the new size.
    changed: Option<Instant>,
}

impl Fitting {
    /// `None` until the preview was drawn.
    pub const fn size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// Tells the size. Returns how long to wait before a picture is asked for: not at all for the first one, and then
    /// until nobody drags the window's edge any more.
    pub fn set(&mut self, size: (u32, u32)) -> Option<Duration> {
        if self.size == Some(size) || size.0 < 2 || size.1 < 2 {
            return None;
        }
        if self.size.replace(size).is_none() {
            return Some(Duration::ZERO);
        }
        self.changed = Some(Instant::now());
        Some(SPINNER_DELAY)
    }

    /// How long to wait still, and nothing once a picture is due; that is told once.
    pub fn due(&mut self) -> Option<Duration> {
        let rest = SPINNER_DELAY.saturating_sub(self.changed?.elapsed());
        if rest.is_zero() {
            self.changed = None;
        }
        Some(rest)
    }
}
