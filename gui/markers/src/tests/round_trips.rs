//! What is written is read back: the very frame, in every format.

use posterframe_contract::Moment;
use proptest::prelude::*;

use super::{found, scale};
use crate::{Format, Found, read, write};

/// Texts that each format has something against.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(vec![
        "|", "\"", "\t", "<", ">", "&", "&amp;", "-->", "'", ",", ";", "ü", "1", " ",
    ]);
    prop::collection::vec(
        prop_oneof!["[a-zA-Z0-9 é.]{1,4}", awkward.prop_map(str::to_owned)],
        0..8,
    )
    .prop_map(|parts| parts.concat().trim().to_owned())
}

prop_compose! {
    fn marked()(number in 0_u64..2_589_408, name in text(), note in text()) -> Found {
        found(number, &name, &note)
    }
}

/// Of a text, what a format keeps that has no place for tabs and bars.
fn kept(text: &str, format: Format) -> String {
    let text = text.replace('\t', " ");
    match format {
        Format::Edl => text.replace('|', "/"),
        _ => text,
    }
    .trim()
    .to_owned()
}

proptest! {
    // Breaks if a list that is written is read as other frames, or its names and notes as others than the format has to change.
    #[test]
    fn lists_come_back(list in prop::collection::vec(marked(), 1..12)) {
        let mut list = list;
        list.sort_by_key(|found| found.number);
        for format in Format::ALL {
            let bytes = write(format, &list, "bunny", Some(scale())).unwrap();
            let read = read(&bytes).unwrap();
            prop_assert_eq!(read.format, format);
            prop_assert_eq!(read.markers.len(), list.len(), "{}", format);
            for (marker, found) in read.markers.iter().zip(&list) {
                match marker.at {
                    Moment::Time(position) => prop_assert_eq!(position, found.position),
                    Moment::Timecode(timecode) => {
                        prop_assert_eq!(scale().number(timecode).ok(), found.number);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
                prop_assert_eq!(&marker.name, &kept(&found.name, format), "{}", format);
                prop_assert_eq!(&marker.note, &kept(&found.note, format), "{}", format);
            }
        }
    }

    // Breaks if any bytes make a reader panic, or an error leads nowhere.
    #[test]
    fn any_bytes(
        head in prop::sample::select(vec!["", "WEBVTT\n\n", "TITLE: x\n", "Marker Name\t\tIn\t\t\t\n", "time,name\n", "\u{feff}"]),
        text in "([0-9:;.,\\-> \t\n\r|CM\"<&a]|\\PC){0,80}",
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let text = format!("{head}{text}");
        for list in [text.clone().into_bytes(), [text.as_bytes(), &bytes].concat(), bytes] {
            if let Err(error) = read(&list) {
                let lines = list.split(|&byte| byte == b'\n').count() as u64;
                prop_assert!(error.line().is_none_or(|line| (1..=lines.max(list.len() as u64)).contains(&line)));
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
