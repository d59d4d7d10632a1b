//! What a request says of its stills: which frame or frames, and what one of them is called.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MAX_MARK_BYTES, MAX_NOTE_BYTES};
use crate::select::{RuleName, SelectorFields, SpellingError};
use crate::strict::FormatError;
use crate::{Moment, Position, Selector, Step, Stride};

/// One frame, with a name and a note where it has any, or all that a rule gives.
///
/// A name is one frame's: what a rule gives has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelling", into = "Spelling")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "Spelling"))]
pub struct StillRequest {
    /// Which frame, or frames.
    pub selector: Selector,
    /// What the still is called: the picture's title, and `{mark}` in the names of its files.
    pub name: Option<String>,
    /// What there is to say of it, in words: the manifest and the files repeat it.
    pub note: Option<String>,
}

/// A selector's fields and the still's own, side by side. They are repeated here, since serde, where it flattens one into the other,
/// passes over what is unknown, and no longer tells the place of an error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [
    { "required": ["at"] },
    { "required": ["rule"], "properties": { "name": { "type": "null" }, "note": { "type": "null" } } },
])))]
#[serde(deny_unknown_fields)]
struct Spelling {
    /// The one frame at this place: `10.541`, `253f`, `50%`, `last`, `-5s`, `01:00:10:13`. Instead of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    at: Option<Moment>,
    /// The rule that gives the frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<RuleName>,
    /// Of `every`: the distance from one frame to the next, such as `10s` or `250f`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    step: Option<Stride>,
    /// Of `count` and `best`: how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000)))]
    count: Option<u32>,
    /// Of `best`: the least time between two frames, such as `5s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    apart: Option<Step>,
    /// What the still at a place is called: the picture's title, and `{mark}` in the names of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = 255)))]
    name: Option<String>,
    /// What there is to say of the still at a place, in words: the manifest and the files repeat it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = 2_000)))]
    note: Option<String>,
}

impl TryFrom<Spelling> for StillRequest {
    type Error = SpellingError;

    fn try_from(spelling: Spelling) -> Result<Self, Self::Error> {
        let Spelling {
            at,
            rule,
            step,
            count,
            apart,
            name,
            note,
        } = spelling;
        let fields = SelectorFields {
            at,
            rule,
            step,
            count,
            apart,
        };
        Ok(Self {
            selector: fields.try_into()?,
            name,
            note,
        })
    }
}

impl From<StillRequest> for Spelling {
    fn from(still: StillRequest) -> Self {
        let SelectorFields {
            at,
            rule,
            step,
            count,
            apart,
        } = still.selector.into();
        Self {
            at,
            rule,
            step,
            count,
            apart,
            name: still.name,
            note: still.note,
        }
    }
}

impl From<Selector> for StillRequest {
    fn from(selector: Selector) -> Self {
        Self {
            selector,
            name: None,
            note: None,
        }
    }
}

/// Which frames, as people say it; not what they are called.
impl fmt::Display for StillRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selector.fmt(f)
    }
}

impl StillRequest {
    /// The frame at a position, without a name.
    pub const fn at(at: Position) -> Self {
        Self {
            selector: Selector::At(Moment::Time(at)),
            name: None,
            note: None,
        }
    }

    /// The position, where it is a plain time: anybody can tell it without the video.
    pub const fn position(&self) -> Option<Position> {
        self.selector.position()
    }

    /// Whether name and note can be written into a file, and are one frame's. `place` is where the still is.
    pub(super) fn check(&self, place: &str) -> Result<(), FormatError> {
        let is_rule = matches!(self.selector, Selector::Rule(_));
        for (field, is_given) in [("name", self.name.is_some()), ("note", self.note.is_some())] {
            if is_rule && is_given {
                let problem = "expected with “at” alone: a rule may give several frames";
                return Err(FormatError::at(format!("{place}.{field}"), problem));
            }
        }
        let is_line = |name: &String| !name.is_empty() && !name.contains(char::is_control);
        if self
            .name
            .as_ref()
            .is_some_and(|name| !is_line(name) || name.len() > MAX_MARK_BYTES)
        {
            let problem = format!("expected 1 to {MAX_MARK_BYTES} bytes without control characters");
            return Err(FormatError::at(format!("{place}.name"), problem));
        }
        let is_note = |note: &String| (1..=MAX_NOTE_BYTES).contains(&note.len());
        if self.note.as_ref().is_some_and(|note| !is_note(note)) {
            let problem = format!("expected 1 to {MAX_NOTE_BYTES} bytes");
            return Err(FormatError::at(format!("{place}.note"), problem));
        }
        Ok(())
    }
}
