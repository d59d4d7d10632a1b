//! The programs that make files and read them back.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A kind of file that a program on this machine can make.
pub struct Recipe {
    pub name: &'static str,
    extension: &'static str,
    /// What ffmpeg encodes, and how.
    arguments: &'static [&'static str],
}

const fn recipe(name: &'static str, extension: &'static str, arguments: &'static [&'static str]) -> Recipe {
    Recipe {
        name,
        extension,
        arguments,
    }
}

const OPAQUE: &str = "testsrc2=size=64x48,format=rgba,crop=63:47,format=yuv420p";
const ALPHA: &str = "testsrc2=size=64x48,format=rgba,crop=63:47,colorchannelmixer=aa=0.5";

pub const RECIPES: &[Recipe] = &[
    recipe("png", "png", &["-i", OPAQUE, "-c:v", "png"]),
    recipe(
        "png of 16 bits",
        "png",
        &["-i", ALPHA, "-c:v", "png", "-pix_fmt", "rgba64be"],
    ),
    recipe(
        "jpeg",
        "jpg",
        &["-i", OPAQUE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
    ),
    recipe(
        "jpeg 4:4:4",
        "jpg",
        &["-i", OPAQUE, "-c:v", "mjpeg", "-pix_fmt", "yuvj444p"],
    ),
    recipe("webp", "webp", &["-i", OPAQUE, "-c:v", "libwebp"]),
    recipe(
        "webp with alpha",
        "webp",
        &["-i", ALPHA, "-c:v", "libwebp", "-pix_fmt", "yuva420p"],
    ),
    recipe(
        "webp, lossless",
        "webp",
        &["-i", OPAQUE, "-c:v", "libwebp", "-lossless", "1"],
    ),
    recipe(
        "webp, lossless, alpha",
        "webp",
        &[
            "-i",
            ALPHA,
            "-c:v",
            "libwebp",
            "-lossless",
            "1",
            "-pix_fmt",
            "bgra",
        ],
    ),
    recipe(
        "avif",
        "avif",
        &["-i", OPAQUE, "-c:v", "libaom-av1", "-still-picture", "1"],
    ),
    recipe(
        "avif of 10 bits",
        "avif",
        &[
            "-i",
            OPAQUE,
            "-c:v",
            "libaom-av1",
            "-still-picture",
            "1",
            "-pix_fmt",
            "yuv420p10le",
        ],
    ),
];

impl Recipe {
    /// The file's bytes; `None`, with the reason printed, where ffmpeg is missing or cannot make it.
    pub fn make(&self) -> Option<Vec<u8>> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("made").with_extension(self.extension);
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-f", "lavfi"]).args(self.arguments);
        let output = ffmpeg.args(["-frames:v", "1"]).arg(&path).output();
        let problem = match output {
            Ok(output) if output.status.success() => return Some(fs::read(&path).unwrap()),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        println!("skipped: ffmpeg makes no {}: {problem}", self.name);
        None
    }

    /// A file on disk with these bytes, and the folder that goes with it.
    pub fn store(&self, bytes: &[u8]) -> (TempDir, std::path::PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("still").with_extension(self.extension);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }
}

/// What a program writes to its standard output; `None`, with the reason printed, where it is missing.
pub fn run(command: &mut Command) -> Option<Vec<u8>> {
    match command.output() {
        Ok(output) => {
            let problem = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command:?}: {problem}");
            Some(output.stdout)
        }
        Err(error) => {
            println!("skipped: {}: {error}", command.get_program().display());
            None
        }
    }
}

/// Size and MD5 of each frame that ffmpeg decodes from a file, in the file's own pixel format.
pub fn frames(path: &Path) -> String {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-xerror", "-i"]).arg(path);
    let sums = run(ffmpeg.args(["-f", "framemd5", "-"])).expect("ffmpeg made the file, so it reads it");
    String::from_utf8(sums).unwrap()
}
