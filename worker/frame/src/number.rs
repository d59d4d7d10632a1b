//! A frame's number: how many frames are at a position before it. Known where all of them came out, and after a seek where
//! the container's index has an entry for each packet.

/// What is known of the frames that came before.
pub(crate) enum Numbering {
    /// All frames from the first one on have come out.
    FromTheStart {
        /// The largest timestamp of those, in ticks.
        newest: Option<i64>,
        /// Those that are at a position: a later frame with an earlier timestamp is at none.
        count: u64,
    },
    /// After a seek.
    Sought {
        /// Frames whose packets lie before the one that was landed on.
        before: Option<u64>,
        /// Timestamps of the packets since then that give a frame, in the order of decoding.
        packets: Vec<i64>,
    },
}

impl Numbering {
    pub(crate) const fn from_the_start() -> Self {
        Self::FromTheStart {
            newest: None,
            count: 0,
        }
    }

    /// After a seek to a packet that `before` frames' packets lie before.
    pub(crate) const fn sought(before: Option<u64>) -> Self {
        Self::Sought {
            before,
            packets: Vec::new(),
        }
    }

    /// A packet that gives a frame at `pts` is decoded.
    pub(crate) fn packet(&mut self, pts: i64) {
        if let Self::Sought { packets, .. } = self {
            packets.push(pts);
        }
    }

    /// A frame has come out.
    pub(crate) fn frame(&mut self, pts: i64) {
        if let Self::FromTheStart { newest, count } = self
            && newest.is_none_or(|newest| pts > newest)
        {
            *newest = Some(pts);
            *count += u64::from(pts >= 0);
        }
    }

    /// The number of the frame at `pts` that has just come out, counted from 0.
    pub(crate) fn of(&self, pts: i64) -> Option<u64> {
        match self {
            Self::FromTheStart { newest, count } => {
                (*newest == Some(pts)).then(|| count.checked_sub(1)).flatten()
            }
            Self::Sought { before, packets } => {
                // All packets of earlier pictures have been decoded by now: that is what the order of decoding is for.
                let since = packets.iter().filter(|&&packet| (0..pts).contains(&packet));
                Some((*before)? + since.count() as u64)
            }
        }
    }
}
