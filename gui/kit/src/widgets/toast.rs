//! Toasts. The app decides where and how long they are shown.

use egui::{Align, Frame, Layout, Margin, Stroke, Ui};

use super::{Button, Glyph, Text, Tone};
use crate::theme::{Face, Role, icons, sizes, tokens};

/// A click on a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAnswer {
    /// The click was on its button.
    Action,
    /// The click was on its cross.
    Close,
}

/// A toast with the available width, and with a button if `action` names one.
pub fn toast_ui(ui: &mut Ui, tone: Tone, words: &str, action: Option<&str>) -> Option<ToastAnswer> {
    let t = tokens(ui);
    let glyph = match tone {
        Tone::Good => icons::CHECK_CIRCLE,
        Tone::Bad => icons::WARNING_CIRCLE,
        Tone::Warn => icons::WARNING,
        Tone::Busy | Tone::Quiet => icons::INFO,
    };
    let frame = Frame::NONE
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border2))
        .corner_radius(sizes::RADIUS_CARD)
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin {
            left: 12,
            right: 6,
            top: 5,
            bottom: 5,
        });
    let mut answer = None;
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add(Glyph::new(glyph, 16.0, tone.color(t)).face(Face::IconFill));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::icon("Dismiss", icons::X).small()).clicked() {
                    answer = Some(ToastAnswer::Close);
                }
                if let Some(action) = action
                    && ui.add(Button::ghost(action).small()).clicked()
                {
                    answer = Some(ToastAnswer::Action);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Text::new(Role::BODY, words).wrap());
                });
            });
        });
    });
    answer
}
