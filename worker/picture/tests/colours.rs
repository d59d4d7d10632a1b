//! What files say of their colours, read by other programs: `identify` of `ImageMagick`, and ffprobe. AVIF is in `avif.rs`.

use std::path::Path;
use std::process::Command;

use posterframe_contract::OutputRequest;
use posterframe_picture::{Image, PixelFormat, Tags, encode, render};

fn said(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    assert!(output.status.success(), "{program} {}", file.display());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn written(folder: &Path, image: &Image, output: &str) -> std::path::PathBuf {
    let output: OutputRequest = output.parse().expect("an output");
    let picture = render(image, &output).expect("a picture");
    let file = folder.join(format!("a.{}", output.format.extension()));
    let encoded = encode(&picture, &output, None).expect("a file");
    std::fs::write(&file, encoded.bytes).expect("the folder can be written");
    file
}

/// A frame of a video with these primaries and this transfer function, by the numbers of ITU-T H.273.
fn frame(primaries: u8, transfer: u8) -> Image {
    let codes = (0..48 * 32 * 3_u32).flat_map(|at| ((at * 37 % 50_000) as u16).to_be_bytes());
    let image = Image::new(PixelFormat::Rgb16, 48, 32, codes.collect()).expect("as many pixels");
    image.with_tags(Tags {
        primaries,
        transfer,
        ..Tags::NONE
    })
}

// Breaks if a JPEG does not say that it is sRGB, or other programs cannot read how it says so.
#[test]
fn jpegs_have_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    for (primaries, transfer) in [(1, 1), (9, 16), (9, 18)] {
        let file = written(folder.path(), &frame(primaries, transfer), "jpeg");
        let profile = said("identify", &["-format", "%[profile:icc]"], &file);
        assert!(profile.contains("sRGB"), "{profile}");
    }
}

// Breaks if an SDR output as PNG does not say which primaries and transfer function it has, as PNGs say it.
#[test]
fn pngs_of_sdr() {
    let folder = tempfile::tempdir().unwrap();
    for (primaries, transfer) in [(9, 16), (9, 18)] {
        let file = written(folder.path(), &frame(primaries, transfer), "png:8:sdr");
        let facts = said("identify", &["-verbose"], &file);
        let primary = "red primary: (0.64,0.33)";
        assert!(
            facts.contains("Colorspace: sRGB") && facts.contains(primary),
            "{facts}"
        );
        assert!(facts.contains("png:cHRM: chunk was found"), "{facts}");
    }
}

// Breaks if HDR in a PNG of 16 bits is not said to be HDR (cICP). ffprobe reads it from 7.0 on.
#[test]
fn pngs_of_hdr() {
    let folder = tempfile::tempdir().unwrap();
    for (transfer, name) in [(16, "smpte2084"), (18, "arib-std-b67")] {
        let file = written(folder.path(), &frame(9, transfer), "png:16");
        let arguments = [
            "-v",
            "error",
            "-show_entries",
            "stream=color_transfer,color_primaries",
            "-of",
            "csv=p=0",
        ];
        let facts = said("ffprobe", &arguments, &file);
        if facts.contains("unknown") {
            println!("skipped: this ffprobe does not read cICP");
            return;
        }
        assert!(facts.contains(name) && facts.contains("bt2020"), "{facts}");
    }
}
