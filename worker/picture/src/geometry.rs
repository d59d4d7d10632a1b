//! Which part of a frame an output shows, and how large.

use posterframe_contract::{Fit, MAX_SIDE, OutputRequest, OutputSize};

use crate::PictureError;

/// Where the pixels of an output come from and go to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// The part of the frame, in pixels of its true shape: left, top, width and height.
    pub part: [f64; 4],
    /// Width and height of that part in the output.
    pub size: (u32, u32),
    /// Width and height of the output.
    pub canvas: (u32, u32),
}

impl Geometry {
    /// The geometry of an output of a frame whose true shape has this size.
    ///
    /// # Errors
    /// The crop is not within the frame, or a side is longer than the formats hold.
    pub fn of(frame: (u32, u32), output: &OutputRequest) -> Result<Self, PictureError> {
        let part = match output.crop {
            None => [0, 0, frame.0, frame.1],
            Some([left, top, width, height])
                if left.saturating_add(width) <= frame.0 && top.saturating_add(height) <= frame.1 =>
            {
                [left, top, width, height]
            }
            Some([left, top, width, height]) => {
                return Err(PictureError::Crop {
                    crop: format!("{width} × {height} at {left}, {top}"),
                    frame: format!("{} × {}", frame.0, frame.1),
                });
            }
        };
        let part = part.map(f64::from);
        let geometry = match output.size {
            None => Self::whole(part, (rounded(part[2]), rounded(part[3]))),
            Some(size) => Self::sized(part, size, output.fit),
        };
        let (width, height) = geometry.canvas;
        if width.max(height) > MAX_SIDE {
            return Err(PictureError::TooLarge { width, height });
        }
        Ok(geometry)
    }

    const fn whole(part: [f64; 4], size: (u32, u32)) -> Self {
        Self {
            part,
            size,
            canvas: size,
        }
    }

    fn sized(part: [f64; 4], size: OutputSize, fit: Fit) -> Self {
        let [left, top, width, height] = part;
        let (
            OutputSize {
                width: Some(across), ..
            },
            Some(down),
        ) = (size, size.height)
        else {
            // One side alone: the other follows.
            let across = size.width.map_or(f64::INFINITY, |side| f64::from(side) / width);
            let down = size.height.map_or(f64::INFINITY, |side| f64::from(side) / height);
            return Self::whole(part, scaled((width, height), across.min(down).min(1.0)));
        };
        let (by_width, by_height) = (f64::from(across) / width, f64::from(down) / height);
        match fit {
            Fit::Fit => Self::whole(part, scaled((width, height), by_width.min(by_height).min(1.0))),
            Fit::Crop => {
                let scale = by_width.max(by_height);
                let (kept_across, kept_down) = (f64::from(across) / scale, f64::from(down) / scale);
                let part = [
                    left + (width - kept_across) / 2.0,
                    top + (height - kept_down) / 2.0,
                    kept_across,
                    kept_down,
                ];
                Self::whole(part, (across, down))
            }
            Fit::Pad => Self {
                part,
                size: scaled((width, height), by_width.min(by_height)),
                canvas: (across, down),
            },
        }
    }
}

fn scaled((width, height): (f64, f64), scale: f64) -> (u32, u32) {
    (rounded(width * scale), rounded(height * scale))
}

fn rounded(length: f64) -> u32 {
    (length.round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn geometry(frame: (u32, u32), output: &str) -> Geometry {
        Geometry::of(frame, &output.parse().unwrap()).unwrap()
    }

    // Breaks if an output has another size or shape than was asked, is enlarged unasked, or is cut off centre.
    #[test]
    fn sizes_and_shapes() {
        let hd = (1920, 1080);
        for (output, size, canvas) in [
            ("png", (1920, 1080), (1920, 1080)),
            ("jpeg:1280x720", (1280, 720), (1280, 720)),
            ("jpeg:1000x1000", (1000, 563), (1000, 563)),
            ("jpeg:x540", (960, 540), (960, 540)),
            ("jpeg:4000x", (1920, 1080), (1920, 1080)),
            ("jpeg:1080x1080:crop", (1080, 1080), (1080, 1080)),
            ("jpeg:1000x1000:pad", (1000, 563), (1000, 1000)),
            ("jpeg:3840x2160:pad", (3840, 2160), (3840, 2160)),
            ("jpeg:crop=10,20,300,200", (300, 200), (300, 200)),
        ] {
            let geometry = geometry(hd, output);
            assert_eq!((geometry.size, geometry.canvas), (size, canvas), "{output}");
        }
        assert_eq!(
            geometry(hd, "jpeg:1080x1080:crop").part,
            [420.0, 0.0, 1080.0, 1080.0]
        );
        assert!(Geometry::of(hd, &"jpeg:crop=1900,0,30,10".parse().unwrap()).is_err());
    }

    proptest! {
        // Breaks if any size of a frame and an output leads out of the frame, or to a picture without pixels.
        #[test]
        fn within_the_frame(
            width in 1_u32..9_000, height in 1_u32..9_000, across in 1_u32..4_000, down in 1_u32..4_000, fit in 0_usize..3,
        ) {
            let fit = ["fit", "crop", "pad"][fit];
            let Geometry { part: [left, top, w, h], size, canvas } =
                geometry((width, height), &format!("jpeg:{across}x{down}:{fit}"));
            let tolerance = 1e-6 * f64::from(width.max(height));
            prop_assert!(left >= -tolerance && top >= -tolerance);
            prop_assert!(left + w <= f64::from(width) + tolerance && top + h <= f64::from(height) + tolerance);
            prop_assert!(size.0 >= 1 && size.1 >= 1 && size.0 <= canvas.0 && size.1 <= canvas.1);
            prop_assert!(fit == "fit" || canvas == (across, down));
        }
    }
}
