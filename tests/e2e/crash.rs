//! A crash leaves no orphaned process.

use crate::support::{Backend, children, small_clip, wait_for};

// Breaks if a function or a worker outlives a killed backend.
#[test]
fn no_child_outlives_a_killed_backend() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let mut backend = Backend::start(folder.path());
    let uploaded = backend.aws(&[
        "s3",
        "cp",
        clip.to_str().unwrap(),
        "s3://posterframe/clip_00-01.mp4",
    ]);
    assert!(uploaded.ok, "{}", uploaded.stderr);
    // The function's process is kept warm, so there is a child that could outlive the backend.
    let children = wait_for("a child", || {
        Some(children(backend.id())).filter(|children| !children.is_empty())
    });
    backend.kill();
    wait_for("the children's end", || {
        children
            .iter()
            .all(|id| !std::path::Path::new(&format!("/proc/{id}")).exists())
            .then_some(())
    });
}
