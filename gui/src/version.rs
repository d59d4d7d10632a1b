//! Which Posterframe this is: its version, its commit, and the libav that decodes for it.

use std::sync::LazyLock;

/// The version of this program, with the commit where it was built from a repository in release mode:
/// `0.1.0 (4a7428100)`.
pub static SHORT: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    match env!("POSTERFRAME_COMMIT") {
        "" => version.to_owned(),
        commit => format!("{version} ({commit})"),
    }
});

/// [`SHORT`], and on lines of their own the libav libraries, as `--version` shows them.
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let mut text = SHORT.clone();
    for library in posterframe_frame::libav_versions() {
        text.push('\n');
        text.push_str(&library);
    }
    text
});
