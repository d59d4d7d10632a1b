//! How each codec orders frames, skips them and refers to others.

use crate::support::{Clip, MOVING};

fn compare(name: &str, arguments: &str) {
    Clip::new(name, &format!("{MOVING} {arguments}")).compare();
}

// Breaks if frames are returned in packet order, or a B-frame that is needed is skipped.
#[test]
fn h264_with_b_frames() {
    compare("clip.mp4", "-c:v libx264 -pix_fmt yuv420p -g 30 -bf 3");
    compare(
        "pyramid.mkv",
        "-c:v libx264 -pix_fmt yuv420p -g 48 -bf 8 -x264-params b-pyramid=normal:ref=6",
    );
}

// Breaks if frames before the keyframe of an open GOP are decoded without the previous GOP.
#[test]
fn open_groups() {
    compare(
        "x264.mp4",
        "-c:v libx264 -pix_fmt yuv420p -bf 3 -x264-params open-gop=1:keyint=20:min-keyint=20",
    );
    compare(
        "x265.mp4",
        "-c:v libx265 -pix_fmt yuv420p -x265-params open-gop=1:keyint=20:bframes=3:log-level=none",
    );
    compare("mpeg2.mkv", "-c:v mpeg2video -g 12 -bf 2 -q:v 4");
}

// Breaks if decoding starts at a recovery point as if it were a keyframe.
#[test]
fn intra_refresh() {
    compare(
        "clip.mp4",
        "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=25:bframes=0",
    );
    compare(
        "clip.ts",
        "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=25:bframes=0",
    );
}

// Breaks if a video that is a single GOP is not decoded from its start.
#[test]
fn one_long_group() {
    let long = "-f lavfi -i testsrc2=size=96x64:rate=30:duration=20";
    Clip::new(
        "clip.mp4",
        &format!("{long} -c:v libx264 -pix_fmt yuv420p -g 600 -keyint_min 600"),
    )
    .compare();
}

// Breaks if a codec's frames are not those of ffmpeg.
#[test]
fn the_other_codecs() {
    compare(
        "hevc.mp4",
        "-c:v libx265 -pix_fmt yuv420p -x265-params keyint=30:log-level=none",
    );
    compare(
        "vp8.webm",
        "-c:v libvpx -g 30 -auto-alt-ref 1 -lag-in-frames 16 -b:v 200k",
    );
    compare(
        "vp9.webm",
        "-c:v libvpx-vp9 -g 30 -auto-alt-ref 1 -lag-in-frames 16 -b:v 200k -cpu-used 8",
    );
    compare("mpeg4.mp4", "-c:v mpeg4 -g 30 -bf 2 -q:v 4");
    compare("prores.mov", "-c:v prores_ks -profile:v 3");
    compare("mjpeg.mov", "-c:v mjpeg -q:v 4");
    compare("theora.ogv", "-c:v libtheora -g 30 -q:v 6");
    compare("lossless.mkv", "-c:v ffv1");
}

// Breaks if hidden frames or overlays of AV1 are counted.
#[test]
fn av1() {
    let small = "-f lavfi -i testsrc2=size=96x64:rate=25:duration=2";
    Clip::new(
        "clip.mp4",
        &format!("{small} -c:v libaom-av1 -cpu-used 8 -g 20 -b:v 100k"),
    )
    .compare();
}
