//! Outputs that many people need, by name.

use super::output::{Fit, OutputRequest, OutputSize};
use super::sheet::SHEET_PRESETS;
use crate::format::Format;

/// An output with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is called in the window.
    pub label: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    format: Format,
    size: Option<(u32, u32)>,
    fit: Fit,
    quality: Option<u8>,
    max_bytes: Option<u64>,
}

const EXACT: Preset = Preset {
    name: "exact",
    label: "Exact PNG",
    purpose: "The frame's very pixels, for whatever comes after",
    format: Format::Png,
    size: None,
    fit: Fit::Fit,
    quality: None,
    max_bytes: None,
};

/// All of them, in the order in which they are offered.
pub const PRESETS: [Preset; 6] = [
    EXACT,
    Preset {
        name: "web",
        label: "Web poster",
        purpose: "The poster attribute of a video on a page",
        format: Format::Webp,
        size: Some((1280, 720)),
        quality: Some(80),
        ..EXACT
    },
    Preset {
        name: "web-avif",
        label: "Web poster, AVIF",
        purpose: "The same, smaller, and HDR where the video is",
        format: Format::Avif,
        size: Some((1280, 720)),
        ..EXACT
    },
    Preset {
        name: "youtube",
        label: "YouTube",
        purpose: "A custom thumbnail: 1280 × 720, at most 2 MB",
        format: Format::Jpeg,
        size: Some((1280, 720)),
        fit: Fit::Crop,
        max_bytes: Some(2_000_000),
        ..EXACT
    },
    Preset {
        name: "square",
        label: "Square",
        purpose: "A post in a feed: 1080 × 1080",
        format: Format::Jpeg,
        size: Some((1080, 1080)),
        fit: Fit::Crop,
        quality: Some(90),
        ..EXACT
    },
    Preset {
        name: "story",
        label: "Story 9:16",
        purpose: "The cover of a vertical video: 1080 × 1920",
        format: Format::Jpeg,
        size: Some((1080, 1920)),
        fit: Fit::Crop,
        quality: Some(90),
        ..EXACT
    },
];

/// Why a preset of the user's own cannot have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresetNameError {
    /// A text that begins with it would mean two things.
    #[error("A format or a preset of Posterframe’s has this name")]
    Taken,
    /// A colon ends the name in an output as people type it.
    #[error("The name of a preset has no colon")]
    Colon,
}

/// Whether a preset of the user's own may have this name, so that an output that begins with it means nothing else.
///
/// # Errors
/// A format or one of the built-in presets has it, in whatever case, as its name or its label; or it has a colon.
pub fn check_preset_name(name: &str) -> Result<(), PresetNameError> {
    let presets = PRESETS.iter().flat_map(|preset| [preset.name, preset.label]);
    let sheets = SHEET_PRESETS
        .iter()
        .flat_map(|preset| [preset.name, preset.label]);
    let is_taken = |taken: &str| taken.to_lowercase() == name.to_lowercase();
    if Format::of_extension(name).is_some() || presets.chain(sheets).any(is_taken) {
        return Err(PresetNameError::Taken);
    }
    if name.contains(':') {
        return Err(PresetNameError::Colon);
    }
    Ok(())
}

impl Preset {
    /// The output that it stands for.
    pub fn output(&self) -> OutputRequest {
        OutputRequest {
            format: self.format,
            size: self.size.map(|(width, height)| OutputSize {
                width: Some(width),
                height: Some(height),
            }),
            fit: self.fit,
            quality: self.quality,
            max_bytes: self.max_bytes,
            ..OutputRequest::default()
        }
    }
}
