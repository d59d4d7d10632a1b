//! Contact sheets: a video's facts, and stills of it with the time below each, on a dark ground. They are for people, where
//! the sheets of [`crate::sheet`] are for players.

use std::time::Duration;

use crate::Image;
use crate::sheet::{Grid, Sheet, Spacing};
use crate::text::Face;

// Greys without a colour of their own, so that stills look as they are.
const GROUND: u8 = 24;
const TITLE: u8 = 240;
const FACTS: u8 = 176;
const CAPTION: u8 = 208;

// Sizes of letters, in pixels.
const TITLE_SIZE: f32 = 24.0;
const FACTS_SIZE: f32 = 15.0;
const CAPTION_SIZE: f32 = 14.0;

// Distances in pixels.
const MARGIN: u32 = 20;
const GAP: u32 = 10;
/// From the title's baseline to that of the first facts, and from those to the next.
const FACTS_LINE: u32 = 24;
/// From the last baseline of the head to the first tiles.
const BELOW_HEAD: u32 = 20;
/// From a tile to the baseline of its time, and to what is below it.
const CAPTION_BASELINE: u32 = 19;
const CAPTION_HEIGHT: u32 = 24;
/// How high the title's letters are.
const TITLE_HEIGHT: u32 = 18;
/// A narrower tile lies in the middle of a field of this width, so that there is room for a time below it.
const LEAST_TILE: u32 = 80;
/// A line of facts has room for any of them.
const LEAST_WIDTH: u32 = 360;
/// The most pixels across that all programs decode.
const MAX_WIDTH: u32 = 16_383;

/// What stands between two facts.
const BETWEEN: &str = "   ·   ";

/// What all pictures of a contact sheet have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    grid: Grid,
    title: String,
    /// Lines of facts.
    facts: Vec<String>,
}

impl Contact {
    /// One with tiles of this width and height in pixels, at most so many side by side, below a title and some facts. All text
    /// is made to fit: the title loses its middle, and the facts go on in more lines.
    pub fn new(tile: (u32, u32), columns: u32, title: &str, facts: &[String]) -> Self {
        let tile = (tile.0.max(LEAST_TILE), tile.1);
        let most = (MAX_WIDTH - 2 * MARGIN + GAP) / tile.0.saturating_add(GAP);
        let columns = columns.min(most).max(1);
        let spacing = Spacing {
            head: 0,
            margin: MARGIN,
            caption: CAPTION_HEIGHT,
            gap: GAP,
            least_width: LEAST_WIDTH,
        };
        let room = Grid::spaced(tile, columns, spacing).width(columns) - 2 * MARGIN;
        let facts = lines_of(facts, room as f32);
        let head = MARGIN + TITLE_HEIGHT + FACTS_LINE * facts.len() as u32 + BELOW_HEAD;
        Self {
            grid: Grid::spaced(tile, columns, Spacing { head, ..spacing }),
            title: Face::new(TITLE_SIZE).shortened(title, room as f32),
            facts,
        }
    }

    /// Where the tiles lie.
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// A sheet with the head alone.
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::over(self.grid, GROUND);
        let (canvas, first) = sheet.canvas();
        canvas.grow(first.top);
        let (left, mut baseline) = (MARGIN as f32, MARGIN + TITLE_HEIGHT);
        Face::new(TITLE_SIZE).draw(canvas, &self.title, (left, baseline as f32), TITLE);
        let face = Face::new(FACTS_SIZE);
        for line in &self.facts {
            baseline += FACTS_LINE;
            face.draw(canvas, line, (left, baseline as f32), FACTS);
        }
        sheet
    }

    /// Adds a picture with eight bits per value as the next tile, and a text in the middle below it.
    pub fn add(&self, sheet: &mut Sheet, picture: &Image, caption: &str) {
        sheet.add(picture);
        let (canvas, place) = sheet.canvas();
        let (width, height) = self.grid.tile();
        let face = Face::new(CAPTION_SIZE);
        let caption = face.shortened(caption, width as f32);
        let left = place.left as f32 + (width as f32 - face.width(&caption)) / 2.0;
        let baseline = place.top + height + CAPTION_BASELINE;
        face.draw(canvas, &caption, (left, baseline as f32), CAPTION);
    }
}

/// As many facts on each line as it has room for. One that is wider than a line loses its middle.
fn lines_of(facts: &[String], width: f32) -> Vec<String> {
    let face = Face::new(FACTS_SIZE);
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        let fact = face.shortened(fact, width);
        let joined = lines.last().map(|line| format!("{line}{BETWEEN}{fact}"));
        match (lines.last_mut(), joined) {
            (Some(line), Some(joined)) if face.width(&joined) <= width => *line = joined,
            _ => lines.push(fact),
        }
    }
    lines
}

/// A time as people read it: `M:SS` or `H:MM:SS`, with so many decimals, at most three. What is more exact is cut off.
///
/// ```
/// use std::time::Duration;
/// use posterframe_picture::contact::time_text;
///
/// assert_eq!(time_text(Duration::from_millis(62_520), 0), "1:02");
/// assert_eq!(time_text(Duration::from_millis(3_662_520), 1), "1:01:02.5");
/// ```
pub fn time_text(time: Duration, decimals: usize) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    };
    if decimals > 0 {
        let millis = format!("{:03}", time.subsec_millis());
        text.push('.');
        text.push_str(&millis[..decimals.min(millis.len())]);
    }
    text
}

/// The decimals that tell apart the times of tiles which are `step` apart: none where that is a whole number of seconds.
pub fn decimals(step: Duration) -> usize {
    match step.subsec_millis() {
        0 => 0,
        millis if millis % 100 == 0 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests;
