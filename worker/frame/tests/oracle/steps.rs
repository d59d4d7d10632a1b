//! Steps by frames and by keyframes.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Options, Video};

use crate::support::{Clip, MOVING, make};

const H264: &str = "-c:v libx264 -pix_fmt yuv420p";

/// Steps through the whole clip in both directions, by frames and by keyframes. Compares with the index, and with
/// [`Video::frame_at`], which other tests compare with ffmpeg.
fn walk(clip: &Clip, options: &Options) {
    let index = clip.index();
    let mut video = Video::open_with(&clip.path, options.clone()).unwrap();
    let mut forth = vec![video.frame_at(Duration::ZERO).unwrap()];
    while let Some(next) = video.next_frame(forth[forth.len() - 1].pts).unwrap() {
        forth.push(next);
    }
    let name = clip.path.display();
    assert_eq!(forth.len(), index.len(), "{name}");
    for (number, frame) in forth.iter().enumerate() {
        assert_eq!(frame.position(), index.position(number), "{name}: frame {number}");
    }
    let mut at = i64::MAX;
    for (number, frame) in forth.iter().enumerate().rev() {
        let back = video.previous_frame(at).unwrap().unwrap();
        assert_eq!(
            (back.pts, back.position()),
            (frame.pts, frame.position()),
            "{name}: back at {number}"
        );
        assert!(back.image == frame.image, "{name}: other pixels back at {number}");
        at = back.pts;
    }
    assert!(
        video.previous_frame(at).unwrap().is_none(),
        "{name}: a frame before the first"
    );

    let keyframes: Vec<usize> = index.keyframes().to_vec();
    for number in [
        0,
        1,
        keyframes[keyframes.len() / 2],
        index.len() / 2,
        index.len() - 1,
    ] {
        let pts = forth[number].pts;
        let next = video.next_keyframe(pts).unwrap().map(|frame| frame.time);
        assert_eq!(
            next,
            index.next_keyframe(number).map(|at| index.time(at)),
            "{name}: after {number}"
        );
        let previous = video.previous_keyframe(pts).unwrap();
        let expected = index.previous_keyframe(number);
        assert_eq!(
            previous.as_ref().map(|frame| frame.time),
            expected.map(|at| index.time(at)),
            "{name}: before {number}"
        );
        if let (Some(frame), Some(at)) = (previous, expected) {
            assert!(
                frame.image == forth[at].image,
                "{name}: other pixels at keyframe {at}"
            );
        }
    }
}

// Breaks if a step skips a frame, stays on one, or gives another picture than the frame's position.
#[test]
fn through_every_frame_both_ways() {
    let forgetful = Options {
        recent_bytes: 0,
        ..Options::default()
    };
    let with_lead = Options {
        lead: Duration::from_millis(300),
        ..Options::default()
    };
    for (name, arguments) in [
        ("clip.mp4", "-g 30 -bf 3"),
        (
            "open.mp4",
            "-bf 3 -x264-params open-gop=1:keyint=20:min-keyint=20",
        ),
        ("cues.mkv", "-g 25 -bf 2"),
        ("late.mkv", "-g 25 -bf 2 -output_ts_offset 7.3"),
    ] {
        let clip = Clip::new(name, &format!("{MOVING} {H264} {arguments}"));
        walk(&clip, &Options::default());
        walk(&clip, &forgetful);
        walk(&clip, &with_lead);
    }
    let short = "-f lavfi -i testsrc2=size=96x64:rate=25:duration=1";
    walk(
        &Clip::new("clip.ts", &format!("{short} {H264} -g 10 -bf 2")),
        &Options::default(),
    );
    walk(&Clip::new("clip.gif", short), &Options::default());
    // Frames are 20 s apart.
    let slides = "-f lavfi -i testsrc2=size=96x64:rate=1/20:duration=160";
    walk(
        &Clip::new("slides.mp4", &format!("{slides} {H264} -g 4 -bf 2")),
        &forgetful,
    );
}

// Breaks if a step leads to a frame that an edit list cuts off.
#[test]
fn not_on_what_was_cut_off() {
    let clip = Clip::by("cut.mp4", |path| {
        make(
            &path.with_file_name("whole.mp4"),
            &format!("{MOVING} {H264} -g 30 -bf 2"),
        );
        make(path, "-ss 1.7 -i {dir}/whole.mp4 -c copy");
    });
    let index = clip.index();
    let mut video = Video::open(&clip.path).unwrap();
    let mut pts = video.frame_at(index.position(5)).unwrap().pts;
    let mut steps = 0;
    while let Some(frame) = video.previous_frame(pts).unwrap() {
        pts = frame.pts;
        steps += 1;
    }
    assert_eq!(steps, 5);
}

// Breaks if the strip contains a still twice or one that is no keyframe, or goes on after it was stopped.
#[test]
fn keyframes_at_intervals() {
    let clip = Clip::new("clip.mp4", &format!("{MOVING} {H264} -g 20 -bf 2"));
    let mut video = Video::open(&clip.path).unwrap();
    let mut seen = Vec::new();
    let mut collect = |interval, most| {
        seen.clear();
        let each = &mut |still: posterframe_frame::Frame| {
            assert!(still.keyframe && still.image.width() == 80);
            seen.push(still.time.as_millis());
            if seen.len() < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        video
            .keyframes_every(Duration::from_millis(interval), (80, 80), each)
            .unwrap();
        seen.clone()
    };
    assert_eq!(collect(100, 99), [0, 800, 1600, 2400, 3200]);
    assert_eq!(collect(1_500, 99), [0, 800, 2400]);
    assert_eq!(collect(100, 2), [0, 800]);

    let cancel = Cancel::default();
    let options = Options {
        cancel: cancel.clone(),
        ..Options::default()
    };
    let mut video = Video::open_with(&clip.path, options).unwrap();
    let stopped = video.keyframes_every(Duration::from_millis(100), (80, 80), &mut |_| {
        cancel.cancel();
        ControlFlow::Continue(())
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

// Breaks if a strip of a file that claims a very long duration exceeds the limits.
#[test]
fn a_strip_of_a_claimed_eternity() {
    let clip = Clip::by("ages.mkv", |path| {
        make(path, &format!("{MOVING} {H264} -g 20"));
        let mut bytes = std::fs::read(path).unwrap();
        // Matroska's Duration is a float of eight bytes, here thirty thousand years.
        let at = bytes
            .windows(3)
            .position(|three| three == [0x44, 0x89, 0x88])
            .unwrap();
        bytes[at + 3..][..8].copy_from_slice(&1e15_f64.to_be_bytes());
        std::fs::write(path, bytes).unwrap();
    });
    let options = Options {
        max_time: Duration::from_secs(2),
        ..Options::default()
    };
    let mut video = Video::open_with(&clip.path, options).unwrap();
    let mut stills = 0;
    let ended = video.keyframes_every(Duration::from_millis(500), (32, 32), &mut |_| {
        stills += 1;
        ControlFlow::Continue(())
    });
    assert!(matches!(ended, Err(Error::TooSlow(_))), "{ended:?}");
    assert_eq!(stills, 5);
}
