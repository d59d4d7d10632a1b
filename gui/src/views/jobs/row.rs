//! One job in the list.

use egui::{
    CornerRadius, Frame, Id, Layout, Margin, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};
use posterframe_client::{Job, JobState, Still};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Fit, Pill, Progress, Text, focus_ring_inside, icon, paint_picture, row, row_start,
};

use crate::context::{Picture, Pictures, ViewContext};
use crate::job_text;

/// Height of an ended job's row, in points.
pub(super) const SHORT: f32 = 66.0;
/// Height of the row of a job under way, which has a bar and a note, in points.
const TALL: f32 = 90.0;

/// How far each still of a stack is right of and above the one before it, in points.
const STEP: Vec2 = vec2(4.0, 2.0);
/// Smallest width of an outcome, in points. Less would show half a word, so the outcome is left out instead.
const MIN_OUTCOME_WIDTH: f32 = 72.0;

/// Height of a job's row, in points.
pub(super) fn height(job: &Job) -> f32 {
    if job.state.is_ended() { SHORT } else { TALL }
}

/// The look of a row.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// Whether it is selected.
    pub(super) selected: bool,
    /// Whether it is the current one of several selected rows.
    pub(super) current: bool,
}

/// Draws a row into the whole of `ui`. `true` if it was clicked.
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
    let label = format!("{}, {}, {pill}", job.video.name, job_text::about(job));
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

/// The texts beside the still.
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
        let about = job_text::about(job);
        let role = if job.stills.len() == 1 {
            Role::LOG
        } else {
            Role::CAPTION
        };
        ui.add(Text::new(role, &about).color(t.text2));
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

/// The job's outcome and age, at the end of its line.
fn outcome_ui(ui: &mut Ui, job: &Job, ctx: &ViewContext<'_>) {
    let (outcome, age) = job_text::ended(job, ctx.now);
    let color = tokens(ui).text3;
    let separated = format!(" · {age}");
    let outcome = Text::new(Role::CAPTION, &outcome).color(color);
    let room = ui.available_width() - Text::new(Role::CAPTION, &separated).width(ui);
    let wanted = outcome.width(ui);
    let both = wanted > 0.0 && room >= wanted.min(MIN_OUTCOME_WIDTH);
    ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let age = if both { &separated } else { &age };
        ui.add(Text::new(Role::CAPTION, age).color(color));
        if both {
            ui.add(outcome);
        }
    });
}

/// The still, or the first three of several as a stack.
fn still_ui(ui: &mut Ui, job: &Job, ctx: &ViewContext<'_>, pictures: &mut Pictures) {
    let (slot, _) = ui.allocate_exact_size(sizes::STILL.into(), Sense::hover());
    let shades = tokens(ui).stack;
    let count = job.stills.len().clamp(1, shades.len());
    for (index, shade) in shades[..count].iter().enumerate().rev() {
        let place = if count == 1 {
            slot
        } else {
            let size = slot.size() - STEP * (shades.len() - 1) as f32;
            let behind = vec2(STEP.x, -STEP.y) * index as f32;
            let corner = slot.left_bottom() - vec2(0.0, size.y) + behind;
            Rect::from_min_size(corner, size)
        };
        picture_ui(ui, ctx, pictures, job.stills.get(index), place);
        let corner = CornerRadius::same(sizes::RADIUS_SMALL);
        ui.painter().rect_filled(place, corner, *shade);
        if index + 1 < count {
            // A line in the row's colour parts it from the one behind.
            let line = Stroke::new(1.0, tokens(ui).panel);
            ui.painter().rect_stroke(place, corner, line, StrokeKind::Outside);
        }
    }
}

fn picture_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    pictures: &mut Pictures,
    still: Option<&Still>,
    slot: Rect,
) {
    let t = tokens(ui);
    let file = still.and_then(|still| {
        let made = still.files.first().map(|file| &file.path);
        still.picture.as_ref().or(made)
    });
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
