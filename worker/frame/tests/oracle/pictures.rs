//! Colours, depths, aspect ratios and rotations.

use crate::support::{Clip, MOVING, make};
use posterframe_frame::Video;

fn compare(name: &str, arguments: &str) {
    Clip::new(name, &format!("{MOVING} {arguments}")).compare();
}

// Breaks if a rotated or mirrored video is oriented differently from ffmpeg.
#[test]
fn rotation() {
    for degrees in [90, 180, 270] {
        Clip::by("turned.mp4", |path| {
            make(
                &path.with_file_name("straight.mp4"),
                &format!("{MOVING} -c:v libx264 -pix_fmt yuv420p -t 1"),
            );
            make(
                path,
                &format!("-i {{dir}}/straight.mp4 -c copy -metadata:s:v:0 rotate={degrees}"),
            );
        })
        .compare();
    }
}

// Breaks if a format that libavfilter cannot rotate is not converted first, or one of these layouts is rotated wrongly:
// odd sizes, subsampled chroma, 10 bits, RGB, grey, palettes.
#[test]
fn rotation_of_every_layout() {
    let odd = "-f lavfi -i testsrc2=size=99x67:rate=25:duration=1";
    for (codec, format) in [
        ("ffv1", "yuv420p"),
        ("ffv1", "yuv422p"),
        ("ffv1", "yuv422p10le"),
        ("ffv1", "yuv444p10le"),
        ("ffv1", "yuva420p"),
        ("ffv1", "gray"),
        ("ffv1", "gray10le"),
        ("ffv1", "rgb48le"),
        ("png", "rgba"),
        ("png", "pal8"),
        ("png", "monob"),
        ("rawvideo", "uyvy422"),
    ] {
        for matrix in [
            [0, 1, -1, 0],
            [0, -1, -1, 0],
            [-1, 0, 0, 1],
            [-1, 0, 0, -1],
            [1, 0, 0, -1],
        ] {
            turned(
                "layout.mov",
                &format!("{odd} -c:v {codec} -pix_fmt {format}"),
                matrix.map(|one| one << 16),
            )
            .compare_at(&[0.0, 0.5]);
        }
    }
}

// Breaks if a pixel of a picture that is rotated by an arbitrary angle differs from ffmpeg.
#[test]
fn odd_angles() {
    // The cosine and the sine of 30 degrees, in units of 1/65,536.
    let (cos, sin) = (56_756, 32_768);
    for format in [
        "yuv420p",
        "yuvj420p",
        "yuv422p",
        "yuv420p10le",
        "gray",
        "gbrp",
        "yuva444p10le",
    ] {
        let codec = if format == "yuvj420p" { "mjpeg" } else { "ffv1" };
        for [a, b] in [[cos, sin], [-sin, cos]] {
            turned(
                "angle.mov",
                &format!("{MOVING} -c:v {codec} -pix_fmt {format} -t 0.2"),
                [a, b, -b, a],
            )
            .compare_at(&[0.0, 0.04]);
        }
    }
}

// Breaks if a mirrored video, as some phones' front cameras write it, is not mirrored.
#[test]
fn flips() {
    const ONE: i32 = 1 << 16;
    for [a, b, c, d] in [
        [-ONE, 0, 0, ONE],
        [ONE, 0, 0, -ONE],
        [0, ONE, ONE, 0],
        [0, -ONE, -ONE, 0],
    ] {
        let clip = format!("{MOVING} -c:v libx264 -pix_fmt yuv420p -t 1");
        turned("mirrored.mp4", &clip, [a, b, c, d]).compare();
    }
}

/// A clip made with these arguments, with a display matrix in the track's header.
fn turned(name: &str, arguments: &str, [a, b, c, d]: [i32; 4]) -> Clip {
    Clip::by(name, |path| {
        make(path, arguments);
        let mut bytes = std::fs::read(path).unwrap();
        let header = bytes.windows(4).position(|four| four == b"tkhd").unwrap();
        // ISO/IEC 14496-12, section 8.3.2.
        for (at, value) in [a, b, 0, c, d, 0].into_iter().enumerate() {
            bytes[header + 44 + at * 4..][..4].copy_from_slice(&value.to_be_bytes());
        }
        std::fs::write(path, bytes).unwrap();
    })
}

// Breaks if pixels that are not square are scaled, or the PNG lacks their aspect ratio.
#[test]
fn pixels_that_are_not_square() {
    let clip = Clip::new(
        "wide.mp4",
        &format!("{MOVING} -vf setsar=16/11 -c:v libx264 -pix_fmt yuv420p -t 1"),
    );
    clip.compare();
    let mut video = Video::open(&clip.path).unwrap();
    assert_eq!(video.info().display_size, (256, 144));
    let still = video
        .keyframe_near(std::time::Duration::ZERO, (128, 128))
        .unwrap();
    assert_eq!((still.image.width(), still.image.height()), (128, 72));
}

// Breaks if ten bits become eight, or HDR is converted differently from ffmpeg.
#[test]
fn deep_colours() {
    compare("ten.mkv", "-c:v libx264 -pix_fmt yuv420p10le -t 1");
    let hdr = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -x265-params log-level=none";
    compare(
        "hdr.mp4",
        &format!("-c:v libx265 -pix_fmt yuv420p10le {hdr} -t 1"),
    );
    compare("sixteen.mkv", "-c:v ffv1 -pix_fmt rgb48le -t 1");
    compare(
        "full.mp4",
        "-vf scale=out_range=full -color_range pc -c:v libx264 -pix_fmt yuv444p -t 1",
    );
}

// Breaks if transparency is lost, or grey and palettes become something else.
#[test]
fn alpha_grey_and_palettes() {
    let alpha = "-vf format=yuva420p,geq=lum='p(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='mod(X*3,256)'";
    compare(
        "alpha.mov",
        &format!("{alpha} -c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le -t 0.5"),
    );
    compare("alpha.avi", &format!("{alpha},format=rgba -c:v png -t 0.5"));
    compare("grey.mkv", "-c:v ffv1 -pix_fmt gray -t 1");
    compare(
        "palette.mov",
        "-c:v qtrle -pix_fmt pal8 -vf format=gray,format=pal8 -t 0.5",
    );
    compare("bits.avi", "-c:v rawvideo -pix_fmt monob -t 0.5");
    compare("bottom_up.avi", "-c:v rawvideo -pix_fmt bgr24 -t 0.5");
}

// Breaks if the fields of interlaced video are combined differently from ffmpeg.
#[test]
fn interlaced() {
    compare(
        "fields.mkv",
        "-c:v libx264 -pix_fmt yuv420p -flags +ildct+ilme -x264opts tff=1 -g 25 -t 2",
    );
    compare(
        "fields.mpg",
        "-c:v mpeg2video -flags +ildct+ilme -q:v 4 -g 12 -bf 2 -t 2",
    );
}

// Breaks if an odd width or height loses its last line.
#[test]
fn odd_sizes() {
    let odd = "-f lavfi -i testsrc2=size=161x121:rate=25:duration=1";
    Clip::new(
        "odd.webm",
        &format!("{odd} -c:v libvpx-vp9 -cpu-used 8 -b:v 200k"),
    )
    .compare();
    Clip::new("odd.mp4", &format!("{odd} -c:v libx264 -pix_fmt yuv444p")).compare();
}
