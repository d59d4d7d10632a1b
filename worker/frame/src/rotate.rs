//! Rotation by arbitrary angles, which a display matrix may ask for, though no camera writes such a matrix. It uses the
//! fixed-point arithmetic of libavfilter's `rotate`, to get the same pixels.

use ffmpeg_next::color::Range;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;

use crate::Error;
use crate::raw::{self, Lines};

/// 1.0 in the 16.16 fixed point of pixel coordinates and sine values.
const ONE: i64 = 1 << 16;
/// One radian in the fixed point of angles, with 20 bits of fraction.
const ANGLE: i64 = 1 << 20;
/// π in units of [`ANGLE`].
const PI: i64 = 3_294_199;

/// The formats of 8 bits a component that libavfilter rotates.
const FORMATS_8_BIT: [&str; 20] = [
    "gbrp", "gbrap", "argb", "rgba", "abgr", "bgra", "0rgb", "rgb0", "0bgr", "bgr0", "rgb24", "bgr24",
    "gray", "yuv410p", "yuv444p", "yuvj444p", "yuv420p", "yuvj420p", "yuva444p", "yuva420p",
];
/// The formats of more than 8 bits a component, in 16 bits each, that libavfilter rotates.
const FORMATS_16_BIT: [&str; 14] = [
    "yuv420p9le",
    "yuv420p10le",
    "yuv420p12le",
    "yuv420p16le",
    "yuv444p9le",
    "yuv444p10le",
    "yuv444p12le",
    "yuv444p16le",
    "yuva420p9le",
    "yuva420p10le",
    "yuva420p16le",
    "yuva444p9le",
    "yuva444p10le",
    "yuva444p16le",
];

fn name(format: Pixel) -> &'static str {
    format.descriptor().map_or("", |descriptor| descriptor.name())
}

/// Whether libavfilter rotates pictures of this format.
pub(crate) fn takes(format: Pixel) -> bool {
    FORMATS_8_BIT.contains(&name(format)) || is_16_bit(format)
}

fn is_16_bit(format: Pixel) -> bool {
    FORMATS_16_BIT.contains(&name(format))
}

/// The sine of an angle in units of [`ANGLE`], in units of [`ONE`], by five terms of its series.
fn sine(angle: i64) -> i64 {
    let mut angle = if angle < 0 { PI - angle } else { angle } % (2 * PI);
    if angle >= PI * 3 / 2 {
        angle -= 2 * PI;
    }
    if angle >= PI / 2 {
        angle = PI - angle;
    }
    let square = angle * angle / ANGLE;
    let (mut sum, mut term) = (0, angle);
    for n in [2, 4, 6, 8, 10] {
        sum += term;
        term = -term * square / (ANGLE * n * (n + 1));
    }
    (sum + 8) >> 4
}

/// Rotates the picture clockwise, within a picture of the same size. Corners without source pixels are black.
pub(crate) fn clockwise(picture: &frame::Video, degrees: f64) -> Result<frame::Video, Error> {
    // The ffmpeg program passes the angle to the filter with six decimals.
    let degrees: f64 = format!("{degrees:.6}").parse().unwrap_or(degrees);
    let angle = (degrees * std::f64::consts::PI / 180.0 * (ONE * 16) as f64) as i64;
    let (sin, cos) = (sine(angle), sine(angle + PI / 2));
    let mut turned = raw::like(picture, picture.width(), picture.height())?;
    let format = picture.format();
    let traits = raw::traits(format).ok_or_else(raw::no_memory)?;
    for (plane, &step) in traits.steps.iter().enumerate().take(traits.planes) {
        let lines = raw::lines(picture, plane).ok_or_else(raw::no_memory)?;
        let stride = turned.stride(plane);
        let into = turned.data_mut(plane);
        let black = black(picture, plane, step, traits.depth);
        if is_16_bit(format) {
            rotate(&Words(&lines), into, stride, (sin, cos), &black);
        } else {
            rotate(&Bytes { lines: &lines, step }, into, stride, (sin, cos), &black);
        }
    }
    Ok(turned)
}

/// One pixel of black in a plane.
fn black(picture: &frame::Video, plane: usize, step: usize, depth: u32) -> Vec<u8> {
    let format = picture.format();
    let name = name(format);
    let most = ((1_u32 << depth) - 1) as f64;
    if raw::is_rgb(format) {
        return (0..step)
            .map(|byte| match name {
                "argb" | "abgr" if byte == 0 => 255,
                "rgba" | "bgra" if byte == 3 => 255,
                "gbrap" if plane == 3 => 255,
                _ => 0,
            })
            .collect();
    }
    // libav 5.1 derives the range from the format alone, and takes grey for limited range.
    let says_full = picture.color_range() == Range::JPEG || format == Pixel::GRAY8;
    let is_full = name.starts_with("yuvj") || says_full && raw::major_version() >= 59;
    let part = match plane {
        0 if is_full => 0.0,
        0 => 16.0 / 255.0,
        3 => 1.0,
        _ if is_full => 0.5,
        _ => 128.0 / 255.0,
    };
    let value = (part * most + 0.5) as u16;
    value.to_le_bytes()[..step.min(2)].to_vec()
}

/// A plane that can be sampled between its pixels.
trait Plane {
    fn size(&self) -> (i64, i64);
    fn step(&self) -> usize;
    /// Writes the pixel at a position in units of [`ONE`], interpolated between its neighbours.
    fn put(&self, x: i64, y: i64, to: &mut [u8]);
}

fn rotate(plane: &impl Plane, into: &mut [u8], stride: usize, (sin, cos): (i64, i64), black: &[u8]) {
    let (width, height) = plane.size();
    let step = plane.step();
    // The rotated vector from the centre of the picture to the first pixel.
    let left = (-(width - 1) * cos / 2, (width - 1) * sin / 2);
    let mut line = (-(height - 1) * sin / 2, -(height - 1) * cos / 2);
    for to in into.chunks_mut(stride).take(height as usize) {
        let mut x = line.0 + left.0 + ONE * (width - 1) / 2;
        let mut y = line.1 + left.1 + ONE * (height - 1) / 2;
        for to in to.chunks_exact_mut(step).take(width as usize) {
            // One pixel beyond the edge is interpolated too, with the edge repeated.
            if (-1..=width).contains(&(x >> 16)) && (-1..=height).contains(&(y >> 16)) {
                plane.put(x, y, to);
            } else {
                to.copy_from_slice(black);
            }
            x += cos;
            y -= sin;
        }
        line.0 += sin;
        line.1 += cos;
    }
}

/// The columns and rows around a position, and the weights of the right column and of the lower row.
fn around((width, height): (i64, i64), x: i64, y: i64) -> ([usize; 2], [usize; 2], i64, i64) {
    let both = |at: i64, last: i64| {
        let first = (at >> 16).clamp(0, last);
        [first as usize, (first + 1).min(last) as usize]
    };
    (
        both(x, width - 1),
        both(y, height - 1),
        x & (ONE - 1),
        y & (ONE - 1),
    )
}

fn mixed(values: [[i64; 2]; 2], right: i64, lower: i64) -> i64 {
    let [upper_line, lower_line] = values.map(|[a, b]| (ONE - right) * a + right * b);
    ((ONE - lower) * upper_line + lower * lower_line) >> 32
}

struct Bytes<'a> {
    lines: &'a Lines<'a>,
    step: usize,
}

impl Plane for Bytes<'_> {
    fn size(&self) -> (i64, i64) {
        (
            (self.lines.get(0).len() / self.step) as i64,
            self.lines.count() as i64,
        )
    }

    fn step(&self) -> usize {
        self.step
    }

    fn put(&self, x: i64, y: i64, to: &mut [u8]) {
        let (columns, rows, right, lower) = around(self.size(), x, y);
        let lines = rows.map(|row| self.lines.get(row));
        for (byte, to) in to.iter_mut().enumerate() {
            let values = lines.map(|line| columns.map(|column| i64::from(line[column * self.step + byte])));
            *to = mixed(values, right, lower) as u8;
        }
    }
}

struct Words<'a>(&'a Lines<'a>);

impl Plane for Words<'_> {
    fn size(&self) -> (i64, i64) {
        ((self.0.get(0).len() / 2) as i64, self.0.count() as i64)
    }

    fn step(&self) -> usize {
        2
    }

    fn put(&self, x: i64, y: i64, to: &mut [u8]) {
        let (columns, rows, right, lower) = around(self.size(), x, y);
        let values = rows.map(|row| {
            let values = self.0.get(row).as_chunks().0;
            columns.map(|column| i64::from(u16::from_le_bytes(values[column])))
        });
        to.copy_from_slice(&(mixed(values, right, lower) as u16).to_le_bytes());
    }
}
