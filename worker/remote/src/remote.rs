//! One version of one object at a distance, with any number of readers.

use std::sync::Arc;

use crate::error::SourceError;
use crate::ranges::{Ranges, Version};
use crate::reader::Reader;
use crate::shared::{RemoteOptions, Shared};
use crate::stats::ReadStats;

/// One version of a video at a distance. Clones are the same.
#[derive(Clone)]
pub struct Remote(Arc<Shared>);

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.name())
    }
}

impl Remote {
    /// The object that `ranges` asks for. Makes no request before it is opened or read. Requests run on the tokio runtime in
    /// which this is called.
    pub fn new(ranges: impl Ranges + 'static, options: RemoteOptions) -> Self {
        Self(Arc::new(Shared::new(Box::new(ranges), options)))
    }

    /// Makes the first request, which gets the size, the version and the first bytes.
    ///
    /// # Errors
    /// The object cannot be read, is empty, or is on a server that ignores ranges and too large.
    pub async fn open(&self) -> Result<(), SourceError> {
        let shared = self.0.clone();
        let opened = tokio::task::spawn_blocking(move || shared.known(&|| true).map(drop));
        opened.await.unwrap_or_else(|_| {
            Err(SourceError::Unavailable {
                source_name: self.name(),
                reason: "the program is ending".to_owned(),
            })
        })
    }

    /// A reader of its bytes, on threads that may block. Opens it, if it is not open.
    pub fn reader(&self) -> Reader {
        Reader::new(self.0.clone())
    }

    /// Its URI, without secrets.
    pub fn name(&self) -> String {
        self.0.ranges.name()
    }

    /// Its file name.
    pub fn file_name(&self) -> String {
        self.0.ranges.file_name()
    }

    /// Its size in bytes, once it is open.
    pub fn size(&self) -> Option<u64> {
        self.0.state.lock().known.as_ref().map(|(_, size)| *size)
    }

    /// Which version of the object it is, once it is open.
    pub fn version(&self) -> Option<Version> {
        self.0
            .state
            .lock()
            .known
            .as_ref()
            .map(|(version, _)| version.clone())
    }

    /// The counts of all its readers.
    pub fn stats(&self) -> &ReadStats {
        &self.0.stats
    }

    /// Whether an answer has shown that there is another version by now. Bytes that are here can still be read.
    pub fn was_replaced(&self) -> bool {
        self.0.state.lock().was_replaced
    }

    /// The first failure of a reader since the last call: libav only passes a number on.
    pub fn take_error(&self) -> Option<SourceError> {
        self.0.state.lock().error.take()
    }
}
