//! Sizes, crops, rotations and aspect ratios that change within a video, or differ between the headers and the pictures.

use std::path::Path;

use crate::support::{Clip, MOVING, make};

/// A clip with one second of each size.
fn changing(name: &str, codec: &str, sizes: &[&str]) -> Clip {
    Clip::by(name, |path| {
        let parts: Vec<String> = sizes
            .iter()
            .enumerate()
            .map(|(number, size)| {
                let part = path.with_file_name(format!("{number}.nut"));
                let input = format!("-f lavfi -i testsrc2=size={size}:rate=25:duration=1");
                make(&part, &format!("{input} {codec} -g 10"));
                // Without a duration, two frames would have the same time.
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

// Breaks if a picture after a change of size has another size than ffmpeg's, which is that of the first frame.
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

// Breaks like the previous test; it is separate, because encoding AV1 is slow.
#[test]
fn a_size_that_changes_in_av1() {
    changing("av1.mkv", AV1, &["64x48", "96x64"]).compare();
}

/// Replaces the first `old` after the bytes `after` in a file by `new`.
fn patch(path: &Path, after: &[u8], old: &[u8], new: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|part| part == what);
    let from = find(&bytes, after).unwrap();
    let at = from + find(&bytes[from..], old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
    std::fs::write(path, bytes).unwrap();
}

// Breaks if pictures get the size of the track's header instead of their own, as in recordings of calls, which start
// small.
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
            // PixelWidth and PixelHeight change from 176 × 144 to 240 × 120.
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
        // Width and height in the sample entry.
        patch(path, b"stsd", &[0, 176, 0, 144], &[0, 240, 0, 120]);
    })
    .compare();
}

/// A clip whose stream is changed by a bitstream filter, without encoding it again.
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

// Breaks if a crop on the left or at the top shifts or scales the picture.
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

// Breaks if a rotation by the stream, not by the container, gives a wrong size.
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

// Breaks if a change of rotation changes the size too, or a later frame is rotated like the first one.
#[test]
fn a_turn_that_changes() {
    for (first, then) in [(90, 0), (0, 90), (270, 180)] {
        Clip::by("turning.mkv", |path| {
            for (number, degrees) in [first, then].into_iter().enumerate() {
                let straight = path.with_file_name(format!("straight-{number}.nut"));
                // This keyframe has its own rotation. The rotation of an earlier keyframe, which ffmpeg keeps since 7.0, is
                // not known after a seek.
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

// Breaks if the stream's sample aspect ratio is used although the container has another.
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

// Breaks if a sample aspect ratio that changes within a stream differs from ffmpeg.
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
