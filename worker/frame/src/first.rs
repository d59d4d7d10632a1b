//! The video's first frame: the ffmpeg program sets up its filter graph when that comes out of the decoder, and gives
//! all later pictures the size that it has then. What the container or the codec's header says may be another one, and
//! pictures may change their size on the way: only decoding tells.

use ffmpeg_next::{Packet, frame};

use crate::Error;
use crate::convert::Setup;
use crate::decode::Pipeline;
use crate::rotation::Matrix;

/// Packets after which there is no use in going on: what then comes out is the first frame.
const MOST: usize = 256;

/// Decodes no more than it takes, from the start: where the pipeline is right after it was opened. It must be sought
/// after this.
///
/// A decoder holds frames back as long as more may come. Here the end is claimed after the first packet, so that its
/// picture comes out at once; where none does, it is tried with twice as many.
pub(crate) fn decode(pipeline: &mut Pipeline) -> Result<Option<Setup>, Error> {
    let mut packets: Vec<Packet> = Vec::new();
    let mut wanted = 1;
    while wanted <= MOST {
        while packets.len() < wanted
            && let Some(packet) = pipeline.demuxer.next()?
        {
            packets.push(packet);
        }
        let decoder = &mut pipeline.decoder;
        let mut first = frame::Video::empty();
        let mut found = false;
        for packet in &packets {
            // A packet that cannot be decoded gives no frame; the program goes on with the next one too.
            let _ = decoder.send_packet(packet);
            found = decoder.receive_frame(&mut first).is_ok();
            if found {
                break;
            }
        }
        if !found {
            let _ = decoder.send_eof();
            found = decoder.receive_frame(&mut first).is_ok();
        }
        decoder.flush();
        if found {
            return Ok(Some(Setup::of(&first, Matrix::of_frame(&first))));
        }
        if packets.len() < wanted {
            break;
        }
        wanted *= 2;
    }
    Ok(None)
}
