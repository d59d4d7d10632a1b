//! The place where files are dropped: a dashed outline, a film strip, and what hangs over the window.

use std::path::{Path, PathBuf};

use egui::{Align, Frame, Layout, Margin, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, vec2};
use posterframe_kit::theme::{self, Role, Tokens, icons, sizes};
use posterframe_kit::widgets::{Glyph, Text, dashed_outline, dashed_slot, row_middle};

use crate::format;

/// From the view's edge to the zone, in points.
pub(super) const MARGIN: f32 = 24.0;
/// From the top of the picture to the middle of a zone that is high enough.
const ABOVE: f32 = 141.0;
/// What the zone needs beside the picture; in less room the picture is smaller, down to half its size.
const BELOW: f32 = 250.0;
/// The picture's size.
const PICTURE: egui::Vec2 = vec2(336.0, 146.0);

/// Covers the view while `files` hang over the window; `bytes` is how large the only one of them is, once that is known.
pub(crate) fn drop_zone_ui(ui: &mut Ui, rect: Rect, files: &[PathBuf], bytes: Option<u64>) {
    ui.painter().rect_filled(rect, 0, theme::tokens(ui).window);
    let inside = UiBuilder::new()
        .id_salt("drop zone")
        .max_rect(rect.shrink(MARGIN));
    ui.scope_builder(inside, |ui| {
        let high = ui.available_height();
        ground_ui(ui, high, true, |ui| {
            ui.add_space(42.0);
            files_ui(ui, files, bytes);
        });
    });
}

/// The zone itself with its picture and its heading, at least `high` points high; `content` comes below.
pub(super) fn ground_ui(ui: &mut Ui, high: f32, dragging: bool, content: impl FnOnce(&mut Ui)) {
    let t = theme::tokens(ui);
    let ground = ui.painter().add(Shape::Noop);
    let size = vec2(ui.available_width().max(0.0), high.max(0.0));
    let zone = ui.allocate_ui_with_layout(size, Layout::top_down(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.spacing_mut().interact_size.y = 16.0;
        ui.add_space((high / 2.0 - ABOVE).max(MARGIN).round());
        let room = vec2(size.x - 32.0, (high - BELOW).max(0.5 * PICTURE.y));
        let scale = (room / PICTURE).min_elem().clamp(0.0, 1.0);
        let (picture, _) = ui.allocate_exact_size(PICTURE * scale, Sense::hover());
        strip_ui(ui, picture.center_top().round(), scale, t);
        ui.add_space(29.0);
        ui.scope(|ui| {
            ui.set_max_width((size.x - 32.0).max(0.0));
            ui.add(
                Text::new(Role::EMPTY, "Drop videos to pick frames")
                    .wrap()
                    .center(),
            );
        });
        ui.add_space(6.0);
        content(ui);
    });
    let zone = zone.response.rect;
    let (fill, line, dashes) = if dragging {
        (t.drop, Stroke::new(2.0, t.accent_line), [9.0, 6.0])
    } else {
        (t.window, Stroke::new(1.0, t.border2), [4.0, 4.0])
    };
    let radius = f32::from(sizes::RADIUS_MODAL);
    let mut shapes = dashed_outline(zone, radius, line, dashes);
    shapes.insert(0, Shape::rect_filled(zone, radius, fill));
    ui.painter().set(ground, Shape::Vec(shapes));
}

/// A strip of five frames, and the one that is picked above it; [`PICTURE`] times `scale`, with the middle of its upper edge
/// at `top`.
fn strip_ui(ui: &Ui, top: Pos2, scale: f32, t: &Tokens) {
    let painter = ui.painter();
    let place = |x: f32, y: f32, width: f32, height: f32| {
        Rect::from_min_size(top + vec2(x, y) * scale, vec2(width, height) * scale)
    };
    let strip = place(-168.0, 78.0, 336.0, 61.0);
    painter.rect(strip, 8, t.panel, Stroke::new(1.0, t.border), StrokeKind::Inside);
    for index in 0..5_u8 {
        let frame = place(-158.0 + f32::from(index) * 64.0, 89.0, 60.0, 40.0);
        if index == 2 {
            dashed_slot(ui, frame, 3.0);
        } else {
            painter.rect_filled(frame, 3, t.hover);
        }
    }
    painter.rect_filled(place(-1.0, 56.0, 2.0, 90.0), 0, t.accent_line);
    painter.rect_filled(place(-47.0, 0.0, 94.0, 56.0), 6, t.accent);
    let at = |x: f32, y: f32| top + vec2(x - 47.0, y) * scale;
    painter.circle_filled(at(63.0, 18.0), 5.0 * scale, t.on_accent);
    for mountain in [
        [(18.0, 43.0), (35.0, 25.0), (52.0, 43.0)],
        [(34.0, 43.0), (51.0, 27.0), (68.0, 43.0)],
    ] {
        let corners = mountain.map(|(x, y)| at(x, y)).to_vec();
        painter.add(Shape::convex_polygon(corners, t.on_accent, Stroke::NONE));
    }
}

/// What hangs over the window.
fn files_ui(ui: &mut Ui, files: &[PathBuf], bytes: Option<u64>) {
    let t = theme::tokens(ui);
    let name = match files {
        [] => return,
        [file] => name_of(file),
        files => format!("{} files", files.len()),
    };
    let bytes = bytes.map(format::bytes);
    let facts: Vec<&str> = bytes.as_deref().into_iter().chain(["Release to open"]).collect();
    let name = Text::new(Role::SMALL_TITLE, &name);
    let facts = facts.iter().flat_map(|words| {
        let dot = Text::new(Role::SMALL, "·").color(t.text3);
        [dot, Text::new(Role::SMALL, words).color(t.text2)]
    });
    let facts: Vec<Text<'_>> = facts.collect();
    let name_width = name.width(ui).min((ui.available_width() - 120.0).max(60.0) * 0.6);
    let facts_width: f32 = facts.iter().map(|text| text.width(ui) + 8.0).sum();
    row_middle(ui, 13.0 + 16.0 + 8.0 + name_width + facts_width + 13.0, |ui| {
        let frame = Frame::NONE
            .fill(t.panel)
            .stroke(Stroke::new(1.0, t.border))
            .corner_radius(sizes::RADIUS_CARD)
            .inner_margin(Margin::symmetric(12, 7));
        frame.show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(Glyph::new(icons::FILM_STRIP, 16.0, t.accent_line));
                ui.scope(|ui| {
                    ui.set_max_width(name_width + 1.0);
                    ui.add(name);
                });
                for text in facts {
                    ui.add(text);
                }
            });
        });
    });
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}
