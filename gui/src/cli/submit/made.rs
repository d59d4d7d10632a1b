//! What is to be made of each video: the frames that are selected, decoded on this computer, and the files of each.

use std::path::Path;

use posterframe_client::{Client, FrameChoice, PreflightIssue, Submission, VideoFile};
use posterframe_contract::{Interpretation, OutputRequest, Selector, SheetRequest};
use posterframe_frame::Options;
use posterframe_markers::Marker;
use posterframe_player::Footage;

use crate::cli::Common;
use crate::cli::files::{FileArgs, SheetArgs};
use crate::cli::interpret::InterpretArgs;
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
    /// How each video is read.
    pub(in crate::cli) interpretation: Interpretation,
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
        interpret: &InterpretArgs,
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
            interpretation: interpret.interpretation(),
            marks,
        })
    }

    /// The marks of a video.
    ///
    /// # Errors
    /// There is a list, and no mark of this video in it, or a timecode is none of the video's.
    pub(in crate::cli) fn marks_of(&self, footage: &Footage) -> anyhow::Result<Vec<Marker>> {
        let Some(list) = &self.marks else {
            return Ok(Vec::new());
        };
        list.of(&footage.source.file_name(), || {
            Ok(footage.open(Options::default())?.info().clone())
        })
    }
}

/// Prints the warnings that the window shows before a submission. Problems that prevent one are errors of the submission
/// itself.
fn warn(client: &Client, opened: &VideoFile, interpretation: Interpretation, frames: &[FrameChoice]) {
    let positions: Vec<_> = frames.iter().map(|frame| frame.position).collect();
    let findings = client.check(opened, interpretation, &positions).into_iter();
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
    let footage = Footage::new(video, made.interpretation);
    let frames = choose(&footage, &made.marks_of(&footage)?, selectors)?;
    warn(client, &opened, made.interpretation, &frames);
    Ok(Submission {
        video: video.to_owned(),
        frames,
        outputs: made.outputs,
        sheets: made.sheets,
        interpretation: made.interpretation,
    })
}

/// Decodes the selected frames, in one way through the video.
///
/// # Errors
/// The video cannot be read or decoded.
pub(super) fn choose(
    footage: &Footage,
    marks: &[Marker],
    selectors: &[Selector],
) -> anyhow::Result<Vec<FrameChoice>> {
    let selectors = mark_list::selectors(marks, selectors);
    let picked = select::frames(&selectors, || Ok(footage.open(Options::default())?))?;
    let video = footage.open(Options::default())?;
    warn_of_colours(video.info());
    let mut frames = decoded_choices(video, &picked)?;
    mark_list::name(&mut frames, marks);
    Ok(frames)
}
