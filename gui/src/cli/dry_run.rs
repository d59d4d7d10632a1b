//! `submit --dry-run`: which frames and files a submission would make, and how large they are. Nothing is sent, and no backend
//! is needed.

use std::path::PathBuf;
use std::process::ExitCode;

use posterframe_client::Client;
use posterframe_contract::{NameFacts, OutputRequest, Position, Selector};
use posterframe_frame::{Frame, Options};
use posterframe_markers::Marker;
use posterframe_picture::{encode, render};
use posterframe_player::{Footage, VideoSource};
use serde_json::{Value, json};

use super::exits::{Exits, of_error};
use super::files::options_for;
use super::remote::{self, RemoteArgs};
use super::report::put_path;
use super::say::say;
use super::submit::Made;
use super::{Common, complain, stdin};
use crate::distant;
use crate::format;
use crate::job_text::counted;
use crate::mark_list;
use crate::select::{self, Picked};

/// A frame that would be submitted.
struct Planned {
    position: Position,
    number: Option<u64>,
    /// Names and bytes of its files.
    files: Vec<(String, u64)>,
}

/// What a submission would make, of each video. How the worst of them ended.
pub(super) fn all(
    common: &Common,
    args: &RemoteArgs,
    videos: &[PathBuf],
    (selectors, made, is_json): (&[Selector], &Made, bool),
) -> ExitCode {
    let mut exits = Exits::default();
    let plan = |video: &PathBuf| {
        stdin::refuse(video)?;
        let opened = match distant::place(video)? {
            Some(place) => Some(remote::open(common, args, &place)?),
            None => None,
        };
        let source: VideoSource = opened
            .as_ref()
            .map_or_else(|| video.into(), |opened| opened.remote.clone().into());
        let footage = Footage::new(source, made.interpretation);
        let marks = made.marks_of(&footage)?;
        let planned = run(&footage, selectors, &marks, &made.outputs, is_json);
        planned.map_err(|error| remote::explained(&footage.source, error))
    };
    for video in videos {
        if let Err(error) = plan(video) {
            exits.add(of_error(&error));
            complain(&error.context(format!("{} cannot be submitted", distant::shown(video))));
        }
    }
    exits.status()
}

/// Decodes the frames that are selected, makes their files in memory, and says what they are.
///
/// # Errors
/// The video cannot be read or decoded, or a file cannot be made.
fn run(
    footage: &Footage,
    selectors: &[Selector],
    marks: &[Marker],
    outputs: &[OutputRequest],
    is_json: bool,
) -> anyhow::Result<()> {
    let source = &footage.source;
    let (title, upload_bytes) = match source {
        VideoSource::File(path) => {
            let opened = Client::look_at(path)?;
            (opened.name, opened.bytes)
        }
        VideoSource::Remote(remote) => (remote.name(), 0),
    };
    let shown = match source {
        VideoSource::File(path) => path.clone(),
        VideoSource::Remote(remote) => remote.name().into(),
    };
    let selectors = mark_list::selectors(marks, selectors);
    let picked = select::frames(&selectors, || Ok(footage.open(Options::default())?))?;
    let exact = [OutputRequest::default()];
    let outputs = if outputs.is_empty() { &exact } else { outputs };
    let frames = planned(footage, &picked, marks, outputs)?;
    let bytes: u64 = frames
        .iter()
        .flat_map(|frame| &frame.files)
        .map(|file| file.1)
        .sum();
    if is_json {
        let frames: Vec<Value> = frames.iter().map(Planned::json).collect();
        let mut object = json!({ "frames": frames, "bytes": bytes, "upload_bytes": upload_bytes,
                                 "read": remote::read_json(source) });
        put_path(&mut object, "video", Some(&shown));
        say!("{object}");
        return Ok(());
    }
    let files = frames.iter().map(|frame| frame.files.len()).sum();
    let upload = match source {
        VideoSource::File(_) => format!(
            "{} to upload, unless the bucket has it",
            format::bytes(upload_bytes)
        ),
        VideoSource::Remote(_) => "nothing to upload".to_owned(),
    };
    say!(
        "{title}: {}, {}, about {}; {upload}",
        counted(frames.len(), "frame"),
        counted(files, "file"),
        format::bytes(bytes),
    );
    for frame in &frames {
        let number = frame
            .number
            .map(|number| format!(" frame {number}"))
            .unwrap_or_default();
        let files = frame.files.iter();
        let files: Vec<String> = files
            .map(|(name, bytes)| format!("{name} ({})", format::bytes(*bytes)))
            .collect();
        say!("  {}{number}  {}", frame.position.timecode(), files.join(", "));
    }
    Ok(())
}

fn planned(
    footage: &Footage,
    picked: &[Picked],
    marks: &[Marker],
    outputs: &[OutputRequest],
) -> anyhow::Result<Vec<Planned>> {
    let path = footage.source.file_name();
    let name = posterframe_contract::names::as_text(path.file_stem().unwrap_or_default());
    let video = footage.open(options_for(outputs, footage.interpretation))?;
    select::decode(video, picked, |index, frame| {
        let mark = marks.get(index).and_then(|mark| mark_list::some(&mark.name));
        files(frame, (&name, index, mark), picked[index], outputs)
    })
}

fn files(
    frame: &Frame,
    (name, still, mark): (&str, usize, Option<String>),
    picked: Picked,
    outputs: &[OutputRequest],
) -> anyhow::Result<Planned> {
    let number = picked.number.or(frame.number);
    let files = outputs.iter().map(|output| {
        let image = frame.deinterlaced(output.deinterlacing()).unwrap_or(&frame.image);
        let picture = render(image, output)?;
        let facts = NameFacts {
            time: select::position_at(frame.time),
            timecode: frame.timecode,
            mark: mark.clone(),
            frame: number.map_or_else(|| "unknown".to_owned(), |number| number.to_string()),
            width: picture.width(),
            height: picture.height(),
            job: String::new(),
        };
        let encoded = encode(&picture, output, None)?;
        Ok((output.file_name(name, still, &facts), encoded.bytes.len() as u64))
    });
    Ok(Planned {
        position: picked.position,
        number,
        files: files.collect::<anyhow::Result<_>>()?,
    })
}

impl Planned {
    fn json(&self) -> Value {
        let files = self.files.iter();
        let files: Vec<Value> = files
            .map(|(name, bytes)| json!({ "name": name, "bytes": bytes }))
            .collect();
        json!({ "position": self.position.to_string(), "number": self.number, "files": files })
    }
}
