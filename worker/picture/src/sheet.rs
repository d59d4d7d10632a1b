//! Sheets: many small pictures in one, and the WebVTT file that says which part of it is shown when.

use std::fmt::Write as _;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Image, PictureError, PixelFormat};

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

/// Where the tiles lie: line by line, each line from the left, sheet after sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    tile: (u32, u32),
    columns: u32,
    rows: u32,
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
    /// Tiles of this width and height in pixels, so many side by side. Zeros are taken for one.
    pub fn new(tile: (u32, u32), columns: u32) -> Self {
        let tile = (tile.0.max(1), tile.1.max(1));
        let columns = columns.max(1);
        let line = columns.saturating_mul(tile.0).saturating_mul(tile.1);
        Self {
            tile,
            columns,
            rows: (MAX_HEIGHT / tile.1).min(MAX_PIXELS / line).max(1),
        }
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
        Place {
            sheet: index / self.tiles_of_a_sheet(),
            left: (in_sheet % self.columns as usize) as u32 * self.tile.0,
            top: (in_sheet / self.columns as usize) as u32 * self.tile.1,
        }
    }

    /// The most tiles of one sheet.
    pub const fn tiles_of_a_sheet(self) -> usize {
        self.columns as usize * self.rows as usize
    }
}

/// A sheet that is being filled.
#[derive(Clone, Debug)]
pub struct Sheet {
    grid: Grid,
    tiles: usize,
    /// Lines of red, green and blue, as far as tiles were added.
    data: Vec<u8>,
}

impl Sheet {
    /// Without tiles, all black.
    pub const fn new(grid: Grid) -> Self {
        Self {
            grid,
            tiles: 0,
            data: Vec::new(),
        }
    }

    /// Whether there is no room for another tile.
    pub const fn is_full(&self) -> bool {
        self.tiles == self.grid.tiles_of_a_sheet()
    }

    /// Adds a picture with eight bits per value as the next tile: in the middle, over black. What is larger is cut off.
    pub fn add(&mut self, picture: &Image) {
        let Place { left, top, .. } = self.grid.place(self.tiles);
        let (tile_width, tile_height) = self.grid.tile;
        let line = self.line();
        if left == 0 {
            self.data.resize(self.data.len() + line * tile_height as usize, 0);
        }
        let (width, height) = (picture.width().min(tile_width), picture.height().min(tile_height));
        let left = (left + (tile_width - width) / 2) as usize * 3;
        let top = (top + (tile_height - height) / 2) as usize;
        let rgba = picture.to_rgba8();
        let from = rgba
            .chunks_exact(picture.width() as usize * 4)
            .take(height as usize);
        for (to, from) in self.data.chunks_exact_mut(line).skip(top).zip(from) {
            let to = to[left..].chunks_exact_mut(3).take(width as usize);
            for (to, from) in to.zip(from.chunks_exact(4)) {
                let alpha = u32::from(from[3]);
                let over = |value: u8| ((u32::from(value) * alpha + 127) / 255) as u8;
                to.copy_from_slice(&[over(from[0]), over(from[1]), over(from[2])]);
            }
        }
        self.tiles += 1;
    }

    /// The sheet as far as it is filled; `None` without tiles.
    ///
    /// # Errors
    /// Never, unless there is a mistake in here.
    pub fn finish(self) -> Option<Result<Image, PictureError>> {
        let line = self.line();
        let columns = (self.tiles as u32).min(self.grid.columns);
        if columns == 0 {
            return None;
        }
        // A single line of tiles is as wide as they are.
        let width = columns * self.grid.tile.0;
        let lines = self.data.chunks_exact(line);
        let data: Vec<u8> = lines
            .flat_map(|line| &line[..width as usize * 3])
            .copied()
            .collect();
        let height = (self.data.len() / line) as u32;
        Some(Image::new(PixelFormat::Rgb8, width, height, data))
    }

    const fn line(&self) -> usize {
        self.grid.columns as usize * self.grid.tile.0 as usize * 3
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
