//! Against the ffmpeg program's filter, value for value in the decoder's own planes.

use std::path::Path;

use posterframe_clips::{ffmpeg, make};

use super::*;
use crate::video::Back;
use crate::{Deinterlace, Options, Video};

/// Fifty different fields a second, of which each line of a frame has one.
const FIELDS: &str = "-f lavfi -i testsrc2=size=178x148:rate=50:duration=0.4,noise=alls=20:allf=t";

const BWDIF: &str = "bwdif=mode=send_frame:deint=interlaced";

/// All frames, deinterlaced where they are marked.
fn ours(path: &Path) -> (Vec<Vec<u8>>, usize) {
    let options = Options {
        deinterlace: Deinterlace::Auto,
        ..Options::default()
    };
    let mut video = Video::open_with(path, options).unwrap();
    let mut frames = Vec::new();
    let (mut target, mut marked) = (i64::MIN, 0);
    while let Some(found) = video.find(target, Back::IfItIsAStep).unwrap() {
        let neighbours = video.neighbours(&found).unwrap();
        let picture = &found.decoded.picture;
        let deinterlaced = if neighbours.agree_on_fields(picture) {
            marked += 1;
            neighbours.deinterlaced(picture).unwrap()
        } else {
            None
        };
        frames.push(raw::packed_pixels(deinterlaced.as_ref().unwrap_or(picture)).unwrap());
        target = found.pts + 1;
    }
    (frames, marked)
}

/// All frames by the ffmpeg program, in the format of the video.
fn theirs(path: &Path, filter: &str) -> Vec<u8> {
    let output = ffmpeg()
        .arg("-i")
        .arg(path)
        .args(["-vf", filter, "-vsync", "passthrough", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn compare(name: &str, arguments: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    make(&path, arguments);
    let (ours, marked) = ours(&path);
    assert!(
        ours.len() > 5 && marked == ours.len(),
        "{arguments}: {marked} of {}",
        ours.len()
    );
    let (theirs, woven) = (theirs(&path, BWDIF), theirs(&path, "null"));
    let size = ours[0].len();
    assert_eq!(theirs.len(), ours.len() * size, "{arguments}");
    for (number, ours) in ours.iter().enumerate() {
        let of = |all: &[u8]| all[number * size..][..size].to_vec();
        let other = ours
            .iter()
            .zip(of(&theirs))
            .filter(|(ours, theirs)| *ours != theirs);
        assert_eq!(other.count(), 0, "{arguments}: bytes of frame {number}");
        assert!(
            *ours != of(&woven),
            "{arguments}: frame {number} has both its fields"
        );
    }
}

// Breaks if a value of a deinterlaced plane differs from ffmpeg's: in any depth, with any chroma, for both orders of fields,
// at the edges, in the first and the last frame.
#[test]
fn every_value_is_that_of_ffmpeg() {
    for (fields, order) in [("top", "tff"), ("bottom", "bff")] {
        let weave = format!("tinterlace=interleave_{fields},setfield={order}");
        let made = |codec: &str| format!("{FIELDS} -vf {weave} {codec} -flags +ilme+ildct");
        for format in ["yuv420p", "yuv422p10le"] {
            let codec = format!("-c:v libx264 -pix_fmt {format} -x264-params {order}=1:keyint=6");
            compare("fields.mp4", &made(&codec));
        }
        compare("fields.mpg", &made("-c:v mpeg2video -q:v 4 -g 5 -bf 2"));
    }
    let weave = "tinterlace=interleave_top,setfield=tff";
    for format in ["yuv444p16le", "yuv411p", "gray", "yuva420p", "gbrp12le"] {
        let codec = format!("-c:v ffv1 -pix_fmt {format} -field_order tt -flags +ilme+ildct");
        compare("fields.mkv", &format!("{FIELDS} -vf {weave} {codec}"));
    }
}
