//! From a submission to its jobs: ids, keys, names.

use std::path::{Path, PathBuf};

use posterframe_contract::{JobId, Position, UploadKey};
use time::OffsetDateTime;

use crate::{Backend, ClientError, FrameChoice, Job, Paths, Phase, Submission, VideoFile, gallery, upload};

/// The names that a submission would make: of the upload and of the thumbnail, for each frame.
pub(crate) fn planned_names(video: &Path, frames: &[Position]) -> Vec<(String, String)> {
    let (stem, extension) = name_parts(video);
    let planned = frames.iter().enumerate().map(|(index, position)| {
        let key = UploadKey::for_job("", JobId::new(), &numbered(&stem, index), *position, &extension);
        key.map(|key| {
            let file = key.to_string();
            (
                file.rsplit('/').next().unwrap_or_default().to_owned(),
                key.thumbnail_name(),
            )
        })
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
    let video = upload::look_at(&submission.video)?;
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
    let (stem, extension) = name_parts(&video.path);
    let id = JobId::new();
    let key = UploadKey::for_job(
        &backend.uploads_folder,
        id,
        &numbered(&stem, index),
        frame.position,
        &extension,
    )?;
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
    gallery::write_whole(&file, png)
        .inspect_err(|error| tracing::warn!("the still of job {id} is not kept: {error}"))
        .ok()?;
    Some(file)
}

/// A file's name without its last extension, and that extension.
pub(crate) fn name_parts(video: &Path) -> (String, String) {
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    (
        part(video.file_stem()).unwrap_or_default(),
        part(video.extension()).unwrap_or_default(),
    )
}

/// `bunny`, `bunny-2`, `bunny-3`: so that saved files do not collide.
pub(crate) fn numbered(stem: &str, index: usize) -> String {
    if index == 0 {
        stem.to_owned()
    } else {
        format!("{stem}-{}", index + 1)
    }
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
}
