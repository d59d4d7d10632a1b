//! What a video says of its colours: for people, for the tone curve, and for the files that keep its codes.
//!
//! The container says it in boxes of its own, or only the codec does, in messages beside its pictures. libav passes the
//! former on with the stream and the latter with the frames, and a decoder that has sought may have missed them. So they are
//! read off the first frame, once, and hold for all: a frame's peak does not depend on the way to it.

use ffmpeg_next::codec::packet::side_data::Type as OfStream;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::side_data::Type as OfFrame;
use ffmpeg_next::{Packet, codec::decoder, frame};
use posterframe_picture::{ContentLight, Light, MasteringDisplay, Tags};

use crate::demux::Demuxer;
use crate::{Error, raw};

/// Most packets that are read for the first frame.
const MAX_PACKETS: usize = 16;

/// What a video says of its colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    /// The colour primaries. These and the transfer function are numbers of ITU-T H.273; 2 where they are not known.
    pub primaries: u8,
    /// The transfer function.
    pub transfer: u8,
    /// How bright it is, where it is HDR and says so.
    pub light: Light,
    /// Dolby Vision's configuration.
    pub dolby_vision: Option<DolbyVision>,
    /// Whether it has the metadata of HDR10+, which change from scene to scene. Nothing here uses them.
    pub is_hdr10_plus: bool,
}

/// Which Dolby Vision a video is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DolbyVision {
    /// The profile: 5, 7, 8…
    pub profile: u8,
    /// What the pictures are without Dolby's metadata (`dv_bl_signal_compatibility_id`): 1 for HDR10, 2 for SDR, 4 for HLG, 0
    /// for nothing that others can show.
    pub compatibility: u8,
}

impl DolbyVision {
    /// Whether the pictures are in Dolby's own colour space (IPT-PQ-c2), which only Dolby's metadata turn into colours.
    pub const fn has_own_colours(self) -> bool {
        self.profile == 5 || matches!(self.profile, 10 | 20) && self.compatibility == 0
    }

    fn of(input: &Input, stream: usize) -> Option<Self> {
        let bytes = stream_data(input, stream, OfStream::DOVI_CONF)?;
        // `AVDOVIDecoderConfigurationRecord`: a byte for each value.
        match bytes[..] {
            [_, _, profile, _, _, _, _, compatibility, ..] => Some(Self {
                profile,
                compatibility,
            }),
            _ => None,
        }
    }
}

impl std::fmt::Display for DolbyVision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dolby Vision {}", self.profile)?;
        // The other profiles have one kind of base layer each.
        if matches!(self.profile, 8 | 10 | 20) {
            write!(f, ".{}", self.compatibility)?;
        }
        Ok(())
    }
}

impl Colours {
    /// Before anything is decoded.
    pub(crate) fn of_stream(input: &Input, stream: usize) -> Self {
        let (primaries, transfer) = raw::stream_colours(input, stream);
        let colours = Self {
            primaries,
            transfer,
            dolby_vision: DolbyVision::of(input, stream),
            ..Self::default()
        };
        if !colours.is_hdr() {
            return colours;
        }
        let data = |kind| stream_data(input, stream, kind);
        Self {
            light: Light {
                display: data(OfStream::MasteringDisplayMetadata).and_then(|bytes| display(&bytes)),
                content: data(OfStream::ContentLightLevel).and_then(|bytes| content(&bytes)),
            },
            ..colours
        }
    }

    /// Adds what only the first frame says, where it can matter. `decoder` is used up by it; `demuxer` has to be at the first
    /// packet, and stays there.
    pub(crate) fn add_first_frame(
        &mut self,
        demuxer: &mut Demuxer,
        decoder: decoder::Video,
    ) -> Result<(), Error> {
        if let Some(picture) = first_frame(demuxer, decoder)? {
            let data = |kind| Some(picture.side_data(kind)?.data().to_vec());
            self.light = self.light.or(Light {
                display: data(OfFrame::MasteringDisplayMetadata).and_then(|bytes| display(&bytes)),
                content: data(OfFrame::ContentLightLevel).and_then(|bytes| content(&bytes)),
            });
            self.is_hdr10_plus = picture.side_data(OfFrame::DYNAMIC_HDR_PLUS).is_some();
        }
        Ok(())
    }

    /// Whether it is PQ or HLG.
    pub const fn is_hdr(&self) -> bool {
        matches!(self.transfer, PQ | HLG)
    }

    /// The brightest light for the tone curve, in nits, where the video says it.
    pub fn peak_nits(&self) -> Option<f32> {
        self.light.mastering().max_nits
    }

    /// The tags of its frames, which say primaries and transfer function themselves.
    pub(crate) const fn tags(shape: (u32, u32), (primaries, transfer): (u8, u8), light: Light) -> Tags {
        let is_hdr = matches!(transfer, PQ | HLG);
        Tags {
            shape,
            primaries,
            transfer,
            light: if is_hdr { light } else { Light::UNKNOWN },
        }
    }

    /// What it is called: `HDR10 · PQ · BT.2020`, `HLG · BT.2020`, `Dolby Vision 8.1 · PQ · BT.2020`. `None` for SDR.
    pub fn label(&self) -> Option<String> {
        if let Some(dolby_vision) = self.dolby_vision.filter(|found| found.has_own_colours()) {
            return Some(format!("{dolby_vision} · its own colours"));
        }
        let dolby_vision = self.dolby_vision.map(|found| found.to_string());
        let transfer = match self.transfer {
            PQ => "PQ",
            HLG => "HLG",
            _ => return dolby_vision,
        };
        let says_light = self.light != Light::UNKNOWN;
        // HDR10 is PQ with these primaries and what SMPTE ST 2086 says of the display.
        let is_hdr10 = self.transfer == PQ && self.primaries == BT2020;
        let family = match dolby_vision {
            Some(name) => Some(name),
            None if is_hdr10 && self.is_hdr10_plus => Some("HDR10+".to_owned()),
            None if is_hdr10 && says_light => Some("HDR10".to_owned()),
            None => None,
        };
        let primaries = match self.primaries {
            1 => Some("BT.709"),
            BT2020 => Some("BT.2020"),
            11 | 12 => Some("P3"),
            _ => None,
        };
        let parts = [
            family,
            Some(transfer.to_owned()),
            primaries.map(ToOwned::to_owned),
        ];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    }

    /// What to know before a picture is made of it, if its colours will be wrong.
    pub fn warning(&self) -> Option<String> {
        let dolby_vision = self.dolby_vision.filter(|found| found.has_own_colours())?;
        Some(format!(
            "The video is {dolby_vision}: its colours need Dolby's own conversion, which Posterframe does not do. Pictures of it \
             will look wrong (green and purple). The exact PNG is what ffmpeg writes"
        ))
    }
}

/// ITU-T H.273's numbers.
const BT2020: u8 = 9;
const PQ: u8 = 16;
const HLG: u8 = 18;

fn stream_data(input: &Input, stream: usize, kind: OfStream) -> Option<Vec<u8>> {
    let stream = input.stream(stream)?;
    let data = stream.side_data().find(|data| data.kind() == kind)?;
    Some(data.data().to_vec())
}

/// libav keeps these as plain structures of native numbers.
fn numbers(bytes: &[u8]) -> Vec<i32> {
    let (numbers, _) = bytes.as_chunks();
    numbers.iter().map(|bytes| i32::from_ne_bytes(*bytes)).collect()
}

/// Of an `AVMasteringDisplayMetadata`: the primaries and the white as fractions, the least and the most light, and whether
/// each half is there.
fn display(bytes: &[u8]) -> Option<MasteringDisplay> {
    let numbers = numbers(bytes);
    let fraction = |at: usize, units: f64| {
        let (over, under) = (f64::from(numbers[at * 2]), f64::from(numbers[at * 2 + 1]));
        if under > 0.0 {
            (over / under * units).round()
        } else {
            0.0
        }
    };
    let [has_primaries, has_luminance] = numbers.get(20..22)? else {
        return None;
    };
    if *has_luminance == 0 {
        return None;
    }
    let mut chromaticities = [0; 8];
    if *has_primaries != 0 {
        chromaticities = std::array::from_fn(|at| fraction(at, 50_000.0) as u16);
    }
    Some(MasteringDisplay {
        chromaticities,
        max_luminance: fraction(9, 10_000.0) as u32,
        min_luminance: fraction(8, 10_000.0) as u32,
    })
}

/// Of an `AVContentLightMetadata`: `MaxCLL` and `MaxFALL`.
fn content(bytes: &[u8]) -> Option<ContentLight> {
    let [max_pixel, max_frame_average, ..] = numbers(bytes)[..] else {
        return None;
    };
    let nits = |value: i32| u32::try_from(value).unwrap_or(0);
    Some(ContentLight {
        max_pixel: nits(max_pixel),
        max_frame_average: nits(max_frame_average),
    })
}

/// The first frame that comes out. Packets that are read for it are read again by who comes next.
fn first_frame(demuxer: &mut Demuxer, mut decoder: decoder::Video) -> Result<Option<frame::Video>, Error> {
    let mut picture = frame::Video::empty();
    for at in 0..MAX_PACKETS {
        let Some(packet): Option<Packet> = demuxer.ahead(at)?.cloned() else {
            break;
        };
        // Errors are ignored: the ffmpeg program continues with the next packet too.
        let _ = decoder.send_packet(&packet);
        if decoder.receive_frame(&mut picture).is_ok() {
            return Ok(Some(picture));
        }
    }
    let _ = decoder.send_eof();
    Ok(decoder.receive_frame(&mut picture).is_ok().then_some(picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(primaries: u8, transfer: u8, dolby_vision: Option<(u8, u8)>) -> Colours {
        Colours {
            primaries,
            transfer,
            dolby_vision: dolby_vision.map(|(profile, compatibility)| DolbyVision {
                profile,
                compatibility,
            }),
            ..Colours::default()
        }
    }

    // Breaks if a kind of HDR is called otherwise, SDR is called anything, or a Dolby Vision that others can show is warned of.
    #[test]
    fn names_and_warnings() {
        let label = |primaries, transfer, vision| colours(primaries, transfer, vision).label();
        assert_eq!(label(1, 1, None), None);
        assert_eq!(label(2, 2, None), None);
        assert_eq!(label(9, PQ, None).unwrap(), "PQ · BT.2020");
        assert_eq!(label(12, PQ, None).unwrap(), "PQ · P3");
        assert_eq!(label(9, HLG, None).unwrap(), "HLG · BT.2020");
        assert_eq!(
            label(9, PQ, Some((8, 1))).unwrap(),
            "Dolby Vision 8.1 · PQ · BT.2020"
        );
        assert_eq!(
            label(9, HLG, Some((8, 4))).unwrap(),
            "Dolby Vision 8.4 · HLG · BT.2020"
        );
        assert_eq!(
            label(9, PQ, Some((7, 6))).unwrap(),
            "Dolby Vision 7 · PQ · BT.2020"
        );
        assert_eq!(
            label(2, 2, Some((5, 0))).unwrap(),
            "Dolby Vision 5 · its own colours"
        );
        let warned = [(5, 0), (10, 0), (8, 1), (10, 1), (7, 6)]
            .map(|vision| colours(9, PQ, Some(vision)).warning().is_some());
        assert_eq!(warned, [true, true, false, false, false]);
        let mut hdr10 = colours(9, PQ, None);
        hdr10.light.content = content(&[1000_i32.to_ne_bytes(), 400_i32.to_ne_bytes()].concat());
        assert_eq!(hdr10.label().unwrap(), "HDR10 · PQ · BT.2020");
        hdr10.is_hdr10_plus = true;
        assert_eq!(hdr10.label().unwrap(), "HDR10+ · PQ · BT.2020");
    }

    // Breaks if truncated metadata, or fractions over zero, end in a panic.
    #[test]
    fn nonsense() {
        assert_eq!(display(&[1; 87]), None);
        assert_eq!(content(&[1; 7]), None);
        let zero = [0_i32; 20].into_iter().chain([1, 1]);
        let zero: Vec<u8> = zero.flat_map(i32::to_ne_bytes).collect();
        assert_eq!(display(&zero).unwrap().max_luminance, 0);
    }
}
