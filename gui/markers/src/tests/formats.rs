//! Lists as the programs write them.

use posterframe_contract::{Moment, Position};

use super::{error, found, pal, scale, utf16};
use crate::{Format, Found, Marker, WriteError, read, write};

fn marker(at: &str, name: &str, note: &str) -> Marker {
    Marker {
        file: None,
        at: at.parse().unwrap(),
        name: name.to_owned(),
        note: note.to_owned(),
    }
}

const RESOLVE: &str = "TITLE: Timeline 1
FCM: NON-DROP FRAME

001  001      V     C        01:00:18:06 01:00:18:07 01:00:18:06 01:00:18:07  
Mikro im Bild, links oben |C:ResolveColorYellow |M:Marker 1 |D:1

002  001      V     C        01:00:20:20 01:00:20:21 01:00:20:20 01:00:20:21  
 |C:ResolveColorBlue |M:Szene 4 |D:25

003  001      V     C        01:00:42:21 01:00:42:22 01:00:42:21 01:00:42:22  
2. take
schärfer |C:ResolveColorRed |M:Marker 3 |D:1

";

// Breaks if a marker of Resolve's is missed, is at another timecode, or loses its name or its note.
#[test]
fn resolves_timeline_markers() {
    for text in [RESOLVE.to_owned(), RESOLVE.replace('\n', "\r\n")] {
        let list = read(text.as_bytes()).unwrap();
        assert_eq!(list.format, Format::Edl);
        assert_eq!(
            list.markers,
            [
                marker("01:00:18:06", "Marker 1", "Mikro im Bild, links oben"),
                marker("01:00:20:20", "Szene 4", ""),
                marker("01:00:42:21", "Marker 3", "2. take\nschärfer"),
            ]
        );
    }
    // Colons throughout, and the mode that says what they mean; clips instead of a timeline.
    let clips = "FCM: DROP FRAME
001  A001C002 V     C        01:00:10:13 01:00:10:14 00:00:00:00 00:00:00:01
* FROM CLIP NAME: Wald ü.mov
 |C:ResolveColorGreen |M:one | two |D:1
002  AX       V     C        00:00:05:00 00:00:05:01 00:00:00:01 00:00:00:02
 |C:ResolveColorGreen |M:
";
    let list = read(clips.as_bytes()).unwrap();
    let first = Marker {
        file: Some("Wald ü.mov".to_owned()),
        ..marker("01:00:10;13", "one | two", "")
    };
    assert_eq!(list.markers, [first, marker("00:00:05;00", "", "")]);
}

// Breaks if Resolve would not read the list: the form of its own, to the blank.
#[test]
fn resolves_list_is_written_in_its_form() {
    let list = [found(0, "Opening", "2. take"), found(1_800, "a|b", "")];
    let text = String::from_utf8(write(Format::Edl, &list, "bunny", Some(scale())).unwrap()).unwrap();
    assert_eq!(
        text,
        "TITLE: bunny
FCM: DROP FRAME

001  001      V     C        01:00:00;00 01:00:00;01 01:00:00;00 01:00:00;01  
 2. take |C:ResolveColorBlue |M:Opening |D:1

002  001      V     C        01:01:00;02 01:01:00;03 01:01:00;02 01:01:00;03  
  |C:ResolveColorBlue |M:a/b |D:1

"
    );
}

const PREMIERE: &str = "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\t
Intro\tSome \"comment\"\t00;08;22;23\t00;08;22;23\t00;00;00;00\tComment\t
\t\t00;11;23;01\t00;11;24;25\t00;00;01;24\tChapter\t
";

// Breaks if a marker of Premiere's is missed, in either encoding and in a program that speaks another language.
#[test]
fn premieres_markers() {
    let expected = [
        marker("00:08:22;23", "Intro", "Some \"comment\""),
        marker("00:11:23;01", "", ""),
    ];
    let german = PREMIERE.replace(
        "Marker Name\tDescription\tIn\tOut",
        "Markername\tBeschreibung\tIn\tOut",
    );
    let bare = PREMIERE.lines().skip(1).collect::<Vec<_>>().join("\r\n");
    for bytes in [
        PREMIERE.as_bytes().to_vec(),
        utf16(PREMIERE),
        utf16(&PREMIERE.replace('\n', "\r\n")),
        format!("\u{feff}{PREMIERE}").into_bytes(),
        utf16(&bare),
    ] {
        let list = read(&bytes).unwrap();
        assert_eq!(
            (list.format, &list.markers[..]),
            (Format::Premiere, &expected[..])
        );
    }
    // Titles that are not English: by the columns' order, where the rows are its.
    let list = crate::premiere::read(&german).unwrap();
    assert_eq!(list, expected);
    let spaced = PREMIERE.replace("00;11;23;01", "171 feet");
    assert_eq!(
        error(spaced),
        "line 3, column 3: “171 feet”: expected nothing more at “feet” (character 5)"
    );
}

// Breaks if Premiere would not read the list: its columns, its encoding, its semicolons.
#[test]
fn premieres_list_is_written_in_its_form() {
    let bytes = write(
        Format::Premiere,
        &[found(1_800, "a\tb", "c\nd")],
        "",
        Some(scale()),
    )
    .unwrap();
    assert_eq!(
        bytes,
        utf16(
            "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\na b\tc d\t01;01;00;02\t01;01;00;02\t00;00;00;00\tComment\n"
        )
    );
}

const WEBVTT: &str = "\u{feff}WEBVTT - chapters of a talk
Kind: chapters

STYLE
::cue { color: white }

NOTE
01:00.000 --> 02:00.000 is no cue here

1
00:00.000 --> 01:02.500
<v Anna>Opening &amp; <b>credits</b>

Second
01:00:10.541 --> 01:01:00.000 align:start line:0
Scene 4
dark,
then light

only an id
02:00:00.000 --> 02:00:01.000
";

// Breaks if a cue is missed, what is none becomes a marker, or a cue's text is read with its marks.
#[test]
fn cues() {
    let list = read(WEBVTT.as_bytes()).unwrap();
    assert_eq!(list.format, Format::WebVtt);
    assert_eq!(
        list.markers,
        [
            marker("0", "Opening & credits", ""),
            marker("1:00:10.541", "Scene 4", "dark,\nthen light"),
            marker("2:00:00", "only an id", ""),
        ]
    );
    assert_eq!(
        error("WEBVTT\n\n1:02 --> x\nok\n\n 1:99.000 --> 2:00.000\nbad\n"),
        "line 6, column 2: “1:99.000”: expected a time such as 00:00:10.541"
    );
    assert!(error("WEBVTT\n\nNOTE nothing\n").contains("no marker in this WebVTT list"));
}

// Breaks if a player would not show the cues, or a text ends its cue or begins a tag.
#[test]
fn cues_are_written_whole() {
    let mut list = [found(0, "a <b> & --> c", "x\n\ny"), found(30, "", "note alone")];
    list[1].position = Position::from_micros(3_723_001_000);
    let text = String::from_utf8(write(Format::WebVtt, &list, "", None).unwrap()).unwrap();
    assert_eq!(
        text,
        "WEBVTT

1
00:00:00.000 --> 01:02:03.001
a &lt;b&gt; &amp; --&gt; c
x
y

2
01:02:03.001 --> 01:02:04.001
&nbsp;
note alone
"
    );
    let markers = read(text.as_bytes()).unwrap().markers;
    assert_eq!((&*markers[0].name, &*markers[0].note), ("a <b> & --> c", "x\ny"));
    assert_eq!((&*markers[1].name, &*markers[1].note), ("", "note alone"));
}

// Breaks if a table of a spreadsheet's is misread: in other languages, orders and delimiters, with what has to be quoted.
#[test]
fn tables() {
    let expected = [
        marker("01:00:10;13", "Opening", "wide, \"dark\"\nand long"),
        marker("253f", "", ""),
        marker("10.541", "End", ""),
    ];
    let table = "Frame,NAME,tc,Comments,Colour,time
,Opening,01:00:10;13,\"wide, \"\"dark\"\"
and long\",red,
253
,,,,,
 ,End,,,,10.541
";
    assert_eq!(read(table.as_bytes()).unwrap().markers, expected);
    let semicolons = "name;timecode;note\r\nÜ;\"01:00:10;13\";a,b\r\n";
    assert_eq!(
        read(semicolons.as_bytes()).unwrap().markers,
        [marker("01:00:10;13", "Ü", "a,b")]
    );
    let tabs = "timecode\tname\n01:00:10:13\ta, b; c\n";
    assert_eq!(
        read(tabs.as_bytes()).unwrap().markers,
        [marker("01:00:10:13", "a, b; c", "")]
    );
    let files = read(b"file,at,name\na.mov,1:02,x\nb.mov,last,\n")
        .unwrap()
        .markers;
    let names: Vec<Option<&str>> = files.iter().map(|marker| marker.file.as_deref()).collect();
    assert_eq!(
        (names, files[1].at),
        (vec![Some("a.mov"), Some("b.mov")], Moment::Last)
    );
}

// Breaks if an error does not lead to its place, in any encoding, or what is no list is taken for one.
#[test]
fn errors_have_lines_and_columns() {
    for (list, expected) in [
        (
            "name,time\na,1\nb,1:99\n",
            "line 3, column 2: “1:99”: expected 0 to 59",
        ),
        ("name,frame\n\nb,x\n", "line 3, column 2: “x”: expected a time"),
        (
            "name,time\na,\n",
            "line 2, column 2: expected a time, a timecode or a frame’s number",
        ),
        (
            "name,time\na,every 10s\n",
            "line 2, column 2: “every 10s” is a rule, not one frame",
        ),
        (
            "name,note\na,b\n",
            "line 1, column 1: expected titles above the columns",
        ),
        ("name,time\n", "there is no marker in this CSV list"),
        ("", "there is no marker in this CSV list"),
        (
            "TITLE: x\n |C:ResolveColorBlue |M:a |D:1\n",
            "line 2, column 1: expected an event before its marker",
        ),
        (
            "TITLE: x\n001  001 V C 01:60:00:00 01:00:00:01 01:00:00:00 01:00:00:01\n",
            "line 2, column 14: “01:60:00:00”: expected 0 to 59",
        ),
        (
            "TITLE: x\nFCM: DROP FRAME\n",
            "there is no marker in this EDL list",
        ),
    ] {
        let found = error(list);
        assert!(found.starts_with(expected), "{list:?}: {found}");
    }
    let long = format!("time,name\n1,{}\n", "x".repeat(256));
    assert!(error(long).starts_with("line 2, column 2: a name has at most 255 bytes, and this one 256"));
    assert_eq!(
        error(b"time,name\n1,\xc3\xbc\xff\n"),
        "line 2, column 4: expected UTF-8, or UTF-16 with a byte order mark"
    );
    let mut odd = utf16("time\n1\n");
    odd.push(b'x');
    assert_eq!(
        error(odd),
        "line 3, column 1: the last character has only one of its two bytes"
    );
    assert!(error(b"\xff\xfea\0\x00\xd8b\0").starts_with("line 1, column 2: expected the second half"));
    assert!(error(vec![b' '; crate::MAX_LIST_BYTES + 1]).starts_with("expected at most 16777216 bytes"));
    let at = read(b"name,time\nb,1:99\n").unwrap_err();
    assert_eq!((at.line(), at.column()), (Some(2), Some(2)));
    assert_eq!(read(b"").unwrap_err().line(), None);
}

// Breaks if a list is written that does not say where its frames are, or of which video.
#[test]
fn what_a_format_cannot_say() {
    let bare = Found {
        timecode: None,
        ..found(7, "", "")
    };
    for format in [Format::Edl, Format::Premiere] {
        let error = write(format, std::slice::from_ref(&bare), "", Some(scale())).unwrap_err();
        assert!(error.to_string().ends_with("write CSV or WebVTT"), "{error}");
        assert!(write(format, &[found(7, "", "")], "", None).is_err());
    }
    let close = Found {
        position: Position::from_micros(333),
        ..bare
    };
    assert!(matches!(
        write(Format::WebVtt, &[close], "", None),
        Err(WriteError::TooClose(_))
    ));
    let of = |file: &str| Found {
        file: Some(file.to_owned()),
        ..found(1, "", "")
    };
    let two = [of("a.mov"), of("b.mov")];
    for format in Format::ALL {
        let can = matches!(format, Format::Csv | Format::Edl);
        assert_eq!(write(format, &two, "", Some(scale())).is_ok(), can, "{format}");
        assert_eq!(
            Format::of_extension(&format.extension().to_uppercase()),
            Some(format)
        );
    }
    let last = Found {
        timecode: Some("23:59:59:24".parse().unwrap()),
        ..found(0, "", "")
    };
    let list = String::from_utf8(write(Format::Edl, &[last], "", Some(pal())).unwrap()).unwrap();
    assert!(list.contains("23:59:59:24 00:00:00:00"), "{list}");
}
