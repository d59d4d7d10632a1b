//! The header of a job's detail: its name, its state and its actions.

use std::sync::Arc;

use egui::{Response, Ui, vec2};
use posterframe_client::{Job, JobState, Log};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Pill, Text, menu, menu_item, menu_line, row, row_end_width, row_start,
};

use super::{JobsView, actions, report};
use crate::context::{Command, ViewContext, copy_link};
use crate::job_text;

/// Smallest width of the title beside the buttons, in points. With less room, the buttons go below it.
const MIN_TITLE_WIDTH: f32 = 280.0;
/// Smallest width of the name beside position and state, in points. With less room, these go below it.
const MIN_NAME_WIDTH: f32 = 80.0;

impl JobsView {
    pub(super) fn header_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, log: &Log) {
        let pause = pause_button(job);
        let stop = Button::secondary("Stop")
            .with_icon(icons::SQUARE)
            .enabled(actions::can_stop(job));
        let retry = Button::secondary("Retry")
            .with_icon(icons::ARROW_CLOCKWISE)
            .enabled(actions::can_retry(job))
            .tip(actions::RETRY, &["Ctrl", "R"]);
        let more = Button::icon_framed("More", icons::DOTS_THREE).face(Face::IconBold);
        let mut width = row_end_width(ui, &[stop, retry, more]);
        if let Some((pause, _)) = &pause {
            width += pause.width(ui) + ui.spacing().item_spacing.x;
        }
        let buttons = |ui: &mut Ui| {
            if let Some((button, command)) = pause
                && ui.add(button).clicked()
            {
                ctx.commands.send(command);
            }
            if ui.add(stop).clicked() {
                self.stop(ctx, std::slice::from_ref(job));
            }
            if ui.add(retry).clicked() {
                actions::retry(ctx, std::slice::from_ref(job));
            }
            menu_ui(&ui.add(more), ctx, job, log);
        };
        if ui.available_width() - width >= MIN_TITLE_WIDTH {
            row(ui, sizes::CONTROL, |ui| {
                row_start(ui, width, |ui| title_ui(ui, job));
                buttons(ui);
            });
        } else {
            title_ui(ui, job);
            ui.add_space(8.0);
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 8.0;
                ui.horizontal_wrapped(buttons);
            });
        }
    }
}

/// Name, frames and state, in one row if there is room, otherwise in two.
fn title_ui(ui: &mut Ui, job: &Job) {
    let t = tokens(ui);
    let (word, about) = (job_text::pill(job), job_text::about(job));
    let name = Text::new(Role::HEADING, &job.video.name);
    let role = if job.stills.len() == 1 {
        Role::TIMECODE
    } else {
        Role::BODY
    };
    let time = Text::new(role, &about).color(t.text2);
    let pill = Pill::new(&word, job_text::tone(job.state));
    let after = 24.0 + time.width(ui) + pill.width(ui);
    let room = ui.available_width() - after;
    let after_name = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        if room >= MIN_NAME_WIDTH {
            ui.scope(|ui| {
                ui.set_max_width(room);
                ui.add(name);
            });
        }
        ui.add(time);
        ui.add(pill);
    };
    if room >= MIN_NAME_WIDTH {
        row(ui, 24.0, after_name);
    } else {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 6.0);
            ui.add(name);
            ui.horizontal_wrapped(after_name);
        });
    }
}

/// The button that pauses or resumes an upload, and its command; `None` if the job has no upload under way.
fn pause_button(job: &Job) -> Option<(Button<'static>, Command)> {
    match job.state {
        // It begins from the start in any case.
        _ if job.here.is_some() => None,
        JobState::Paused => {
            let button = Button::secondary("Resume").with_icon(icons::PLAY);
            let tip = "Go on with the upload where it was";
            Some((button.tip(tip, &[]), Command::Resume(job.id)))
        }
        JobState::Queued | JobState::Uploading => {
            let button = Button::secondary("Pause").with_icon(icons::PAUSE);
            let tip = "Pause the upload; what was sent stays sent";
            Some((button.tip(tip, &[]), Command::Pause(job.id)))
        }
        _ => None,
    }
}

fn menu_ui(button: &Response, ctx: &ViewContext<'_>, job: &Arc<Job>, log: &Log) {
    let send = |command: Command| ctx.commands.send(command);
    menu(button, 232.0, |ui| {
        if let Some(file) = job.first_file() {
            let is_one = job.files().count() == 1;
            if is_one && menu_item(ui, icons::ARROW_SQUARE_OUT, "Open thumbnail", "Enter", false) {
                send(Command::OpenFile(file.path.clone()));
            }
            if is_one && menu_item(ui, icons::LINK_SIMPLE, "Copy link", "1 hour", false) {
                copy_link(ctx, file.made.key.clone());
            }
            if menu_item(ui, icons::IMAGES, "Show in gallery", "", false) {
                send(Command::ShowInGallery(file.made.key.clone()));
            }
            menu_line(ui);
        }
        if let Some(still) = job.stills.first()
            && !job.foreign
            && menu_item(ui, icons::CROSSHAIR_SIMPLE, "Pick another frame", "", false)
        {
            send(Command::OpenAt {
                video: job.video.path.clone(),
                position: still.position,
            });
        }
        if let Some(source) = &job.source {
            if menu_item(ui, icons::LINK_SIMPLE, "Copy the video’s address", "", false) {
                send(Command::CopyText(source.url.clone()));
            }
        } else if menu_item(ui, icons::FOLDER_OPEN, "Reveal video", "", false) {
            send(Command::RevealFile(job.video.path.clone()));
        }
        menu_line(ui);
        if menu_item(ui, icons::COPY, "Copy key", "", false) {
            let made = job.first_file().map(|file| &file.made.key);
            let key = made.filter(|_| job.files().count() == 1);
            let asked = job.request_key.as_ref().unwrap_or(&job.video_key);
            // A job that is made here has no other object.
            let asked = if asked.is_empty() {
                &job.manifest_key
            } else {
                asked
            };
            let key = key.unwrap_or(asked);
            send(Command::CopyText(key.clone()));
        }
        if menu_item(ui, icons::HASH, "Copy job id", "", false) {
            send(Command::CopyText(job.id.to_string()));
        }
        if menu_item(ui, icons::CLIPBOARD_TEXT, "Copy report", "", false) {
            report::copy(ctx, job, log);
        }
        if actions::can_forget(job) {
            menu_line(ui);
            if menu_item(ui, icons::TRASH, "Remove from list", "Del", true) {
                actions::forget(ctx, std::slice::from_ref(job));
            }
        }
    });
}
