//! From a submission to its job: id, keys, names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use posterframe_contract::{
    FormatError, Interpretation, JobId, KeyError, MAX_REQUEST_BYTES, OutputRequest, Position, SheetRequest,
    UploadKey, names, video_key,
};
use time::OffsetDateTime;

use super::source::look_at;
use crate::config::{Backend, Paths};
use crate::error::ClientError;
use crate::fs::write_whole;
use crate::model::{FrameChoice, Job, JobSheet, Phase, Still, Submission, VideoFile};

/// The names that a submission would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedNames {
    /// The video's in the bucket.
    pub video: String,
    /// Those of the stills' files, in their order.
    pub files: Vec<String>,
    /// Those of the sheets' files.
    pub sheets: Vec<String>,
}

/// A frame of a submission: where it is, and what its still is called.
pub type PlannedFrame = (Position, Option<String>);

/// The names that a submission of `frames` would make; nothing where the folders leave no room for any.
pub(crate) fn planned_names(
    backend: &Backend,
    video: &Path,
    frames: &[PlannedFrame],
    outputs: &[OutputRequest],
    sheets: &[SheetRequest],
) -> PlannedNames {
    let video = VideoFile {
        path: video.to_owned(),
        name: String::new(),
        bytes: 0,
        modified_unix_nanos: 0,
        content: None,
    };
    let stills = frames.iter().map(|(position, name)| Still {
        name: name.clone(),
        ..Still::at(*position)
    });
    let stills = stills.collect();
    let wanted = Wanted {
        stills,
        outputs: outputs.to_vec(),
        sheets: sheets.to_vec(),
        interpretation: Interpretation::default(),
    };
    let planned = plan(backend, video, wanted, OffsetDateTime::UNIX_EPOCH);
    planned.map_or_else(
        |_| PlannedNames::default(),
        |job| PlannedNames {
            video: job.video_key.rsplit('/').next().unwrap_or_default().to_owned(),
            files: job.still_names(),
            sheets: job.sheet_names(),
        },
    )
}

/// The job of a submission.
pub(crate) fn job(
    submission: Submission,
    backend: &Backend,
    paths: &Paths,
    now: OffsetDateTime,
) -> Result<Job, ClientError> {
    let video = look_at(&submission.video)?;
    let (stills, pictures): (Vec<_>, Vec<_>) = submission.frames.into_iter().map(still).unzip();
    let wanted = Wanted {
        stills,
        outputs: submission.outputs,
        sheets: submission.sheets,
        interpretation: submission.interpretation,
    };
    let mut job = plan(backend, video, wanted, now)?;
    keep_pictures(&mut job, pictures, paths, now);
    Ok(job)
}

/// Keeps the previews' pictures, and begins the job.
pub(super) fn keep_pictures(
    job: &mut Job,
    pictures: Vec<Option<Vec<u8>>>,
    paths: &Paths,
    now: OffsetDateTime,
) {
    for (index, (still, png)) in job.stills.iter_mut().zip(pictures).enumerate() {
        still.picture = png.and_then(|png| keep_picture(paths, job.id, index, &png));
    }
    job.begin(Phase::Upload, now);
}

/// A still, and the PNG of its preview.
pub(super) fn still(frame: FrameChoice) -> (Still, Option<Vec<u8>>) {
    let still = Still {
        number: frame.number,
        name: frame.name,
        note: frame.note,
        preview: frame.preview,
        ..Still::at(frame.position)
    };
    (still, frame.picture_png)
}

/// What is to be made of a video.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) stills: Vec<Still>,
    /// The exact PNG where there is none.
    pub(super) outputs: Vec<OutputRequest>,
    pub(super) sheets: Vec<SheetRequest>,
    pub(super) interpretation: Interpretation,
}

/// A job with all its keys and names. The exact PNG of a single frame of a new video is in the short form: the video's key carries its
/// position, and is all that the bucket gets. Anything else is a video and a request, a still with a name or a note too, and a video
/// that is not read as its file says.
pub(super) fn plan(
    backend: &Backend,
    video: VideoFile,
    wanted: Wanted,
    now: OffsetDateTime,
) -> Result<Job, ClientError> {
    let Wanted {
        stills,
        outputs,
        sheets,
        interpretation,
    } = wanted;
    let first = stills.first().map(|still| still.position);
    if first.is_none() && sheets.is_empty() {
        return Err(ClientError::NoFrames);
    }
    let id = JobId::new();
    let upload = upload_key(backend, id, &video.path, first.unwrap_or_default())?;
    let mut job = Job {
        name: upload.name().to_owned(),
        interpretation,
        sheets: sheets.into_iter().map(JobSheet::of).collect(),
        ..Job::new(id, backend, video, stills, now)
    };
    if !outputs.is_empty() {
        job.outputs = outputs;
    }
    let is_bare = |still: &Still| still.name.is_none() && still.note.is_none();
    if matches!(&*job.stills, [still] if is_bare(still))
        && job.sheets.is_empty()
        && job.interpretation.is_default()
        && job.outputs == [OutputRequest::default()]
    {
        job.video_key = upload.to_string();
    } else {
        job.video_key = video_key(&backend.videos_folder, id, &upload)?;
        job.request_key = Some(names::request_key(&backend.jobs_folder, id));
    }
    let request = job.request();
    request.check()?;
    let bytes = request.to_json().len();
    if bytes > MAX_REQUEST_BYTES {
        let problem = format!(
            "expected at most {MAX_REQUEST_BYTES} bytes in all, not {bytes}: shorten the notes, or submit fewer stills at once"
        );
        let place = "stills".to_owned();
        return Err(FormatError { place, problem }.into());
    }
    Ok(job)
}

/// Where the job's video goes that is sent for a request: not below the uploads folder, where it would start a task by
/// itself.
pub(super) fn own_video_key(backend: &Backend, job: &Job) -> Result<String, KeyError> {
    let position = job.stills.first().map(|still| still.position).unwrap_or_default();
    let upload = upload_key(backend, job.id, &job.video.path, position)?;
    video_key(&backend.videos_folder, job.id, &upload)
}

fn upload_key(backend: &Backend, id: JobId, video: &Path, position: Position) -> Result<UploadKey, KeyError> {
    let text = |part: Option<&OsStr>| part.map(names::as_text).unwrap_or_default();
    let (name, extension) = (text(video.file_stem()), text(video.extension()));
    let (uploads, thumbnails) = (&backend.uploads_folder, &backend.thumbnails_folder);
    UploadKey::for_job(uploads, thumbnails, id, &name, position, &extension)
}

fn keep_picture(paths: &Paths, id: JobId, index: usize, png: &[u8]) -> Option<PathBuf> {
    let file = paths.data.join("stills").join(format!("{id}-{}.png", index + 1));
    write_whole(&file, png)
        .inspect_err(|error| tracing::warn!("the preview of job {id} is not kept: {error}"))
        .ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(video: &Path, positions: &[u64]) -> PlannedNames {
        let frames = positions
            .iter()
            .map(|micros| (Position::from_micros(*micros), None));
        let frames: Vec<_> = frames.collect();
        planned_names(&Backend::default(), video, &frames, &[], &[])
    }

    // Breaks if the names shown before the submit are not those that it makes, or a single frame's key is not the
    // original's.
    #[test]
    fn names_are_planned() {
        let video = Path::new("/films/my.bunny.MP4");
        let one = planned(video, &[10_541_000]);
        assert_eq!(one.video, "my.bunny_00-00-10.541.mp4");
        assert_eq!(one.files, ["my.bunny.png"]);
        let two = planned(video, &[10_541_000, 27_875_000]);
        assert_eq!(two.video, "my.bunny.mp4");
        assert_eq!(two.files, ["my.bunny.png", "my.bunny-2.png"]);
    }

    // Breaks if a name that is no text, or that has as many bytes as a name can have, makes a key that is not valid, or a
    // request that is not.
    #[cfg(unix)]
    #[test]
    fn every_name_makes_a_key() {
        use std::os::unix::ffi::OsStrExt as _;
        let second = 1_000_000;
        let names = planned(Path::new(OsStr::from_bytes(b"/f/Mu\xf1oz.MP4")), &[second]);
        assert_eq!(names.video, "Mu-oz_00-00-01.000.mp4");
        assert_eq!(names.files, ["Mu-oz.png"]);
        for byte in [b'x', 0xff] {
            let long = Path::new(OsStr::from_bytes(&[byte; 255])).to_owned();
            let name = planned(&long, &[second]).video;
            assert!(
                name.len() <= 255 && name.ends_with("_00-00-01.000.video"),
                "{name}"
            );
            let names = planned(&long, &[second; 12]);
            assert_eq!(
                (names.video.rsplit('.').next(), names.files.len()),
                (Some("video"), 12)
            );
            assert!(names.files.iter().all(|name| name.len() <= 255));
        }
    }

    // Breaks if more is submitted than a task takes.
    #[test]
    fn no_job_is_too_large() {
        assert_eq!(planned(Path::new("/a.mp4"), &[1; 1_000]).files.len(), 1_000);
        assert_eq!(planned(Path::new("/a.mp4"), &[1; 1_001]), PlannedNames::default());
    }
}
