//! The table: a row a video.

use std::path::PathBuf;

use egui::{Align2, Id, Layout, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use egui_extras::{Column, Size, StripBuilder, TableBuilder};
use posterframe_contract::OutputRequest;
use posterframe_kit::theme::{self, Face, Role, icons, sizes};
use posterframe_kit::widgets::{Text, focus_ring_inside, hline, icon, tip};

use super::cells::{MAX_STILLS, check_ui, frames_ui, outputs_cell_ui, state_ui, state_words, video_ui};
use super::row::Row;
use super::{Batch, Order, bars};
use crate::context::ViewContext;
use crate::format;

const HEADER: f32 = 32.0;
const ROW: f32 = 44.0;
/// Widths of the columns, in points: the check box, the length, the size, the frames, the outputs, and the state.
const CHECK: f32 = 68.0;
const LENGTH: f32 = 72.0;
const BYTES: f32 = 88.0;
const FRAMES: f32 = 248.0;
const OUTPUTS: f32 = 200.0;
pub(super) const STATE: f32 = 184.0;
/// How long frames have to be on the screen to be seen, in seconds.
const SEEN_AFTER: f64 = 0.25;
/// Below this width the size is left out, too.
const NO_SIZE: f32 = 880.0;

/// The columns that there is room for.
#[derive(Clone, Copy)]
struct Columns {
    has_size: bool,
    has_outputs: bool,
}

impl Columns {
    const fn of(width: f32) -> Self {
        Self {
            has_size: width >= NO_SIZE,
            has_outputs: width >= sizes::NARROW,
        }
    }

    /// Cells in their order: check box, name, length, size, frames, outputs, state. Those without room are empty.
    fn ui(self, ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
        let widths = [
            Some(CHECK),
            None,
            Some(LENGTH),
            Some(if self.has_size { BYTES } else { 0.0 }),
            Some(FRAMES),
            Some(if self.has_outputs { OUTPUTS } else { 0.0 }),
            Some(STATE),
        ];
        let mut strip = StripBuilder::new(ui).cell_layout(Layout::left_to_right(egui::Align::Center));
        for width in widths {
            strip = strip.size(width.map_or_else(Size::remainder, Size::exact));
        }
        strip.horizontal(|mut strip| {
            for (index, width) in widths.into_iter().enumerate() {
                if width == Some(0.0) {
                    strip.empty();
                } else {
                    strip.cell(|ui| cell(ui, index));
                }
            }
        });
    }
}

impl Batch {
    /// Draws the batch. The video that is to be opened beside it, if one was double-clicked.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) -> Option<PathBuf> {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let t = theme::tokens(ui);
        let mut opened = None;
        let strip = StripBuilder::new(ui)
            .size(Size::exact(bars::HEAD))
            .size(Size::exact(bars::SELECTION))
            .size(Size::exact(HEADER))
            .size(Size::remainder())
            .size(Size::exact(bars::FOOT));
        strip.vertical(|mut strip| {
            let panel = |ui: &Ui| {
                ui.painter().rect_filled(ui.max_rect(), 0, t.panel);
            };
            strip.cell(|ui| {
                panel(ui);
                self.head_ui(ui, context.preferences);
            });
            strip.cell(|ui| {
                panel(ui);
                self.selection_ui(ui);
            });
            strip.cell(|ui| {
                panel(ui);
                self.header_ui(ui);
            });
            strip.cell(|ui| opened = self.rows_ui(ui, context));
            strip.cell(|ui| {
                panel(ui);
                self.foot_ui(ui, context);
            });
        });
        self.change_ui(ui, context.preferences);
        opened
    }

    fn header_ui(&mut self, ui: &mut Ui) {
        let t = theme::tokens(ui);
        let rect = ui.max_rect();
        hline(ui, rect.x_range(), rect.top());
        hline(ui, rect.x_range(), rect.bottom() - 1.0);
        let mut clicked = None;
        let order = self.order;
        Columns::of(rect.width()).ui(ui, |ui, column| {
            let (label, by, is_right) = match column {
                1 => ("Video", Some(Order::Name), false),
                2 => ("Length", Some(Order::Length), true),
                3 => ("Size", Some(Order::Size), true),
                4 => ("Frames", None, false),
                5 => ("Outputs", None, false),
                6 => ("State", None, false),
                _ => return,
            };
            let cell = ui.max_rect();
            let cell = if column == 4 {
                cell.with_min_x(cell.left() + 32.0)
            } else {
                cell
            };
            let is_by = by == Some(order.0);
            let text = Text::new(Role::SMALL, label).color(if is_by { t.text2 } else { t.text3 });
            let align = if is_right {
                Align2::RIGHT_CENTER
            } else {
                Align2::LEFT_CENTER
            };
            text.at(ui, cell, align);
            if let Some(by) = by {
                let response = ui.interact(cell, ui.scope_id().with(label), Sense::click());
                response.widget_info(|| {
                    WidgetInfo::labeled(egui::Role::Button, true, format!("Sort by {label}"))
                });
                if is_by {
                    let caret = if order.1 {
                        icons::CARET_UP
                    } else {
                        icons::CARET_DOWN
                    };
                    let width = text.width(ui);
                    let x = if is_right {
                        cell.right() - width - 10.0
                    } else {
                        cell.left() + width + 10.0
                    };
                    icon(
                        ui.painter(),
                        pos2(x, cell.center().y),
                        caret,
                        Face::Icon,
                        12.0,
                        t.text2,
                    );
                }
                if response.has_focus() {
                    focus_ring_inside(ui.painter(), t, cell);
                }
                if tip(response, &format!("Sort by {}", label.to_lowercase()), &[]).clicked() {
                    clicked = Some(by);
                }
            }
        });
        if let Some(by) = clicked {
            self.order = (by, self.order.0 != by || !self.order.1);
            self.sort();
        }
    }

    fn rows_ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) -> Option<PathBuf> {
        let shown = self.shown();
        if shown.is_empty() {
            let words = Text::new(Role::SMALL, "None at the moment").color(theme::tokens(ui).text3);
            words.at(ui, ui.max_rect(), Align2::CENTER_CENTER);
            return None;
        }
        let columns = Columns::of(ui.available_width());
        let mut table = TableBuilder::new(ui)
            .column(Column::remainder().clip(true))
            .min_scrolled_height(0.0)
            .auto_shrink(false);
        if std::mem::take(&mut self.scroll)
            && let Some(place) = shown.iter().position(|&index| index == self.current)
        {
            table = table.scroll_to_row(place, None);
        }
        let mut opened = None;
        let mut clicked = None;
        table.body(|body| {
            body.rows(ROW, shown.len(), |mut line| {
                let index = shown[line.index()];
                let (is_current, row) = (self.current == index, &mut self.rows[index]);
                line.col(|ui| {
                    let outputs = row.outputs.clone();
                    let outputs = outputs.as_ref().unwrap_or(&context.preferences.outputs);
                    match row_ui(ui, (row, is_current), columns, outputs) {
                        Some(Click::Row) => clicked = Some(index),
                        Some(Click::Open) => opened = Some(row.path.clone()),
                        Some(Click::Tick) => {
                            row.is_ticked = !row.is_ticked;
                            self.current = index;
                            self.anchor = index;
                        }
                        None => {}
                    }
                });
            });
        });
        if let Some(index) = clicked {
            let modifiers = ui.input(|input| input.modifiers);
            self.current = index;
            if modifiers.shift {
                self.tick_range(&shown);
            } else {
                self.anchor = index;
                if modifiers.command {
                    self.rows[index].is_ticked = !self.rows[index].is_ticked;
                }
            }
        }
        opened
    }
}

/// Frames count as seen once they were on the screen for a moment, and not while they rush by.
fn see(ui: &Ui, row: &mut Row) {
    let now = ui.input(|input| input.time);
    let frame = ui.ctx().cumulative_frame_nr();
    if row.drawn + 1 < frame {
        row.shown_since = now;
    }
    if now - row.shown_since >= SEEN_AFTER {
        row.is_seen = true;
    } else if !row.is_seen {
        ui.request_repaint();
    }
}

/// What was clicked in a row.
enum Click {
    Row,
    Open,
    Tick,
}

fn row_ui(
    ui: &mut Ui,
    (row, is_current): (&mut Row, bool),
    columns: Columns,
    outputs: &[OutputRequest],
) -> Option<Click> {
    let t = theme::tokens(ui);
    let rect = ui.max_rect();
    let id = Id::unique(("batch", &row.path));
    let response = ui.interact(rect, id, Sense::click());
    let name = row.name();
    let label = format!("{name}, {}", state_words(row));
    response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, is_current, &label));
    if row.is_ticked || is_current {
        ui.painter().rect_filled(rect, 0, t.raised);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0, t.hover);
    }
    if is_current {
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0, t.accent_line);
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.border));
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let frames = row.frames();
    let is_seen = !frames.is_empty()
        && frames
            .iter()
            .take(MAX_STILLS)
            .all(|chosen| chosen.picture.is_some());
    let mut ticked = false;
    columns.ui(ui, |ui, column| match column {
        0 => ticked = check_ui(ui, row, &name),
        1 => video_ui(ui, row, &name),
        2 => {
            let length = row.length.map_or_else(|| "—".to_owned(), format::length);
            Text::new(Role::MONO, &length)
                .color(t.text2)
                .at(ui, ui.max_rect(), Align2::RIGHT_CENTER);
        }
        3 => {
            let bytes = format::bytes(row.bytes);
            Text::new(Role::SMALL, &bytes)
                .color(t.text2)
                .at(ui, ui.max_rect(), Align2::RIGHT_CENTER);
        }
        4 => frames_ui(ui, row),
        5 => outputs_cell_ui(ui, row, outputs),
        _ => state_ui(ui, row),
    });
    if is_seen {
        see(ui, row);
    }
    row.drawn = ui.ctx().cumulative_frame_nr();
    match (ticked, response.double_clicked(), response.clicked()) {
        (true, ..) => Some(Click::Tick),
        (_, true, _) => Some(Click::Open),
        (_, _, true) => Some(Click::Row),
        _ => None,
    }
}
