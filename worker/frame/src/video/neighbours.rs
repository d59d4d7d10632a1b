//! The frames before and after the one that was found, for deinterlacing. They are decoded only for a frame that is to be
//! deinterlaced, which is not known before it is there.

use std::time::Duration;

use super::{Back, FoundFrame, Video};
use crate::deinterlace::Neighbours;
use crate::recent::{Found, Recent};
use crate::{Deinterlace, Error, raw};

impl Video {
    /// The frame at `position`, with its neighbours where the options ask for them.
    pub(super) fn find_with_neighbours(&mut self, position: Duration) -> Result<FoundFrame, Error> {
        let found = self.find_at(position)?;
        let neighbours = if self.is_to_deinterlace(&found) {
            Some(self.neighbours(&found)?)
        } else {
            None
        };
        Ok(FoundFrame {
            converter: self.converter(),
            found,
            neighbours,
        })
    }

    fn is_to_deinterlace(&self, found: &Found) -> bool {
        match self.limits.options().deinterlace {
            Deinterlace::Off => false,
            Deinterlace::Auto => found.decoded.picture.is_interlaced(),
            Deinterlace::On => true,
        }
    }

    pub(crate) fn neighbours(&mut self, found: &Found) -> Result<Neighbours, Error> {
        if !self.recent.keeps() {
            // As many as are wanted, so that the way back is decoded once.
            self.recent = Recent::new(0);
        }
        // The one after comes last: then decoding goes on from there, to the next position.
        let before = match self.recent.before(found.pts) {
            None if found.number == Some(0) => None,
            None => self.decode_before(found.pts)?,
            before => before,
        };
        let after = self.find(found.pts.saturating_add(1), Back::IfItIsAStep)?;
        Ok(Neighbours {
            before: before.map(|found| found.decoded),
            after: after.map(|found| found.decoded),
        })
    }

    /// Whether frames are likely to be deinterlaced.
    pub(super) fn expects_fields(&self) -> bool {
        let demuxer = &self.pipeline.demuxer;
        match self.limits.options().deinterlace {
            Deinterlace::Off => false,
            Deinterlace::Auto => !raw::is_progressive(&demuxer.input, demuxer.stream),
            Deinterlace::On => true,
        }
    }

    /// How long before a target all frames are decoded, so that the one before it is among them: two frames, since some
    /// containers count fields.
    pub(super) fn fields_lead(&self) -> Duration {
        if !self.expects_fields() {
            return Duration::ZERO;
        }
        let (num, den) = self.info.frame_rate.unwrap_or((25, 1));
        Duration::from_secs(2 * u64::from(den)) / num.max(1)
    }
}
