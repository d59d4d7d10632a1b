//! The viewer of one picture, which fills the tab: fitted, at 100 %, or enlarged.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{
    Align, CentralPanel, ColorImage, Frame, Key, Layout, Margin, Modifiers, Rect, Sense, Separator,
    TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use posterframe_client::GalleryItem;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Text, row, row_end_width, row_start, shortcuts_apply, slot_note};

use super::GalleryView;
use crate::context::{RequestState, Requested, ViewContext, load_picture};

/// Largest scale, in screen pixels per picture pixel.
const MAX_ZOOM: f32 = 16.0;
/// Factor of one step by key or button.
const ZOOM_STEP: f32 = 1.25;
/// Width of the scale in percent, in points.
const PERCENT: f32 = 56.0;
/// Smallest width of the name beside the controls, in points.
const MIN_TITLE_WIDTH: f32 = 120.0;

/// The viewer's state.
pub(super) struct Viewer {
    item: Arc<GalleryItem>,
    image: Requested<(ColorImage, Vec2)>,
    requested: bool,
    texture: Option<TextureHandle>,
    /// The picture's original size, in pixels.
    size: Vec2,
    /// Scale, in screen pixels per picture pixel; `None` fits the picture into the slot.
    zoom: Option<f32>,
    /// Offset of the picture's centre from the slot's, in points.
    offset: Vec2,
    /// The picture's slot in the last frame.
    slot: Rect,
}

impl Viewer {
    fn new(item: Arc<GalleryItem>, zoom: Option<f32>) -> Self {
        Self {
            item,
            image: Requested::default(),
            requested: false,
            texture: None,
            size: Vec2::ZERO,
            zoom,
            offset: Vec2::ZERO,
            slot: Rect::ZERO,
        }
    }

    /// Reads the file once, off the window's thread.
    fn load(&mut self, ui: &Ui, ctx: &ViewContext<'_>, file: Option<PathBuf>) {
        if let (false, Some(file)) = (self.requested, file) {
            self.requested = true;
            // A picture that is too large for a texture of the GPU is scaled down.
            let side = ui.ctx().input(|input| input.max_texture_side) as u32;
            self.image = ctx
                .engine
                .request_blocking(ui.ctx(), move || load_picture(&file, side));
        }
        if let Some((image, size)) = self.image.take() {
            let options = TextureOptions {
                // An enlarged picture shows its pixels, without a blur.
                magnification: egui::TextureFilter::Nearest,
                ..TextureOptions::LINEAR
            };
            self.texture = Some(ui.ctx().load_texture(&self.item.key, image, options));
            self.size = size;
        }
    }

    /// The scale at which the picture fits into the slot, in screen pixels per picture pixel. It is at most 1.
    fn fitted_scale(&self, slot: Rect, ppp: f32) -> f32 {
        let room = slot.size() * ppp / self.size.max(Vec2::splat(1.0));
        room.min_elem().min(1.0)
    }

    fn scale(&self, slot: Rect, ppp: f32) -> f32 {
        self.zoom.unwrap_or_else(|| self.fitted_scale(slot, ppp))
    }

    /// Sets the scale. The point of the picture at `fixed`, relative to the slot's centre, does not move.
    fn zoom_to(&mut self, slot: Rect, ppp: f32, scale: f32, fixed: Vec2) {
        let before = self.scale(slot, ppp);
        let after = scale.clamp(self.fitted_scale(slot, ppp).min(1.0), MAX_ZOOM);
        self.zoom = Some(after);
        self.offset = fixed - (fixed - self.offset) * (after / before);
        self.keep_in(slot, ppp);
    }

    /// Limits the offset, so that the picture leaves no empty space in the slot that it could fill.
    fn keep_in(&mut self, slot: Rect, ppp: f32) {
        let size = self.size * self.scale(slot, ppp) / ppp;
        let room = ((size - slot.size()) / 2.0).max(Vec2::ZERO);
        self.offset = self.offset.clamp(-room, room);
    }
}

impl GalleryView {
    /// Shows a picture alone.
    pub(super) fn view(&mut self, at: usize) {
        if let Some(item) = self.arrangement.items.get(at) {
            let zoom = self.viewer.as_ref().and_then(|viewer| viewer.zoom);
            self.open = Some(item.key.clone());
            self.reveal = true;
            self.viewer = Some(Viewer::new(item.clone(), zoom));
        }
    }

    /// Draws the viewer, if one is open. `true` if so.
    pub(super) fn viewer_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) -> bool {
        let Some(mut viewer) = self.viewer.take() else {
            return false;
        };
        let file = self.facts.file(ui, ctx, &viewer.item);
        viewer.load(ui, ctx, file);
        if !viewer.slot.is_positive() {
            viewer.slot = ui.available_rect_before_wrap();
        }
        let mut answer = bar_ui(ui, &mut viewer);
        CentralPanel::no_frame().show(ui, |ui| viewer.picture_ui(ui));
        answer.close |= press(ui, Key::Escape) || press(ui, Key::Enter);
        answer.step += isize::from(press(ui, Key::ArrowRight)) - isize::from(press(ui, Key::ArrowLeft));
        let at = self.arrangement.at(&viewer.item.key);
        self.viewer = Some(viewer);
        match at {
            _ if answer.close => self.viewer = None,
            Some(at) if answer.step != 0 => {
                let to = at
                    .saturating_add_signed(answer.step)
                    .min(self.arrangement.items.len() - 1);
                if to != at {
                    self.view(to);
                }
            }
            _ => {}
        }
        true
    }
}

impl Viewer {
    /// Draws the picture into the whole of `ui`. The wheel zooms, a drag moves it, a double click toggles between fitted and 100 %.
    fn picture_ui(&mut self, ui: &mut Ui) {
        let t = tokens(ui);
        let ppp = ui.pixels_per_point();
        let (slot, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        if self.slot != slot {
            // The bar shows the scale in the previous slot, so it must be drawn again.
            self.slot = slot;
            ui.ctx().request_repaint();
        }
        ui.painter().rect_filled(slot, 0, t.canvas);
        let label = format!("Picture of {}", self.item.name);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &label));
        if let RequestState::Unavailable(reason, _) = self.image.state() {
            let reason = reason.to_owned();
            slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
            return;
        }
        let Some(texture) = self.texture.as_ref().map(TextureHandle::id) else {
            return;
        };
        let pointer = response.hover_pos().map(|at| at - slot.center());
        if let Some(at) = pointer {
            let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta.y, input.zoom_delta()));
            let factor = pinch * (wheel / 200.0).exp();
            if (factor - 1.0).abs() > 0.001 {
                let scale = self.scale(slot, ppp) * factor;
                self.zoom_to(slot, ppp, scale, at);
            }
        }
        if response.double_clicked() {
            let fixed = pointer.unwrap_or_default();
            if self.zoom.is_some() {
                self.fit();
            } else {
                self.zoom_to(slot, ppp, 1.0, fixed);
            }
        }
        self.offset += response.drag_delta();
        self.keep_in(slot, ppp);
        let size = self.size * self.scale(slot, ppp) / ppp;
        // Aligned to whole pixels, so that at 100 % each picture pixel covers exactly one screen pixel.
        let min = (slot.center() + self.offset - size / 2.0) * ppp;
        let min = pos2(min.x.round() / ppp, min.y.round() / ppp);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let rect = Rect::from_min_size(min, size);
        ui.painter()
            .with_clip_rect(slot)
            .image(texture, rect, uv, egui::Color32::WHITE);
        if size.x > slot.width() || size.y > slot.height() {
            response.on_hover_cursor(egui::CursorIcon::Grab);
        }
    }

    fn fit(&mut self) {
        self.zoom = None;
        self.offset = Vec2::ZERO;
    }

    fn title_ui(&self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.x = 12.0;
        let name = Text::new(Role::CARD, &self.item.name);
        if self.size.x == 0.0 {
            ui.add(name);
            return;
        }
        let size = format!("{} × {}", self.size.x, self.size.y);
        let size = Text::new(Role::SMALL, &size).color(tokens(ui).text3);
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 12.0 - size.width(ui)).max(0.0));
            ui.add(name);
        });
        ui.add(size);
    }

    /// The scale in percent, and the buttons and keys that change it.
    fn zoom_ui(&mut self, ui: &mut Ui) {
        let (slot, ppp) = (self.slot, ui.pixels_per_point());
        let pressed = |ui: &mut Ui, button: Button<'_>, keys: &[Key]| {
            ui.add(button).clicked() || keys.iter().any(|key| press(ui, *key))
        };
        let [whole, pixels, zoom_out, zoom_in] = zoom_buttons();
        if pressed(ui, whole, &[Key::Num0]) {
            self.fit();
        }
        if pressed(ui, pixels, &[Key::Num1]) {
            self.zoom_to(slot, ppp, 1.0, Vec2::ZERO);
        }
        if pressed(ui, zoom_out, &[Key::Minus]) {
            self.zoom_to(slot, ppp, self.scale(slot, ppp) / ZOOM_STEP, Vec2::ZERO);
        }
        let cell = vec2(PERCENT, sizes::CONTROL);
        ui.allocate_ui_with_layout(cell, Layout::top_down(Align::Center), |ui| {
            ui.set_min_size(cell);
            ui.add_space((sizes::CONTROL - Role::MONO.line) / 2.0);
            let percent = format!("{:.0} %", self.scale(slot, ppp) * 100.0);
            let percent = Text::new(Role::MONO, &percent).color(tokens(ui).text2);
            ui.add(percent);
        });
        if pressed(ui, zoom_in, &[Key::Plus, Key::Equals]) {
            self.zoom_to(slot, ppp, self.scale(slot, ppp) * ZOOM_STEP, Vec2::ZERO);
        }
    }
}

fn zoom_buttons() -> [Button<'static>; 4] {
    [
        Button::secondary("Fit").tip("All of the picture", &["0"]),
        Button::secondary("1:1").tip("Each pixel as one of the screen’s", &["1"]),
        Button::icon("Zoom out", icons::MINUS).tip("Zoom out", &["−"]),
        Button::icon("Zoom in", icons::PLUS).tip("Zoom in", &["+"]),
    ]
}

/// The actions requested on the bar.
#[derive(Default)]
struct Answer {
    close: bool,
    /// Number of thumbnails to go on; negative goes back.
    step: isize,
}

/// Name, scale and buttons, in one row if there is room, otherwise in several.
fn bar_ui(ui: &mut Ui, viewer: &mut Viewer) -> Answer {
    let mut answer = Answer::default();
    let margin = Frame::NONE
        .fill(tokens(ui).panel)
        .inner_margin(Margin::symmetric(sizes::PANE as i8, 12));
    margin.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing = vec2(4.0, 8.0);
        let ways = [
            Button::icon("Previous", icons::CARET_LEFT).tip("Previous", &["←"]),
            Button::icon("Next", icons::CARET_RIGHT).tip("Next", &["→"]),
            Button::icon("Close", icons::X).tip("Back to the grid", &["Esc"]),
        ];
        let width = row_end_width(ui, &zoom_buttons()) + row_end_width(ui, &ways) + PERCENT + 8.0;
        let in_one_row = ui.available_width() >= width + MIN_TITLE_WIDTH;
        if !in_one_row {
            row(ui, sizes::CONTROL_SMALL, |ui| viewer.title_ui(ui));
        }
        let controls = |ui: &mut Ui| {
            if in_one_row {
                row_start(ui, width, |ui| viewer.title_ui(ui));
            }
            viewer.zoom_ui(ui);
            let [previous, next, close] = ways.map(|button| ui.add(button).clicked());
            answer.step = isize::from(next) - isize::from(previous);
            answer.close = close;
        };
        if in_one_row {
            row(ui, sizes::CONTROL, controls);
        } else {
            ui.horizontal_wrapped(controls);
        }
    });
    ui.add(Separator::default().horizontal().spacing(1.0));
    answer
}

fn press(ui: &Ui, key: Key) -> bool {
    shortcuts_apply(ui) && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn viewer(size: Vec2) -> Viewer {
        let item = GalleryItem {
            key: "t/a.png".into(),
            name: "a.png".into(),
            bytes: 1,
            etag: String::new(),
            modified: OffsetDateTime::UNIX_EPOCH,
            job: None,
            cues: None,
        };
        Viewer {
            size,
            ..Viewer::new(Arc::new(item), None)
        }
    }

    // Breaks if 100 % depends on the screen's density, a picture can be moved out of the slot, or a small one is enlarged.
    #[test]
    fn scales_and_places() {
        let slot = Rect::from_min_size(pos2(0.0, 0.0), vec2(960.0, 540.0));
        let mut large = viewer(vec2(3840.0, 2160.0));
        assert_eq!((large.scale(slot, 1.0), large.scale(slot, 2.0)), (0.25, 0.5));
        // The corner stays under the pointer.
        large.zoom_to(slot, 2.0, 1.0, vec2(480.0, 270.0));
        assert_eq!((large.zoom, large.offset), (Some(1.0), vec2(-480.0, -270.0)));
        large.offset = vec2(-5000.0, 0.0);
        large.keep_in(slot, 2.0);
        assert_eq!(large.offset, vec2(-480.0, 0.0));
        assert_eq!(viewer(vec2(100.0, 100.0)).scale(slot, 1.0), 1.0);
    }
}
