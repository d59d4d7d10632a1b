//! The comparison of a preview and a result that differ: over the whole window, side by side or flipping.

use std::path::{Path, PathBuf};

use egui::{Frame, Id, Key, Layout, Margin, Modifiers, ScrollArea, Sense, Separator, Ui, WidgetInfo, vec2};
use egui_extras::{Size, Strip, StripBuilder};
use posterframe_client::Still;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Segmented, Text, modal, outline, paint_picture, row, row_start, slot_note,
};

use super::JobsView;
use crate::context::{Picture, Pictures, ViewContext};

/// Height of the row below a picture, in points.
/// With the pictures as low as they can be seen.
const LEAST: egui::Vec2 = vec2(480.0, 160.0);
const FOOT: f32 = 48.0;
/// Width of the choice between the modes, in points.
const MODES: f32 = 240.0;
/// Largest size of the comparison, in points.
const MAX_SIZE: egui::Vec2 = vec2(1400.0, 900.0);
/// Height in points below which the comparison scrolls.
const MIN_HEIGHT: f32 = 240.0;

/// The comparison of two pictures.
pub(super) struct Compare {
    name: String,
    preview: PathBuf,
    result: PathBuf,
    flip: bool,
    /// Whether flipping shows the result; otherwise the preview.
    shows_result: bool,
}

impl Compare {
    /// `None` where the still has not both.
    pub(super) fn of(still: &Still) -> Option<Self> {
        let file = still.files.first()?;
        Some(Self {
            name: file.name().to_owned(),
            preview: still.picture.clone()?,
            result: file.path.clone(),
            flip: false,
            shows_result: false,
        })
    }
}

impl JobsView {
    /// Draws the comparison over the window, if one is open.
    pub(super) fn compare_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(compare) = &mut self.compare else { return };
        let size = ui.ctx().content_rect().size().min(MAX_SIZE);
        let pictures = &mut self.pictures;
        let (close, beside) = modal(ui.ctx(), Id::unique("compare"), (size, LEAST), |ui| {
            let size = ui.available_size().max(vec2(0.0, MIN_HEIGHT));
            let page = ScrollArea::vertical().show(ui, |ui| {
                ui.allocate_ui(size, |ui| compare.ui(ui, ctx, pictures)).inner
            });
            page.inner
        });
        if close || beside || ui.input(|input| input.key_pressed(Key::Escape)) {
            self.compare = None;
        }
    }
}

impl Compare {
    /// Draws the comparison. `true` if it is to be closed.
    fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, pictures: &mut Pictures) -> bool {
        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::DETAIL as i8, 12));
        let close = margin.show(ui, |ui| self.head_ui(ui)).inner;
        ui.add(Separator::default().horizontal().spacing(1.0));
        let margin = Frame::NONE.inner_margin(Margin {
            bottom: 0,
            ..Margin::same(sizes::PANE as i8)
        });
        margin.show(ui, |ui| self.pictures_ui(ui, ctx, pictures));
        close
    }

    /// Name, mode and close button. `true` if the comparison is to be closed.
    fn head_ui(&mut self, ui: &mut Ui) -> bool {
        row(ui, sizes::CONTROL, |ui| {
            let close = Button::icon("Close", icons::X).tip("Close", &["Esc"]);
            // The mode is centred if there is room, and otherwise at the end.
            let middle = f32::midpoint(ui.available_width(), MODES);
            let end = MODES + 8.0 + close.width(ui);
            let is_wide = ui.available_width() > end + 120.0;
            row_start(ui, if is_wide { middle } else { end }, |ui| {
                ui.add(Text::new(Role::HEADING, &self.name))
            });
            row_start(ui, close.width(ui), |ui| {
                let mut mode = usize::from(self.flip);
                let modes = [("Side by side", None), ("Flip", None)];
                ui.add(Segmented::new(&mut mode, &modes).width(MODES));
                self.flip = mode == 1;
            });
            ui.add(close).clicked()
        })
    }

    fn pictures_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, pictures: &mut Pictures) {
        let (preview, result) = ((&*self.preview, "Preview"), (&*self.result, "Result"));
        if self.flip {
            let shown = if self.shows_result { result } else { preview };
            let clicked = picture_ui(ui, ctx, pictures, shown, "Click, or press F, to flip");
            if clicked || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F)) {
                self.shows_result = !self.shows_result;
            }
            return;
        }
        ui.spacing_mut().item_spacing.x = sizes::PANE;
        let is_wide = ui.available_width() > ui.available_height();
        let cells = StripBuilder::new(ui).sizes(Size::remainder(), 2);
        let both = |mut strip: Strip<'_, '_>| {
            for shown in [preview, result] {
                strip.cell(|ui| {
                    picture_ui(ui, ctx, pictures, shown, "");
                });
            }
        };
        if is_wide {
            cells.horizontal(both);
        } else {
            cells.vertical(both);
        }
    }
}

/// A picture, and below it a row with its label and `hint`. `true` if the picture was clicked.
fn picture_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    pictures: &mut Pictures,
    (file, label): (&Path, &str),
    hint: &str,
) -> bool {
    let t = tokens(ui);
    let size = vec2(ui.available_width(), (ui.available_height() - FOOT).max(FOOT));
    // Both pictures get the same slot, so that a flip moves nothing.
    let (slot, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, label));
    ui.painter().rect_filled(slot, sizes::RADIUS, t.canvas);
    match pictures.file(ui, ctx.engine, file, slot.size(), Fit::Contain) {
        Picture::Here(texture, size) => {
            // Stored previews are small, so both pictures are scaled to the slot.
            paint_picture(ui, slot, sizes::RADIUS, (texture, size), Fit::Contain);
        }
        Picture::Loading => {}
        Picture::Failed(reason) => {
            let reason = reason.to_owned();
            slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
        }
    }
    outline(ui, slot, sizes::RADIUS);
    row(ui, FOOT, |ui| {
        ui.add(Text::new(Role::SMALL, label).color(t.text2));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(Text::new(Role::SMALL, hint).color(t.text2));
        });
    });
    response.clicked()
}
