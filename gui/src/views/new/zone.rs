//! The place where files are dropped: a dashed outline, a film strip, and what hangs over the window.

use std::path::{Path, PathBuf};

use egui::{Align2, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use posterframe_kit::theme::{self, Face, Role, Tokens, icons};
use posterframe_kit::widgets::{Text, icon};

use crate::format;

const RADIUS: f32 = 12.0;

/// Covers the view while `files` hang over the window; `bytes` is how large the only one of them is, once that is known.
pub(crate) fn drop_zone_ui(ui: &mut Ui, rect: Rect, files: &[PathBuf], bytes: Option<u64>) {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.window);
    let zone = rect.shrink(24.0);
    let below = ground_ui(ui, zone, true);
    files_ui(ui, zone, below + 42.0, files, bytes);
}

/// The zone itself with its picture and its heading. Returns where to go on below.
pub(super) fn ground_ui(ui: &mut Ui, zone: Rect, dragging: bool) -> f32 {
    let t = theme::tokens(ui);
    let (fill, line, width) = if dragging {
        (t.drop, t.accent_line, 2.0)
    } else {
        (t.window, t.border2, 1.0)
    };
    ui.painter().rect_filled(zone, RADIUS, fill);
    let outline = rounded(zone.shrink(width / 2.0), RADIUS);
    let dashes = if dragging { (9.0, 6.0) } else { (4.0, 4.0) };
    ui.painter().extend(Shape::dashed_line(
        &outline,
        Stroke::new(width, line),
        dashes.0,
        dashes.1,
    ));
    let top = zone.center().y - 141.0;
    strip_ui(ui, pos2(zone.center().x.round(), top.round()), t);
    let heading = Rect::from_min_size(
        pos2(zone.left() + 16.0, (top + 175.0).round()),
        vec2(zone.width() - 32.0, 28.0),
    );
    Text::new(Role::EMPTY, "Drop videos to pick frames")
        .color(t.text)
        .at(ui, heading, Align2::CENTER_CENTER);
    heading.bottom() + 6.0
}

/// A strip of five frames, and the one that is picked above it.
fn strip_ui(ui: &Ui, top: Pos2, t: &Tokens) {
    let painter = ui.painter();
    let strip = Rect::from_min_size(top + vec2(-168.0, 78.0), vec2(336.0, 61.0));
    painter.rect(strip, 8, t.panel, Stroke::new(1.0, t.border), StrokeKind::Inside);
    for index in 0..5 {
        let left = strip.left() + 10.0 + index as f32 * 64.0;
        let frame = Rect::from_min_size(pos2(left, strip.top() + 11.0), vec2(60.0, 40.0));
        if index == 2 {
            let outline = rounded(frame.shrink(0.5), 3.0);
            painter.extend(Shape::dashed_line(
                &outline,
                Stroke::new(1.0, t.border2),
                4.0,
                3.0,
            ));
        } else {
            painter.rect_filled(frame, 3, t.hover);
        }
    }
    let picked = Rect::from_min_size(top + vec2(-47.0, 0.0), vec2(94.0, 56.0));
    let line = Rect::from_min_max(
        pos2(top.x - 1.0, picked.bottom()),
        pos2(top.x + 1.0, strip.bottom() + 7.0),
    );
    painter.rect_filled(line, 0, t.accent_line);
    painter.rect_filled(picked, 6, t.accent);
    painter.circle_filled(picked.min + vec2(63.0, 18.0), 5.0, t.on_accent);
    for mountain in [
        [(18.0, 43.0), (35.0, 25.0), (52.0, 43.0)],
        [(34.0, 43.0), (51.0, 27.0), (68.0, 43.0)],
    ] {
        let corners = mountain.map(|(x, y)| picked.min + vec2(x, y)).to_vec();
        painter.add(Shape::convex_polygon(corners, t.on_accent, Stroke::NONE));
    }
}

/// What hangs over the window.
fn files_ui(ui: &mut Ui, zone: Rect, top: f32, files: &[PathBuf], bytes: Option<u64>) {
    let t = theme::tokens(ui);
    let name = match files {
        [] => return,
        [file] => name_of(file),
        files => format!("{} files", files.len()),
    };
    let mut parts = vec![(name, Role::SMALL_TITLE, t.text)];
    for words in bytes
        .map(format::bytes)
        .into_iter()
        .chain(["Release to open".to_owned()])
    {
        parts.push(("·".to_owned(), Role::SMALL, t.text3));
        parts.push((words, Role::SMALL, t.text2));
    }
    let most = zone.width() - 120.0;
    let widths: Vec<f32> = parts
        .iter()
        .map(|(words, role, _)| Text::new(*role, words).width(ui).min(most * 0.6))
        .collect();
    let width = 13.0 + 16.0 + widths.iter().map(|width| width + 8.0).sum::<f32>() + 13.0;
    let rect = Rect::from_min_size(
        pos2((zone.center().x - width / 2.0).round(), top),
        vec2(width.round(), 32.0),
    );
    ui.painter()
        .rect(rect, 8, t.panel, Stroke::new(1.0, t.border), StrokeKind::Inside);
    let place = Rect::from_min_size(rect.min + vec2(13.0, 8.0), vec2(16.0, 16.0));
    icon(
        ui.painter(),
        place.center(),
        icons::FILM_STRIP,
        Face::Icon,
        16.0,
        t.accent_line,
    );
    let mut x = place.right() + 8.0;
    for ((words, role, color), width) in parts.into_iter().zip(widths) {
        let place = Rect::from_min_size(pos2(x, rect.top()), vec2(width + 1.0, rect.height()));
        Text::new(role, &words)
            .color(color)
            .at(ui, place, Align2::LEFT_CENTER);
        x += width + 8.0;
    }
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// A rounded rectangle as a line: egui dashes lines only.
fn rounded(rect: Rect, radius: f32) -> Vec<Pos2> {
    let corners = [
        (pos2(rect.right() - radius, rect.top() + radius), -90.0_f32),
        (pos2(rect.right() - radius, rect.bottom() - radius), 0.0),
        (pos2(rect.left() + radius, rect.bottom() - radius), 90.0),
        (pos2(rect.left() + radius, rect.top() + radius), 180.0),
    ];
    let mut points = Vec::new();
    for (center, from) in corners {
        for step in 0..=8 {
            let angle = (from + step as f32 * 90.0 / 8.0).to_radians();
            points.push(center + vec2(angle.cos(), angle.sin()) * radius);
        }
    }
    points.push(points[0]);
    points
}
