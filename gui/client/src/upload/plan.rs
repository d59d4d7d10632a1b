//! From a submission to its jobs: ids, keys, names.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use posterframe_contract::{JobId, KeyError, Position, UploadKey, names};
use time::OffsetDateTime;

use super::source::look_at;
use crate::config::{Backend, Paths};
use crate::error::ClientError;
use crate::fs::write_whole;
use crate::model::{FrameChoice, Job, Phase, Submission, VideoFile};

/// The names that a submission would make: of the upload and of the thumbnail, for each frame.
pub(crate) fn planned_names(video: &Path, frames: &[Position]) -> Vec<(String, String)> {
    let planned = frames.iter().enumerate().map(|(index, position)| {
        let key = upload_key(("", ""), JobId::new(), video, index, *position)?;
        let file = key.to_string();
        let file = file.rsplit('/').next().unwrap_or(&file).to_owned();
        Ok::<_, KeyError>((file, key.thumbnail_name()))
    });
    planned.flatten().collect()
}

/// A job for each frame, in their order; the first one's upload serves all.
pub(crate) fn jobs(
    submission: Submission,
    backend: &Backend,
    paths: &Paths,
    now: OffsetDateTime,
) -> Result<Vec<Job>, ClientError> {
    let video = look_at(&submission.video)?;
    if submission.frames.is_empty() {
        return Err(ClientError::NoFrames);
    }
    let mut jobs: Vec<Job> = Vec::new();
    for (index, frame) in submission.frames.into_iter().enumerate() {
        let first = jobs.first().map(|job| job.id);
        jobs.push(job(backend, paths, now, &video, index, frame, first)?);
    }
    Ok(jobs)
}

fn job(
    backend: &Backend,
    paths: &Paths,
    now: OffsetDateTime,
    video: &VideoFile,
    index: usize,
    frame: FrameChoice,
    upload_of: Option<JobId>,
) -> Result<Job, ClientError> {
    let id = JobId::new();
    let key = upload_key(backend.folders(), id, &video.path, index, frame.position)?;
    let mut job = Job {
        frame_number: frame.number,
        upload_key: key.to_string(),
        thumbnail_key: key.thumbnail_key(&backend.uploads_folder, &backend.thumbnails_folder)?,
        upload_of,
        preview_sha256: frame.preview_sha256,
        preview_libav: frame.preview_libav,
        preview_pixels: frame.preview_pixels,
        still: frame.still_png.and_then(|png| keep_still(paths, id, &png)),
        ..Job::new(id, backend, video.clone(), frame.position, now)
    };
    job.begin(Phase::Upload, now);
    Ok(job)
}

fn keep_still(paths: &Paths, id: JobId, png: &[u8]) -> Option<PathBuf> {
    let file = paths.data.join("stills").join(format!("{id}.png"));
    write_whole(&file, png)
        .inspect_err(|error| tracing::warn!("the still of job {id} is not kept: {error}"))
        .ok()?;
    Some(file)
}

/// The key of the upload for the frame that was marked as number `index`, counted from 0, below the folders of uploads
/// and thumbnails. The frames of a video are `bunny`, `bunny-2`, `bunny-3`, so that saved files do not collide.
pub(crate) fn upload_key(
    (uploads, thumbnails): (&str, &str),
    id: JobId,
    video: &Path,
    index: usize,
    position: Position,
) -> Result<UploadKey, KeyError> {
    let text = |part: Option<&OsStr>| part.map(names::as_text).unwrap_or_default();
    let mut name = text(video.file_stem());
    if index > 0 {
        let _ = write!(name, "-{}", index + 1);
    }
    UploadKey::for_job(uploads, thumbnails, id, &name, position, &text(video.extension()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the names shown before the submit are not those that it makes.
    #[test]
    fn names_are_planned() {
        let names = planned_names(
            Path::new("/films/my.bunny.MP4"),
            &[
                Position::from_micros(10_541_000),
                Position::from_micros(27_875_000),
            ],
        );
        assert_eq!(
            names,
            [
                ("my.bunny_00-00-10.541.mp4".to_owned(), "my.bunny.png".to_owned()),
                (
                    "my.bunny-2_00-00-27.875.mp4".to_owned(),
                    "my.bunny-2.png".to_owned()
                ),
            ]
        );
    }
    // Breaks if a name that is no text, or that has as many bytes as a name can have, makes a key that is not valid.
    #[cfg(unix)]
    #[test]
    fn every_name_makes_a_key() {
        use std::os::unix::ffi::OsStrExt as _;
        let position = [Position::from_micros(1_000_000)];
        let names = planned_names(Path::new(OsStr::from_bytes(b"/f/Mu\xf1oz.MP4")), &position);
        assert_eq!(names[0].0, "Mu-oz_00-00-01.000.mp4");
        assert_eq!(names[0].1, "Mu-oz.png");
        for byte in [b'x', 0xff] {
            let names = planned_names(Path::new(OsStr::from_bytes(&[byte; 255])), &position);
            assert!(names[0].0.len() <= 255 && names[0].0.ends_with("_00-00-01.000.video"));
        }
    }
}
