//! One picture that fills the tab: whole, or each of its pixels as one of the screen's, and larger.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{
    Align2, ColorImage, Key, Modifiers, Rect, Sense, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use posterframe_client::GalleryItem;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Text, hline, shortcuts_apply, slot_note};

use super::{GalleryView, TOOLBAR};
use crate::context::{Remote, RemoteState, ViewContext, load_picture};

/// How far one can go in, in the screen's pixels for each of the picture's.
const MOST: f32 = 16.0;
/// One step of the keys, buttons and the wheel.
const STEP: f32 = 1.25;

/// The picture that is looked at.
pub(super) struct Viewer {
    item: Arc<GalleryItem>,
    image: Remote<(ColorImage, Vec2)>,
    asked: bool,
    texture: Option<TextureHandle>,
    /// The picture's own size in pixels.
    size: Vec2,
    /// The screen's pixels for each of the picture's; `None` shows all of it.
    zoom: Option<f32>,
    /// Where the picture's centre lies beside the slot's, in points.
    offset: Vec2,
}

impl Viewer {
    fn new(item: Arc<GalleryItem>, zoom: Option<f32>) -> Self {
        Self {
            item,
            image: Remote::default(),
            asked: false,
            texture: None,
            size: Vec2::ZERO,
            zoom,
            offset: Vec2::ZERO,
        }
    }

    /// Reads the file once, off the window's thread.
    fn load(&mut self, ui: &Ui, ctx: &ViewContext<'_>, file: Option<PathBuf>) {
        if let (false, Some(file)) = (self.asked, file) {
            self.asked = true;
            // What the GPU cannot take as one texture is shown smaller.
            let side = ui.ctx().input(|input| input.max_texture_side) as u32;
            self.image = ctx
                .engine
                .request_blocking(ui.ctx(), move || load_picture(&file, side));
        }
        if let Some((image, size)) = self.image.take() {
            let options = TextureOptions {
                // Whoever goes in so far wants to see pixels.
                magnification: egui::TextureFilter::Nearest,
                ..TextureOptions::LINEAR
            };
            self.texture = Some(ui.ctx().load_texture(&self.item.key, image, options));
            self.size = size;
        }
    }

    /// The screen's pixels for each of the picture's at which all of it is seen; small ones are not enlarged.
    fn whole(&self, slot: Rect, ppp: f32) -> f32 {
        let room = slot.size() * ppp / self.size.max(Vec2::splat(1.0));
        room.min_elem().min(1.0)
    }

    fn scale(&self, slot: Rect, ppp: f32) -> f32 {
        self.zoom.unwrap_or_else(|| self.whole(slot, ppp))
    }

    /// Sets the scale; what lies at `fixed`, beside the slot's centre, stays there.
    fn zoom_to(&mut self, slot: Rect, ppp: f32, scale: f32, fixed: Vec2) {
        let before = self.scale(slot, ppp);
        let after = scale.clamp(self.whole(slot, ppp).min(1.0), MOST);
        self.zoom = Some(after);
        self.offset = fixed - (fixed - self.offset) * (after / before);
        self.keep_in(slot, ppp);
    }

    /// The picture's edge comes no further in than the slot's.
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

    /// Draws the viewer where there is one; `true` if so.
    pub(super) fn viewer_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) -> bool {
        let Some(mut viewer) = self.viewer.take() else {
            return false;
        };
        let file = self.facts.file(ui, ctx, &viewer.item);
        viewer.load(ui, ctx, file);
        let rect = ui.max_rect();
        let bar = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + TOOLBAR));
        let slot = Rect::from_min_max(bar.left_bottom(), rect.max);
        let mut close = picture_ui(ui, &mut viewer, slot);
        let step = bar_ui(ui, &mut viewer, bar, slot, &mut close);
        close |= press(ui, Key::Escape) || press(ui, Key::Enter);
        let step = step + isize::from(press(ui, Key::ArrowRight)) - isize::from(press(ui, Key::ArrowLeft));
        let at = self.arrangement.at(&viewer.item.key);
        self.viewer = Some(viewer);
        match at {
            _ if close => self.viewer = None,
            Some(at) if step != 0 => {
                let to = at
                    .saturating_add_signed(step)
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

fn picture_ui(ui: &mut Ui, viewer: &mut Viewer, slot: Rect) -> bool {
    let t = tokens(ui);
    let ppp = ui.pixels_per_point();
    ui.painter().rect_filled(slot, 0, t.canvas);
    let response = ui.interact(slot, ui.scope_id().with("viewer"), Sense::click_and_drag());
    let label = format!("Picture of {}", viewer.item.name);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &label));
    if let RemoteState::Unavailable(reason, _) = viewer.image.state() {
        let reason = reason.to_owned();
        slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
        return false;
    }
    let Some(texture) = viewer.texture.as_ref().map(TextureHandle::id) else {
        return false;
    };
    let pointer = response.hover_pos().map(|at| at - slot.center());
    if let Some(at) = pointer {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta.y, input.zoom_delta()));
        let factor = pinch * (wheel / 200.0).exp();
        if (factor - 1.0).abs() > 0.001 {
            let scale = viewer.scale(slot, ppp) * factor;
            viewer.zoom_to(slot, ppp, scale, at);
        }
    }
    if response.double_clicked() {
        let fixed = pointer.unwrap_or_default();
        if viewer.zoom.is_some() {
            viewer.zoom = None;
            viewer.offset = Vec2::ZERO;
        } else {
            viewer.zoom_to(slot, ppp, 1.0, fixed);
        }
    }
    viewer.offset += response.drag_delta();
    viewer.keep_in(slot, ppp);
    let size = viewer.size * viewer.scale(slot, ppp) / ppp;
    // On whole pixels: one of the picture's is one of the screen's at 100 %.
    let min = (slot.center() + viewer.offset - size / 2.0) * ppp;
    let min = pos2(min.x.round() / ppp, min.y.round() / ppp);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let place = Rect::from_min_size(min, size);
    ui.painter()
        .with_clip_rect(slot)
        .image(texture, place, uv, egui::Color32::WHITE);
    if size.x > slot.width() || size.y > slot.height() {
        response.on_hover_cursor(egui::CursorIcon::Grab);
    }
    false
}

/// Name, scale and buttons; gives how far to go on.
fn bar_ui(ui: &mut Ui, viewer: &mut Viewer, rect: Rect, slot: Rect, close: &mut bool) -> isize {
    let t = tokens(ui);
    let ppp = ui.pixels_per_point();
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.bottom() - 1.0);
    let inner = rect.shrink2(vec2(sizes::PANE, 12.0));
    let mut right = inner.right();
    let mut before = |width: f32| {
        let place = Rect::from_min_max(pos2(right - width, inner.top()), pos2(right, inner.bottom()));
        right -= width + 4.0;
        place
    };
    let mut step = 0;
    *close |= Button::icon("Close", icons::X)
        .tip("Back to the grid", &["Esc"])
        .at(ui, before(32.0))
        .clicked();
    if Button::icon("Next", icons::CARET_RIGHT)
        .tip("Next", &["→"])
        .at(ui, before(32.0))
        .clicked()
    {
        step += 1;
    }
    if Button::icon("Previous", icons::CARET_LEFT)
        .tip("Previous", &["←"])
        .at(ui, before(32.0))
        .clicked()
    {
        step -= 1;
    }
    before(8.0);
    let now = viewer.scale(slot, ppp);
    let zoom_in = Button::icon("Zoom in", icons::PLUS).tip("Zoom in", &["+"]);
    if zoom_in.at(ui, before(32.0)).clicked() || press(ui, Key::Plus) || press(ui, Key::Equals) {
        viewer.zoom_to(slot, ppp, now * STEP, Vec2::ZERO);
    }
    let percent = format!("{:.0} %", now * 100.0);
    Text::new(Role::MONO, &percent)
        .color(t.text2)
        .at(ui, before(56.0), Align2::CENTER_CENTER);
    let zoom_out = Button::icon("Zoom out", icons::MINUS).tip("Zoom out", &["−"]);
    if zoom_out.at(ui, before(32.0)).clicked() || press(ui, Key::Minus) {
        viewer.zoom_to(slot, ppp, now / STEP, Vec2::ZERO);
    }
    before(4.0);
    let pixels = Button::secondary("1:1").tip("Each pixel as one of the screen’s", &["1"]);
    if pixels.at(ui, before(52.0)).clicked() || press(ui, Key::Num1) {
        viewer.zoom_to(slot, ppp, 1.0, Vec2::ZERO);
    }
    let whole = Button::secondary("Fit").tip("All of the picture", &["0"]);
    if whole.at(ui, before(52.0)).clicked() || press(ui, Key::Num0) {
        viewer.zoom = None;
        viewer.offset = Vec2::ZERO;
    }
    let name = Rect::from_min_max(inner.min, pos2(right - 12.0, inner.bottom()));
    let title = Text::new(Role::CARD, &viewer.item.name).at(ui, name, Align2::LEFT_CENTER);
    if viewer.size.x > 0.0 {
        let words = format!("{} × {}", viewer.size.x, viewer.size.y);
        let place = Rect::from_min_max(pos2(title.rect.right() + 12.0, inner.top()), name.max);
        Text::new(Role::SMALL, &words)
            .color(t.text3)
            .at(ui, place, Align2::LEFT_CENTER);
    }
    step
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
        };
        Viewer {
            size,
            ..Viewer::new(Arc::new(item), None)
        }
    }

    // Breaks if 1:1 depends on the screen's density, a picture can be lost beside the slot, or a small one is blown up.
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
