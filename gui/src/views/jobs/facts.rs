//! The facts of a job: the main ones in a row, and all of them in a menu at its end. Each can be copied.

use egui::{Align, Frame, Layout, Margin, Response, Sense, Separator, Ui, UiBuilder, WidgetInfo, vec2};
use posterframe_client::{Job, JobState, path_text};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Copyable, Glyph, Text, focus_ring_inside, menu_that_stays, row, row_start,
};

use crate::context::{Command, ViewContext};
use crate::{format, job_text};

/// Most stills that the list names one by one.
const MAX_STILLS: usize = 12;
/// Width of the list of all facts, in points.
const LIST: f32 = 460.0;
/// Width of that list's labels, in points.
const LABELS: f32 = 104.0;
/// Height of a row of that list, in points.
const ROW: f32 = 26.0;
/// Gap between two facts, in points.
const GAP: f32 = 20.0;
/// Gap between a label and its value, in points.
const LABEL_GAP: f32 = 6.0;

/// A label and its value, with a button to copy the value if `full_value` is set.
struct Fact {
    label: &'static str,
    value: String,
    /// The full value, to copy, if `value` is only a part of it.
    full_value: Option<String>,
    role: Role,
}

impl Fact {
    fn new(label: &'static str, value: String) -> Self {
        Self {
            label,
            value,
            full_value: None,
            role: Role::SMALL,
        }
    }

    fn width(&self, ui: &Ui) -> f32 {
        let icon = if self.full_value.is_some() {
            Copyable::ICON
        } else {
            0.0
        };
        let (label, value) = (
            Text::new(Role::SMALL, self.label),
            Text::new(self.role, &self.value),
        );
        (label.width(ui) + LABEL_GAP + value.width(ui) + icon).ceil()
    }

    fn ui(&self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        let t = tokens(ui);
        let size = vec2(self.width(ui), sizes::CONTROL_SMALL);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = LABEL_GAP;
            ui.add(Text::new(Role::SMALL, self.label).color(t.text3));
            let Some(full_value) = &self.full_value else {
                ui.add(Text::new(self.role, &self.value).color(t.text2));
                return;
            };
            let name = format!("{} id", self.label.to_lowercase());
            if ui
                .add(Copyable::new(&self.value, &format!("Copy {name}")).role(self.role))
                .clicked()
            {
                copy(ctx, &name, full_value.clone());
            }
        });
    }
}

/// The main facts, across the width of `ui`: in one row with the time at its end, or in several if they need more room.
pub(super) fn facts_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
    let facts = main_facts(job);
    let took = job.elapsed(ctx.now);
    let (label, time) = match job.state {
        JobState::Done => ("Total", format::duration(took)),
        JobState::Failed => ("Failed after", format::duration(took)),
        JobState::Stopped => ("Stopped after", format::duration(took)),
        _ => ("Elapsed", job_text::running(took)),
    };
    let time = Fact {
        role: Role::MONO,
        ..Fact::new(label, time)
    };
    let margin = Frame::NONE
        .fill(tokens(ui).panel)
        .inner_margin(Margin::symmetric(sizes::DETAIL as i8, 5));
    ui.add(Separator::default().horizontal().spacing(1.0));
    margin.show(ui, |ui| {
        ui.take_available_width();
        let widths: f32 = facts.iter().map(|fact| fact.width(ui) + GAP).sum();
        let all = Button::icon("All facts", icons::CARET_DOWN).small();
        if widths + all.width(ui) + GAP + time.width(ui) <= ui.available_width() {
            row(ui, sizes::CONTROL_SMALL, |ui| {
                row_start(ui, time.width(ui), |ui| {
                    ui.spacing_mut().item_spacing.x = GAP;
                    for fact in &facts {
                        fact.ui(ui, ctx);
                    }
                    ui.add_space(-12.0);
                    all_ui(&ui.add(all), ctx, job);
                });
                time.ui(ui, ctx);
            });
        } else {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().interact_size.y = sizes::CONTROL_SMALL;
                ui.spacing_mut().item_spacing.x = GAP;
                for fact in facts.iter().chain([&time]) {
                    fact.ui(ui, ctx);
                }
                all_ui(&ui.add(all), ctx, job);
            });
        }
    });
    ui.add(Separator::default().horizontal().spacing(1.0));
}

fn main_facts(job: &Job) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(task) = &job.task {
        let id = task.id();
        facts.push(Fact {
            full_value: Some(id.to_owned()),
            role: Role::MONO,
            ..Fact::new("Task", id.chars().take(12).collect())
        });
        facts.push(Fact::new("Size", job_text::task_size(&task.cpu, &task.memory)));
    } else {
        if job.here.is_some() {
            facts.push(Fact::new("Made", job_text::HERE.to_owned()));
        }
        facts.push(Fact::new("Video", format::bytes(job.video.bytes)));
    }
    facts.push(Fact::new("Attempt", job.attempt.to_string()));
    let started = job.phases[0].started;
    facts.extend(started.map(|started| Fact::new("Started", job_text::clock(started))));
    facts
}

/// The list of all facts, as the button's menu.
fn all_ui(button: &Response, ctx: &ViewContext<'_>, job: &Job) {
    menu_that_stays(button, LIST, |ui| {
        for (label, value) in all(job) {
            if fact_ui(ui, label, &value) {
                copy(ctx, &label.to_lowercase(), value);
            }
        }
    });
}

/// A row whose click copies its value. `true` if it was clicked.
fn fact_ui(ui: &mut Ui, label: &str, value: &str) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let name = format!("Copy {}", label.to_lowercase());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::MenuItem, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect, sizes::RADIUS_SMALL, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let inside = UiBuilder::new()
        .max_rect(rect.shrink2(vec2(8.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(inside, |ui| {
        row_start(ui, 14.0, |ui| {
            let labels = LABELS.min(ui.available_width() / 2.0);
            let cell = vec2(labels - 8.0, ROW);
            ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(cell.x);
                ui.add(Text::new(Role::SMALL, label).color(t.text3));
            });
            ui.add(Text::new(Role::MONO_SMALL, value).color(t.text));
        });
        if response.hovered() {
            ui.add(Glyph::new(icons::COPY, 14.0, t.text2));
        }
    });
    response.clicked()
}

fn copy(ctx: &ViewContext<'_>, what: &str, value: String) {
    ctx.commands.send(Command::CopyText(value));
    ctx.commands.send(Command::Toast(format!("Copied the {what}")));
}

/// All facts of a job, as labels and values, in chronological order.
pub(super) fn all(job: &Job) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Job id", job.id.to_string()),
        ("Backend", job.backend.clone()),
        ("Video", path_text::copyable(&job.video.path)),
        ("Video size", format!("{} bytes", job.video.bytes)),
    ];
    if !job.interpretation.is_default() {
        facts.push(("Read as", job.interpretation.to_string()));
    }
    facts.extend(job.stills.iter().take(MAX_STILLS).map(|still| {
        let number = still.number.map(|number| format!(", frame {number}"));
        let position = still.position.timecode();
        ("Position", format!("{position}{}", number.unwrap_or_default()))
    }));
    if let Some(more) = job.stills.len().checked_sub(MAX_STILLS).filter(|more| *more > 0) {
        facts.push(("Position", format!("and {more} more")));
    }
    facts.push(("Bucket", job.bucket.clone()));
    if !job.video_key.is_empty() {
        facts.push(("Video key", job.video_key.clone()));
    }
    facts.extend(job.request_key.clone().map(|key| ("Request key", key)));
    facts.push(("Manifest key", job.manifest_key.clone()));
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
        let optional = [
            ("Stop code", &task.stop_code),
            ("Stop reason", &task.stopped_reason),
            ("Container", &task.container_reason),
            ("Network", &task.network),
            ("Image", &task.image),
        ];
        facts.extend(
            optional
                .into_iter()
                .filter_map(|(label, text)| Some((label, text.clone()?))),
        );
        facts.extend(task.exit_code.map(|code| ("Exit code", code.to_string())));
    }
    if let Some(run) = &job.here {
        facts.push(("Made", job_text::HERE.to_owned()));
        let times = [("Worker started", run.started), ("Worker ended", run.stopped)];
        let times = times
            .into_iter()
            .filter_map(|(label, time)| Some((label, job_text::moment(time?))));
        facts.extend(times);
        facts.extend(run.exit_code.map(|code| ("Exit code", code.to_string())));
    }
    for arn in &job.past_tasks {
        facts.push(("Earlier task", arn.clone()));
    }
    facts.extend(job.ended.map(|ended| ("Ended", job_text::moment(ended))));
    facts.extend(job.read.map(|read| {
        let (bytes, of) = (format::bytes(read.bytes), format::bytes(read.of));
        ("Read", format!("{bytes} of {of} in {} requests", read.requests))
    }));
    if let [still] = job.stills.as_slice() {
        facts.extend(
            still
                .frame
                .as_ref()
                .map(|frame| ("Frame time", frame.time.timecode())),
        );
        let hash = still.files.first().map(|file| file.made.pixel_sha256.clone());
        facts.extend(hash.map(|hash| ("Pixel hash", hash)));
    }
    let made_by = job.made_by.as_ref();
    let worker = if job.here.is_some() {
        "Worker's libav"
    } else {
        "Task's libav"
    };
    facts.extend(made_by.map(|made_by| (worker, made_by.libav_version.clone())));
    let preview = job.stills.iter().find_map(|still| still.preview.as_ref());
    facts.extend(preview.map(|preview| ("Preview's libav", preview.libav.clone())));
    facts
}
