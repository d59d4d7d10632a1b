//! A folder of videos at once: one rule and one set of outputs for all, or for those that are ticked.
//!
//! | module | job |
//! | --- | --- |
//! | `row` | one video: its frames, and the look for them |
//! | `work` | what goes on in the background |
//! | `store` | the batch on disk |
//! | `submit` | from the batch to jobs |
//! | `bars`, `table`, `cells` | what is drawn |
//! | `keys` | the keyboard |

mod bars;
mod cells;
mod keys;
mod row;
mod store;
mod submit;
mod table;
mod work;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use egui::Context;
use posterframe_client::Paths;

use super::NewView;
use super::model::Mark;
use super::rule::RuleDraft;
use crate::context::{Command, Commands, ViewContext};
use crate::job_text::counted;
use crate::search::Pause;
use row::{Row, State};
use store::Saved;
use submit::Sending;

/// The batch's file, in the folder of the program's data.
const FILE: &str = "batch.json";

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Filter {
    #[default]
    All,
    Ready,
    Check,
    Unreadable,
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Name,
    Length,
    Size,
}

/// What is being changed in a popover.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    /// The rule, of all rows or of those that are ticked.
    Rule(RuleDraft, bool),
    /// The outputs, of all rows or of those that are ticked.
    Outputs(bool),
}

/// Many videos at once.
pub(super) struct Batch {
    pub(super) name: String,
    rows: Vec<Row>,
    rule: RuleDraft,
    filter: Filter,
    order: (Order, bool),
    /// The row that the keyboard is on, and the one at which a range begins.
    current: usize,
    anchor: usize,
    scroll: bool,
    change: Option<(Change, egui::Pos2)>,
    /// Whether to ask before frames are submitted that nobody has seen.
    asks: bool,
    sending: Option<Sending>,
    pause: Pause,
    /// When the window was last used.
    used: Option<Instant>,
    is_changed: bool,
    /// Since when there is something to write.
    changed: Option<Instant>,
    file: Option<PathBuf>,
}

impl Batch {
    fn with(name: String, rule: RuleDraft, rows: Vec<Row>) -> Self {
        Self {
            name,
            rows,
            rule,
            filter: Filter::default(),
            order: (Order::default(), true),
            current: 0,
            anchor: 0,
            scroll: false,
            change: None,
            asks: false,
            sending: None,
            pause: Pause::default(),
            used: None,
            is_changed: true,
            changed: None,
            file: None,
        }
    }

    /// How many videos it has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn add(&mut self, videos: Vec<(PathBuf, u64)>) {
        let mut known: HashSet<PathBuf> = self.rows.iter().map(|row| row.path.clone()).collect();
        let new = videos.into_iter().filter(|(path, _)| known.insert(path.clone()));
        self.rows.extend(new.map(|(path, bytes)| Row::new(path, bytes)));
        self.sort();
        self.is_changed = true;
    }

    fn sort(&mut self) {
        let current = self.rows.get(self.current).map(|row| row.path.clone());
        match self.order.0 {
            Order::Name => self
                .rows
                .sort_by_cached_key(|row| (row.name().to_lowercase(), row.path.clone())),
            Order::Length => self.rows.sort_by_key(|row| row.length),
            Order::Size => self.rows.sort_by_key(|row| row.bytes),
        }
        if !self.order.1 {
            self.rows.reverse();
        }
        let place = self
            .rows
            .iter()
            .position(|row| Some(&row.path) == current.as_ref());
        self.current = place.unwrap_or_default();
        self.anchor = self.current;
    }

    /// The rows that the filter lets through.
    fn shown(&self) -> Vec<usize> {
        let is_shown = |&index: &usize| match self.filter {
            Filter::All => true,
            filter => self.kind(index) == filter,
        };
        (0..self.rows.len()).filter(is_shown).collect()
    }

    /// Under which filter a row is; [`Filter::All`] where it is under none of the others.
    fn kind(&self, index: usize) -> Filter {
        let row = &self.rows[index];
        match &row.state {
            State::Failed(_) => Filter::Unreadable,
            State::Found if row.flaw().is_some() || row.taken == 0 => Filter::Check,
            State::Found => Filter::Ready,
            State::Waiting | State::Looking(_) | State::Sent(_) => Filter::All,
        }
    }

    /// Whether frames are still being looked for.
    fn is_looking(&self) -> bool {
        self.rows.iter().any(Row::is_open)
    }

    fn ticked(&self) -> usize {
        self.rows.iter().filter(|row| row.is_ticked).count()
    }

    /// Looks for frames by another rule: of all rows, or of those that are ticked.
    fn set_rule(&mut self, rule: &RuleDraft, is_for_ticked: bool) {
        if !is_for_ticked {
            self.rule = rule.clone();
        }
        for row in &mut self.rows {
            if is_for_ticked && row.is_ticked {
                row.rule = Some(rule.clone());
                row.start_over();
            } else if !is_for_ticked && row.rule.is_none() {
                row.start_over();
            }
        }
        self.is_changed = true;
    }

    fn remove_ticked(&mut self) {
        let has_ticked = self.ticked() > 0;
        let current = self.current;
        let mut index = 0;
        self.rows.retain(|row| {
            let goes = if has_ticked {
                row.is_ticked
            } else {
                index == current
            };
            index += 1;
            !goes
        });
        self.current = self.current.min(self.rows.len().saturating_sub(1));
        self.anchor = self.current;
        self.is_changed = true;
    }
}

impl NewView {
    /// Takes up the batch of the last start. It is a tab, and is not shown by itself.
    pub fn restore_batch(&mut self, paths: &Paths) {
        let file = paths.data.join(FILE);
        self.batch = Saved::read(&file).map(|batch| Batch {
            file: Some(file.clone()),
            is_changed: false,
            ..batch
        });
        self.shows_batch = self.batch.is_some();
        self.batch_file = Some(file);
    }

    /// Shows many videos as a batch, or adds them to the one that is there. `videos` are paths and sizes.
    pub fn open_batch(&mut self, name: String, videos: Vec<(PathBuf, u64)>) {
        let batch = match &mut self.batch {
            Some(batch) => {
                if batch.name != name {
                    batch.name = format!("{} and {name}", batch.name);
                }
                batch
            }
            none => none.insert(Batch {
                file: self.batch_file.clone(),
                ..Batch::with(name, RuleDraft::best_one(), Vec::new())
            }),
        };
        batch.add(videos);
        self.shows_batch = true;
    }

    /// Closes the batch. It can be had again.
    pub(super) fn close_batch(&mut self, commands: &Commands) {
        if let Some(mut batch) = self.batch.take() {
            if let Some(file) = &batch.file {
                // The next start does not open what was closed; a file that is gone already is as well.
                let _ = std::fs::remove_file(file);
            }
            batch.stop_sending();
            commands.send(Command::Offer {
                text: format!("Closed {}, {}", batch.name, counted(batch.len(), "video")),
                label: "Undo",
                command: Box::new(Command::ReopenBatch),
            });
            self.closed_batch = Some(batch);
        }
        self.shows_batch = false;
    }

    /// Opens the batch again that was closed last.
    pub fn reopen_batch(&mut self) {
        if let Some(batch) = self.closed_batch.take() {
            self.batch = Some(Batch {
                is_changed: true,
                ..batch
            });
            self.shows_batch = true;
        }
    }

    /// Opens a video of the batch beside it, with its frames marked.
    fn open_from_batch(&mut self, ctx: &Context, path: &Path, cache_bytes: usize) {
        let Some(row) = self
            .batch
            .as_ref()
            .and_then(|batch| batch.rows.iter().find(|row| row.path == path))
        else {
            return;
        };
        let video = row.video.clone();
        let frames = row.frames();
        let first = frames.first().map(|chosen| chosen.picked.position);
        let marks = frames
            .iter()
            .map(|chosen| Mark::found(chosen.picked, chosen.flaw, chosen.picture.clone()));
        let marks = marks.collect();
        self.open(ctx, video, first, cache_bytes);
        self.shows_batch = false;
        if let Some(video) = self.videos.get_mut(self.selected) {
            video.marks.add_all(marks);
        }
    }

    /// Draws the batch.
    pub(super) fn batch_ui(&mut self, ui: &mut egui::Ui, context: &mut ViewContext<'_>) {
        let Some(batch) = &mut self.batch else { return };
        batch.take_keys(ui, context);
        let opened = batch.ui(ui, context);
        if batch.rows.is_empty() {
            self.close_batch(context.commands);
        } else if let Some(path) = opened {
            self.open_from_batch(ui.ctx(), &path, context.preferences.cache_bytes());
        }
    }

    /// Writes what was changed in the batch, at the window's end.
    pub fn save_batch(&self) {
        if let Some(batch) = &self.batch
            && let Some(file) = &batch.file
            && let Err(error) = Saved::of(batch).write(file)
        {
            tracing::warn!("the batch is not saved: {error}");
        }
    }
}
