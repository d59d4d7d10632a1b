//! From a video to a sheet: tiles, as they are decoded, to pictures and cues. The command line makes sheets with it, too.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_contract::{
    Every, Format, MAX_TILE, MAX_TILES, OutputColor, OutputRequest, SheetNames, SheetRequest, TaskExit,
};
use posterframe_frame::{Frame, PictureError, Video, VideoInfo};
use posterframe_picture::contact::{Contact, decimals, time_text};
use posterframe_picture::proof::{Origin, SheetProof};
use posterframe_picture::sheet::{Grid, Sheet, vtt};
use posterframe_picture::{Encoded, Image};

use crate::contact::facts;
use crate::exit::frame_exit;

/// A finished picture of a sheet: there are several where one would be too large.
#[derive(Clone, Debug)]
pub struct SheetPicture {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Hex SHA-256 of width, height, pixel format and pixels, before they were encoded.
    pub pixel_sha256: String,
    /// How a pixel's bytes are to be read.
    pub pixel_format: &'static str,
    /// The file.
    pub encoded: Encoded,
}

/// What is known of a sheet once its last tile is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFacts {
    /// How many tiles it has.
    pub tiles: u32,
    /// A tile's width and height in pixels.
    pub tile: (u32, u32),
    /// The text of its WebVTT file, if one is asked for.
    pub vtt: Option<String>,
}

/// Why a sheet was not made, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// A tile cannot be decoded.
    #[error(transparent)]
    Frame(#[from] posterframe_frame::Error),
    /// A picture of it cannot be made.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// It would have too many tiles.
    #[error("it would have more than {MAX_TILES} tiles: take a longer time from one to the next than {0}")]
    Tiles(String),
    /// A number of tiles is to share a length that is not known.
    #[error(
        "the video does not say how long it is: take a time from one tile to the next, such as 10s, in place of {0}"
    )]
    Length(String),
    /// Nobody wants the rest of it.
    #[error("it was stopped")]
    Stopped,
}

impl SheetError {
    /// How a task for it alone exits.
    pub fn exit(&self) -> TaskExit {
        match self {
            Self::Frame(error) => frame_exit(error),
            Self::Picture(_) | Self::Tiles(_) | Self::Length(_) => TaskExit::OutputImpossible,
            Self::Stopped => TaskExit::DecodeFailure,
        }
    }
}

/// Makes a sheet of the whole video, which is `origin`: a contact sheet shows its name, and every picture says inside itself
/// that it is of it. `each` gets every picture as soon as it is full, and
/// returns whether to go on; `names` are those of its files.
///
/// # Errors
/// It cannot be made, or not whole; `each` has got the pictures before the error.
pub fn make_sheet(
    video: &mut Video,
    request: &SheetRequest,
    origin: &Origin,
    names: &SheetNames,
    each: &mut dyn FnMut(SheetPicture) -> ControlFlow<()>,
) -> Result<SheetFacts, SheetError> {
    let whole = video.info().duration;
    let (step, most) = match request.every {
        Every::Step(step) => (Duration::from_micros(step.as_micros()), None),
        Every::Tiles(count) => {
            let whole = whole.filter(|whole| !whole.is_zero());
            let whole = whole.ok_or_else(|| SheetError::Length(request.every.to_string()))?;
            (even_step(whole, count), Some(count as usize))
        }
    };
    let mut drawing = Drawing::new(request, origin, each);
    drawing.head = request
        .contact
        .then(|| Head::of(&origin.name, video.info(), step));
    let wanted = request.tile;
    let max = (
        wanted.width.unwrap_or(MAX_TILE),
        wanted.height.unwrap_or(MAX_TILE),
    );
    let mut result = Ok(());
    video.tiles_every(step, request.exact, max, &mut |frame| {
        // A video may be longer than it says.
        if most.is_some_and(|most| drawing.times.len() >= most) {
            return ControlFlow::Break(());
        }
        result = drawing.add(&frame);
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    result?;
    drawing.finish(names, whole.unwrap_or_default())
}

/// The time from one of `count` tiles to the next in a video of this length. It is rounded up to whole seconds where there are
/// as many tiles all the same: times are easier to read and to say then.
fn even_step(whole: Duration, count: u32) -> Duration {
    let step = Duration::from_micros((whole.as_micros() as u64).div_ceil(count.into()));
    let seconds = Duration::from_secs(step.as_micros().div_ceil(1_000_000) as u64);
    if seconds.saturating_mul(count - 1) < whole {
        seconds
    } else {
        step
    }
}

/// What a contact sheet needs to know before its first tile.
struct Head {
    title: String,
    facts: Vec<String>,
    /// Of the times below the tiles.
    decimals: usize,
    /// The most tiles that there can be, as far as the length is known.
    tiles: u32,
}

impl Head {
    fn of(title: &str, info: &VideoInfo, step: Duration) -> Self {
        let tiles = info.duration.map_or(u128::MAX, |whole| {
            whole.as_micros().div_ceil(step.as_micros().max(1))
        });
        Self {
            title: title.to_owned(),
            facts: facts(info),
            decimals: decimals(step),
            tiles: tiles.clamp(1, u32::MAX.into()) as u32,
        }
    }
}

struct Drawing<'a> {
    request: &'a SheetRequest,
    origin: &'a Origin,
    each: &'a mut dyn FnMut(SheetPicture) -> ControlFlow<()>,
    /// Of a contact sheet.
    head: Option<Head>,
    /// Known with the first tile.
    look: Option<Look>,
    sheet: Option<Sheet>,
    pictures: usize,
    /// The tiles of the pictures that are handed on.
    handed_on: usize,
    times: Vec<Duration>,
}

/// What a sheet looks like.
enum Look {
    Tiles(Grid),
    /// With the decimals of the times below the tiles.
    Contact(Contact, usize),
}

impl Look {
    /// With tiles as they are wanted, or else as the first one is.
    fn of(request: &SheetRequest, head: Option<&Head>, first: &Image) -> Self {
        let wanted = request.tile;
        let tile = (
            wanted.width.unwrap_or(first.width()),
            wanted.height.unwrap_or(first.height()),
        );
        match head {
            None => Self::Tiles(Grid::new(tile, request.columns)),
            Some(head) => {
                // Its head is drawn first: it is as wide as there will be tiles.
                let columns = request.columns.min(head.tiles);
                Self::Contact(
                    Contact::new(tile, columns, &head.title, &head.facts),
                    head.decimals,
                )
            }
        }
    }

    const fn grid(&self) -> Grid {
        match self {
            Self::Tiles(grid) => *grid,
            Self::Contact(contact, _) => contact.grid(),
        }
    }

    fn sheet(&self) -> Sheet {
        match self {
            Self::Tiles(grid) => Sheet::new(*grid),
            Self::Contact(contact, _) => contact.sheet(),
        }
    }

    fn add(&self, sheet: &mut Sheet, picture: &Image, time: Duration) {
        match self {
            Self::Tiles(_) => sheet.add(picture),
            Self::Contact(contact, decimals) => contact.add(sheet, picture, &time_text(time, *decimals)),
        }
    }
}

impl<'a> Drawing<'a> {
    fn new(
        request: &'a SheetRequest,
        origin: &'a Origin,
        each: &'a mut dyn FnMut(SheetPicture) -> ControlFlow<()>,
    ) -> Self {
        Self {
            request,
            origin,
            each,
            head: None,
            look: None,
            sheet: None,
            pictures: 0,
            handed_on: 0,
            times: Vec::new(),
        }
    }

    fn add(&mut self, frame: &Frame) -> Result<(), SheetError> {
        if self.times.len() == MAX_TILES as usize {
            return Err(SheetError::Tiles(self.request.every.to_string()));
        }
        // What a tile shows is what any screen shows: a sheet has no HDR.
        let picture = posterframe_picture::render(
            &frame.image,
            &OutputRequest {
                format: Format::Jpeg,
                color: OutputColor::Sdr,
                ..OutputRequest::default()
            },
        )?;
        let look = self
            .look
            .get_or_insert_with(|| Look::of(self.request, self.head.as_ref(), &picture));
        self.times.push(frame.time);
        let sheet = self.sheet.get_or_insert_with(|| look.sheet());
        look.add(sheet, &picture, frame.time);
        if sheet.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands on the picture that is being filled, if there is one.
    fn flush(&mut self) -> Result<(), SheetError> {
        let Some(picture) = self.sheet.take().and_then(Sheet::finish) else {
            return Ok(());
        };
        let picture = picture?;
        let output = OutputRequest {
            format: self.request.format,
            ..OutputRequest::default()
        };
        self.pictures += 1;
        let proof = SheetProof {
            origin: self.origin.clone(),
            sheet: self.request.clone(),
            number: self.pictures as u32,
            tiles: (self.times.len() - self.handed_on) as u32,
            pixel_sha256: picture.pixel_sha256(),
        };
        self.handed_on = self.times.len();
        let encoded = posterframe_picture::encode(&picture, &output, Some(&proof.to_xmp()))?;
        let made = SheetPicture {
            size: (picture.width(), picture.height()),
            pixel_sha256: proof.pixel_sha256,
            pixel_format: picture.format().name(),
            encoded,
        };
        match (self.each)(made) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SheetError::Stopped),
        }
    }

    fn finish(mut self, names: &SheetNames, end: Duration) -> Result<SheetFacts, SheetError> {
        self.flush()?;
        let Some(grid) = self.look.as_ref().map(Look::grid) else {
            return Err(posterframe_frame::Error::NoFrame.into());
        };
        let name = |index| names.picture(index, self.request.format);
        let files: Vec<String> = (0..self.pictures).map(name).collect();
        Ok(SheetFacts {
            tiles: self.times.len() as u32,
            tile: grid.tile(),
            vtt: self.request.vtt.then(|| vtt(grid, &self.times, end, &files)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if there are fewer tiles than were asked for, more than that, or times that nobody says.
    #[test]
    fn even_steps() {
        let step = |whole, count| even_step(Duration::from_millis(whole), count).as_micros();
        assert_eq!(step(596_474, 24), 25_000_000);
        assert_eq!(step(60_000, 24), 2_500_000);
        assert_eq!(step(10_000, 3), 4_000_000);
        assert_eq!(step(1_000, 1), 1_000_000);
        assert_eq!(step(40, 24), 1_667);
        for whole in (1..4_000).map(|tenths| Duration::from_millis(tenths * 100)) {
            for count in 1..40 {
                let step = even_step(whole, count);
                assert!(
                    step * count >= whole && step * (count - 1) < whole,
                    "{whole:?}, {count}"
                );
            }
        }
    }
}
