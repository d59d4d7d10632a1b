//! From a video to a sheet: tiles, as they are decoded, to pictures and cues. The command line makes sheets with it, too.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_contract::{
    Format, MAX_TILE, OutputColor, OutputRequest, SheetNames, SheetRequest, TaskExit,
};
use posterframe_frame::{Frame, PictureError, Video};
use posterframe_picture::Encoded;
use posterframe_picture::sheet::{Grid, Sheet, vtt};

use crate::exit::frame_exit;

/// The most tiles of a sheet: a day at one in ten seconds.
const MAX_TILES: usize = 10_000;

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
    /// Nobody wants the rest of it.
    #[error("it was stopped")]
    Stopped,
}

impl SheetError {
    /// How a task for it alone exits.
    pub fn exit(&self) -> TaskExit {
        match self {
            Self::Frame(error) => frame_exit(error),
            Self::Picture(_) | Self::Tiles(_) => TaskExit::OutputImpossible,
            Self::Stopped => TaskExit::DecodeFailure,
        }
    }
}

/// Makes a sheet of the whole video. `each` gets every picture as soon as it is full, and returns whether to go on; `names`
/// are those of its files.
///
/// # Errors
/// It cannot be made, or not whole; `each` has got the pictures before the error.
pub fn make_sheet(
    video: &mut Video,
    request: &SheetRequest,
    names: &SheetNames,
    each: &mut dyn FnMut(SheetPicture) -> ControlFlow<()>,
) -> Result<SheetFacts, SheetError> {
    let mut drawing = Drawing::new(request, each);
    let (wanted, step) = (request.tile, Duration::from_micros(request.every.as_micros()));
    let max = (
        wanted.width.unwrap_or(MAX_TILE),
        wanted.height.unwrap_or(MAX_TILE),
    );
    let mut result = Ok(());
    video.tiles_every(step, request.exact, max, &mut |frame| {
        result = drawing.add(&frame);
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    result?;
    let end = video.info().duration.unwrap_or_default();
    drawing.finish(names, end)
}

struct Drawing<'a> {
    request: &'a SheetRequest,
    each: &'a mut dyn FnMut(SheetPicture) -> ControlFlow<()>,
    /// Known with the first tile.
    grid: Option<Grid>,
    sheet: Option<Sheet>,
    pictures: usize,
    times: Vec<Duration>,
}

impl<'a> Drawing<'a> {
    fn new(request: &'a SheetRequest, each: &'a mut dyn FnMut(SheetPicture) -> ControlFlow<()>) -> Self {
        Self {
            request,
            each,
            grid: None,
            sheet: None,
            pictures: 0,
            times: Vec::new(),
        }
    }

    fn add(&mut self, frame: &Frame) -> Result<(), SheetError> {
        if self.times.len() == MAX_TILES {
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
        let tile = (picture.width(), picture.height());
        let grid = *self.grid.get_or_insert_with(|| {
            let wanted = self.request.tile;
            let tile = (wanted.width.unwrap_or(tile.0), wanted.height.unwrap_or(tile.1));
            Grid::new(tile, self.request.columns)
        });
        self.times.push(frame.time);
        let sheet = self.sheet.get_or_insert_with(|| Sheet::new(grid));
        sheet.add(&picture);
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
        let made = SheetPicture {
            size: (picture.width(), picture.height()),
            pixel_sha256: picture.pixel_sha256(),
            pixel_format: picture.format().name(),
            encoded: posterframe_picture::encode(&picture, &output, None)?,
        };
        self.pictures += 1;
        match (self.each)(made) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SheetError::Stopped),
        }
    }

    fn finish(mut self, names: &SheetNames, end: Duration) -> Result<SheetFacts, SheetError> {
        self.flush()?;
        let Some(grid) = self.grid else {
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
