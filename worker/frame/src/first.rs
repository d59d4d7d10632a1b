//! Decodes the video's first frame. The ffmpeg program configures its filter graph for this frame, and gives all later
//! pictures its size. The container or the codec's header may say another size, and later pictures may have another one,
//! so the frame must be decoded.

use ffmpeg_next::{Packet, frame};

use crate::Error;
use crate::convert::Setup;
use crate::decode::Pipeline;

/// Most packets to try.
const MAX_PACKETS: usize = 256;

/// Decodes as few packets as the first frame needs. The pipeline must be at the first packet, and must seek afterwards.
///
/// A decoder may hold back frames until it is drained. So it is drained after the first packet, and if no frame comes
/// out, again with twice as many packets.
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
            // Errors are ignored: the ffmpeg program continues with the next packet too.
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
            return Ok(Some(Setup::of(&first, pipeline.demuxer.matrix_of(&first))));
        }
        if packets.len() < wanted {
            break;
        }
        wanted *= 2;
    }
    Ok(None)
}
