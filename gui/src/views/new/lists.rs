//! The lists of the inspector: the frames to submit, and the names that they will have.

use std::time::Duration;

use egui::{Align, Frame, Key, Layout, Margin, Modifiers, Sense, Stroke, StrokeKind, Ui, vec2};
use posterframe_contract::{OutputRequest, Position, SheetRequest};
use posterframe_kit::theme::{self, Role, icons, sizes};
use posterframe_kit::widgets::{
    Button, Fit, Glyph, InlineButton, Text, line_ui, list_row, paint_picture, row_end, shortcuts_apply, tip,
};

use super::model::{Mark, OpenVideo, time_at};
use super::{better, marks_list};
use crate::context::Commands;
use crate::{format, job_text};

const FRAME_ROW: f32 = 48.0;
const NAME_ROW: f32 = 22.0;
/// So many names of a frame's files are written out.
const MAX_NAMES: usize = 3;
/// Width of the column of numbers before files' names, in points.
const NUMBER: f32 = 18.0;
/// Where a mark's words begin, in points from the start of its row.
const WORDS: f32 = 92.0;

/// With the pane's padding at both sides.
pub(super) fn padded<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::NONE.inner_margin(Margin::symmetric(sizes::PANE as i8, 0));
    frame.show(ui, content).inner
}

/// What a click in the list of marks asks for.
enum Click {
    Go(Position),
    Remove(usize),
    Move(Position, Duration),
    PutBack(usize),
    Name(usize, egui::Pos2),
}

/// The frames to submit. The mark that is to be named, and the corner of where.
pub(super) fn marks_ui(
    ui: &mut Ui,
    video: &mut OpenVideo,
    commands: &Commands,
) -> Option<(usize, egui::Pos2)> {
    let mut naming = None;
    let t = theme::tokens(ui);
    ui.add_space(16.0);
    padded(ui, |ui| {
        ui.horizontal(|ui| {
            let count = video.marks.all().len().to_string();
            let count = Text::new(Role::SMALL, &count).color(t.text3);
            ui.scope(|ui| {
                let end = count.width(ui) + 8.0 + InlineButton::SIDE;
                ui.set_max_width((ui.available_width() - end).max(0.0));
                ui.add(Text::new(Role::SECTION, "Frames to submit").color(t.text2));
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(count);
                marks_list::menu_ui(ui, video, commands);
            });
        });
    });
    ui.add_space(8.0);
    if video.marks.all().is_empty() {
        nothing_marked_ui(ui, video);
    } else if let Some(click) = all_marks_ui(ui, video) {
        match click {
            Click::Go(position) => video.go_to(time_at(position)),
            Click::Remove(index) => video.marks.remove(index),
            Click::Name(index, corner) => naming = Some((index, corner)),
            Click::Move(from, to) => video.move_mark(from, to),
            Click::PutBack(index) => {
                if let Some(position) = video.marks.put_back(index) {
                    video.go_to(time_at(position));
                }
            }
        }
    }
    ui.add_space(12.0);
    naming
}

fn nothing_marked_ui(ui: &mut Ui, video: &mut OpenVideo) {
    let words =
        "Mark frames with M to submit several at once. Without marks, the frame on the screen is submitted.";
    padded(ui, |ui| {
        ui.add(
            Text::new(Role::SMALL, words)
                .color(theme::tokens(ui).text3)
                .wrap(),
        );
    });
    ui.add_space(16.0);
    let position = video.frame.as_ref().map(|frame| frame.position);
    let better = position
        .filter(|_| video.playhead.is_settled())
        .and_then(|position| better::ui(ui, video, position, None, "Go to"));
    if let Some(time) = better {
        video.go_to(video.frame_time(time));
    }
}

fn all_marks_ui(ui: &mut Ui, video: &OpenVideo) -> Option<Click> {
    let mut click = None;
    let current = video.marks.find(video.playhead_position());
    let mut warned = false;
    for (index, mark) in video.marks.all().iter().enumerate() {
        if std::mem::take(&mut warned) {
            ui.add_space(4.0);
        }
        let rows = Frame::NONE.inner_margin(Margin::symmetric(8, 0));
        let row = rows.show(ui, |ui| mark_ui(ui, (video, index, mark), current == Some(index)));
        click = row.inner.or(click);
        let act = format!("Move mark {} to", index + 1);
        let top = ui.cursor().top();
        if let Some(time) = better::ui(ui, video, mark.position, mark.flaw(), &act) {
            click = Some(Click::Move(mark.position, time));
        }
        if let Some(before) = mark.before()
            && put_back_ui(ui, index, &video.shown(before))
        {
            click = Some(Click::PutBack(index));
        }
        warned = ui.cursor().top() > top;
    }
    click
}

fn mark_ui(ui: &mut Ui, (video, index, mark): (&OpenVideo, usize, &Mark), chosen: bool) -> Option<Click> {
    let t = theme::tokens(ui);
    let timecode = video.shown(mark.position);
    let label = format!("Mark {}, {timecode}", index + 1);
    let row = list_row(ui, FRAME_ROW, (&label, Some(chosen)), |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
        let number = (index + 1).to_string();
        let number = Text::new(Role::SMALL, &number).color(t.text3);
        ui.add_sized(vec2(10.0, 16.0), number);
        ui.add_space(8.0);
        let (still, _) = ui.allocate_exact_size(vec2(64.0, 36.0), Sense::hover());
        match &mark.still {
            Some(texture) => paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Contain),
            None => {
                ui.painter().rect_filled(still, 4, t.field);
            }
        }
        let (outline, line) = if chosen {
            (still.expand(2.0), Stroke::new(2.0, t.accent_line))
        } else {
            (still, Stroke::new(1.0, t.border))
        };
        ui.painter().rect_stroke(outline, 4, line, StrokeKind::Inside);
        ui.add_space(10.0);
        let words = vec2(
            (ui.available_width() - sizes::CONTROL_SMALL - 8.0).max(0.0),
            FRAME_ROW,
        );
        let named = ui.allocate_ui_with_layout(words, Layout::top_down(Align::Min), |ui| {
            ui.add_space(7.0);
            ui.add(Text::new(Role::MONO, &timecode));
            said_ui(ui, mark, chosen.then_some(index))
        });
        let label = format!("Remove mark {}", index + 1);
        let keys: &[&str] = if chosen { &["Del"] } else { &[] };
        let cross = Button::icon(&label, icons::X).small().tip(&label, keys);
        let [cross] = row_end(ui, [cross]);
        (named.inner, cross.clicked())
    });
    let corner = row.response.rect.left_top() - vec2(16.0, 0.0);
    let takes_f2 = chosen && shortcuts_apply(ui);
    let by_key = takes_f2 && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F2));
    match row.inner {
        (_, true) => Some(Click::Remove(index)),
        (true, _) => Some(Click::Name(index, corner)),
        _ if by_key || row.response.double_clicked() => Some(Click::Name(index, corner)),
        _ => row.response.clicked().then_some(Click::Go(mark.position)),
    }
}

/// The name of a mark, or its frame's number, and the button that names it where `index` is its number. Whether that was
/// clicked.
fn said_ui(ui: &mut Ui, mark: &Mark, index: Option<usize>) -> bool {
    let t = theme::tokens(ui);
    let number = mark.number.map(|number| format!("Frame {number}"));
    let (words, color) = if mark.name.is_empty() {
        (number.as_deref().unwrap_or_default(), t.text3)
    } else {
        (mark.name.as_str(), t.text2)
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let words = Text::new(Role::CAPTION, words).color(color);
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - InlineButton::SIDE - 4.0).max(0.0));
            let words = ui.add(words);
            if !mark.note.is_empty() {
                words.on_hover_text(&mark.note);
            }
        });
        let Some(index) = index else { return false };
        let label = format!("Name mark {}", index + 1);
        let pencil = InlineButton::new(&label, icons::PENCIL_SIMPLE).tip("Name and note", &["F2"]);
        ui.add(pencil).clicked()
    })
    .inner
}

/// Under a mark that was moved: the way back; whether it was clicked.
fn put_back_ui(ui: &mut Ui, index: usize, before: &str) -> bool {
    let label = format!("Put mark {} back to {before}", index + 1);
    ui.add_space(2.0);
    padded(ui, |ui| {
        ui.horizontal(|ui| {
            ui.add_space(WORDS - 4.0);
            ui.add(Button::ghost("Put back").small().tip(&label, &[]))
                .clicked()
        })
        .inner
    })
}

/// The names of what a submit makes: of a single frame, what is uploaded too, since the position is in that name, unless
/// the bucket has the video. `bytes` are those of one frame's files.
pub(super) fn names_ui(
    ui: &mut Ui,
    video: &mut OpenVideo,
    (outputs, sheets): (&[OutputRequest], &[SheetRequest]),
    (uploads, bytes): (bool, Option<u64>),
) {
    let t = theme::tokens(ui);
    let names = video.planned_names(outputs, sheets);
    if names.files.is_empty() {
        return;
    }
    line_ui(ui);
    padded(ui, |ui| {
        ui.add_space(16.0);
        ui.horizontal(|ui| {
            let count = names.files.len() + names.sheets.len();
            let total = job_text::counted(count, "file");
            let total = match bytes.filter(|_| names.sheets.is_empty()) {
                Some(each) => {
                    let stills = names.files.len() / outputs.len().max(1);
                    format!("{total} · about {}", format::bytes(each * stills as u64))
                }
                None => total,
            };
            let total = Text::new(Role::SMALL, &total).color(t.text3);
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - total.width(ui) - 8.0).max(0.0));
                ui.add(Text::new(Role::SECTION, "Will create").color(t.text2));
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(total));
        });
        ui.add_space(8.0);
        let is_exact = matches!(outputs, [output] if output.is_exact());
        if let ([file], [], true, true) = (names.files.as_slice(), names.sheets.as_slice(), is_exact, uploads)
        {
            name_ui(ui, &names.video, file);
        } else {
            for (index, files) in names.files.chunks(outputs.len().max(1)).enumerate() {
                numbered_ui(ui, Some(index + 1), files);
            }
            for name in &names.sheets {
                numbered_ui(ui, None, std::slice::from_ref(name));
            }
        }
        ui.add_space(12.0);
    });
}

/// The names of a frame's files, after its number, or of a sheet's file. Of many, the first.
fn numbered_ui(ui: &mut Ui, number: Option<usize>, names: &[String]) {
    let all = names.join(", ");
    let name = match names {
        [first, rest @ ..] if rest.len() >= MAX_NAMES => &format!("{first} + {}", rest.len()),
        _ => &all,
    };
    let t = theme::tokens(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), NAME_ROW),
        Layout::left_to_right(Align::Min),
        |ui| {
            ui.set_min_height(NAME_ROW);
            ui.spacing_mut().item_spacing.x = 0.0;
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            let number = Text::new(Role::SMALL, &number).color(t.text3);
            let column = number.width(ui).max(NUMBER - 8.0) + 8.0;
            ui.scope(|ui| {
                ui.set_width(column);
                ui.add(number);
            });
            let letter = Text::new(Role::LOG, "0").width(ui);
            let short = shortened(name, (ui.available_width() / letter).floor() as usize);
            let response = ui.add(Text::new(Role::LOG, &short));
            if short != all {
                tip(response, &all, &[]);
            }
        },
    );
}

fn name_ui(ui: &mut Ui, upload: &str, thumbnail: &str) {
    let t = theme::tokens(ui);
    let room = ui.available_width() - 20.0;
    // All letters of this type are equally wide.
    let letter = Text::new(Role::LOG, "0").width(ui);
    let letters = |room: f32| (room / letter).floor() as usize;
    // The thumbnail's name is what one looks for: the upload's gives way.
    let short = shortened(thumbnail, letters(room * 0.5));
    let long = shortened(upload, letters(room - Text::new(Role::LOG, &short).width(ui)));
    let cut = long != *upload || short != *thumbnail;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), NAME_ROW),
        Layout::left_to_right(Align::Min),
        |ui| {
            ui.set_min_height(NAME_ROW);
            ui.spacing_mut().item_spacing.x = 3.0;
            let response = ui.add(Text::new(Role::LOG, &long).color(t.text2));
            if cut {
                tip(response, &format!("{upload} → {thumbnail}"), &[]);
            }
            ui.add_sized(vec2(11.0, 18.0), Glyph::new(icons::ARROW_RIGHT, 11.0, t.text3));
            ui.add(Text::new(Role::LOG, &short));
        },
    );
}

/// A name in so many letters: the middle gives way, since what tells the names apart is their end.
fn shortened(name: &str, letters: usize) -> String {
    let all = name.chars().count();
    if all <= letters {
        return name.to_owned();
    }
    let kept = letters.saturating_sub(1);
    // The position and the extension: `_00-00-10.541.mp4`.
    let end = (all - name.rfind('_').map_or(all, |at| name[..at].chars().count()))
        .max(8)
        .min(kept.saturating_sub(3));
    let start: String = name.chars().take(kept - end).collect();
    let end: String = name.chars().skip(all - end).collect();
    format!("{}…{end}", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a long name loses what tells it from the others, or a short one is cut.
    #[test]
    fn names_keep_their_ends() {
        let name = "a walk in the rain_00-00-10.541.mp4";
        assert_eq!(shortened("rain-2.png", 12), "rain-2.png");
        assert_eq!(shortened(name, 27), "a walk in…_00-00-10.541.mp4");
        assert_eq!(shortened(name, 22), "a wa…_00-00-10.541.mp4");
        assert_eq!(shortened("a walk in the rain-12.png", 16), "a walk…n-12.png");
        for letters in 0..40 {
            assert!(shortened("Ähren_00-00.mp4", letters).chars().count() <= letters.max(1));
        }
    }
}
