//! The shown lines and the rows that each takes. A line is measured once for each width and filter, within each frame's
//! budget. Until all lines are measured, the previous rows stay on the screen.

use std::ops::Range;

use egui::Ui;
use posterframe_client::Log;

use super::filter::Filter;
use super::wrap::Ruler;

/// Most bytes of text to measure or search in one frame: some two milliseconds.
pub(super) const BUDGET: usize = 2 << 20;
/// Cost of a line beside its text, in bytes of the budget.
pub(super) const LINE_COST: usize = 32;

/// The parameters of the rows, beside the log.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Key {
    /// Width of a message, in points.
    pub(super) width: f32,
    pub(super) filter: Filter,
}

/// The shown rows, and the rows for a new key while they are computed.
#[derive(Default)]
pub(super) struct Rows {
    shown: Built,
    next_rows: Option<Built>,
}

#[derive(Default)]
struct Built {
    key: Key,
    log: Log,
    /// The next line to measure.
    next: usize,
    /// The lines that pass the filter.
    lines: Vec<u32>,
    /// The first row of each of these lines, and then the number of rows.
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

    /// Continues with `log`. Only lines after the prefix that it shares with the previous log are measured.
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
    /// Updates the rows, within the frame's budget. `false` if lines are left to measure.
    pub(super) fn update(&mut self, ui: &Ui, log: &Log, key: Key, budget: &mut usize) -> bool {
        if self.shown.tops.is_empty() {
            self.shown = Built::new(key);
        }
        if self.shown.key == key {
            self.next_rows = None;
        } else if self.next_rows.is_none() {
            // Rows that are being computed for another width are completed first. Otherwise a window that is being
            // resized, and so gets a new width in each frame, would never get any.
            self.next_rows = Some(Built::new(key));
        }
        self.shown.advance(ui, log, budget);
        let Some(next_rows) = &mut self.next_rows else {
            return self.shown.is_complete();
        };
        next_rows.advance(ui, log, budget);
        if next_rows.is_complete()
            && let Some(built) = self.next_rows.take()
        {
            self.shown = built;
        }
        self.shown.key == key && self.shown.is_complete()
    }

    /// The log of these rows.
    pub(super) fn log(&self) -> &Log {
        &self.shown.log
    }

    /// Width of a message, in points.
    pub(super) fn width(&self) -> f32 {
        self.shown.key.width
    }

    /// Number of shown lines.
    pub(super) fn lines(&self) -> usize {
        self.shown.lines.len()
    }

    /// Number of rows.
    pub(super) fn count(&self) -> usize {
        self.shown.tops.last().map_or(0, |rows| *rows as usize)
    }

    /// The line of the log at `index` of the shown lines.
    pub(super) fn line(&self, index: usize) -> Option<usize> {
        self.shown.lines.get(index).map(|line| *line as usize)
    }

    /// The index among the shown lines of a line of the log, or of the next shown one.
    pub(super) fn index(&self, line: usize) -> usize {
        self.shown.lines.partition_point(|shown| (*shown as usize) < line)
    }

    /// The rows of the shown line at `index`.
    pub(super) fn span(&self, index: usize) -> Range<usize> {
        let tops = &self.shown.tops;
        let last = tops.len().saturating_sub(1);
        (tops[index.min(last)] as usize)..(tops[(index + 1).min(last)] as usize)
    }

    /// The index of the shown line that holds a row.
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
        // egui has its fonts from the second frame on.
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

    // Breaks if one frame measures all of a long log, a frame without news measures any line, or a new line causes all
    // lines to be measured again.
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
