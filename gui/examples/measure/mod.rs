//! Measures frames without a window: processor time of layout and tessellation, and memory.

use egui::{Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, vec2};

/// Number of frames that are measured together, since the kernel counts a thread's time in steps of some milliseconds.
const BATCH: usize = 20;
const SIZE: [f32; 2] = [1280.0, 752.0];

/// The median and the maximum of the mean times of 20 frames, in milliseconds.
pub fn steady(times: &[f64]) -> (f64, f64) {
    let mut times: Vec<f64> = times
        .chunks(BATCH)
        .map(|batch| batch.iter().sum::<f64>() / batch.len() as f64)
        .collect();
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() - 1])
}

/// Lays out and tessellates a frame. Returns the thread's processor time, in milliseconds.
pub fn frame(ctx: &egui::Context, events: Vec<Event>, draw: impl FnMut(&mut egui::Ui)) -> f64 {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE.into())),
        events,
        ..RawInput::default()
    };
    let began = processor_nanos();
    let mut output = ctx.run_ui(input, draw);
    // Without a rasteriser, nothing else takes the textures.
    output.textures_delta.clear();
    let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
    let spent = processor_nanos() - began;
    assert!(!shapes.is_empty());
    spent as f64 / 1e6
}

/// Events: the pointer moves to `at`, and the wheel scrolls up by `up` points.
pub fn wheel(at: Pos2, up: f32) -> Vec<Event> {
    vec![
        Event::PointerMoved(at),
        Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, up),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        },
    ]
}

/// Processor time of this thread, in nanoseconds, which other work on the machine does not change.
fn processor_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|nanos| nanos.parse().ok())
        .unwrap_or(0)
}

/// The process's memory in bytes.
pub fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
