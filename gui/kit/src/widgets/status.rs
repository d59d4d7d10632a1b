//! How a job is: pills, progress, the nodes of its phases, the verdict on its thumbnail.

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::{Text, icon};
use crate::theme::{Face, Role, Tokens, icons, sizes, tokens};

/// The colour of a status. Each also has a word or a shape: colour is never the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing happens.
    Quiet,
    /// Under way.
    Busy,
    /// Well.
    Good,
    /// Failed.
    Bad,
    /// To be looked at.
    Warn,
}

impl Tone {
    /// Its colour.
    pub fn color(self, t: &Tokens) -> Color32 {
        match self {
            Self::Quiet => t.grey,
            Self::Busy => t.blue,
            Self::Good => t.green,
            Self::Bad => t.red,
            Self::Warn => t.warn,
        }
    }

    /// The ground under its colour.
    pub fn tint(self, t: &Tokens) -> Color32 {
        match self {
            Self::Quiet => t.grey_tint,
            Self::Busy => t.blue_tint,
            Self::Good => t.green_tint,
            Self::Bad => t.red_tint,
            Self::Warn => t.warn_tint,
        }
    }
}

/// How wide the pill of `word` is.
pub fn pill_width(ui: &Ui, word: &str) -> f32 {
    (Text::new(Role::PILL, word).width(ui) + 28.0).ceil()
}

/// A pill with its left or right edge, as `align` says, at `pos`.
pub fn pill(ui: &mut Ui, pos: Pos2, align: Align2, word: &str, tone: Tone) -> Rect {
    let t = tokens(ui);
    let rect = align.anchor_size(pos, Vec2::new(pill_width(ui, word), 20.0));
    ui.painter()
        .rect_filled(rect, CornerRadius::same(10), tone.tint(t));
    ui.painter()
        .circle_filled(pos2(rect.left() + 11.0, rect.center().y), 3.0, tone.color(t));
    let text = Rect::from_min_max(pos2(rect.left() + 20.0, rect.top()), rect.max);
    Text::new(Role::PILL, word)
        .color(tone.color(t))
        .at(ui, text, Align2::LEFT_CENTER);
    rect
}

/// A bar 3 high along the top of `rect`. Its fraction eases towards the new value.
pub fn progress(ui: &mut Ui, rect: Rect, label: &str, fraction: f32, tone: Tone) -> Response {
    let t = tokens(ui);
    let rect = Rect::from_min_size(rect.min, Vec2::new(rect.width(), 3.0));
    let id = ui.next_auto_id();
    ui.skip_ahead_auto_ids(1);
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(fraction)),
        ..WidgetInfo::labeled(egui::Role::ProgressIndicator, true, label)
    });
    let seconds = if ui.style().animation_time > 0.0 { 0.2 } else { 0.0 };
    let shown = ui
        .ctx()
        .animate_value_with_time(id.with("fraction"), fraction.clamp(0.0, 1.0), seconds);
    let corner = CornerRadius::same(2);
    ui.painter().rect_filled(rect, corner, t.track);
    let done = Rect::from_min_size(rect.min, Vec2::new(rect.width() * shown, rect.height()));
    ui.painter().rect_filled(done, corner, tone.color(t));
    response
}

/// A strip 36 high with the verdict on a thumbnail.
pub fn verdict(ui: &mut Ui, rect: Rect, words: &str, tone: Tone) -> Response {
    let t = tokens(ui);
    ui.painter()
        .rect_filled(rect, CornerRadius::same(sizes::RADIUS), tone.tint(t));
    let glyph = if tone == Tone::Good {
        icons::CHECK_CIRCLE
    } else {
        icons::WARNING
    };
    icon(
        ui.painter(),
        pos2(rect.left() + 20.0, rect.center().y),
        glyph,
        Face::IconFill,
        16.0,
        tone.color(t),
    );
    let text = Rect::from_min_max(
        pos2(rect.left() + 36.0, rect.top()),
        rect.max - Vec2::new(8.0, 0.0),
    );
    Text::new(Role::SMALL_TITLE, words)
        .color(tone.color(t))
        .at(ui, text, Align2::LEFT_CENTER)
}
