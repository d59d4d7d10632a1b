//! AVIF files as other programs read them: ffmpeg, and avifdec where it is installed.

#![allow(clippy::unwrap_used, reason = "what the tests share fails as a test does")]

use std::process::Command;

use posterframe_contract::{Interpretation, OutputRequest, Position};
use posterframe_picture::proof::{Origin, Proof, extract};
use posterframe_picture::{Image, PictureError, PixelFormat, Tags, encode, render};
use tempfile::TempDir;

/// Slopes, an edge and a mesh, in values from 0 to 1 for red, green, blue and alpha.
fn pixel(x: u32, y: u32) -> [f64; 4] {
    let (x, y) = (f64::from(x), f64::from(y));
    let mesh = if x > 60.0 && y < 30.0 {
        0.1 * (x * y / 7.0).sin()
    } else {
        0.0
    };
    let edge = if x + 2.0 * y > 150.0 { 0.4 } else { 0.0 };
    [
        0.3 + edge + mesh,
        0.5 + 0.4 * (x / 40.0).sin() + mesh,
        (0.2 + y / 250.0 + mesh).min(1.0),
        (x / 200.0).min(1.0),
    ]
}

fn image(format: PixelFormat, (width, height): (u32, u32), tags: Tags) -> Image {
    let has_16_bits = matches!(format, PixelFormat::Rgb16 | PixelFormat::Rgba16);
    let values = if matches!(format, PixelFormat::Rgba8 | PixelFormat::Rgba16) {
        4
    } else {
        3
    };
    let mut data = Vec::new();
    for at in 0..width * height {
        for value in &pixel(at % width, at / width)[..values] {
            let value = (value * 65_535.0) as u16;
            data.push((value >> 8) as u8);
            if has_16_bits {
                data.push(value as u8);
            }
        }
    }
    Image::new(format, width, height, data).unwrap().with_tags(tags)
}

fn tags(primaries: u8, transfer: u8) -> Tags {
    Tags {
        primaries,
        transfer,
        ..Tags::NONE
    }
}

/// What the task makes of a picture for an output: its pixels, and the file in a folder.
struct Made {
    picture: Image,
    bytes: Vec<u8>,
    folder: TempDir,
}

impl Made {
    fn of(image: &Image, output: &str) -> Self {
        let request: OutputRequest = output.parse().unwrap();
        let picture = render(image, &request).unwrap().into_owned();
        let bytes = encode(&picture, &request, None).unwrap().bytes;
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("made.avif"), &bytes).unwrap();
        Self {
            picture,
            bytes,
            folder,
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("made.avif")
    }

    /// Red, green and blue of 16 bits as ffmpeg decodes them.
    fn decoded(&self) -> Vec<u16> {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-xerror", "-i"]).arg(self.path());
        ffmpeg.args(["-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp"]);
        let bytes = output(ffmpeg.args(["-f", "rawvideo", "-pix_fmt", "rgb48be", "-"]));
        let bytes = bytes.expect("the tests need ffmpeg");
        bytes
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(u16::from_be_bytes)
            .collect()
    }

    /// How near that is to the pixels that went in, in dB.
    fn nearness(&self) -> f64 {
        let wanted = self.picture.data();
        let wanted: Vec<u16> = match self.picture.format() {
            PixelFormat::Rgb8 => wanted.iter().map(|value| u16::from(*value) * 257).collect(),
            _ => wanted
                .as_chunks()
                .0
                .iter()
                .copied()
                .map(u16::from_be_bytes)
                .collect(),
        };
        psnr(&self.decoded(), &wanted)
    }

    /// What ffprobe says of the stream: format of the pixels, range, matrix, transfer function and primaries.
    fn kind(&self) -> String {
        let fields = "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries";
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-show_entries", fields, "-of", "csv=p=0"]);
        let said = output(ffprobe.arg(self.path())).expect("the tests need ffprobe");
        String::from_utf8(said).unwrap().trim().to_owned()
    }
}

/// What a program writes to its standard output; `None` where it is missing.
fn output(command: &mut Command) -> Option<Vec<u8>> {
    let output = command.output().ok()?;
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {problem}");
    Some(output.stdout)
}

fn psnr(a: &[u16], b: &[u16]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a
        .iter()
        .zip(b)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    let mean = squares.sum::<f64>() / a.len() as f64;
    10.0 * (65_535.0_f64.powi(2) / mean.max(1e-9)).log10()
}

// Breaks if another program sees other pixels, other bits, or another colour than the file is to have. Odd sizes, a single
// pixel and more than one tile are among them. What is left of a picture depends on how strong its colours are, where four
// pixels share one: the two files of quality 100 are the strict ones.
#[test]
fn others_see_the_picture_and_its_colour() {
    let [sdr, bt709, pq, hlg] =
        [(2, 2), (1, 1), (9, 16), (9, 18)].map(|(primaries, transfer)| tags(primaries, transfer));
    let srgb = "pc,bt709,iec61966-2-1,bt709";
    let mut far = Vec::new();
    for (format, size, tags, output, kind, colour, least) in [
        (PixelFormat::Rgb8, (161, 97), sdr, "avif", "yuv420p", srgb, 36.0),
        (
            PixelFormat::Rgb8,
            (160, 96),
            bt709,
            "avif:444",
            "yuv444p",
            srgb,
            40.0,
        ),
        (
            PixelFormat::Rgb8,
            (160, 96),
            sdr,
            "avif:444:q=100",
            "yuv444p",
            srgb,
            48.0,
        ),
        (
            PixelFormat::Rgb8,
            (160, 96),
            sdr,
            "avif:10:444:q=100",
            "yuv444p10le",
            srgb,
            55.0,
        ),
        (
            PixelFormat::Rgb16,
            (160, 96),
            bt709,
            "avif",
            "yuv420p10le",
            srgb,
            36.0,
        ),
        (
            PixelFormat::Rgb16,
            (160, 96),
            bt709,
            "avif:8",
            "yuv420p",
            srgb,
            36.0,
        ),
        (
            PixelFormat::Rgb16,
            (160, 96),
            pq,
            "avif",
            "yuv420p10le",
            "pc,bt2020nc,smpte2084,bt2020",
            36.0,
        ),
        (
            PixelFormat::Rgb16,
            (160, 96),
            hlg,
            "avif:10:80x",
            "yuv420p10le",
            "pc,bt2020nc,arib-std-b67,bt2020",
            34.0,
        ),
        (PixelFormat::Rgb16, (160, 96), pq, "avif:8", "yuv420p", srgb, 30.0),
        (
            PixelFormat::Rgb16,
            (160, 96),
            hlg,
            "avif:sdr",
            "yuv420p10le",
            srgb,
            30.0,
        ),
        (PixelFormat::Rgb8, (1, 1), sdr, "avif", "yuv420p", srgb, 38.0),
        (
            PixelFormat::Rgb8,
            (1_100, 530),
            sdr,
            "avif",
            "yuv420p",
            srgb,
            40.0,
        ),
    ] {
        let made = Made::of(&image(format, size, tags), output);
        assert_eq!(made.kind(), format!("{kind},{colour}"), "{output}");
        let nearness = made.nearness();
        println!(
            "{output} {kind} {size:?}: {} bytes, {nearness:.1} dB",
            made.bytes.len()
        );
        if nearness < least {
            far.push((output, size, nearness));
        }
    }
    assert!(far.is_empty(), "{far:?}");
}

// Breaks if the ten bits of an AVIF are eight with zeros behind them.
#[test]
fn ten_bits_are_ten() {
    // A slope of eight of the steps that eight bits have.
    let data = (0..256_u32 * 64).flat_map(|at| [(16_000 + at % 256 * 8) as u16; 3]);
    let data = data.flat_map(u16::to_be_bytes).collect();
    let slope = Image::new(PixelFormat::Rgb16, 256, 64, data).unwrap();
    let steps = |output: &str| {
        let mut values: Vec<u16> = Made::of(&slope, output)
            .decoded()
            .into_iter()
            .step_by(3)
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    assert!(steps("avif:8:q=100") <= 12);
    assert!(steps("avif:10:q=100") >= 30);
}

// Breaks if an alpha is lost, is another one, or spoils the colours.
#[test]
fn alpha_is_kept() {
    for (format, output_text) in [(PixelFormat::Rgba8, "avif"), (PixelFormat::Rgba16, "avif:444")] {
        let made = Made::of(&image(format, (161, 97), Tags::NONE), output_text);
        // The colours are a stream of their own: its first frame is all that ffmpeg decodes.
        assert_eq!(made.decoded().len(), 161 * 97 * 3);
        let png = made.folder.path().join("decoded.png");
        let mut avifdec = Command::new("avifdec");
        if output(avifdec.args(["--depth", "16"]).arg(made.path()).arg(&png)).is_none() {
            println!("skipped: no avifdec");
            continue;
        }
        let values = |image: &Image| -> Vec<u16> {
            match image.format() {
                PixelFormat::Rgba8 => image.data().iter().map(|value| u16::from(*value) * 257).collect(),
                PixelFormat::Rgba16 => image
                    .data()
                    .as_chunks()
                    .0
                    .iter()
                    .copied()
                    .map(u16::from_be_bytes)
                    .collect(),
                other => panic!("no alpha in {}", other.name()),
            }
        };
        let there = values(&Image::decode_png(&std::fs::read(&png).unwrap()).unwrap());
        let here = values(&made.picture);
        let only = |values: &[u16], indexes: std::ops::Range<usize>| -> Vec<u16> {
            values
                .as_chunks::<4>()
                .0
                .iter()
                .flat_map(|pixel| pixel[indexes.clone()].to_vec())
                .collect()
        };
        let [alpha, colour] = [3..4, 0..3].map(|at| psnr(&only(&there, at.clone()), &only(&here, at)));
        println!("{output_text}: alpha {alpha:.1} dB, colour {colour:.1} dB");
        assert!(
            alpha > 40.0 && colour > 36.0,
            "{output_text}: {alpha} dB, {colour} dB"
        );
    }
}

// Breaks if a task that runs again, or on another number of cores, writes another file.
#[test]
fn the_same_bytes_again() {
    // Three tiles.
    let image = image(PixelFormat::Rgb8, (1_100, 530), Tags::NONE);
    let request: OutputRequest = "avif:q=50".parse().unwrap();
    let [one, again, three] = [1, 1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| encode(&image, &request, None).unwrap().bytes)
    });
    assert!(one == again && one == three);
}

// Breaks if a still does not say where it comes from, or saying so changes its pixels.
#[test]
fn proofs_are_inside() {
    let image = image(PixelFormat::Rgba8, (64, 48), Tags::NONE);
    let request: OutputRequest = "avif".parse().unwrap();
    let proof = Proof {
        origin: Origin {
            name: "film.mp4".to_owned(),
            bytes: None,
            etag: None,
            sha256: None,
            interpretation: Interpretation::default(),
            libav_version: "1".to_owned(),
            worker_version: "1".to_owned(),
        },
        position: Position::from_micros(1),
        frame_number: None,
        frame_time: Position::from_micros(1),
        timecode: None,
        pts: 1,
        time_base: (1, 25),
        frame_sha256: image.pixel_sha256(),
        pixel_sha256: image.pixel_sha256(),
        crop: None,
        deinterlaced: false,
        note: None,
        title: None,
    };
    let mut made = Made::of(&image, "avif");
    let before = made.decoded();
    made.bytes = encode(&made.picture, &request, Some(&proof.to_xmp()))
        .unwrap()
        .bytes;
    std::fs::write(made.path(), &made.bytes).unwrap();
    assert_eq!(
        extract(&made.bytes).and_then(|xmp| Proof::from_xmp(&xmp)),
        Some(proof)
    );
    assert!(made.decoded() == before);
    if let Some(said) = output(Command::new("avifdec").arg("--info").arg(made.path())) {
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(
            said.contains("XMP Metadata") && !said.contains("XMP Metadata   : Absent"),
            "{said}"
        );
    }
}

// Breaks if a picture that the format cannot hold is a panic, or an error that does not say so.
#[test]
fn what_is_too_large_is_said() {
    let line = Image::new(PixelFormat::Rgb8, 65_536, 1, vec![0; 65_536 * 3]).unwrap();
    let error = encode(&line, &"avif".parse().unwrap(), None).unwrap_err();
    assert!(
        matches!(
            error,
            PictureError::TooLarge {
                width: 65_536,
                height: 1
            }
        ),
        "{error}"
    );
}
