//! Packets in real files, made and read by other programs; and everything with damaged and arbitrary bytes.

mod arbitrary;
mod files;
mod forms;
mod packets;
mod programs;

use std::num::NonZeroU16;

use posterframe_contract::{Interpretation, Position, Rotation};

use super::{Origin, Proof};

/// A proof with every property, and text that XML has to escape.
fn example() -> Proof {
    Proof {
        origin: Origin {
            name: "Ferien & <Schnee> “2026”.mp4".to_owned(),
            bytes: Some(3_318_272),
            etag: Some("\"9b2cf535f27731c974343645a3985328-2\"".to_owned()),
            sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
            interpretation: Interpretation {
                track: NonZeroU16::new(2),
                rotate: Some(Rotation::Quarter),
                ignore_edits: true,
            },
            libav_version: "62.11.100".to_owned(),
            worker_version: "0.1.0".to_owned(),
        },
        position: Position::from_micros(10_541_000),
        frame_number: Some(253),
        frame_time: Position::from_micros(10_541_667),
        timecode: Some("01:00:10;13".parse().unwrap()),
        pts: -129_536,
        time_base: (1, 12_288),
        frame_sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".to_owned(),
        pixel_sha256: "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13".to_owned(),
        crop: Some([0, 60, 960, 420]),
        deinterlaced: true,
        note: Some("First line\nsecond\tline\r\n".to_owned()),
        title: Some("  Snow, \u{1f328}  ".to_owned()),
    }
}
