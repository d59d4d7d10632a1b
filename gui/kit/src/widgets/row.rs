//! Rows: their start, which takes the room that is left, and their end.

use egui::{Align, Layout, Response, Ui, vec2};

use super::Button;

/// A row at least `height` points high, with what is in it centred. `Ui::horizontal` would make each as high as a control.
pub fn row<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(ui.available_width(), height);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, content).inner
}

/// The start of a horizontal layout: it takes all the room but the `end` points that are added next.
pub fn row_start<R>(ui: &mut Ui, end: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let width = (ui.available_width() - end - ui.spacing().item_spacing.x).max(0.0);
    let size = vec2(width, ui.available_height());
    let layout = Layout::left_to_right(Align::Center);
    let start = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_width(width);
        content(ui)
    });
    start.inner
}

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
