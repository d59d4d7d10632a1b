//! Wrapping of messages into rows. egui's own layout would be too slow for a hundred thousand lines. Nearly all of them
//! are ASCII in a monospaced font, whose rows follow from the length alone.

use std::collections::HashMap;
use std::ops::Range;

use egui::Ui;
use posterframe_kit::theme::Role;

/// Characters after which a row may end.
const BREAKS: &str = "-/,;:&?=|";

/// The widths of characters and rows.
pub(super) struct Ruler {
    width: f32,
    /// Width of every ASCII character: the font is monospaced.
    plain: f32,
    others: HashMap<char, f32>,
}

impl Ruler {
    /// A ruler for rows of `width` points, in the log's font.
    pub(super) fn new(ui: &Ui, width: f32) -> Self {
        Self {
            width: width.max(40.0),
            plain: advance(ui, 'm'),
            others: HashMap::new(),
        }
    }

    /// Calls `row` with the bytes of each row of `text`.
    pub(super) fn rows(&mut self, ui: &Ui, text: &str, row: impl FnMut(Range<usize>)) {
        let (plain, others) = (self.plain, &mut self.others);
        let measure = |c: char| match c {
            '\t' => plain * 4.0,
            _ if c.is_ascii() => plain,
            _ => *others.entry(c).or_insert_with(|| advance(ui, c)),
        };
        wrap(text, self.width, measure, row);
    }

    /// Number of rows that `text` takes.
    pub(super) fn count(&mut self, ui: &Ui, text: &str) -> u32 {
        if text.is_ascii()
            && text.len() as f32 * self.plain <= self.width
            && !text.bytes().any(|byte| matches!(byte, b'\n' | b'\t'))
        {
            return 1;
        }
        let mut count = 0;
        self.rows(ui, text, |_| count += 1);
        count
    }
}

fn advance(ui: &Ui, c: char) -> f32 {
    ui.painter()
        .fonts_mut(|fonts| fonts.glyph_width(&Role::LOG.font(), c))
}

fn wrap(text: &str, width: f32, mut measure: impl FnMut(char) -> f32, mut row: impl FnMut(Range<usize>)) {
    let (mut start, mut x) = (0, 0.0);
    // The last possible end of this row, and its width there.
    let mut last_break: Option<(usize, f32)> = None;
    for (at, c) in text.char_indices() {
        if c == '\n' {
            row(start..at);
            (start, x, last_break) = (at + 1, 0.0, None);
            continue;
        }
        let char_width = measure(c);
        // A space may exceed the edge, since it is invisible.
        if x + char_width > width && at > start && !(c == ' ' && x <= width) {
            let (end, used) = last_break.filter(|(end, _)| *end > start).unwrap_or((at, x));
            row(start..end);
            (start, x, last_break) = (end, x - used, None);
        }
        x += char_width;
        if c.is_whitespace() || BREAKS.contains(c) {
            last_break = Some((at + c.len_utf8(), x));
        }
    }
    row(start..text.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: f32) -> Vec<&str> {
        let mut rows = Vec::new();
        let measure = |c: char| if c == '影' { 2.0 } else { 1.0 };
        wrap(text, width, measure, |row| rows.push(&text[row]));
        rows
    }

    // Breaks if a row is wider than the log, a character gets lost, or words are broken without need.
    #[test]
    fn messages_are_broken_into_rows() {
        assert_eq!(rows("one two three", 8.0), ["one two ", "three"]);
        assert_eq!(
            rows("opening s3://city-bikes.mp4", 19.0),
            ["opening s3://city-", "bikes.mp4"]
        );
        assert_eq!(rows("0123456789", 4.0), ["0123", "4567", "89"]);
        assert_eq!(rows("影影影", 4.0), ["影影", "影"]);
        assert_eq!(rows("panicked\nat main", 20.0), ["panicked", "at main"]);
        assert_eq!(rows("", 4.0), [""]);
        for width in 1..30 {
            assert_eq!(
                rows("put s3://b/übung-1.png, 301 bytes", width as f32).concat(),
                "put s3://b/übung-1.png, 301 bytes"
            );
        }
    }
}
