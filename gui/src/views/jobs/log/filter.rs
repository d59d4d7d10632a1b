//! The log's filter, by source and level.

use egui::{Response, Ui};
use posterframe_client::{LogLevel, LogLine, LogSource};
use posterframe_kit::widgets::{menu_check, menu_line, menu_that_stays};

const SOURCES: [LogSource; 4] = [
    LogSource::App,
    LogSource::UploadTrigger,
    LogSource::Worker,
    LogSource::ThumbnailTrigger,
];
const LEVELS: [LogLevel; 4] = [LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error];

/// The sources and levels that are hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    without_source: [bool; 4],
    without_level: [bool; 4],
}

impl Filter {
    /// Whether it hides anything.
    pub(super) fn is_on(self) -> bool {
        self != Self::default()
    }

    pub(super) fn holds(self, line: &LogLine) -> bool {
        !self.without_source[line.source as usize] && !self.without_level[line.level as usize]
    }

    /// The filter's menu under `button`.
    pub(super) fn menu(&mut self, button: &Response) {
        menu_that_stays(button, 188.0, |ui: &mut Ui| {
            for source in SOURCES {
                toggle(ui, source.label(), &mut self.without_source[source as usize]);
            }
            menu_line(ui);
            for level in LEVELS {
                toggle(ui, level.label(), &mut self.without_level[level as usize]);
            }
        });
    }
}

fn toggle(ui: &mut Ui, label: &str, without: &mut bool) {
    if menu_check(ui, label, !*without) {
        *without = !*without;
    }
}
