//! Frames at irregular times.

use std::time::Duration;

use crate::support::{Clip, MOVING, make};

// Breaks if frames are found by multiplying a time by a frame rate.
#[test]
fn variable_frame_rate() {
    let uneven =
        "-vf select='not(mod(n\\,3))+lt(n\\,20)' -vsync vfr -c:v libx264 -pix_fmt yuv420p -g 20 -bf 2";
    Clip::new("clip.mp4", &format!("{MOVING} {uneven}")).compare();
    Clip::new("clip.mkv", &format!("{MOVING} {uneven}")).compare();
}

// Breaks if the start time of the container is not subtracted, or is subtracted twice.
#[test]
fn starts_other_than_zero() {
    let late = "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 30 -output_ts_offset 7.3";
    Clip::new("late.mkv", &format!("{MOVING} {late}")).compare();
    Clip::new("late.ts", &format!("{MOVING} {late}")).compare();
    let early =
        "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 30 -output_ts_offset -1.3 -avoid_negative_ts disabled";
    Clip::new("early.mp4", &format!("{MOVING} {early}")).compare();
}

// Breaks if timestamps that start over within a stream are corrected differently from ffmpeg.
#[test]
fn timestamps_that_jump() {
    Clip::by("jump.ts", |path| {
        let parts = ["0", "60", "3"].map(|offset| {
            let part = path.with_file_name(format!("{offset}.ts"));
            let encode = "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 30";
            make(&part, &format!("{MOVING} {encode} -output_ts_offset {offset}"));
            std::fs::read(part).unwrap()
        });
        std::fs::write(path, parts.concat()).unwrap();
    })
    .compare();
}

// Breaks if gaps that ffmpeg takes for jumps are kept, including a gap between the start of the container and the first
// packet.
#[test]
fn gaps_longer_than_a_jump() {
    let slides = "-f lavfi -i testsrc2=size=64x48:rate=1/12:duration=180";
    let encode = "-c:v libx264 -pix_fmt yuv420p -g 5 -keyint_min 5";
    for b_frames in [0, 2] {
        Clip::new("gaps.ts", &format!("{slides} {encode} -bf {b_frames}"))
            .compare_every(Duration::from_secs(8));
    }
}

// Breaks if the wrap of a transport stream's clock of 33 bits is not corrected.
#[test]
fn timestamps_that_wrap() {
    let near = (1_u64 << 33) as f64 / 90_000.0 - 2.0;
    let encode = "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 30";
    Clip::new("wrap.ts", &format!("{MOVING} {encode} -output_ts_offset {near}")).compare();
}

// Breaks if positions of frames that are less than a millisecond apart are rounded to milliseconds.
#[test]
fn a_thousand_frames_a_second() {
    let fast = "-f lavfi -i testsrc2=size=64x48:rate=2000:duration=0.2";
    Clip::new(
        "clip.mp4",
        &format!("{fast} -c:v libx264 -pix_fmt yuv420p -video_track_timescale 90000"),
    )
    .compare();
}
