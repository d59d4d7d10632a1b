//! What a picture's colours are, in the terms of the stream and of the container: code points of ITU-T H.273.

use avif_serialize::constants as container;
use posterframe_av1::{ColorDescription, ColorPrimaries, MatrixCoefficients, TransferCharacteristics};

use crate::Tags;
use crate::colour::{Primaries, Transfer};

/// A picture's colours, for either.
pub(super) struct Colour {
    pub(super) description: ColorDescription,
    pub(super) primaries: container::ColorPrimaries,
    pub(super) transfer: container::TransferCharacteristics,
    pub(super) matrix: container::MatrixCoefficients,
    /// How much red, green and blue weigh in the luma.
    weights: [f32; 3],
}

impl Colour {
    /// HDR as it is, everything else as sRGB: what shows stills takes a video's SDR for that.
    pub(super) fn of(tags: Tags) -> Self {
        let hdr = tags.hdr();
        let primaries = hdr.map_or(Primaries::Bt709, |colour| colour.primaries);
        let (primaries, in_container) = match primaries {
            Primaries::Bt709 => (ColorPrimaries::BT709, container::ColorPrimaries::Bt709),
            Primaries::Bt2020 => (ColorPrimaries::BT2020, container::ColorPrimaries::Bt2020),
            Primaries::P3 => (ColorPrimaries::SMPTE432, container::ColorPrimaries::DisplayP3),
        };
        let (transfer, transfer_in_container) = match hdr.map(|colour| colour.transfer) {
            Some(Transfer::Pq) => (
                TransferCharacteristics::SMPTE2084,
                container::TransferCharacteristics::Smpte2084,
            ),
            Some(Transfer::Hlg) => (
                TransferCharacteristics::HLG,
                container::TransferCharacteristics::Hlg,
            ),
            Some(Transfer::Sdr) | None => (
                TransferCharacteristics::SRGB,
                container::TransferCharacteristics::Srgb,
            ),
        };
        // ITU-T H.273, table 4.
        let (matrix, matrix_in_container, red, blue) = if hdr.is_some() {
            let matrix = container::MatrixCoefficients::Bt2020Ncl;
            (MatrixCoefficients::BT2020NCL, matrix, 0.2627, 0.0593)
        } else {
            let matrix = container::MatrixCoefficients::Bt709;
            (MatrixCoefficients::BT709, matrix, 0.2126, 0.0722)
        };
        Self {
            description: ColorDescription {
                color_primaries: primaries,
                transfer_characteristics: transfer,
                matrix_coefficients: matrix,
            },
            primaries: in_container,
            transfer: transfer_in_container,
            matrix: matrix_in_container,
            weights: [red, 1.0 - red - blue, blue],
        }
    }

    /// The luma of red, green and blue, all from 0 to 1.
    pub(super) fn luma(&self, rgb: [f32; 3]) -> f32 {
        rgb[0] * self.weights[0] + rgb[1] * self.weights[1] + rgb[2] * self.weights[2]
    }

    /// How far blue and red are from the luma, from -0.5 to 0.5.
    pub(super) fn chroma(&self, rgb: [f32; 3]) -> [f32; 2] {
        let luma = self.luma(rgb);
        [(rgb[2], self.weights[2]), (rgb[0], self.weights[0])]
            .map(|(value, weight)| (value - luma) / (2.0 - 2.0 * weight))
    }
}
