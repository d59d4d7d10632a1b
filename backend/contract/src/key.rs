//! The key grammar: an upload's key carries the position of the frame to extract.

use std::fmt;
use std::str::FromStr;

use crate::{JobId, JobRequest, MANIFEST_NAME, Position, PositionError, VideoSource, names};

/// S3's limit on a key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 1024;

/// A name is never made shorter than this to fit into a key: what it fits into is too long then.
const SHORTEST_NAME: usize = 16;

/// The key of an uploaded video: `[<folders>/]<name>_<position>.<ext>`.
///
/// The last `.ext` is split off first, then the rest at its last `_`, so that names may contain dots,
/// underscores and whatever else S3 takes.
///
/// Invariants: there is no NUL, the name and the extension are not empty, the extension has only ASCII letters and digits and
/// at least one letter, and the whole is at most [`MAX_KEY_BYTES`] long. Parsing and printing round-trip up to
/// the position's spelling:
///
/// ```
/// use posterframe_contract::UploadKey;
///
/// let key: UploadKey = "uploads/my_clip_01-02-03.500.mov".parse().unwrap();
/// assert_eq!((key.folders(), key.name(), key.extension()), ("uploads", "my_clip", "mov"));
/// assert_eq!(key.to_string(), "uploads/my_clip_01-02-03.500.mov");
/// assert_eq!(key.thumbnail_key("uploads", "thumbnails").unwrap(), "thumbnails/my_clip.png");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadKey {
    folders: String,
    name: String,
    position: Position,
    extension: String,
}

/// Why a key is not that of an uploaded video. Each message names the key and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no extension, or it is not made of letters and digits.
    #[error("expected a file extension such as .mp4 at the end of the key “{0}”")]
    NoExtension(String),
    /// There is no `_` in the file name.
    #[error("expected <name>_<position>.<ext>, such as clip_00-10.mp4, but there is no “_” in the key “{0}”")]
    NoPosition(String),
    /// Nothing stands before the last `_`.
    #[error("expected a name before the last “_” of the key “{0}”")]
    NoName(String),
    /// What stands after the last `_` is no position.
    #[error("{source} in the key “{key}”")]
    Position {
        /// The whole key.
        key: String,
        /// What was expected.
        source: PositionError,
    },
    /// There is a NUL in it, which no environment variable can hold, and so no task can be told.
    #[error("there is a NUL character, which no task can be told, in the key “{0}”")]
    Nul(String),
    /// The key, or that of its thumbnail, is longer than S3 allows.
    #[error("a key may have at most {MAX_KEY_BYTES} bytes; this one has {bytes}: “{key}”")]
    TooLong {
        /// The whole key.
        key: String,
        /// Its length in bytes.
        bytes: usize,
    },
}

impl UploadKey {
    /// The key under which the app uploads a video: `<uploads>/<job id>/<name>_<position>.<ext>`.
    ///
    /// `name` is the file's name without extension; control characters and slashes, which some S3 clients
    /// cannot print or would read as folders, become dashes. An empty name becomes `video`. One that is too long loses
    /// its middle, so that the upload and its thumbnail both have keys that S3 takes and file names that a file system
    /// takes.
    ///
    /// # Errors
    /// [`KeyError::TooLong`]: the folders leave no room.
    pub fn for_job(
        uploads_folder: &str,
        thumbnails_folder: &str,
        job: JobId,
        name: &str,
        position: Position,
        extension: &str,
    ) -> Result<Self, KeyError> {
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_control() || matches!(c, '/' | '\\') {
                    '-'
                } else {
                    c
                }
            })
            .collect();
        let mut key = Self {
            folders: join(uploads_folder, &job.to_string()),
            name: String::new(),
            position,
            extension: upload_extension(extension).to_owned(),
        };
        let upload = key.to_string();
        let thumbnail = join(
            &key.thumbnail_folder(uploads_folder, thumbnails_folder),
            &key.thumbnail_name(),
        );
        // An upload's file name has more around the name than a thumbnail's.
        let file = upload.rsplit('/').next().map_or(0, str::len);
        let room = (names::MAX_NAME_BYTES - file)
            .min(MAX_KEY_BYTES.saturating_sub(upload.len().max(thumbnail.len())));
        key.name = match name.as_str() {
            "" => "video".to_owned(),
            name => names::shortened(name, room.max(SHORTEST_NAME)),
        };
        check_length(key.to_string())?;
        key.thumbnail_key(uploads_folder, thumbnails_folder)?;
        Ok(key)
    }

    /// The folders before the file's name, without the last slash; empty at the bucket's root.
    pub fn folders(&self) -> &str {
        &self.folders
    }

    /// The video's name, without position and extension.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the frame is.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The extension as written, without its dot.
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// The thumbnail's file name: `<name>.png`.
    pub fn thumbnail_name(&self) -> String {
        format!("{}.png", self.name)
    }

    /// The thumbnail's folder: the thumbnails folder, and below it the folders that the upload has below the
    /// uploads folder. An upload that lies in no uploads folder keeps all its folders.
    pub fn thumbnail_folder(&self, uploads_folder: &str, thumbnails_folder: &str) -> String {
        join(
            thumbnails_folder,
            below(&self.folders, uploads_folder).unwrap_or(&self.folders),
        )
    }

    /// The thumbnail's whole key.
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn thumbnail_key(&self, uploads_folder: &str, thumbnails_folder: &str) -> Result<String, KeyError> {
        check_length(join(
            &self.thumbnail_folder(uploads_folder, thumbnails_folder),
            &self.thumbnail_name(),
        ))
    }

    /// What the key asks for, as a request: the PNG of one frame. `raw` is the key as the bucket has it, where that is
    /// another spelling of the same.
    pub fn to_request(&self, bucket: &str, raw: &str) -> JobRequest {
        let source = VideoSource::new(format!("s3://{bucket}/{raw}"));
        JobRequest::new(source, self.name.clone(), [self.position])
    }

    /// The job that the app uploaded this for: the folder directly below the uploads folder.
    pub fn job_id(&self, uploads_folder: &str) -> Option<JobId> {
        below(&self.folders, uploads_folder)?
            .split('/')
            .next()?
            .parse()
            .ok()
    }
}

/// The extension under which a file is uploaded: its own in lower case where the bucket's event rules know it,
/// else `video`, which they know too. What a file holds is found out by looking into it, never by its name.
pub fn upload_extension(extension: &str) -> &'static str {
    names::VIDEO_EXTENSIONS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(extension))
        .unwrap_or(names::OTHER_VIDEO_EXTENSION)
}

/// The key of a video that requests refer to: `<videos>/<id>/<name>.<extension>`. Its id is that of the job that sent it.
/// Name and extension are an [`UploadKey`]'s.
///
/// # Errors
/// [`KeyError::TooLong`]: the folder leaves no room.
pub fn video_key(videos_folder: &str, id: JobId, upload: &UploadKey) -> Result<String, KeyError> {
    let file = format!("{id}/{}.{}", upload.name(), upload.extension());
    check_length(join(videos_folder, &file))
}

/// The key of the manifest of a job that has a folder of its own.
pub fn manifest_key(thumbnails_folder: &str, job: JobId) -> String {
    join(thumbnails_folder, &format!("{job}/{MANIFEST_NAME}"))
}

/// The job that a thumbnail belongs to: the folder directly below the thumbnails folder.
pub fn thumbnail_job_id(thumbnails_folder: &str, key: &str) -> Option<JobId> {
    below(key, thumbnails_folder)?.split('/').next()?.parse().ok()
}

/// What is below `folder` in `path`; `None` where `path` does not lie in it.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let folder = folder.trim_matches('/');
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() || rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

fn join(folder: &str, rest: &str) -> String {
    match (folder.trim_matches('/'), rest) {
        ("", rest) => rest.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, rest) => format!("{folder}/{rest}"),
    }
}

fn check_length(key: String) -> Result<String, KeyError> {
    match key.len() {
        0..=MAX_KEY_BYTES => Ok(key),
        bytes => Err(KeyError::TooLong { key, bytes }),
    }
}

impl FromStr for UploadKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        check_length(key.to_owned())?;
        if key.contains('\0') {
            return Err(KeyError::Nul(key.to_owned()));
        }
        let (folders, file) = key.rsplit_once('/').unwrap_or(("", key));
        let (stem, extension) = file
            .rsplit_once('.')
            .filter(|(_, extension)| {
                // A letter is needed, else the fraction of `clip_00-10.5` would pass for an extension.
                extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && extension.bytes().any(|byte| byte.is_ascii_alphabetic())
            })
            .ok_or_else(|| KeyError::NoExtension(key.to_owned()))?;
        let (name, position) = stem
            .rsplit_once('_')
            .ok_or_else(|| KeyError::NoPosition(key.to_owned()))?;
        let position = Position::from_key_part(position).map_err(|source| KeyError::Position {
            key: key.to_owned(),
            source,
        })?;
        if name.is_empty() {
            return Err(KeyError::NoName(key.to_owned()));
        }
        Ok(Self {
            folders: folders.to_owned(),
            name: name.to_owned(),
            position,
            extension: extension.to_owned(),
        })
    }
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folders.is_empty() {
            write!(f, "{}/", self.folders)?;
        }
        write!(f, "{}_{}.{}", self.name, self.position.key_part(), self.extension)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn thumbnail(key: &str) -> String {
        key.parse::<UploadKey>()
            .unwrap()
            .thumbnail_key("uploads", "thumbnails")
            .unwrap()
    }

    // Breaks if one of the original's faults comes back: names with `_` or dots, hours, fractions, folders.
    #[test]
    fn names_keep_their_underscores_and_dots() {
        let key: UploadKey = "my_clip.final_01-02-03.500.mov".parse().unwrap();
        assert_eq!(key.name(), "my_clip.final");
        assert_eq!(key.position().as_micros(), 3_723_500_000);
        let key: UploadKey = "-rf ünïcödé +%&_🎬_00-10.MP4".parse().unwrap();
        assert_eq!((key.name(), key.extension()), ("-rf ünïcödé +%&_🎬", "MP4"));
    }

    // Breaks if thumbnails land elsewhere than the contract says, or two jobs' thumbnails collide.
    #[test]
    fn thumbnail_keys() {
        assert_eq!(thumbnail("test_00-10.mp4"), "thumbnails/test.png");
        assert_eq!(thumbnail("uploads/test_00-10.mp4"), "thumbnails/test.png");
        assert_eq!(thumbnail("uploads/a/b/test_00-10.mp4"), "thumbnails/a/b/test.png");
        assert_eq!(
            thumbnail("uploadsX/test_00-10.mp4"),
            "thumbnails/uploadsX/test.png"
        );
        assert_eq!(
            thumbnail("films/2026/test_00-10.mp4"),
            "thumbnails/films/2026/test.png"
        );
        let job = JobId::new();
        let key = UploadKey::for_job(
            "uploads",
            "thumbnails",
            job,
            "bunny",
            Position::from_micros(10_541_000),
            "mp4",
        )
        .unwrap();
        assert_eq!(key.to_string(), format!("uploads/{job}/bunny_00-00-10.541.mp4"));
        assert_eq!(thumbnail(&key.to_string()), format!("thumbnails/{job}/bunny.png"));
        assert_eq!(key.job_id("uploads"), Some(job));
        assert_eq!(
            thumbnail_job_id("thumbnails", &thumbnail(&key.to_string())),
            Some(job)
        );
    }

    // Breaks if a malformed key starts a task, or its error does not say what was expected.
    #[test]
    fn malformed_keys_say_what_was_expected() {
        for (key, expected) in [
            ("clip_00-10", "extension"),
            ("clip_00-10.5", "extension"),
            ("clip_00-10.", "extension"),
            ("clip.mp4", "<name>_<position>"),
            ("_00-10.mp4", "name before"),
            ("clip_0010.mp4", "position such as"),
            ("clip_00-99.mp4", "position such as"),
            ("a/clip_.mp4", "position such as"),
            ("a/cl\0ip_00-10.mp4", "NUL"),
        ] {
            let error = key.parse::<UploadKey>().unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(key), "{key}: {error}");
        }
        let long = format!("{}_00-10.mp4", "é".repeat(600));
        assert!(matches!(
            long.parse::<UploadKey>(),
            Err(KeyError::TooLong { bytes: 1210, .. })
        ));
    }

    // Breaks if the app makes a key that the function cannot read back.
    #[test]
    fn app_keys_survive_odd_names() {
        for name in ["", "a/b", "..", "tab\there", "a_b", ".hidden", "x.tar", "🎬"] {
            let key = UploadKey::for_job(
                "uploads",
                "thumbnails",
                JobId::new(),
                name,
                Position::default(),
                "MoV",
            )
            .unwrap();
            assert_eq!(key.to_string().parse(), Ok(key.clone()), "{name}");
            assert_eq!(key.extension(), "mov");
        }
        assert_eq!(upload_extension("xyz"), "video");
        assert_eq!(upload_extension(""), "video");
    }

    // Breaks if a long name makes a key that S3 refuses or a file that cannot be saved, or two names become one though
    // there is room for what tells them apart.
    #[test]
    fn long_names_fit() {
        let long = |middle: &str| format!("a{}-2", middle.repeat(400));
        for name in [long("x"), long("ü"), long("🎬")] {
            for (uploads, thumbnails) in [
                ("u".to_owned(), "t".to_owned()),
                ("u".repeat(900), "t".to_owned()),
                ("u".to_owned(), "t".repeat(950)),
            ] {
                let position = Position::from_micros(10_541_000);
                let key =
                    UploadKey::for_job(&uploads, &thumbnails, JobId::new(), &name, position, "mp4").unwrap();
                let thumbnail = key.thumbnail_key(&uploads, &thumbnails).unwrap();
                for key in [key.to_string(), thumbnail] {
                    assert!(key.len() <= MAX_KEY_BYTES, "{key}");
                    let file = key.rsplit('/').next().unwrap();
                    assert!(file.len() <= names::MAX_NAME_BYTES, "{file}");
                }
                assert!(key.name().starts_with('a') && key.name().ends_with("-2"));
                assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
        let folder = "u".repeat(1_000);
        let key = UploadKey::for_job(&folder, "t", JobId::new(), "clip", Position::default(), "mp4");
        assert!(matches!(key, Err(KeyError::TooLong { .. })));
    }

    proptest! {
        // Breaks if printing and parsing disagree for any name, folder or position.
        #[test]
        fn round_trips(
            folders in "([a-zA-Z0-9 _.+%é-]{1,8}(/[a-z_.]{1,5}){0,3})?",
            name in "[^/\\x00]{1,20}",
            micros in 0_u64..360_000_000_000,
            extension in "[a-zA-Z]{1,4}[0-9]{0,2}",
        ) {
            let key = UploadKey { folders, name, position: Position::from_micros(micros), extension };
            prop_assert_eq!(key.to_string().parse::<UploadKey>(), Ok(key));
        }

        // Breaks if any text makes the parser panic.
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = text.parse::<UploadKey>();
        }
    }
}
