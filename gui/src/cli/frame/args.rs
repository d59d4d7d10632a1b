//! The arguments of `posterframe frame`, and what they ask for.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use posterframe_client::fs::{self, Existing};
use posterframe_contract::{Format, OutputRequest, Position};

use super::input::{Input, default_output};
use super::place::{Place, Wanted, WantedFile, Way, taken};
use crate::cli::Common;
use crate::cli::files::{FileArgs, SheetArgs};
use crate::cli::interpret::InterpretArgs;
use crate::cli::remote::RemoteArgs;
use crate::cli::select::SelectArgs;
use crate::cli::stdin;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FrameArgs {
    /// The video: a file, s3://… or an https address; “-” or /dev/stdin is standard input, which is copied to a
    /// temporary file first
    pub(super) video: PathBuf,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// The file to write, in the format of its extension, or the folder for several; “-” is standard output [default: the
    /// video’s name and the position]
    #[arg(short, long, value_name = "FILE|DIR", value_parser = PathBufValueParser::new().try_map(known))]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) sheets: SheetArgs,
    #[command(flatten)]
    pub(super) interpret: InterpretArgs,
    /// Replace a file that is there already; the video itself never is
    #[arg(long)]
    pub(super) force: bool,
    /// Print one JSON object about all frames
    #[arg(long)]
    pub(super) json: bool,
    /// The most that is copied of standard input, to the folder that TMPDIR names
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "8 GB",
        env = "POSTERFRAME_STDIN_LIMIT",
        value_parser = stdin::limit
    )]
    pub(super) stdin_limit: u64,
    #[command(flatten)]
    pub(super) remote: RemoteArgs,
}

impl FrameArgs {
    /// The files to make of each frame: those that are asked for, or one in the format of the output's extension.
    pub(super) fn outputs(&self, common: &Common) -> anyhow::Result<Vec<OutputRequest>> {
        let by_name = self
            .out
            .as_deref()
            .and_then(Path::extension)
            .and_then(OsStr::to_str);
        let by_name = by_name.and_then(Format::of_extension);
        let mut outputs = self.files.clone().outputs(common)?;
        if outputs.is_empty() {
            outputs.push(OutputRequest {
                format: by_name.unwrap_or_default(),
                ..OutputRequest::default()
            });
        }
        if let ([output], Some(format)) = (outputs.as_slice(), by_name)
            && !self.is_folder(&outputs)
            && output.format != format
        {
            bail!(
                "the file’s name says {} and --output {}: give it the extension .{}",
                format.label(),
                output.format.label(),
                output.format.extension()
            );
        }
        Ok(outputs)
    }

    /// Whether the output is a folder: one that is there, or the only place for several files.
    pub(super) fn is_folder(&self, outputs: &[OutputRequest]) -> bool {
        let out = self.out.as_deref();
        let has_several = self.select.may_be_several() || outputs.len() > 1 || !self.sheets.sheet.is_empty();
        out.is_some_and(|out| has_several || out.is_dir())
    }

    /// The folder for what is not given a name of its own; `None` for a single file that is.
    pub(super) fn folder(&self, outputs: &[OutputRequest]) -> anyhow::Result<Option<&Path>> {
        match &self.out {
            Some(folder) if self.is_folder(outputs) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{} is no folder, and cannot become one", folder.display()))?;
                Ok(Some(folder))
            }
            Some(_) => Ok(None),
            None => Ok(Some(Path::new(""))),
        }
    }

    /// What is wanted, with the places of the files in [`Self::folder`].
    pub(super) fn wanted(
        &self,
        input: &Input,
        folder: Option<&Path>,
        positions: &[Position],
        outputs: &[OutputRequest],
    ) -> anyhow::Result<Vec<Wanted>> {
        let mut taken = HashSet::new();
        let mut place = |position, output: &OutputRequest| {
            let file = match folder {
                Some(folder) if !output.name.is_default() => return Ok(Place::Named(folder.to_owned())),
                Some(folder) => folder.join(default_output(input, position, output.format)),
                None => self.out.clone().unwrap_or_default(),
            };
            if !taken.insert(file.clone()) {
                bail!(
                    "two files would have the same name, which --name can change: {}",
                    file.display()
                );
            }
            let way = self.way_to(&file)?;
            if self.json && matches!(way, Way::Stdout) {
                bail!("standard output takes the picture or the JSON, not both");
            }
            Ok(Place::Here(file, way))
        };
        let wanted = positions.iter().map(|&position| {
            let files = outputs.iter().map(|output| {
                Ok(WantedFile {
                    place: place(position, output)?,
                    output: output.clone(),
                })
            });
            let files: anyhow::Result<Vec<_>> = files.collect();
            Ok(Wanted {
                position,
                name: None,
                note: None,
                files: files?,
            })
        });
        wanted.collect()
    }

    /// How `output` can be written without overwriting the video or, unless `--force` is given, another file.
    pub(super) fn way_to(&self, output: &Path) -> anyhow::Result<Way> {
        if output == Path::new("-") || output == Path::new("/dev/stdout") {
            return Ok(Way::Stdout);
        }
        let video = match &self.video {
            video if stdin::is_meant(video) => Path::new("/dev/stdin"),
            video => video,
        };
        if fs::is_same(video, output) {
            bail!(
                "this is the video itself, which is never written over: {}",
                output.display()
            );
        }
        if fs::takes_bytes(output) {
            return Ok(Way::Stream);
        }
        if let Some(kind) = fs::kind_of(output) {
            bail!(
                "this is {kind}, not a file that can be written: {}",
                output.display()
            );
        }
        match (self.force, output.exists()) {
            (true, _) => Ok(Way::Saved(Existing::Replace)),
            (false, false) => Ok(Way::Saved(Existing::Keep)),
            (false, true) => Err(taken(output)),
        }
    }
}

/// Refuses names with the extension of a format that cannot be written.
fn known(out: PathBuf) -> Result<PathBuf, String> {
    match out.extension() {
        Some(extension) if extension.to_str().and_then(Format::of_extension).is_none() && !out.is_dir() => {
            let formats = Format::ALL.map(|format| format!(".{}", format.extension()));
            Err(format!(
                "“.{}” cannot be written: let the name end with {}",
                extension.display(),
                formats.join(", ")
            ))
        }
        _ => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a file is written under the name of a format that it has not.
    #[test]
    fn only_known_formats() {
        for good in [
            "a.png",
            "a.PNG",
            "a.jpg",
            "a.png.jpeg",
            "a.webp",
            "a.avif",
            "a",
            "-",
            "b.c/a",
        ] {
            assert!(known(good.into()).is_ok(), "{good}");
        }
        for bad in ["a.bmp", "a.png.gif", "a.mp4"] {
            assert!(known(bad.into()).is_err(), "{bad}");
        }
    }
}
