//! Any text as an upload's key, a position and an event's key: what is taken is written back as the very same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posterframe_contract::{Position, UploadKey, decode_event_key, thumbnail_job_id};

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<UploadKey>() {
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        if let Ok(thumbnail) = key.thumbnail_key("uploads", "thumbnails") {
            assert!(thumbnail.starts_with("thumbnails/") && thumbnail.ends_with(".png"));
            let _ = thumbnail_job_id("thumbnails", &thumbnail);
        }
    }
    if let Ok(position) = text.parse::<Position>() {
        assert_eq!(position.to_string().parse(), Ok(position));
        assert_eq!(Position::from_key_part(&position.key_part()), Ok(position));
    }
    let _ = Position::from_key_part(text);
    let _ = decode_event_key(text);
});
