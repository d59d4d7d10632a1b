//! One job in the list.

use egui::{Align2, CornerRadius, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::Job;
use posterframe_kit::theme::{Role, sizes, tokens};
use posterframe_kit::widgets::{
    Fit, Pill, Progress, Text, focus_ring_inside, hline, icon, paint_picture, put,
};

use crate::context::{Picture, Pictures, ViewContext};
use crate::job_text;

/// Height of an ended job's row.
pub(super) const SHORT: f32 = 66.0;
/// Jobs under way have a bar and a note more.
const TALL: f32 = 90.0;

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

/// Draws a row; `true` where it was clicked.
pub(super) fn row_ui(
    ui: &mut Ui,
    job: &Job,
    ctx: &ViewContext<'_>,
    pictures: &mut Pictures,
    Look { selected, current }: Look,
) -> bool {
    let t = tokens(ui);
    let rect = ui.max_rect();
    let response = ui.interact(rect, ui.scope_id().with("row"), Sense::click());
    let pill_word = job_text::pill(job);
    let label = format!("{}, {}, {pill_word}", job.video.name, job.position.timecode());
    response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, selected, &label));
    if selected {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, t.raised);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, t.hover);
    }
    hline(ui, rect.x_range(), rect.bottom() - 1.0);
    if selected {
        let bar = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(bar, CornerRadius::ZERO, t.accent_line);
    }
    if response.has_focus() || current {
        focus_ring_inside(ui.painter(), t, rect);
    }

    let still = Rect::from_min_size(
        rect.min + vec2(sizes::PANE, 10.0),
        vec2(sizes::STILL[0], sizes::STILL[1]),
    );
    still_ui(ui, job, ctx, pictures, still);

    let left = still.right() + 12.0;
    let right = rect.right() - sizes::PANE;
    let pill = Pill::new(&pill_word, job_text::tone(job.state));
    let mark = Align2::RIGHT_TOP.anchor_size(pos2(right, rect.top() + 10.0), vec2(pill.width(ui), 20.0));
    pill.at(ui, mark);
    let line = |top: f32, high: f32, right: f32| {
        Rect::from_min_max(
            pos2(left, rect.top() + top),
            pos2(right.max(left), rect.top() + top + high),
        )
    };
    Text::new(Role::TITLE, &job.video.name).at(ui, line(11.0, 18.0, mark.left() - 8.0), Align2::LEFT_CENTER);
    let timecode = job.position.timecode();
    let time =
        Text::new(Role::LOG, &timecode)
            .color(t.text2)
            .at(ui, line(33.0, 18.0, right), Align2::LEFT_CENTER);
    if job.state.is_ended() {
        let (what, when) = job_text::ended(job, ctx.now);
        let room = |right: f32| {
            Rect::from_min_max(
                pos2(time.rect.right() + 8.0, rect.top() + 33.0),
                pos2(right, rect.top() + 51.0),
            )
        };
        // Half a word says nothing; a few do, even when the rest is cut.
        let words = Text::new(Role::CAPTION, &what).color(t.text3);
        let separated = format!(" · {when}");
        let before = room(right - Text::new(Role::CAPTION, &separated).width(ui));
        let fits = words.width(ui) <= before.width() || before.width() >= 72.0;
        let when = if what.is_empty() || !fits {
            &when
        } else {
            words.at(ui, before, Align2::RIGHT_CENTER);
            &separated
        };
        Text::new(Role::CAPTION, when)
            .color(t.text3)
            .at(ui, room(right), Align2::RIGHT_CENTER);
    } else {
        let tone = job_text::tone(posterframe_client::JobState::Running);
        let progress = Progress::new("Progress", job_text::fraction(job), tone);
        put(ui, line(57.0, 3.0, right), progress);
        let note = job_text::note(job, ctx.now);
        Text::new(Role::CAPTION, &note)
            .color(t.text2)
            .at(ui, line(65.0, 14.0, right), Align2::LEFT_CENTER);
    }
    response.clicked()
}

fn still_ui(ui: &Ui, job: &Job, ctx: &ViewContext<'_>, pictures: &mut Pictures, slot: Rect) {
    let t = tokens(ui);
    let file = job
        .still
        .as_ref()
        .or(job.thumbnail.as_ref().map(|thumbnail| &thumbnail.file));
    let picture = file.map(|file| pictures.file(ui, ctx.engine, file, slot.size(), Fit::Cover));
    if let Some(Picture::Here(texture, size)) = picture {
        paint_picture(ui, slot, sizes::RADIUS_SMALL, (texture, size), Fit::Cover);
        return;
    }
    ui.painter()
        .rect_filled(slot, CornerRadius::same(sizes::RADIUS_SMALL), t.canvas);
    if !matches!(picture, Some(Picture::Loading)) {
        let glyph = posterframe_kit::theme::icons::FILM_STRIP;
        icon(
            ui.painter(),
            slot.center(),
            glyph,
            posterframe_kit::theme::Face::Icon,
            18.0,
            t.text3,
        );
    }
}
