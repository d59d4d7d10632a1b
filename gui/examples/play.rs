//! Plays a video with the player alone, for the benchmark: `play VIDEO SECONDS SPEED FROM`. Prints how many pictures came, how
//! many there should have been, and how long the first took, in seconds.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use posterframe_player::{Event, Play, Player, PlayerOptions};

/// The size of the preview in a window of 1280 × 800 points.
const FIT: (u32, u32) = (948, 533);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [video, seconds, speed, from] = &arguments[..] else {
        return Err("usage: play VIDEO SECONDS SPEED FROM".into());
    };
    let seconds = Duration::from_secs_f64(seconds.parse()?);
    let (sender, events) = mpsc::channel();
    let player = Player::open(
        Path::new(video),
        PlayerOptions {
            index: false,
            ..PlayerOptions::default()
        },
        |_, _, rgba| rgba.to_vec(),
        move |event| {
            // The program ends while pictures still come.
            let _ = sender.send(event);
        },
    )?;
    let rate = loop {
        match events.recv()? {
            Event::Opened(info) => {
                break info
                    .frame_rate
                    .map_or(30.0, |(num, den)| f64::from(num) / f64::from(den));
            }
            Event::NotOpened(failure) => return Err(failure.text.into()),
            _ => {}
        }
    };
    let speed: i8 = speed.parse()?;
    let began = Instant::now();
    player.play(Play {
        from: Duration::from_secs_f64(from.parse()?),
        speed,
        fit: FIT,
        again: None,
    });
    let (mut shown, mut first) = (0_u32, None);
    while began.elapsed() < seconds {
        match events.recv_timeout(seconds.saturating_sub(began.elapsed())) {
            Ok(Event::Played { .. }) => {
                shown += 1;
                first.get_or_insert(began.elapsed());
            }
            Ok(Event::PlayEnded { .. }) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let wanted = (rate * f64::from(speed.unsigned_abs())).min(60.0) * seconds.as_secs_f64();
    let first = first.unwrap_or(seconds).as_secs_f64();
    println!("{{\"shown\": {shown}, \"wanted\": {wanted}, \"first\": {first}}}");
    Ok(())
}
