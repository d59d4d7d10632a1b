//! Paths that people open: files, and folders that are searched for videos.

use std::path::{Path, PathBuf};

use posterframe_markers::Format;

use crate::context::BATCH_FROM;
use crate::distant::is_distant;

/// Extensions of the files that dialogs list first and that are searched for in folders. A file that is opened directly
/// may have any name, since libav reads many more formats.
pub(super) const VIDEOS: [&str; 16] = [
    "mp4", "mov", "m4v", "mkv", "webm", "avi", "mts", "m2ts", "ts", "mpg", "mpeg", "mxf", "wmv", "flv",
    "3gp", "ogv",
];

/// Extensions of lists of videos.
const LISTS: [&str; 4] = ["txt", "lst", "m3u", "m3u8"];
const MAX_LIST_BYTES: u64 = 1 << 20;

/// Most videos that are opened at once: as tabs, or in a batch.
pub(super) const MAX_TABS: usize = 100;
const MAX_IN_BATCH: usize = 10_000;
/// Levels of folders that are searched below the given one.
const MAX_DEPTH: usize = 8;
/// Most folder entries that are looked at for one call.
const MAX_ENTRIES: usize = 100_000;

/// The result of a search for videos.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The videos, in the order of the given paths; those of a folder are sorted by name.
    pub(super) videos: Vec<PathBuf>,
    /// The name of the folder that they are in, where they are so many that they are a batch.
    pub(super) batch: Option<String>,
    /// Lists of marks.
    pub(super) marks: Vec<PathBuf>,
    /// Messages for the user, such as that a folder holds no video.
    pub(super) complaints: Vec<String>,
}

/// Whether the extension is a video's.
pub(super) fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| VIDEOS.iter().any(|video| video.eq_ignore_ascii_case(extension)))
}

/// The given files, and the videos in the given folders. Reads the disk: not for the window's thread.
pub(super) fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut entries = MAX_ENTRIES;
    for path in paths {
        if path.is_dir() {
            let mut videos = Vec::new();
            search(path, MAX_DEPTH, &mut entries, &mut videos);
            if videos.is_empty() {
                let complaint = format!("There is no video in the folder {}", path.display());
                found.complaints.push(complaint);
            }
            if videos.len() >= BATCH_FROM {
                found.batch.get_or_insert_with(|| folder_name(path));
            }
            found.videos.extend(videos);
        } else if let Some(listed) = listed(path) {
            found.videos.extend(listed);
        } else if path.is_file() && is_marks(path) {
            found.marks.push(path.clone());
        } else if path.exists() || is_distant(path) {
            found.videos.push(path.clone());
        } else {
            found
                .complaints
                .push(format!("There is no such file: {}", path.display()));
        }
    }
    let most = if found.batch.is_some() {
        MAX_IN_BATCH
    } else {
        MAX_TABS
    };
    if found.videos.len() > most || entries == 0 {
        found.videos.truncate(most);
        let opened = found.videos.len();
        found.complaints.push(format!(
            "There are more videos than are opened at once: these are the first {opened}"
        ));
    }
    found
}

/// Whether the extension is one of a list of marks.
fn is_marks(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| Format::of_extension(extension).is_some())
}

/// The videos that a list names, one a line: addresses, and paths from the list's folder on. `None` where the file is no
/// such list.
fn listed(path: &Path) -> Option<Vec<PathBuf>> {
    let extension = path.extension()?.to_str()?.to_lowercase();
    let is_list = LISTS.contains(&extension.as_str());
    let is_short =
        std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() <= MAX_LIST_BYTES);
    if !is_list || !is_short {
        return None;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let text = std::fs::read_to_string(path).ok()?;
    let lines = text.lines().map(str::trim);
    // Lines of notes begin like this in lists for players.
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let videos = lines.map(|line| match PathBuf::from(line) {
        video if is_distant(&video) => Some(video),
        video => Some(folder.join(video)).filter(|video| video.exists()),
    });
    // Text with any other line is no list.
    videos
        .collect::<Option<Vec<_>>>()
        .filter(|videos| !videos.is_empty())
}

fn folder_name(folder: &Path) -> String {
    // A relative path such as `.` has no name of its own.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The videos as absolute paths, with their sizes in bytes. Reads the disk: not for the window's thread.
pub(super) fn with_sizes(videos: Vec<PathBuf>) -> Vec<(PathBuf, u64)> {
    let sized = videos.into_iter().map(|path| {
        let bytes = std::fs::metadata(&path).map_or(0, |about| about.len());
        (std::path::absolute(&path).unwrap_or(path), bytes)
    });
    sized.collect()
}

/// Collects the videos in `folder`. Links are skipped, since they may form circles, and so are hidden entries. `entries`
/// counts down the folder entries that may still be read.
fn search(folder: &Path, depth: usize, entries: &mut usize, videos: &mut Vec<PathBuf>) {
    let Ok(read) = std::fs::read_dir(folder) else {
        return;
    };
    let mut inside: Vec<_> = Vec::new();
    for entry in read.flatten() {
        let Some(left) = entries.checked_sub(1) else { break };
        *entries = left;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            inside.push(entry);
        }
    }
    inside.sort_by_key(std::fs::DirEntry::file_name);
    for entry in inside {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => search(&path, depth - 1, entries, videos),
            Ok(kind) if kind.is_file() && is_video(&path) => videos.push(path),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if videos in folders are not found, other files are opened, or a link leads in circles.
    #[test]
    fn videos_in_folders() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("day 2/camera")).unwrap();
        std::fs::create_dir(root.join(".trash")).unwrap();
        std::fs::create_dir(root.join("empty")).unwrap();
        for file in [
            "b.MP4",
            "a.mov",
            "notes.txt",
            "day 2/camera/c.mkv",
            ".trash/d.mp4",
        ] {
            std::fs::write(root.join(file), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root, root.join("day 2/round")).unwrap();
        std::fs::write(root.join("b.raw"), "x").unwrap();
        let given = [
            root.join("b.raw"),
            root.to_owned(),
            root.join("empty"),
            root.join("gone.mp4"),
        ];
        let found = find(&given);
        let expected = ["b.raw", "a.mov", "b.MP4", "day 2/camera/c.mkv"].map(|file| root.join(file));
        assert_eq!(found.videos, expected);
        assert_eq!(found.complaints.len(), 2);
        assert!(found.complaints[0].contains("no video") && found.complaints[1].contains("gone.mp4"));
    }

    // Breaks if a list of addresses is opened as a video, or a text as a list.
    #[test]
    fn lists_of_videos() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let file = |name: &str| root.join(name);
        std::fs::write(file("a.mp4"), "x").unwrap();
        let list = "#EXTM3U\ns3://b/v.mp4\r\n\nhttps://h/w.mov?sig=1\na.mp4\n";
        std::fs::write(file("list.m3u"), list).unwrap();
        std::fs::write(file("notes.txt"), "a.mp4\nremember the milk").unwrap();
        let found = find(&[file("list.m3u"), file("notes.txt"), "s3://b".into()]);
        let expected = [
            "s3://b/v.mp4".into(),
            "https://h/w.mov?sig=1".into(),
            file("a.mp4"),
            "s3://b".into(),
        ];
        assert_eq!(found.videos, expected);
        assert_eq!(found.complaints.len(), 0);
        assert_eq!(found.marks, [file("notes.txt")]);
    }

    // Breaks if a large folder opens a tab for each video, or a small one is a batch.
    #[test]
    fn large_folders_are_batches() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shoot");
        std::fs::create_dir(&root).unwrap();
        for number in 0..BATCH_FROM {
            let batch = find(std::slice::from_ref(&root)).batch;
            assert_eq!(batch, None, "{number} videos");
            std::fs::write(root.join(format!("{number:03}.mp4")), "x").unwrap();
        }
        let found = find(std::slice::from_ref(&root));
        assert_eq!(
            (found.videos.len(), found.batch.as_deref()),
            (BATCH_FROM, Some("shoot"))
        );
        assert_eq!(with_sizes(found.videos)[0], (root.join("000.mp4"), 1));
        let many = vec![root.join("000.mp4"); MAX_TABS + 5];
        let found = find(&many);
        assert_eq!((found.videos.len(), found.complaints.len()), (MAX_TABS, 1));
    }
}
