//! Files whose packets do not have the presentation times of their pictures: copied from containers with decoding times
//! only to containers with presentation times.

use std::path::Path;
use std::time::Duration;

use posterframe_frame::{Error, Video};

use crate::support::{Clip, make};

const SOURCE: &str = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=3";
const FRAME: Duration = Duration::from_millis(40);

/// Encodes into the first of `files`, and copies each file into the next one.
fn copied(files: &[&str], encode: &str, options: &str) -> Clip {
    let (name, before) = files.split_last().unwrap();
    Clip::by(name, |path| {
        let mut from: Option<&str> = None;
        for file in before.iter().chain([name]) {
            let to = path.with_file_name(file);
            match from {
                None => make(&to, &format!("{SOURCE} {encode}")),
                Some(from) => make(&to, &format!("{options} -i {{dir}}/{from} -c copy")),
            }
            from = Some(file);
        }
    })
}

// Breaks if decoding times are taken for presentation times: after a seek, in the index, or with several decoding
// threads.
#[test]
fn h264_that_reorders_without_times() {
    let encode = "-t 2 -c:v libx264 -pix_fmt yuv420p -g 25 -bf 3";
    for name in ["copy.mp4", "copy.mov"] {
        copied(&["clip.avi", name], encode, "").compare_every(FRAME);
    }
    for name in ["copy.mp4", "copy.mkv"] {
        copied(&["clip.avi", name], encode, "-fflags +genpts").compare_every(FRAME);
    }
    copied(&["clip.avi", "clip.flv", "copy.mp4"], encode, "-fflags +genpts").compare_every(FRAME);
    let large = format!("{encode} -vf scale=960:720 -preset ultrafast");
    copied(&["clip.avi", "copy.mp4"], &large, "").compare_every(FRAME * 4);
}

// Breaks if MPEG-4 pictures that refer to later ones get the times of these.
#[test]
fn mpeg4_that_reorders_without_times() {
    let encode = "-t 2 -c:v mpeg4 -q:v 4 -g 25 -bf 2";
    copied(&["clip.avi", "copy.mp4"], encode, "").compare_every(FRAME);
    copied(&["clip.avi", "copy.mkv"], encode, "-fflags +genpts").compare_every(FRAME);
}

// Breaks if two pictures in one packet are taken for one.
#[test]
fn packed_pictures() {
    let encode = "-t 2 -c:v libxvid -q:v 4 -g 25 -bf 2";
    copied(&["clip.avi", "copy.mp4"], encode, "").compare_every(FRAME);
    for name in ["copy.mkv", "copy.mov"] {
        copied(&["clip.avi", name], encode, "-fflags +genpts").compare_every(FRAME);
    }
}

// Breaks if seeks are not trusted in files whose times are right: a stream that may reorder pictures but does not, and
// one that was copied from FLV.
#[test]
fn right_times_are_trusted() {
    let encode = "-c:v libx264 -pix_fmt yuv420p -g 25 -bf 3";
    // There is no picture between two keyframes that could refer to the later one.
    let none_reordered = "-c:v libx264 -pix_fmt yuv420p -bf 3 -force_key_frames expr:gte(n,n_forced*2)";
    for (files, encode) in [
        (&["clip.flv", "copy.mp4"][..], encode),
        (&["clip.flv", "copy.mkv"], encode),
        (&["clip.avi", "copy.mp4"], none_reordered),
    ] {
        let clip = copied(files, encode, "");
        clip.compare_every(FRAME * 5);
        assert!(seeks(&clip.path), "{}", clip.path.display());
    }
}

/// Whether the last frame is found by a seek: fewer pictures are decoded than there are before it.
fn seeks(path: &Path) -> bool {
    let options = posterframe_frame::Options {
        // The bytes of 40 of the 75 frames: 4:2:0, with chroma lines padded to the length of luma lines.
        max_decoded_bytes: 40 * 64 * 48 * 2,
        ..Default::default()
    };
    let mut video = Video::open_with(path, options).unwrap();
    match video.frame_at(Duration::from_millis(2_960)) {
        Ok(_) => true,
        Err(Error::TooMuch(_)) => false,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}
