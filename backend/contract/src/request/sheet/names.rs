//! What the files of a sheet are called.

use super::SheetRequest;
use crate::format::Format;
use crate::names;

/// The names of a sheet's files: `<name>-sheet.jpg` and `<name>-sheet.vtt`, or `<name>-contact.jpg` of a contact sheet. A job's
/// second sheet of a kind has `-sheet-2` for it, and what one picture would be too large for goes on in `-sheet.2.jpg`.
///
/// ```
/// use posterframe_contract::{CONTACT, Format, STORYBOARD, SheetNames};
///
/// let sheets = [STORYBOARD, CONTACT];
/// let names = SheetNames::of("bunny", &sheets, 0);
/// assert_eq!(names.picture(0, Format::Jpeg), "bunny-sheet.jpg");
/// assert_eq!(names.picture(1, Format::Jpeg), "bunny-sheet.2.jpg");
/// assert_eq!(names.vtt(), "bunny-sheet.vtt");
/// assert_eq!(SheetNames::of("bunny", &sheets, 1).picture(0, Format::Jpeg), "bunny-contact.jpg");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetNames {
    stem: String,
}

impl SheetNames {
    /// Room for a number and an extension after the stem.
    const ROOM: usize = 16;

    /// Those of the sheet with the index `sheet` among `sheets`, which are all of a job with this name. Each kind is counted by
    /// itself, so that no two sheets get the same name.
    pub fn of(name: &str, sheets: &[SheetRequest], sheet: usize) -> Self {
        let is_contact = sheets.get(sheet).is_some_and(|sheet| sheet.contact);
        let kind = if is_contact { "contact" } else { "sheet" };
        let before = sheets.iter().take(sheet);
        let suffix = match before.filter(|other| other.contact == is_contact).count() {
            0 => format!("-{kind}"),
            more => format!("-{kind}-{}", more + 1),
        };
        let name = names::shortened(name, names::MAX_NAME_BYTES - suffix.len() - Self::ROOM);
        Self { stem: name + &suffix }
    }

    /// That of the picture with this index.
    pub fn picture(&self, index: usize, format: Format) -> String {
        let extension = format.extension();
        match index {
            0 => format!("{}.{extension}", self.stem),
            more => format!("{}.{}.{extension}", self.stem, more + 1),
        }
    }

    /// That of the WebVTT file.
    pub fn vtt(&self) -> String {
        format!("{}.vtt", self.stem)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::{CONTACT, STORYBOARD};
    use super::*;

    // Breaks if a long name makes one that no file can have.
    #[test]
    fn names_are_short_enough() {
        for sheet in [STORYBOARD, CONTACT] {
            let sheets = vec![sheet; 4];
            let names = SheetNames::of(&"ü".repeat(127), &sheets, 3);
            assert!(names.picture(99, Format::Webp).len() <= names::MAX_NAME_BYTES);
        }
    }

    // Breaks if two sheets of a job write the same file, or a kind is not counted by itself.
    #[test]
    fn kinds_are_told_apart() {
        let sheets = [CONTACT, STORYBOARD, CONTACT, STORYBOARD];
        let all = (0..4).map(|sheet| SheetNames::of("a", &sheets, sheet));
        let all: Vec<_> = all
            .flat_map(|names| [0, 1].map(|index| names.picture(index, Format::Jpeg)))
            .collect();
        assert_eq!(
            all,
            [
                "a-contact.jpg",
                "a-contact.2.jpg",
                "a-sheet.jpg",
                "a-sheet.2.jpg",
                "a-contact-2.jpg",
                "a-contact-2.2.jpg",
                "a-sheet-2.jpg",
                "a-sheet-2.2.jpg",
            ]
        );
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
