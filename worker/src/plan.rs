//! What a task is to make, whichever way it was asked for.

use std::path::PathBuf;

use posterframe_contract::{
    FormatError, JobId, JobRequest, MANIFEST_NAME, MANIFEST_SUFFIX, NameFacts, Position, VideoSource, names,
};

use crate::place::{Folder, Input, Object, parse_input};

/// One video, the stills of it, and where their files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is asked for.
    pub request: JobRequest,
    /// Where the video is.
    pub source: Input,
    /// Where files go.
    pub folder: Folder,
    /// Where the manifest goes.
    pub manifest: Object,
    /// The name of the only file, where it is given as a whole.
    name: Option<String>,
}

impl Plan {
    /// The PNG of the frame at `position` as `folder`/`name`.
    pub(crate) fn of_frame(source: Input, position: Position, name: String, folder: Folder) -> Self {
        let url = source.to_string();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        // A folder that is not a job's own may hold the manifests of many.
        let manifest = match folder.name().parse::<JobId>() {
            Ok(_) => MANIFEST_NAME.to_owned(),
            Err(_) => names::shortened(stem, names::MAX_NAME_BYTES - MANIFEST_SUFFIX.len()) + MANIFEST_SUFFIX,
        };
        Self {
            request: JobRequest::new(VideoSource::new(url), stem, [position]),
            source,
            manifest: folder.file(&manifest),
            folder,
            name: Some(name),
        }
    }

    /// What the request at `place` asks for, in `folder`, or else in the thumbnails folder beside it, by its name.
    ///
    /// # Errors
    /// It is no valid request.
    pub(crate) fn of_request(
        place: &Object,
        json: &[u8],
        folder: Option<Folder>,
    ) -> Result<Self, FormatError> {
        let request = JobRequest::parse(json)?;
        let source = parse_input(&request.source.url).ok_or_else(|| FormatError {
            place: "source.url".to_owned(),
            problem: "expected s3://bucket/key or an https address".to_owned(),
        })?;
        let folder = folder.unwrap_or_else(|| {
            let file = place.key.rsplit('/').next().unwrap_or_default();
            let name = file.strip_suffix(".json").unwrap_or(file);
            Folder {
                bucket: place.bucket.clone(),
                key: format!("{}/{name}", names::THUMBNAILS_FOLDER),
            }
        });
        Ok(Self::new(request, source, folder))
    }

    /// What a request asks for of a file on this machine, in `folder`, whatever the request says of its source.
    ///
    /// # Errors
    /// It is no valid request.
    pub(crate) fn of_file(json: &[u8], video: PathBuf, folder: Folder) -> Result<Self, FormatError> {
        Ok(Self::new(JobRequest::parse(json)?, Input::File(video), folder))
    }

    fn new(request: JobRequest, source: Input, folder: Folder) -> Self {
        Self {
            request,
            source,
            manifest: folder.file(MANIFEST_NAME),
            folder,
            name: None,
        }
    }

    /// Where the file goes that the output with this index makes of a still.
    pub fn file(&self, still: usize, output: usize, facts: &NameFacts) -> Object {
        let name = self.name.clone();
        let name = name.unwrap_or_else(|| {
            self.request
                .file_name(still, &self.request.outputs[output], facts)
        });
        self.folder.file(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str) -> Object {
        Object {
            bucket: "b".into(),
            key: key.into(),
        }
    }

    // Breaks if a job's manifest is not found, or that of one picture replaces that of another.
    #[test]
    fn manifests_of_single_frames() {
        let manifest = |folder: &str, name: &str| {
            let source = Input::Object(object("v.mp4"));
            let folder = format!("b/{folder}").parse().unwrap();
            Plan::of_frame(source, Position::default(), name.to_owned(), folder)
                .manifest
                .key
        };
        assert_eq!(manifest("thumbnails", "a.b.png"), "thumbnails/a.b.manifest.json");
        assert_eq!(manifest("", "a"), "a.manifest.json");
        let job = JobId::new();
        let folder = format!("thumbnails/{job}");
        assert_eq!(manifest(&folder, "a.png"), format!("{folder}/manifest.json"));
        let long = manifest("t", &format!("{}.png", "x".repeat(251)));
        assert_eq!(long.len(), 2 + 255, "{long}");
    }

    // Breaks if a request that was put by hand makes its files elsewhere than one that the function hands on.
    #[test]
    fn places_of_requests() {
        let json = br#"{ "version": 1, "source": { "url": "s3://b/v.mp4" }, "name": "v",
                         "stills": [ { "at": "1" }, { "at": "2" } ] }"#;
        let plan = Plan::of_request(&object("jobs/by-hand.json"), json, None).unwrap();
        assert_eq!(plan.manifest.key, "thumbnails/by-hand/manifest.json");
        let file = |still| plan.file(still, 0, &NameFacts::default()).key;
        assert_eq!(
            (file(0), file(1)),
            (
                "thumbnails/by-hand/v.png".into(),
                "thumbnails/by-hand/v-2.png".into()
            )
        );
        let elsewhere = "c/t/x".parse().ok();
        let plan = Plan::of_request(&object("jobs/by-hand.json"), json, elsewhere).unwrap();
        assert_eq!(plan.manifest.to_string(), "s3://c/t/x/manifest.json");
        let json = br#"{ "version": 1, "source": { "url": "ftp://b/v" }, "name": "v", "stills": [ { "at": "1" } ] }"#;
        let error = Plan::of_request(&object("jobs/x.json"), json, None).unwrap_err();
        assert_eq!(error.place, "source.url");
    }

    // Breaks if a request leads a task to a file of the machine that it runs on, or what a job that is made here stores tells
    // where on this machine its video lies.
    #[test]
    fn files_are_for_who_starts_the_worker() {
        let json = |url: &str| {
            format!(
                r#"{{ "version": 1, "source": {{ "url": "{url}" }}, "name": "v", "stills": [ {{ "at": "1" }} ] }}"#
            )
        };
        for url in [
            "file:v.mp4",
            "file:/etc/v.mp4",
            "file:///etc/v.mp4",
            "FILE:///etc/v.mp4",
            "file://localhost/etc/v.mp4",
            "/etc/v.mp4",
        ] {
            let refused = Plan::of_request(&object("jobs/x.json"), json(url).as_bytes(), None);
            assert_eq!(
                refused.map_err(|error| error.place),
                Err("source.url".to_owned()),
                "{url}"
            );
        }
        let folder: Folder = "b/thumbnails/x".parse().unwrap();
        let plan = Plan::of_file(json("file:v.mp4").as_bytes(), "/private/v.mp4".into(), folder).unwrap();
        assert_eq!(plan.source.to_string(), "file:v.mp4");
        assert_eq!(plan.manifest.key, "thumbnails/x/manifest.json");
    }
}
