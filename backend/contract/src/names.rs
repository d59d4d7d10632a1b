//! Default names of what a deployment consists of, the rules by which further names follow from them, and what a name
//! out of a file system becomes where only text of a limited length is taken.

use std::ffi::OsStr;
use std::time::Duration;

use crate::JobId;
use crate::format::Format;

/// Folder of uploads in the bucket.
pub const UPLOADS_FOLDER: &str = "uploads";
/// Folder of requests in the bucket.
pub const JOBS_FOLDER: &str = "jobs";
/// Folder of the videos in the bucket that requests refer to.
pub const VIDEOS_FOLDER: &str = "videos";
/// Folder of thumbnails in the bucket.
pub const THUMBNAILS_FOLDER: &str = "thumbnails";
/// ECS cluster.
pub const CLUSTER: &str = "posterframe";
/// Family of the worker's task definition.
pub const TASK_FAMILY: &str = "posterframe-worker";
/// The container in the task.
pub const CONTAINER: &str = "worker";
/// Prefix of the task's log streams.
pub const LOG_STREAM_PREFIX: &str = "ecs";
/// The function that runs a task for each upload.
pub const UPLOAD_FUNCTION: &str = "posterframe-upload-trigger";
/// The function that logs each thumbnail's URL.
pub const THUMBNAIL_FUNCTION: &str = "posterframe-thumbnail-trigger";

/// How often the queue of the stack on AWS gives an upload's event out before it gives it up: the default of the
/// template's parameter `MaximumReceives`.
pub const QUEUE_RECEIVES: u32 = 80;
/// How long the queue waits after each time: its `VisibilityTimeout` in the template.
pub const QUEUE_PAUSE: Duration = Duration::from_secs(90);
/// How long an upload's task may still come by itself: two hours.
pub const QUEUE_PATIENCE: Duration = QUEUE_PAUSE.saturating_mul(QUEUE_RECEIVES);

/// Extensions whose uploads raise an event, in lower case; the bucket's rules hold each in upper case too.
pub const VIDEO_EXTENSIONS: [&str; 18] = [
    "mp4",
    "m4v",
    "mov",
    "mkv",
    "webm",
    "avi",
    "ts",
    "mts",
    "m2ts",
    "mpg",
    "mpeg",
    "ogv",
    "gif",
    "3gp",
    "wmv",
    "flv",
    "mxf",
    OTHER_VIDEO_EXTENSION,
];

/// The extension that the app gives to an upload whose own is none of the others.
pub const OTHER_VIDEO_EXTENSION: &str = "video";

/// Whether an object with this key raises the upload event: a known extension in lower or in upper case.
///
/// S3 compares suffixes case-sensitively and has one rule for each spelling, so `.Mp4` raises none.
pub fn is_video_key(key: &str) -> bool {
    let extension = key.rsplit_once('.').map_or("", |(_, extension)| extension);
    VIDEO_EXTENSIONS
        .iter()
        .any(|known| *known == extension || known.to_ascii_uppercase() == extension)
}

/// Extensions of what tasks write: pictures and manifests. The bucket has a rule for each.
pub const RESULT_EXTENSIONS: [&str; 5] = ["png", "jpg", "webp", "avif", "json"];

/// Whether a key is a picture's that a task may have written.
pub fn is_picture_key(key: &str) -> bool {
    let extension = key.rsplit_once('.').map_or("", |(_, extension)| extension);
    Format::of_extension(extension).is_some()
}

/// Whether an object with this key raises the thumbnail event: a picture or a manifest.
pub fn is_thumbnail_key(thumbnails_folder: &str, key: &str) -> bool {
    is_below(thumbnails_folder, key)
        && key
            .rsplit_once('.')
            .is_some_and(|(_, extension)| RESULT_EXTENSIONS.contains(&extension))
}

/// Whether `key` ends with `.json`, as a request's and a manifest's do: in lower case alone, as S3 compares suffixes.
pub fn is_json_key(key: &str) -> bool {
    key.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "json")
}

/// Whether `key` lies in `folder` or in one below it.
pub fn is_below(folder: &str, key: &str) -> bool {
    key.strip_prefix(folder.trim_matches('/'))
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The name of the job whose request has this key, `<jobs folder>/<name>.json`: the id of one that the app submitted.
/// It is the name of a folder of thumbnails too, which `.` and `..` cannot be.
///
/// ```
/// use posterframe_contract::names::request_name;
///
/// assert_eq!(request_name("jobs", "jobs/by-hand.json"), Some("by-hand"));
/// assert_eq!(request_name("jobs", "jobs/old/by-hand.json"), None);
/// ```
pub fn request_name<'a>(jobs_folder: &str, key: &'a str) -> Option<&'a str> {
    let name = key
        .strip_prefix(jobs_folder.trim_matches('/'))?
        .strip_prefix('/')?
        .strip_suffix(".json")?;
    (is_part_of_a_name(name) && !matches!(name, "." | "..")).then_some(name)
}

/// The key of a job's request.
pub fn request_key(jobs_folder: &str, job: JobId) -> String {
    format!("{}/{job}.json", jobs_folder.trim_matches('/'))
}

/// The log group of the tasks of `family`.
pub fn task_log_group(family: &str) -> String {
    format!("/ecs/{family}")
}

/// The log group of a Lambda function.
pub fn function_log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// The log stream of one container of one task: `<prefix>/<container>/<task id>`.
pub fn task_log_stream(prefix: &str, container: &str, task_id: &str) -> String {
    format!("{prefix}/{container}/{task_id}")
}

/// The task's id: what stands after the last `/` of its ARN.
pub fn task_id(task_arn: &str) -> &str {
    task_arn.rsplit('/').next().unwrap_or(task_arn)
}

const FILE_SCHEME: &str = "file:";

/// The source of a job that is made on the computer that has the video as a file: `file:` and the file's name. Its folder is
/// nobody else's business, and a request that names a file leads no task to one.
pub fn file_source(name: &str) -> String {
    format!("{FILE_SCHEME}{name}")
}

/// The file name of a video, by the source in a request or a manifest or by its key: what stands after the last `/`.
///
/// ```
/// use posterframe_contract::names::{file_source, source_name};
///
/// assert_eq!(source_name("s3://bucket/videos/1/a film.mp4"), "a film.mp4");
/// assert_eq!(source_name(&file_source("a film.mp4")), "a film.mp4");
/// ```
pub fn source_name(source: &str) -> &str {
    let source = source.strip_prefix(FILE_SCHEME).unwrap_or(source);
    source.rsplit('/').next().unwrap_or_default()
}

/// The longest file name that common file systems take, in bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// Whether a text can be a file's name, or a part of one: 1 to [`MAX_NAME_BYTES`] bytes without slashes and control
/// characters.
pub fn is_part_of_a_name(text: &str) -> bool {
    let wrong = |letter: char| letter.is_control() || matches!(letter, '/' | '\\');
    (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.contains(wrong)
}

/// A text as a part of a file's name: what some file system has no place for becomes a hyphen, and nothing stands at its ends that
/// is easily lost there. It may be empty then.
///
/// ```
/// use posterframe_contract::names::as_part_of_a_name;
///
/// assert_eq!(as_part_of_a_name(" Scene 4/2: “in”? "), "Scene 4-2- “in”-");
/// ```
pub fn as_part_of_a_name(text: &str) -> String {
    let safe = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        letter if letter.is_control() => '-',
        letter => letter,
    };
    let ends = |letter: char| letter.is_whitespace() || letter == '.';
    text.trim_matches(ends).chars().map(safe).collect()
}

/// Stands for the middle of a name that was too long.
const ELLIPSIS: &str = "…";

/// `name` in at most `most` bytes. What is too long loses its middle: a name's beginning and its end tell it from others.
///
/// ```
/// use posterframe_contract::names::shortened;
///
/// assert_eq!(shortened("clip", 10), "clip");
/// assert_eq!(shortened("interview take 12", 11), "inte…e 12");
/// ```
pub fn shortened(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let Some(kept) = most.checked_sub(ELLIPSIS.len()) else {
        return name[..name.floor_char_boundary(most)].to_owned();
    };
    let head = name.floor_char_boundary(kept.div_ceil(2));
    let tail = name.ceil_char_boundary(name.len() - kept / 2);
    format!("{}{ELLIPSIS}{}", &name[..head], &name[tail..])
}

/// A file system's name as text: a dash stands for each piece of it that is no UTF-8.
pub fn as_text(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push('-');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a long name is cut inside a character, grows, or loses its end.
    #[test]
    fn long_names_lose_their_middle() {
        for name in ["x".repeat(300), "ü".repeat(300), "🎬".repeat(100)] {
            for most in 0..=name.len() + 1 {
                let short = shortened(&name, most);
                assert!(short.len() <= most, "{most}: {short}");
                assert!(short.len() + 6 >= most.min(name.len()), "{most}: {short}");
                assert_eq!(short == name, name.len() <= most);
            }
        }
        let name = format!("beginning{}end", "-".repeat(300));
        let short = shortened(&name, 255);
        assert!(short.starts_with("beginning") && short.ends_with("end") && short.contains('…'));
    }

    // Breaks if a name that is no UTF-8 makes a key that is none, or loses what can be read.
    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(
            as_text(OsStr::from_bytes(b"Mu\xf1oz \xc3\xbc.mp4")),
            "Mu-oz ü.mp4"
        );
        assert_eq!(as_text(OsStr::new("\u{fffd}")), "\u{fffd}");
    }

    // Breaks if whoever waits for a task gives up before the stack's queue does, or hours after it.
    #[test]
    fn patience_is_the_templates() {
        let template = include_str!("../../template.yaml");
        let visibility = format!("VisibilityTimeout: {}\n", QUEUE_PAUSE.as_secs());
        assert!(template.contains(&visibility));
        let (_, parameter) = template.split_once("\n  MaximumReceives:\n").unwrap();
        let default = parameter
            .lines()
            .find_map(|line| line.trim().strip_prefix("Default: "));
        assert_eq!(default, Some(QUEUE_RECEIVES.to_string().as_str()));
        assert_eq!(QUEUE_PATIENCE, Duration::from_hours(2));
    }

    // Breaks if an upload that should raise an event does not, or a thumbnail would raise one again.
    #[test]
    fn which_keys_raise_events() {
        assert!(is_video_key("a_00-10.mp4") && is_video_key("a_00-10.MOV"));
        assert!(!is_video_key("a_00-10.Mp4") && !is_video_key("a.png") && !is_video_key("mp4"));
        assert!(is_thumbnail_key("thumbnails", "thumbnails/a.png"));
        assert!(!is_thumbnail_key("thumbnails", "thumbnailsX/a.png"));
        assert!(!is_thumbnail_key("thumbnails", "x/thumbnails/a.png"));
        assert!(is_thumbnail_key("thumbnails", "thumbnails/j/manifest.json"));
        let job = JobId::new();
        let key = request_key("jobs", job);
        assert_eq!(request_name("jobs", &key), Some(job.to_string().as_str()));
        let others = [
            "jobs/.json",
            "jobs/..json",
            "jobs/...json",
            "jobs/a.JSON",
            "jobs/a.mp4",
            "jobsX/a.json",
            "x/jobs/a.json",
        ];
        for other in others {
            assert_eq!(request_name("jobs", other), None, "{other}");
        }
    }

    // Breaks if the logs are looked for where ECS does not put them.
    #[test]
    fn log_names() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task/posterframe/7c1e4b0d9a5f";
        assert_eq!(
            task_log_stream("ecs", "worker", task_id(arn)),
            "ecs/worker/7c1e4b0d9a5f"
        );
        assert_eq!(task_log_group("posterframe-worker"), "/ecs/posterframe-worker");
    }
}
