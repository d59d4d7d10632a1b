//! How a video is read where it is not to be as its file says.

use std::num::NonZeroU16;

use posterframe_contract::{Interpretation, Rotation};

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct InterpretArgs {
    /// Take this one of several video tracks, counted from 1 [default: the largest; “frame --json” lists them]
    #[arg(long, value_name = "N")]
    track: Option<NonZeroU16>,
    /// Turn pictures clockwise by 0, 90, 180 or 270 degrees, in place of what the file says
    #[arg(long, value_name = "DEGREES")]
    rotate: Option<Rotation>,
    /// Pass over the edit lists of MP4 and MOV, so that what they leave out is there, too
    #[arg(long)]
    ignore_edits: bool,
}

impl InterpretArgs {
    pub(super) const fn interpretation(&self) -> Interpretation {
        Interpretation {
            track: self.track,
            rotate: self.rotate,
            ignore_edits: self.ignore_edits,
        }
    }
}
