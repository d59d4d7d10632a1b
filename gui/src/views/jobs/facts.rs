//! The facts of a job: the most asked for in a row, all of them under the button at its end. Each can be copied.

use egui::{Align2, Rect, Response, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Job, JobState, path_text};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Copyable, Text, focus_ring_inside, icon, menu_that_stays, put};

use crate::context::{Command, ViewContext};
use crate::{format, job_text};

/// Width of the list of all facts, and of its labels.
const ALL: f32 = 460.0;
const LABELS: f32 = 104.0;
const ROW: f32 = 26.0;

pub(super) fn facts_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, rect: Rect) {
    let t = tokens(ui);
    let took = job.elapsed(ctx.now);
    let (label, time) = match job.state {
        JobState::Done => ("Total", format::duration(took)),
        JobState::Failed => ("Failed after", format::duration(took)),
        JobState::Stopped => ("Stopped after", format::duration(took)),
        _ => ("Elapsed", job_text::running(took)),
    };
    let time = Text::new(Role::MONO, &time)
        .color(t.text2)
        .at(ui, rect, Align2::RIGHT_CENTER);
    let before = Rect::from_min_max(rect.min, pos2(time.rect.left() - 6.0, rect.bottom()));
    let end = Text::new(Role::SMALL, label)
        .color(t.text3)
        .at(ui, before, Align2::RIGHT_CENTER)
        .rect
        .left()
        - 16.0
        - sizes::CONTROL_SMALL;

    let mut x = rect.left();
    let mut facts = Vec::new();
    if let Some(task) = &job.task {
        let id = task.id();
        let short: String = id.chars().take(12).collect();
        let label = Text::new(Role::SMALL, "Task")
            .color(t.text3)
            .at(ui, rect, Align2::LEFT_CENTER);
        let place = Rect::from_min_max(pos2(label.rect.right() + 6.0, rect.top()), rect.max);
        let copyable = put(ui, place, Copyable::new(&short, "Copy task id"));
        if copyable.clicked() {
            copy(ctx, "task id", id.to_owned());
        }
        x = copyable.rect.right() + 20.0;
        facts.push(("Size", job_text::task_size(&task.cpu, &task.memory)));
    } else {
        facts.push(("Video", format::bytes(job.video.bytes)));
    }
    facts.push(("Attempt", job.attempt.to_string()));
    if let Some(started) = job.phases[0].started {
        facts.push(("Started", job_text::clock(started)));
    }
    for (label, value) in &facts {
        let label = Text::new(Role::SMALL, label).color(t.text3);
        let value = Text::new(Role::SMALL, value).color(t.text2);
        if x + label.width(ui) + 6.0 + value.width(ui) > end {
            // Better none than a cut one; the order says what matters most.
            break;
        }
        let room = |left: f32| Rect::from_min_max(pos2(left, rect.top()), pos2(end + 8.0, rect.bottom()));
        let left = label.at(ui, room(x), Align2::LEFT_CENTER).rect.right() + 6.0;
        x = value.at(ui, room(left), Align2::LEFT_CENTER).rect.right() + 20.0;
    }
    let place = Rect::from_min_size(
        pos2(x - 12.0, rect.center().y - sizes::CONTROL_SMALL / 2.0),
        vec2(sizes::CONTROL_SMALL, sizes::CONTROL_SMALL),
    );
    let all = Button::icon("All facts", icons::CARET_DOWN).small().at(ui, place);
    all_ui(&all, ctx, job);
}

/// The list of all facts, under its button.
fn all_ui(button: &Response, ctx: &ViewContext<'_>, job: &Job) {
    menu_that_stays(button, ALL, |ui| {
        let facts = all(job);
        let high = (facts.len() as f32 * ROW).min(ui.ctx().content_rect().height() - 320.0);
        ScrollArea::vertical().max_height(high).show(ui, |ui| {
            for (label, value) in facts {
                if fact_ui(ui, label, &value) {
                    copy(ctx, &label.to_lowercase(), value);
                }
            }
        });
    });
}

/// A row that copies its value; `true` where it was clicked.
fn fact_ui(ui: &mut Ui, label: &str, value: &str) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let said = format!("Copy {}", label.to_lowercase());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::MenuItem, true, &said));
    if response.hovered() {
        ui.painter().rect_filled(rect, sizes::RADIUS_SMALL, t.hover);
        icon(
            ui.painter(),
            pos2(rect.right() - 15.0, rect.center().y),
            icons::COPY,
            posterframe_kit::theme::Face::Icon,
            14.0,
            t.text2,
        );
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let inner = rect.shrink2(vec2(8.0, 0.0));
    Text::new(Role::SMALL, label)
        .color(t.text3)
        .at(ui, inner, Align2::LEFT_CENTER);
    let place = Rect::from_min_max(
        pos2(inner.left() + LABELS, inner.top()),
        pos2(inner.right() - 20.0, inner.bottom()),
    );
    Text::new(Role::MONO_SMALL, value)
        .color(t.text)
        .at(ui, place, Align2::LEFT_CENTER);
    response.clicked()
}

fn copy(ctx: &ViewContext<'_>, what: &str, value: String) {
    ctx.commands.send(Command::CopyText(value));
    ctx.commands.send(Command::Toast(format!("Copied the {what}")));
}

/// Everything that is known of a job, in the order in which it came about.
pub(super) fn all(job: &Job) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Job id", job.id.to_string()),
        ("Backend", job.backend.clone()),
        ("Video", path_text::copyable(&job.video.path)),
        ("Video size", format!("{} bytes", job.video.bytes)),
        ("Position", job.position.timecode()),
    ];
    facts.extend(job.frame_number.map(|number| ("Frame", number.to_string())));
    facts.push(("Bucket", job.bucket.clone()));
    facts.push(("Upload key", job.upload_key.clone()));
    facts.push(("Thumbnail key", job.thumbnail_key.clone()));
    facts.push(("Submitted", job_text::moment(job.created)));
    let started = job.phases[0].started.filter(|started| *started != job.created);
    facts.extend(started.map(|started| ("Last try", job_text::moment(started))));
    facts.push(("Attempt", job.attempt.to_string()));
    if let Some(task) = &job.task {
        facts.push(("Task", task.arn.clone()));
        facts.push(("Task status", task.last_status.clone()));
        facts.push(("Task size", job_text::task_size(&task.cpu, &task.memory)));
        let times = [
            ("Task created", task.created),
            ("Task started", task.started),
            ("Task stopped", task.stopped),
        ];
        facts.extend(
            times
                .into_iter()
                .filter_map(|(label, time)| Some((label, job_text::moment(time?)))),
        );
        let said = [
            ("Stop code", &task.stop_code),
            ("Stop reason", &task.stopped_reason),
            ("Container", &task.container_reason),
            ("Network", &task.network),
            ("Image", &task.image),
        ];
        facts.extend(
            said.into_iter()
                .filter_map(|(label, text)| Some((label, text.clone()?))),
        );
        facts.extend(task.exit_code.map(|code| ("Exit code", code.to_string())));
    }
    for arn in &job.past_tasks {
        facts.push(("Earlier task", arn.clone()));
    }
    facts.extend(job.ended.map(|ended| ("Ended", job_text::moment(ended))));
    if let Some(meta) = job
        .thumbnail
        .as_ref()
        .and_then(|thumbnail| thumbnail.metadata.as_ref())
    {
        facts.push(("Frame time", meta.frame_time.timecode()));
        facts.push(("Pixel hash", meta.pixel_sha256.clone()));
        facts.push(("Task's libav", meta.libav_version.clone()));
    }
    facts.extend(job.preview_libav.clone().map(|libav| ("Preview's libav", libav)));
    facts
}
