//! Which lines are shown and how many rows each takes. A line is looked at once for each width and filter, and no more
//! of them in one frame than there is time for; until all are, the rows of before stay.

use std::ops::Range;

use egui::Ui;
use posterframe_client::Log;

use super::filter::Filter;
use super::wrap::Ruler;

/// Bytes of text that are looked at in one frame: some two milliseconds.
pub(super) const BUDGET: usize = 2 << 20;
/// What a line costs beside its text.
pub(super) const LINE_COST: usize = 32;

/// What the rows depend on beside the log.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Key {
    /// Width of a message, in points.
    pub(super) width: f32,
    pub(super) filter: Filter,
}

/// The rows that are shown, and those that will be once all lines were looked at.
#[derive(Default)]
pub(super) struct Rows {
    shown: Built,
    coming: Option<Built>,
}

#[derive(Default)]
struct Built {
    key: Key,
    log: Log,
    /// The line that is looked at next.
    next: usize,
    /// The lines that the filter leaves.
    lines: Vec<u32>,
    /// The row in which each of them begins, and how many rows there are.
    tops: Vec<u32>,
}

impl Built {
    fn new(key: Key) -> Self {
        Self {
            key,
            tops: vec![0],
            ..Self::default()
        }
    }

    /// Goes on with `log`, which has mostly just grown.
    fn advance(&mut self, ui: &Ui, log: &Log, budget: &mut usize) {
        let same = log.common_prefix(&self.log).min(self.next);
        if same < self.next {
            let kept = self.lines.partition_point(|line| (*line as usize) < same);
            self.lines.truncate(kept);
            self.tops.truncate(kept + 1);
            self.next = same;
        }
        self.log = log.clone();
        if self.is_complete() {
            return;
        }
        let mut ruler = Ruler::new(ui, self.key.width);
        for line in log.range(self.next..log.len()) {
            if *budget == 0 {
                return;
            }
            *budget = budget.saturating_sub(LINE_COST + line.message.len());
            if self.key.filter.holds(line) {
                let top = self.tops.last().copied().unwrap_or(0);
                self.lines.push(self.next as u32);
                self.tops.push(top + ruler.count(ui, &line.message));
            }
            self.next += 1;
        }
    }

    fn is_complete(&self) -> bool {
        self.next == self.log.len()
    }
}

impl Rows {
    /// Takes in what has changed, within the frame's budget. `false` while there is more to look at.
    pub(super) fn update(&mut self, ui: &Ui, log: &Log, key: Key, budget: &mut usize) -> bool {
        if self.shown.tops.is_empty() {
            self.shown = Built::new(key);
        }
        if self.shown.key == key {
            self.coming = None;
        } else if self.coming.is_none() {
            // One that was begun for another width is brought to its end: a window that is being resized wants a new
            // one in each frame, and would never get any.
            self.coming = Some(Built::new(key));
        }
        self.shown.advance(ui, log, budget);
        let Some(coming) = &mut self.coming else {
            return self.shown.is_complete();
        };
        coming.advance(ui, log, budget);
        if coming.is_complete()
            && let Some(built) = self.coming.take()
        {
            self.shown = built;
        }
        self.shown.key == key && self.shown.is_complete()
    }

    /// The log of which these are the rows.
    pub(super) fn log(&self) -> &Log {
        &self.shown.log
    }

    /// Width of a message, in points.
    pub(super) fn width(&self) -> f32 {
        self.shown.key.width
    }

    /// How many lines are shown.
    pub(super) fn lines(&self) -> usize {
        self.shown.lines.len()
    }

    /// How many rows they take.
    pub(super) fn count(&self) -> usize {
        self.shown.tops.last().map_or(0, |rows| *rows as usize)
    }

    /// The line of the log that is shown at `index`.
    pub(super) fn line(&self, index: usize) -> Option<usize> {
        self.shown.lines.get(index).map(|line| *line as usize)
    }

    /// Where a line of the log is shown, or the next one where it is not.
    pub(super) fn index(&self, line: usize) -> usize {
        self.shown.lines.partition_point(|shown| (*shown as usize) < line)
    }

    /// The rows of the line that is shown at `index`.
    pub(super) fn span(&self, index: usize) -> Range<usize> {
        let tops = &self.shown.tops;
        let last = tops.len().saturating_sub(1);
        (tops[index.min(last)] as usize)..(tops[(index + 1).min(last)] as usize)
    }

    /// The index of the line that a row belongs to.
    pub(super) fn index_at(&self, row: usize) -> usize {
        self.shown
            .tops
            .partition_point(|top| *top as usize <= row)
            .saturating_sub(1)
            .min(self.lines().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use posterframe_client::{LogLevel, LogLine, LogSource};

    use super::*;

    fn log(lines: usize) -> Log {
        let line = |index: usize| LogLine {
            unix_millis: index as i64,
            source: LogSource::Worker,
            level: if index.is_multiple_of(10) {
                LogLevel::Warn
            } else {
                LogLevel::Info
            },
            message: format!("line {index} of the worker's log, which is about as long as most of them are"),
        };
        Log::from((0..lines).map(line).collect::<Vec<_>>())
    }

    fn with_ui(run: impl FnMut(&mut Ui)) {
        let ctx = egui::Context::default();
        posterframe_kit::theme::install(&ctx, posterframe_kit::theme::ThemeMode::Dark);
        // Fonts are there from the second frame on.
        let mut run = run;
        for draw in [false, true] {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                if draw {
                    run(ui);
                }
            });
            output.textures_delta.clear();
        }
    }

    // Breaks if one frame looks at all of a long log, if a frame without news looks at any of it, or if a line more
    // makes the log be looked at anew.
    #[test]
    fn work_is_bounded() {
        with_ui(|ui| {
            let (long, key) = (
                log(100_000),
                Key {
                    width: 300.0,
                    ..Key::default()
                },
            );
            let mut rows = Rows::default();
            let mut frames = 0;
            loop {
                let mut budget = BUDGET;
                frames += 1;
                if rows.update(ui, &long, key, &mut budget) {
                    break;
                }
                assert_eq!(budget, 0);
            }
            assert!((2..20).contains(&frames), "{frames} frames");
            assert_eq!(rows.lines(), 100_000);
            assert!(rows.count() > 100_000);
            let mut budget = BUDGET;
            assert!(rows.update(ui, &long, key, &mut budget));
            assert_eq!(budget, BUDGET);
        });
    }

    // Breaks if a resized log is empty until it is measured, or a filter hides the wrong lines.
    #[test]
    fn the_rows_of_before_stay_until_the_new_ones_are_there() {
        with_ui(|ui| {
            let (long, key) = (
                log(1_000),
                Key {
                    width: 300.0,
                    ..Key::default()
                },
            );
            let mut rows = Rows::default();
            rows.update(ui, &long, key, &mut { BUDGET });
            let narrow = Key { width: 150.0, ..key };
            let before = rows.count();
            assert!(!rows.update(ui, &long, narrow, &mut 1_000));
            assert_eq!((rows.count(), rows.width()), (before, 300.0));
            assert!(rows.update(ui, &long, narrow, &mut { BUDGET }));
            assert!(rows.count() > before);
            assert_eq!(rows.index_at(rows.span(700).start), 700);
        });
    }
}
