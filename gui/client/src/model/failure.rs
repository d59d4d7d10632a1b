//! Why a job failed, or is slow.

use serde::{Deserialize, Serialize};

/// Why a job failed: plain words first, the raw text last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// A heading: `The position lies past the last frame`.
    pub title: String,
    /// The cause in a sentence or two.
    pub cause: String,
    /// What to do, in order.
    pub next_steps: Vec<String>,
    /// What AWS or the worker said, verbatim.
    pub raw: String,
}

/// Why a phase takes long, and what to look at. The job goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// A heading: `No event has come yet`.
    pub title: String,
    /// The likely cause in a sentence or two.
    pub cause: String,
    /// What to look at, in order.
    pub next_steps: Vec<String>,
    /// What AWS or the function said, verbatim; empty where nobody said anything.
    pub raw: String,
}
