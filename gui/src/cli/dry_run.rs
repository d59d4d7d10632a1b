//! `submit --dry-run`: which frames and files a submission would make, and how large they are. Nothing is sent, and no backend
//! is needed.

use std::path::Path;

use posterframe_client::Client;
use posterframe_contract::{NameFacts, OutputRequest, Position, Selector};
use posterframe_frame::{Frame, Video};
use posterframe_markers::Marker;
use posterframe_picture::{encode, render};
use serde_json::{Value, json};

use super::files::options_for;
use super::report::put_path;
use super::say::say;
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

/// Decodes the frames that are selected, makes their files in memory, and says what they are.
///
/// # Errors
/// The video cannot be read or decoded, or a file cannot be made.
pub(super) fn run(
    video: &Path,
    selectors: &[Selector],
    marks: &[Marker],
    outputs: &[OutputRequest],
    is_json: bool,
) -> anyhow::Result<()> {
    let opened = Client::look_at(video)?;
    let selectors: Vec<Selector> = mark_list::selectors(marks)
        .chain(selectors.iter().copied())
        .collect();
    let picked = select::frames(&selectors, || Ok(Video::open(video)?))?;
    let exact = [OutputRequest::default()];
    let outputs = if outputs.is_empty() { &exact } else { outputs };
    let frames = planned(video, &picked, marks, outputs)?;
    let bytes: u64 = frames
        .iter()
        .flat_map(|frame| &frame.files)
        .map(|file| file.1)
        .sum();
    if is_json {
        let frames: Vec<Value> = frames.iter().map(Planned::json).collect();
        let mut object = json!({ "frames": frames, "bytes": bytes, "upload_bytes": opened.bytes });
        put_path(&mut object, "video", Some(video));
        say!("{object}");
        return Ok(());
    }
    let files = frames.iter().map(|frame| frame.files.len()).sum();
    say!(
        "{}: {}, {}, about {}; {} to upload, unless the bucket has it",
        opened.name,
        counted(frames.len(), "frame"),
        counted(files, "file"),
        format::bytes(bytes),
        format::bytes(opened.bytes)
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
    video: &Path,
    picked: &[Picked],
    marks: &[Marker],
    outputs: &[OutputRequest],
) -> anyhow::Result<Vec<Planned>> {
    let name = posterframe_contract::names::as_text(video.file_stem().unwrap_or_default());
    let video = Video::open_with(video, options_for(outputs))?;
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
