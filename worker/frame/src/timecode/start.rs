//! What a file says of its first frame: the `tmcd` track of MOV and MP4 (cameras' too, such as `GoPro`'s), the TIMECODE tag of
//! Matroska, the material package of MXF. libav has all of them as metadata with one name.

use ffmpeg_next::format::context::Input;
use ffmpeg_next::media;
use posterframe_contract::{TimecodeRate, TimecodeScale};

use super::positive;
use crate::NoTimecode;
use crate::raw::{self, Of};

/// A first timecode, as the file says it.
pub(super) struct Start {
    text: String,
    /// The frames that a track of its own counts in a second.
    counted: Option<u16>,
}

/// The video stream's own, else the file's, else that of any other track.
pub(super) fn of(input: &Input, stream: usize) -> Option<Start> {
    let said = |of| raw::text(input, of, c"timecode");
    let text = said(Of::Stream(stream)).or_else(|| said(Of::File));
    let track = input
        .streams()
        .filter(|track| track.parameters().medium() == media::Type::Data)
        .find_map(|track| Some((said(Of::Stream(track.index()))?, positive(track.avg_frame_rate()))));
    let (of_track, rate) = track.unzip();
    let rate = rate.flatten().and_then(|rate| TimecodeRate::of(rate, false));
    let is_of_track = text.is_none() || text == of_track;
    Some(Start {
        text: text.or(of_track)?,
        counted: rate.filter(|_| is_of_track).map(TimecodeRate::frames),
    })
}

impl Start {
    /// The timecodes that begin with it, of a video that has `frames` in a second.
    pub(super) fn scale(&self, frames: u16) -> Result<TimecodeScale, NoTimecode> {
        let counted = self.counted.unwrap_or(frames);
        if counted == 0 || !frames.is_multiple_of(counted) {
            return Err(NoTimecode::OtherRate { counted, frames });
        }
        let scale = TimecodeScale::parse_start(&self.text, counted, frames / counted);
        scale.ok_or_else(|| NoTimecode::Unreadable {
            text: self.text.clone(),
            frames: counted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a track that counts half of a video's frames puts its timecodes elsewhere, or one that does not fit is used.
    #[test]
    fn tracks_of_another_rate() {
        let scale = |text: &str, counted, frames| {
            let start = Start {
                text: text.to_owned(),
                counted,
            };
            start.scale(frames).map(|scale| scale.timecode(31).to_string())
        };
        assert_eq!(scale("01:00:00:10", Some(30), 60), Ok("01:00:00:51".to_owned()));
        assert_eq!(scale("01:00:00;10", Some(60), 60), Ok("01:00:00;41".to_owned()));
        assert_eq!(scale("01:00:00:10", None, 24), Ok("01:00:01:17".to_owned()));
        let (counted, frames) = (25, 24);
        assert_eq!(
            scale("01:00:00:10", Some(25), 24),
            Err(NoTimecode::OtherRate { counted, frames })
        );
        let error = scale("01:00:00;00", None, 25).unwrap_err();
        assert!(
            error.to_string().contains("“01:00:00;00” at 25 frames"),
            "{error}"
        );
    }
}
