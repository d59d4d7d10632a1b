//! Makes videos for tests with the ffmpeg program. Failures panic with ffmpeg's message.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The ffmpeg program, set to overwrite files without a question and to print only errors.
pub fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-hide_banner", "-v", "error", "-nostdin", "-y"])
        .stdin(Stdio::null());
    command
}

/// Runs `ffmpeg ARGUMENTS FILE`. Spaces separate the arguments.
///
/// # Panics
/// ffmpeg fails.
pub fn make(file: &Path, arguments: &str) {
    run(ffmpeg().args(arguments.split_whitespace()).arg(file));
}

/// Encodes the output of the filter `source` as H.264 into `file`, with further `options` of ffmpeg. Returns `file`.
///
/// # Panics
/// ffmpeg fails.
pub fn encode(file: PathBuf, source: &str, options: &[&str]) -> PathBuf {
    run(ffmpeg()
        .args(["-f", "lavfi", "-i", source])
        .args(["-c:v", "libx264", "-pix_fmt", "yuv420p"])
        .args(options)
        .arg(&file));
    file
}

/// The clips beside a checkout that has them; none elsewhere.
pub fn shared_media() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media");
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension != "tsv") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .expect("the ffmpeg program is needed for this test");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {message}");
}
