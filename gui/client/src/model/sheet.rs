//! One sheet of a job's video: what was asked for, and what came of it.

use std::path::PathBuf;

use posterframe_contract::{ManifestSheet, SheetRequest};
use serde::{Deserialize, Serialize};

use super::still::StillFile;
use crate::fs::path_text;

/// A sheet of the whole video on its way to its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSheet {
    /// What is asked for.
    pub request: SheetRequest,
    /// What the manifest says of it, once there is a result.
    pub made: Option<ManifestSheet>,
    /// Its pictures, once they are on this machine.
    pub files: Vec<StillFile>,
    /// Its `WebVTT` file on this machine.
    #[serde(with = "path_text::option")]
    pub vtt: Option<PathBuf>,
}

impl JobSheet {
    /// A sheet of which nothing is made yet.
    pub const fn of(request: SheetRequest) -> Self {
        Self {
            request,
            made: None,
            files: Vec::new(),
            vtt: None,
        }
    }
}
