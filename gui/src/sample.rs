//! The bundled sample clip: a frame counter and a timecode, one click away.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use posterframe_client::Paths;
use posterframe_client::fs::{Existing, save};

/// Made by `script/make-sample`.
const SAMPLE: &[u8] = include_bytes!("../../assets/sample.mp4");

/// The sample clip as a file, unpacked into the data folder at its first use.
///
/// # Errors
/// The data folder cannot be written.
pub fn file(paths: &Paths) -> io::Result<PathBuf> {
    paths.make_data()?;
    // Another file of that name may be the user's own, since the user chooses the data folder.
    let mut number = 1;
    let mut file = paths.data.join("sample.mp4");
    while file.exists() && !is_sample(&file) {
        number += 1;
        file.set_file_name(format!("sample ({number}).mp4"));
    }
    if !file.exists() {
        save(&file, Existing::Keep, |new| new.write_all(SAMPLE))?;
    }
    Ok(file)
}

fn is_sample(file: &Path) -> bool {
    let same_size = std::fs::metadata(file).is_ok_and(|metadata| metadata.len() == SAMPLE.len() as u64);
    same_size && std::fs::read(file).is_ok_and(|bytes| bytes == SAMPLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if somebody's own video is taken for the sample, or written over by it.
    #[test]
    fn a_video_of_that_name_stays() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        let own = folder.path().join("sample.mp4");
        std::fs::write(&own, "mine").unwrap();
        let sample = file(&paths).unwrap();
        assert_eq!(std::fs::read(&sample).unwrap(), SAMPLE);
        assert_eq!(file(&paths).unwrap(), sample);
        assert_eq!(std::fs::read(&own).unwrap(), b"mine");
        std::fs::remove_file(&own).unwrap();
        assert_eq!(file(&paths).unwrap(), own);
        assert_eq!(file(&paths).unwrap(), own);
    }
}
