//! What a frame of the Jobs view costs: a thousand jobs, a hundred thousand log lines that grow, both scrolled without
//! a pause. Prints JSON: processor milliseconds of layout and tessellation a frame, and the memory that jobs, log and
//! view take. `script/bench jobs_view` builds and runs it.

#[path = "../tests/fixtures/mod.rs"]
mod fixtures;

use std::sync::Arc;

use egui::{
    Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, pos2, vec2,
};
use fixtures::{Stage, dress, failed, job, long_log};
use posterframe::preferences::ThemeMode;
use posterframe::views::jobs::JobsView;
use posterframe_client::{Job, JobState, Log};

const JOBS: usize = 1_000;
const LINES: usize = 100_000;
const FRAMES: usize = 600;
/// The kernel counts a thread's time in steps of some milliseconds: frames are measured so many together.
const BATCH: usize = 20;
const SIZE: [f32; 2] = [1280.0, 752.0];

fn main() {
    let mut stage = Stage::new();
    let ctx = egui::Context::default();
    dress(&ctx, ThemeMode::Dark);
    let mut view = JobsView::default();
    // Fonts and what egui keeps for itself are not the view's.
    for _ in 0..4 {
        frame(&ctx, Vec::new(), |ui| {
            view.show(ui, &stage.context(), &Arc::default(), &|_| Log::default());
        });
    }
    let before = resident();
    let mut jobs: Vec<Arc<Job>> = (0..JOBS).map(|_| Arc::new(failed("night-launch.mp4"))).collect();
    jobs[0] = Arc::new(job("bunny.mp4", 0, JobState::Running));
    jobs[1] = Arc::new(job("city-bikes.mp4", 0, JobState::Uploading));
    let log = long_log(LINES);
    let mut shown = Arc::new(jobs.clone());
    let (mut times, mut first) = (Vec::new(), 0.0);
    for number in 0..FRAMES {
        // An upload moves twenty times a second: with every third frame.
        if number.is_multiple_of(3) {
            let mut upload = Job::clone(&jobs[1]);
            upload
                .upload
                .iter_mut()
                .for_each(|upload| upload.sent += number as u64);
            jobs[1] = Arc::new(upload);
            shown = Arc::new(jobs.clone());
        }
        let at = if number % 2 == 0 {
            pos2(200.0, 400.0)
        } else {
            pos2(700.0, 500.0)
        };
        let up = if number / 60 % 2 == 0 { 120.0 } else { -120.0 };
        let spent = frame(&ctx, wheel(at, up), |ui| {
            view.show(ui, &stage.context(), &shown, &|_| log.clone());
        });
        if number == 0 {
            first = spent;
        }
        times.push(spent);
    }
    let bytes = resident().saturating_sub(before);
    let mut times: Vec<f64> = times
        .chunks(BATCH)
        .map(|batch| batch.iter().sum::<f64>() / BATCH as f64)
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{{\"jobs\": {JOBS}, \"lines\": {LINES}, \"first\": {first:.3}, \"median\": {:.3}, \"worst\": {:.3}, \"bytes\": {bytes}}}",
        times[times.len() / 2],
        times[times.len() - 1],
    );
}

/// Lays out and tessellates a frame; gives the thread's processor time in milliseconds.
fn frame(ctx: &egui::Context, events: Vec<Event>, draw: impl FnMut(&mut egui::Ui)) -> f64 {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE.into())),
        events,
        ..RawInput::default()
    };
    let began = processor_nanos();
    let mut output = ctx.run_ui(input, draw);
    // There is no rasteriser to take them.
    output.textures_delta.clear();
    let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
    let spent = processor_nanos() - began;
    assert!(!shapes.is_empty());
    spent as f64 / 1e6
}

fn wheel(at: Pos2, up: f32) -> Vec<Event> {
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

/// This thread's time on a processor; other work on the machine does not count.
fn processor_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|nanos| nanos.parse().ok())
        .unwrap_or(0)
}

/// The process's memory in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
