//! Lists of marks, and the frames of a video that they are of: what the window and the command line bring in and write out.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use posterframe_client::{FrameChoice, fs};
use posterframe_contract::names::as_text;
use posterframe_contract::{Moment, NameTemplate, OutputRequest, Selector, Timecode, TimecodeScale};
use posterframe_frame::{Video, VideoInfo};
use posterframe_markers::{Format, Found, MAX_LIST_BYTES, Marker};

use crate::select::{place, position_at};

/// A list of marks that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkList {
    path: PathBuf,
    markers: Vec<Marker>,
    /// What the list calls a video's first frame, where that is not the video's own timecode: a timeline has one of its own.
    first: Option<Timecode>,
}

impl MarkList {
    /// Reads the list at `path`.
    ///
    /// # Errors
    /// It cannot be read, or is no list of marks. The error has the line and the column.
    pub fn open(path: &Path, first: Option<Timecode>) -> anyhow::Result<Self> {
        let place = || format!("the list of marks {}", path.display());
        let mut bytes = Vec::new();
        let file = fs::open(path).with_context(place)?;
        // One more than is read tells that there are too many.
        file.take(MAX_LIST_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .with_context(place)?;
        Ok(Self {
            path: path.to_owned(),
            markers: posterframe_markers::read(&bytes).with_context(place)?.markers,
            first,
        })
    }

    /// The list's file name.
    pub fn name(&self) -> String {
        self.path.file_name().map(as_text).unwrap_or_default()
    }

    /// The videos that the list names, in its order, each once. A name is meant as it is seen from the list's folder.
    pub fn videos(&self) -> Vec<PathBuf> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut videos: Vec<PathBuf> = Vec::new();
        for file in self.markers.iter().filter_map(|marker| marker.file.as_deref()) {
            let video = folder.join(file);
            if !videos.contains(&video) {
                videos.push(video);
            }
        }
        videos
    }

    /// The marks of this video: those that name it, by its file name with or without the extension, and those that name none.
    /// Timecodes are the video's own then; `info` is called only where they are not already.
    ///
    /// # Errors
    /// There is none, or a timecode is none of the video's.
    pub fn of(
        &self,
        video: &Path,
        info: impl FnOnce() -> anyhow::Result<VideoInfo>,
    ) -> anyhow::Result<Vec<Marker>> {
        let is_its = |file: &str| {
            let file = Path::new(file);
            file.file_name() == video.file_name() || file.file_name() == video.file_stem()
        };
        let its = self
            .markers
            .iter()
            .filter(|marker| marker.file.as_deref().is_none_or(is_its));
        let mut marks: Vec<Marker> = its.cloned().collect();
        if marks.is_empty() {
            bail!("there is no mark of this video in {}", self.path.display());
        }
        if let Some(first) = self.first {
            let own = info()?.timecodes.map_err(posterframe_frame::Error::from)?.scale();
            let list = TimecodeScale::new(own.rate(), first)?;
            for mark in &mut marks {
                if let Moment::Timecode(timecode) = &mut mark.at {
                    *timecode = own.timecode(list.number(*timecode)?);
                }
            }
        }
        Ok(marks)
    }

    /// The outputs, or the exact PNG alone, with files that are called as the marks are, unless a name is asked for.
    pub fn outputs(&self, mut outputs: Vec<OutputRequest>) -> Vec<OutputRequest> {
        if outputs.is_empty() {
            outputs.push(OutputRequest::default());
        }
        named(outputs, self.markers.iter().map(|marker| marker.name.as_str()))
    }
}

/// The outputs with files that are called as the marks of these names are, unless a name is asked for.
pub fn named<'a>(
    mut outputs: Vec<OutputRequest>,
    names: impl Iterator<Item = &'a str>,
) -> Vec<OutputRequest> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let has_equal_ones = names.windows(2).any(|two| two[0] == two[1] && !two[0].is_empty());
    let template = if has_equal_ones {
        "{name}_{mark}{-n}"
    } else {
        "{name}_{mark}"
    };
    for output in outputs.iter_mut().filter(|output| output.name.is_default()) {
        output.name = template.parse().unwrap_or_else(|_| NameTemplate::default());
    }
    outputs
}

/// The places of marks, in their order, and then what is selected otherwise: what is picked of it begins with the marks.
pub fn selectors(marks: &[Marker], others: &[Selector]) -> Vec<Selector> {
    let places = marks.iter().map(|mark| Selector::At(mark.at));
    places.chain(others.iter().copied()).collect()
}

/// Gives frames that were picked by [`selectors`] the names and notes of their marks.
pub fn name(frames: &mut [FrameChoice], marks: &[Marker]) {
    for (frame, mark) in frames.iter_mut().zip(marks) {
        frame.name = some(&mark.name);
        frame.note = some(&mark.note);
    }
}

/// A text, unless it is empty.
pub fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The chapters of a video as marks.
pub fn chapters(info: &VideoInfo) -> Vec<Marker> {
    let chapters = info.chapters.iter().map(|chapter| {
        let mut name = chapter.title.replace(char::is_control, " ");
        name.truncate(name.floor_char_boundary(posterframe_contract::MAX_MARK_BYTES));
        Marker {
            file: None,
            at: Moment::Time(position_at(chapter.start)),
            name: name.trim().to_owned(),
            note: String::new(),
        }
    });
    chapters.collect()
}

/// The frame that a mark is of.
///
/// # Errors
/// There is none.
pub fn found(video: &mut Video, mark: &Marker) -> anyhow::Result<Found> {
    let pick = video.pick(place(mark.at))?;
    let timecodes = video.info().timecodes.as_ref().ok();
    Ok(Found {
        file: None,
        position: position_at(pick.position),
        number: pick.number,
        timecode: timecodes.and_then(|timecodes| timecodes.at(pick.pts, pick.number).ok()),
        name: mark.name.clone(),
        note: mark.note.clone(),
    })
}

/// Writes the list at `path`, in the format of its extension.
///
/// # Errors
/// There is no such format, it cannot say what is asked, or the file cannot be written.
pub fn save(
    path: &Path,
    found: &[Found],
    video: &Path,
    info: &VideoInfo,
    existing: fs::Existing,
) -> anyhow::Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let Some(format) = extension.and_then(Format::of_extension) else {
        let known = Format::ALL.map(|format| format!(".{} ({format})", format.extension()));
        bail!(
            "let the list’s name end with {}: {}",
            known.join(", "),
            path.display()
        );
    };
    let scale = info
        .timecodes
        .as_ref()
        .ok()
        .map(posterframe_frame::Timecodes::scale);
    let title = video.file_stem().map(as_text).unwrap_or_default();
    let bytes = posterframe_markers::write(format, found, &title, scale)?;
    fs::save(path, existing, |file: &mut File| file.write_all(&bytes))
        .with_context(|| format!("the list of marks cannot be written: {}", path.display()))
}
