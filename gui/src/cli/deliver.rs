//! The files of a job that is done, in the folder where they are wanted.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use posterframe_client::{Still, StillFile, Verdict, fs};
use posterframe_contract::Format;
use posterframe_frame::Image;

/// A file of a still where it was asked for.
pub(super) struct Delivered {
    pub(super) file: PathBuf,
    /// Whether its pixels are the preview's, where that can be told.
    pub(super) identical: Option<bool>,
}

/// Saves a sheet's file in the chosen folder, if any, and tells where it is then.
pub(super) fn copy(folder: Option<&Path>, path: &Path) -> anyhow::Result<PathBuf> {
    let Some(folder) = folder else {
        return Ok(path.to_owned());
    };
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    let copied = std::fs::File::open(path)
        .and_then(|mut file| fs::save_new(folder, &name, |new| std::io::copy(&mut file, new).map(drop)));
    copied.with_context(|| format!("{name} cannot be saved in {}", folder.display()))
}

/// Saves a file in the chosen folder, if any, and compares the pixels in it with the preview: what counts is what the
/// user gets.
pub(super) fn deliver(folder: Option<&Path>, still: &Still, file: &StillFile) -> anyhow::Result<Delivered> {
    let unreadable = || format!("{} cannot be read", file.path.display());
    let png = std::fs::read(&file.path).with_context(unreadable)?;
    let frame = still.frame.as_ref().map(|frame| &frame.pixel_sha256);
    let is_exact = file.made.format == Format::Png && frame == Some(&file.made.pixel_sha256);
    let identical = match (&still.preview, &still.verdict) {
        (Some(preview), Some(Verdict::Identical | Verdict::Differs(_))) if is_exact => {
            let sha256 = Image::decode_png(&png).with_context(unreadable)?.pixel_sha256();
            Some(preview.sha256 == sha256)
        }
        _ => None,
    };
    let file = match folder {
        Some(folder) => fs::save_new(folder, file.name(), |new| new.write_all(&png))
            .with_context(|| format!("{} cannot be saved in {}", file.name(), folder.display()))?,
        None => file.path.clone(),
    };
    Ok(Delivered { file, identical })
}
