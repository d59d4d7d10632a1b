//! One picture as an AV1 stream, by rav1e.
//!
//! rav1e's code is generic over the width of a value: each crate that encodes compiles all of it again, which takes minutes.
//! Here it is compiled once.

use rav1e::{Config, Context, EncoderStatus};

pub use rav1e::color::{
    ChromaSampling, ColorDescription, ColorPrimaries, MatrixCoefficients, PixelRange, TransferCharacteristics,
};
pub use rav1e::config::SpeedSettings;
pub use rav1e::data::Rational;
pub use rav1e::{EncoderConfig, InvalidConfig};

/// Values of 16 bits also where the picture has 8: that takes rav1e no longer and gives the same stream, with one copy of its
/// code instead of two.
pub type Frame = rav1e::Frame<u16>;
/// One of a frame's planes: luma or chroma.
pub type Plane = rav1e::prelude::Plane<u16>;

/// Encodes one picture, whose planes are filled by `fill`. The stream is the same for the same picture and configuration.
///
/// # Errors
/// rav1e refuses the configuration or the picture: why, in its words.
pub fn encode(config: EncoderConfig, fill: &dyn Fn(&mut Frame)) -> Result<Vec<u8>, String> {
    let context = Config::new().with_encoder_config(config).new_context();
    let mut context: Context<u16> = context.map_err(|error| error.to_string())?;
    let mut frame = context.new_frame();
    fill(&mut frame);
    context.send_frame(frame).map_err(|error| error.to_string())?;
    context.flush();
    let mut stream = Vec::new();
    loop {
        match context.receive_packet() {
            Ok(packet) => stream.extend(packet.data),
            Err(EncoderStatus::Encoded) => {}
            Err(EncoderStatus::LimitReached) => return Ok(stream),
            Err(error) => return Err(error.to_string()),
        }
    }
}
