//! Measures a video at a distance, used as in the New view. Prints JSON: lists of milliseconds, and counts.
//!
//! `remote URL WIDTH HEIGHT POSITION…`: an https address (or an http one of this machine), the size of the preview in
//! pixels, and positions in seconds.

mod driver;

use std::time::{Duration, Instant};

use anyhow::bail;
use driver::{Driver, millis};
use posterframe_player::Motion;
use posterframe_remote::{Remote, RemoteOptions, Web};

/// Distance to the previous frame at 30 frames per second: more than one frame, and less than two.
const BACK: Duration = Duration::from_millis(50);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, width, height, positions @ ..] = arguments.as_slice() else {
        bail!("remote URL WIDTH HEIGHT POSITION…");
    };
    let fit = (width.parse()?, height.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let guard = runtime.enter();
    let options = RemoteOptions {
        memory_bytes: 64 << 20,
        ..RemoteOptions::default()
    };
    let remote = Remote::new(Web::new(url.parse()?), options);
    drop(guard);
    let counts = || remote.stats().requests_and_bytes();

    let began = Instant::now();
    let driver = Driver::open(remote.clone(), fit, false)?;
    exact(&driver, Duration::ZERO, Motion::Jump)?;
    let (first, (first_requests, first_bytes)) = (millis(began), counts());
    let (mut jumps, mut requests, mut backs, mut seconds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut again = 0;
    for position in positions {
        let position = Duration::from_secs_f64(position.parse()?);
        let before = counts().0;
        let began = Instant::now();
        let time = exact(&driver, position, Motion::Jump)?;
        jumps.push(millis(began));
        requests.push((counts().0 - before) as f64);
        let before = counts().0;
        let began = Instant::now();
        exact(&driver, time.saturating_sub(BACK), Motion::Step)?;
        backs.push(millis(began));
        let began = Instant::now();
        exact(&driver, position, Motion::Jump)?;
        seconds.push(millis(began));
        again += counts().0 - before;
    }
    let (_, bytes) = counts();
    println!(
        "{{\"first\": {first:.3}, \"first_requests\": {first_requests}, \"first_bytes\": {first_bytes}, \"exact\": \
         {jumps:.3?}, \"requests\": {requests:.0?}, \"back\": {backs:.3?}, \"second\": {seconds:.3?}, \
         \"again_requests\": {again}, \"bytes\": {bytes}}}"
    );
    Ok(())
}

/// Waits for the exact frame at `position`. Returns its time.
fn exact(driver: &Driver, position: Duration, motion: Motion) -> anyhow::Result<Duration> {
    driver.wait_for(driver.request(position, motion))
}
