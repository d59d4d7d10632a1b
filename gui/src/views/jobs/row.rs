//! One job in the list.

use egui::{CornerRadius, Frame, Id, Layout, Margin, Sense, Stroke, Ui, WidgetInfo, vec2};
use posterframe_client::{Job, JobState};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Fit, Pill, Progress, Text, focus_ring_inside, icon, paint_picture, row, row_start,
};

use crate::context::{Picture, Pictures, ViewContext};
use crate::job_text;

/// Height of an ended job's row.
pub(super) const SHORT: f32 = 66.0;
/// Jobs under way have a bar and a note more.
const TALL: f32 = 90.0;

/// Of what came of a job, so much is shown at least: half a word says nothing; a few do, even when the rest is cut.
const SHORTEST_OUTCOME: f32 = 72.0;

/// How high a job's row is.
pub(super) fn height(job: &Job) -> f32 {
    if job.state.is_ended() { SHORT } else { TALL }
}

/// How a row is drawn.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// It is selected.
    pub(super) selected: bool,
    /// Of several selected ones, the keyboard is on it.
    pub(super) current: bool,
}

/// Draws a row in all of `ui`; `true` where it was clicked.
pub(super) fn row_ui(
    ui: &mut Ui,
    job: &Job,
    ctx: &ViewContext<'_>,
    pictures: &mut Pictures,
    Look { selected, current }: Look,
) -> bool {
    let t = tokens(ui);
    let rect = ui.max_rect();
    let response = ui.interact(rect, Id::unique(("job", job.id)), Sense::click());
    let pill = job_text::pill(job);
    let label = format!("{}, {}, {pill}", job.video.name, job.position.timecode());
    response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, selected, &label));
    if selected {
        ui.painter().rect_filled(rect, 0, t.raised);
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0, t.accent_line);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0, t.hover);
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.border));
    if response.has_focus() || current {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::PANE as i8, 10));
    margin.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            still_ui(ui, job, ctx, pictures);
            ui.vertical(|ui| text_ui(ui, job, ctx, &pill));
        });
    });
    response.clicked()
}

/// What stands beside the still.
fn text_ui(ui: &mut Ui, job: &Job, ctx: &ViewContext<'_>, pill: &str) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
    row(ui, 20.0, |ui| {
        let pill = Pill::new(pill, job_text::tone(job.state));
        row_start(ui, pill.width(ui), |ui| {
            ui.add(Text::new(Role::TITLE, &job.video.name))
        });
        ui.add(pill);
    });
    ui.add_space(3.0);
    row(ui, 18.0, |ui| {
        let timecode = job.position.timecode();
        ui.add(Text::new(Role::LOG, &timecode).color(t.text2));
        if job.state.is_ended() {
            outcome_ui(ui, job, ctx);
        }
    });
    if !job.state.is_ended() {
        ui.add_space(6.0);
        let tone = job_text::tone(JobState::Running);
        ui.add(Progress::new("Progress", job_text::fraction(job), tone));
        ui.add_space(5.0);
        let note = job_text::note(job, ctx.now);
        ui.add(Text::new(Role::CAPTION, &note).color(t.text2));
    }
}

/// What came of the job, and when, at the end of its line.
fn outcome_ui(ui: &mut Ui, job: &Job, ctx: &ViewContext<'_>) {
    let (what, when) = job_text::ended(job, ctx.now);
    let color = tokens(ui).text3;
    let separated = format!(" · {when}");
    let what = Text::new(Role::CAPTION, &what).color(color);
    let room = ui.available_width() - Text::new(Role::CAPTION, &separated).width(ui);
    let wanted = what.width(ui);
    let both = wanted > 0.0 && room >= wanted.min(SHORTEST_OUTCOME);
    ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let when = if both { &separated } else { &when };
        ui.add(Text::new(Role::CAPTION, when).color(color));
        if both {
            ui.add(what);
        }
    });
}

fn still_ui(ui: &mut Ui, job: &Job, ctx: &ViewContext<'_>, pictures: &mut Pictures) {
    let t = tokens(ui);
    let (slot, _) = ui.allocate_exact_size(sizes::STILL.into(), Sense::hover());
    let file = job
        .still
        .as_ref()
        .or(job.thumbnail.as_ref().map(|thumbnail| &thumbnail.file));
    let picture = file.map(|file| pictures.file(ui, ctx.engine, file, slot.size(), Fit::Cover));
    if let Some(Picture::Here(texture, size)) = picture {
        paint_picture(ui, slot, sizes::RADIUS_SMALL, (texture, size), Fit::Cover);
        return;
    }
    let corner = CornerRadius::same(sizes::RADIUS_SMALL);
    ui.painter().rect_filled(slot, corner, t.canvas);
    if !matches!(picture, Some(Picture::Loading)) {
        let glyph = icons::FILM_STRIP;
        icon(ui.painter(), slot.center(), glyph, Face::Icon, 18.0, t.text3);
    }
}
