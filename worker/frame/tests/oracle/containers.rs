//! What containers tell of time and of where decoding can start, and what they leave out.

use crate::support::{Clip, MOVING, make};

const H264: &str = "-c:v libx264 -pix_fmt yuv420p -g 30 -bf 2";

fn compare(name: &str, arguments: &str) {
    Clip::new(name, &format!("{MOVING} {H264} {arguments}")).compare();
}

// Breaks if a seek is trusted where the container has no index, or timestamps are not counted from the start.
#[test]
fn streams_without_an_index() {
    compare("clip.ts", "");
    compare("clip.mpg", "-c:v mpeg2video -q:v 4 -g 12 -bf 2");
    compare("clip.flv", "");
    compare("clip.h264", "-f h264");
    compare("plain.h264", "-bf 0 -f h264");
}

// Breaks if a sound stream that starts before the picture shifts it.
#[test]
fn transport_stream_with_sound() {
    let sound = "-f lavfi -i sine=duration=4";
    let video = "-f lavfi -i testsrc2=size=176x144:rate=25:duration=4";
    Clip::new(
        "clip.ts",
        &format!("{sound} -itsoffset 0.4 {video} {H264} -c:a mp2"),
    )
    .compare();
}

// Breaks if AVI's missing timestamps are guessed otherwise than ffmpeg guesses them.
#[test]
fn avi() {
    compare("clip.avi", "-c:v mpeg4 -q:v 4 -g 30 -bf 0");
    compare("bframes.avi", "-c:v mpeg4 -q:v 4 -g 30 -bf 2");
    compare("h264.avi", "-bf 0");
}

// Breaks if Matroska is trusted without its cues, or not used with them.
#[test]
fn matroska_with_and_without_cues() {
    compare("cues.mkv", "");
    compare("live.mkv", "-f matroska -live 1");
}

// Breaks if the index of a fragmented file, which is read bit by bit, is taken for the whole.
#[test]
fn mp4_in_its_varieties() {
    compare("fast.mp4", "-movflags +faststart");
    compare("fragments.mp4", "-movflags +frag_keyframe+empty_moov");
    compare(
        "dash.mp4",
        "-movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx",
    );
    compare("clip.mov", "");
}

// Breaks if frames that an edit list cuts off come back, or the time is counted from before the cut.
#[test]
fn edit_lists() {
    Clip::by("cut.mp4", |path| {
        let whole = path.with_file_name("whole.mp4");
        make(&whole, &format!("{MOVING} {H264}"));
        make(path, "-ss 1.7 -i {dir}/whole.mp4 -c copy");
    })
    .compare();
}

// Breaks if a GIF's delays, or its transparency, are read otherwise.
#[test]
fn gif() {
    Clip::new("clip.gif", "-f lavfi -i testsrc2=size=96x64:rate=10:duration=3").compare();
}

// Breaks if a cover picture is taken for the video, or a smaller stream for the main one.
#[test]
fn several_streams() {
    let two = "-f lavfi -i testsrc2=size=96x64:rate=25:duration=3 -f lavfi -i testsrc=size=176x144:rate=25:duration=3";
    Clip::new("two.mkv", &format!("{two} -map 0 -map 1 {H264} -disposition:v 0")).compare();
    Clip::by("cover.mp4", |path| {
        make(
            &path.with_file_name("cover.png"),
            "-f lavfi -i testsrc=size=800x600 -frames:v 1",
        );
        let map = "-map 1 -map 0 -c:v:0 png -disposition:v:0 attached_pic -c:v:1 libx264 -pix_fmt yuv420p";
        make(path, &format!("{MOVING} -i {{dir}}/cover.png {map}"));
    })
    .compare();
}
