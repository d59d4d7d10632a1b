//! The part of a frame that an output takes: how it moves and grows, in whole pixels of the frame.

/// The least width and height of a part, in pixels.
const LEAST: u32 = 16;

/// Left, top, width and height in pixels.
pub(super) type Part = [u32; 4];

/// The corners, from the left top one clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Corner {
    LeftTop,
    RightTop,
    RightBottom,
    LeftBottom,
}

impl Corner {
    pub(super) const ALL: [Self; 4] = [Self::LeftTop, Self::RightTop, Self::RightBottom, Self::LeftBottom];

    /// Whether it is at the right, and whether it is at the bottom.
    pub(super) const fn sides(self) -> (bool, bool) {
        match self {
            Self::LeftTop => (false, false),
            Self::RightTop => (true, false),
            Self::RightBottom => (true, true),
            Self::LeftBottom => (false, true),
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::LeftTop => "Left top corner of the crop",
            Self::RightTop => "Right top corner of the crop",
            Self::RightBottom => "Right bottom corner of the crop",
            Self::LeftBottom => "Left bottom corner of the crop",
        }
    }
}

/// A part moved by so many pixels, as far as the frame allows.
pub(super) fn moved([left, top, width, height]: Part, by: (f32, f32), frame: (u32, u32)) -> Part {
    let side = |start: u32, by: f32, length: u32, of: u32| {
        let most = of.saturating_sub(length) as f32;
        (start as f32 + by).round().clamp(0.0, most) as u32
    };
    [
        side(left, by.0, width, frame.0),
        side(top, by.1, height, frame.1),
        width,
        height,
    ]
}

/// A part with one corner moved by so many pixels, as far as the frame allows. With a `shape`, width by height, it keeps
/// that; with `keeps_centre`, the opposite corner moves the other way.
pub(super) fn resized(
    part: Part,
    corner: Corner,
    by: (f32, f32),
    frame: (u32, u32),
    (shape, keeps_centre): (Option<f32>, bool),
) -> Part {
    let [left, top, width, height] = part.map(|side| side as f32);
    let (is_right, is_bottom) = corner.sides();
    let outwards = |by: f32, is_far: bool| if is_far { by } else { -by };
    let factor = if keeps_centre { 2.0 } else { 1.0 };
    let mut wanted = (
        width + factor * outwards(by.0, is_right),
        height + factor * outwards(by.1, is_bottom),
    );
    // What does not move: the opposite corner, or the middle.
    let fixed = |start: f32, length: f32, is_far: bool| match (keeps_centre, is_far) {
        (true, _) => start + length / 2.0,
        (false, true) => start,
        (false, false) => start + length,
    };
    let (x, y) = (fixed(left, width, is_right), fixed(top, height, is_bottom));
    let room = |at: f32, of: u32, is_far: bool| {
        let of = of as f32;
        match (keeps_centre, is_far) {
            (true, _) => 2.0 * at.min(of - at),
            (false, true) => of - at,
            (false, false) => at,
        }
    };
    let most = (room(x, frame.0, is_right), room(y, frame.1, is_bottom));
    let least = LEAST as f32;
    if let Some(shape) = shape {
        // The side that was dragged farther leads.
        let is_across = (wanted.0 - width).abs() >= (wanted.1 - height).abs() * shape;
        let across = if is_across { wanted.0 } else { wanted.1 * shape };
        let largest = most.0.min(most.1 * shape);
        let smallest = least.max(least * shape).min(largest);
        let across = across.clamp(smallest, largest);
        wanted = (across, across / shape);
    }
    let size = (
        wanted.0.min(most.0).max(least.min(most.0)),
        wanted.1.min(most.1).max(least.min(most.1)),
    );
    let start = |at: f32, length: f32, is_far: bool| match (keeps_centre, is_far) {
        (true, _) => at - length / 2.0,
        (false, true) => at,
        (false, false) => at - length,
    };
    let whole = |start: f32, length: f32, of: u32| {
        let length = (length.round() as u32).clamp(1, of.max(1));
        let start = start.round().max(0.0) as u32;
        (start.min(of.saturating_sub(length)), length)
    };
    let (left, width) = whole(start(x, size.0, is_right), size.0, frame.0);
    let (top, height) = whole(start(y, size.1, is_bottom), size.1, frame.1);
    [left, top, width, height]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Breaks if a part leaves the frame, or dragging it changes its size.
    #[test]
    fn moving_keeps_the_size() {
        let part = [100, 50, 640, 360];
        assert_eq!(moved(part, (30.4, -20.0), (1920, 1080)), [130, 30, 640, 360]);
        assert_eq!(moved(part, (-500.0, 5_000.0), (1920, 1080)), [0, 720, 640, 360]);
        assert_eq!(
            moved([0, 0, 1920, 1080], (9.0, 9.0), (1920, 1080)),
            [0, 0, 1920, 1080]
        );
    }

    // Breaks if the corner opposite to the dragged one moves, Alt does not keep the middle, or a shape is lost.
    #[test]
    fn corners_pull() {
        let (part, frame) = ([100, 100, 320, 180], (1920, 1080));
        let wide = Some(16.0 / 9.0);
        let free = |corner, by| resized(part, corner, by, frame, (None, false));
        assert_eq!(free(Corner::RightBottom, (80.0, 20.0)), [100, 100, 400, 200]);
        assert_eq!(free(Corner::LeftTop, (-50.0, 30.0)), [50, 130, 370, 150]);
        let shaped = resized(part, Corner::LeftTop, (-160.0, 0.0), frame, (wide, false));
        assert_eq!(shaped, [0, 44, 420, 236]);
        let centred = resized(part, Corner::RightBottom, (16.0, 9.0), frame, (wide, true));
        assert_eq!(centred, [84, 91, 352, 198]);
        let most = resized(
            part,
            Corner::RightBottom,
            (9_000.0, 9_000.0),
            frame,
            (wide, false),
        );
        assert_eq!(most, [100, 100, 1742, 980]);
        let least = resized(
            part,
            Corner::RightBottom,
            (-9_000.0, -9_000.0),
            frame,
            (None, false),
        );
        assert_eq!(least, [100, 100, 16, 16]);
    }

    proptest! {
        // Breaks if any drag leads out of the frame, to a part without pixels, or to another shape than was asked.
        #[test]
        fn within_the_frame(
            frame in (1_u32..8_000, 1_u32..8_000), at in (0.0_f32..1.0, 0.0_f32..1.0), size in (0.0_f32..1.0, 0.0_f32..1.0),
            by in (-9_000.0_f32..9_000.0, -9_000.0_f32..9_000.0), corner in 0_usize..4, shape in 0.3_f32..3.0,
            is_shaped: bool, keeps_centre: bool,
        ) {
            let side = |of: u32, at: f32, size: f32| {
                let length = ((of as f32 * size) as u32).clamp(1, of);
                (((of - length) as f32 * at) as u32, length)
            };
            let ((left, width), (top, height)) = (side(frame.0, at.0, size.0), side(frame.1, at.1, size.1));
            let part = [left, top, width, height];
            let shape = is_shaped.then_some(shape);
            for part in [moved(part, by, frame), resized(part, Corner::ALL[corner], by, frame, (shape, keeps_centre))] {
                let [left, top, width, height] = part;
                prop_assert!(width >= 1 && height >= 1, "{part:?}");
                prop_assert!(left + width <= frame.0 && top + height <= frame.1, "{part:?} of {frame:?}");
            }
            let [_, _, width, height] = resized(part, Corner::ALL[corner], by, frame, (shape, keeps_centre));
            if let Some(shape) = shape.filter(|_| width > 100 && height > 100) {
                let found = width as f32 / height as f32;
                prop_assert!((found / shape - 1.0).abs() < 0.02, "{width} × {height} for {shape}");
            }
        }
    }
}
