//! The bundled sample clip: a frame counter and a timecode, one click away.

use std::io;
use std::path::PathBuf;

use posterframe_client::Paths;

/// Made by `script/make-sample`.
const SAMPLE: &[u8] = include_bytes!("../../assets/sample.mp4");

/// The sample clip as a file, unpacked into the data folder at its first use.
///
/// # Errors
/// The data folder cannot be written.
pub fn file(paths: &Paths) -> io::Result<PathBuf> {
    let file = paths.data.join("sample.mp4");
    // A version before this one may have had another clip.
    if std::fs::read(&file).is_ok_and(|there| there == SAMPLE) {
        return Ok(file);
    }
    paths.make_data()?;
    let unfinished = file.with_extension("mp4.part");
    std::fs::write(&unfinished, SAMPLE)?;
    std::fs::rename(&unfinished, &file)?;
    Ok(file)
}
