//! The end of a row.

use egui::{Response, Ui};

use super::Button;

/// Buttons at the right end of a horizontal layout, in the order of reading, which is that of Tab too. Where there is less
/// room than they ask for, their words are cut.
pub fn row_end<const N: usize>(ui: &mut Ui, buttons: [Button<'_>; N]) -> [Response; N] {
    let room = ui.available_width() - row_end_width(ui, &buttons);
    ui.add_space(room.max(0.0));
    buttons.map(|button| ui.add(button))
}

/// What [`row_end`] takes, for what stands before it.
pub fn row_end_width(ui: &Ui, buttons: &[Button<'_>]) -> f32 {
    let gaps = ui.spacing().item_spacing.x * buttons.len().saturating_sub(1) as f32;
    buttons.iter().map(|button| button.width(ui)).sum::<f32>() + gaps
}
