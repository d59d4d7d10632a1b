//! File names out of a template.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Position, Timecode, names};

/// A file's name without its extension, with fields in braces: `{name}{-n}`.
///
/// | field | becomes |
/// | --- | --- |
/// | `{name}` | the request's name |
/// | `{-n}` | nothing for the first still, `-2`, `-3`, … for the others |
/// | `{n}` | the still's number, counted from 1 |
/// | `{time}` | the frame's time as in keys: `00-00-10.541` |
/// | `{timecode}` | the frame's timecode, `01-00-10-13`; its time where the video has none |
/// | `{mark}` | the still's name; its frame's time where it has none |
/// | `{frame}` | the frame's number, counted from 0 |
/// | `{width}`, `{height}` | the picture's size in pixels |
/// | `{job}` | the job's id |
///
/// Braces themselves are doubled: `{{` and `}}`. Invariant: it is not empty, and holds no slash and no control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    DashNumber,
    Number,
    Time,
    Timecode,
    Mark,
    Frame,
    Width,
    Height,
    Job,
}

const FIELDS: [(&str, Field); 10] = [
    ("name", Field::Name),
    ("-n", Field::DashNumber),
    ("n", Field::Number),
    ("time", Field::Time),
    ("timecode", Field::Timecode),
    ("mark", Field::Mark),
    ("frame", Field::Frame),
    ("width", Field::Width),
    ("height", Field::Height),
    ("job", Field::Job),
];

/// What is known of a file only once its frame is.
#[derive(Clone, Debug, Default)]
pub struct NameFacts {
    /// The frame's own time.
    pub time: Position,
    /// Its timecode, where the video has any.
    pub timecode: Option<Timecode>,
    /// What the still is called, where it has a name.
    pub mark: Option<String>,
    /// The frame's number, counted from 0, or `unknown`.
    pub frame: String,
    /// The picture's width in pixels.
    pub width: u32,
    /// The picture's height in pixels.
    pub height: u32,
    /// The job's id.
    pub job: String,
}

/// Why a text is no [`NameTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A field is none of those that there are.
    #[error(
        "expected a field such as {{name}}, {{-n}}, {{n}}, {{time}}, {{timecode}}, {{mark}} or {{frame}}, not “{{{0}}}”"
    )]
    Unknown(String),
    /// A brace stands alone.
    #[error("expected pairs of braces; a brace itself is written twice: “{0}”")]
    Brace(String),
    /// It cannot be a name.
    #[error("expected a file name without slashes and control characters, not “{0}”")]
    NoName(String),
}

impl NameTemplate {
    /// Whether it is the one that is taken where a request says none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn render(&self, name: &str, still: usize, facts: &NameFacts, max_bytes: usize) -> String {
        let number = still + 1;
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(field) => match field {
                Field::Name => String::new(),
                Field::DashNumber if still == 0 => String::new(),
                Field::DashNumber => format!("-{number}"),
                Field::Number => number.to_string(),
                Field::Time => facts.time.key_part(),
                Field::Timecode => match facts.timecode {
                    Some(timecode) => timecode.name_part(),
                    None => facts.time.key_part(),
                },
                Field::Mark => match facts.mark.as_deref().map(names::as_part_of_a_name) {
                    Some(mark) if !mark.is_empty() => mark,
                    _ => facts.time.key_part(),
                },
                Field::Frame => facts.frame.clone(),
                Field::Width => facts.width.to_string(),
                Field::Height => facts.height.to_string(),
                Field::Job => facts.job.clone(),
            },
        };
        let texts: Vec<String> = self.0.iter().map(text).collect();
        let is_name = |piece: &&Piece| **piece == Piece::Field(Field::Name);
        let names = self.0.iter().filter(is_name).count();
        let rest: usize = texts.iter().map(String::len).sum();
        // A name keeps its ends, which tell it from others; the rest tells its stills apart.
        let short = names::shortened(name, max_bytes.saturating_sub(rest) / names.max(1));
        let whole: String = self
            .0
            .iter()
            .zip(texts)
            .map(|(piece, text)| if is_name(&piece) { short.clone() } else { text })
            .collect();
        // `{-n}` alone is nothing for the first still.
        let whole = if whole.is_empty() { name } else { &whole };
        names::shortened(whole, max_bytes)
    }
}

/// `{name}{-n}`: `bunny`, `bunny-2`, `bunny-3`.
impl Default for NameTemplate {
    fn default() -> Self {
        Self(vec![Piece::Field(Field::Name), Piece::Field(Field::DashNumber)])
    }
}

impl FromStr for NameTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !names::is_part_of_a_name(text) {
            return Err(TemplateError::NoName(text.to_owned()));
        }
        let brace = || TemplateError::Brace(text.to_owned());
        let mut pieces: Vec<Piece> = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (open, after) = (rest.as_bytes()[at], &rest[at + 1..]);
            if after.as_bytes().first() == Some(&open) {
                plain.push(char::from(open));
                rest = &after[1..];
                continue;
            }
            let (field, after) = after.split_once('}').filter(|_| open == b'{').ok_or_else(brace)?;
            let known = FIELDS.iter().find(|(name, _)| *name == field);
            let (_, known) = known.ok_or_else(|| TemplateError::Unknown(field.to_owned()))?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Field(*known));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }
}

impl fmt::Display for NameTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Piece::Field(field) => {
                    let name = FIELDS.iter().find(|(_, known)| known == field);
                    write!(f, "{{{}}}", name.map_or("", |(name, _)| name))?;
                }
            }
        }
        Ok(())
    }
}

impl Serialize for NameTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NameTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
