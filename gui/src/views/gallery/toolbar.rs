//! The gallery's toolbar: search, order, count, size of the cards, and picking.

use std::collections::BTreeSet;

use egui::{Frame, Margin, Separator, Ui, vec2};
use posterframe_client::Extent;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Field, Glyph, Slider, Text, between, menu, menu_item, row, row_end_width, row_start,
};

use super::criteria::{Grouping, Sort};
use super::{GalleryView, search_id};
use crate::context::{Command, ViewContext};

/// Range of the cards' width, in points.
pub(super) const SIZES: std::ops::RangeInclusive<f32> = 120.0..=320.0;
/// Smallest and largest width of the search field in the toolbar's row, in points.
const FIELD: [f32; 2] = [160.0, 260.0];
/// Width of the slider with its icons, in points.
const SLIDER: f32 = 162.0;
/// Width of the slider's rail, in points.
const RAIL: f32 = 112.0;

impl GalleryView {
    pub(super) fn toolbar_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::PANE as i8, 12));
        margin.show(ui, |ui| {
            ui.take_available_width();
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            let (count, color) = match self.error() {
                Some(error) => (error, tokens(ui).red),
                None => (self.count(), tokens(ui).text3),
            };
            let count = Text::new(Role::SMALL, &count).color(color);
            let gap = ui.spacing().item_spacing.x;
            let end = self.end_width(ui);
            let sort = self.sort_button().width(ui);
            let room = ui.available_width() - sort - sizes::CONTROL - end - 4.0 * gap;
            let field = between(room - count.width(ui), FIELD[0], FIELD[1]);
            let in_one_row = room >= FIELD[0] + count.width(ui).min(FIELD[0]);
            let content = |ui: &mut Ui| {
                ui.allocate_ui(vec2(field, sizes::CONTROL), |ui| {
                    ui.add(
                        Field::search(search_id(), &mut self.criteria.query, "Search thumbnails").key("/"),
                    );
                });
                self.sort_ui(ui);
                let refresh =
                    Button::icon("Refresh", icons::ARROWS_CLOCKWISE).busy(self.refresh.is_pending());
                if ui.add(refresh).clicked() {
                    self.list(ui, ctx, Extent::All);
                }
                if in_one_row {
                    row_start(ui, end, |ui| ui.add(count));
                } else {
                    ui.add(count);
                }
                self.end_ui(ui, ctx);
            };
            if in_one_row {
                row(ui, sizes::CONTROL, content);
            } else {
                ui.horizontal_wrapped(content);
            }
        });
        ui.add(Separator::default().horizontal().spacing(1.0));
    }

    fn sort_button(&self) -> Button<'static> {
        Button::secondary(self.criteria.sort.label())
            .lead("Sort by")
            .caret()
    }

    fn sort_ui(&mut self, ui: &mut Ui) {
        let button = ui.add(self.sort_button());
        menu(&button, 168.0, |ui| {
            let chosen = |is: bool| if is { icons::CHECK } else { ' ' };
            for sort in Sort::ALL {
                if menu_item(ui, chosen(sort == self.criteria.sort), sort.label(), "", false) {
                    self.criteria.sort = sort;
                }
            }
        });
    }

    /// The kinds of files to show, and the groups.
    pub(super) fn kinds_ui(&mut self, ui: &mut Ui) {
        let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::PANE as i8, 10));
        margin.show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            let group = Button::secondary(self.criteria.grouping.label())
                .lead("Group by")
                .small()
                .caret();
            let kinds = self.arrangement.kinds.clone();
            let all = kinds.iter().map(|(_, count)| count).sum();
            let chips = kinds
                .into_iter()
                .map(|(kind, count)| (Some(kind), kind.label(), count));
            let chips = std::iter::once((None, "All", all)).chain(chips);
            let end = group.width(ui);
            row(ui, sizes::CONTROL_SMALL, |ui| {
                row_start(ui, end, |ui| {
                    for (kind, label, count) in chips {
                        let count = count.to_string();
                        let chip = Button::secondary(label).small().count(&count);
                        if ui.add(chip.on(self.criteria.kind == kind)).clicked() {
                            self.criteria.kind = kind;
                        }
                    }
                });
                let group = ui.add(group);
                menu(&group, 168.0, |ui| {
                    for grouping in Grouping::ALL {
                        let is_chosen = grouping == self.criteria.grouping;
                        let glyph = if is_chosen { icons::CHECK } else { ' ' };
                        if menu_item(ui, glyph, grouping.label(), "", false) {
                            self.criteria.grouping = grouping;
                        }
                    }
                });
            });
        });
        ui.add(Separator::default().horizontal().spacing(1.0));
    }

    /// Width of what [`Self::end_ui`] adds, in points.
    fn end_width(&self, ui: &Ui) -> f32 {
        match self.picked.as_ref().map(BTreeSet::len) {
            Some(count) => {
                let (save, delete) = (format!("Save {count}…"), format!("Delete {count}"));
                row_end_width(ui, &picking_buttons(&save, &delete, count))
            }
            None => SLIDER + 24.0 + select_button().width(ui),
        }
    }

    /// The end of the toolbar: the actions on picked thumbnails, or the size of the cards and the button that starts picking.
    fn end_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let Some(count) = self.picked.as_ref().map(BTreeSet::len) else {
            ui.allocate_ui(vec2(SLIDER, sizes::CONTROL), |ui| {
                row(ui, sizes::CONTROL, |ui| {
                    slider_ui(ui, &mut ctx.preferences.gallery_size);
                });
            });
            if !ui.layout().main_wrap() {
                ui.add_space(8.0);
            }
            if ui.add(select_button()).clicked() {
                self.picked = Some(BTreeSet::new());
            }
            return;
        };
        let (save, delete) = (format!("Save {count}…"), format!("Delete {count}"));
        let buttons = picking_buttons(&save, &delete, count);
        let [all, save, delete, done] = buttons.map(|button| ui.add(button).clicked());
        if all {
            self.pick_all();
        }
        if save {
            ctx.commands.send(Command::SaveThumbnails(self.chosen()));
        }
        if delete {
            let chosen = self.chosen();
            self.delete(ctx, chosen);
        }
        if done {
            self.picked = None;
        }
    }

    fn count(&self) -> String {
        let (all, shown) = (self.listing.items.len(), self.arrangement.items.len());
        let plus = if self.listing.complete { "" } else { "+" };
        let noun = if all == 1 { "thumbnail" } else { "thumbnails" };
        if self.criteria.query.trim().is_empty() {
            format!("{all}{plus} {noun}")
        } else {
            format!("{shown} of {all}{plus} {noun}")
        }
    }
}

fn select_button() -> Button<'static> {
    Button::secondary("Select").with_icon(icons::CHECK_SQUARE)
}

/// The buttons while `count` thumbnails are picked.
fn picking_buttons<'a>(save: &'a str, delete: &'a str, count: usize) -> [Button<'a>; 4] {
    [
        Button::ghost("Select all").tip("Select all that are shown", &["Ctrl", "A"]),
        Button::secondary(save)
            .with_icon(icons::DOWNLOAD_SIMPLE)
            .tip("Save to a folder", &["Ctrl", "S"])
            .enabled(count > 0),
        Button::danger(delete)
            .with_icon(icons::TRASH)
            .tip("Delete them", &["Del"])
            .enabled(count > 0),
        Button::secondary("Done").tip("Stop selecting", &["Esc"]),
    ]
}

/// The size of the cards, between a small and a large icon.
fn slider_ui(ui: &mut Ui, size: &mut f32) {
    let t = tokens(ui);
    ui.add(Glyph::new(icons::SQUARES_FOUR, 16.0, t.text3));
    let slider = Slider::new(size, SIZES, "Size of the pictures")
        .step(8.0)
        .width(RAIL);
    ui.add(slider);
    ui.add(Glyph::new(icons::IMAGE, 18.0, t.text3));
}
