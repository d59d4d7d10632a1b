//! The table: folders first, then videos and what else there is.

use egui::{Align, Align2, Id, Layout, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_extras::{Column, Size, StripBuilder, TableBuilder};
use posterframe_client::{ClientError, ErrorText};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Glyph, Text, focus_ring_inside, hline, icon, row_end_width, row_middle, tip,
};
use time::OffsetDateTime;

use super::listing::{Entry, Listing, Order};
use super::{BucketModal, policy};
use crate::context::{Command, ViewContext};
use crate::format;

const HEADER: f32 = 32.0;
const ROW: f32 = 36.0;
const MARK: f32 = 52.0;
const BYTES: f32 = 88.0;
const MODIFIED: f32 = 152.0;
/// Between the size and the date.
const GAP: f32 = 32.0;
/// Rows that stand for those that are on their way.
const BLOCKS: usize = 3;

/// What was clicked in the table.
enum Click {
    Select(usize),
    Open(usize),
}

/// Cells in their order: the icon, the name, the size, the date.
fn columns(ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
    let strip = StripBuilder::new(ui).cell_layout(Layout::left_to_right(Align::Center));
    let strip = strip.size(Size::exact(MARK)).size(Size::remainder());
    let strip = strip.size(Size::exact(BYTES)).size(Size::exact(MODIFIED));
    strip.horizontal(|mut strip| {
        for index in 0..4 {
            strip.cell(|ui| cell(ui, index));
        }
    });
}

impl BucketModal {
    pub(super) fn table_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let search = self.search.trim().to_owned();
        let Some(listing) = &mut self.listing else {
            let words = Text::new(Role::BODY, "Waiting for the backend").color(tokens(ui).text3);
            words.at(ui, ui.max_rect(), Align2::CENTER_CENTER);
            return;
        };
        listing.arrange(&search);
        let scroll = std::mem::take(&mut self.scroll);
        let mut click = None;
        let strip = StripBuilder::new(ui)
            .size(Size::exact(HEADER))
            .size(Size::remainder());
        strip.vertical(|mut strip| {
            strip.cell(|ui| header_ui(ui, listing));
            strip.cell(|ui| {
                if listing.error.is_some() && listing.count() == 0 {
                    failed_ui(ui, listing, context);
                } else if listing.count() == 0 && listing.is_loading() {
                    blocks_ui(ui);
                } else if listing.len() == 0 {
                    let words = if search.is_empty() {
                        "The folder is empty"
                    } else {
                        "No name has this in it"
                    };
                    let words = Text::new(Role::BODY, words).color(tokens(ui).text3);
                    words.at(ui, ui.max_rect(), Align2::CENTER_CENTER);
                } else {
                    click = rows_ui(ui, listing, scroll, context.now);
                }
            });
        });
        match click {
            Some(Click::Select(place)) => self.select(place),
            Some(Click::Open(place)) => {
                self.select(place);
                self.open_selected(context);
            }
            None => {}
        }
    }
}

fn header_ui(ui: &mut Ui, listing: &mut Listing) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    hline(ui, rect.x_range(), rect.bottom() - 1.0);
    let mut clicked = None;
    let order = listing.order;
    columns(ui, |ui, column| {
        let (label, by) = match column {
            1 => ("Name", Order::Name),
            2 => ("Size", Order::Size),
            3 => ("Modified", Order::Modified),
            _ => return,
        };
        let is_by = by == order.0;
        let mut cell = ui.max_rect();
        if column == 3 {
            cell = cell.with_min_x(cell.left() + GAP);
        }
        let text = Text::new(Role::SMALL, label).color(if is_by { t.text2 } else { t.text3 });
        let align = if column == 2 {
            Align2::RIGHT_CENTER
        } else {
            Align2::LEFT_CENTER
        };
        text.at(ui, cell, align);
        let response = ui.interact(cell, ui.scope_id().with(label), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Sort by {label}")));
        if is_by {
            let caret = if order.1 {
                icons::CARET_UP
            } else {
                icons::CARET_DOWN
            };
            let x = if column == 2 {
                cell.right() - text.width(ui) - 10.0
            } else {
                cell.left() + text.width(ui) + 10.0
            };
            let at = pos2(x, cell.center().y);
            icon(ui.painter(), at, caret, Face::Icon, 12.0, t.text2);
        }
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, cell);
        }
        if tip(response, &format!("Sort by {}", label.to_lowercase()), &[]).clicked() {
            clicked = Some(by);
        }
    });
    if let Some(by) = clicked {
        listing.order = (by, order.0 != by || !order.1);
    }
}

fn rows_ui(ui: &mut Ui, listing: &Listing, scroll: bool, now: OffsetDateTime) -> Option<Click> {
    let selected = listing.selected_row();
    let mut table = TableBuilder::new(ui)
        .column(Column::remainder().clip(true))
        .min_scrolled_height(0.0)
        .auto_shrink(false);
    if let Some(place) = selected.or(Some(0)).filter(|_| scroll) {
        table = table.scroll_to_row(place, None);
    }
    let mut click = None;
    table.body(|body| {
        body.rows(ROW, listing.len(), |mut line| {
            let place = line.index();
            let Some(entry) = listing.row(place) else { return };
            line.col(|ui| {
                let is_selected = selected == Some(place);
                click = row_ui(ui, (entry, place, is_selected), now).or(click.take());
            });
        });
    });
    click
}

fn row_ui(
    ui: &mut Ui,
    (entry, place, is_selected): (&Entry, usize, bool),
    now: OffsetDateTime,
) -> Option<Click> {
    let t = tokens(ui);
    let rect = ui.max_rect();
    let response = ui.interact(rect, Id::unique(("bucket row", place)), Sense::click());
    let name = entry.name();
    let label = match entry {
        Entry::Folder(_) => format!("{name}, a folder"),
        Entry::Object(object) => format!("{name}, {}", format::bytes(object.bytes)),
    };
    response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, is_selected, &label));
    if is_selected {
        ui.painter().rect_filled(rect, 0, t.raised);
        let bar = rect.with_max_x(rect.left() + 2.0);
        ui.painter().rect_filled(bar, 0, t.accent_line);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let (symbol, color) = match entry {
        Entry::Folder(_) => (icons::FOLDER, t.text2),
        Entry::Object(_) if entry.is_video() => (icons::FILE_VIDEO, t.text3),
        Entry::Object(_) => (icons::FILE_TEXT, t.dis),
    };
    let is_other = matches!(entry, Entry::Object(_)) && !entry.is_video();
    columns(ui, |ui, column| match (column, entry) {
        (0, _) => {
            ui.add_space(sizes::DETAIL);
            ui.add(Glyph::new(symbol, 16.0, color));
        }
        (1, _) => {
            let role = if is_selected { Role::TITLE } else { Role::BODY };
            let color = if is_other { t.text3 } else { t.text };
            let text = ui.add(Text::new(role, name).color(color));
            if let Entry::Object(object) = entry
                && object.is_archived
            {
                text.on_hover_text("In the archive: restore it in S3 first");
            }
        }
        (2, Entry::Object(object)) => {
            Text::new(Role::SMALL, &format::bytes(object.bytes))
                .color(t.text2)
                .at(ui, ui.max_rect(), Align2::RIGHT_CENTER);
        }
        (3, Entry::Object(object)) => {
            let cell = ui.max_rect();
            Text::new(Role::SMALL, &format::moment(now, object.modified))
                .color(t.text3)
                .at(ui, cell.with_min_x(cell.left() + GAP), Align2::LEFT_CENTER);
        }
        _ => {}
    });
    if response.double_clicked() {
        Some(Click::Open(place))
    } else if response.clicked() {
        Some(Click::Select(place))
    } else {
        None
    }
}

/// Rows without content, while the first ones are on their way.
fn blocks_ui(ui: &Ui) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    for row in 0..BLOCKS {
        let top = rect.top() + row as f32 * ROW + 12.0;
        let width = 240.0 - 48.0 * row as f32;
        let block = egui::Rect::from_min_size(pos2(rect.left() + MARK, top), vec2(width, 12.0));
        ui.painter().rect_filled(block, 4, t.hover);
    }
}

/// Why the folder cannot be listed.
fn failed_ui(ui: &mut Ui, listing: &mut Listing, context: &ViewContext<'_>) {
    let t = tokens(ui);
    let Some(error) = &listing.error else { return };
    let text = ErrorText::of(error).text;
    let needed = match error {
        ClientError::Denied {
            permission, resource, ..
        } => Some(format!("{permission} on {resource}")),
        _ => None,
    };
    let mut again = false;
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        ui.set_max_width((ui.available_width() - 64.0).max(0.0));
        ui.add_space((ui.available_height() / 2.0 - 96.0).max(16.0));
        ui.add(Glyph::new(icons::WARNING_CIRCLE, 24.0, t.red));
        ui.add(Text::new(Role::BODY, &text).wrap().center());
        if let Some(words) = &needed {
            ui.add(Text::new(Role::BODY, "The login needs").color(t.text2).center());
            ui.add(Text::new(Role::MONO_SMALL, words).color(t.text2).wrap().center());
        }
        let buttons = [
            Button::secondary("Copy policy").tip("A policy of IAM with what is missing", &[]),
            Button::secondary("Try again"),
        ];
        if needed.is_some() {
            row_middle(ui, row_end_width(ui, &buttons), |ui| {
                let [copy, retry] = buttons.map(|button| ui.add(button).clicked());
                if copy {
                    context.commands.send(Command::CopyText(policy(listing.folder())));
                    context
                        .commands
                        .send(Command::Toast("Copied the policy".to_owned()));
                }
                again = retry;
            });
        } else {
            again = ui.add(Button::secondary("Try again")).clicked();
        }
    });
    if again {
        listing.again();
    }
}
