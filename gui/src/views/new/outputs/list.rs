//! Outputs in short: what many videos at once have, and a list in which they are chosen from the presets.

use egui::{Frame, Margin, Ui};
use posterframe_contract::{MAX_OUTPUTS, NameTemplate, OutputRequest};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Glyph, Text, line_ui, menu_item, row, row_end, row_start};

use super::presets::{presets, with_free_name};
use super::rows::{facts, glyph, size_text};
use crate::context::OwnPreset;

const ROW: f32 = 32.0;

/// An output's format and size, that of a whole frame left out: `JPEG`, `1280 × 720`.
pub(in super::super) fn short(output: &OutputRequest) -> [String; 2] {
    let size = match (output.size, output.crop) {
        (None, None) => String::new(),
        _ => size_text(output),
    };
    [output.format.label().to_owned(), size]
}

/// The outputs, and the presets that can be added. Whether it is done.
pub(in super::super) fn outputs_ui(ui: &mut Ui, outputs: &mut Vec<OutputRequest>, own: &[OwnPreset]) -> bool {
    let t = theme::tokens(ui);
    ui.spacing_mut().interact_size.y = 16.0;
    let margin = Frame::NONE.inner_margin(Margin::same(12));
    margin.show(ui, |ui| {
        ui.add(Text::new(Role::SECTION, "Files of each frame").color(t.text2));
        ui.add_space(4.0);
        let is_only = outputs.len() == 1;
        let mut removed = None;
        for (index, output) in outputs.iter().enumerate() {
            row(ui, ROW, |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(Glyph::new(glyph(output), 16.0, t.text2));
                ui.add(Text::new(Role::TITLE, output.format.label()));
                let facts = facts(output);
                let label = format!("Remove {} {facts}", output.format.label());
                let remove = Button::icon(&label, icons::X).small().enabled(!is_only);
                row_start(ui, remove.width(ui), |ui| {
                    ui.add(Text::new(Role::SMALL, &facts).color(t.text2))
                });
                if ui.add(remove).clicked() {
                    removed = Some(index);
                }
            });
        }
        if let Some(index) = removed {
            outputs.remove(index);
        }
    });
    line_ui(ui);
    let margin = Frame::NONE.inner_margin(Margin::same(4));
    margin.show(ui, |ui| {
        for (label, output) in presets(own) {
            let unnamed = |output: &OutputRequest| OutputRequest {
                name: NameTemplate::default(),
                ..output.clone()
            };
            let is_there = outputs.iter().any(|other| unnamed(other) == unnamed(&output));
            let is_free = !is_there && outputs.len() < MAX_OUTPUTS;
            let Some(new) = with_free_name(outputs, &output).filter(|_| is_free) else {
                continue;
            };
            let detail = format!("{} {}", output.format.label(), size_text(&output));
            if menu_item(ui, glyph(&output), &label, &detail, false) {
                outputs.push(new);
            }
        }
    });
    line_ui(ui);
    let margin = Frame::NONE.inner_margin(Margin::same(12));
    margin
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let [done] = row_end(ui, [Button::primary("Done")]);
                done.clicked()
            })
            .inner
        })
        .inner
}
