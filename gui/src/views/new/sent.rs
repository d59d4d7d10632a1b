//! What became of the submits: each job with its state, and the upload with its rate. The view stays usable beside it.

use std::path::Path;
use std::sync::Arc;

use egui::{Align2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Client, Job, JobState};
use posterframe_contract::{JobId, Position};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Pill, Progress, Text, Tone, focus_ring_inside, hline, put, tip};

use crate::context::{Command, ViewContext};
use crate::job_text;

const PADDING: f32 = 16.0;
const HEAD: f32 = 44.0;
const UPLOAD: f32 = 30.0;
const ROW: f32 = 28.0;
/// More would leave no room for the marks; all of them are in Jobs.
const MOST: usize = 3;
/// So many jobs are remembered.
const KEPT: usize = 50;

/// The jobs that were submitted here, the newest submit first.
#[derive(Default)]
pub(super) struct Sent {
    jobs: Vec<JobId>,
}

impl Sent {
    /// Takes in a submit's jobs.
    pub(super) fn add(&mut self, jobs: &[JobId]) {
        self.jobs.splice(0..0, jobs.iter().copied());
        self.jobs.truncate(KEPT);
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

    /// Whether this frame is on its way already.
    pub(super) fn is_under_way(&self, client: Option<&Client>, video: &Path, position: Position) -> bool {
        self.jobs(client)
            .iter()
            .any(|job| !job.state.is_ended() && job.position == position && job.video.path == video)
    }
}

/// How high the part is.
pub(super) fn height(jobs: &[Arc<Job>]) -> f32 {
    if jobs.is_empty() {
        return 0.0;
    }
    let upload = if uploading(jobs).is_some() { UPLOAD } else { 0.0 };
    HEAD + upload + ROW * jobs.len().min(MOST) as f32 + 8.0
}

fn uploading(jobs: &[Arc<Job>]) -> Option<&Arc<Job>> {
    jobs.iter()
        .find(|job| job.state == JobState::Uploading && job.upload.is_some())
}

/// Draws it. Whether to put it away.
pub(super) fn ui(ui: &mut Ui, rect: Rect, jobs: &[Arc<Job>], context: &ViewContext<'_>) -> bool {
    let Some(first) = jobs.first() else { return false };
    let t = theme::tokens(ui);
    hline(ui, rect.left() + 1.0..=rect.right(), rect.top());
    let inside = Rect::from_min_max(rect.min + vec2(PADDING, 0.0), rect.max - vec2(PADDING, 0.0));
    let head = Rect::from_min_size(inside.min, vec2(inside.width(), HEAD));
    let title = match jobs.len() {
        count if count > MOST => format!("Submitted · {count}"),
        _ => "Submitted".to_owned(),
    };
    Text::new(Role::SECTION, &title)
        .color(t.text2)
        .at(ui, head, Align2::LEFT_CENTER);
    let place = Rect::from_min_size(pos2(head.right() - 28.0, head.top() + 8.0), vec2(28.0, 28.0));
    let away = Button::icon("Put the submitted jobs away; they go on", icons::X).small();
    let away = away.at(ui, place).clicked();
    let show = Button::ghost("Show in Jobs").small();
    let width = show.width(ui);
    let place = Rect::from_min_size(pos2(place.left() - width - 4.0, place.top()), vec2(width, 28.0));
    if show.at(ui, place).clicked() {
        context.commands.send(Command::ShowJob(first.id));
    }
    let mut top = head.bottom();
    if let Some(job) = uploading(jobs) {
        let bar = Rect::from_min_size(pos2(inside.left(), top), vec2(inside.width(), 3.0));
        put(
            ui,
            bar,
            Progress::new("Upload", job_text::fraction(job), Tone::Busy),
        );
        let place = Rect::from_min_size(bar.min + vec2(0.0, 8.0), vec2(inside.width(), 14.0));
        Text::new(Role::CAPTION, &job_text::note(job, context.now))
            .color(t.text2)
            .at(ui, place, Align2::LEFT_CENTER);
        top += UPLOAD;
    }
    for job in jobs.iter().take(MOST) {
        let row = Rect::from_min_size(pos2(inside.left() - 8.0, top), vec2(inside.width() + 16.0, ROW));
        row_ui(ui, row, job, context);
        top += ROW;
    }
    away
}

fn row_ui(ui: &mut Ui, row: Rect, job: &Job, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let word = job_text::pill(job);
    let name = job.thumbnail_key.rsplit('/').next().unwrap_or_default();
    let response = ui.interact(row, ui.scope_id().with(("sent", job.id)), Sense::click());
    let label = format!("{name}, {word}");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
    if response.hovered() {
        ui.painter().rect_filled(row, 6, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, row);
    }
    let right = row.right() - 8.0;
    let pill = Pill::new(&word, job_text::tone(job.state));
    let width = pill.width(ui);
    let place = Rect::from_min_max(row.min + vec2(8.0, 0.0), pos2(right - width - 8.0, row.bottom()));
    Text::new(Role::LOG, name).at(ui, place, Align2::LEFT_CENTER);
    pill.at(
        ui,
        Align2::RIGHT_TOP.anchor_size(pos2(right, row.top() + 4.0), vec2(width, 20.0)),
    );
    let more = job
        .failure
        .as_ref()
        .map_or("Show in Jobs", |failure| &failure.title);
    if tip(response, more, &[]).clicked() {
        context.commands.send(Command::ShowJob(job.id));
    }
}
