//! Sizes that change on the way, or that the header gives otherwise than the pictures have them; crops, turns and shapes
//! likewise.

use std::path::Path;

use crate::support::{Clip, MOVING, make};

/// A second of each size, one stream after the other.
fn changing(name: &str, codec: &str, sizes: &[&str]) -> Clip {
    Clip::by(name, |path| {
        let parts: Vec<String> = sizes
            .iter()
            .enumerate()
            .map(|(number, size)| {
                let part = path.with_file_name(format!("{number}.nut"));
                let input = format!("-f lavfi -i testsrc2=size={size}:rate=25:duration=1");
                make(&part, &format!("{input} {codec} -g 10"));
                // Two frames at one time would be another matter.
                format!("file '{}'\nduration 1\n", part.display())
            })
            .collect();
        std::fs::write(path.with_file_name("parts.txt"), parts.concat()).unwrap();
        make(path, "-f concat -safe 0 -i {dir}/parts.txt -c copy");
    })
}

const H264: &str = "-c:v libx264 -pix_fmt yuv420p -bsf:v dump_extra";
const HEVC: &str = "-c:v libx265 -pix_fmt yuv420p -x265-params log-level=none:repeat-headers=1";
const VP8: &str = "-c:v libvpx -b:v 200k";
const VP9: &str = "-c:v libvpx-vp9 -cpu-used 8 -b:v 200k";
const AV1: &str = "-c:v libaom-av1 -cpu-used 8 -b:v 100k";

// Breaks if a picture that changes its size on the way comes out in another size than ffmpeg's, which is the first
// frame's.
#[test]
fn a_size_that_changes() {
    let sizes = ["96x64", "176x144", "64x96"];
    changing("h264.ts", H264, &sizes).compare();
    changing("h264.mkv", H264, &sizes).compare();
    changing("hevc.mkv", HEVC, &sizes).compare();
    changing("vp8.webm", VP8, &sizes).compare();
    changing("vp9.webm", VP9, &sizes).compare();
    changing("mpeg2.mkv", "-c:v mpeg2video -q:v 4", &sizes[..2]).compare();
    changing("mjpeg.mkv", "-c:v mjpeg -q:v 4", &sizes).compare();
}

// Breaks as the one before, for a codec that is slow to make.
#[test]
fn a_size_that_changes_in_av1() {
    changing("av1.mkv", AV1, &["64x48", "96x64"]).compare();
}

/// The first `old` after a name in a file becomes `new`.
fn patch(path: &Path, after: &[u8], old: &[u8], new: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|part| part == what);
    let from = find(&bytes, after).unwrap();
    let at = from + find(&bytes[from..], old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
    std::fs::write(path, bytes).unwrap();
}

// Breaks if pictures take the size of the track's header instead of their own: recordings of calls start small.
#[test]
fn a_header_that_says_another_size() {
    for (name, codec) in [
        ("vp8.webm", VP8),
        ("vp9.webm", VP9),
        ("h264.mkv", H264),
        ("hevc.mkv", HEVC),
    ] {
        Clip::by(name, |path| {
            make(path, &format!("{MOVING} {codec} -g 25 -t 2"));
            // PixelWidth and PixelHeight: 176 × 144 becomes 240 × 120.
            patch(
                path,
                b"V_",
                &[0xB0, 0x81, 176, 0xBA, 0x81, 144],
                &[0xB0, 0x81, 240, 0xBA, 0x81, 120],
            );
        })
        .compare();
    }
    Clip::by("h264.mp4", |path| {
        make(path, &format!("{MOVING} {H264} -g 25 -t 2"));
        // The sample entry.
        patch(path, b"stsd", &[0, 176, 0, 144], &[0, 240, 0, 120]);
    })
    .compare();
}

/// A clip whose stream a filter changed as it is.
fn filtered(name: &str, codec: &str, filter: &str) -> Clip {
    Clip::by(name, |path| {
        let straight = path.with_file_name(format!("straight-{name}"));
        make(&straight, &format!("{MOVING} {codec} -g 25 -t 2"));
        make(
            path,
            &format!("-i {{dir}}/straight-{name} -c copy -bsf:v {filter}"),
        );
    })
}

// Breaks if what a stream crops on the left or at the top moves the picture or scales it.
#[test]
fn crops() {
    for crop in [
        "crop_left=4",
        "crop_top=6",
        "crop_left=34:crop_right=2",
        "crop_left=64:crop_top=2:crop_bottom=4",
    ] {
        filtered("crop.mp4", H264, &format!("h264_metadata={crop}")).compare();
        filtered("crop.mkv", HEVC, &format!("hevc_metadata={crop}")).compare();
    }
}

// Breaks if a turn that the stream itself asks for, and not the container, leaves the picture in the wrong shape.
#[test]
fn turns_by_the_stream() {
    for degrees in [90, 180, 270] {
        let filter = format!("h264_metadata=display_orientation=insert:rotate={degrees}");
        filtered("turned.mp4", H264, &filter).compare();
        filtered("turned.ts", H264, &filter).compare();
    }
    filtered(
        "mirrored.mp4",
        H264,
        "h264_metadata=display_orientation=insert:rotate=90:flip=horizontal",
    )
    .compare();
}

// Breaks if a turn that changes on the way changes the size too, or if a frame is turned as the first one is.
#[test]
fn a_turn_that_changes() {
    for (first, then) in [(90, 0), (0, 90), (270, 180)] {
        Clip::by("turning.mkv", |path| {
            for (number, degrees) in [first, then].into_iter().enumerate() {
                let straight = path.with_file_name(format!("straight-{number}.nut"));
                // A keyframe says for itself how it is turned. What an earlier one said holds since ffmpeg 7.0, and is not
                // known after a seek.
                make(&straight, &format!("{MOVING} {H264} -g 50 -t 2"));
                let filter = if degrees == 0 {
                    String::new()
                } else {
                    format!("-bsf:v h264_metadata=display_orientation=insert:rotate={degrees}")
                };
                make(
                    &path.with_file_name(format!("part-{number}.nut")),
                    &format!("-i {{dir}}/straight-{number}.nut -c copy {filter}"),
                );
            }
            let list = ["part-0.nut", "part-1.nut"]
                .map(|part| format!("file '{}'\nduration 2\n", path.with_file_name(part).display()));
            std::fs::write(path.with_file_name("parts.txt"), list.concat()).unwrap();
            make(path, "-f concat -safe 0 -i {dir}/parts.txt -c copy");
        })
        .compare();
    }
}

// Breaks if the shape of the pixels is the stream's where the container says another.
#[test]
fn a_container_that_says_another_shape() {
    for (stream, container) in [("1/1", "16:9"), ("16/11", "4:3"), ("16/11", "11:9")] {
        for name in ["shape.mp4", "shape.mkv"] {
            Clip::by(name, |path| {
                let straight = path.with_file_name("straight.mp4");
                make(&straight, &format!("{MOVING} -vf setsar={stream} {H264} -t 1"));
                make(
                    path,
                    &format!("-i {{dir}}/straight.mp4 -c copy -aspect {container}"),
                );
            })
            .compare();
        }
    }
}

// Breaks if the shape of the pixels that a stream changes on the way is not the one that ffmpeg writes.
#[test]
fn a_shape_that_changes() {
    Clip::by("shapes.ts", |path| {
        let parts = ["16/11", "1/1"].map(|shape| {
            let part = path.with_file_name("part.ts");
            make(
                &part,
                &format!("{MOVING} -vf setsar={shape} -c:v mpeg2video -q:v 4 -t 2"),
            );
            std::fs::read(part).unwrap()
        });
        std::fs::write(path, parts.concat()).unwrap();
    })
    .compare();
}
