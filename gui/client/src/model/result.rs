//! From a task's manifest to a job's stills: their files, and whether each is the very picture that was on the screen.

use std::collections::HashMap;
use std::path::PathBuf;

use posterframe_contract::{Manifest, ManifestFile, ManifestStill};

use super::job::{Job, MadeBy};
use super::sheet::JobSheet;
use super::still::{Pixels, Preview, Still, StillFile, Verdict};

/// This app's version, which its worker on this machine shares.
const APP: &str = env!("CARGO_PKG_VERSION");

impl Job {
    /// Takes over what the task has made. `paths` has the copies on this machine, by their keys in the bucket.
    pub(crate) fn take_result(&mut self, manifest: &Manifest, paths: &HashMap<String, PathBuf>) {
        let made_by = MadeBy {
            libav_version: manifest.libav_version.clone(),
            worker_version: manifest.worker_version.clone(),
        };
        self.made_by = Some(made_by.clone());
        if self.foreign || !self.selectors.is_empty() {
            // What someone else asked for may not have been readable, and only the task knows what a rule came to.
            self.stills = manifest
                .stills
                .iter()
                .map(|made| Still {
                    name: made.name.clone(),
                    note: made.note.clone(),
                    ..Still::at(made.position)
                })
                .collect();
            self.name.clone_from(&manifest.name);
            self.interpretation = manifest.source.interpretation;
        }
        if self.foreign || self.sheets.len() != manifest.sheets.len() {
            let sheets = manifest.sheets.iter();
            self.sheets = sheets.map(|made| JobSheet::of(made.request.clone())).collect();
        }
        let here = |file: &ManifestFile| {
            Some(StillFile {
                made: file.clone(),
                path: paths.get(&file.key)?.clone(),
            })
        };
        for (sheet, made) in self.sheets.iter_mut().zip(&manifest.sheets) {
            sheet.files = made.files.iter().filter_map(here).collect();
            sheet.vtt = made.vtt.as_ref().and_then(|vtt| paths.get(&vtt.key).cloned());
            sheet.made = Some(made.clone());
        }
        let mut stills = std::mem::take(&mut self.stills);
        for (still, made) in stills.iter_mut().zip(&manifest.stills) {
            still.verdict = made.frame.as_ref().map(|frame| match &still.preview {
                Some(preview) if preview.sha256 == frame.pixel_sha256 => Verdict::Identical,
                Some(preview) => Verdict::Differs(self.difference(preview, still, made, manifest)),
                None => Verdict::Unknown,
            });
            still.number = still
                .number
                .or(made.frame.as_ref().and_then(|frame| frame.number));
            still.frame.clone_from(&made.frame);
            still.error.clone_from(&made.error);
            still.files = made.files.iter().filter_map(here).collect();
        }
        self.stills = stills;
        self.stills_done = self.stills.len() as u32;
    }

    /// What can be told of two pictures of which one is only a hash: who decoded them, and which frame it is.
    fn difference(
        &self,
        preview: &Preview,
        still: &Still,
        made: &ManifestStill,
        manifest: &Manifest,
    ) -> String {
        let mut parts = Vec::new();
        if self.chosen_from.is_some() {
            parts.push("the video’s file changed after the frame was chosen".to_owned());
        }
        if made.position != still.position {
            parts.push(format!(
                "asked for {} here and for {} in the task",
                still.position, made.position
            ));
        }
        // The position is the frame's own time, rounded down.
        let at = made.frame.as_ref().map(|frame| frame.time);
        if let Some(at) =
            at.filter(|at| *at < still.position || at.as_micros() > still.position.as_micros() + 1_000)
        {
            parts.push(format!("the task's frame is at {at}"));
        }
        if manifest.source.url != self.source_url() {
            parts.push(format!("the task read {}", manifest.source.url));
        }
        let (here, there) = (&preview.libav, &manifest.libav_version);
        if here == there {
            parts.push(format!(
                "decoded by {there} on both sides, on different processors perhaps"
            ));
        } else {
            parts.push(format!("decoded by {here} here and by {there} in the task"));
        }
        if manifest.worker_version == APP {
            parts.push(format!("version {APP} on both sides"));
        } else {
            parts.push(format!(
                "version {APP} here and {} in the task",
                manifest.worker_version
            ));
        }
        parts.push(pixels(preview, exact(made)));
        parts.join("; ")
    }
}

/// The file that has the frame's very pixels, if any was made.
fn exact(made: &ManifestStill) -> Option<&ManifestFile> {
    let frame = made.frame.as_ref()?;
    made.files
        .iter()
        .find(|file| file.pixel_sha256 == frame.pixel_sha256)
}

/// Size and pixel format on both sides; what a side did not tell is not guessed.
fn pixels(preview: &Preview, exact: Option<&ManifestFile>) -> String {
    let Some(exact) = exact else {
        return "the task made no exact PNG whose pixels could be compared in size and format".to_owned();
    };
    let there = Pixels {
        width: exact.width,
        height: exact.height,
        format: exact.pixel_format.clone(),
    };
    match &preview.pixels {
        Some(here) if *here == there => format!("{there} on both sides"),
        Some(here) => format!("{here} here and {there} in the task"),
        None => format!("{there} in the task, while the preview’s size and pixel format were not noted"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use posterframe_contract::{
        Format, JobId, ManifestFrame, ManifestSource, Position, Selector, StillError,
    };

    use super::*;
    use crate::model::job::tests::job;

    /// What a task makes of `job`: a PNG of each still, whose pixels have the hash `aa`.
    pub(crate) fn manifest(job: &Job) -> Manifest {
        let source = ManifestSource {
            url: job.source_url(),
            etag: None,
            bytes: 7,
            interpretation: job.interpretation,
        };
        let mut manifest = Manifest::new(
            Some(job.id),
            source,
            job.name.clone(),
            "libavcodec 62.1.100".into(),
            APP.into(),
        );
        let names = job.file_names();
        let still = |(still, name): (&Still, &String)| ManifestStill {
            position: still.position,
            name: still.name.clone(),
            note: still.note.clone(),
            score: None,
            frame: Some(ManifestFrame {
                number: Some(1),
                time: still.position,
                timecode: None,
                pts: 1,
                time_base: (1, 25),
                pixel_sha256: "aa".into(),
            }),
            files: vec![ManifestFile {
                key: format!("thumbnails/{}/{name}", job.id),
                format: Format::Png,
                width: 640,
                height: 360,
                pixel_format: "rgb8".into(),
                bytes: 3,
                pixel_sha256: "aa".into(),
                quality: None,
                deinterlaced: false,
            }],
            error: None,
        };
        manifest.stills = job.stills.iter().zip(&names).map(still).collect();
        manifest
    }

    fn with_preview() -> Job {
        let mut job = job(JobId::new());
        job.stills[0].preview = Some(Preview {
            sha256: "aa".into(),
            libav: "libavcodec 62.3.100".into(),
            pixels: None,
        });
        job
    }

    fn with_hash(manifest: &mut Manifest, hash: &str) {
        let still = &mut manifest.stills[0];
        hash.clone_into(&mut still.frame.as_mut().unwrap().pixel_sha256);
        hash.clone_into(&mut still.files[0].pixel_sha256);
    }

    fn verdict(job: &mut Job, manifest: &Manifest) -> Verdict {
        job.take_result(manifest, &HashMap::new());
        job.verdict().unwrap()
    }

    fn difference(job: &mut Job, manifest: &Manifest) -> String {
        match verdict(job, manifest) {
            Verdict::Differs(how) => how,
            other => panic!("not told apart: {other:?}"),
        }
    }

    // Breaks if other pixels pass for the same, or a difference does not name both sides.
    #[test]
    fn a_difference_names_both_sides() {
        let mut job = with_preview();
        let mut made = manifest(&job);
        assert_eq!(verdict(&mut job, &made), Verdict::Identical);
        with_hash(&mut made, "bb");
        made.worker_version = "0.0.9".into();
        job.stills[0].preview.as_mut().unwrap().pixels = Some(Pixels {
            width: 640,
            height: 360,
            format: "rgba8".into(),
        });
        let how = difference(&mut job, &made);
        for part in [
            "62.3.100 here",
            "62.1.100 in the task",
            "0.0.9 in the task",
            "640 × 360 rgba8 here and 640 × 360 rgb8 in the task",
        ] {
            assert!(how.contains(part), "{how}");
        }
        assert!(!how.contains("frame is at"), "{how}");
        made.stills[0].frame.as_mut().unwrap().time = Position::from_micros(10_600_000);
        let how = difference(&mut job, &made);
        assert!(how.contains("the task's frame is at 00:00:10.6"), "{how}");
        job.stills[0].preview = None;
        assert_eq!(verdict(&mut job, &made), Verdict::Unknown);
    }

    // Breaks if a file that was replaced after the submit is not said to be the likely reason, or a preview of which
    // nothing was noted is said to be the same, or to be something.
    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let mut job = with_preview();
        let mut made = manifest(&job);
        with_hash(&mut made, "bb");
        let how = difference(&mut job, &made);
        assert!(
            !how.contains("file changed") && how.contains("were not noted"),
            "{how}"
        );
        job.chosen_from = Some(job.video.clone());
        assert!(difference(&mut job, &made).starts_with("the video’s file changed"));
    }

    // Breaks if stills that only the task could find are not shown, or those of an earlier try stay.
    #[test]
    fn stills_that_only_the_task_knows() {
        let mut job = job(JobId::new());
        let made = {
            let mut found = job.clone();
            found.stills = [1, 2]
                .map(|second| Still::at(Position::from_micros(second * 1_000_000)))
                .into();
            manifest(&found)
        };
        let selector: Selector = "best 2".parse().unwrap();
        (job.stills, job.selectors) = (Vec::new(), vec![selector.into()]);
        assert_eq!((job.still_count(), job.file_names().len()), (0, 0));
        let asked = job.request();
        assert_eq!(asked.stills, job.selectors);
        job.stills_of = Some(2);
        assert_eq!(job.still_count(), 2);
        let paths: HashMap<_, _> = made
            .stills
            .iter()
            .map(|still| (still.files[0].key.clone(), PathBuf::from("/x.png")))
            .collect();
        job.take_result(&made, &paths);
        assert_eq!((job.stills.len(), job.files().count()), (2, 2));
        assert_eq!(job.request(), asked);
        job.begin_again("jobs/x.json".to_owned(), job.created);
        assert_eq!((job.stills.len(), job.still_count()), (0, 0));
    }

    // Breaks if a still that failed takes another one's files, or a file that did not get here counts as one.
    #[test]
    fn each_still_has_its_own() {
        let mut job = job(JobId::new());
        job.stills = [1, 2, 3]
            .map(|s| Still::at(Position::from_micros(s * 1_000_000)))
            .into();
        let mut made = manifest(&job);
        made.stills[1].files.clear();
        made.stills[1].frame = None;
        made.stills[1].error = Some(StillError {
            exit_code: 13,
            message: "past the end".into(),
        });
        let key = |still: usize| made.stills[still].files[0].key.clone();
        let paths = HashMap::from([(key(0), PathBuf::from("/a")), (key(2), PathBuf::from("/c"))]);
        job.take_result(&made, &paths);
        let names: Vec<_> = job.files().map(StillFile::name).collect();
        assert_eq!(names, ["bunny.png", "bunny-3.png"]);
        assert_eq!(job.stills[2].files[0].path, PathBuf::from("/c"));
        assert_eq!(job.failed_stills().count(), 1);
        assert_eq!(
            (job.stills[1].verdict.as_ref(), job.stills[0].number),
            (None, Some(1))
        );
        job.take_result(&made, &HashMap::new());
        assert_eq!(job.files().count(), 0);
    }
}
