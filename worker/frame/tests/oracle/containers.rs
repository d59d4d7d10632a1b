//! Timestamps and indices of containers, and what they leave out.

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

// Breaks if missing timestamps of AVI are guessed differently from ffmpeg.
#[test]
fn avi() {
    compare("clip.avi", "-c:v mpeg4 -q:v 4 -g 30 -bf 0");
    compare("bframes.avi", "-c:v mpeg4 -q:v 4 -g 30 -bf 2");
    compare("h264.avi", "-bf 0");
}

// Breaks if seeks in Matroska are trusted without cues, or not trusted with them.
#[test]
fn matroska_with_and_without_cues() {
    compare("cues.mkv", "");
    compare("live.mkv", "-f matroska -live 1");
}

// Breaks if the index of a fragmented file, which is read in parts, is taken for complete.
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

// Breaks if frames that an edit list cuts off are shown, or the time is counted from before the cut.
#[test]
fn edit_lists() {
    Clip::by("cut.mp4", |path| {
        let whole = path.with_file_name("whole.mp4");
        make(&whole, &format!("{MOVING} {H264}"));
        make(path, "-ss 1.7 -i {dir}/whole.mp4 -c copy");
    })
    .compare();
}

// Breaks if one of the containers whose uploads raise an event is read differently from ffmpeg.
#[test]
fn the_other_containers() {
    compare("clip.3gp", "");
    compare("clip.m2ts", "");
    compare("clip.wmv", "-c:v wmv2 -g 30 -bf 0 -q:v 4");
    compare("clip.mxf", "-c:v mpeg2video -g 12 -bf 2 -q:v 4");
    compare("clip.ivf", "-c:v libvpx -g 30 -b:v 200k");
    compare(
        "clip.hevc",
        "-c:v libx265 -x265-params keyint=30:log-level=none -f hevc",
    );
}

// Breaks if a seek to a packet that the index wrongly calls a keyframe is trusted.
#[test]
fn an_index_that_lies() {
    Clip::by("lies.mp4", |path| {
        make(
            path,
            &format!("{MOVING} {H264} -x264-params keyint=20:min-keyint=20:scenecut=0"),
        );
        let mut bytes = std::fs::read(path).unwrap();
        let table = bytes.windows(4).position(|four| four == b"stss").unwrap();
        // ISO/IEC 14496-12, section 8.6.2: version, count, then the numbers of the keyframes.
        for (at, number) in [(12, 1_u32), (16, 31), (20, 47), (24, 55), (28, 90)] {
            bytes[table + at..][..4].copy_from_slice(&number.to_be_bytes());
        }
        std::fs::write(path, bytes).unwrap();
    })
    .compare();
    // Cues that lead to a wrong cluster.
    Clip::by("lies.mkv", |path| {
        make(path, &format!("{MOVING} {H264} -cluster_time_limit 500"));
        let mut bytes = std::fs::read(path).unwrap();
        let cues = bytes
            .windows(4)
            .rposition(|four| four == [0x1C, 0x53, 0xBB, 0x6B])
            .unwrap();
        // CueClusterPosition has two bytes. Each cue now leads to the cluster of the first one.
        let places: Vec<usize> = (cues..bytes.len() - 4)
            .filter(|&at| bytes[at..][..2] == [0xF1, 0x82])
            .collect();
        assert!(places.len() > 2);
        let last = [
            bytes[places[places.len() - 1] + 2],
            bytes[places[places.len() - 1] + 3],
        ];
        for at in places {
            bytes[at + 2..][..2].copy_from_slice(&last);
        }
        std::fs::write(path, bytes).unwrap();
    })
    .compare();
}

// Breaks if frames before the first keyframe of a recording that was cut from a stream are shown or counted.
#[test]
fn a_first_packet_that_is_no_keyframe() {
    for (name, codec) in [
        ("cut.ts", H264),
        ("cut.mpg", "-c:v mpeg2video -g 30 -bf 2 -q:v 4"),
    ] {
        Clip::by(name, |path| {
            make(path, &format!("{MOVING} {codec}"));
            let whole = std::fs::read(path).unwrap();
            // Whole packets of a transport stream, and whole sectors of a program stream.
            let sector = if name == "cut.ts" { 188 } else { 2048 };
            let tables = if name == "cut.ts" { 3 * sector } else { 0 };
            let from = whole.len() / 3 / sector * sector;
            std::fs::write(path, [&whole[..tables], &whole[from..]].concat()).unwrap();
        })
        .compare();
    }
}

// Breaks if a video of one picture, or of one every few seconds, lacks a frame.
#[test]
fn still_like_streams() {
    let slides = "-f lavfi -i testsrc2=size=96x64:rate=1/5:duration=30";
    Clip::new("slides.mp4", &format!("{slides} {H264}")).compare();
    Clip::new("slides.mkv", &format!("{slides} -c:v mjpeg -q:v 4")).compare();
    compare("one.mp4", "-frames:v 1");
    compare("one.webm", "-c:v libvpx-vp9 -cpu-used 8 -frames:v 1");
}

// Breaks if delays or transparency of a GIF are read differently from ffmpeg.
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
