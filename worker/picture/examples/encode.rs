//! Makes an output of a PNG, for the benchmark: `encode PNG OUTPUT FILE`. Prints how long drawing and encoding took, and how
//! large the file is.

use std::error::Error;
use std::time::Instant;

use posterframe_contract::OutputRequest;
use posterframe_picture::{Image, encode, render};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [png, output, file] = &arguments[..] else {
        return Err("usage: encode PNG OUTPUT FILE".into());
    };
    let image = Image::decode_png(&std::fs::read(png)?)?;
    let output: OutputRequest = output.parse()?;
    let began = Instant::now();
    let picture = render(&image, &output)?;
    let drawn = began.elapsed();
    let began = Instant::now();
    let encoded = encode(&picture, &output, None)?;
    let written = began.elapsed();
    std::fs::write(file, &encoded.bytes)?;
    println!(
        "{{\"render\": {}, \"encode\": {}, \"bytes\": {}}}",
        drawn.as_secs_f64(),
        written.as_secs_f64(),
        encoded.bytes.len()
    );
    Ok(())
}
