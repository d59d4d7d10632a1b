//! Which files to make of each frame, as the command line says it.

use std::process::ExitCode;

use anyhow::bail;
use posterframe_contract::{MAX_OUTPUTS, NameTemplate, OutputRequest, PRESETS};
use serde_json::json;

use super::say::say;

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FileArgs {
    /// A file to make of each frame, such as png, webp:1280x, jpeg:1280x720:crop:max=2MB, or a preset’s name; may be given
    /// several times [default: png]
    ///
    /// After the format, in any order: a size (1280x720, 1280x, x720), fit (the default), crop or pad, crop=X,Y,WIDTH,HEIGHT
    /// in the frame’s pixels, q=1 to 100 or max=SIZE, lossless (webp), 8 or 16 (png), 8 or 10
    /// (avif), 444 (jpeg, avif), sdr, and last name=TEMPLATE.
    /// “posterframe outputs” lists the presets.
    #[arg(long = "output", value_name = "OUTPUT")]
    outputs: Vec<OutputRequest>,
    /// Names of the files, with {name}, {-n}, {n}, {time}, {frame}, {width}, {height} and {job} [default: {name}{-n}]
    #[arg(long = "name", value_name = "TEMPLATE")]
    name: Option<NameTemplate>,
}

impl FileArgs {
    /// The outputs; none where nothing is asked for.
    ///
    /// # Errors
    /// They are more than a task makes.
    pub(super) fn outputs(self) -> anyhow::Result<Vec<OutputRequest>> {
        let Self { mut outputs, name } = self;
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

#[derive(Debug, clap::Args)]
pub(super) struct OutputsArgs {
    /// One JSON object a line and preset
    #[arg(long)]
    json: bool,
}

/// `posterframe outputs`: lists the presets.
pub(super) fn list(args: &OutputsArgs) -> ExitCode {
    for preset in PRESETS {
        let output = preset.output();
        if args.json {
            say!(
                "{}",
                json!({ "name": preset.name, "label": preset.label, "purpose": preset.purpose,
                        "output": output.to_string(), "request": output })
            );
        } else {
            say!("{:<9} {:<32} {}", preset.name, output.to_string(), preset.purpose);
        }
    }
    ExitCode::SUCCESS
}
