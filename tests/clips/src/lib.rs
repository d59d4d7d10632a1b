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

fn run(command: &mut Command) {
    let output = command
        .output()
        .expect("the ffmpeg program is needed for this test");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {message}");
}
