//! Chapters, beside what ffprobe reads.

use std::time::Duration;

use posterframe_frame::Video;

use crate::support::{Clip, make, oracle};

/// Chapters of a video that begins so many seconds late.
fn metadata(late: u32) -> String {
    let chapter = |rate: u32, start: u32, end: u32, title: &str| {
        let late = late * rate;
        let (start, end) = (start + late, end + late);
        format!("[CHAPTER]\nTIMEBASE=1/{rate}\nSTART={start}\nEND={end}\n{title}\n")
    };
    let chapters = [
        chapter(1_000, 0, 1_000, "title=Opening \\= \\; \u{fc}"),
        chapter(25, 31, 60, "title=Second"),
        chapter(25, 60, 75, ""),
    ];
    format!(";FFMETADATA1\n{}", chapters.concat())
}

// Breaks if a chapter is missed, has another name, or begins at another frame than ffmpeg's at its start.
#[test]
fn chapters_of_files() {
    for name in ["clip.mp4", "clip.mov", "clip.mkv", "late.mkv"] {
        let clip = Clip::by(name, |path| {
            let late = if name.starts_with("late") { 5 } else { 0 };
            std::fs::write(path.with_file_name("chapters.txt"), metadata(late)).unwrap();
            let source = "-f lavfi -i testsrc2=s=96x64:r=25:d=3 -c:v libx264 -g 12 -bf 2";
            make(&path.with_file_name("whole.mp4"), source);
            make(
                path,
                &format!(
                    "-i {{dir}}/whole.mp4 -i {{dir}}/chapters.txt -map_metadata 1 -map_chapters 1 -c copy -output_ts_offset {late}"
                ),
            );
        });
        let mut video = Video::open(&clip.path).unwrap();
        let chapters = video.info().chapters.clone();
        let titles: Vec<&str> = chapters.iter().map(|chapter| &*chapter.title).collect();
        assert_eq!(titles[..2], ["Opening = ; ü", "Second"], "{name}");
        let starts: Vec<u128> = chapters.iter().map(|chapter| chapter.start.as_millis()).collect();
        assert_eq!(starts, [0, 1_240, 2_400], "{name}");
        let ours = video.frame_at(chapters[1].start).unwrap();
        let theirs = oracle(&clip.path, Duration::from_millis(1_240)).unwrap();
        assert!(ours.image.data() == theirs.image.data(), "{name}");
    }
    let none = Clip::new("none.mp4", "-f lavfi -i testsrc2=s=96x64:r=25:d=1 -c:v libx264");
    assert_eq!(Video::open(&none.path).unwrap().info().chapters, []);
}

// Breaks if a title that is no UTF-8 is taken for text that it is not.
#[test]
fn titles_are_bytes() {
    let clip = Clip::by("bytes.mkv", |path| {
        let mut metadata = metadata(0).replace("Second", "Mu?oz").into_bytes();
        let at = metadata.windows(5).position(|five| five == b"Mu?oz").unwrap();
        metadata[at + 2] = 0xf1;
        std::fs::write(path.with_file_name("chapters.txt"), metadata).unwrap();
        make(
            path,
            "-f lavfi -i testsrc2=s=96x64:r=25:d=3 -i {dir}/chapters.txt -map_chapters 1 -c:v libx264 -timecode 01:00:00:00",
        );
    });
    let chapters = Video::open(&clip.path).unwrap().info().chapters.clone();
    assert_eq!(chapters[1].title, "Mu\u{fffd}oz");
}
