//! Makes videos for tests with the ffmpeg program, and serves them. Failures panic with ffmpeg's message.

pub mod server;

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

/// Adds boxes to the sample entry of an MP4 of HEVC (`hev1`), as the ffmpeg program writes it: its pictures lie before its
/// boxes, so that none moves. Each box has a name and its data.
///
/// # Panics
/// The file is no such MP4.
pub fn add_boxes(path: &Path, boxes: &[(&[u8; 4], &[u8])]) {
    const INVALID: &str = "an MP4 of HEVC";
    let mut file = std::fs::read(path).expect(INVALID);
    let find = |file: &[u8], name: &[u8; 4]| {
        let name = file.windows(4).rposition(|four| four == name);
        name.expect(INVALID) - 4
    };
    let length = |file: &[u8], at: usize| u32::from_be_bytes(file[at..at + 4].try_into().expect(INVALID));
    let codec = find(&file, b"hvcC");
    let end = codec + length(&file, codec) as usize;
    let mut added = Vec::new();
    for (name, data) in boxes {
        added.extend((data.len() as u32 + 8).to_be_bytes());
        added.extend(*name);
        added.extend(*data);
    }
    for name in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1"] {
        let at = find(&file, name);
        let longer = length(&file, at) + added.len() as u32;
        file[at..at + 4].copy_from_slice(&longer.to_be_bytes());
    }
    file.splice(end..end, added);
    std::fs::write(path, file).expect("the clip can be written");
}

/// The data of Dolby Vision's box (`dvcC`): version 1.0, a profile, level 5, metadata and pictures in one stream, and what the
/// pictures are without the metadata.
pub fn dolby_vision(profile: u8, compatibility: u8) -> [u8; 24] {
    let flags = (u16::from(profile) << 9) | (5 << 3) | 0b101;
    let mut data = [0; 24];
    data[0] = 1;
    data[2..4].copy_from_slice(&flags.to_be_bytes());
    data[4] = compatibility << 4;
    data
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .expect("the ffmpeg program is needed for this test");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {message}");
}
