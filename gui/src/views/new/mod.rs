//! New: open videos, find the exact frame, mark it, submit.
//!
//! | module | job |
//! | --- | --- |
//! | `video` | one open video: what its player has told, and where the playhead is |
//! | `marks` | the frames to submit |
//! | `checks` | what is said before a submit |
//! | `submit` | from the marks to jobs |
//! | `empty`, `zone` | nothing is open; files hang over the window |
//! | `preview`, `timeline`, `transport`, `inspector`, `lists` | the parts of the screen |
//! | `keys` | the keyboard |

mod checks;
mod empty;
mod inspector;
mod keys;
mod lists;
mod marks;
mod preview;
mod submit;
mod timeline;
mod transport;
mod video;
mod zone;

use std::path::Path;

use egui::{Context, Rect, Ui, pos2};
use posterframe_contract::Position;

use super::{Commands, ViewContext};
use crate::engine::Engine;
use crate::theme::{self, sizes::NARROW};

pub(crate) use zone::drop_zone_ui;

use checks::Checks;
use empty::PathField;
use submit::Submit;
use transport::TimeField;
use video::OpenVideo;

const TIMELINE: f32 = 119.0;
const TRANSPORT: f32 = 60.0;
const INSPECTOR: f32 = 300.0;
const INSPECTOR_NARROW: f32 = 264.0;

/// The New view.
#[derive(Default)]
pub struct NewView {
    videos: Vec<OpenVideo>,
    selected: usize,
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
        let video = OpenVideo::open(ctx, &path, position, cache_bytes);
        if let Some(index) = open {
            self.videos[index] = video;
            self.selected = index;
        } else {
            self.videos.push(video);
            self.selected = self.videos.len() - 1;
        }
        self.time_field.reset();
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
        let Some(video) = self.videos.get_mut(self.selected) else {
            return empty::ui(ui, rect, &mut self.path_field, context);
        };
        let t = theme::tokens(ui);
        let inspector = if rect.width() < NARROW {
            INSPECTOR_NARROW
        } else {
            INSPECTOR
        };
        let side = Rect::from_min_max(pos2(rect.right() - inspector, rect.top()), rect.max);
        let stage = Rect::from_min_max(rect.min, pos2(side.left(), rect.bottom()));
        if let Some(failure) = video.failure.clone() {
            let close = preview::failed_ui(ui, stage, &video.name, &failure, context.commands);
            if close {
                self.close_selected();
                return;
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
            *video = OpenVideo::open(ctx, &video.path, position, cache_bytes);
            self.time_field.reset();
        }
    }

    /// Submits what is marked, unless something stands against it, which is on the screen then.
    fn submit_selected(&mut self, ctx: &Context, context: &ViewContext<'_>) {
        if !self.checks.block() {
            self.submit.start(ctx, &mut self.videos[self.selected], context);
        }
    }

    fn close_selected(&mut self) {
        if self.selected < self.videos.len() {
            self.videos.remove(self.selected);
        }
        self.selected = self.selected.saturating_sub(1);
        self.time_field.reset();
    }

    fn select(&mut self, index: usize) {
        self.selected = index;
        self.time_field.reset();
    }
}
