//! New: open videos, find the exact frame, mark it, submit.
//!
//! | module | job |
//! | --- | --- |
//! | `video` | one open video: what its player has told, and what is on the screen of it |
//! | `playhead` | where the playhead is and goes, and what the chip says of the picture |
//! | `zoom`, `screen` | how large the preview is, and its texture |
//! | `tabs` | the open videos |
//! | `part`, `strip` | what the timeline shows, and the film strip of it |
//! | `marks` | the frames to submit |
//! | `better` | what is wrong with them, and better ones beside |
//! | `checks` | what is said before a submit |
//! | `submit` | from the marks to jobs |
//! | `sent` | what became of them |
//! | `empty`, `zone` | nothing is open; files hang over the window |
//! | `preview`, `timeline`, `transport`, `inspector`, `lists` | the parts of the screen |
//! | `ruler`, `flags`, `hover` | what stands over, on and under the film strip |
//! | `keys` | the keyboard |

mod better;
mod checks;
mod empty;
mod flags;
mod hover;
mod inspector;
mod keys;
mod lists;
mod marks;
mod part;
mod playhead;
mod preview;
mod ruler;
mod screen;
mod sent;
mod strip;
mod submit;
mod tabs;
mod timeline;
mod transport;
mod video;
mod zone;
mod zoom;

use std::path::{Path, PathBuf};

use egui::{Context, Rect, Ui, pos2};
use posterframe_contract::Position;
use posterframe_kit::theme::{self, sizes::NARROW};

use crate::context::{Command, Commands, Engine, ViewContext};

pub(crate) use zone::drop_zone_ui;

use checks::Checks;
use empty::PathField;
use submit::Submit;
use transport::TimeField;
use video::OpenVideo;

/// So many closed videos with marks are kept.
const CLOSED: usize = 10;
const TIMELINE: f32 = 119.0;
const TRANSPORT: f32 = 60.0;
const INSPECTOR: f32 = 300.0;
const INSPECTOR_NARROW: f32 = 264.0;

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
}

impl NewView {
    /// Opens a video, or selects it where it is open already; at `position` where one is given.
    ///
    /// Its decoded frames take at most `cache_bytes`.
    pub fn open(&mut self, ctx: &Context, path: &Path, position: Option<Position>, cache_bytes: usize) {
        // A path from the command line may be relative, and jobs outlive the folder that it is relative to.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let open = self.videos.iter().position(|video| video.path == path);
        let usable = open.filter(|&index| self.videos[index].failure.is_none());
        if let Some(index) = usable {
            self.selected = index;
            if let Some(position) = position {
                self.videos[index].go_to(std::time::Duration::from_micros(position.as_micros()));
            }
            return;
        }
        // What failed to open may be mended by now.
        let video = OpenVideo::new(ctx, &path, position, cache_bytes);
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
    pub fn open_all(&mut self, ctx: &Context, paths: &[PathBuf], cache_bytes: usize) {
        for path in paths.iter().chain(paths.first()) {
            self.open(ctx, path, None, cache_bytes);
        }
    }

    /// Takes in what players and submissions have told, whether or not the view is shown.
    pub fn update(&mut self, engine: &Engine, commands: &Commands) {
        for video in &mut self.videos {
            video.update(engine);
        }
        if let Some(submitted) = self.submit.update(commands)
            && let Some(video) = self.videos.iter_mut().find(|video| video.path == submitted)
        {
            video.marks.clear();
        }
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        self.take_keys(ui, context);
        let rect = ui.max_rect();
        self.selected = self.selected.min(self.videos.len().saturating_sub(1));
        let selected = self.videos.get_mut(self.selected);
        if selected.is_some_and(OpenVideo::is_submit_due) {
            self.submit_selected(ui.ctx(), context);
        }
        // One at a time decodes: threads and memory do not grow with the number of videos.
        for (index, video) in self.videos.iter_mut().enumerate() {
            if index == self.selected || video.owes_a_mark() {
                continue;
            }
            if video.sleep() {
                context.commands.send(Command::Toast(format!(
                    "{} was not submitted: its frame was not there yet. Submit it from its tab",
                    video.name
                )));
            }
        }
        if self.videos.is_empty() {
            return empty::ui(ui, rect, &mut self.path_field, context);
        }
        let t = theme::tokens(ui);
        let inspector = if rect.width() < NARROW {
            INSPECTOR_NARROW
        } else {
            INSPECTOR
        };
        let side = Rect::from_min_max(pos2(rect.right() - inspector, rect.top()), rect.max);
        let mut stage = Rect::from_min_max(rect.min, pos2(side.left(), rect.bottom()));
        if self.videos.len() > 1 {
            let row = Rect::from_min_max(stage.min, pos2(stage.right(), stage.top() + tabs::TABS));
            stage.min.y = row.bottom();
            let scroll = std::mem::take(&mut self.scroll);
            match tabs::ui(ui, row, &self.videos, self.selected, scroll) {
                tabs::Click::None => {}
                tabs::Click::Select(index) => self.select(index),
                tabs::Click::Close(index) => self.close(index, context.commands),
            }
        }
        let Some(video) = self.videos.get_mut(self.selected) else {
            return;
        };
        video.wake();
        if let Some(failure) = video.failure.clone() {
            match preview::failed_ui(ui, stage, &video.name, &failure, context.commands) {
                None => {}
                Some(preview::Choice::Again) => video.start_again(),
                Some(preview::Choice::Close) => {
                    self.close(self.selected, context.commands);
                    return;
                }
            }
        } else {
            let transport = Rect::from_min_max(pos2(stage.left(), stage.bottom() - TRANSPORT), stage.max);
            let timeline = Rect::from_min_max(
                pos2(stage.left(), transport.top() - TIMELINE),
                transport.right_top(),
            );
            let preview = Rect::from_min_max(stage.min, timeline.right_top());
            preview::ui(ui, preview, video);
            timeline::ui(ui, timeline, video);
            transport::ui(ui, transport, video, &mut self.time_field);
        }
        ui.painter().rect_filled(side, 0, t.panel);
        self.inspector_ui(ui, side, context);
    }

    /// Opens the video anew, at the same place: its file has changed. The marks were of the one before.
    fn reopen_selected(&mut self, ctx: &Context, cache_bytes: usize) {
        if let Some(video) = self.videos.get_mut(self.selected) {
            let position = Some(video.playhead_position());
            *video = OpenVideo::new(ctx, &video.path, position, cache_bytes);
            self.time_field.reset();
        }
    }

    /// Submits what is marked, unless something stands against it, which is on the screen then.
    fn submit_selected(&mut self, ctx: &Context, context: &ViewContext<'_>) {
        if !self.checks.block() {
            self.submit.start(ctx, &mut self.videos[self.selected], context);
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
            if self.closed.len() > CLOSED {
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
        self.scroll = true;
        self.time_field.reset();
    }
}
