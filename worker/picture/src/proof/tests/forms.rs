//! Forms of the four formats that ffmpeg does not write, made by hand.

use crate::proof::{EmbedError, embed, extract};

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat()
}

fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&(8 + body.len() as u32).to_be_bytes()[..], kind, body].concat()
}

fn count(file: &[u8], text: &[u8]) -> usize {
    file.windows(text.len()).filter(|window| *window == text).count()
}

// Breaks if a compressed packet or one after the picture stays, or other text and bytes after the end go.
#[test]
fn png_with_packets_elsewhere() {
    let compressed = chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0zzz");
    let late = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0XMP\0<late/>");
    let comment = chunk(b"iTXt", b"Comment\0\0\0\0\0XML:com.adobe.xmp");
    let header = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13])].concat();
    let picture = chunk(b"IDAT", b"pixels");
    let end = [chunk(b"IEND", b""), b"after".to_vec()].concat();
    let file = [&header, &compressed, &comment, &picture, &late, &end]
        .map(Vec::as_slice)
        .concat();
    assert_eq!(extract(&file).as_deref(), Some("<late/>"));
    let embedded = embed(&file, "<new/>").unwrap();
    let plain = [&header, &comment, &picture, &end].map(Vec::as_slice).concat();
    assert_eq!(embedded, embed(&plain, "<new/>").unwrap());
    assert_eq!(extract(&embedded).as_deref(), Some("<new/>"));
    assert!(embedded.ends_with(b"IEND\0\0\0\0after"));
}

// Breaks if the packet comes before JFIF or Exif, the extension of an earlier packet stays, or fill bytes confuse the reader.
#[test]
fn jpeg_with_exif_and_extended_xmp() {
    let segment = |marker: u8, data: &[u8]| {
        [&[0xff, marker][..], &(2 + data.len() as u16).to_be_bytes(), data].concat()
    };
    let start = [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0"),
        segment(0xe1, b"Exif\0\0II"),
    ]
    .concat();
    let old = [
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<old/>"),
        segment(0xe1, b"http://ns.adobe.com/xmp/extension/\0more"),
    ]
    .concat();
    let rest = [
        segment(0xe2, b"ICC_PROFILE\0"),
        vec![0xff, 0xff],
        segment(0xda, b"scan"),
        b"data\xff\xe1\xff\xd9".to_vec(),
    ]
    .concat();
    let file = [&start, &old, &rest].map(Vec::as_slice).concat();
    assert_eq!(extract(&file).as_deref(), Some("<old/>"));
    let new = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<new/>");
    let expected = [&start, &new, &rest].map(Vec::as_slice).concat();
    assert_eq!(embed(&file, "<new/>"), Ok(expected));
}

// Breaks if flags, profile or padding of an extended file change, or the packet is not after all else.
#[test]
fn webp_with_profile_and_exif() {
    let chunk = |kind: &[u8], data: &[u8]| [kind, &(data.len() as u32).to_le_bytes(), data].concat();
    let riff = |parts: &[&[u8]]| {
        let body = [&[&b"WEBP"[..]], parts].concat().concat();
        [chunk(b"RIFF", &body), b"after".to_vec()].concat()
    };
    let with_flags = |flags: u8| chunk(b"VP8X", &[flags, 9, 9, 9, 1, 2, 3, 4, 5, 6]);
    // A padding byte that is not zero stays as it is.
    let icc = [chunk(b"ICCP", b"odd"), vec![7]].concat();
    let picture = chunk(b"VP8L", b"picture!");
    let exif = chunk(b"EXIF", b"exif");
    let old = [chunk(b"XMP ", b"<old/>."), vec![0]].concat();
    let file = riff(&[&with_flags(0x38), &icc, &picture, &old, &exif]);
    let expected = riff(&[
        &with_flags(0x3c),
        &icc,
        &picture,
        &exif,
        &chunk(b"XMP ", b"<new/>"),
    ]);
    assert_eq!(extract(&file).as_deref(), Some("<old/>."));
    assert_eq!(embed(&file, "<new/>"), Ok(expected));
}

/// An AVIF with its picture's data before `meta`, a second item with a base offset in `idat`, and what is given.
fn avif(iloc: &[u8], infe: &[u8], iref: &[u8], idat: &[u8], top: &[u8]) -> Vec<u8> {
    let full = |kind: &[u8], body: &[u8]| boxed(kind, &[&[0; 4], body].concat());
    let picture = boxed(b"infe", b"\x02\0\0\0\0\x01\0\0av01\0");
    let items = full(b"iinf", &[&[0, 2][..], &picture, infe].concat());
    let iloc = boxed(b"iloc", &[b"\x01\0\0\0", iloc].concat());
    let pitm = full(b"pitm", &[0, 1]);
    let meta = full(
        b"meta",
        &[&pitm[..], &iloc, &items, iref, &boxed(b"idat", idat)].concat(),
    );
    // `ftyp` takes 16 bytes, so the picture's six bytes begin at 24.
    [
        &boxed(b"ftyp", b"avif\0\0\0\0")[..],
        &boxed(b"mdat", b"pixels"),
        &meta,
        top,
    ]
    .concat()
}

const PICTURE: &[u8] = b"\0\x01\0\0\0\0\0\0\0\x18\0\x01\0\0\0\0\0\0\0\x06";
const XMP_ITEM: &[u8] = b"\x02\0\0\0\0\x02\0\0mime\0application/rdf+xml\0";

/// Files that are taken apart by the tests with damaged bytes, too.
pub fn avifs() -> [Vec<u8>; 2] {
    [with_idat(), with_wide_offsets()]
}

/// An AVIF whose packet is in the middle of `idat`.
fn with_idat() -> Vec<u8> {
    let iloc = [
        b"\x44\x40\0\x02",
        PICTURE,
        b"\0\x02\0\x01\0\0\0\0\0\x02\0\x01\0\0\0\x01\0\0\0\x06",
    ]
    .concat();
    avif(&iloc, &boxed(b"infe", XMP_ITEM), b"", b"abc<old/>def", b"")
}

/// An AVIF with forty places of 24 bytes each, the last of which is behind `meta`.
fn with_wide_offsets() -> Vec<u8> {
    let item = |id: u8| [&[0, id, 0, 0, 0, 0][..], &[0; 8], &[0, 1], &[0; 15], &[6]].concat();
    let all: Vec<u8> = (1..=40).flat_map(item).collect();
    let iloc = [b"\x88\x80\0\x28", &all[..]].concat();
    let length = avif(&iloc, b"", b"", b"", b"").len();
    let mut file = avif(&iloc, b"", b"", b"", &boxed(b"mdat", b"PIXELS"));
    let is_six = |bytes: &[u8]| bytes == [0, 0, 0, 0, 0, 0, 0, 6];
    let at = file[..length].windows(8).rposition(is_six).unwrap();
    file[at - 8..at].copy_from_slice(&(length as u64 + 8).to_be_bytes());
    file
}

// Breaks if a packet in `idat` is not read, its bytes stay once it is replaced, or data before `meta` is thought to have moved.
#[test]
fn avif_with_a_packet_in_idat() {
    let file = with_idat();
    assert_eq!(extract(&file).as_deref(), Some("<old/>"));
    let embedded = embed(&file, "<new/>").unwrap();
    assert_eq!(extract(&embedded).as_deref(), Some("<new/>"));
    assert_eq!(count(&embedded, b"abc\0\0\0\0\0\0def"), 1);
    // Offset and length of the picture, as they were; `cdsc` is new.
    assert_eq!(count(&embedded, b"\0\x01\0\0\0\0\0\x01\0\0\0\x18\0\0\0\x06"), 1);
    assert_eq!(count(&embedded, b"cdsc\0\x02\0\x01\0\x01"), 1);
    assert!(embedded.starts_with(&file[..30]));
    assert!(embedded.ends_with(b"\0\0\0\x0emdat<new/>"));
}

// Breaks if a packet is put where the rest of the file would no longer be found, or cut out of something else.
#[test]
fn avif_that_is_refused() {
    let xmp = boxed(b"infe", XMP_ITEM);
    let at = |offset: u8, length: u8| {
        let item = [
            0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, offset, 0, 0, 0, length,
        ];
        [b"\x44\x40\0\x02", PICTURE, &item].concat()
    };
    let is_unsupported = |file: &[u8]| matches!(embed(file, "<new/>"), Err(EmbedError::Unsupported { .. }));
    let is_damaged = |file: &[u8]| matches!(embed(file, "<new/>"), Err(EmbedError::Damaged { .. }));
    // It is the picture's own data, it is in `ftyp`, it is outside the file.
    assert!(is_unsupported(&avif(&at(24, 6), &xmp, b"", b"", b"")));
    assert!(is_unsupported(&avif(&at(8, 4), &xmp, b"", b"", b"")));
    assert!(is_unsupported(&avif(&at(250, 200), &xmp, b"", b"", b"")));
    // It is compressed.
    let coded = boxed(b"infe", &[XMP_ITEM, b"deflate\0"].concat());
    assert!(is_unsupported(&avif(&at(24, 6), &coded, b"", b"", b"")));
    assert_eq!(extract(&avif(&at(24, 6), &coded, b"", b"", b"")), None);
    // A sequence; two boxes `meta`; a box without an end in `meta`.
    let one = [b"\x44\x40\0\x01", PICTURE].concat();
    assert!(embed(&avif(&one, b"", b"", b"", b""), "<new/>").is_ok());
    assert!(is_unsupported(&avif(&one, b"", b"", b"", &boxed(b"moov", b""))));
    assert!(is_damaged(&avif(&one, b"", b"", b"", &boxed(b"meta", b""))));
    assert!(is_damaged(&avif(&one, b"\0\0\0\0free", b"", b"", b"")));
}

// Breaks if “to the end” of the last box is no longer true, or data behind `meta` is not moved.
#[test]
fn avif_with_a_last_box_without_size() {
    let item = |offset: u8| {
        [
            b"\x44\x40\0\x01\0\x01\0\0\0\0\0\0\0",
            &[offset][..],
            b"\0\x01\0\0\0\0\0\0\0\x06",
        ]
        .concat()
    };
    let length = avif(&item(0), b"", b"", b"", b"").len() as u8;
    let file = avif(&item(length + 8), b"", b"", b"", b"\0\0\0\0mdatPIXELS");
    let embedded = embed(&file, "<new/>").unwrap();
    assert!(embedded.ends_with(b"\0\0\0\x0emdat<new/>\0\0\0\0mdatPIXELS"));
    let place = (embedded.len() - 6) as u32;
    assert_eq!(
        count(&embedded, &[&place.to_be_bytes()[..], &[0, 0, 0, 6]].concat()),
        1
    );
    assert_eq!(extract(&embedded).as_deref(), Some("<new/>"));
}

// Breaks if a list of places that becomes shorter moves what is behind it the wrong way.
#[test]
fn avif_with_wide_offsets() {
    let file = with_wide_offsets();
    let embedded = embed(&file, "<new/>").unwrap();
    assert!(embedded.len() < file.len());
    assert!(embedded.ends_with(b"\0\0\0\x0emdat<new/>\0\0\0\x0emdatPIXELS"));
    let place = (embedded.len() - 6) as u32;
    assert_eq!(
        count(&embedded, &[&place.to_be_bytes()[..], &[0, 0, 0, 6]].concat()),
        1
    );
    assert_eq!(extract(&embedded).as_deref(), Some("<new/>"));
}
