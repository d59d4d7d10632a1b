//! Tests of a video that is read otherwise than its file says.

use std::num::NonZeroU16;

use posterframe_contract::Rotation;

use super::*;

/// How a picture is to be: the second track is wide, and turned it is high, as nothing else in the clip.
fn is_high(picture: &Picture) -> bool {
    picture.0 < picture.1
}

// Breaks if one of the player's threads opens the video as its file says: for the exact frame, while the playhead is dragged, for
// the film strip, under the pointer, to play, or to count the frames.
#[test]
fn all_threads_read_it_so() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("two.mp4");
    posterframe_clips::make(
        &clip,
        "-f lavfi -i testsrc2=size=320x180:rate=24:duration=2 -f lavfi -i testsrc=size=128x72:rate=30:duration=2 -map 0 -map 1 \
         -c:v libx264 -pix_fmt yuv420p -g 12",
    );
    let interpretation = Interpretation {
        track: NonZeroU16::new(2),
        rotate: Some(Rotation::Quarter),
        ..Interpretation::default()
    };
    let options = PlayerOptions {
        interpretation,
        ..PlayerOptions::default()
    };
    let (player, events) = open_with(&clip, options);
    let info = next(&events, |event| match event {
        Event::Opened(info) => Some(info),
        _ => None,
    });
    assert_eq!((info.width, info.height, info.tracks.len()), (72, 128, 2));
    player.request(request(500));
    // Two threads send them, the index after the frame or before.
    let (mut index, mut frame) = (None, None);
    next(&events, |event| {
        match event {
            Event::Indexed(found) => index = Some(found),
            event => frame = frame.take().or_else(|| exact(event)),
        }
        (index.is_some() && frame.is_some()).then_some(())
    });
    let (index, (_, frame)) = (index.expect("the index"), frame.expect("the frame"));
    assert_eq!(index.len(), 60);
    let expected = player.footage().open(Options::default()).unwrap();
    let expected = expected.into_frame_at(Duration::from_millis(500)).unwrap();
    assert_eq!(frame.proof().sha256, expected.image.pixel_sha256());
    assert!(is_high(&frame.picture));

    player.request(Request {
        motion: Motion::Drag,
        ..request(1_500)
    });
    let keyframe = next(&events, |event| match event {
        Event::Keyframe { picture, .. } => Some(picture),
        _ => None,
    });
    assert!(is_high(&keyframe));
    player.strip(Strip {
        part: Duration::ZERO..Duration::from_secs(2),
        count: 1,
        max: (64, 64),
    });
    let still = next(&events, |event| match event {
        Event::Still { picture, .. } => Some(picture),
        _ => None,
    });
    assert!(is_high(&still));
    player.glance(Duration::from_secs(1), (64, 64), (64, 64));
    let glance = next(&events, |event| match event {
        Event::Glance { picture, .. } => Some(picture),
        _ => None,
    });
    assert!(is_high(&glance));
    for (speed, from) in [(1, 0), (-1, 1_500)] {
        let wanted = player.play(Play {
            from: Duration::from_millis(from),
            speed,
            fit: (64, 64),
            again: None,
        });
        let played = next(&events, |event| match event {
            Event::Played {
                generation, picture, ..
            } => (generation == wanted).then_some(picture),
            _ => None,
        });
        assert!(is_high(&played), "{speed}");
        player.stop_playing();
    }
}
