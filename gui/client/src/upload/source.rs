//! The file to be sent: what it is, and whether it still is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::sums::{Summing, Sums};
use crate::error::ClientError;
use crate::fs;
use crate::model::VideoFile;

/// Samples of a file's content that go into its identity, spread evenly from its first byte to its last.
const SAMPLES: u64 = 16;
/// Bytes of each.
const SAMPLE_BYTES: u64 = 16 << 10;
/// Bytes read at once while a part is hashed.
const READ_BYTES: usize = 256 << 10;

/// Looks at a file as it is now.
pub(crate) fn look_at(path: &Path) -> Result<VideoFile, ClientError> {
    let unreadable = |source| ClientError::Video {
        path: path.to_owned(),
        source,
    };
    let path = std::path::absolute(path).map_err(unreadable)?;
    if let Some(kind) = fs::kind_of(&path) {
        return Err(ClientError::NotAFile { path, kind });
    }
    // A file without read permission is refused here, before anything is sent.
    let mut file = fs::open(&path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.len() == 0 {
        return Err(ClientError::EmptyFile(path));
    }
    let modified = metadata.modified().map_err(unreadable)?;
    let modified = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(VideoFile {
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        bytes: metadata.len(),
        modified_unix_nanos: modified.as_nanos().cast_signed(),
        content: Some(samples(&mut file, metadata.len()).map_err(unreadable)?),
        path,
    })
}

/// Hex SHA-256 of the file's length and of samples of its content: cheap, whatever the file's size. It tells apart
/// versions of a file whose size and time were kept; it proves nothing about the bytes between the samples.
fn samples(file: &mut File, bytes: u64) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    hash.update(bytes.to_le_bytes());
    let last = bytes.saturating_sub(SAMPLE_BYTES);
    let mut done = 0;
    for index in 0..SAMPLES {
        let start = (u128::from(last) * u128::from(index) / u128::from(SAMPLES - 1)) as u64;
        // Samples of a small file overlap: each byte once.
        let start = start.max(done);
        let end = (start + SAMPLE_BYTES).min(bytes);
        file.seek(SeekFrom::Start(start))?;
        let mut sample = Vec::with_capacity(SAMPLE_BYTES as usize);
        file.by_ref().take(end - start).read_to_end(&mut sample)?;
        hash.update(&sample);
        done = end;
    }
    Ok(hex::encode(hash.finalize()))
}

/// Whether two looks saw the same content, as far as looks can tell. The path does not matter.
pub(crate) fn same(a: &VideoFile, b: &VideoFile) -> bool {
    same_content(a, b) && a.modified_unix_nanos == b.modified_unix_nanos
}

/// As [`same`], but for the time, which a copy of a file does not keep.
pub(crate) fn same_content(a: &VideoFile, b: &VideoFile) -> bool {
    // Whoever else submits a job tells no content.
    a.bytes == b.bytes && (a.content == b.content || a.content.is_none() || b.content.is_none())
}

/// Reads `range` of the file once and sums it up.
pub(crate) async fn sums(video: &VideoFile, range: Range<u64>, md5: bool) -> Result<Sums, ClientError> {
    let (path, length) = (video.path.clone(), range.end - range.start);
    let read = move || {
        let mut file = fs::open(&path)?;
        file.seek(SeekFrom::Start(range.start))?;
        let mut file = file.take(length);
        let mut summing = Summing::new(md5);
        let mut buffer = vec![0; READ_BYTES.min(length as usize)];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => summing.update(&buffer[..count]),
            }
        }
        let sums = summing.finish();
        if sums.bytes < length {
            return Err(std::io::Error::new(
                std::io::ErrorKind::UnexpectedEof,
                "the file has become shorter",
            ));
        }
        Ok(sums)
    };
    let sums = tokio::task::spawn_blocking(read).await;
    sums.map_err(std::io::Error::other)
        .and_then(|sums| sums)
        .map_err(|source| ClientError::Video {
            path: video.path.clone(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a change that keeps size and time goes unnoticed at the start, in the middle or at the end of a file,
    // or if a file is not itself.
    #[test]
    fn content_is_part_of_the_identity() {
        let folder = tempfile::tempdir().unwrap();
        for bytes in [1, 20_000, 300_000, 5_000_000_usize] {
            let path = folder.path().join("a.mp4");
            let mut data = vec![7_u8; bytes];
            std::fs::write(&path, &data).unwrap();
            let before = look_at(&path).unwrap();
            assert!(same(&before, &look_at(&path).unwrap()));
            let middle = (bytes - 1) / 15 * 7;
            for place in [0, middle, bytes - 1] {
                data[place] = 8;
                std::fs::write(&path, &data).unwrap();
                let time = std::time::UNIX_EPOCH
                    + std::time::Duration::from_nanos(before.modified_unix_nanos as u64);
                File::options()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .set_modified(time)
                    .unwrap();
                let now = look_at(&path).unwrap();
                assert_eq!(now.modified_unix_nanos, before.modified_unix_nanos);
                assert!(!same(&before, &now), "{bytes} bytes, changed at {place}");
                data[place] = 7;
            }
        }
    }

    // Breaks if what cannot be sent is found only while it is sent.
    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            look_at(folder.path()),
            Err(ClientError::NotAFile { kind: "a folder", .. })
        ));
        let empty = folder.path().join("empty.mp4");
        std::fs::write(&empty, "").unwrap();
        assert!(matches!(look_at(&empty), Err(ClientError::EmptyFile(_))));
        assert!(matches!(
            look_at(&folder.path().join("none.mp4")),
            Err(ClientError::Video { .. })
        ));
    }
}
