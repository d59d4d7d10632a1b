//! Prints the frames that a rule gives, with their scores: `picks clip.mp4 best 5`, `picks clip.mp4 scenes`.

use std::num::ParseIntError;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use posterframe_frame::{Rule, Stride, Video};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| -> Result<u32, ParseIntError> { text.parse() };
    let rule = match arguments[..] {
        [_, "every", seconds] => Rule::Every(Stride::Time(Duration::try_from_secs_f64(seconds.parse()?)?)),
        [_, "count", count] => Rule::Count(number(count)?),
        [_, "keyframes"] => Rule::Keyframes,
        [_, "scenes"] => Rule::Scenes,
        [_, "best", count] => Rule::Best {
            count: number(count)?,
            apart: Duration::ZERO,
        },
        _ => return Err("usage: picks VIDEO every SECONDS | count N | keyframes | scenes | best N".into()),
    };
    let began = Instant::now();
    let mut video = Video::open(PathBuf::from(arguments[0]))?;
    let picks = video.picks(rule, &mut |_| {})?;
    for pick in &picks {
        let score = pick
            .score
            .map_or(String::new(), |score| format!(", score {score}"));
        println!("{:.6}{score}", pick.time.as_secs_f64());
    }
    println!("{} frames in {:.2?}", picks.len(), began.elapsed());
    Ok(())
}
