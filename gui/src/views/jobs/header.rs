//! The head of a job's detail: its name, its state, and what can be done with it.

use std::sync::Arc;

use egui::{Align2, Rect, Response, Ui, pos2, vec2};
use posterframe_client::{Job, JobState, Log};
use posterframe_kit::theme::{Face, Role, icons, tokens};
use posterframe_kit::widgets::{Button, Pill, Text, menu, menu_item, menu_line};

use super::{JobsView, actions, report};
use crate::context::{Command, ViewContext};
use crate::job_text;
use crate::views::gallery::copy_link;

impl JobsView {
    pub(super) fn header_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        rect: Rect,
    ) {
        let t = tokens(ui);
        let mut right = rect.right();
        let mut before = |width: f32| {
            let place = Rect::from_min_size(pos2(right - width, rect.top() + 24.0), vec2(width, 32.0));
            right = place.left() - 8.0;
            place
        };
        let more = Button::icon_framed("More", icons::DOTS_THREE).face(Face::IconBold);
        let retry = Button::secondary("Retry")
            .with_icon(icons::ARROW_CLOCKWISE)
            .enabled(actions::can_retry(job))
            .tip(actions::RETRY, &["Ctrl", "R"]);
        let stop = Button::secondary("Stop")
            .with_icon(icons::SQUARE)
            .enabled(actions::can_stop(job));
        let (at_more, at_retry) = (before(32.0), before(retry.width(ui)));
        let at_stop = before(stop.width(ui));
        let pause = pause_button(job).map(|(button, command)| (button, before(button.width(ui)), command));
        if let Some((button, place, command)) = pause
            && button.at(ui, place).clicked()
        {
            ctx.commands.send(command);
        }
        if stop.at(ui, at_stop).clicked() {
            self.stop(ctx, std::slice::from_ref(job));
        }
        if retry.at(ui, at_retry).clicked() {
            actions::retry(ctx, std::slice::from_ref(job));
        }
        let more = more.at(ui, at_more);
        menu_ui(&more, ctx, job, log);

        let y = rect.top() + 40.0;
        let word = job_text::pill(job);
        let timecode = job.position.timecode();
        let pill = Pill::new(&word, job_text::tone(job.state));
        let time = Text::new(Role::TIMECODE, &timecode).color(t.text2);
        let after = 12.0 + time.width(ui) + 12.0 + pill.width(ui);
        let room = (right - 8.0 - rect.left() - after).max(60.0);
        let place = Rect::from_min_size(pos2(rect.left(), y - 12.0), vec2(room, 24.0));
        let name = Text::new(Role::HEADING, &job.video.name).at(ui, place, Align2::LEFT_CENTER);
        let left = name.rect.right() + 12.0;
        let place = Rect::from_min_max(pos2(left, y - 9.0), pos2(right, y + 9.0));
        let time = time.at(ui, place, Align2::LEFT_CENTER);
        if time.rect.right() + 12.0 + pill.width(ui) < right + 8.0 {
            let place = Rect::from_min_size(
                pos2(time.rect.right() + 12.0, y - 10.0),
                vec2(pill.width(ui), 20.0),
            );
            pill.at(ui, place);
        }
    }
}

/// What pauses an upload, or lets it go on.
fn pause_button(job: &Job) -> Option<(Button<'static>, Command)> {
    match job.state {
        JobState::Paused => {
            let button = Button::secondary("Resume").with_icon(icons::PLAY);
            let tip = "Go on with the upload where it was";
            Some((button.tip(tip, &[]), Command::Resume(job.id)))
        }
        JobState::Queued | JobState::Uploading if job.upload_of.is_none() => {
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
        if let Some(thumbnail) = &job.thumbnail {
            if menu_item(ui, icons::ARROW_SQUARE_OUT, "Open thumbnail", "Enter", false) {
                send(Command::OpenFile(thumbnail.file.clone()));
            }
            if menu_item(ui, icons::LINK_SIMPLE, "Copy link", "1 hour", false) {
                copy_link(ctx, job.thumbnail_key.clone());
            }
            if menu_item(ui, icons::IMAGES, "Show in gallery", "", false) {
                send(Command::ShowInGallery(job.thumbnail_key.clone()));
            }
            menu_line(ui);
        }
        if menu_item(ui, icons::CROSSHAIR_SIMPLE, "Pick another frame", "", false) {
            send(Command::OpenAt {
                video: job.video.path.clone(),
                position: job.position,
            });
        }
        if menu_item(ui, icons::FOLDER_OPEN, "Reveal video", "", false) {
            send(Command::RevealFile(job.video.path.clone()));
        }
        menu_line(ui);
        if menu_item(ui, icons::COPY, "Copy key", "", false) {
            let key = if job.thumbnail.is_some() {
                &job.thumbnail_key
            } else {
                &job.upload_key
            };
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
