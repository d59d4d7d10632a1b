//! Measures time and size of each level and filter of the PNG encoder, with a frame of a video: `png_levels clip.mp4
//! 10.541`. The choice in `Image::encode_png` is based on the results, which are in ARCHITECTURE.md.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use png::{BitDepth, ColorType, Compression, Filter};
use posterframe_frame::{PixelFormat, Video};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(video), Some(seconds)) = (arguments.next(), arguments.next()) else {
        return Err("usage: png_levels VIDEO SECONDS".into());
    };
    let position = Duration::try_from_secs_f64(seconds.to_string_lossy().parse()?)?;
    let image = Video::open(PathBuf::from(video))?.into_frame_at(position)?.image;
    if image.format() != PixelFormat::Rgb8 {
        return Err("choose a video of eight bits without transparency".into());
    }
    println!("| level | filter | ms | kB |\n| --- | --- | --- | --- |");
    for level in [Compression::Fast, Compression::Balanced, Compression::High] {
        for filter in [
            Filter::NoFilter,
            Filter::Sub,
            Filter::Up,
            Filter::Paeth,
            Filter::Adaptive,
        ] {
            let mut fastest = Duration::MAX;
            let mut bytes = 0;
            for _ in 0..3 {
                let began = Instant::now();
                let mut file = Vec::new();
                let mut encoder = png::Encoder::new(&mut file, image.width(), image.height());
                encoder.set_color(ColorType::Rgb);
                encoder.set_depth(BitDepth::Eight);
                encoder.set_compression(level);
                encoder.set_filter(filter);
                encoder.write_header()?.write_image_data(image.data())?;
                fastest = fastest.min(began.elapsed());
                bytes = file.len();
            }
            println!(
                "| {level:?} | {filter:?} | {} | {} |",
                fastest.as_millis(),
                bytes / 1000
            );
        }
    }
    Ok(())
}
