//! Detects whether packets have the presentation times of their pictures.
//!
//! A file that was copied from a container without presentation times (AVI, some FLV) into one with them (MP4, MKV, MOV)
//! has decoding times instead. If the codec reorders pictures, libav detects this only while it decodes, and the times
//! that it gives to pictures depend on all previous ones. After a seek they would differ from those of decoding from the
//! start.

use ffmpeg_next::Packet;
use ffmpeg_next::codec::Id;

/// Number of packets that show whether a codec reorders pictures: no encoder refers further ahead.
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

    /// Takes the next packet, in decoding order.
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

/// Whether a packet is a "packed bitstream" of `DivX` or `XviD`: it holds a picture and the one that it refers to, with
/// one time for both.
fn has_two_pictures(data: &[u8]) -> bool {
    data.windows(VOP.len()).filter(|four| *four == VOP).count() > 1
}
