//! Which files to make of each frame, as the command line says it.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use posterframe_contract::{
    Deinterlace, Interpretation, MAX_OUTPUTS, MAX_SHEETS, NameTemplate, OutputRequest, PRESETS,
    SHEET_PRESETS, SheetRequest, check_preset_name,
};
use posterframe_frame::Options;
use serde_json::json;

use super::Common;
use super::say::say;
use crate::context::OwnPreset;

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FileArgs {
    /// A file to make of each frame, such as png, webp:1280x, jpeg:1280x720:crop:max=2MB, or the name of a preset,
    /// also of one that was kept in the window; may be given several times [default: png]
    ///
    /// After the format, in any order: a size (1280x720, 1280x, x720), fit (the default), crop or pad, crop=X,Y,WIDTH,HEIGHT
    /// in the frame’s pixels, q=1 to 100 or max=SIZE, lossless (webp), 8 or 16 (png), 8 or 10 (avif), 444 (jpeg, avif), sdr,
    /// deinterlace or no-deinterlace (else where the video says so; the plain png never is), and last name=TEMPLATE.
    /// “posterframe outputs” lists the presets.
    #[arg(long = "output", value_name = "OUTPUT")]
    outputs: Vec<String>,
    /// Names of the files, with {name}, {-n}, {n}, {time}, {timecode}, {mark}, {frame}, {width}, {height} and {job} [default: {name}{-n}]
    #[arg(long = "name", value_name = "TEMPLATE")]
    name: Option<NameTemplate>,
}

impl FileArgs {
    /// The outputs; none where nothing is asked for.
    ///
    /// # Errors
    /// One of them is none, or they are more than a task makes.
    pub(super) fn outputs(self, common: &Common) -> anyhow::Result<Vec<OutputRequest>> {
        let Self { outputs, name } = self;
        let own = common.own_presets();
        let outputs = outputs.iter().map(|text| {
            let output = OwnPreset::parse_output(text, &own);
            output.with_context(|| format!("--output {text} is no output"))
        });
        let mut outputs: Vec<OutputRequest> = outputs.collect::<anyhow::Result<_>>()?;
        if outputs.len() > MAX_OUTPUTS {
            bail!(
                "a task makes at most {MAX_OUTPUTS} files of each frame, not {}",
                outputs.len()
            );
        }
        if let Some(name) = name {
            if outputs.is_empty() {
                outputs.push(OutputRequest::default());
            }
            for output in outputs.iter_mut().filter(|output| output.name.is_default()) {
                output.name.clone_from(&name);
            }
        }
        Ok(outputs)
    }
}

/// How a video that is read so is opened for these outputs: frames are deinterlaced beside the exact ones where an output asks for it.
pub(super) fn options_for(outputs: &[OutputRequest], interpretation: Interpretation) -> Options {
    let deinterlace = outputs.iter().map(OutputRequest::deinterlacing).max();
    Options {
        interpretation,
        deinterlace: deinterlace.unwrap_or(Deinterlace::Off),
        ..Options::default()
    }
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SheetArgs {
    /// A sheet of the whole video: a tile’s size and the time from one to the next, such as 160x90@10s, or how many there are,
    /// such as 160x90@24tiles; or a preset’s name, storyboard or contact. Makes NAME-sheet.jpg and, for players,
    /// NAME-sheet.vtt; may be given several times
    ///
    /// After that, in any order and after colons: contact for a contact sheet (NAME-contact.jpg: the video’s facts, and each tile’s
    /// time below it), columns=1 to 50 (10 otherwise, 4 of a contact sheet), exact for the very frames where keyframes are
    /// taken otherwise, no-vtt, and webp or png.
    #[arg(long, value_name = "TILE@STEP")]
    pub(super) sheet: Vec<SheetRequest>,
}

impl SheetArgs {
    /// The sheets.
    ///
    /// # Errors
    /// They are more than a task makes.
    pub(super) fn sheets(self) -> anyhow::Result<Vec<SheetRequest>> {
        if self.sheet.len() > MAX_SHEETS {
            bail!(
                "a task makes at most {MAX_SHEETS} sheets, not {}",
                self.sheet.len()
            );
        }
        for sheet in &self.sheet {
            if let Err(error) = sheet.check("") {
                bail!("--sheet {sheet}: {}", error.problem);
            }
        }
        Ok(self.sheet)
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct OutputsArgs {
    /// One JSON object a line and preset
    #[arg(long)]
    json: bool,
}

/// `posterframe outputs`: lists the presets, the user's own among them.
pub(super) fn list(common: &Common, args: &OutputsArgs) -> ExitCode {
    for preset in PRESETS {
        let output = preset.output();
        if args.json {
            say!(
                "{}",
                json!({ "name": preset.name, "label": preset.label, "purpose": preset.purpose,
                        "own": false, "output": output.to_string(), "request": output })
            );
        } else {
            say!(
                "{:<10} {:<32} {}",
                preset.name,
                output.to_string(),
                preset.purpose
            );
        }
    }
    for OwnPreset { label, output } in common.own_presets() {
        let purpose = match check_preset_name(&label) {
            Ok(()) => "Your own".to_owned(),
            // A window of an earlier version kept it.
            Err(problem) => format!("Your own, for the window alone: {problem}"),
        };
        if args.json {
            say!(
                "{}",
                json!({ "name": label, "label": label, "purpose": purpose, "own": true,
                        "output": output.to_string(), "request": output })
            );
        } else {
            say!("{label:<10} {:<32} {purpose}", output.to_string());
        }
    }
    for preset in SHEET_PRESETS {
        let (name, sheet) = (preset.name, preset.sheet.to_string());
        let purpose = format!("{}: --sheet {name}", preset.purpose);
        if args.json {
            say!(
                "{}",
                json!({ "name": name, "label": preset.label, "purpose": purpose, "own": false, "sheet": sheet,
                        "request": preset.sheet })
            );
        } else {
            say!("{name:<10} {sheet:<32} {purpose}");
        }
    }
    ExitCode::SUCCESS
}
