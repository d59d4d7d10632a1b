//! The times over the film strip.

use std::time::Duration;

use egui::{Align2, Color32, FontId, Rect, Ui, pos2};
use posterframe_kit::theme::{Role, Tokens};
use posterframe_kit::widgets::between;

use super::timeline::Scale;

/// Labels are at least so far arange.
const LABELS: f32 = 110.0;

pub(super) fn ui(ui: &Ui, scale: &Scale, top: f32, bubble: Rect, t: &Tokens) {
    let range = scale.range;
    let step = step(range.span(), scale.strip.width());
    let font = Role::MONO_SMALL.font();
    let y = top + 20.0;
    let write = |place: Rect, seconds: f64| {
        ui.painter().text(
            place.left_center(),
            Align2::LEFT_CENTER,
            clock(seconds, step),
            font.clone(),
            t.text3,
        );
    };
    // The video's two ends are always there; what would touch them or the bubble is left out.
    let end = range.is_whole().then(|| {
        (
            label_rect(ui, scale, range.length(), step, y, &font),
            range.length(),
        )
    });
    let first = (range.from() / step).ceil() as u64;
    let last = ((range.from() + range.span()) / step).floor() as u64;
    let mut free_from = f32::NEG_INFINITY;
    for number in first..=last {
        let seconds = number as f64 * step;
        let place = label_rect(ui, scale, seconds, step, y, &font);
        let touches_end = number > 0 && end.is_some_and(|(end, _)| place.right() + 12.0 > end.left());
        if place.left() < free_from || touches_end || place.expand(6.0).intersects(bubble) {
            continue;
        }
        free_from = place.right() + 12.0;
        write(place, seconds);
    }
    if let Some((place, seconds)) = end.filter(|(end, _)| !end.expand(6.0).intersects(bubble)) {
        write(place, seconds);
    }
}

fn label_rect(ui: &Ui, scale: &Scale, seconds: f64, step: f64, y: f32, font: &FontId) -> Rect {
    let size = ui
        .painter()
        .layout_no_wrap(clock(seconds, step), font.clone(), Color32::PLACEHOLDER)
        .size();
    let middle = scale.x(Duration::from_secs_f64(seconds)) - size.x / 2.0;
    let left = between(middle, scale.strip.left(), scale.strip.right() - size.x);
    Rect::from_min_size(pos2(left, y - size.y / 2.0), size)
}

/// The seconds between two labels: round numbers, far enough arange.
fn step(seconds: f64, width: f32) -> f64 {
    let steps = [
        0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
        3600.0,
    ];
    let least = seconds * f64::from(LABELS / width.max(1.0));
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or_else(|| (least / 3600.0).ceil() * 3600.0)
}

/// `M:SS`, and `H:MM:SS` from an hour on; with the digits that tell labels `step` seconds apart from each other.
fn clock(seconds: f64, step: f64) -> String {
    let digits: usize = match step {
        step if step < 0.1 => 2,
        step if step < 1.0 => 1,
        _ => 0,
    };
    let unit = 10_u64.pow(digits as u32);
    // Labels are multiples of the step: what is not is a video's length, which is never rounded up.
    let ticks = (seconds * unit as f64 + 1e-6).floor() as u64;
    let (whole, rest) = (ticks / unit, ticks % unit);
    let fraction = if digits == 0 {
        String::new()
    } else {
        format!(".{rest:0digits$}")
    };
    match whole / 3600 {
        0 => format!("{}:{:02}{fraction}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}{fraction}", whole / 60 % 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if labels of long videos run into each other, or short ones have none but the ends.
    #[test]
    fn labels_have_room() {
        assert_eq!(step(60.0, 948.0), 10.0);
        assert_eq!(step(3.0, 948.0), 0.5);
        assert_eq!(step(0.4, 948.0), 0.05);
        assert_eq!(step(7200.0, 948.0), 900.0);
        assert_eq!(step(36_000.0 * 24.0, 600.0) % 3600.0, 0.0);
    }

    // Breaks if a label is rounded up to a time that the video does not reach, or two labels are the same.
    #[test]
    fn clocks() {
        assert_eq!(clock(3_723.0, 1.0), "1:02:03");
        assert_eq!(clock(60.0, 5.0), "1:00");
        assert_eq!(clock(59.96, 1.0), "0:59");
        assert_eq!(
            (clock(3.0 * 0.1, 0.1), clock(7.0 * 0.05, 0.05)),
            ("0:00.3".into(), "0:00.35".into())
        );
    }
}
