//! Outputs as people type them: `jpeg:1280x720:crop:max=2MB`, or a preset's name.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::output::{Chroma, Deinterlace, Fit, OutputColor, OutputRequest, OutputSize};
use super::presets::PRESETS;
use super::template::NameTemplate;
use crate::format::Format;

/// Why a text is no output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputTextError {
    /// It begins with neither a format nor a preset.
    #[error("expected png, jpeg, webp, avif or a preset ({presets}), not “{first}”")]
    Format {
        /// What it begins with.
        first: String,
        /// The presets that there are.
        presets: String,
    },
    /// A part of it is unknown.
    #[error(
        "expected a size such as 1280x720, fit, crop, pad, crop=X,Y,WIDTH,HEIGHT, q=1 to 100, max=2MB, lossless, 8, 10, 16, \
         444, sdr, deinterlace, no-deinterlace or name=TEMPLATE, not “{0}”"
    )]
    Part(String),
    /// What is asked cannot be done.
    #[error("{0}")]
    Impossible(String),
}

/// A format or a preset, and what is to be different, separated by colons.
///
/// ```
/// use posterframe_contract::{Fit, Format, OutputRequest};
///
/// let output: OutputRequest = "jpeg:1280x720:crop:max=2MB".parse().unwrap();
/// assert_eq!((output.format, output.fit, output.max_bytes), (Format::Jpeg, Fit::Crop, Some(2_000_000)));
/// assert_eq!(output.to_string().parse(), Ok(output));
/// assert!("youtube".parse::<OutputRequest>().is_ok());
/// assert!("bmp".parse::<OutputRequest>().is_err() && "png:q=80".parse::<OutputRequest>().is_err());
/// ```
impl FromStr for OutputRequest {
    type Err = OutputTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_among(text, &[])
    }
}

impl OutputRequest {
    /// As [`str::parse`], where the text may also begin with the name of a preset of the user's own. Of what is built in none
    /// is replaced: see [`check_preset_name`](crate::check_preset_name).
    ///
    /// # Errors
    /// The text is no output.
    pub fn parse_among(text: &str, own: &[(&str, &Self)]) -> Result<Self, OutputTextError> {
        let (first, rest) = text.split_once(':').unwrap_or((text, ""));
        let preset = PRESETS.into_iter().find(|preset| preset.name == first);
        let own_preset = own.iter().find(|(name, _)| *name == first);
        let mut output = match (preset, Format::of_extension(first), own_preset) {
            (Some(preset), _, _) => preset.output(),
            (None, Some(format), _) => Self {
                format,
                ..Self::default()
            },
            (None, None, Some((_, output))) => (*output).clone(),
            (None, None, None) => {
                let built_in = PRESETS.iter().map(|preset| preset.name);
                let names: Vec<&str> = built_in.chain(own.iter().map(|(name, _)| *name)).collect();
                return Err(OutputTextError::Format {
                    first: first.to_owned(),
                    presets: names.join(", "),
                });
            }
        };
        // A template may have colons; so it comes last.
        let (parts, name) = match rest.split_once("name=") {
            Some((parts, name)) if parts.is_empty() || parts.ends_with(':') => (parts, Some(name)),
            _ => (rest, None),
        };
        for part in parts.split(':').filter(|part| !part.is_empty()) {
            output.take(part)?;
        }
        if let Some(name) = name {
            let name: Result<NameTemplate, _> = name.parse();
            output.name = name.map_err(|error| OutputTextError::Impossible(error.to_string()))?;
        }
        let checked = output.check("output");
        checked.map_err(|error| OutputTextError::Impossible(error.problem))?;
        Ok(output)
    }

    fn take(&mut self, part: &str) -> Result<(), OutputTextError> {
        let unknown = || OutputTextError::Part(part.to_owned());
        match part {
            "fit" => self.fit = Fit::Fit,
            "crop" => self.fit = Fit::Crop,
            "pad" => self.fit = Fit::Pad,
            "lossless" => self.lossless = true,
            "8" => self.depth = Some(8),
            "10" => self.depth = Some(10),
            "16" => self.depth = Some(16),
            "420" => self.chroma = Chroma::Quarter,
            "444" => self.chroma = Chroma::Full,
            "sdr" => self.color = OutputColor::Sdr,
            "deinterlace" => self.deinterlace = Deinterlace::On,
            "no-deinterlace" => self.deinterlace = Deinterlace::Off,
            _ => match part.split_once('=') {
                None => {
                    let size: Result<OutputSize, _> = part.parse();
                    self.size = Some(size.map_err(|_| unknown())?);
                }
                Some(("q", quality)) => {
                    self.quality = Some(quality.parse().map_err(|_| unknown())?);
                    self.max_bytes = None;
                }
                Some(("max", most)) => {
                    self.max_bytes = Some(bytes(most).ok_or_else(unknown)?);
                    self.quality = None;
                }
                Some(("crop", rect)) => {
                    let sides: Result<Vec<u32>, _> = rect.split(',').map(str::parse).collect();
                    let sides = sides.ok().and_then(|sides| sides.try_into().ok());
                    self.crop = Some(sides.ok_or_else(unknown)?);
                }
                Some(_) => return Err(unknown()),
            },
        }
        Ok(())
    }
}

/// `2MB`, `1.5 MB`, `300kB`, `4096`.
fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * factor;
    (1.0..=1e15).contains(&bytes).then_some(bytes as u64)
}

/// The shortest text that reads back as the same.
impl fmt::Display for OutputRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.format {
            Format::Png => "png",
            Format::Jpeg => "jpeg",
            Format::Webp => "webp",
            Format::Avif => "avif",
        })?;
        let mut parts = String::new();
        if let Some(size) = self.size {
            let _ = write!(parts, ":{size}");
        }
        match self.fit {
            Fit::Fit => {}
            Fit::Crop => parts.push_str(":crop"),
            Fit::Pad => parts.push_str(":pad"),
        }
        if let Some([left, top, width, height]) = self.crop {
            let _ = write!(parts, ":crop={left},{top},{width},{height}");
        }
        if let Some(quality) = self.quality {
            let _ = write!(parts, ":q={quality}");
        }
        if let Some(most) = self.max_bytes {
            let _ = write!(parts, ":max={most}");
        }
        if self.lossless {
            parts.push_str(":lossless");
        }
        if let Some(depth) = self.depth {
            let _ = write!(parts, ":{depth}");
        }
        if self.chroma == Chroma::Full {
            parts.push_str(":444");
        }
        if self.color == OutputColor::Sdr {
            parts.push_str(":sdr");
        }
        match self.deinterlace {
            Deinterlace::Off => parts.push_str(":no-deinterlace"),
            Deinterlace::Auto => {}
            Deinterlace::On => parts.push_str(":deinterlace"),
        }
        if !self.name.is_default() {
            let _ = write!(parts, ":name={}", self.name);
        }
        f.write_str(&parts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{PresetNameError, check_preset_name};

    // Breaks if a wrong output is taken, or the complaint does not say what was expected.
    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| text.parse::<OutputRequest>().unwrap_err().to_string();
        for (text, expected) in [
            ("bmp", "a preset (exact, web, web-avif, youtube"),
            ("jpeg:huge", "such as 1280x720"),
            ("jpeg:0x720", "such as 1280x720"),
            ("jpeg:99999x", "such as 1280x720"),
            ("jpeg:q=101", "1 to 100"),
            ("jpeg:q=300", "q=1 to 100"),
            ("png:max=2MB", "as large as it is"),
            ("webp:lossless:q=3", "no quality"),
            ("jpeg:16", "PNG has 16"),
            ("jpeg:1280x:pad", "both be given"),
            ("jpeg:crop=1,2,0,4", "at least one pixel"),
            ("jpeg:crop=16000,0,1000,4", "within 16383"),
            ("png:interlace", "no-deinterlace or"),
            ("jpeg:10", "AVIF has 10"),
            ("avif:16", "8 or 10 bits"),
            ("avif:lossless", "AVIF always loses something"),
            ("webp:444", "only JPEG and AVIF"),
            ("jpeg:name={nme}", "a field such as"),
            ("jpeg:name=../x", "without slashes"),
        ] {
            assert!(said(text).contains(expected), "{text}: {}", said(text));
        }
    }

    // Breaks if a preset is not possible, or a part given after it does not replace its own.
    #[test]
    fn presets_are_changed() {
        for preset in PRESETS {
            assert_eq!(preset.name.parse(), Ok(preset.output()));
        }
        let output: OutputRequest = "youtube:q=70:name={name}: a take".parse().unwrap();
        assert_eq!((output.quality, output.max_bytes), (Some(70), None));
        assert_eq!(output.name.to_string(), "{name}: a take");
        assert_eq!(bytes("1.5 MB"), Some(1_500_000));
        assert_eq!(
            (bytes("2mb"), bytes("4096"), bytes("x"), bytes("0")),
            (Some(2_000_000), Some(4_096), None, None)
        );
    }

    // Breaks if a preset of one's own is not taken by its name, cannot be changed, comes before a built-in one, or is not
    // named where another one was meant.
    #[test]
    fn presets_of_ones_own_are_taken() {
        let (shop, other) = (
            "webp:640x:q=50:name=shop".parse().unwrap(),
            OutputRequest::default(),
        );
        let own: [(&str, &OutputRequest); 3] = [("For the shop", &shop), ("web", &other), ("jpg", &other)];
        let taken = |text: &str| OutputRequest::parse_among(text, &own);
        assert_eq!(taken("For the shop"), Ok(shop.clone()));
        let smaller = taken("For the shop:320x").unwrap();
        assert_eq!(smaller.to_string(), "webp:320x:q=50:name=shop");
        assert_eq!(taken("web"), "web".parse());
        assert_eq!(taken("jpg"), "jpeg".parse());
        let error = taken("for the shop").unwrap_err().to_string();
        assert!(error.contains("story, For the shop, web"), "{error}");
    }

    // Breaks if a preset of one's own gets a name that means something else already, or cannot be typed.
    #[test]
    fn names_of_presets() {
        for name in [
            "web",
            "Web",
            "WEB POSTER",
            "jpg",
            "JPEG",
            "png",
            "storyboard",
            "Contact sheet",
        ] {
            assert_eq!(check_preset_name(name), Err(PresetNameError::Taken), "{name}");
        }
        assert_eq!(check_preset_name("a:b"), Err(PresetNameError::Colon));
        for name in ["For the shop", "web2", "Würfel", "16"] {
            assert_eq!(check_preset_name(name), Ok(()), "{name}");
        }
    }

    // Breaks if the exact PNG is deinterlaced, or any other output is not where it should be.
    #[test]
    fn the_exact_png_has_all_fields() {
        for (text, expected) in [
            ("png", Deinterlace::Off),
            ("exact:name={n}", Deinterlace::Off),
            ("png:no-deinterlace", Deinterlace::Off),
            ("png:deinterlace", Deinterlace::On),
            ("png:16", Deinterlace::Auto),
            ("png:1280x", Deinterlace::Auto),
            ("jpeg", Deinterlace::Auto),
            ("webp:lossless:no-deinterlace", Deinterlace::Off),
            ("youtube:deinterlace", Deinterlace::On),
        ] {
            let output: OutputRequest = text.parse().unwrap();
            assert_eq!(output.deinterlacing(), expected, "{text}");
        }
        assert!("png:no-deinterlace".parse::<OutputRequest>().unwrap().is_exact());
        assert!(!"png:deinterlace".parse::<OutputRequest>().unwrap().is_exact());
    }

    proptest! {
        // Breaks if an output does not read back from its text, or any text makes a panic.
        #[test]
        fn round_trips(
            format in 0..Format::ALL.len(),
            width in proptest::option::of(1_u32..16_384),
            height in 1_u32..16_384,
            fit in 0_usize..3,
            quality in proptest::option::of(1_u8..=100),
            most in proptest::option::of(1_u64..1_000_000_000),
            sdr in any::<bool>(),
            deinterlace in 0_usize..3,
            text in "\\PC*",
        ) {
            let output = OutputRequest {
                format: Format::ALL[format],
                size: Some(OutputSize { width, height: Some(height) }),
                fit: [Fit::Fit, Fit::Crop, Fit::Pad][fit],
                quality,
                max_bytes: most.filter(|_| quality.is_none()),
                color: if sdr { OutputColor::Sdr } else { OutputColor::Video },
                deinterlace: [Deinterlace::Off, Deinterlace::Auto, Deinterlace::On][deinterlace],
                ..OutputRequest::default()
            };
            if output.check("").is_ok() {
                prop_assert_eq!(output.to_string().parse(), Ok(output));
            }
            let _ = text.parse::<OutputRequest>();
            let _ = format!("jpeg:{text}").parse::<OutputRequest>();
        }
    }
}
