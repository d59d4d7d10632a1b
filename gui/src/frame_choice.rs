//! From a decoded frame to what a submission asks for.

use posterframe_client::{FrameChoice, Pixels};
use posterframe_contract::Position;
use posterframe_player::Proof;

/// The submission's choice of the frame at `position`. `proof` is of that frame. Encodes a PNG: not for the window's
/// thread.
pub fn frame_choice(position: Position, number: Option<usize>, proof: &Proof) -> FrameChoice {
    let (width, height) = proof.size;
    FrameChoice {
        position,
        number: number.map(|number| number as u64),
        preview_sha256: Some(proof.sha256.clone()),
        preview_libav: Some(posterframe_frame::libav_version()),
        preview_pixels: Some(Pixels {
            width,
            height,
            format: proof.format.to_owned(),
        }),
        // A still that cannot be encoded does not stop the job: the list shows a placeholder.
        still_png: proof.still.as_ref().and_then(|still| still.encode_png().ok()),
    }
}
