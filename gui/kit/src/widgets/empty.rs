//! What a view shows where there is nothing to show.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{Button, Text, icon};
use crate::theme::icons::Icon;
use crate::theme::{Face, Role, tokens};

/// An icon, a heading, a sentence and perhaps a button in the middle of `rect`; `true` where the button was clicked.
pub fn empty_ui(
    ui: &mut Ui,
    rect: Rect,
    glyph: Icon,
    heading: &str,
    words: &str,
    button: Option<Button<'_>>,
) -> bool {
    let t = tokens(ui);
    let width = (rect.width() - 32.0).min(420.0);
    let text = Text::new(Role::BODY, words).color(t.text2).wrap();
    let galley = text.galley(ui, width);
    let high = 40.0 + 12.0 + 28.0 + 4.0 + galley.size().y + if button.is_some() { 48.0 } else { 0.0 };
    let top = (rect.center().y - high / 2.0).round();
    let x = rect.center().x;
    icon(
        ui.painter(),
        pos2(x, top + 20.0),
        glyph,
        Face::Icon,
        32.0,
        t.text3,
    );
    let row = |y: f32, high: f32| Rect::from_min_size(pos2(x - width / 2.0, y), vec2(width, high));
    Text::new(Role::EMPTY, heading).at(ui, row(top + 52.0, 28.0), Align2::CENTER_CENTER);
    // A paragraph of one row is centred; of more, its box is.
    text.at(ui, row(top + 84.0, galley.size().y), Align2::CENTER_TOP);
    button.is_some_and(|button| {
        let size = vec2(button.width(ui), 32.0);
        let place = Align2::CENTER_TOP.anchor_size(pos2(x, top + 100.0 + galley.size().y), size);
        button.at(ui, place).clicked()
    })
}
