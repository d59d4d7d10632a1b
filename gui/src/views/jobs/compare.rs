//! Preview and result as large as the window allows, where they differ: side by side, or one over the other.

use std::path::{Path, PathBuf};

use egui::{Align2, Id, Key, Modifiers, Rect, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use posterframe_client::Job;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Segmented, Text, hline, modal, outline, paint_picture, put, slot_note,
};

use super::JobsView;
use crate::context::{Picture, Pictures, ViewContext};

const HEAD: f32 = 56.0;
const FOOT: f32 = 48.0;

/// Two pictures that are compared.
pub(super) struct Compare {
    name: String,
    preview: PathBuf,
    result: PathBuf,
    flip: bool,
    /// While flipping: the result is shown, not the preview.
    second: bool,
}

impl Compare {
    pub(super) fn of(job: &Job) -> Self {
        let result = job.thumbnail.as_ref().map(|thumbnail| thumbnail.file.clone());
        Self {
            name: job.thumbnail_name().to_owned(),
            preview: job.still.clone().unwrap_or_default(),
            result: result.unwrap_or_default(),
            flip: false,
            second: false,
        }
    }
}

impl JobsView {
    /// Draws the comparison over the window, while there is one.
    pub(super) fn compare_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(compare) = &mut self.compare else { return };
        let size = ui.ctx().content_rect().size().min(vec2(1400.0, 900.0));
        let pictures = &mut self.pictures;
        let (close, beside) = modal(ui.ctx(), Id::unique("compare"), size, |ui| {
            modal_ui(ui, ctx, compare, pictures, ui.max_rect())
        });
        if close || beside || ui.input(|input| input.key_pressed(Key::Escape)) {
            self.compare = None;
        }
    }
}

/// `true` where it is to be closed.
fn modal_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    compare: &mut Compare,
    pictures: &mut Pictures,
    rect: Rect,
) -> bool {
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    let title = head.shrink2(vec2(sizes::DETAIL, 0.0));
    Text::new(Role::HEADING, &compare.name).at(ui, title, Align2::LEFT_CENTER);
    let modes = Rect::from_center_size(head.center(), vec2(240.0, sizes::CONTROL));
    let mut mode = usize::from(compare.flip);
    put(
        ui,
        modes,
        Segmented::new(&mut mode, &[("Side by side", None), ("Flip", None)]),
    );
    compare.flip = mode == 1;
    let cross = Rect::from_center_size(
        pos2(head.right() - 32.0, head.center().y),
        Vec2::splat(sizes::CONTROL),
    );
    let close = Button::icon("Close", icons::X).tip("Close", &["Esc"]);
    let close = close.at(ui, cross).clicked();
    hline(ui, rect.x_range(), head.bottom() - 1.0);

    let body = Rect::from_min_max(
        pos2(rect.left() + sizes::PANE, head.bottom() + sizes::PANE),
        pos2(rect.right() - sizes::PANE, rect.bottom() - FOOT),
    );
    let foot = Rect::from_min_max(
        pos2(body.left(), body.bottom()),
        pos2(body.right(), rect.bottom()),
    );
    let words = |ui: &mut Ui, place: Rect, text: &str, align: Align2| {
        Text::new(Role::SMALL, text)
            .color(tokens(ui).text2)
            .at(ui, place, align);
    };
    if compare.flip {
        let (file, label) = if compare.second {
            (&compare.result, "Result")
        } else {
            (&compare.preview, "Preview")
        };
        if picture_ui(ui, ctx, pictures, (file, label), body) {
            compare.second = !compare.second;
        }
        words(ui, foot, label, Align2::LEFT_CENTER);
        words(ui, foot, "Click, or press F, to flip", Align2::RIGHT_CENTER);
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F)) {
            compare.second = !compare.second;
        }
    } else {
        let half = (body.width() - sizes::PANE) / 2.0;
        let left = Rect::from_min_size(body.min, vec2(half, body.height()));
        let right = left.translate(vec2(half + sizes::PANE, 0.0));
        for (place, file, label) in [
            (left, &compare.preview, "Preview"),
            (right, &compare.result, "Result"),
        ] {
            picture_ui(ui, ctx, pictures, (file, label), place);
            let below = Rect::from_x_y_ranges(place.x_range(), foot.y_range());
            words(ui, below, label, Align2::LEFT_CENTER);
        }
    }
    close
}

/// A picture with its label; `true` where it was clicked.
fn picture_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    pictures: &mut Pictures,
    (file, label): (&Path, &str),
    slot: Rect,
) -> bool {
    // The same place for both, so that a flip moves nothing.
    let response = ui.interact(
        slot,
        ui.scope_id().with(("compared", slot.left() as i32)),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, label));
    ui.painter().rect_filled(slot, sizes::RADIUS, tokens(ui).canvas);
    match pictures.file(ui, ctx.engine, file, slot.size(), Fit::Contain) {
        Picture::Here(texture, size) => {
            // Previews are kept small; both are shown at one size.
            paint_picture(ui, slot, sizes::RADIUS, (texture, size), Fit::Contain);
        }
        Picture::Loading => {}
        Picture::Failed(reason) => {
            let reason = reason.to_owned();
            slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
        }
    }
    outline(ui, slot, sizes::RADIUS);
    response.clicked()
}
