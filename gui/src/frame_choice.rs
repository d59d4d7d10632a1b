//! From a decoded frame to what a submission asks for.

use posterframe_client::{FrameChoice, Pixels, Preview};
use posterframe_contract::Position;
use posterframe_frame::{Options, Video};
use posterframe_player::{Footage, Proof};

use crate::select::{self, Picked};

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

/// The choices of the picked frames, which are decoded in one way through the video.
///
/// # Errors
/// One of them cannot be decoded.
pub fn decoded_choices(video: Video, picked: &[Picked]) -> anyhow::Result<Vec<FrameChoice>> {
    select::decode(video, picked, |index, frame| {
        let Picked { position, number, .. } = picked[index];
        let number = number.or(frame.number).map(|number| number as usize);
        Ok(frame_choice(position, number, &Proof::of(&frame.image)))
    })
}

/// The choices of the picked frames of a video that is opened for them. What the network said goes before what libav made
/// of it.
///
/// # Errors
/// It cannot be opened, or one of them cannot be decoded.
pub fn choices_of(video: &Footage, picked: &[Picked]) -> anyhow::Result<Vec<FrameChoice>> {
    let decoded = video
        .open(video.source.options(Options::default()))
        .map_err(anyhow::Error::from)
        .and_then(|video| decoded_choices(video, picked));
    decoded.map_err(|error| video.source.take_error().map_or(error, anyhow::Error::new))
}
