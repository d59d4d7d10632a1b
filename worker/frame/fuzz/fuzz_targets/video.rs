//! Any bytes as a video: opened, sought in, decoded, stepped through. Any outcome will do but a crash, a hang, or an
//! error that says nothing. The first byte says where in the video, the rest is the file.
#![no_main]

use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use posterframe_frame::{Error, Options, Source, Video};

fuzz_target!(|input: &[u8]| {
    let Some((&place, file)) = input.split_first() else { return };
    let source = Source::Stream {
        reader: Box::new(Cursor::new(file.to_vec())),
        name: "video".to_owned(),
    };
    let options = Options {
        max_pixels: 1 << 18,
        max_decoded_bytes: 64 << 20,
        // For each of the calls below: together they stay within the fuzzer's own limit.
        max_time: Duration::from_secs(2),
        threads: 1,
        ..Options::default()
    };
    let Ok(mut video) = Video::open_with(source, options) else { return };
    let position = Duration::from_millis(u64::from(place) * 16);
    match video.frame_at(position) {
        Ok(frame) => {
            // What stands for a frame leads back to it, in whatever file.
            let again = video.frame_at(frame.position()).expect("the frame was there");
            assert_eq!(again.pts, frame.pts);
            let _ = (video.previous_frame(frame.pts), video.next_frame(frame.pts));
            let _ = (video.previous_keyframe(frame.pts), video.next_keyframe(frame.pts));
        }
        Err(error) => assert!(!error.to_string().is_empty() && !matches!(error, Error::Cancelled)),
    }
    let mut stills = 0;
    let _ = video.keyframes_every(Duration::from_millis(500), (32, 32), &mut |_| {
        stills += 1;
        if stills < 4 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
});
