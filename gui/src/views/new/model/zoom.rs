//! How large the preview is: fitted, or larger around a point of the picture.

use egui::{Rect, Vec2, pos2, vec2};

/// The largest zoom, in pixels of the screen for each of the picture.
const MAX_ZOOM: f32 = 16.0;
/// Where the keys and the buttons stop.
const STEPS: [f32; 9] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, MAX_ZOOM];
/// From here on pixels are shown as squares.
const SQUARES: f32 = 2.0;

/// The room for the preview and the picture in it, in points and in pixels.
#[derive(Clone, Copy, Debug)]
pub struct ZoomFrame {
    pub room: Rect,
    /// The picture's size in its right shape, in pixels.
    pub size: Vec2,
    pub pixels_per_point: f32,
}

impl ZoomFrame {
    /// Pixels of the screen for each of the picture where it just fits.
    pub fn fit(&self) -> f32 {
        let room = self.room.size() * self.pixels_per_point;
        (room.x / self.size.x).min(room.y / self.size.y).max(1e-3)
    }
}

/// How large the preview is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Zoom {
    /// As large as there is room.
    #[default]
    Fit,
    /// Larger.
    At {
        /// Pixels of the screen for each of the picture.
        scale: f32,
        /// The place of the picture that is in the middle of the room, from its top left corner in its own pixels.
        middle: Vec2,
    },
}

impl Zoom {
    pub fn scale(self, frame: ZoomFrame) -> f32 {
        match self {
            Self::Fit => frame.fit(),
            Self::At { scale, .. } => scale,
        }
    }

    /// Whether pixels are to be shown as squares.
    pub fn shows_squares(self) -> bool {
        matches!(self, Self::At { scale, .. } if scale >= SQUARES)
    }

    /// Where the picture lies, on whole pixels of the screen.
    pub fn place(self, frame: ZoomFrame) -> Rect {
        let ppp = frame.pixels_per_point;
        let round = |value: f32| (value * ppp).round() / ppp;
        let size = frame.size * self.scale(frame) / ppp;
        let middle = self.middle(frame) / frame.size;
        let min = frame.room.center() - size * middle;
        Rect::from_min_size(
            pos2(round(min.x), round(min.y)),
            vec2(round(size.x), round(size.y)),
        )
    }

    /// `factor` times as large around `at`, a place of the screen, which stays where it is.
    pub fn by(self, frame: ZoomFrame, factor: f32, at: egui::Pos2) -> Self {
        self.to(frame, self.scale(frame) * factor, at)
    }

    /// To `scale` around `at`.
    pub fn to(self, frame: ZoomFrame, scale: f32, at: egui::Pos2) -> Self {
        // A small picture may be shown smaller than it fits: at 1:1.
        let scale = scale.clamp(frame.fit().min(1.0), MAX_ZOOM.max(frame.fit()));
        if (scale / frame.fit() - 1.0).abs() < 0.001 {
            return Self::Fit;
        }
        let from_middle = (at - frame.room.center()) * frame.pixels_per_point;
        let under = self.middle(frame) + from_middle / self.scale(frame);
        Self::At {
            scale,
            middle: under - from_middle / scale,
        }
        .within(frame)
    }

    /// The next step up or down around the middle of the room.
    pub fn step(self, frame: ZoomFrame, larger: bool) -> Self {
        let scale = self.scale(frame);
        let next = if larger {
            STEPS.into_iter().find(|step| *step > scale * 1.01)
        } else {
            STEPS.into_iter().rfind(|step| *step < scale * 0.99)
        };
        self.to(
            frame,
            next.unwrap_or(if larger { MAX_ZOOM } else { 0.0 }),
            frame.room.center(),
        )
    }

    /// Moved with the pointer, by points of the screen.
    pub fn panned(self, frame: ZoomFrame, by: Vec2) -> Self {
        match self {
            Self::Fit => self,
            Self::At { scale, middle } => Self::At {
                scale,
                middle: middle - by * frame.pixels_per_point / scale,
            }
            .within(frame),
        }
    }

    /// Nobody pans a picture out of the room.
    pub fn within(self, frame: ZoomFrame) -> Self {
        let Self::At { scale, middle } = self else {
            return self;
        };
        let half = frame.room.size() * frame.pixels_per_point / scale / 2.0;
        let inside = |at: f32, half: f32, size: f32| {
            if half * 2.0 >= size {
                size / 2.0
            } else {
                at.clamp(half, size - half)
            }
        };
        Self::At {
            scale,
            middle: vec2(
                inside(middle.x, half.x, frame.size.x),
                inside(middle.y, half.y, frame.size.y),
            ),
        }
    }

    fn middle(self, frame: ZoomFrame) -> Vec2 {
        match self {
            Self::Fit => frame.size / 2.0,
            Self::At { middle, .. } => middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(pixels_per_point: f32) -> ZoomFrame {
        ZoomFrame {
            room: Rect::from_min_size(pos2(16.0, 20.0), vec2(960.0, 540.0)),
            size: vec2(1920.0, 1080.0),
            pixels_per_point,
        }
    }

    // Breaks if 1:1 is not one pixel for one at some scale factor, or what is under the pointer moves away.
    #[test]
    fn one_to_one_under_the_pointer() {
        for ppp in [1.0, 1.5, 2.0] {
            let frame = frame(ppp);
            let pointer = pos2(300.0, 200.0);
            let before = Zoom::Fit.place(frame);
            let under = (pointer - before.min) / before.size();
            let zoom = Zoom::Fit.to(frame, 4.0, pointer);
            let place = zoom.place(frame);
            assert!((place.width() * ppp - 4.0 * 1920.0).abs() < 1.0, "{place:?}");
            let now = (pointer - place.min) / place.size();
            assert!((now - under).length() < 0.001, "{under:?} {now:?}");
        }
        let one = Zoom::Fit.to(frame(1.0), 1.0, pos2(0.0, 0.0));
        assert_eq!(one.place(frame(1.0)).size(), vec2(1920.0, 1080.0));
    }

    // Breaks if the picture can be pulled away from the room's edge, or shrinks below the room.
    #[test]
    fn the_picture_stays_in_the_room() {
        let frame = frame(1.0);
        let zoom = Zoom::Fit.to(frame, 2.0, frame.room.center());
        let place = zoom.panned(frame, vec2(1e5, -1e5)).place(frame);
        assert_eq!(
            (place.left(), place.bottom()),
            (frame.room.left(), frame.room.bottom())
        );
        assert_eq!(zoom.by(frame, 0.01, frame.room.center()), Zoom::Fit);
        assert_eq!(Zoom::Fit.panned(frame, vec2(9.0, 9.0)), Zoom::Fit);
        // In a window that has grown over it.
        let larger = ZoomFrame {
            room: frame.room * 9.0,
            ..frame
        };
        let place = zoom.within(larger).place(larger);
        assert_eq!(
            (place.center(), place.width()),
            (larger.room.center(), 2.0 * 1920.0)
        );
    }

    // Breaks if the keys get stuck, or leave out 1:1.
    #[test]
    fn steps_lead_through_one_to_one() {
        let frame = frame(1.0);
        let mut scales = Vec::new();
        let mut zoom = Zoom::Fit;
        for _ in 0..12 {
            zoom = zoom.step(frame, true);
            scales.push(zoom.scale(frame));
        }
        assert_eq!(scales[..5], [1.0, 2.0, 4.0, 8.0, 12.0]);
        for _ in 0..12 {
            zoom = zoom.step(frame, false);
        }
        assert_eq!(zoom, Zoom::Fit);
        // A small picture is fitted by enlarging it.
        let small = ZoomFrame {
            size: vec2(320.0, 180.0),
            ..frame
        };
        let scales = [1, 2, 3].map(|steps| {
            (0..steps)
                .fold(Zoom::Fit, |zoom, _| zoom.step(small, false))
                .scale(small)
        });
        assert_eq!(scales, [2.0, 1.0, 1.0]);
    }
}
