//! What a video at a distance has beside what a file has: its place, its reader, and what is read of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use egui::Context;
use posterframe_client::RemoteVideo;
use posterframe_player::VideoSource;
use posterframe_remote::{Place, ReadCounts, Remote};

use crate::context::reach;
use crate::distant::{self, Opener};

/// A video at a distance.
pub struct Distant {
    pub place: Place,
    /// `None` until there is a login for it.
    remote: Option<Remote>,
    /// While a submit copies it to this machine, and what is to be done with such a copy.
    pub copying: Copying,
}

/// Whether a submit sends a copy of a video at a distance, since no task may read it where it is.
#[derive(Clone, Default)]
pub struct Copying {
    pub is_wanted: bool,
    state: Arc<CopyState>,
}

#[derive(Default)]
struct CopyState {
    copied: AtomicU64,
    is_running: AtomicBool,
}

impl Copying {
    /// Begins, with nothing copied.
    pub fn begin(&self) {
        self.state.copied.store(0, Ordering::Relaxed);
        self.state.is_running.store(true, Ordering::Relaxed);
    }

    /// Takes in how much is copied. Whether it is to go on.
    pub fn goes_on(&self, copied: u64) -> bool {
        self.state.copied.store(copied, Ordering::Relaxed);
        self.state.is_running.load(Ordering::Relaxed)
    }

    /// Ends it, whether all is copied or not.
    pub fn end(&self) {
        self.state.is_running.store(false, Ordering::Relaxed);
    }

    /// How many bytes are copied, while it is under way.
    pub fn copied(&self) -> Option<u64> {
        let is_running = self.state.is_running.load(Ordering::Relaxed);
        is_running.then(|| self.state.copied.load(Ordering::Relaxed))
    }
}

impl Distant {
    pub fn new(place: Place) -> Self {
        Self {
            place,
            remote: None,
            copying: Copying::default(),
        }
    }

    /// Makes its reader, where there is none and there is a login. No request is made.
    pub fn reach(&mut self, ctx: &Context, opener: &Opener) {
        if self.remote.is_none() {
            self.remote = reach(ctx, opener, &self.place).ok();
        }
    }

    /// Gives its reader up: the next one reads the video as it is then.
    pub fn let_go(&mut self) {
        self.remote = None;
    }

    pub const fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    pub fn source(&self) -> Option<VideoSource> {
        self.remote.clone().map(VideoSource::from)
    }

    /// What a submission says of it, once it is open.
    pub fn described(&self) -> Option<RemoteVideo> {
        let remote = self.remote.as_ref()?;
        remote.size()?;
        Some(distant::described(&self.place, remote))
    }

    /// What was read of it, and what is on its way.
    pub fn counts(&self) -> Option<ReadCounts> {
        Some(self.remote.as_ref()?.stats().counts())
    }
}
