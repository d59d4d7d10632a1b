//! New: open videos, find the exact frame, mark it, submit.
//!
//! | module | job |
//! | --- | --- |
//! | `model` | the videos and where one is in them, apart from how they are drawn |
//! | `tabs` | the open videos |
//! | `preview`, `timeline`, `transport` | the picture, the film strip, and the row of controls under it |
//! | `ruler`, `flags`, `hover` | what stands over, on and under the film strip |
//! | `distant` | what is said of a video at a distance |
//! | `inspector`, `lists` | the video's facts, the frames to submit, the names that they will have |
//! | `batch` | many videos at once |
//! | `rule` | frames by a rule, to choose from before they are marked |
//! | `naming`, `marks_list` | the name and the note of a mark; lists of marks from other programs and for them |
//! | `outputs` | the files to make of each frame, and what the preview shows of one |
//! | `better` | what is wrong with those frames, and better ones beside |
//! | `checks` | what is said before a submit |
//! | `submit`, `sent` | from the marks to jobs, and what became of them |
//! | `undo` | taking changes back |
//! | `empty`, `zone` | nothing is open; files hang over the window |
//! | `keys` | the keyboard |

mod batch;
mod better;
mod checks;
mod distant;
mod empty;
mod flags;
mod hover;
mod inspector;
mod keys;
mod lists;
mod marks_list;
mod model;
mod naming;
mod outputs;
mod preview;
mod rule;
mod ruler;
mod sent;
mod submit;
mod tabs;
mod timeline;
mod transport;
mod undo;
mod zone;

use std::path::{Path, PathBuf};

use egui::{Context, ScrollArea, Ui, Vec2, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_contract::{Interpretation, Position};
use posterframe_kit::theme::{self, sizes::NARROW};
use posterframe_kit::widgets::{Reveal as _, vline};

use crate::context::{Command, Commands, Engine, ViewContext};
use crate::distant::{Location, Opener};

pub(crate) use zone::drop_zone_ui;

use batch::Batch;
use checks::Checks;
use empty::PathField;
use marks_list::Importing;
use model::{OpenVideo, time_at};
use naming::Naming;
use outputs::Outputs;
use rule::ByRule;
use submit::Submit;
use transport::TimeField;
use undo::Undo;

/// The most closed videos with marks that are kept.
const MAX_CLOSED: usize = 10;
const INSPECTOR: f32 = 300.0;
const INSPECTOR_NARROW: f32 = 264.0;
/// In less room than this the inspector lies below the rest, and all of it scrolls together.
const INSPECTOR_BESIDE: Vec2 = vec2(700.0, 400.0);
/// The least height of the preview.
const PREVIEW: f32 = 144.0;

/// What was clicked in a part of the view, for all of the view to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// Show the video of this tab.
    Select(usize),
    /// Close the video of this tab.
    Close(usize),
    /// Show the batch.
    SelectBatch,
    /// Close the batch.
    CloseBatch,
    /// Open the shown video anew: its file has changed.
    Reopen,
    /// Open the shown video once more after it has failed.
    StartAgain,
    /// Read the shown video in another way.
    Interpret(Interpretation),
    /// Submit what is marked.
    Submit,
    /// Have a submit send a copy of the shown video, or no longer; end the copying that is under way.
    Copy(bool),
}

/// The New view.
#[derive(Default)]
pub struct NewView {
    videos: Vec<OpenVideo>,
    selected: usize,
    /// Those that were closed with marks, the newest last.
    closed: Vec<OpenVideo>,
    /// Bring the selected tab into sight.
    scroll: bool,
    path_field: PathField,
    time_field: TimeField,
    submit: Submit,
    checks: Checks,
    outputs: Outputs,
    rule: ByRule,
    undo: Undo,
    naming: Option<Naming>,
    importing: Vec<Importing>,
    batch: Option<Batch>,
    closed_batch: Option<Batch>,
    /// Whether the batch is shown, and not a video.
    shows_batch: bool,
    batch_file: Option<PathBuf>,
}

impl NewView {
    /// Opens a video, or selects it where it is open already; at `position` where one is given.
    ///
    /// Its decoded frames take at most `cache_bytes`.
    pub fn open(&mut self, ctx: &Context, video: Location, position: Option<Position>, cache_bytes: usize) {
        let path = video.path();
        let open = self.videos.iter().position(|video| video.path == path);
        let usable = open.filter(|&index| self.videos[index].failure.is_none());
        if let Some(index) = usable {
            self.selected = index;
            if let Some(position) = position {
                self.videos[index].go_to(time_at(position));
            }
            return;
        }
        // What failed to open may be mended by now.
        let video = OpenVideo::new(ctx, video, position, cache_bytes);
        let index = open.unwrap_or(self.videos.len());
        if index < self.videos.len() {
            self.videos[index] = video;
        } else {
            self.videos.push(video);
        }
        self.select(index);
    }

    /// The files of the open videos.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.videos.iter().map(|video| video.path.as_path())
    }

    /// Opens several videos, and shows the first of them.
    pub fn open_all(&mut self, ctx: &Context, videos: &[Location], cache_bytes: usize) {
        for video in videos.iter().chain(videos.first()) {
            self.open(ctx, video.clone(), None, cache_bytes);
        }
    }

    /// Stops what plays: nobody looks at it.
    pub fn stop_playing(&mut self) {
        for video in &mut self.videos {
            video.stop_playing();
        }
    }

    /// Takes in what players and submissions have told, whether or not the view is shown.
    pub fn update(&mut self, ctx: &Context, engine: &Engine, (commands, opener): (&Commands, &Opener)) {
        for video in &mut self.videos {
            if let Some(distant) = &mut video.distant {
                distant.reach(ctx, opener);
            }
            video.update(engine);
        }
        self.look_by_rule(ctx, engine);
        self.update_imports(ctx, commands);
        if let Some(batch) = &mut self.batch {
            batch.update((ctx, engine), opener);
        }
        self.submit_due(commands);
        if let Some((path, frames)) = self.submit.update(commands)
            && let Some(video) = self.videos.iter_mut().find(|video| video.path == path)
        {
            video.marks.remove_all(frames);
        }
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        for video in &mut self.videos {
            video.unit = context.preferences.unit;
        }
        self.take_keys(ui, context);
        self.selected = self.selected.min(self.videos.len().saturating_sub(1));
        // One at a time decodes: threads and memory do not grow with the number of videos.
        for (index, video) in self.videos.iter_mut().enumerate() {
            if index == self.selected && !self.shows_batch || video.owes_a_mark() {
                continue;
            }
            if video.sleep() {
                context.commands.send(submit::not_submitted(&video.name));
            }
        }
        if self.shows_batch && self.batch.is_some() {
            return self.shown_batch_ui(ui, context);
        }
        let Some(video) = self.videos.get_mut(self.selected) else {
            return empty::ui(ui, &mut self.path_field, context);
        };
        video.wake();
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let room = ui.available_size();
        let action = if room.x >= INSPECTOR_BESIDE.x && room.y >= INSPECTOR_BESIDE.y {
            self.beside_ui(ui, context)
        } else {
            self.below_ui(ui, context)
        };
        match action {
            None => {}
            Some(Action::Select(index)) => self.select(index),
            Some(Action::Close(index)) => self.close(index, context.commands),
            Some(Action::SelectBatch) => self.shows_batch = true,
            Some(Action::CloseBatch) => self.close_batch(context.commands),
            Some(Action::Reopen) => self.reopen_selected(ui.ctx(), context.preferences.cache_bytes()),
            Some(Action::StartAgain) => self.videos[self.selected].start_again(),
            Some(Action::Interpret(interpretation)) => {
                self.videos[self.selected].interpret(interpretation);
            }
            Some(Action::Submit) => self.submit_shown(context.commands),
            Some(Action::Copy(wanted)) => {
                if let Some(distant) = &mut self.videos[self.selected].distant {
                    distant.copying.is_wanted = wanted;
                    distant.copying.end();
                }
            }
        }
        if let Some(video) = self.videos.get(self.selected) {
            context.preferences.unit = video.unit;
        }
        self.rule_ui(ui, context.commands);
        self.naming_ui(ui);
        self.watch_changes(ui, context.preferences);
    }

    /// The tabs, where there are several, and the batch.
    fn shown_batch_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let tabs_height = self.tabs_height();
        let mut action = None;
        let strip = StripBuilder::new(ui)
            .size(Size::exact(tabs_height))
            .size(Size::remainder());
        strip.vertical(|mut strip| {
            if tabs_height > 0.0 {
                let scroll = std::mem::take(&mut self.scroll);
                let batch = (usize::MAX, self.batch.as_ref());
                strip.cell(|ui| action = tabs::ui(ui, &self.videos, batch, scroll));
            } else {
                strip.empty();
            }
            strip.cell(|ui| self.batch_ui(ui, context));
        });
        match action {
            Some(Action::Select(index)) => self.select(index),
            Some(Action::Close(index)) => {
                let shows_batch = self.shows_batch;
                self.close(index, context.commands);
                self.shows_batch = shows_batch;
            }
            Some(Action::CloseBatch) => self.close_batch(context.commands),
            _ => {}
        }
        self.watch_changes(ui, context.preferences);
    }

    /// Height of the row of tabs: there is one where there are several.
    fn tabs_height(&self) -> f32 {
        if self.videos.len() + usize::from(self.batch.is_some()) > 1 {
            tabs::HEIGHT
        } else {
            0.0
        }
    }

    /// The stage with the inspector at its right, in the order of reading, which is that of Tab too.
    fn beside_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) -> Option<Action> {
        let inspector = if ui.available_width() < NARROW {
            INSPECTOR_NARROW
        } else {
            INSPECTOR
        };
        let mut action = None;
        let strip = StripBuilder::new(ui)
            .size(Size::remainder())
            .size(Size::exact(inspector));
        strip.horizontal(|mut strip| {
            strip.cell(|ui| action = self.stage_ui(ui, Size::remainder(), context));
            strip.cell(|ui| {
                let rect = ui.max_rect();
                ui.painter().rect_filled(rect, 0, theme::tokens(ui).panel);
                vline(ui, rect.left(), rect.y_range());
                action = self.inspector_ui(ui, context, true).or(action);
            });
        });
        action
    }

    /// The stage with the inspector below it, which scroll together.
    fn below_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) -> Option<Action> {
        let video = &self.videos[self.selected];
        let room = ui.available_size();
        let controls = timeline::HEIGHT + transport::height(ui, room.x, video);
        let preview = (room.x * 9.0 / 16.0).min(room.y - controls).max(PREVIEW);
        let mut action = None;
        ui.painter()
            .rect_filled(ui.max_rect(), 0, theme::tokens(ui).panel);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_revealing(ui, |ui| {
                action = self.stage_ui(ui, Size::exact(preview), context);
                action = self.inspector_ui(ui, context, false).or(action);
            });
        action
    }

    /// The tabs, the preview and its controls, one below the other.
    fn stage_ui(&mut self, ui: &mut Ui, preview: Size, context: &mut ViewContext<'_>) -> Option<Action> {
        let tabs_height = self.tabs_height();
        let video = &self.videos[self.selected];
        let failed = video.failure.clone();
        let controls = if failed.is_some() {
            [0.0, 0.0]
        } else {
            [
                timeline::HEIGHT,
                transport::height(ui, ui.available_width(), video),
            ]
        };
        let mut action = None;
        let strip = StripBuilder::new(ui)
            .size(Size::exact(tabs_height))
            .size(preview)
            .size(Size::exact(controls[0]))
            .size(Size::exact(controls[1]));
        strip.vertical(|mut strip| {
            if tabs_height > 0.0 {
                let scroll = std::mem::take(&mut self.scroll);
                strip.cell(|ui| {
                    action = tabs::ui(ui, &self.videos, (self.selected, self.batch.as_ref()), scroll);
                });
            } else {
                strip.empty();
            }
            let video = &mut self.videos[self.selected];
            if let Some(failure) = failed {
                let tab = (self.selected, video.name.as_str());
                strip.cell(|ui| {
                    action = preview::failed_ui(ui, tab, &failure, context.commands).or(action);
                });
            } else {
                strip.cell(|ui| preview::ui(ui, video, (&mut self.outputs, context.preferences)));
                strip.cell(|ui| timeline::ui(ui, video));
                strip.cell(|ui| transport::ui(ui, video, (&mut self.time_field, &mut self.rule)));
            }
        });
        action
    }

    /// Opens the video anew, at the same place: its file has changed. The marks were of the one before.
    fn reopen_selected(&mut self, ctx: &Context, cache_bytes: usize) {
        if let Some(video) = self.videos.get_mut(self.selected) {
            // The frame on the screen: the playhead may be where there is none.
            let shown = video.frame.as_ref().map(|frame| frame.position);
            let position = shown.or_else(|| Some(video.playhead_position()));
            *video = OpenVideo::new(ctx, video.location(), position, cache_bytes);
            self.time_field.reset();
        }
    }

    /// Closes a video. Marks are work: with them it can be opened again.
    fn close(&mut self, index: usize, commands: &Commands) {
        if index >= self.videos.len() {
            return;
        }
        let mut video = self.videos.remove(index);
        if !video.marks.all().is_empty() {
            video.sleep();
            commands.send(Command::Toast(format!(
                "Closed {}. Ctrl+Shift+T opens it again, with its marks",
                video.name
            )));
            self.closed.push(video);
            if self.closed.len() > MAX_CLOSED {
                self.closed.remove(0);
            }
        }
        let before = index < self.selected || self.selected == self.videos.len();
        self.select(self.selected.saturating_sub(usize::from(before)));
    }

    fn reopen(&mut self) {
        if let Some(video) = self.closed.pop() {
            self.videos.push(video);
            self.select(self.videos.len() - 1);
        }
    }

    /// The video so many tabs further on.
    fn select_beside(&mut self, by: isize) {
        let count = self.videos.len().cast_signed();
        if count > 1 {
            self.select(
                (self.selected.cast_signed() + by)
                    .rem_euclid(count)
                    .cast_unsigned(),
            );
        }
    }

    fn select(&mut self, index: usize) {
        self.selected = index;
        self.shows_batch = false;
        self.scroll = true;
        self.time_field.reset();
    }
}
