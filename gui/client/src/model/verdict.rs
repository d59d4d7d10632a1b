//! Whether a thumbnail is the very picture that was on the screen, and if not, what is different.

use posterframe_contract::ThumbnailMetadata;

use super::job::{Job, Pixels, Verdict};

/// This app's version, which its worker on this machine shares.
const APP: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn verdict(job: &Job, metadata: Option<&ThumbnailMetadata>) -> Verdict {
    match (&job.preview_sha256, metadata) {
        (Some(preview), Some(metadata)) if *preview == metadata.pixel_sha256 => Verdict::Identical,
        (Some(_), Some(metadata)) => Verdict::Differs(difference(job, metadata)),
        _ => Verdict::Unknown,
    }
}

/// What can be told of two pictures of which one is only a hash: who decoded them, and which frame it is.
fn difference(job: &Job, metadata: &ThumbnailMetadata) -> String {
    let here = job.preview_libav.as_deref().unwrap_or("an unknown libav");
    let there = &metadata.libav_version;
    let mut parts = Vec::new();
    if job.chosen_from.is_some() {
        parts.push("the video’s file changed after the frame was chosen".to_owned());
    }
    if metadata.position != job.position {
        parts.push(format!(
            "asked for {} here and for {} in the task",
            job.position, metadata.position
        ));
    }
    // The position is the frame's own time, rounded down.
    if metadata.frame_time < job.position
        || metadata.frame_time.as_micros() > job.position.as_micros() + 1_000
    {
        parts.push(format!("the task's frame is at {}", metadata.frame_time));
    }
    if metadata.source_key != job.upload_key {
        parts.push(format!("the task read {}", metadata.source_key));
    }
    if here == there {
        parts.push(format!(
            "decoded by {there} on both sides, on different processors perhaps"
        ));
    } else {
        parts.push(format!("decoded by {here} here and by {there} in the task"));
    }
    if metadata.worker_version == APP {
        parts.push(format!("version {APP} on both sides"));
    } else {
        parts.push(format!(
            "version {APP} here and {} in the task",
            metadata.worker_version
        ));
    }
    parts.push(pixels(job, metadata));
    parts.join("; ")
}

/// Size and pixel format on both sides; what a side did not tell is not guessed.
fn pixels(job: &Job, metadata: &ThumbnailMetadata) -> String {
    let (width, height) = metadata.size;
    let untold = "in a pixel format that the worker did not tell";
    let format = metadata.pixel_format.as_deref().unwrap_or(untold).to_owned();
    let there = Pixels {
        width,
        height,
        format,
    };
    match &job.preview_pixels {
        Some(here) if *here == there => format!("{there} on both sides"),
        Some(here) => format!("{here} here and {there} in the task"),
        None => format!("{there} in the task, while the preview’s size and pixel format were not noted"),
    }
}

#[cfg(test)]
mod tests {
    use posterframe_contract::{JobId, Position};

    use super::*;
    use crate::model::job::tests::job;

    fn metadata(job: &Job) -> ThumbnailMetadata {
        ThumbnailMetadata {
            position: job.position,
            frame_time: job.position,
            frame_pts: 1,
            time_base: (1, 25),
            source_key: job.upload_key.clone(),
            pixel_sha256: "aa".into(),
            size: (640, 360),
            pixel_format: Some("rgb8".into()),
            libav_version: "libavcodec 62.1.100".into(),
            worker_version: APP.into(),
        }
    }

    // Breaks if other pixels pass for the same, or a difference does not name both sides.
    #[test]
    fn a_difference_names_both_sides() {
        let mut job = job(JobId::new());
        job.preview_sha256 = Some("aa".into());
        job.preview_libav = Some("libavcodec 62.3.100".into());
        let mut png = metadata(&job);
        assert_eq!(verdict(&job, Some(&png)), Verdict::Identical);
        assert_eq!(verdict(&job, None), Verdict::Unknown);
        png.pixel_sha256 = "bb".into();
        png.worker_version = "0.0.9".into();
        job.preview_pixels = Some(Pixels {
            width: 640,
            height: 360,
            format: "rgba8".into(),
        });
        let Verdict::Differs(how) = verdict(&job, Some(&png)) else {
            panic!("not told apart")
        };
        for part in [
            "62.3.100 here",
            "62.1.100 in the task",
            "0.0.9 in the task",
            "640 × 360 rgba8 here and 640 × 360 rgb8 in the task",
        ] {
            assert!(how.contains(part), "{how}");
        }
        assert!(!how.contains("frame is at"), "{how}");
        png.frame_time = Position::from_micros(10_600_000);
        let Verdict::Differs(how) = verdict(&job, Some(&png)) else {
            panic!("not told apart")
        };
        assert!(how.contains("the task's frame is at 00:00:10.6"), "{how}");
    }

    // Breaks if a file that was replaced after the submit is not said to be the likely reason.
    #[test]
    fn a_changed_file_comes_first() {
        let mut job = job(JobId::new());
        job.preview_sha256 = Some("bb".into());
        let png = metadata(&job);
        let said = |job: &Job| match verdict(job, Some(&png)) {
            Verdict::Differs(how) => how,
            other => panic!("{other:?}"),
        };
        assert!(!said(&job).contains("file changed"));
        job.chosen_from = Some(job.video.clone());
        assert!(said(&job).starts_with("the video’s file changed"));
    }

    // Breaks if a side that did not tell its pixels is said to be the same, or to be something.
    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let mut job = job(JobId::new());
        let mut png = metadata(&job);
        assert!(pixels(&job, &png).contains("were not noted"));
        job.preview_pixels = Some(Pixels {
            width: 640,
            height: 360,
            format: "rgb8".into(),
        });
        assert_eq!(pixels(&job, &png), "640 × 360 rgb8 on both sides");
        png.pixel_format = None;
        let said = pixels(&job, &png);
        assert!(
            said.contains("rgb8 here") && said.contains("did not tell"),
            "{said}"
        );
    }
}
