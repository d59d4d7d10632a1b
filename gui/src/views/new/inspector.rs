//! The pane at the right: the video's facts, the frames to submit, the names that they will have, and the button.

use std::time::Duration;

use egui::{Align, Frame, Layout, Margin, ScrollArea, Sense, Ui, vec2};
use posterframe_contract::{Interpretation, Rotation};
use posterframe_frame::Timecodes;
use posterframe_kit::theme::{self, Face, Role, icons, sizes};
use posterframe_kit::widgets::{
    Button, Choice, Fit, Glyph, Height, Reveal as _, Text, icon, line_ui, menu, menu_check, menu_item,
    menu_line, paint_picture, row_end, tip,
};

use super::checks::note_ui;
use super::lists::{marks_ui, names_ui, padded};
use super::model::OpenVideo;
use super::naming::Naming;
use super::preview::broken_ui;
use super::submit::ButtonState;
use super::{Action, NewView, distant, sent};
use crate::context::{Command, ViewContext};
use crate::distant::was_read;
use crate::{format, job_text};

/// Height of what stays at the foot: what a submit makes, and the button.
const FOOTER: f32 = 97.0;
/// Height of the choice where a job is made.
const HERE: f32 = 24.0;
/// The least height of the lists where the submitted jobs stay in sight below them.
const LISTS: f32 = 160.0;
const MENU: f32 = 280.0;

impl NewView {
    /// Draws it. `scrolls` where it has a height of its own, in which its lists scroll; otherwise it is as high as they are.
    pub(super) fn inspector_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut ViewContext<'_>,
        scrolls: bool,
    ) -> Option<Action> {
        let corner = ui.max_rect().left_top() + vec2(-8.0, 52.0);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        // No row is higher than what is in it.
        ui.spacing_mut().interact_size.y = 16.0;
        let video = &mut self.videos[self.selected];
        self.checks.update(ui.ctx(), video, context);
        let jobs = self.submit.sent.jobs(context.client);
        let mut action = self.file_ui(ui, context);
        let long_upload = self.checks.long_upload();
        let footer = FOOTER + if long_upload.is_some() { HERE } else { 0.0 };
        let lists = ui.available_height() - footer - sent::height(&jobs);
        let sent_scrolls = !scrolls || lists < LISTS;
        let lists = if sent_scrolls {
            ui.available_height() - footer
        } else {
            lists
        };
        let mut put_away = false;
        if scrolls {
            let area = ScrollArea::vertical()
                .auto_shrink(false)
                .max_height(lists.max(0.0));
            area.show_revealing(ui, |ui| {
                action = self.lists_ui(ui, context).or(action.take());
                if sent_scrolls {
                    put_away = sent::ui(ui, &jobs, context);
                }
            });
        } else {
            action = self.lists_ui(ui, context).or(action);
        }
        if !(scrolls && sent_scrolls) {
            put_away = sent::ui(ui, &jobs, context);
        }
        if put_away {
            self.submit.sent.clear();
        }
        // After the checks were drawn: none is on the screen beside a button that does not know of it yet.
        let ready = context.client.is_some() && !self.checks.block();
        let video = &self.videos[self.selected];
        self.outputs.editor_ui(ui, corner, (context, video));
        let button = self.submit.button(video, context.client, ready);
        let upload = (self.checks.is_stored(), long_upload);
        if footer_ui(ui, video, &button, upload, context) {
            action = Some(Action::Submit);
        }
        action
    }

    fn lists_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) -> Option<Action> {
        let video = &mut self.videos[self.selected];
        if video.failure.is_some() {
            return None;
        }
        if let Some(words) = video.cut_off() {
            ui.add_space(12.0);
            note_ui(ui, &words, true);
        }
        if let Some(words) = video.info.as_ref().and_then(|info| info.colours.warning()) {
            ui.add_space(12.0);
            note_ui(ui, &words, true);
        }
        if let Some(failure) = video.broken.clone() {
            ui.add_space(12.0);
            if broken_ui(ui, &failure) {
                video.start_again();
            }
        }
        if let Some((index, corner)) = marks_ui(ui, video, context.commands) {
            self.naming = Naming::begin(video, index, corner);
        }
        self.outputs.ui(ui, context, video);
        let wanted = (&*context.preferences.outputs, &*context.preferences.sheets);
        let bytes = self.outputs.bytes(wanted.0);
        let uploads = !self.checks.is_stored() && video.distant.is_none();
        names_ui(ui, video, wanted, (uploads, bytes));
        let video = &self.videos[self.selected];
        let action = distant::notes_ui(ui, video, context.client);
        action.or_else(|| self.checks.ui(ui, context.now).then_some(Action::Reopen))
    }

    /// The file, and the way to the other open ones.
    fn file_ui(&self, ui: &mut Ui, context: &ViewContext<'_>) -> Option<Action> {
        let t = theme::tokens(ui);
        let video = &self.videos[self.selected];
        let frame = Frame::NONE.inner_margin(Margin::same(sizes::PANE as i8));
        let shown = frame.show(ui, |ui| {
            let row = ui.horizontal(|ui| {
                let [wide, high] = sizes::STILL;
                let (still, _) = ui.allocate_exact_size(vec2(wide, high), Sense::hover());
                if let Some(texture) = &video.still {
                    paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Cover);
                } else {
                    ui.painter().rect_filled(still, 4, t.raised);
                    let film = icons::FILM_STRIP;
                    icon(ui.painter(), still.center(), film, Face::Icon, 16.0, t.dis);
                }
                ui.add_space(12.0);
                let words = vec2((ui.available_width() - sizes::CONTROL_SMALL - 8.0).max(0.0), high);
                ui.allocate_ui_with_layout(words, Layout::top_down(Align::Min), |ui| {
                    ui.add_space(6.0);
                    ui.add(Text::new(Role::STRONG, &video.name))
                        .on_hover_text(video.path.to_string_lossy());
                    let facts = [
                        (video.bytes > 0).then(|| format::bytes(video.bytes)),
                        video.length().map(format::length),
                    ];
                    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
                    ui.add(Text::new(Role::SMALL, &facts).color(t.text2));
                });
                let [button] = row_end(ui, [Button::icon("Open videos", icons::SWAP).small()]);
                button
            });
            let action = self.videos_menu_ui(&row.inner, context);
            distant::address_ui(ui, video, context.commands);
            ui.add_space(12.0);
            facts_ui(ui, video);
            action
        });
        line_ui(ui);
        shown.inner
    }

    fn videos_menu_ui(&self, button: &egui::Response, context: &ViewContext<'_>) -> Option<Action> {
        let mut action = None;
        menu(button, MENU, |ui| {
            for (index, other) in self.videos.iter().enumerate() {
                let detail = match (index == self.selected, other.marks.all().len()) {
                    (true, _) => "Shown".to_owned(),
                    (false, 0) => String::new(),
                    (false, 1) => "1 mark".to_owned(),
                    (false, count) => format!("{count} marks"),
                };
                if menu_item(ui, icons::FILM_STRIP, &other.name, &detail, false) {
                    action = Some(Action::Select(index));
                }
            }
            action = interpret_ui(ui, &self.videos[self.selected]).or(action.take());
            menu_line(ui);
            if menu_item(ui, icons::FOLDER_OPEN, "Open files…", "Ctrl+O", false) {
                context.commands.send(Command::OpenFiles);
            }
            if menu_item(ui, icons::CLOUD, "Open from the bucket…", "Ctrl+B", false) {
                context.commands.send(Command::OpenBucket);
            }
            if menu_item(ui, icons::X, "Close this video", "Ctrl+W", false) {
                action = Some(Action::Close(self.selected));
            }
        });
        action
    }
}

/// Ways to read a video other than its file says: another track, another rotation, without edit lists.
fn interpret_ui(ui: &mut Ui, video: &OpenVideo) -> Option<Action> {
    let info = video.info.as_ref()?;
    let now = video.interpretation;
    let mut chosen = None;
    menu_line(ui);
    if info.tracks.len() > 1 {
        for track in &info.tracks {
            let label = format!("Track {}, {} × {}", track.number, track.width, track.height);
            if menu_check(ui, &label, track.is_shown) && !track.is_shown {
                let track = Some(track.number);
                chosen = Some(Interpretation { track, ..now });
            }
        }
    }
    let own = Rotation::nearest(info.rotation_degrees);
    let further = now.rotate.unwrap_or(own).further();
    let detail = format!("to {further}°");
    if menu_item(ui, icons::ARROW_CLOCKWISE, "Turn the picture", &detail, false) {
        let rotate = Some(further);
        chosen = Some(Interpretation { rotate, ..now });
    }
    if menu_check(ui, "Pass over edit lists", now.ignore_edits) {
        let ignore_edits = !now.ignore_edits;
        chosen = Some(Interpretation { ignore_edits, ..now });
    }
    if !now.is_default() && menu_item(ui, icons::X, "Read it as the file says", "", false) {
        chosen = Some(Interpretation::default());
    }
    chosen.map(Action::Interpret)
}

/// What is in the file. Its room is there before it is known.
fn facts_ui(ui: &mut Ui, video: &OpenVideo) {
    const LABELS: f32 = 56.0;
    let t = theme::tokens(ui);
    let Some(info) = &video.info else {
        ui.add_space(36.0);
        return;
    };
    let fields = if info.is_interlaced { "i" } else { "" };
    let size = format!("{} × {}{fields}", info.width, info.height);
    let facts = |codec: &str| {
        let facts = [
            Some(codec.to_owned()),
            Some(size.clone()),
            info.frame_rate.map(format::frame_rate),
        ];
        facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let mut picture = facts(&info.codec_label);
    if Text::new(Role::SMALL, &picture).width(ui) > ui.available_width() - LABELS {
        // The size matters more than the codec's profile.
        picture = facts(info.codec_label.split(' ').next().unwrap_or_default());
    }
    let audio = info.audio.clone().unwrap_or_else(|| "None".to_owned());
    ui.spacing_mut().item_spacing.y = 4.0;
    let colours = info.colours.label().map(|label| ("Colour", label));
    let timecodes = video.timecodes().ok().filter(Timecodes::is_own);
    let starts = timecodes.map(|timecodes| ("Starts", timecodes.scale().start().to_string()));
    let read = video
        .distant
        .as_ref()
        .and_then(|distant| was_read(distant.remote()?));
    let read = read.map(|read| ("Read", read));
    for (label, words) in [("Video", picture), ("Audio", audio)]
        .into_iter()
        .chain(colours)
        .chain(starts)
        .chain(read)
    {
        ui.horizontal(|ui| {
            ui.scope(|ui| {
                ui.set_width(LABELS);
                ui.add(Text::new(Role::SMALL, label).color(t.text3));
            });
            ui.add(Text::new(Role::SMALL, &words).color(t.text2));
        });
    }
}

/// What happens at a click, and the button. Whether it was clicked.
fn footer_ui(
    ui: &mut Ui,
    video: &OpenVideo,
    button: &ButtonState,
    (is_stored, long_upload): (bool, Option<Duration>),
    context: &mut ViewContext<'_>,
) -> bool {
    let t = theme::tokens(ui);
    line_ui(ui);
    let words = match (context.client.is_some(), video.marks.all().len()) {
        _ if video.failure.is_some() => "Nothing to submit".to_owned(),
        (false, _) => "Waiting for the backend".to_owned(),
        (true, count) => {
            let copies = video.distant.as_ref().map(|distant| distant.copying.is_wanted);
            let is_made_here = long_upload.is_some() && context.preferences.makes_here;
            let upload = match copies {
                None if is_made_here => "Made on this computer",
                Some(false) => "No upload",
                Some(true) => "One copy, one upload",
                None if is_stored => "Nothing to upload",
                None => "One upload",
            };
            let (outputs, sheets) = (&context.preferences.outputs, &context.preferences.sheets);
            let files = match (outputs.len(), sheets.len()) {
                (1, 0) => job_text::counted(count.max(1), "thumbnail"),
                (each, _) => {
                    let of_sheets: usize = sheets.iter().map(|sheet| 1 + usize::from(sheet.vtt)).sum();
                    job_text::counted(count.max(1) * each + of_sheets, "file")
                }
            };
            if is_made_here {
                format!("{upload}, {files}")
            } else {
                format!("{upload}, one task, {files}")
            }
        }
    };
    let symbol = if video.distant.is_some() {
        icons::CLOUD
    } else if context.client.is_some() {
        icons::STACK
    } else {
        icons::CIRCLE_NOTCH
    };
    let advice = match (context.client.is_some(), button.enabled) {
        (_, true) if video.distant.is_some() => {
            "The task reads the video where it is, and makes these thumbnails"
        }
        (_, true) if is_stored => "The bucket has the video: only the request for these thumbnails is sent",
        (_, true) => "Upload the video once, and make these thumbnails in one task",
        (false, _) => "The backend is not ready yet",
        (true, false) => "There is nothing to submit now",
    };
    ui.add_space(14.0);
    let clicked = padded(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add(Glyph::new(symbol, 16.0, t.text3));
            ui.add(Text::new(Role::SMALL, &words).color(t.text2));
        });
        if let Some(upload) = long_upload {
            ui.add_space(6.0);
            let words = "Make it here, send only the files";
            let here = Choice::check(context.preferences.makes_here, words);
            let tip_words = format!("The upload would take about {}", format::duration(upload));
            if tip(ui.add(here), &tip_words, &[]).clicked() {
                context.preferences.makes_here = !context.preferences.makes_here;
            }
        }
        ui.add_space(10.0);
        let submit = Button::primary(&button.label)
            .height(Height::Tall)
            .key("Enter")
            .tip(advice, &["Enter"])
            .enabled(button.enabled)
            .busy(button.busy);
        ui.vertical_centered_justified(|ui| ui.add(submit).clicked())
            .inner
    });
    ui.add_space(16.0);
    clicked
}
