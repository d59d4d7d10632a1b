//! What a file says of itself out of an XMP packet.
//!
//! Other programs keep our properties when they add their own, but write them in their own form: as elements in place of
//! attributes, one `rdf:Description` for each namespace, other prefixes. So names are compared by their namespace, and both
//! forms are read. Entities cannot grow: only the five of XML and references to characters are known.

use std::collections::BTreeMap;
use std::str::FromStr;

use posterframe_contract::Interpretation;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::packet::{DUBLIN_CORE, RDF, carried, name};
use super::{MAX_PACKET_BYTES, NAMESPACE, Origin, Proof, SheetProof};

/// Where `dc:title` is kept among our properties, none of which can have a space in its name.
const TITLE: &str = "dc title";

pub(super) fn still(xmp: &str) -> Option<Proof> {
    Properties::of(xmp)?.into_still()
}

pub(super) fn sheet(xmp: &str) -> Option<SheetProof> {
    Properties::of(xmp)?.into_sheet()
}

/// What an open element is to us.
enum Node {
    Rdf,
    Description,
    /// A property of ours in the form of an element, with its text so far.
    Property(String, String),
    Title,
    Alternatives,
    /// One language's title, with its text so far.
    Alternative(String),
    Other,
}

fn collect(xmp: &str) -> Option<BTreeMap<String, String>> {
    let mut reader = NsReader::from_str(xmp);
    reader.config_mut().expand_empty_elements = true;
    let mut found = BTreeMap::new();
    let mut open: Vec<Node> = Vec::new();
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(element) => {
                let node = node(&reader, open.last(), &element);
                if matches!(node, Node::Description) {
                    attributes(&reader, &element, &mut found)?;
                }
                open.push(node);
            }
            Event::End(_) => match open.pop()? {
                Node::Property(name, text) => insert(&mut found, name, &text)?,
                // The first language is the default one (ISO 16684-1, clause 8).
                Node::Alternative(text) if !found.contains_key(TITLE) => {
                    insert(&mut found, TITLE.to_owned(), &text)?;
                }
                _ => {}
            },
            Event::Text(text) => append(&mut open, &text.xml10_content().ok()?),
            Event::CData(text) => append(&mut open, &text.xml10_content().ok()?),
            Event::GeneralRef(reference) => {
                let character = if let Some(character) = reference.resolve_char_ref().ok()? {
                    character.to_string()
                } else {
                    let name = reference.decode().ok()?;
                    quick_xml::escape::resolve_predefined_entity(&name)?.to_owned()
                };
                append(&mut open, &character);
            }
            Event::Eof => break,
            Event::DocType(_) => return None,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    open.is_empty().then_some(found)
}

fn node(reader: &NsReader<&[u8]>, parent: Option<&Node>, element: &BytesStart<'_>) -> Node {
    let (namespace, local) = reader.resolver().resolve_element(element.name());
    let ResolveResult::Bound(Namespace(namespace)) = namespace else {
        return Node::Other;
    };
    let is = |wanted: &str, name: &str| namespace == wanted.as_bytes() && local.as_ref() == name.as_bytes();
    match parent {
        // `x:xmpmeta` around it may be missing (ISO 16684-1, clause 7).
        None | Some(Node::Other) if is(RDF, "RDF") => Node::Rdf,
        Some(Node::Rdf) if is(RDF, "Description") => Node::Description,
        Some(Node::Description) if is(DUBLIN_CORE, "title") => Node::Title,
        Some(Node::Description) if namespace == NAMESPACE.as_bytes() => Node::Property(
            String::from_utf8_lossy(local.as_ref()).into_owned(),
            String::new(),
        ),
        Some(Node::Title) if is(RDF, "Alt") => Node::Alternatives,
        Some(Node::Alternatives) if is(RDF, "li") => Node::Alternative(String::new()),
        _ => Node::Other,
    }
}

fn attributes(
    reader: &NsReader<&[u8]>,
    element: &BytesStart<'_>,
    found: &mut BTreeMap<String, String>,
) -> Option<()> {
    let mut attributes = element.attributes();
    // The check compares each with all before it; ours are compared by `insert`.
    for attribute in attributes.with_checks(false) {
        let attribute = attribute.ok()?;
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        if namespace == ResolveResult::Bound(Namespace(NAMESPACE.as_bytes())) {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            insert(
                found,
                String::from_utf8_lossy(local.as_ref()).into_owned(),
                &value,
            )?;
        }
    }
    Some(())
}

fn append(open: &mut [Node], more: &str) {
    if let Some(Node::Property(_, text) | Node::Alternative(text)) = open.last_mut() {
        text.push_str(more);
    }
}

/// `None` where the property is there already: which of the two is true cannot be told.
fn insert(found: &mut BTreeMap<String, String>, name: String, value: &str) -> Option<()> {
    let value = value.chars().map(carried).collect();
    found.insert(name, value).is_none().then_some(())
}

struct Properties(BTreeMap<String, String>);

impl Properties {
    fn of(xmp: &str) -> Option<Self> {
        if xmp.len() > MAX_PACKET_BYTES {
            return None;
        }
        collect(xmp).map(Self)
    }

    fn origin(&mut self) -> Option<Origin> {
        Some(Origin {
            name: self.take(name::SOURCE_NAME)?,
            bytes: self.optional(name::SOURCE_BYTES)?,
            etag: self.take(name::SOURCE_ETAG),
            sha256: self.take(name::SOURCE_SHA256),
            interpretation: Interpretation {
                track: self.optional(name::TRACK)?,
                rotate: self.optional(name::ROTATE)?,
                ignore_edits: self.optional(name::IGNORE_EDITS)?.unwrap_or(false),
            },
            libav_version: self.take(name::LIBAV_VERSION)?,
            worker_version: self.take(name::WORKER_VERSION)?,
        })
    }

    fn into_sheet(mut self) -> Option<SheetProof> {
        Some(SheetProof {
            origin: self.origin()?,
            sheet: self.required(name::SHEET)?,
            number: self.required(name::SHEET_PICTURE)?,
            tiles: self.required(name::TILES)?,
            pixel_sha256: self.take(name::PIXEL_SHA256)?,
        })
    }

    fn into_still(mut self) -> Option<Proof> {
        Some(Proof {
            origin: self.origin()?,
            position: self.required(name::POSITION)?,
            frame_number: self.optional(name::FRAME_NUMBER)?,
            frame_time: self.required(name::FRAME_TIME)?,
            timecode: self.optional(name::TIMECODE)?,
            pts: self.required(name::PTS)?,
            time_base: time_base(&self.take(name::TIME_BASE)?)?,
            frame_sha256: self.take(name::FRAME_SHA256)?,
            pixel_sha256: self.take(name::PIXEL_SHA256)?,
            crop: match self.take(name::CROP) {
                Some(text) => Some(crop(&text)?),
                None => None,
            },
            deinterlaced: self.optional(name::DEINTERLACED)?.unwrap_or(false),
            note: self.take(name::NOTE),
            title: self.take(TITLE),
        })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn required<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.take(name)?.parse().ok()
    }

    /// `Some(None)` where the property is missing, `None` where it is wrong.
    #[expect(clippy::option_option, reason = "missing is not wrong")]
    fn optional<T: FromStr>(&mut self, name: &str) -> Option<Option<T>> {
        match self.take(name) {
            Some(text) => text.parse().ok().map(Some),
            None => Some(None),
        }
    }
}

fn time_base(text: &str) -> Option<(i32, i32)> {
    let (numerator, denominator) = text.split_once('/')?;
    Some((numerator.parse().ok()?, denominator.parse().ok()?))
}

fn crop(text: &str) -> Option<[u32; 4]> {
    let mut numbers = text.split(',');
    let mut crop = [0; 4];
    for place in &mut crop {
        *place = numbers.next()?.parse().ok()?;
    }
    numbers.next().is_none().then_some(crop)
}
