//! Videos for the tests, made by the ffmpeg program: for tests alone, so a failure is a panic that says what ffmpeg says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The ffmpeg program, which writes over what is there, asks nothing, and says no more than what went wrong.
pub fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-hide_banner", "-v", "error", "-nostdin", "-y"])
        .stdin(Stdio::null());
    command
}

/// Makes `file` by `ffmpeg ARGUMENTS FILE`; spaces separate the arguments.
pub fn make(file: &Path, arguments: &str) {
    run(ffmpeg().args(arguments.split_whitespace()).arg(file));
}

/// Encodes what the filter `source` draws as H.264 into `file`, with more of ffmpeg's `options`.
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
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
