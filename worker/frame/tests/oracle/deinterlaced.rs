//! Deinterlaced pictures, which outputs other than the exact PNG are made of.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_frame::{Deinterlace, Frame, Image, Options, Video};

use crate::support::{Clip, oracle, oracle_after};

/// Fifty fields a second.
const FIELDS: &str = "-f lavfi -i testsrc2=size=176x144:rate=50:duration=3";
const FILTER: &str = "bwdif=mode=send_frame:deint=interlaced";

fn open(clip: &Clip, deinterlace: Deinterlace) -> Video {
    let options = Options {
        deinterlace,
        recent_bytes: 0,
        ..Options::default()
    };
    Video::open_with(clip.path.as_path(), options).unwrap()
}

fn check(clip: &Clip, at: Duration, frame: &Frame, wanted: Deinterlace, filter: Option<&str>) {
    let place = format!("{} at {at:?}", clip.path.display());
    let pixels = |image: &Image| {
        (
            image.width(),
            image.height(),
            image.format(),
            image.pixel_sha256(),
        )
    };
    let exact = oracle(&clip.path, at).unwrap().image;
    assert_eq!(pixels(&frame.image), pixels(&exact), "{place}: the exact frame");
    assert!(frame.deinterlaced(Deinterlace::Off).is_none(), "{place}");
    let expected = filter.map(|filter| oracle_after(&clip.path, at, filter).unwrap().image);
    assert_eq!(
        frame.deinterlaced(wanted).map(pixels),
        expected.as_ref().map(pixels),
        "{place}: deinterlaced"
    );
    assert!(
        expected.is_none_or(|image| pixels(&image) != pixels(&exact)),
        "{place}: nothing to do"
    );
}

/// Each of these positions alone, and all in one way through the video.
fn compare(clip: &Clip, wanted: Deinterlace, filter: Option<&str>) {
    let positions = [0, 40, 520, 959, 960, 961, 1_000, 1_760, 2_960].map(Duration::from_millis);
    for at in positions {
        let frame = open(clip, wanted).into_frame_at(at).unwrap();
        check(clip, at, &frame, wanted, filter);
    }
    let mut left = positions.len();
    open(clip, wanted).frames_at(&positions, &mut |index, found| {
        let frame = found.and_then(|found| found.frame()).unwrap();
        check(clip, positions[index], &frame, wanted, filter);
        left -= 1;
        ControlFlow::Continue(())
    });
    assert_eq!(left, 0);
}

// Breaks if a neighbour is a wrong frame: after a seek, at a keyframe, at both ends, on the way through many positions; or
// if asking for it changes the exact frame.
#[test]
fn with_the_right_neighbours() {
    let woven = format!("{FIELDS} -flags +ilme+ildct");
    for (name, codec) in [
        (
            "fields.mp4",
            "-vf tinterlace=interleave_top -c:v libx264 -pix_fmt yuv420p -x264-params tff=1:keyint=24:bframes=3",
        ),
        (
            "fields.mov",
            "-vf tinterlace=interleave_bottom -c:v libx264 -pix_fmt yuv422p10le -x264-params bff=1:keyint=24",
        ),
        (
            "fields.ts",
            "-vf tinterlace=interleave_top,setfield=tff -c:v mpeg2video -q:v 4 -g 12 -bf 2",
        ),
    ] {
        let clip = Clip::new(name, &format!("{woven} {codec}"));
        assert!(open(&clip, Deinterlace::Auto).info().is_interlaced, "{name}");
        compare(&clip, Deinterlace::Auto, Some(FILTER));
    }
}

// Breaks if a progressive video is deinterlaced without being told so, or not where it is told so.
#[test]
fn progressive_video_stays() {
    let source = "-f lavfi -i testsrc2=size=176x144:rate=25:duration=3 -c:v libx264 -pix_fmt yuv420p -g 24";
    let clip = Clip::new("whole.mp4", source);
    assert!(!open(&clip, Deinterlace::Auto).info().is_interlaced);
    compare(&clip, Deinterlace::Auto, None);
    compare(&clip, Deinterlace::On, Some("bwdif=mode=send_frame:deint=all"));
}
