//! The name and the note of a mark.

use std::path::PathBuf;

use egui::{Align2, Frame, Id, Key, Margin, Pos2, Ui};
use posterframe_contract::{MAX_MARK_BYTES, MAX_NOTE_BYTES, Position};
use posterframe_kit::theme::{self, Role, sizes};
use posterframe_kit::widgets::{Button, Field, Text, line_ui, popover, row, row_end};

use super::NewView;
use super::model::OpenVideo;

const WIDTH: f32 = 340.0;
const LABELS: f32 = 56.0;

/// A mark whose name and note are being written.
pub(super) struct Naming {
    video: PathBuf,
    position: Position,
    name: String,
    note: String,
    corner: Pos2,
    has_begun: bool,
}

impl Naming {
    /// Of the mark of this number, with the popover's upper right corner at `corner`.
    pub(super) fn begin(video: &OpenVideo, index: usize, corner: Pos2) -> Option<Self> {
        let mark = video.marks.all().get(index)?;
        Some(Self {
            video: video.path.clone(),
            position: mark.position,
            name: mark.name.clone(),
            note: mark.note.clone(),
            corner,
            has_begun: false,
        })
    }

    fn problem(&self) -> Option<String> {
        let is_line = |text: &str| !text.contains(char::is_control);
        if self.name.len() > MAX_MARK_BYTES || self.note.len() > MAX_NOTE_BYTES {
            Some(format!(
                "A name has at most {MAX_MARK_BYTES} bytes, and a note {MAX_NOTE_BYTES}"
            ))
        } else if !is_line(&self.name) || !is_line(&self.note) {
            Some("Control characters cannot be in it".to_owned())
        } else {
            None
        }
    }
}

/// What was chosen in the popover.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Keep,
    Cancel,
}

impl NewView {
    /// Draws the popover where it is open.
    pub(super) fn naming_ui(&mut self, ui: &Ui) {
        let Some(naming) = &mut self.naming else { return };
        let video = self.videos.get(self.selected);
        let video = video.filter(|video| video.path == naming.video);
        let Some((video, index)) = video.zip(video.and_then(|video| video.marks.find(naming.position)))
        else {
            self.naming = None;
            return;
        };
        let title = format!("Mark {}, {}", index + 1, video.shown(naming.position));
        let corner = (naming.corner, Align2::RIGHT_TOP, WIDTH);
        let answer = popover(ui.ctx(), Id::unique("name a mark"), corner, |ui| {
            naming_fields_ui(ui, naming, &title)
        });
        match answer {
            Some(Answer::Keep) => {
                let (name, note) = (naming.name.trim().to_owned(), naming.note.trim().to_owned());
                let position = naming.position;
                self.videos[self.selected].marks.describe(position, &name, &note);
                self.naming = None;
            }
            Some(Answer::Cancel) => self.naming = None,
            None => {}
        }
    }
}

fn naming_fields_ui(ui: &mut Ui, naming: &mut Naming, title: &str) -> Option<Answer> {
    let t = theme::tokens(ui);
    let problem = naming.problem();
    let mut answer = None;
    let body = Frame::NONE.inner_margin(Margin::same(16));
    body.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        ui.add(Text::new(Role::STRONG, title));
        let (has_begun, is_wrong) = (naming.has_begun, problem.is_some());
        let mut field = |ui: &mut Ui, label: &str, text: &mut String, hint: &str| {
            row(ui, sizes::CONTROL, |ui| {
                ui.scope(|ui| {
                    ui.set_width(LABELS);
                    ui.add(Text::new(Role::SMALL, label).color(t.text2));
                });
                let id = Id::unique(("mark", label));
                let field = Field::new(id, text, label).placeholder(hint).error(is_wrong);
                let response = ui.add(field);
                if !has_begun && label == "Name" {
                    response.request_focus();
                }
                if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    answer = Some(Answer::Keep);
                }
            });
        };
        field(ui, "Name", &mut naming.name, "As the still is called");
        field(ui, "Note", &mut naming.note, "Goes into the files");
        naming.has_begun = true;
        if let Some(problem) = &problem {
            ui.add(Text::new(Role::SMALL, problem).color(t.red).wrap());
        }
    });
    line_ui(ui);
    let foot = Frame::NONE.inner_margin(Margin::symmetric(16, 12));
    foot.show(ui, |ui| {
        row(ui, sizes::CONTROL, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let buttons = [
                Button::secondary("Cancel").tip("Close", &["Esc"]),
                Button::primary("Done")
                    .enabled(problem.is_none())
                    .tip("Keep it", &["Enter"]),
            ];
            let [cancel, done] = row_end(ui, buttons).map(|button| button.clicked());
            if done {
                answer = Some(Answer::Keep);
            } else if cancel || ui.input(|input| input.key_pressed(Key::Escape)) {
                answer = Some(Answer::Cancel);
            }
        });
    });
    answer.filter(|answer| *answer == Answer::Cancel || problem.is_none())
}
