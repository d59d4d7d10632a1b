//! Measures the cost of a frame of the Jobs view: a thousand jobs and a growing log of a hundred thousand lines are scrolled
//! without a pause. Prints JSON: milliseconds of processor time for layout and tessellation per frame, and the memory of
//! jobs, log and view. `script/bench jobs_view` builds and runs it.

#[path = "../tests/gui/fixtures/mod.rs"]
mod fixtures;
mod measure;

use std::sync::Arc;

use egui::pos2;
use fixtures::{Stage, dress, failed, job, long_log};
use measure::{frame, resident, steady, wheel};
use posterframe::views::jobs::JobsView;
use posterframe_client::{Job, JobState, Log};
use posterframe_kit::theme::ThemeMode;

const JOBS: usize = 1_000;
const LINES: usize = 100_000;
const FRAMES: usize = 600;

fn main() {
    let mut stage = Stage::new();
    let ctx = egui::Context::default();
    dress(&ctx, ThemeMode::Dark);
    let mut view = JobsView::default();
    // The first frames load fonts and fill egui's caches, which do not count.
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
    let mut times = Vec::new();
    for number in 0..FRAMES {
        // The progress of an upload changes 20 times per second, so in every third frame.
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
        times.push(spent);
    }
    let bytes = resident().saturating_sub(before);
    let first = times[0];
    let (median, worst) = steady(&times);
    println!(
        "{{\"jobs\": {JOBS}, \"lines\": {LINES}, \"first\": {first:.3}, \"median\": {median:.3}, \"worst\": {worst:.3}, \"bytes\": {bytes}}}"
    );
}
