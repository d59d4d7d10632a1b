//! Sheets: many small pictures in one, and the WebVTT file that says which part of it is shown when.

use std::fmt::Write as _;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::canvas::Canvas;
use crate::{Image, PictureError};

pub use crate::cues::{Cue, cues};

/// What is escaped in a file's name as a relative address: all but plain letters, digits and marks.
const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The most lines of a sheet. What decodes on a phone stops at 4,096 on each side; more tiles go to another sheet.
const MAX_HEIGHT: u32 = 4_096;
/// The most pixels of a sheet, of one line of tiles at least: while it is encoded, a task's memory holds it several times.
const MAX_PIXELS: u32 = 16 << 20;

/// What is left free between tiles and around them, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spacing {
    /// Above the first line of tiles.
    pub(crate) head: u32,
    /// At the left, at the right and below the last line.
    pub(crate) margin: u32,
    /// Below each tile.
    pub(crate) caption: u32,
    /// Between tiles that lie side by side, and below each caption but the last.
    pub(crate) gap: u32,
    /// The whole sheet's least width.
    pub(crate) least_width: u32,
}

/// Where the tiles lie: line by line, each line from the left, sheet after sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    tile: (u32, u32),
    columns: u32,
    rows: u32,
    spacing: Spacing,
}

/// The place of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sheet, counted from 0.
    pub sheet: usize,
    /// Pixels from the sheet's left edge.
    pub left: u32,
    /// Lines from the sheet's top.
    pub top: u32,
}

impl Grid {
    /// Tiles of this width and height in pixels, so many side by side, without anything between them. Zeros are taken for one.
    pub fn new(tile: (u32, u32), columns: u32) -> Self {
        Self::spaced(tile, columns, Spacing::default())
    }

    /// The same with room for more than tiles.
    pub(crate) fn spaced(tile: (u32, u32), columns: u32, spacing: Spacing) -> Self {
        let tile = (tile.0.max(1), tile.1.max(1));
        let mut grid = Self {
            tile,
            columns: columns.max(1),
            rows: 1,
            spacing,
        };
        let (line, around) = (grid.line(), spacing.head.saturating_add(spacing.margin));
        // The last line has no gap below it.
        let room = MAX_HEIGHT.saturating_sub(around) + spacing.gap;
        let pixels = grid.width(grid.columns).saturating_mul(line);
        grid.rows = (room / line).min(MAX_PIXELS / pixels).max(1);
        grid
    }

    /// A tile's width and height in pixels.
    pub const fn tile(self) -> (u32, u32) {
        self.tile
    }

    /// Where the tile with this index is.
    ///
    /// ```
    /// use posterframe_picture::sheet::{Grid, Place};
    ///
    /// let grid = Grid::new((160, 90), 10);
    /// assert_eq!(grid.place(12), Place { sheet: 0, left: 320, top: 90 });
    /// assert_eq!(grid.place(450), Place { sheet: 1, left: 0, top: 0 });
    /// ```
    pub const fn place(self, index: usize) -> Place {
        let in_sheet = index % self.tiles_of_a_sheet();
        let (column, row) = (in_sheet % self.columns as usize, in_sheet / self.columns as usize);
        Place {
            sheet: index / self.tiles_of_a_sheet(),
            left: self.spacing.margin + column as u32 * (self.tile.0 + self.spacing.gap),
            top: self.spacing.head + row as u32 * self.line(),
        }
    }

    /// The most tiles of one sheet.
    pub const fn tiles_of_a_sheet(self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Lines from the top of one line of tiles to that of the next.
    const fn line(self) -> u32 {
        let Spacing { caption, gap, .. } = self.spacing;
        self.tile.1.saturating_add(caption).saturating_add(gap)
    }

    /// The width of a sheet that has so many tiles side by side.
    pub(crate) fn width(self, columns: u32) -> u32 {
        let Spacing {
            margin,
            gap,
            least_width,
            ..
        } = self.spacing;
        let tiles = columns.saturating_mul(self.tile.0.saturating_add(gap)) - gap;
        tiles.saturating_add(2 * margin).max(least_width)
    }
}

/// A sheet that is being filled.
#[derive(Clone, Debug)]
pub struct Sheet {
    grid: Grid,
    tiles: usize,
    canvas: Canvas,
}

impl Sheet {
    /// Without tiles, all black.
    pub fn new(grid: Grid) -> Self {
        Self::over(grid, 0)
    }

    /// The same in this grey.
    pub(crate) fn over(grid: Grid, ground: u8) -> Self {
        Self {
            grid,
            tiles: 0,
            canvas: Canvas::new(grid.width(grid.columns), ground),
        }
    }

    /// Whether there is no room for another tile.
    pub const fn is_full(&self) -> bool {
        self.tiles == self.grid.tiles_of_a_sheet()
    }

    /// Adds a picture with eight bits per value as the next tile: in the middle, over the ground. What is larger is cut off.
    pub fn add(&mut self, picture: &Image) {
        let Place { left, top, .. } = self.grid.place(self.tiles);
        let tile = self.grid.tile;
        self.canvas.grow(top + tile.1 + self.grid.spacing.caption);
        self.canvas.paste(picture, (left, top), tile);
        self.tiles += 1;
    }

    /// What the tiles lie on, and where the one that was added last is.
    pub(crate) fn canvas(&mut self) -> (&mut Canvas, Place) {
        let last = self.grid.place(self.tiles.saturating_sub(1));
        (&mut self.canvas, last)
    }

    /// The sheet as far as it is filled; `None` without tiles.
    ///
    /// # Errors
    /// Never, unless there is a mistake in here.
    pub fn finish(mut self) -> Option<Result<Image, PictureError>> {
        if self.tiles == 0 {
            return None;
        }
        self.canvas.grow(self.canvas.height() + self.grid.spacing.margin);
        // A single line of tiles is as wide as they are, unless there is text above it.
        let columns = match self.grid.spacing.head {
            0 => self.grid.columns.min(self.tiles as u32),
            _ => self.grid.columns,
        };
        Some(self.canvas.into_image(self.grid.width(columns)))
    }
}

/// The WebVTT file of a storyboard: from each of `times` to the next, or to `end`, a player shows that tile. `sheets` are
/// the names of the pictures' files, which lie beside it.
///
/// ```
/// use std::time::Duration;
/// use posterframe_picture::sheet::{Grid, vtt};
///
/// let times = [0, 10].map(Duration::from_secs);
/// let text = vtt(Grid::new((160, 90), 10), &times, Duration::from_secs(15), &["a b-sheet.jpg".to_owned()]);
/// let second = "00:00:10.000 --> 00:00:15.000\na%20b-sheet.jpg#xywh=160,0,160,90\n";
/// assert!(text.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:10.000\n") && text.ends_with(second));
/// ```
pub fn vtt(grid: Grid, times: &[Duration], end: Duration, sheets: &[String]) -> String {
    let (width, height) = grid.tile();
    let mut text = "WEBVTT\n".to_owned();
    for (index, time) in times.iter().enumerate() {
        let Place { sheet, left, top } = grid.place(index);
        let Some(name) = sheets.get(sheet) else { break };
        // The first tile stands for what comes before its frame, too.
        let from = if index == 0 { Duration::ZERO } else { *time };
        // A cue that ends where it begins is an error in the format.
        let least = from + Duration::from_millis(1);
        let to = times.get(index + 1).copied().unwrap_or(end).max(least);
        let _ = write!(
            text,
            "\n{} --> {}\n{}#xywh={left},{top},{width},{height}\n",
            Timestamp(from),
            Timestamp(to),
            utf8_percent_encode(name, NOT_PLAIN)
        );
    }
    text
}

/// A time as WebVTT has it: `HH:MM:SS.mmm`, with more digits of hours where they are needed.
struct Timestamp(Duration);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.0.as_millis();
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        write!(
            f,
            "{:02}:{:02}:{seconds:02}.{millis:03}",
            minutes / 60,
            minutes % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::PixelFormat;

    fn plain(size: (u32, u32), value: u8) -> Image {
        let pixels = size.0 as usize * size.1 as usize;
        Image::new(
            PixelFormat::Rgb8,
            size.0,
            size.1,
            [value, value, value].repeat(pixels),
        )
        .unwrap()
    }

    proptest! {
        // Breaks if a tile is not where the grid says, two tiles touch the same pixels, or a sheet is too large.
        #[test]
        fn tiles_are_in_their_places(
            tile in (1_u32..20, 1_u32..20),
            columns in 1_u32..8,
            count in 1_usize..40,
        ) {
            let grid = Grid::new(tile, columns);
            let mut sheet = Sheet::new(grid);
            for index in 0..count {
                sheet.add(&plain(tile, index as u8 + 1));
            }
            let picture = sheet.finish().unwrap().unwrap();
            let pixel = |x: u32, y: u32| picture.data()[(y * picture.width() + x) as usize * 3];
            for index in 0..count {
                let place = grid.place(index);
                for (x, y) in [(0, 0), (tile.0 - 1, 0), (0, tile.1 - 1), (tile.0 - 1, tile.1 - 1)] {
                    prop_assert_eq!(pixel(place.left + x, place.top + y), index as u8 + 1);
                }
            }
            let used = picture.data().iter().filter(|value| **value > 0).count();
            prop_assert_eq!(used, count * (tile.0 * tile.1) as usize * 3);
        }

        // Breaks if cues overlap, leave a gap, or run backwards.
        #[test]
        fn cues_join(millis in prop::collection::btree_set(0_u64..100_000_000, 1..50)) {
            let times: Vec<Duration> = millis.iter().copied().map(Duration::from_millis).collect();
            let end = Duration::from_millis(100_000_001);
            let text = vtt(Grid::new((160, 90), 10), &times, end, &["a.jpg".to_owned()]);
            let cues: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(" --> ")).collect();
            prop_assert_eq!(cues.len(), times.len());
            prop_assert_eq!(cues[0].0, "00:00:00.000");
            for pair in cues.windows(2) {
                prop_assert_eq!(pair[0].1, pair[1].0);
            }
        }
    }

    // Breaks if a sheet takes more memory than a task has.
    #[test]
    fn wide_sheets_have_fewer_lines() {
        let tiles = |tile, columns| Grid::new(tile, columns).tiles_of_a_sheet();
        assert_eq!(tiles((160, 90), 10), 450);
        assert_eq!(tiles((320, 180), 50), 5 * 50);
        assert_eq!(tiles((1_024, 1_024), 15), 15);
    }

    // Breaks if a picture of another shape is not in the middle of its tile, or writes over its neighbours.
    #[test]
    fn other_shapes_are_in_the_middle() {
        let mut sheet = Sheet::new(Grid::new((4, 4), 2));
        sheet.add(&plain((2, 4), 9));
        sheet.add(&plain((9, 9), 7));
        let picture = sheet.finish().unwrap().unwrap();
        let line: Vec<u8> = picture
            .data()
            .chunks_exact(3)
            .map(|pixel| pixel[0])
            .take(8)
            .collect();
        assert_eq!(line, [0, 9, 9, 0, 7, 7, 7, 7]);
        assert_eq!((picture.width(), picture.height()), (8, 4));
    }
}
