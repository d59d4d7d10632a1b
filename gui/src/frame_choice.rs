//! From a decoded frame to what a submission asks for.

use posterframe_client::{FrameChoice, Pixels, Preview};
use posterframe_contract::Position;
use posterframe_player::Proof;

/// The submission's choice of the frame at `position`. `proof` is of that frame. Encodes a PNG: not for the window's
/// thread.
pub fn frame_choice(position: Position, number: Option<usize>, proof: &Proof) -> FrameChoice {
    let (width, height) = proof.size;
    FrameChoice {
        position,
        number: number.map(|number| number as u64),
        name: None,
        note: None,
        preview: Some(Preview {
            sha256: proof.sha256.clone(),
            libav: posterframe_frame::libav_version(),
            pixels: Some(Pixels {
                width,
                height,
                format: proof.format.to_owned(),
            }),
        }),
        // A still that cannot be encoded does not stop the job: the list shows a placeholder.
        picture_png: proof.still.as_ref().and_then(|still| still.encode_png().ok()),
    }
}
