//! The pane at the right: the video's facts, the frames to submit, the names that they will have, and the button.

use egui::{Align2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use posterframe_client::Client;
use posterframe_contract::Position;

use super::NewView;
use super::submit::ButtonState;
use super::transport::frame_rate;
use super::video::OpenVideo;
use crate::format;
use crate::theme::{self, Face, Role, icons};
use crate::views::{Command, ViewContext};
use crate::widgets::{
    Button, Fit, Height, Text, focus_ring_inside, hline, icon, menu, menu_item, menu_line, paint_picture,
    vline, within,
};

const PADDING: f32 = 16.0;
const FOOTER: f32 = 97.0;
const FRAME_ROW: f32 = 48.0;
const NAME_ROW: f32 = 22.0;
const MENU: f32 = 280.0;

/// What was clicked.
enum Click {
    None,
    Select(usize),
    Close,
    Submit,
}

impl NewView {
    pub(super) fn inspector_ui(&mut self, ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>) {
        vline(ui, rect.left(), rect.y_range());
        let button = self
            .submit
            .button(&self.videos[self.selected], context.client.is_some());
        let footer = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOTER), rect.max);
        let body = Rect::from_min_max(rect.min, footer.right_top());
        let mut click = within(ui, body, "inspector", |ui| {
            ui.shrink_clip_rect(body);
            self.body_ui(ui, body, context)
        });
        if footer_ui(ui, footer, &self.videos[self.selected], &button, context) {
            click = Click::Submit;
        }
        match click {
            Click::None => {}
            Click::Select(index) => self.select(index),
            Click::Close => self.close_selected(),
            Click::Submit => self.submit.start(ui.ctx(), &self.videos[self.selected], context),
        }
    }

    fn body_ui(&mut self, ui: &mut Ui, rect: Rect, context: &ViewContext<'_>) -> Click {
        let mut click = self.file_ui(ui, rect, context);
        let video = &mut self.videos[self.selected];
        let top = rect.top() + facts_ui(ui, rect, video);
        hline(ui, rect.left() + 1.0..=rect.right(), top);
        if video.failure.is_some() {
            return click;
        }
        let lists = Rect::from_min_max(pos2(rect.left() + 1.0, top + 1.0), rect.max);
        within(ui, lists, "lists", |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                if let Some(index) = marks_ui(ui, video) {
                    video.marks.remove(index);
                    click = Click::None;
                }
                names_ui(ui, video);
            });
        });
        click
    }

    /// The file, and the way to the other open ones.
    fn file_ui(&self, ui: &mut Ui, rect: Rect, context: &ViewContext<'_>) -> Click {
        let t = theme::tokens(ui);
        let video = &self.videos[self.selected];
        let still = Rect::from_min_size(rect.min + vec2(PADDING, PADDING), vec2(80.0, 45.0));
        match &video.still {
            Some(texture) => paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Cover),
            None => {
                ui.painter().rect_filled(still, 4, t.raised);
                icon(
                    ui.painter(),
                    still.center(),
                    icons::FILM_STRIP,
                    Face::Icon,
                    16.0,
                    t.dis,
                );
            }
        }
        let right = rect.right() - PADDING;
        let room = right - 36.0 - (still.right() + 12.0);
        let place = Rect::from_min_size(pos2(still.right() + 12.0, rect.top() + 22.0), vec2(room, 18.0));
        Text::new(Role::STRONG, &video.name)
            .at(ui, place, Align2::LEFT_CENTER)
            .on_hover_text(video.path.to_string_lossy());
        let place = Rect::from_min_size(place.left_bottom(), vec2(room, 16.0));
        let facts = [
            (video.bytes > 0).then(|| format::bytes(video.bytes)),
            video.length().map(length),
        ];
        let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Text::new(Role::SMALL, &facts)
            .color(t.text2)
            .at(ui, place, Align2::LEFT_CENTER);

        let place = Rect::from_min_size(pos2(right - 28.0, rect.top() + 24.0), vec2(28.0, 28.0));
        let button = Button::icon("Open videos", icons::SWAP).small().at(ui, place);
        let mut click = Click::None;
        menu(&button, MENU, |ui| {
            for (index, other) in self.videos.iter().enumerate() {
                let detail = match (index == self.selected, other.marks.all().len()) {
                    (true, _) => "Shown".to_owned(),
                    (false, 0) => String::new(),
                    (false, 1) => "1 mark".to_owned(),
                    (false, count) => format!("{count} marks"),
                };
                if menu_item(ui, icons::FILM_STRIP, &other.name, &detail, false) {
                    click = Click::Select(index);
                }
            }
            menu_line(ui);
            if menu_item(ui, icons::FOLDER_OPEN, "Open files…", "Ctrl+O", false) {
                context.commands.send(Command::OpenFiles);
            }
            if menu_item(ui, icons::X, "Close this video", "", false) {
                click = Click::Close;
            }
        });
        click
    }
}

/// `1:00.0`, `1:02:03.4`.
fn length(length: std::time::Duration) -> String {
    let tenths = length.as_millis() / 100;
    let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}.{}", tenths % 10),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{}", tenths % 10),
    }
}

/// What is in the file. Returns how high the file's part is.
fn facts_ui(ui: &mut Ui, rect: Rect, video: &OpenVideo) -> f32 {
    let t = theme::tokens(ui);
    let Some(info) = &video.info else { return 125.0 };
    let size = format!("{} × {}", info.width, info.height);
    let picture = [
        Some(info.codec_label.clone()),
        Some(size),
        info.frame_rate.map(frame_rate),
    ];
    let picture = picture.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let audio = info.audio.clone().unwrap_or_else(|| "None".to_owned());
    for (row, (label, words)) in [("Video", picture), ("Audio", audio)].into_iter().enumerate() {
        let place = Rect::from_min_size(
            rect.min + vec2(PADDING, 73.0 + 20.0 * row as f32),
            vec2(56.0, 16.0),
        );
        Text::new(Role::SMALL, label)
            .color(t.text3)
            .at(ui, place, Align2::LEFT_CENTER);
        let place = Rect::from_min_max(place.right_top(), pos2(rect.right() - PADDING, place.bottom()));
        Text::new(Role::SMALL, &words)
            .color(t.text2)
            .at(ui, place, Align2::LEFT_CENTER);
    }
    125.0
}

/// The frames to submit. Returns the one to take off.
fn marks_ui(ui: &mut Ui, video: &mut OpenVideo) -> Option<usize> {
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
        return None;
    }
    let (mut go, mut remove) = (None, None);
    let current = video.marks.find(video.playhead_position());
    for (index, mark) in video.marks.all().iter().enumerate() {
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
        if Button::icon(&label, icons::X).small().at(ui, place).clicked() {
            remove = Some(index);
        }
        if mark.is_nearly_black() && black_ui(ui) {
            go = Some(mark.position);
        }
    }
    space(ui, 12.0);
    if let (Some(position), None) = (go, remove) {
        video.go_to(duration(position));
    }
    remove
}

/// The warning under a frame with next to nothing to see; whether it was clicked.
fn black_ui(ui: &mut Ui) -> bool {
    let t = theme::tokens(ui);
    let row = space(ui, 36.0);
    let row = Rect::from_min_max(row.min + vec2(15.0, 4.0), row.max - vec2(PADDING, 0.0));
    let response = ui.interact(row, ui.next_auto_id(), Sense::click());
    ui.skip_ahead_auto_ids(1);
    let words = "Nearly black — pick another?";
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words));
    ui.painter().rect_filled(row, 6, t.warn_tint);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, row);
    }
    let y = row.center().y;
    icon(
        ui.painter(),
        pos2(row.left() + 18.0, y),
        icons::WARNING,
        Face::Icon,
        16.0,
        t.warn,
    );
    let place = Rect::from_min_max(row.min + vec2(34.0, 0.0), row.max - vec2(30.0, 0.0));
    Text::new(Role::SMALL, words).at(ui, place, Align2::LEFT_CENTER);
    icon(
        ui.painter(),
        pos2(row.right() - 16.0, y),
        icons::CARET_RIGHT,
        Face::Icon,
        12.0,
        t.warn,
    );
    response.clicked()
}

/// The names of what a submit makes.
fn names_ui(ui: &mut Ui, video: &mut OpenVideo) {
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
        let upload = Text::new(Role::LOG, upload).color(t.text2);
        let thumbnail = Text::new(Role::LOG, thumbnail);
        // The thumbnail's name is what one looks for: the upload's gives way.
        let second = thumbnail.width(ui).min(room * 0.6);
        let first = upload.width(ui).min(room - second);
        let place = Rect::from_min_size(row.min + vec2(15.0, 0.0), vec2(first, 18.0));
        upload.at(ui, place, Align2::LEFT_CENTER);
        let arrow = pos2(place.right() + 8.5, place.center().y);
        icon(ui.painter(), arrow, icons::ARROW_RIGHT, Face::Icon, 11.0, t.text3);
        let place = Rect::from_min_size(pos2(place.right() + 17.0, row.top()), vec2(second + 1.0, 18.0));
        thumbnail.at(ui, place, Align2::LEFT_CENTER);
    }
    space(ui, 12.0);
}

/// What happens at a click, and the button. Whether it was clicked.
fn footer_ui(
    ui: &mut Ui,
    rect: Rect,
    video: &OpenVideo,
    button: &ButtonState,
    context: &ViewContext<'_>,
) -> bool {
    let t = theme::tokens(ui);
    hline(ui, rect.left() + 1.0..=rect.right(), rect.top());
    let words = match (context.client.is_some(), video.marks.all().len()) {
        (false, _) => "Waiting for the backend".to_owned(),
        (true, 0 | 1) => "One upload, 1 thumbnail".to_owned(),
        (true, count) => format!("One upload, {count} thumbnails"),
    };
    let symbol = if context.client.is_some() {
        icons::STACK
    } else {
        icons::CIRCLE_NOTCH
    };
    icon(
        ui.painter(),
        rect.min + vec2(24.0, 23.0),
        symbol,
        Face::Icon,
        16.0,
        t.text3,
    );
    let place = Rect::from_min_max(
        rect.min + vec2(40.0, 13.0),
        pos2(rect.right() - PADDING, rect.top() + 33.0),
    );
    Text::new(Role::SMALL, &words)
        .color(t.text2)
        .at(ui, place, Align2::LEFT_CENTER);
    let place = Rect::from_min_max(rect.min + vec2(PADDING, 41.0), rect.max - vec2(PADDING, 16.0));
    let submit = Button::primary(&button.label).height(Height::Tall).key("Enter");
    submit
        .enabled(button.enabled)
        .busy(button.busy)
        .at(ui, place)
        .clicked()
}

/// The next `height` points of the list.
fn space(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover())
        .0
}

fn duration(position: Position) -> std::time::Duration {
    std::time::Duration::from_micros(position.as_micros())
}

impl OpenVideo {
    /// The names that a submit of the marks would make, or of the frame on the screen where nothing is marked.
    fn planned_names(&mut self) -> &[(String, String)] {
        let marks = self.marks.all();
        let positions: Vec<Position> = match (marks.is_empty(), &self.frame) {
            (true, Some(frame)) => vec![frame.position],
            _ => marks.iter().map(|mark| mark.position).collect(),
        };
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

    // Breaks if lengths are rounded up to a time that the video does not reach.
    #[test]
    fn lengths() {
        let text = |millis| length(std::time::Duration::from_millis(millis));
        assert_eq!(
            (text(60_041), text(3_723_490), text(950)),
            ("1:00.0".into(), "1:02:03.4".into(), "0:00.9".into())
        );
    }
}
