//! `posterframe marks`: the chapters of videos, or a list's marks of them, as frames; and such lists, written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use posterframe_client::fs::Existing;
use posterframe_contract::names::as_text;
use posterframe_contract::{Interpretation, Timecode};
use posterframe_frame::{Options, Video, VideoInfo};
use posterframe_markers::{Found, Marker};
use serde_json::json;

use super::interpret::InterpretArgs;
use super::report::put_path;
use super::say::say;
use super::{complain, stdin};
use crate::mark_list::{self, MarkList};

#[derive(Debug, clap::Args)]
pub(super) struct MarksArgs {
    /// The videos [default: those that the list names]
    #[arg(required_unless_present = "marks")]
    videos: Vec<PathBuf>,
    #[command(flatten)]
    marks: MarkArgs,
    #[command(flatten)]
    interpret: InterpretArgs,
    /// Write them as a list, in the format of its extension: .csv, .edl (Resolve), .txt (Premiere) or .vtt
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Replace a list that is there already
    #[arg(long)]
    force: bool,
    /// One JSON object a line and mark
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct MarkArgs {
    /// A list of marks in place of positions: CSV with time, timecode or frame, name and note; Resolve’s EDL; Premiere’s
    /// markers; or WebVTT. Names of marks are names of stills, and {mark} in --name
    #[arg(long, value_name = "FILE")]
    marks: Option<PathBuf>,
    /// What the list calls a video’s first frame, such as 01:00:00:00 of a timeline [default: the video’s own timecode]
    #[arg(long, value_name = "TIMECODE", requires = "marks")]
    marks_start: Option<Timecode>,
}

impl MarkArgs {
    pub(super) const fn is_given(&self) -> bool {
        self.marks.is_some()
    }

    /// The list, if one is asked for.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn list(&self) -> anyhow::Result<Option<MarkList>> {
        let marks = self.marks.as_deref();
        marks
            .map(|path| MarkList::open(path, self.marks_start))
            .transpose()
    }
}

pub(super) fn run(args: &MarksArgs) -> anyhow::Result<ExitCode> {
    let list = args.marks.list()?;
    let named = list.as_ref().map(MarkList::videos).unwrap_or_default();
    let videos = if args.videos.is_empty() {
        &named
    } else {
        &args.videos
    };
    if videos.is_empty() {
        bail!("the list names no video: give one before --marks");
    }
    let (mut all, mut infos, mut code) = (Vec::new(), Vec::new(), ExitCode::SUCCESS);
    for video in videos {
        stdin::refuse(video)?;
        let failed = || format!("{} failed", video.display());
        let (info, found, errors) =
            of_video(video, list.as_ref(), args.interpret.interpretation()).with_context(failed)?;
        for error in errors {
            complain(&error.context(failed()));
            code = ExitCode::FAILURE;
        }
        if args.export.is_none() {
            print(args, video, &info, &found, list.is_some());
        }
        let name = (videos.len() > 1).then(|| video.file_name().map(as_text).unwrap_or_default());
        all.extend(found.into_iter().map(|found| Found {
            file: name.clone(),
            ..found
        }));
        infos.push(info);
    }
    if let (Some(path), Some(info)) = (&args.export, infos.first()) {
        if all.is_empty() {
            bail!("there is no mark to write");
        }
        let existing = if args.force {
            Existing::Replace
        } else {
            Existing::Keep
        };
        mark_list::save(path, &all, &videos[0], info, existing)?;
        if !args.json {
            let marks = crate::job_text::counted(all.len(), "mark");
            say!("{}: {marks}", path.display());
        }
    }
    Ok(code)
}

/// The frames that are marked of a video, and why there is none for some marks.
fn of_video(
    video: &Path,
    list: Option<&MarkList>,
    interpretation: Interpretation,
) -> anyhow::Result<(VideoInfo, Vec<Found>, Vec<anyhow::Error>)> {
    let options = Options {
        interpretation,
        ..Options::default()
    };
    let mut open = Video::open_with(video, options)?;
    let marks = match list {
        Some(list) => list.of(video, || Ok(open.info().clone()))?,
        None => mark_list::chapters(open.info()),
    };
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for mark in &marks {
        match mark_list::found(&mut open, mark) {
            Ok(one) => found.push(one),
            Err(error) => errors.push(error.context(about(mark))),
        }
    }
    Ok((open.info().clone(), found, errors))
}

fn about(mark: &Marker) -> String {
    match &*mark.name {
        "" => format!("the mark at {}", mark.at),
        name => format!("the mark “{name}” at {}", mark.at),
    }
}

fn print(args: &MarksArgs, video: &Path, info: &VideoInfo, found: &[Found], is_list: bool) {
    for one in found.iter().filter(|_| args.json) {
        let mut object = json!({ "position": one.position, "timecode": one.timecode, "number": one.number,
                                 "name": one.name, "note": one.note });
        put_path(&mut object, "video", Some(video));
        say!("{object}");
    }
    if args.json {
        return;
    }
    match &info.timecodes {
        Ok(timecodes) => {
            let own = if timecodes.is_own() {
                "its own"
            } else {
                "counted from zero"
            };
            let first = timecodes.scale().start();
            say!("{}: timecode from {first}, {own}", video.display());
            if let Some(note) = timecodes.note() {
                say!("  {note}");
            }
        }
        Err(reason) => say!("{}: {reason}", video.display()),
    }
    if found.is_empty() && !is_list {
        say!("  no chapters");
    }
    for one in found {
        let timecode = one
            .timecode
            .map(|timecode| timecode.to_string())
            .unwrap_or_default();
        let number = one.number.map(|number| format!("{number}f")).unwrap_or_default();
        say!(
            "  {}  {timecode:<12} {number:<8} {}",
            one.position.timecode(),
            one.name
        );
        for line in one.note.lines() {
            say!("      {line}");
        }
    }
}
