//! Display rotation as the ffmpeg program applies it (5.1, `configure_input_video_filter`).

use ffmpeg_next::format::context::Input;
use ffmpeg_next::{codec, frame};

use posterframe_contract::Rotation;

use crate::turn::Turn;

/// 1.0 in the 16.16 fixed point of a matrix.
const ONE: i32 = 1 << 16;

/// A display matrix: rows of a transformation, 16.16 and 2.30 fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Matrix([i32; 9]);

impl Matrix {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut matrix = [0; 9];
        if bytes.len() < 36 {
            return None;
        }
        for (value, bytes) in matrix.iter_mut().zip(bytes.chunks_exact(4)) {
            *value = i32::from_ne_bytes(bytes.try_into().ok()?);
        }
        Some(Self(matrix))
    }

    /// The matrix of a turn by quarters.
    pub(crate) const fn clockwise(rotation: Rotation) -> Self {
        let [a, b, c, d] = match rotation {
            Rotation::None => [1, 0, 0, 1],
            Rotation::Quarter => [0, 1, -1, 0],
            Rotation::Half => [-1, 0, 0, -1],
            Rotation::ThreeQuarters => [0, -1, 1, 0],
        };
        Self([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30])
    }

    /// The container's matrix of a stream.
    pub(crate) fn of_stream(input: &Input, stream: usize) -> Option<Self> {
        let stream = input.stream(stream)?;
        let side_data = stream
            .side_data()
            .find(|side_data| side_data.kind() == codec::packet::side_data::Type::DisplayMatrix)?;
        Self::from_bytes(side_data.data())
    }

    /// The frame's own matrix, which takes precedence over the container's.
    pub(crate) fn of_frame(picture: &frame::Video) -> Option<Self> {
        Self::from_bytes(picture.side_data(frame::side_data::Type::DisplayMatrix)?.data())
    }

    /// The clockwise rotation in degrees, from 0 to below 360.
    pub(crate) fn degrees(self) -> f64 {
        let [a, b, _, c, d, ..] = self.0.map(f64::from);
        let scale = (a.hypot(c), b.hypot(d));
        if scale.0 == 0.0 || scale.1 == 0.0 {
            return 0.0;
        }
        // The same as in `av_display_rotation_get` and `get_rotation`.
        let rotation = -(b / scale.1).atan2(a / scale.0).to_degrees();
        let theta = -rotation.round();
        theta - 360.0 * (theta / 360.0 + 0.9 / 360.0).floor()
    }

    /// The operation that makes the picture upright.
    pub(crate) fn turn(self) -> Turn {
        let matrix = self.0;
        let theta = self.degrees();
        let near = |degrees: f64| (theta - degrees).abs() < 1.0;
        if near(90.0) {
            let mirrored = matrix[3] > 0;
            Turn::Quarter {
                across: !mirrored,
                down: false,
            }
        } else if near(180.0) {
            Turn::flip(matrix[0] < 0, matrix[4] < 0)
        } else if near(270.0) {
            let mirrored = matrix[3] < 0;
            Turn::Quarter {
                across: mirrored,
                down: true,
            }
        } else if theta.abs() > 1.0 {
            Turn::Degrees(theta)
        } else {
            Turn::flip(false, matrix[4] < 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> Matrix {
        Matrix([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30])
    }

    // Breaks if a phone's video is sideways, upside down or mirrored.
    #[test]
    fn the_quarter_turns_and_mirrors() {
        let flip = |across, down| Turn::Flip { across, down };
        let quarter = |across, down| Turn::Quarter { across, down };
        assert_eq!(matrix(1, 0, 0, 1).turn(), Turn::None);
        assert_eq!(matrix(0, 1, -1, 0).turn(), quarter(true, false));
        assert_eq!(matrix(0, 1, 1, 0).turn(), quarter(false, false));
        assert_eq!(matrix(-1, 0, 0, -1).turn(), flip(true, true));
        assert_eq!(matrix(0, -1, 1, 0).turn(), quarter(false, true));
        assert_eq!(matrix(0, -1, -1, 0).turn(), quarter(true, true));
        assert_eq!(matrix(1, 0, 0, -1).turn(), flip(false, true));
        assert_eq!(matrix(-1, 0, 0, 1).turn(), flip(true, false));
    }

    // Breaks if a turn that is asked for goes the other way round, or by another angle.
    #[test]
    fn turns_that_are_asked_for() {
        for rotation in Rotation::ALL {
            let degrees = Matrix::clockwise(rotation).degrees();
            assert!(
                (degrees - f64::from(rotation.degrees())).abs() < 0.01,
                "{degrees}"
            );
        }
        assert_eq!(Matrix::clockwise(Rotation::None).turn(), Turn::None);
    }

    // Breaks if a malformed matrix causes a division by zero or rotates a picture.
    #[test]
    fn nonsense() {
        assert_eq!(matrix(0, 0, 0, 0).turn(), Turn::None);
        assert!(Matrix::from_bytes(&[0; 35]).is_none());
    }
}
