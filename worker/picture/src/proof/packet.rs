//! What a file says of itself as an XMP packet.
//!
//! All properties are attributes of one `rdf:Description`, the short form of ISO 16684-1, clause 7, but for title and
//! description, which Dublin Core has in several languages. The source's name and the note stand twice: `dc:source` and
//! `dc:description` are for other programs, and people change them there; ours are read back.

use std::fmt::Write;

use posterframe_contract::Interpretation;

use super::{NAMESPACE, Origin, Proof, SheetProof};

/// Names of our properties, in the order in which they are written.
pub(super) mod name {
    pub const SOURCE_NAME: &str = "SourceName";
    pub const SOURCE_BYTES: &str = "SourceBytes";
    pub const SOURCE_ETAG: &str = "SourceETag";
    pub const SOURCE_SHA256: &str = "SourceSHA256";
    pub const POSITION: &str = "Position";
    pub const FRAME_NUMBER: &str = "FrameNumber";
    pub const FRAME_TIME: &str = "FrameTime";
    pub const TIMECODE: &str = "Timecode";
    pub const PTS: &str = "PTS";
    pub const TIME_BASE: &str = "TimeBase";
    pub const FRAME_SHA256: &str = "FrameSHA256";
    pub const PIXEL_SHA256: &str = "PixelSHA256";
    pub const CROP: &str = "Crop";
    pub const DEINTERLACED: &str = "Deinterlaced";
    pub const LIBAV_VERSION: &str = "LibavVersion";
    pub const WORKER_VERSION: &str = "WorkerVersion";
    pub const NOTE: &str = "Note";
    pub const TRACK: &str = "Track";
    pub const ROTATE: &str = "Rotate";
    pub const IGNORE_EDITS: &str = "IgnoreEdits";
    pub const SHEET: &str = "Sheet";
    pub const SHEET_PICTURE: &str = "SheetPicture";
    pub const TILES: &str = "Tiles";
}

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";

/// The packet's first line; the byte order mark says that it is UTF-8. ISO 16684-1, clause 7.
const BEGIN: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n";
/// The packet's last line. Read-only: a program that changed it in place would break the checksum of a PNG chunk.
const END: &str = "<?xpacket end=\"r\"?>";

/// Properties of ours, without those that are not known.
type Properties = Vec<(&'static str, Option<String>)>;

pub(super) fn of_still(proof: &Proof) -> String {
    write(
        &proof.origin,
        still_properties(proof),
        proof.title.as_deref(),
        proof.note.as_deref(),
    )
}

pub(super) fn of_sheet(proof: &SheetProof) -> String {
    let properties = vec![
        (name::SHEET, Some(proof.sheet.to_string())),
        (name::SHEET_PICTURE, Some(proof.number.to_string())),
        (name::TILES, Some(proof.tiles.to_string())),
        (name::PIXEL_SHA256, Some(proof.pixel_sha256.clone())),
    ];
    write(&proof.origin, properties, None, None)
}

fn write(origin: &Origin, properties: Properties, title: Option<&str>, note: Option<&str>) -> String {
    let mut xmp = String::from(BEGIN);
    xmp.push_str("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n");
    let _ = writeln!(xmp, " <rdf:RDF xmlns:rdf=\"{RDF}\">");
    xmp.push_str("  <rdf:Description rdf:about=\"\"");
    attribute(&mut xmp, "xmlns:dc", DUBLIN_CORE);
    attribute(&mut xmp, "xmlns:xmp", "http://ns.adobe.com/xap/1.0/");
    attribute(&mut xmp, "xmlns:pf", NAMESPACE);
    let tool = format!("Posterframe {}", origin.worker_version);
    attribute(&mut xmp, "xmp:CreatorTool", &tool);
    attribute(&mut xmp, "dc:source", &origin.name);
    for (name, value) in origin_properties(origin).into_iter().chain(properties) {
        if let Some(value) = value {
            attribute(&mut xmp, &format!("pf:{name}"), &value);
        }
    }
    if title.is_none() && note.is_none() {
        xmp.push_str("/>\n");
    } else {
        xmp.push_str(">\n");
        alternatives(&mut xmp, "dc:title", title);
        alternatives(&mut xmp, "dc:description", note);
        xmp.push_str("  </rdf:Description>\n");
    }
    xmp.push_str(" </rdf:RDF>\n</x:xmpmeta>\n");
    xmp.push_str(END);
    xmp
}

/// A text in its only language.
fn alternatives(xmp: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        let _ = write!(
            xmp,
            "   <{name}>\n    <rdf:Alt>\n     <rdf:li xml:lang=\"x-default\">"
        );
        escape(xmp, text);
        let _ = writeln!(xmp, "</rdf:li>\n    </rdf:Alt>\n   </{name}>");
    }
}

fn origin_properties(origin: &Origin) -> Properties {
    let Interpretation {
        track,
        rotate,
        ignore_edits,
    } = origin.interpretation;
    vec![
        (name::SOURCE_NAME, Some(origin.name.clone())),
        (name::SOURCE_BYTES, origin.bytes.map(|bytes| bytes.to_string())),
        (name::SOURCE_ETAG, origin.etag.clone()),
        (name::SOURCE_SHA256, origin.sha256.clone()),
        (name::TRACK, track.map(|track| track.to_string())),
        (name::ROTATE, rotate.map(|rotation| rotation.to_string())),
        (name::IGNORE_EDITS, ignore_edits.then(|| true.to_string())),
        (name::LIBAV_VERSION, Some(origin.libav_version.clone())),
        (name::WORKER_VERSION, Some(origin.worker_version.clone())),
    ]
}

fn still_properties(proof: &Proof) -> Properties {
    let crop = proof
        .crop
        .map(|[left, top, width, height]| format!("{left},{top},{width},{height}"));
    let (numerator, denominator) = proof.time_base;
    vec![
        (name::POSITION, Some(proof.position.to_string())),
        (
            name::FRAME_NUMBER,
            proof.frame_number.map(|number| number.to_string()),
        ),
        (name::FRAME_TIME, Some(proof.frame_time.to_string())),
        (
            name::TIMECODE,
            proof.timecode.map(|timecode| timecode.to_string()),
        ),
        (name::PTS, Some(proof.pts.to_string())),
        (name::TIME_BASE, Some(format!("{numerator}/{denominator}"))),
        (name::FRAME_SHA256, Some(proof.frame_sha256.clone())),
        (name::PIXEL_SHA256, Some(proof.pixel_sha256.clone())),
        (name::CROP, crop),
        (name::DEINTERLACED, proof.deinterlaced.then(|| true.to_string())),
        (name::NOTE, proof.note.clone()),
    ]
}

fn attribute(xmp: &mut String, name: &str, value: &str) {
    xmp.push_str("\n    ");
    xmp.push_str(name);
    xmp.push_str("=\"");
    escape(xmp, value);
    xmp.push('"');
}

/// Text for an element or an attribute. Line ends and tabs are written as references, since a parser makes spaces of them in
/// an attribute and one kind of line end in an element (XML 1.0, 2.11 and 3.3.3).
fn escape(xmp: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => xmp.push_str("&amp;"),
            '<' => xmp.push_str("&lt;"),
            '>' => xmp.push_str("&gt;"),
            '"' => xmp.push_str("&quot;"),
            '\t' => xmp.push_str("&#9;"),
            '\n' => xmp.push_str("&#10;"),
            '\r' => xmp.push_str("&#13;"),
            other => xmp.push(carried(other)),
        }
    }
}

/// The character itself, or U+FFFD where XML 1.0, 2.2 has no place for it.
pub(super) fn carried(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => character,
        _ => char::REPLACEMENT_CHARACTER,
    }
}
