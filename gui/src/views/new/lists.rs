//! The lists of the inspector: the frames to submit, and the names that they will have.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use posterframe_client::Client;
use posterframe_contract::Position;
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{Button, Fit, Text, focus_ring_inside, hline, icon, paint_picture, tip};

use super::better;
use super::video::OpenVideo;

const PADDING: f32 = 16.0;
const FRAME_ROW: f32 = 48.0;
const NAME_ROW: f32 = 22.0;

/// The frames to submit. Returns the one to take off.
pub(super) fn marks_ui(ui: &mut Ui, video: &mut OpenVideo) -> Option<usize> {
    let t = theme::tokens(ui);
    let head = space(ui, 40.0);
    let place = Rect::from_min_max(
        head.min + vec2(15.0, 16.0),
        pos2(head.right() - PADDING, head.top() + 32.0),
    );
    Text::new(Role::SECTION, "Frames to submit")
        .color(t.text2)
        .at(ui, place, Align2::LEFT_CENTER);
    let count = video.marks.all().len().to_string();
    Text::new(Role::SMALL, &count)
        .color(t.text3)
        .at(ui, place, Align2::RIGHT_CENTER);
    if video.marks.all().is_empty() {
        let words = "Mark frames with M to submit several at once. Without marks, the frame on the screen is submitted.";
        let text = Text::new(Role::SMALL, words).color(t.text3).wrap();
        let width = head.width() - 15.0 - PADDING;
        let height = text.galley(ui, width).size().y;
        let place = space(ui, height + 16.0);
        let place = Rect::from_min_size(place.min + vec2(15.0, 0.0), vec2(width, height));
        text.at(ui, place, Align2::LEFT_TOP);
        let position = video.frame.as_ref().map(|frame| frame.position);
        let better = position
            .filter(|_| video.is_settled())
            .and_then(|position| better::ui(ui, video, position, None, "Go to"));
        if let Some(time) = better {
            video.go_to(video.frame_time(time));
        }
        space(ui, 12.0);
        return None;
    }
    let (mut go, mut remove, mut moved, mut back) = (None, None, None, None);
    let current = video.marks.find(video.playhead_position());
    let mut warned = false;
    for (index, mark) in video.marks.all().iter().enumerate() {
        if std::mem::take(&mut warned) {
            space(ui, 4.0);
        }
        let row = space(ui, FRAME_ROW);
        let row = Rect::from_min_max(row.min + vec2(7.0, 0.0), row.max - vec2(8.0, 0.0));
        let chosen = current == Some(index);
        let timecode = mark.position.timecode();
        let response = ui.interact(
            row,
            ui.scope_id().with(("mark", mark.position.as_micros())),
            Sense::click(),
        );
        let label = format!("Mark {}, {timecode}", index + 1);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListItem, true, chosen, &label));
        if chosen || response.hovered() {
            ui.painter()
                .rect_filled(row, 6, if chosen { t.raised } else { t.hover });
        }
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, row);
        }
        if response.clicked() {
            go = Some(mark.position);
        }
        let place = Rect::from_min_size(row.min + vec2(2.0, 0.0), vec2(22.0, FRAME_ROW));
        let number = (index + 1).to_string();
        Text::new(Role::SMALL, &number)
            .color(t.text3)
            .at(ui, place, Align2::CENTER_CENTER);
        let still = Rect::from_min_size(row.min + vec2(26.0, 6.0), vec2(64.0, 36.0));
        match &mark.still {
            Some(texture) => paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Contain),
            None => {
                ui.painter().rect_filled(still, 4, t.field);
            }
        }
        let (width, line) = if chosen {
            (2.0, t.accent_line)
        } else {
            (1.0, t.border)
        };
        let outline = if chosen { still.expand(2.0) } else { still };
        ui.painter()
            .rect_stroke(outline, 4, Stroke::new(width, line), StrokeKind::Inside);
        let words = Rect::from_min_size(row.min + vec2(100.0, 7.0), vec2(138.0, 18.0));
        Text::new(Role::MONO, &timecode).at(ui, words, Align2::LEFT_CENTER);
        if let Some(number) = mark.number {
            let place = Rect::from_min_size(row.min + vec2(100.0, 27.0), vec2(138.0, 14.0));
            let number = format!("Frame {number}");
            Text::new(Role::CAPTION, &number)
                .color(t.text3)
                .at(ui, place, Align2::LEFT_CENTER);
        }
        let place = Rect::from_min_size(pos2(row.right() - 36.0, row.top() + 10.0), vec2(28.0, 28.0));
        let label = format!("Remove mark {}", index + 1);
        let keys: &[&str] = if chosen { &["Del"] } else { &[] };
        let cross = Button::icon(&label, icons::X).small().tip(&label, keys);
        if cross.at(ui, place).clicked() {
            remove = Some(index);
        }
        let act = format!("Move mark {} to", index + 1);
        let top = ui.cursor().top();
        if let Some(time) = better::ui(ui, video, mark.position, mark.flaw(), &act) {
            moved = Some((mark.position, time));
        }
        if let Some(before) = mark.before()
            && back_ui(ui, index, before)
        {
            back = Some(index);
        }
        warned = ui.cursor().top() > top;
    }
    space(ui, 12.0);
    if let Some((from, to)) = moved {
        video.move_mark(from, to);
    } else if let Some(position) = back.and_then(|index| video.marks.put_back(index)).or(go)
        && remove.is_none()
    {
        video.go_to(duration(position));
    }
    remove
}

/// Under a mark that was moved: the way back; whether it was clicked.
fn back_ui(ui: &mut Ui, index: usize, before: Position) -> bool {
    let row = space(ui, 32.0);
    let label = format!("Put mark {} back to {}", index + 1, before.timecode());
    let button = Button::ghost("Put back").small().tip(&label, &[]);
    let place = Rect::from_min_size(row.min + vec2(96.0, 2.0), vec2(button.width(ui), 28.0));
    button.at(ui, place).clicked()
}

/// The names of what a submit makes.
pub(super) fn names_ui(ui: &mut Ui, video: &mut OpenVideo) {
    let t = theme::tokens(ui);
    let names = video.planned_names();
    if names.is_empty() {
        return;
    }
    let head = space(ui, 41.0);
    hline(ui, head.x_range(), head.top());
    let place = Rect::from_min_size(head.min + vec2(15.0, 13.0), vec2(200.0, 24.0));
    Text::new(Role::SECTION, "Will create")
        .color(t.text2)
        .at(ui, place, Align2::LEFT_CENTER);
    for (upload, thumbnail) in names {
        let row = space(ui, NAME_ROW);
        let room = row.width() - 15.0 - PADDING - 20.0;
        // All letters of this type are equally wide.
        let letter = Text::new(Role::LOG, "0").width(ui);
        let letters = |room: f32| (room / letter).floor() as usize;
        // The thumbnail's name is what one looks for: the upload's gives way.
        let short = shortened(thumbnail, letters(room * 0.5));
        let second = Text::new(Role::LOG, &short).width(ui);
        let long = shortened(upload, letters(room - second));
        let first = Text::new(Role::LOG, &long).width(ui);
        let whole = format!("{upload} → {thumbnail}");
        let cut = long != *upload || short != *thumbnail;
        let (upload, thumbnail) = (Text::new(Role::LOG, &long), Text::new(Role::LOG, &short));
        let upload = upload.color(t.text2);
        let place = Rect::from_min_size(row.min + vec2(15.0, 0.0), vec2(first, 18.0));
        let response = upload.at(ui, place, Align2::LEFT_CENTER);
        if cut {
            tip(response, &whole, &[]);
        }
        let arrow = pos2(place.right() + 8.5, place.center().y);
        icon(ui.painter(), arrow, icons::ARROW_RIGHT, Face::Icon, 11.0, t.text3);
        let place = Rect::from_min_size(pos2(place.right() + 17.0, row.top()), vec2(second + 1.0, 18.0));
        thumbnail.at(ui, place, Align2::LEFT_CENTER);
    }
    space(ui, 12.0);
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

/// The next `height` points of the list.
pub(super) fn space(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover())
        .0
}

fn duration(position: Position) -> std::time::Duration {
    std::time::Duration::from_micros(position.as_micros())
}

impl OpenVideo {
    /// Where the frames are that a submit would take: the marks, or the frame on the screen where nothing is marked.
    pub(super) fn positions(&self) -> Vec<Position> {
        let marks = self.marks.all();
        match (marks.is_empty(), &self.frame) {
            (true, Some(frame)) => vec![frame.position],
            _ => marks.iter().map(|mark| mark.position).collect(),
        }
    }

    /// The names that a submit of the marks would make, or of the frame on the screen where nothing is marked.
    fn planned_names(&mut self) -> &[(String, String)] {
        let positions = self.positions();
        if self.names.0 != positions {
            self.names = (positions, Vec::new());
            self.names.1 = Client::planned_names(&self.path, &self.names.0);
        }
        &self.names.1
    }
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
