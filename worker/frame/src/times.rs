//! Checks by decoding whether the first pictures come out in the order of their packets' timestamps. It is needed if the
//! timestamps alone do not show it.

use std::collections::BTreeSet;

use ffmpeg_next::frame;

use crate::decode::Pipeline;
use crate::order::PACKETS;
use crate::{Error, raw};

impl Pipeline {
    /// Whether the first pictures come out in the order of their packets' timestamps. The pipeline must be at the first
    /// packet; it is consumed.
    pub(crate) fn has_right_times(mut self) -> Result<bool, Error> {
        let mut expected = BTreeSet::new();
        let mut packets = 0;
        loop {
            let packet = self.demuxer.next()?.filter(|_| packets < PACKETS);
            packets += 1;
            let at_end = packet.is_none();
            let sent = match packet {
                Some(packet) => {
                    expected.extend(packet.pts().filter(|_| self.demuxer.gives_a_frame(&packet)));
                    self.decoder.send_packet(&packet)
                }
                None => self.decoder.send_eof(),
            };
            // A damaged stream proves nothing, so the answer is no.
            if sent.is_err() {
                return Ok(false);
            }
            let mut picture = frame::Video::empty();
            while self.decoder.receive_frame(&mut picture).is_ok() {
                self.limits.progress(raw::picture_bytes(&picture));
                if picture.pts() != expected.pop_first() {
                    return Ok(false);
                }
            }
            if at_end {
                return Ok(true);
            }
        }
    }
}
