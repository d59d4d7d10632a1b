//! One toast. Where they stand and how long is the app's to say.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{Button, Text, Tone, icon};
use crate::theme::{Face, Role, icons, sizes, tokens};

/// What was clicked on a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAnswer {
    /// Its button.
    Action,
    /// Its cross.
    Close,
}

/// A toast in `rect` (344 × 40 for one row), with a button where `action` names one.
pub fn toast(ui: &mut Ui, rect: Rect, tone: Tone, words: &str, action: Option<&str>) -> Option<ToastAnswer> {
    let t = tokens(ui);
    let corner = egui::CornerRadius::same(sizes::RADIUS_CARD);
    let shadow = ui.visuals().popup_shadow;
    ui.painter().add(shadow.as_shape(rect, corner));
    ui.painter().rect(
        rect,
        corner,
        t.raised,
        Stroke::new(1.0, t.border2),
        StrokeKind::Inside,
    );
    let glyph = match tone {
        Tone::Good => icons::CHECK_CIRCLE,
        Tone::Bad => icons::WARNING_CIRCLE,
        Tone::Warn => icons::WARNING,
        Tone::Busy | Tone::Quiet => icons::INFO,
    };
    let y = rect.top() + 20.0;
    icon(
        ui.painter(),
        pos2(rect.left() + 21.0, y),
        glyph,
        Face::IconFill,
        16.0,
        tone.color(t),
    );
    let cross = Rect::from_center_size(pos2(rect.right() - 21.0, y), vec2(28.0, 28.0));
    let mut right = cross.left() - 4.0;
    let mut answer = None;
    if let Some(action) = action {
        let button = Button::ghost(action).small();
        let place = Rect::from_min_max(pos2(right - button.width(ui), y - 14.0), pos2(right, y + 14.0));
        if button.at(ui, place).clicked() {
            answer = Some(ToastAnswer::Action);
        }
        right = place.left() - 4.0;
    }
    let text = Rect::from_min_max(
        pos2(rect.left() + 37.0, rect.top() + 11.0),
        pos2(right, rect.bottom() - 11.0),
    );
    Text::new(Role::BODY, words).wrap().at(ui, text, Align2::LEFT_TOP);
    if Button::icon("Dismiss", icons::X).small().at(ui, cross).clicked() {
        answer = Some(ToastAnswer::Close);
    }
    answer
}
