//! Measures time and size of each level and filter of the PNG encoder, with the picture of a PNG: `png_levels frame.png`.
//! The choice in `Image::encode_png` is based on the results, which are in ARCHITECTURE.md.

use std::time::{Duration, Instant};

use png::{BitDepth, ColorType, Compression, Filter};
use posterframe_picture::{Image, PixelFormat};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(file) = std::env::args_os().nth(1) else {
        return Err("usage: png_levels PNG".into());
    };
    let image = Image::decode_png(&std::fs::read(file)?)?;
    if image.format() != PixelFormat::Rgb8 {
        return Err("choose a picture of eight bits without transparency".into());
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
