//! A look before a submission: what would make it fail, or make it needless. Nothing is changed, and nothing sent.

use posterframe_contract::{Interpretation, Position};
use time::OffsetDateTime;

use super::plan;
use super::source::look_at;
use crate::config::Backend;
use crate::error::{ClientError, ErrorText};
use crate::model::{Job, JobState, Still, VideoFile};

/// What a look before a submission finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreflightIssue {
    /// The file is another one than was opened: its frames may be, too.
    Changed,
    /// The file cannot be read any more.
    Unreadable(String),
    /// The backend's folders leave no room for a name in a key, or no task can make so many stills.
    TooLong(String),
    /// The bucket has the video already: nothing is uploaded.
    Stored,
    /// This very frame has its thumbnail already.
    Made {
        /// The thumbnail's name.
        name: String,
        /// When it was asked for.
        when: OffsetDateTime,
    },
    /// There is a thumbnail of another frame or video with a name that this submission makes. Both are kept.
    NameTaken {
        /// The name.
        name: String,
        /// When the other one was asked for.
        when: OffsetDateTime,
    },
}

impl PreflightIssue {
    /// Whether nothing can be submitted as long as this is so.
    pub const fn blocks(&self) -> bool {
        matches!(self, Self::Changed | Self::Unreadable(_) | Self::TooLong(_))
    }
}

/// Looks at a submission of frames at `positions` of the video, which was as `opened` says when they were picked, and is read as
/// `interpretation` says.
pub(crate) fn findings(
    opened: &VideoFile,
    interpretation: Interpretation,
    positions: &[Position],
    backend: &Backend,
    jobs: &[impl AsRef<Job>],
) -> Vec<PreflightIssue> {
    let mut findings = Vec::new();
    match look_at(&opened.path) {
        Ok(now) if now == *opened => {}
        Ok(_) => findings.push(PreflightIssue::Changed),
        Err(error) => findings.push(PreflightIssue::Unreadable(ErrorText::of(&error).to_string())),
    }
    let stills = positions.iter().map(|position| Still::at(*position)).collect();
    let wanted = plan::Wanted {
        stills,
        interpretation,
        ..plan::Wanted::default()
    };
    let names = match plan::plan(backend, opened.clone(), wanted, OffsetDateTime::UNIX_EPOCH) {
        Ok(job) => job.still_names(),
        Err(ClientError::NoFrames) => Vec::new(),
        Err(error) => {
            findings.push(PreflightIssue::TooLong(ErrorText::of(&error).to_string()));
            Vec::new()
        }
    };
    let done = || {
        let jobs = jobs.iter().map(AsRef::as_ref);
        let done = jobs.filter(|job| job.state == JobState::Done && job.backend == backend.name);
        done.flat_map(|job| job.stills.iter().map(move |still| (job, still)))
    };
    for (&position, name) in positions.iter().zip(names) {
        let has_name = |still: &Still| still.files.iter().any(|file| file.name() == name);
        let is_same = |job: &Job| job.video == *opened && job.interpretation == interpretation;
        let same = done().find(|(job, still)| is_same(job) && still.position == position);
        if let Some((job, still)) = same {
            let name = still.files.first().map_or(name, |file| file.name().to_owned());
            let when = job.created;
            findings.push(PreflightIssue::Made { name, when });
        } else if let Some((job, _)) = done().find(|(_, still)| has_name(still)) {
            let when = job.created;
            findings.push(PreflightIssue::NameTaken { name, when });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;
    use crate::config::Paths;
    use crate::model::result::tests::manifest;
    use crate::model::{FrameChoice, Submission};

    const AS_IT_SAYS: Interpretation = Interpretation {
        track: None,
        rotate: None,
        ignore_edits: false,
    };

    fn at(seconds: u64) -> Position {
        Position::from_micros(seconds * 1_000_000)
    }

    // Breaks if a file that changed is submitted unsaid, a frame is made twice unsaid, or a name that is only alike
    // counts as the same frame.
    #[test]
    fn what_is_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        let video = folder.path().join("clip.mp4");
        std::fs::write(&video, "0123").unwrap();
        let opened = look_at(&video).unwrap();
        let backend = Backend::default();
        let submission = Submission {
            video: video.clone(),
            frames: vec![FrameChoice {
                position: at(7),
                ..FrameChoice::default()
            }],
            outputs: Vec::new(),
            sheets: Vec::new(),
            interpretation: AS_IT_SAYS,
        };
        let job = plan::job(submission, &backend, &paths, OffsetDateTime::UNIX_EPOCH).unwrap();
        let mut jobs = vec![job];
        let jobs_of = |jobs: &[Job]| jobs.iter().cloned().map(std::sync::Arc::new).collect::<Vec<_>>();
        // What is not made yet takes no name.
        assert_eq!(
            findings(&opened, AS_IT_SAYS, &[at(7)], &backend, &jobs_of(&jobs)),
            []
        );
        jobs[0].state = JobState::Done;
        let made = manifest(&jobs[0]);
        let paths = made.stills[0]
            .files
            .iter()
            .map(|file| (file.key.clone(), video.clone()));
        jobs[0].take_result(&made, &paths.collect());
        let (name, when) = ("clip.png".to_owned(), jobs[0].created);
        let made = PreflightIssue::Made {
            name: name.clone(),
            when,
        };
        let taken = PreflightIssue::NameTaken { name, when };
        let look =
            |positions: &[Position]| findings(&opened, AS_IT_SAYS, positions, &backend, &jobs_of(&jobs));
        assert_eq!(look(&[at(7)]), [made]);
        assert!(!taken.blocks());
        // The frame at that time of another track is another one.
        let second = Interpretation {
            track: NonZeroU16::new(2),
            ..AS_IT_SAYS
        };
        let of_second = findings(&opened, second, &[at(7)], &backend, &jobs_of(&jobs));
        assert_eq!(of_second, look(&[at(8), at(9)]));
        assert_eq!(of_second, [taken]);
        std::fs::write(&video, "01234").unwrap();
        assert_eq!(look(&[])[0], PreflightIssue::Changed);
        std::fs::remove_file(&video).unwrap();
        assert!(
            matches!(&look(&[])[0], PreflightIssue::Unreadable(words) if words.contains("Check that the file is there"))
        );
    }

    // Breaks if a key that S3 refuses is found out by S3.
    #[test]
    fn names_that_are_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let video = folder.path().join("clip.mp4");
        std::fs::write(&video, "0123").unwrap();
        let backend = Backend {
            uploads_folder: "u".repeat(1_000),
            ..Backend::default()
        };
        let found = findings(
            &look_at(&video).unwrap(),
            AS_IT_SAYS,
            &[at(1), at(2)],
            &backend,
            &[] as &[std::sync::Arc<Job>],
        );
        assert!(matches!(&found[..], [PreflightIssue::TooLong(words)] if words.contains("shorter names")));
        assert!(found[0].blocks());
    }
}
