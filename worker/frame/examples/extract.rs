//! Extracts the frame at a position as a PNG: `extract clip.mp4 10.541 frame.png`.

use std::path::PathBuf;
use std::time::Duration;

use posterframe_frame::Video;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(video), Some(seconds), Some(png)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: extract VIDEO SECONDS PNG".into());
    };
    let position = Duration::try_from_secs_f64(seconds.to_string_lossy().parse()?)?;
    let frame = Video::open(PathBuf::from(video))?.into_frame_at(position)?;
    std::fs::write(png, frame.image.encode_png()?)?;
    println!(
        "{:?}, {} × {}",
        frame.time,
        frame.image.width(),
        frame.image.height()
    );
    Ok(())
}
