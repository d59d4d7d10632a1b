//! A button's colours: by its kind, and by what the pointer does.

use egui::{Color32, Response, Ui};

use super::{Button, Kind, Trailing};
use crate::theme::Tokens;

pub(super) struct Look {
    pub(super) fill: Color32,
    pub(super) line: Color32,
    pub(super) text: Color32,
    pub(super) icon: Color32,
}

impl Look {
    fn new(fill: Color32, line: Color32, text: Color32) -> Self {
        Self {
            fill,
            line,
            text,
            icon: text,
        }
    }
}

impl Button<'_> {
    pub(super) fn look(&self, ui: &Ui, t: &Tokens, response: &Response, enabled: bool) -> Look {
        let none = Color32::TRANSPARENT;
        if !enabled {
            return match self.kind {
                Kind::Primary => Look::new(t.hover, none, t.dis),
                Kind::Secondary | Kind::Danger => Look::new(none, t.border, t.dis),
                Kind::Ghost | Kind::DangerGhost => Look::new(none, none, t.dis),
            };
        }
        let seconds = ui.style().animation_time;
        let hover = ui
            .ctx()
            .animate_bool_with_time(response.id.with("hover"), response.hovered(), seconds);
        let pressed = response.is_pointer_button_down_on();
        let fill = |rest: Color32, over: Color32, down: Color32| {
            if pressed {
                down
            } else {
                rest.lerp_to_gamma(over, hover)
            }
        };
        if self.on == Some(true) && matches!(self.trailing, Trailing::Count(_)) {
            return Look::new(t.pressed, t.border2, t.text);
        }
        if self.on == Some(true) {
            return Look::new(t.accent_tint, t.accent_line, t.accent_text);
        }
        match self.kind {
            Kind::Secondary => Look::new(fill(t.raised, t.hover, t.pressed), t.border2, t.text),
            Kind::Primary => Look::new(fill(t.accent, t.accent_h, t.accent_p), none, t.on_accent),
            Kind::Ghost => {
                let text = t.text2.lerp_to_gamma(t.text, hover);
                Look::new(fill(none, t.hover, t.pressed), none, text)
            }
            Kind::Danger => Look::new(fill(t.red_tint, t.red_tint, t.hover), t.red_line, t.red),
            Kind::DangerGhost => Look::new(fill(none, t.red_tint, t.red_tint), none, t.red),
        }
    }
}
