//! Whether packets tell the times of their pictures.
//!
//! A file that was copied out of a container without presentation times (AVI, some FLV) into one with them (MP4, MKV,
//! MOV) has the time of decoding in their place. Where the codec puts pictures in another order than packets, libav
//! notices that only on the way, and what it gives a picture for a time depends on all that came before: a seek would
//! give other times than the way from the start.

use ffmpeg_next::Packet;
use ffmpeg_next::codec::Id;

/// A codec that reorders pictures does so within so many packets: no encoder refers further ahead.
pub(crate) const PACKETS: usize = 32;
/// Start code of each picture of MPEG-4 (ISO/IEC 14496-2, `vop_start_code`).
const VOP: [u8; 4] = [0, 0, 1, 0xB6];

/// Whether packets have the presentation times of their pictures, as far as the packets read so far show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PacketTimes {
    /// Every packet has its picture's presentation time.
    Right,
    /// Some packets have another picture's time.
    Wrong,
    /// The codec may reorder pictures, but no packet's time says that it does.
    Unclear,
}

#[derive(Debug, Default)]
pub(crate) struct Order {
    reorders: bool,
    codec: Option<Id>,
    newest: Option<i64>,
    packets: usize,
    goes_back: bool,
    is_packed: bool,
}

impl Order {
    pub(crate) fn new(codec: Id, reorders: bool) -> Self {
        Self {
            reorders,
            codec: Some(codec),
            ..Self::default()
        }
    }

    /// The next packet in the order of decoding.
    pub(crate) fn packet(&mut self, packet: &Packet) {
        self.packets += 1;
        if let Some(pts) = packet.pts() {
            self.goes_back |= self.newest.is_some_and(|newest| pts < newest);
            self.newest = self.newest.max(Some(pts));
        }
        if self.codec == Some(Id::MPEG4) {
            self.is_packed |= packet.data().is_some_and(has_two_pictures);
        }
    }

    pub(crate) fn packet_times(&self) -> PacketTimes {
        match self {
            Self { is_packed: true, .. } => PacketTimes::Wrong,
            Self { reorders: false, .. } | Self { goes_back: true, .. } => PacketTimes::Right,
            _ => PacketTimes::Unclear,
        }
    }

    /// Whether further packets are unlikely to change [`Self::packet_times`].
    pub(crate) fn is_settled(&self) -> bool {
        let may_be_packed = self.codec == Some(Id::MPEG4) && self.reorders;
        self.packets >= PACKETS || self.packet_times() != PacketTimes::Unclear && !may_be_packed
    }
}

/// "Packed bitstream" of `DivX` and `XviD`: a picture and the one that it refers to, in one packet with one time.
fn has_two_pictures(data: &[u8]) -> bool {
    data.windows(VOP.len()).filter(|four| *four == VOP).count() > 1
}
