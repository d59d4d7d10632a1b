//! The preview: how large the picture is, its texture, and the size that pictures are made for.

use std::time::{Duration, Instant};

use egui::{Context, TextureFilter, TextureHandle, TextureOptions, Vec2, vec2};
use posterframe_player::Motion;

use super::video::Picture;
use super::{OpenVideo, Zoom, ZoomFrame};

/// How long the size rests before pictures are made for it.
const RESIZE_DELAY: Duration = Duration::from_millis(150);
/// The largest side of a picture that is made for the screen, in pixels.
const MAX_SIDE: usize = 8192;

/// The preview of a video.
pub struct Preview {
    pub zoom: Zoom,
    /// The room that it was drawn in last, and the picture in it.
    pub frame: Option<ZoomFrame>,
    pub screen: Screen,
    pub fitting: Fitting,
    /// The size that shows the picture in its right shape, in pixels.
    pub display_size: (u32, u32),
}

impl Default for Preview {
    fn default() -> Self {
        Self {
            zoom: Zoom::Fit,
            frame: None,
            screen: Screen::default(),
            fitting: Fitting::default(),
            display_size: (16, 9),
        }
    }
}

impl OpenVideo {
    /// Shows a picture.
    pub fn show(&mut self, picture: Picture) {
        let squares = self.preview.zoom.shows_squares();
        self.preview.screen.show(&self.ctx, picture, squares);
    }

    /// The picture on the screen.
    pub const fn texture(&self) -> Option<&TextureHandle> {
        self.preview.screen.texture.as_ref()
    }

    /// The size that shows the picture in its right shape, in pixels.
    pub fn display_size(&self) -> Vec2 {
        let (width, height) = self.preview.display_size;
        vec2(width.max(1) as f32, height.max(1) as f32)
    }

    /// Shows the picture so large, and has it made for that size, of which no side is longer than `most` pixels. The first
    /// time brings the first picture.
    pub fn set_zoom(&mut self, zoom: Zoom, frame: ZoomFrame, most: usize) {
        self.preview.frame = Some(frame);
        self.preview.zoom = zoom;
        self.preview.screen.set_squares(zoom.shows_squares());
        let most = most.min(MAX_SIDE) as f32;
        let pixels = |pixels: f32| pixels.floor().clamp(0.0, most) as u32;
        let size = match zoom {
            Zoom::Fit => frame.room.size() * frame.pixels_per_point,
            Zoom::At { scale, .. } => (frame.size * scale.min(1.0)).ceil(),
        };
        match self.preview.fitting.set((pixels(size.x), pixels(size.y))) {
            Some(Duration::ZERO) => self.ask(Motion::Jump, false),
            Some(rest) => self.ctx.request_repaint_after(rest),
            None => {}
        }
    }

    /// A step of zoom by a key.
    pub fn zoom_by_key(&mut self, change: impl Fn(Zoom, ZoomFrame) -> Zoom) {
        if let Some(frame) = self.preview.frame {
            self.preview.zoom = change(self.preview.zoom, frame).within(frame);
        }
    }
}

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
        Some(RESIZE_DELAY)
    }

    /// How long to wait still, and nothing once a picture is due; that is told once.
    pub fn due(&mut self) -> Option<Duration> {
        let rest = RESIZE_DELAY.saturating_sub(self.changed?.elapsed());
        if rest.is_zero() {
            self.changed = None;
        }
        Some(rest)
    }
}
