//! The shown output in the preview: which part of the frame it takes, and moving that by mouse and keys.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, EventFilter, Id, Key, Modifiers, Rect, Response, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use posterframe_contract::{Fit, OutputRequest, OutputSize};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Glyph, Text, put};
use posterframe_picture::Geometry;

use super::crop::{Corner, Part, moved, resized};

/// A handle's target and its arms, in points.
const TARGET: f32 = 28.0;
const ARM: f32 = 20.0;
const THICK: f32 = 3.0;
/// From the frame's corner to the chip, in points.
const CHIP: f32 = 16.0;

/// The part that is dragged, as it was when that began, and the pointer's way since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    grip: Grip,
    part: Part,
    way: egui::Vec2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grip {
    Whole,
    Corner(Corner),
}

/// Draws the shown output over the picture, which has this size in pixels and lies at `place`. The output, if it was changed.
pub(super) fn ui(
    ui: &mut Ui,
    (place, room): (Rect, Rect),
    frame: (u32, u32),
    output: &OutputRequest,
    drag: &mut Option<Drag>,
) -> Option<OutputRequest> {
    let t = theme::tokens(ui);
    let geometry = Geometry::of(frame, output).ok()?;
    if output.is_exact() {
        return None;
    }
    let scale = place.width() / frame.0.max(1) as f32;
    let on_screen = |[left, top, width, height]: [f64; 4]| {
        let min = place.min + vec2(left as f32, top as f32) * scale;
        Rect::from_min_size(min, vec2(width as f32, height as f32) * scale)
    };
    let can_move = output.fit == Fit::Crop || output.crop.is_some();
    let mut shown = on_screen(geometry.part);
    if output.fit == Fit::Pad {
        // The bars are around the picture.
        let bars = vec2(geometry.canvas.0 as f32, geometry.canvas.1 as f32)
            / vec2(geometry.size.0 as f32, geometry.size.1 as f32);
        shown = Rect::from_center_size(shown.center(), shown.size() * bars);
    }
    let mut changed = None;
    let mut line = Color32::WHITE.gamma_multiply(0.9);
    let mut dim = 0.64;
    let mut hovered = None;
    if can_move {
        let part = geometry.part.map(|side| side.round() as u32);
        let shape = shape_of(output, part);
        let response = grip_ui(ui, shown, Grip::Whole);
        let mut grips = vec![(Grip::Whole, response)];
        for corner in Corner::ALL {
            let at = corner_of(shown, corner);
            let rect = Rect::from_center_size(at, vec2(TARGET, TARGET));
            grips.push((Grip::Corner(corner), grip_ui(ui, rect, Grip::Corner(corner))));
        }
        if grips.iter().any(|(_, response)| response.double_clicked()) {
            changed = Some(largest(output, frame));
        }
        for (grip, response) in &grips {
            if response.drag_started() {
                *drag = Some(Drag {
                    grip: *grip,
                    part,
                    way: egui::Vec2::ZERO,
                });
            }
            if response.hovered() || response.has_focus() {
                hovered = Some(*grip);
            }
            let steps = keys(ui, response);
            if steps != egui::Vec2::ZERO {
                changed = Some(change(output, (*grip, part), steps, frame, (shape, false)));
            }
        }
        match drag {
            Some(active) if ui.input(|input| input.pointer.primary_down()) => {
                active.way += ui.input(|input| input.pointer.delta());
                let modifiers = ui.input(|input| input.modifiers);
                let shape = shape.filter(|_| !modifiers.shift);
                let by = active.way / scale;
                let moved = change(
                    output,
                    (active.grip, active.part),
                    by,
                    frame,
                    (shape, modifiers.alt),
                );
                if moved != *output {
                    changed = Some(moved);
                }
                (line, dim) = (t.accent_line, 0.72);
            }
            _ => *drag = None,
        }
    }
    let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
    outside(
        &painter,
        place,
        shown,
        theme::Tokens::DARK.canvas.gamma_multiply(dim),
    );
    if output.fit == Fit::Pad {
        outside(&painter, shown, place, theme::Tokens::DARK.canvas);
    }
    painter.rect_stroke(
        shown,
        CornerRadius::ZERO,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    if can_move {
        for corner in Corner::ALL {
            let is_hovered = hovered == Some(Grip::Corner(corner)) || drag.is_some();
            let color = if is_hovered { t.accent_line } else { Color32::WHITE };
            handle(&painter, shown, corner, color);
        }
    }
    chip_ui(
        ui,
        shown.intersect(room),
        &words(output, &geometry, drag.is_some()),
    );
    changed
}

/// The shape that a drag keeps: that of the output's size, else that of the part.
fn shape_of(output: &OutputRequest, [_, _, width, height]: Part) -> Option<f32> {
    let (across, down) = match output.size {
        Some(OutputSize {
            width: Some(across),
            height: Some(down),
        }) => (across, down),
        _ => (width, height),
    };
    (across > 0 && down > 0).then(|| across as f32 / down as f32)
}

/// The output with its part moved by so many pixels of the frame. Where the shape is free, the output's height follows.
fn change(
    output: &OutputRequest,
    (grip, part): (Grip, Part),
    by: egui::Vec2,
    frame: (u32, u32),
    (shape, keeps_centre): (Option<f32>, bool),
) -> OutputRequest {
    let by = (by.x, by.y);
    let part = match grip {
        Grip::Whole => moved(part, by, frame),
        Grip::Corner(corner) => resized(part, corner, by, frame, (shape, keeps_centre)),
    };
    let [_, _, width, height] = part;
    let size = match (output.size, shape) {
        (
            Some(OutputSize {
                width: Some(across),
                height: Some(_),
            }),
            None,
        ) if matches!(grip, Grip::Corner(_)) => Some(OutputSize {
            width: Some(across),
            height: Some((across as f32 * height as f32 / width as f32).round().max(1.0) as u32),
        }),
        (size, _) => size,
    };
    OutputRequest {
        crop: Some(part),
        size,
        ..output.clone()
    }
}

/// The output with the largest part of its shape, in the middle of the frame.
fn largest(output: &OutputRequest, frame: (u32, u32)) -> OutputRequest {
    let is_whole = matches!(output.size, Some(size) if size.width.is_some() && size.height.is_some());
    OutputRequest {
        crop: (!is_whole).then_some([0, 0, frame.0, frame.1]),
        fit: Fit::Crop,
        ..output.clone()
    }
}

fn grip_ui(ui: &Ui, rect: Rect, grip: Grip) -> Response {
    let (salt, label, cursor) = match grip {
        Grip::Whole => (4, "Crop", CursorIcon::Move),
        Grip::Corner(corner) => {
            let (is_right, is_bottom) = corner.sides();
            let cursor = if is_right == is_bottom {
                CursorIcon::ResizeNwSe
            } else {
                CursorIcon::ResizeNeSw
            };
            (corner as u8, corner.label(), cursor)
        }
    };
    let response = ui.interact(rect, Id::unique(("crop", salt)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Unknown, true, label));
    if response.hovered() {
        ui.ctx().set_cursor_icon(cursor);
    }
    response
}

/// The way that the arrow keys ask for while `response` has the keyboard, in pixels of the frame: 1, or 10 with Shift.
fn keys(ui: &Ui, response: &Response) -> egui::Vec2 {
    let mut way = egui::Vec2::ZERO;
    if !response.has_focus() {
        return way;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    for (modifiers, far) in [(Modifiers::SHIFT, 10.0), (Modifiers::NONE, 1.0)] {
        for (key, direction) in [
            (Key::ArrowLeft, vec2(-1.0, 0.0)),
            (Key::ArrowRight, vec2(1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, -1.0)),
            (Key::ArrowDown, vec2(0.0, 1.0)),
        ] {
            let count = ui.input_mut(|input| input.count_and_consume_key(modifiers, key));
            way += direction * far * count as f32;
        }
    }
    way
}

/// Whether the frame or a handle has the keyboard: then the arrow keys are theirs.
pub(in super::super) fn has_keyboard(ctx: &egui::Context) -> bool {
    let focused = ctx.memory(egui::Memory::focused);
    focused.is_some_and(|focused| (0..5_u8).any(|salt| Id::unique(("crop", salt)) == focused))
}

const fn corner_of(rect: Rect, corner: Corner) -> egui::Pos2 {
    let (is_right, is_bottom) = corner.sides();
    let x = if is_right { rect.max.x } else { rect.min.x };
    let y = if is_bottom { rect.max.y } else { rect.min.y };
    pos2(x, y)
}

/// Covers what is of a picture but not of its part.
fn outside(painter: &egui::Painter, picture: Rect, part: Rect, color: Color32) {
    let inner = part.intersect(picture);
    let bands = [
        Rect::from_min_max(picture.min, pos2(picture.max.x, inner.min.y)),
        Rect::from_min_max(pos2(picture.min.x, inner.max.y), picture.max),
        Rect::from_min_max(pos2(picture.min.x, inner.min.y), pos2(inner.min.x, inner.max.y)),
        Rect::from_min_max(pos2(inner.max.x, inner.min.y), pos2(picture.max.x, inner.max.y)),
    ];
    for band in bands.into_iter().filter(Rect::is_positive) {
        painter.rect_filled(band, CornerRadius::ZERO, color);
    }
}

/// An L at a corner, a little outside of the frame.
fn handle(painter: &egui::Painter, frame: Rect, corner: Corner, color: Color32) {
    let (is_right, is_bottom) = corner.sides();
    let outer = frame.expand(2.0);
    let at = corner_of(outer, corner);
    let (x, y) = (
        if is_right { -1.0 } else { 1.0 },
        if is_bottom { -1.0 } else { 1.0 },
    );
    let arm = |way: egui::Vec2, thick: egui::Vec2| Rect::from_two_pos(at, at + way + thick);
    painter.rect_filled(arm(vec2(x * ARM, 0.0), vec2(0.0, y * THICK)), 0, color);
    painter.rect_filled(arm(vec2(0.0, y * ARM), vec2(x * THICK, 0.0)), 0, color);
}

fn words(output: &OutputRequest, geometry: &Geometry, is_dragged: bool) -> String {
    if is_dragged {
        let [_, _, width, height] = geometry.part;
        return format!("{width:.0} × {height:.0}");
    }
    let (width, height) = geometry.canvas;
    format!("{} {width} × {height} preview", output.format.label())
}

fn chip_ui(ui: &mut Ui, frame: Rect, words: &str) {
    let t = theme::tokens(ui);
    let words = Text::new(Role::SMALL, words).color(t.chip_text);
    let width = (8.0 + 14.0 + 6.0 + words.width(ui) + 8.0).round();
    if frame.width() < width || frame.height() < 24.0 {
        return;
    }
    let inset = CHIP
        .min((frame.width() - width) / 2.0)
        .min((frame.height() - 24.0) / 2.0);
    let rect = Align2::LEFT_TOP.align_size_within_rect(vec2(width, 24.0), frame.shrink(inset));
    ui.painter().rect_filled(rect, 6, t.chip);
    let (icon, rest) = rect
        .shrink2(vec2(8.0, 0.0))
        .split_left_right_at_x(rect.left() + 22.0);
    put(ui, icon, Glyph::new(icons::CROP, 14.0, t.chip_text));
    words.at(ui, rest.with_min_x(rest.left() + 6.0), Align2::LEFT_CENTER);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(text: &str) -> OutputRequest {
        text.parse().unwrap()
    }

    // Breaks if a drag changes the output's size though its shape is kept, or a free shape does not.
    #[test]
    fn a_free_shape_is_the_outputs() {
        let wide = output("jpeg:1280x720:crop");
        let part = [0, 0, 1920, 1080];
        let corner = Grip::Corner(Corner::RightBottom);
        let frame = (1920, 1080);
        let kept = change(
            &wide,
            (corner, part),
            vec2(-640.0, 0.0),
            frame,
            (shape_of(&wide, part), false),
        );
        assert_eq!(kept, output("jpeg:1280x720:crop:crop=0,0,1280,720"));
        let free = change(&wide, (corner, part), vec2(-840.0, 0.0), frame, (None, false));
        assert_eq!(free, output("jpeg:1280x1280:crop:crop=0,0,1080,1080"));
        assert_eq!(largest(&kept, frame), wide);
    }
}
