//! Tone mapping beside ffmpeg's: the same HDR pixels through `to_sdr` and through the filters `zscale` and `tonemap`.
//!
//! The distance is CIE ΔE2000 between the light that each result means; 1 is about what an eye can see side by side. Where
//! the tone curve leaves the picture alone, both must agree. Where it does not, the curves differ by design, and the bounds
//! only exclude a mistake. The figures are printed: `cargo test --test tonemap -- --nocapture`.

mod delta_e;

use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use delta_e::{Lab, delta_e};
use posterframe_clips::shared_media;
use posterframe_picture::colour::{Colour, Mastering, Primaries, Transfer, to_sdr};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 180;

const PQ: Colour = Colour {
    transfer: Transfer::Pq,
    primaries: Primaries::Bt2020,
};
const HLG: Colour = Colour {
    transfer: Transfer::Hlg,
    primaries: Primaries::Bt2020,
};

/// What ffmpeg prints to its standard output, as 16-bit samples.
fn ffmpeg(arguments: &[&str], input: &[u16]) -> Vec<u16> {
    let mut child = Command::new("ffmpeg")
        .args(["-hide_banner", "-v", "error", "-nostdin"])
        .args(arguments)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb48le", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("ffmpeg was here before");
    let mut pipe = child.stdin.take().expect("a pipe");
    let bytes: Vec<u8> = input.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    // On a thread of its own: ffmpeg may want to write before it has read all.
    let writer = std::thread::spawn(move || pipe.write_all(&bytes));
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{arguments:?}");
    let written = writer.join().expect("the writer does not panic");
    written.expect("ffmpeg reads all of its input");
    let (samples, _) = output.stdout.as_chunks::<2>();
    samples.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect()
}

/// Why the peer cannot be asked here, printed; else true.
fn has_peer() -> bool {
    static PEER: OnceLock<bool> = OnceLock::new();
    *PEER.get_or_init(|| {
        let filters = Command::new("ffmpeg").args(["-v", "error", "-filters"]).output();
        let filters = filters.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let missing = match filters {
            Err(error) => format!("no ffmpeg: {error}"),
            Ok(filters) if !filters.contains(" zscale ") => "this ffmpeg has no zscale filter".into(),
            Ok(filters) if !filters.contains(" tonemap ") => "this ffmpeg has no tonemap filter".into(),
            Ok(_) => return true,
        };
        println!("skipped: {missing}");
        false
    })
}

/// The names zscale has for a transfer function and primaries.
fn names(colour: Colour) -> (&'static str, &'static str) {
    let transfer = match colour.transfer {
        Transfer::Sdr => "bt709",
        Transfer::Pq => "smpte2084",
        Transfer::Hlg => "arib-std-b67",
    };
    let primaries = match colour.primaries {
        Primaries::Bt709 => "bt709",
        Primaries::Bt2020 => "bt2020",
        Primaries::P3 => "smpte432",
    };
    (transfer, primaries)
}

/// A picture of the source filter `source`, whose colours are those of BT.709 and whose white has `nits`, coded as HDR.
fn picture(source: &str, nits: u32, colour: Colour) -> Vec<u16> {
    let (transfer, primaries) = names(colour);
    // Without these, colours and places are new at each run.
    let fixed = if source == "gradients" {
        ":seed=7:n=4:c0=black:c1=0xff8000:c2=0x0040ff:c3=white:x0=0:y0=0:x1=319:y1=179"
    } else {
        ""
    };
    let source = format!("{source}=size={WIDTH}x{HEIGHT}{fixed}");
    let filter = format!(
        "format=gbrp16,zscale=agamma=0:min=gbr:m=gbr:tin=bt709:pin=bt709:t={transfer}:p={primaries}:npl={nits},format=gbrp16"
    );
    ffmpeg(
        &["-f", "lavfi", "-i", &source, "-vf", &filter, "-frames:v", "1"],
        &[],
    )
}

/// A picture that uses all of BT.2020: red and green along the two sides, blue in nine steps, up to a code of `most`.
fn cube(most: u16) -> Vec<u16> {
    let step = |at: u32, of: u32| (u32::from(most) * at / (of - 1)) as u16;
    let pixel = |n: u32| {
        let (x, y) = (n % WIDTH, n / WIDTH);
        [step(x % 40, 40), step(y, HEIGHT), step(x / 40, 8)]
    };
    (0..WIDTH * HEIGHT).flat_map(pixel).collect()
}

/// The same pixels by ffmpeg, with `tonemap` as its operator, with the codes of BT.709.
///
/// Without `agamma=0`, zscale approximates: it applies the OOTF of HLG to each channel, which changes hues (mean ΔE 2.6).
fn peer(pixels: &[u16], width: u32, colour: Colour, tonemap: &str) -> Vec<u16> {
    let size = format!("{width}x{}", pixels.len() / 3 / width as usize);
    let (transfer, primaries) = names(colour);
    let filter = format!(
        "format=gbrp16,zscale=agamma=0:min=gbr:m=gbr:tin={transfer}:pin={primaries}:t=linear:p={primaries}:npl=203,format=gbrpf32le,zscale=agamma=0:p=bt709,\
         tonemap={tonemap},zscale=agamma=0:t=bt709,format=gbrp16"
    );
    let input = [
        "-f",
        "rawvideo",
        "-pixel_format",
        "rgb48le",
        "-video_size",
        &size,
        "-i",
        "-",
    ];
    ffmpeg(&[&input[..], &["-vf", &filter]].concat(), pixels)
}

/// Mean and worst ΔE2000.
struct Distance {
    mean: f64,
    worst: f64,
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ΔE2000 mean {:.3}, worst {:.3}", self.mean, self.worst)
    }
}

/// Between sRGB codes and codes of BT.709, which zscale takes for those of a display with a gamma of 2.4.
fn distance(ours: &[u16], theirs: &[u16]) -> Distance {
    let srgb = |code: f64| {
        if code <= 0.04045 {
            code / 12.92
        } else {
            ((code + 0.055) / 1.055).powf(2.4)
        }
    };
    let gamma = |code: f64| code.powf(2.4);
    let light = |pixel: &[u16; 3], light: &dyn Fn(f64) -> f64| {
        Lab::of_bt709(pixel.map(|code| light(f64::from(code) / 65535.0)))
    };
    assert_eq!(ours.len(), theirs.len());
    let (ours, theirs) = (ours.as_chunks().0, theirs.as_chunks().0);
    let pairs = ours.iter().zip(theirs);
    let distances: Vec<f64> = pairs
        .map(|(a, b)| delta_e(light(a, &srgb), light(b, &gamma)))
        .collect();
    Distance {
        mean: distances.iter().sum::<f64>() / distances.len() as f64,
        worst: distances.iter().copied().fold(0.0, f64::max),
    }
}

// Breaks if the matrix, PQ, HLG, its OOTF, the reference white or the code of the result is wrong: white has 60 nits, which
// is below the knee, and all colours are in BT.709, so nothing remains but these. That each mistake would be found is tried.
#[test]
fn agrees_with_zscale_where_the_curve_is_straight() {
    if !has_peer() {
        return;
    }
    for colour in [
        PQ,
        HLG,
        Colour {
            primaries: Primaries::P3,
            ..PQ
        },
    ] {
        for source in ["testsrc2", "rgbtestsrc", "gradients"] {
            let pixels = picture(source, 60, colour);
            let theirs = peer(&pixels, WIDTH, colour, "none:desat=0");
            let ours = |colour| distance(&to_sdr(&pixels, WIDTH, colour, Mastering::default()), &theirs);
            let right = ours(colour);
            println!("{colour:?} {source} below the knee: {right}");
            assert!(right.mean < 0.1 && right.worst < 1.0, "{right}");
            if source == "gradients" {
                continue;
            }
            for wrong in [
                Colour {
                    primaries: Primaries::Bt709,
                    ..colour
                },
                Colour {
                    transfer: if colour.transfer == Transfer::Pq {
                        Transfer::Hlg
                    } else {
                        Transfer::Pq
                    },
                    ..colour
                },
            ] {
                let wrong = ours(wrong);
                assert!(wrong.mean > 1.0, "a mistake would not be found: {wrong}");
            }
        }
    }
}

// Breaks if highlights, or colours BT.709 does not have, come out as something else altogether.
#[test]
fn is_near_tonemap_in_highlights() {
    if !has_peer() {
        return;
    }
    for colour in [PQ, HLG] {
        let pictures = [
            ("testsrc2 of 203 nits", picture("testsrc2", 203, colour)),
            ("testsrc2 of 1000 nits", picture("testsrc2", 1000, colour)),
            ("gradients of 1000 nits", picture("gradients", 1000, colour)),
            ("BT.2020", cube(if colour == PQ { 49271 } else { u16::MAX })),
        ];
        for (name, pixels) in pictures {
            let ours = to_sdr(
                &pixels,
                WIDTH,
                colour,
                Mastering {
                    max_nits: Some(1000.0),
                },
            );
            for operator in ["mobius", "reinhard", "hable"] {
                // 1000 nits are 4.926 times the reference white.
                let theirs = peer(&pixels, WIDTH, colour, &format!("{operator}:desat=0:peak=4.926"));
                let distance = distance(&ours, &theirs);
                println!("{colour:?} {name}, {operator}: {distance}");
                if operator == "mobius" {
                    let bound = if name == "BT.2020" { 8.0 } else { 4.0 };
                    assert!(distance.mean < bound, "{distance}");
                }
            }
        }
    }
}

// Breaks if the HDR clips beside a checkout that has them come out as something else altogether.
#[test]
fn clips() {
    if !has_peer() {
        return;
    }
    for path in shared_media() {
        let path = path.to_str().expect("a plain name");
        let facts = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams", "v:0", "-read_intervals", "%+#1"])
            .args(["-show_frames", "-show_streams", path])
            .output()
            .expect("ffprobe is beside ffmpeg");
        let facts = String::from_utf8_lossy(&facts.stdout).into_owned();
        let fact = |key: &str| facts.lines().find_map(|line| line.strip_prefix(key));
        let colour = match fact("color_transfer=") {
            Some("smpte2084") => PQ,
            Some("arib-std-b67") => HLG,
            _ => continue,
        };
        let most = fact("max_content=").and_then(|nits| nits.parse().ok());
        let display = fact("max_luminance=").and_then(|nits| {
            let (over, under) = nits.split_once('/')?;
            Some(over.parse::<f32>().ok()? / under.parse::<f32>().ok()?)
        });
        let max_nits = most.or(display);
        let width = fact("width=").and_then(|width| width.parse().ok());
        let width: u32 = width.expect("a video has a width");
        let input = ["-noautorotate", "-i", path, "-frames:v", "1"];
        let filter = ["-vf", "zscale=agamma=0:m=gbr:r=full,format=gbrp16"];
        let pixels = ffmpeg(&[input.as_slice(), &filter].concat(), &[]);
        let start = std::time::Instant::now();
        let ours = to_sdr(&pixels, width, colour, Mastering { max_nits });
        let time = start.elapsed();
        println!(
            "{path}: {colour:?}, {max_nits:?} nits, {} pixels in {time:?}",
            pixels.len() / 3
        );
        let peak = max_nits.unwrap_or(1000.0) / 203.0;
        for operator in ["mobius", "reinhard", "hable"] {
            let theirs = peer(&pixels, width, colour, &format!("{operator}:desat=0:peak={peak}"));
            let distance = distance(&ours, &theirs);
            println!("  {operator}: {distance}");
            assert!(distance.mean < 20.0, "{distance}");
        }
    }
}
