//! The pane at the right: the video's facts, the frames to submit, the names that they will have, and the button.

use egui::{Align2, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{
    Button, Fit, Height, Text, hline, icon, menu, menu_item, menu_line, paint_picture, vline, within,
};

use super::checks::note_ui;
use super::lists::{marks_ui, names_ui, space};
use super::preview::broken_ui;
use super::submit::ButtonState;
use super::transport::frame_rate;
use super::video::OpenVideo;
use super::{NewView, sent};
use crate::context::{Command, ViewContext};
use crate::format;

const PADDING: f32 = 16.0;
const FOOTER: f32 = 97.0;
const MENU: f32 = 280.0;

/// What was clicked.
enum Click {
    None,
    Select(usize),
    Close,
    Reopen,
    Submit,
}

impl NewView {
    pub(super) fn inspector_ui(&mut self, ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>) {
        vline(ui, rect.left(), rect.y_range());
        let video = &mut self.videos[self.selected];
        self.checks.update(ui.ctx(), video, context);
        let footer = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOTER), rect.max);
        let jobs = self.submit.sent.jobs(context.client);
        let panel = pos2(rect.left(), footer.top() - sent::height(&jobs));
        let panel = Rect::from_min_max(panel, footer.right_top());
        if within(ui, panel, "sent", |ui| sent::ui(ui, panel, &jobs, context)) {
            self.submit.sent.clear();
        }
        let body = Rect::from_min_max(rect.min, panel.right_top());
        let mut click = within(ui, body, "inspector", |ui| {
            ui.shrink_clip_rect(body);
            self.body_ui(ui, body, context)
        });
        // After the checks were drawn: none is on the screen beside a button that does not know of it yet.
        let ready = context.client.is_some() && !self.checks.block();
        let video = &self.videos[self.selected];
        let button = self.submit.button(video, context.client, ready);
        if footer_ui(ui, footer, video, &button, context) {
            click = Click::Submit;
        }
        match click {
            Click::None => {}
            Click::Select(index) => self.select(index),
            Click::Close => self.close(self.selected, context.commands),
            Click::Reopen => self.reopen_selected(ui.ctx(), context.preferences.cache_bytes()),
            Click::Submit => self.submit_selected(ui.ctx(), context),
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
                if let Some(words) = video.cut_off() {
                    space(ui, 12.0);
                    note_ui(ui, &words, true);
                }
                if let Some(failure) = video.broken.clone() {
                    space(ui, 12.0);
                    if broken_ui(ui, &failure) {
                        video.start_again();
                    }
                }
                if let Some(index) = marks_ui(ui, video) {
                    video.marks.remove(index);
                    click = Click::None;
                }
                names_ui(ui, video);
                if self.checks.ui(ui, context.now) {
                    click = Click::Reopen;
                }
            });
        });
        click
    }

    /// The file, and the way to the other open ones.
    fn file_ui(&self, ui: &mut Ui, rect: Rect, context: &ViewContext<'_>) -> Click {
        let t = theme::tokens(ui);
        let video = &self.videos[self.selected];
        let still = Rect::from_min_size(rect.min + vec2(PADDING, PADDING), vec2(80.0, 45.0));
        if let Some(texture) = &video.still {
            paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Cover);
        } else {
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
            if menu_item(ui, icons::X, "Close this video", "Ctrl+W", false) {
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
    let facts = |codec: &str| {
        let facts = [
            Some(codec.to_owned()),
            Some(size.clone()),
            info.frame_rate.map(frame_rate),
        ];
        facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let mut picture = facts(&info.codec_label);
    let room = rect.width() - PADDING - 56.0 - PADDING;
    if Text::new(Role::SMALL, &picture).width(ui) > room {
        // The size matters more than the codec's profile.
        picture = facts(info.codec_label.split(' ').next().unwrap_or_default());
    }
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
        _ if video.failure.is_some() => "Nothing to submit".to_owned(),
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
    let tip = match (context.client.is_some(), button.enabled) {
        (_, true) => "Upload the video once, and make these thumbnails",
        (false, _) => "The backend is not ready yet",
        (true, false) => "There is nothing to submit now",
    };
    let submit = Button::primary(&button.label)
        .height(Height::Tall)
        .key("Enter")
        .tip(tip, &["Enter"]);
    submit
        .enabled(button.enabled)
        .busy(button.busy)
        .at(ui, place)
        .clicked()
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
