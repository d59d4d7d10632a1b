//! The video's first frame: the ffmpeg program sets up its filter graph when that comes out of the decoder, and gives
//! all later pictures the size that it has then. What the container or the codec's header says may be another one, and
//! pictures may change their size on the way: only decoding tells.

use ffmpeg_next::{Packet, frame};

use crate::Error;
use crate::convert::Setup;
use crate::decode::Pipeline;
use crate::rotation::Matrix;

/// Most packets that are tried.
const MAX_PACKETS: usize = 256;

/// Decodes as few packets as the first frame takes. The pipeline must be at the first packet, and must seek afterwards.
///
/// A decoder holds frames back as long as more may come. So the decoder is drained after the
/// first packet; where no frame comes out, twice as many packets are tried.
pub(crate) fn decode(pipeline: &mut Pipeline) -> Result<Option<Setup>, Error> {
    let mut packets: Vec<Packet> = Vec::new();
    let mut wanted = 1;
    while wanted <= MAX_PACKETS {
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
