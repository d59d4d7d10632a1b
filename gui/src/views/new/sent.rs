//! What became of the submits: each job with its state, and the upload with its rate. The view stays usable beside it.

use std::path::Path;
use std::sync::Arc;

use egui::{Align, Frame, Layout, Margin, Ui, vec2};
use posterframe_client::{Client, Job, JobState};
use posterframe_contract::{JobId, Position};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{
    Button, Pill, Progress, Text, Tone, line_ui, list_row, row_end, row_end_width, tip,
};

use crate::context::{Command, ViewContext};
use crate::job_text;

const HEAD: f32 = 44.0;
const UPLOAD: f32 = 30.0;
const ROW: f32 = 28.0;
/// The most jobs that are shown: more would leave no room for the marks, and all of them are in Jobs.
const MAX_SHOWN: usize = 3;
/// The most jobs that are remembered.
const MAX_JOBS: usize = 50;

/// The jobs that were submitted here, the newest submit first.
#[derive(Default)]
pub(super) struct Sent {
    jobs: Vec<JobId>,
}

impl Sent {
    /// Takes in a submit's job.
    pub(super) fn add(&mut self, job: JobId) {
        self.jobs.insert(0, job);
        self.jobs.truncate(MAX_JOBS);
    }

    /// Shows none of them any more.
    pub(super) fn clear(&mut self) {
        self.jobs.clear();
    }

    /// The jobs as they are now, those under way first.
    pub(super) fn jobs(&self, client: Option<&Client>) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> = client
            .into_iter()
            .flat_map(|client| self.jobs.iter().filter_map(|id| client.job(*id)))
            .collect();
        jobs.sort_by_key(|job| job.state.is_ended());
        jobs
    }

    /// Whether this frame alone is on its way already.
    pub(super) fn is_under_way(&self, client: Option<&Client>, video: &Path, position: Position) -> bool {
        let is_it = |job: &Job| matches!(job.stills.as_slice(), [still] if still.position == position);
        self.jobs(client)
            .iter()
            .any(|job| !job.state.is_ended() && is_it(job) && job.video.path == video)
    }
}

/// How high the part is.
pub(super) fn height(jobs: &[Arc<Job>]) -> f32 {
    if jobs.is_empty() {
        return 0.0;
    }
    let upload = if uploading(jobs).is_some() { UPLOAD } else { 0.0 };
    HEAD + upload + ROW * jobs.len().min(MAX_SHOWN) as f32 + 8.0
}

fn uploading(jobs: &[Arc<Job>]) -> Option<&Arc<Job>> {
    jobs.iter()
        .find(|job| job.state == JobState::Uploading && job.upload.is_some())
}

/// Draws it, [`height`] points high. Whether to put it away.
pub(super) fn ui(ui: &mut Ui, jobs: &[Arc<Job>], context: &ViewContext<'_>) -> bool {
    let Some(first) = jobs.first() else { return false };
    let t = theme::tokens(ui);
    line_ui(ui);
    let frame = Frame::NONE.inner_margin(Margin {
        bottom: 8,
        ..Margin::symmetric(8, 0)
    });
    frame
        .show(ui, |ui| {
            let away = head_ui(ui, first.id, jobs.len(), context);
            if let Some(job) = uploading(jobs) {
                let frame = Frame::NONE.inner_margin(Margin {
                    bottom: 8,
                    ..Margin::symmetric(8, 0)
                });
                frame.show(ui, |ui| {
                    ui.add(Progress::new("Upload", job_text::fraction(job), Tone::Busy));
                    ui.add_space(5.0);
                    let note = job_text::note(job, context.now);
                    ui.add(Text::new(Role::CAPTION, &note).color(t.text2));
                });
            }
            for job in jobs.iter().take(MAX_SHOWN) {
                row_ui(ui, job, context);
            }
            away
        })
        .inner
}

fn head_ui(ui: &mut Ui, first: JobId, count: usize, context: &ViewContext<'_>) -> bool {
    let size = vec2(ui.available_width(), HEAD - 1.0);
    let row = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(size.y);
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.add_space(8.0);
        let title = match count {
            count if count > MAX_SHOWN => format!("Submitted · {count}"),
            _ => "Submitted".to_owned(),
        };
        let buttons = [
            Button::ghost("Show in Jobs").small(),
            Button::icon("Put the submitted jobs away; they go on", icons::X).small(),
        ];
        let end = row_end_width(ui, &buttons) + 12.0;
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - end).max(0.0));
            ui.add(Text::new(Role::SECTION, &title).color(theme::tokens(ui).text2));
        });
        ui.set_max_width((ui.available_width() - 8.0).max(0.0));
        let [show, away] = row_end(ui, buttons);
        if show.clicked() {
            context.commands.send(Command::ShowJob(first));
        }
        away.clicked()
    });
    row.inner
}

fn row_ui(ui: &mut Ui, job: &Job, context: &ViewContext<'_>) {
    let word = job_text::pill(job);
    let name = match job.stills.len() {
        1 => job_text::made(job),
        _ => format!("{} · {}", job.name, job_text::counted(job.stills.len(), "frame")),
    };
    let label = format!("{name}, {word}");
    let row = list_row(ui, ROW, (&label, None), |ui| {
        let pill = Pill::new(&word, job_text::tone(job.state));
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - pill.width(ui) - 8.0).max(0.0));
            ui.add(Text::new(Role::LOG, &name));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(pill));
    });
    let more = job
        .failure
        .as_ref()
        .map_or("Show in Jobs", |failure| &failure.title);
    if tip(row.response, more, &[]).clicked() {
        context.commands.send(Command::ShowJob(job.id));
    }
}
