//! The packet itself, without a file.

use std::num::NonZeroU16;

use posterframe_contract::{Interpretation, Position, Rotation, SheetRequest, Timecode};
use proptest::prelude::*;

use super::example;
use crate::proof::packet::carried;
use crate::proof::{MAX_PACKET_BYTES, Origin, Proof, SheetProof};

/// Any characters at all, also those that XML cannot carry.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(vec![
        '<', '&', '"', '\'', '\n', '\r', '\t', ' ', ']', '>', '\0', '\u{85}', '\u{2028}', '\u{ffff}',
    ]);
    prop::collection::vec(prop_oneof![any::<char>(), awkward], 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

fn position() -> impl Strategy<Value = Position> {
    any::<u64>().prop_map(Position::from_micros)
}

fn interpretation() -> impl Strategy<Value = Interpretation> {
    let rotate = prop::option::of(prop::sample::select(Rotation::ALL.to_vec()));
    (any::<Option<NonZeroU16>>(), rotate, any::<bool>()).prop_map(|(track, rotate, ignore_edits)| {
        Interpretation {
            track,
            rotate,
            ignore_edits,
        }
    })
}

prop_compose! {
    fn proof()(
        texts in prop::collection::vec(text(), 5),
        maybe in prop::collection::vec(prop::option::of(text()), 4),
        (source_bytes, frame_number) in any::<(Option<u64>, Option<u64>)>(),
        position in position(),
        frame_time in position(),
        timecode in prop::option::of((0_u8..24, 0_u16..60, any::<bool>())),
        pts in any::<i64>(),
        time_base in any::<(i32, i32)>(),
        crop in any::<Option<[u32; 4]>>(),
        deinterlaced in any::<bool>(),
        interpretation in interpretation(),
    ) -> Proof {
        let timecode = timecode.map(|(hours, frames, drop)| Timecode {
            hours,
            minutes: 0,
            seconds: 7,
            frames,
            drop,
        });
        Proof {
            origin: Origin {
                name: texts[0].clone(),
                bytes: source_bytes,
                etag: maybe[0].clone(),
                sha256: maybe[1].clone(),
                interpretation,
                libav_version: texts[3].clone(),
                worker_version: texts[4].clone(),
            },
            position,
            frame_number,
            frame_time,
            timecode,
            pts,
            time_base,
            frame_sha256: texts[1].clone(),
            pixel_sha256: texts[2].clone(),
            crop,
            deinterlaced,
            note: maybe[2].clone(),
            title: maybe[3].clone(),
        }
    }
}

fn as_carried(mut proof: Proof) -> Proof {
    let carry = |text: &mut String| *text = text.chars().map(carried).collect();
    carry(&mut proof.origin.name);
    carry(&mut proof.frame_sha256);
    carry(&mut proof.pixel_sha256);
    carry(&mut proof.origin.libav_version);
    carry(&mut proof.origin.worker_version);
    let maybe = [
        &mut proof.origin.etag,
        &mut proof.origin.sha256,
        &mut proof.note,
        &mut proof.title,
    ];
    maybe.into_iter().flatten().for_each(carry);
    proof
}

proptest! {
    // Breaks if a text comes back changed, but for the characters that XML cannot carry.
    #[test]
    fn every_text_comes_back(proof in proof()) {
        let read = Proof::from_xmp(&proof.to_xmp()).unwrap();
        prop_assert_eq!(&Proof::from_xmp(&read.to_xmp()).unwrap(), &read);
        prop_assert_eq!(read, as_carried(proof));
    }

    // Breaks if a sheet is not read back as it was, or passes for a still, or a still for a sheet.
    #[test]
    fn sheets_come_back(proof in proof(), number in any::<u32>(), tiles in any::<u32>(), sheet in 0_usize..4) {
        let texts = ["160x90@10s", "x90@1.25s:columns=4:exact:no-vtt:webp", "320x@24tiles:contact", "storyboard"];
        let sheet: SheetRequest = texts[sheet].parse().unwrap();
        let still = as_carried(proof);
        prop_assert_eq!(SheetProof::from_xmp(&still.to_xmp()), None);
        let Proof { origin, pixel_sha256, .. } = still;
        let said = SheetProof { origin, sheet, number, tiles, pixel_sha256 };
        let xmp = said.to_xmp();
        prop_assert_eq!(Proof::from_xmp(&xmp), None);
        prop_assert_eq!(SheetProof::from_xmp(&xmp), Some(said));
    }

    // Breaks if some text makes the parser panic.
    #[test]
    fn any_text_is_parsed(text in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Proof::from_xmp(&text), SheetProof::from_xmp(&text));
        let _ = Proof::from_xmp(&String::from_utf8_lossy(&bytes));
    }

    // Breaks if a packet with a few bytes changed makes the parser panic, or a shorter one is taken for whole.
    #[test]
    fn damaged_packets(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), cut in any::<prop::sample::Index>()) {
        let xmp = example().to_xmp();
        let mut bytes = xmp.clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = Proof::from_xmp(&String::from_utf8_lossy(&bytes));
        let end = xmp.find("</x:xmpmeta>").unwrap();
        let cut: String = xmp.chars().take(cut.index(end - 100)).collect();
        prop_assert_eq!(Proof::from_xmp(&cut), None);
    }
}

// Breaks if a packet is read that is too long, names a property twice, declares entities, or lacks what every proof has.
#[test]
fn packets_that_are_refused() {
    let xmp = example().to_xmp();
    let long = format!("{xmp}{}", " ".repeat(MAX_PACKET_BYTES - xmp.len()));
    assert_eq!(Proof::from_xmp(&long), Some(example()));
    assert_eq!(Proof::from_xmp(&format!("{long} ")), None);
    assert_eq!(
        Proof::from_xmp(&xmp.replace("pf:Note=", "pf:PTS=\"1\" pf:Note=")),
        None
    );
    assert_eq!(
        Proof::from_xmp(&format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{xmp}")),
        None
    );
    assert_eq!(Proof::from_xmp(&xmp.replace("Ferien", "&unknown;")), None);
    for name in [
        "SourceName",
        "Position",
        "FrameTime",
        "PTS",
        "TimeBase",
        "FrameSHA256",
        "PixelSHA256",
        "LibavVersion",
        "WorkerVersion",
    ] {
        let without = xmp.replace(&format!("pf:{name}="), &format!("pf:Other{name}="));
        assert_eq!(Proof::from_xmp(&without), None, "{name}");
    }
    for (right, wrong) in [
        ("\"0,60,960,420\"", "\"0,60,960\""),
        ("\"-129536\"", "\"1.5\""),
        ("\"1/12288\"", "\"12288\""),
        ("\"253\"", "\"-1\""),
        ("pf:Track=\"2\"", "pf:Track=\"0\""),
        ("pf:Rotate=\"90\"", "pf:Rotate=\"91\""),
    ] {
        assert!(xmp.contains(right));
        assert_eq!(Proof::from_xmp(&xmp.replace(right, wrong)), None, "{wrong}");
    }
}

// Breaks if only our own prefixes and the form with attributes are understood.
#[test]
fn the_same_as_elements_under_other_prefixes() {
    let xmp = r#"<a:RDF xmlns:a="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a:Description
        a:about="" xmlns:q="https://posterframe.dev/ns/proof/1.0/" q:PTS="7" q:TimeBase="1/25" q:Position="0:01.5">
        <q:SourceName>a &amp; b<![CDATA[ & c]]></q:SourceName><q:FrameTime>1.52</q:FrameTime></a:Description>
        <a:Description xmlns="https://posterframe.dev/ns/proof/1.0/"><FrameSHA256/><PixelSHA256>&#x31;</PixelSHA256>
        <LibavVersion>2</LibavVersion><WorkerVersion>3</WorkerVersion><SomethingNew>4</SomethingNew></a:Description></a:RDF>"#;
    let proof = Proof::from_xmp(xmp).unwrap();
    assert_eq!(proof.origin.name, "a & b & c");
    assert_eq!((proof.pts, proof.time_base), (7, (1, 25)));
    assert_eq!(proof.frame_time, Position::from_micros(1_520_000));
    assert_eq!((&*proof.frame_sha256, &*proof.pixel_sha256), ("", "1"));
}
