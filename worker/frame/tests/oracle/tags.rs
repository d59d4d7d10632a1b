//! The tags of a PNG, compared with those of the ffmpeg program.

use std::time::Duration;

use posterframe_frame::Video;

use crate::support::{Clip, MOVING, oracle, tags};

const LOSSLESS: &str = "-c:v libx264 -pix_fmt yuv420p -t 0.2";

// Breaks if a chunk differs from ffmpeg's, for any primaries and transfer function that ffmpeg knows.
#[test]
fn every_colour_that_ffmpeg_tags() {
    for primaries in [
        "bt709",
        "bt470m",
        "bt470bg",
        "smpte170m",
        "smpte240m",
        "film",
        "bt2020",
        "smpte428",
        "smpte431",
        "smpte432",
        "unknown",
    ] {
        colours(primaries, "unknown");
    }
    for transfer in [
        "bt709",
        "bt470m",
        "bt470bg",
        "smpte170m",
        "smpte240m",
        "linear",
        "iec61966-2-1",
        "bt2020-10",
        "smpte2084",
        "arib-std-b67",
        "smpte428",
    ] {
        colours("bt709", transfer);
    }
    colours("bt2020", "smpte2084");
    colours("smpte432", "iec61966-2-1");
}

fn colours(primaries: &str, transfer: &str) {
    Clip::new(
        "colours.mp4",
        &format!("{MOVING} -vf setparams=color_primaries={primaries}:color_trc={transfer} {LOSSLESS}"),
    )
    .compare_at(&[0.0]);
}

// Breaks if an HDR still has no tag that says so. ffmpeg 5.1 writes none, later versions do.
#[test]
fn hdr_is_tagged() {
    let hdr = "-vf setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc -x265-params log-level=none";
    let clip = Clip::new(
        "hdr.mp4",
        &format!("{MOVING} -c:v libx265 -pix_fmt yuv420p10le {hdr} -t 0.2"),
    );
    let frame = Video::open(&clip.path).unwrap().frame_at(Duration::ZERO).unwrap();
    let ours = tags(&frame.image.encode_png().unwrap());
    // BT.2020, PQ, RGB and full range, by ITU-T H.273.
    assert_eq!(ours[b"cICP"], [9, 16, 0, 1]);
    let expected = oracle(&clip.path, Duration::ZERO).unwrap().tags;
    assert!(expected.iter().all(|(name, data)| ours.get(name) == Some(data)));
}

// Breaks if a PNG of unknown colours has colour tags.
#[test]
fn unknown_colours_are_not_tagged() {
    let clip = Clip::new("plain.mp4", &format!("{MOVING} {LOSSLESS}"));
    let frame = Video::open(&clip.path).unwrap().frame_at(Duration::ZERO).unwrap();
    let ours = tags(&frame.image.encode_png().unwrap());
    assert_eq!(ours.into_keys().collect::<Vec<_>>(), [*b"pHYs"]);
}
