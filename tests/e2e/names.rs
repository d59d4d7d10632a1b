//! Names that people give their files.

use crate::support::{oracle, picture, small_clip, submit};

// Breaks if a name is cut, mangled, taken for an option or a position, or its thumbnail is another's.
#[test]
fn odd_names_survive_the_whole_way() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "with spaces.mp4",
        "a+b.mp4",
        "100%25.mp4",
        "under_score_00-10.mp4",
        "dots.in.name.mp4",
        "ünïcödé-名前.mp4",
        "🎬.mp4",
        "-leading-dash.mp4",
        "UPPER.MP4",
        "no-extension",
        "strange.ext",
        "quote'\".mp4",
        "a&b=c;d#e?f.mp4",
    ];
    let clips: Vec<_> = names.iter().map(|name| small_clip(folder.path(), name)).collect();
    let videos: Vec<_> = clips.iter().map(std::path::PathBuf::as_path).collect();
    let out = folder.path().join("out");
    let (objects, ran) = submit(
        folder.path(),
        &videos,
        &["--at", "0.72", "--out", out.to_str().unwrap()],
    );
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects.len(), names.len());
    let expected = oracle(&clips[0], "0.72");
    for (name, clip) in names.iter().zip(&clips) {
        let object = objects
            .iter()
            .find(|object| object["video"] == clip.to_str().unwrap())
            .unwrap();
        let stem = clip.file_stem().unwrap().to_str().unwrap();
        assert_eq!(object["state"], "done", "{name}: {}", object["error"]);
        assert_eq!(object["identical_to_preview"], true, "{name}");
        let file = out.join(format!("{stem}.png"));
        assert_eq!(Some(picture(&file)), expected, "{name}");
    }
}
