//! What is to be made of each video: the frames that are selected, decoded on this computer, and the files of each.

use std::path::Path;

use posterframe_client::{Client, FrameChoice, PreflightIssue, Submission, VideoFile};
use posterframe_contract::{OutputRequest, Selector, SheetRequest};
use posterframe_frame::Video;
use posterframe_markers::Marker;
use posterframe_player::VideoSource;

use crate::cli::Common;
use crate::cli::files::{FileArgs, SheetArgs};
use crate::cli::select::SelectArgs;
use crate::cli::warn_of_colours;
use crate::frame_choice::decoded_choices;
use crate::job_text;
use crate::mark_list::{self, MarkList};
use crate::select;

/// What to make of each video.
#[derive(Clone, Default)]
pub(in crate::cli) struct Made {
    /// The files to make of each frame.
    pub(in crate::cli) outputs: Vec<OutputRequest>,
    pub(super) sheets: Vec<SheetRequest>,
    /// A list of marks, whose frames come before those that are selected otherwise.
    pub(super) marks: Option<MarkList>,
}

impl Made {
    /// What the arguments of a command ask for.
    ///
    /// # Errors
    /// They do not go together, or the list of marks cannot be read.
    pub(in crate::cli) fn of(
        common: &Common,
        files: FileArgs,
        sheets: SheetArgs,
        select: &SelectArgs,
    ) -> anyhow::Result<Self> {
        let marks = select.marks.list()?;
        let outputs = files.outputs(common)?;
        Ok(Self {
            outputs: match &marks {
                Some(marks) => marks.outputs(outputs),
                None => outputs,
            },
            sheets: sheets.sheets()?,
            marks,
        })
    }

    /// The marks of a video.
    ///
    /// # Errors
    /// There is a list, and no mark of this video in it, or a timecode is none of the video's.
    pub(in crate::cli) fn marks_of(&self, source: &VideoSource) -> anyhow::Result<Vec<Marker>> {
        let Some(list) = &self.marks else {
            return Ok(Vec::new());
        };
        list.of(&source.file_name(), || Ok(Video::open(source)?.info().clone()))
    }
}

/// Prints the warnings that the window shows before a submission. Problems that prevent one are errors of the submission
/// itself.
fn warn(client: &Client, opened: &VideoFile, frames: &[FrameChoice]) {
    let positions: Vec<_> = frames.iter().map(|frame| frame.position).collect();
    let findings = client.check(opened, &positions).into_iter();
    // The log of the job says that nothing is sent.
    for finding in findings.filter(|finding| *finding != PreflightIssue::Stored) {
        let words = job_text::issue(&finding, client.now());
        eprintln!("posterframe: {}: {words}", opened.path.display());
    }
}

/// Decodes the selected frames of a file, and says what is worth knowing before they are submitted.
///
/// # Errors
/// The video cannot be read or decoded.
pub(in crate::cli) fn prepared(
    client: &Client,
    video: &Path,
    selectors: &[Selector],
    made: Made,
) -> anyhow::Result<Submission> {
    let opened = Client::look_at(video)?;
    let source = VideoSource::from(&video.to_owned());
    let frames = choose(&source, &made.marks_of(&source)?, selectors)?;
    warn(client, &opened, &frames);
    Ok(Submission {
        video: video.to_owned(),
        frames,
        outputs: made.outputs,
        sheets: made.sheets,
    })
}

/// Decodes the selected frames, in one way through the video.
///
/// # Errors
/// The video cannot be read or decoded.
pub(super) fn choose(
    source: &VideoSource,
    marks: &[Marker],
    selectors: &[Selector],
) -> anyhow::Result<Vec<FrameChoice>> {
    let selectors = mark_list::selectors(marks, selectors);
    let picked = select::frames(&selectors, || Ok(Video::open(source)?))?;
    let video = Video::open(source)?;
    warn_of_colours(video.info());
    let mut frames = decoded_choices(video, &picked)?;
    mark_list::name(&mut frames, marks);
    Ok(frames)
}
