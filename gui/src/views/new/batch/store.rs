//! A batch on disk: it survives a restart. Pictures are not kept: they are made again when they are to be seen.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_client::fs::write_whole;
use posterframe_client::path_text;
use posterframe_contract::{JobId, OutputRequest, Position};
use posterframe_player::{Failure, Flaw};
use serde::{Deserialize, Serialize};

use super::Batch;
use super::row::{Chosen, Row, State};
use crate::select::Picked;
use crate::views::new::rule::RuleDraft;

/// The version of this file's format.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    version: u32,
    name: String,
    rule: RuleDraft,
    rows: Vec<SavedRow>,
}

#[derive(Serialize, Deserialize)]
struct SavedRow {
    #[serde(with = "path_text")]
    path: PathBuf,
    bytes: u64,
    length_ms: Option<u64>,
    rule: Option<RuleDraft>,
    outputs: Option<Vec<OutputRequest>>,
    frames: Vec<SavedFrame>,
    first: usize,
    taken: usize,
    is_seen: bool,
    state: SavedState,
}

#[derive(Serialize, Deserialize)]
struct SavedFrame {
    at: Position,
    number: Option<u64>,
    score: Option<u8>,
    flaw: Option<SavedFlaw>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedFlaw {
    NearlyBlack,
    Blank,
    Blurred,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedState {
    Waiting,
    Found,
    Failed { text: String, advice: String },
    Sent(JobId),
}

impl Saved {
    pub(super) fn of(batch: &Batch) -> Self {
        Self {
            version: VERSION,
            name: batch.name.clone(),
            rule: batch.rule.clone(),
            rows: batch.rows.iter().map(SavedRow::of).collect(),
        }
    }

    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        write_whole(
            file,
            serde_json::to_string(self).map_err(io::Error::from)?.as_bytes(),
        )
    }

    /// The batch in `file`; `None` where there is none, or an unreadable one, which a line in the log says.
    pub(super) fn read(file: &Path) -> Option<Batch> {
        let text = std::fs::read(file).ok()?;
        let saved: Self = serde_json::from_slice(&text)
            .inspect_err(|error| tracing::warn!("the batch of the last start is damaged: {error}"))
            .ok()?;
        if saved.version != VERSION || saved.rows.is_empty() {
            return None;
        }
        let rows = saved.rows.into_iter().map(SavedRow::into_row).collect();
        Some(Batch::with(saved.name, saved.rule, rows))
    }
}

impl SavedRow {
    fn of(row: &Row) -> Self {
        let frames = row.found.iter().map(|chosen| SavedFrame {
            at: chosen.picked.position,
            number: chosen.picked.number,
            score: chosen.picked.score,
            flaw: chosen.flaw.map(|flaw| match flaw {
                Flaw::NearlyBlack => SavedFlaw::NearlyBlack,
                Flaw::Blank => SavedFlaw::Blank,
                Flaw::Blurred => SavedFlaw::Blurred,
            }),
        });
        let is_over = !row.is_open();
        Self {
            path: row.path.clone(),
            bytes: row.bytes,
            length_ms: row.length.map(|length| length.as_millis() as u64),
            rule: row.rule.clone(),
            outputs: row.outputs.clone(),
            frames: if is_over { frames.collect() } else { Vec::new() },
            first: row.first,
            taken: row.taken,
            is_seen: row.is_seen,
            state: match &row.state {
                State::Waiting | State::Looking(_) => SavedState::Waiting,
                State::Found => SavedState::Found,
                State::Failed(Failure { text, advice }) => SavedState::Failed {
                    text: text.clone(),
                    advice: advice.clone(),
                },
                State::Sent(job) => SavedState::Sent(*job),
            },
        }
    }

    fn into_row(self) -> Row {
        let found = self.frames.into_iter().map(|frame| Chosen {
            picked: Picked {
                position: frame.at,
                number: frame.number,
                score: frame.score,
            },
            flaw: frame.flaw.map(|flaw| match flaw {
                SavedFlaw::NearlyBlack => Flaw::NearlyBlack,
                SavedFlaw::Blank => Flaw::Blank,
                SavedFlaw::Blurred => Flaw::Blurred,
            }),
            picture: None,
        });
        let mut row = Row::new(self.path, self.bytes);
        row.found = found.collect();
        row.length = self.length_ms.map(Duration::from_millis);
        row.rule = self.rule;
        row.outputs = self.outputs;
        row.first = self.first;
        row.taken = self.taken.min(row.found.len());
        row.is_seen = self.is_seen;
        row.state = match self.state {
            SavedState::Waiting => State::Waiting,
            SavedState::Found => State::Found,
            SavedState::Failed { text, advice } => State::Failed(Failure { text, advice }),
            SavedState::Sent(job) => State::Sent(job),
        };
        row
    }
}
