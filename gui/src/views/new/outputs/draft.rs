//! An output while it is edited: what its fields hold, also where that is no output yet.

use posterframe_contract::{Fit, Format, MAX_SIDE, NameTemplate, OutputColor, OutputRequest, OutputSize};
use posterframe_picture::usual_quality;

use super::presets::presets;
use crate::context::OwnPreset;
use crate::format;

/// The part of the editor that something is wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Size,
    Most,
    Name,
    /// Two things that do not go together.
    Whole,
}

/// What is wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) part: Part,
    pub(super) words: String,
}

/// What decides how well a picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    Fixed,
    AtMost,
    Lossless,
}

/// An output while it is edited.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    /// Format, fit, crop, depth, chroma, colour and deinterlacing; the rest is in the fields.
    pub(super) output: OutputRequest,
    pub(super) is_full_size: bool,
    pub(super) width: String,
    pub(super) height: String,
    /// Whether one side follows the other.
    pub(super) keeps_shape: bool,
    pub(super) keeping: Keeping,
    pub(super) quality: f32,
    /// Megabytes.
    pub(super) most: String,
    pub(super) name: String,
    /// The preset that it began as.
    pub(super) preset: Option<String>,
}

impl Draft {
    /// The fields of an output; `own` are the presets that are the user's own.
    pub(super) fn of(output: &OutputRequest, own: &[OwnPreset]) -> Self {
        let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
        let (width, height) = output.size.map_or((None, None), |size| (size.width, size.height));
        let keeping = match (output.lossless, output.max_bytes) {
            (true, _) => Keeping::Lossless,
            (false, Some(_)) => Keeping::AtMost,
            (false, None) => Keeping::Fixed,
        };
        let usual = usual_quality(output.format).unwrap_or(90);
        let mut draft = Self {
            output: output.clone(),
            is_full_size: output.size.is_none(),
            width: side(width),
            height: side(height),
            keeps_shape: output
                .size
                .is_some_and(|size| size.width.is_none() || size.height.is_none()),
            keeping,
            quality: f32::from(output.quality.unwrap_or(usual)),
            most: megabytes(output.max_bytes.unwrap_or(2_000_000)),
            name: output.name.to_string(),
            preset: None,
        };
        draft.preset = presets(own)
            .find(|(_, preset)| draft.is(preset))
            .map(|(label, _)| label);
        draft
    }

    /// Takes all but the file's name from a preset.
    pub(super) fn take(&mut self, (label, preset): (String, &OutputRequest), own: &[OwnPreset]) {
        let name = std::mem::take(&mut self.name);
        *self = Self {
            name,
            preset: Some(label),
            ..Self::of(preset, own)
        };
    }

    /// Whether it is what `preset` makes, whatever its files are named.
    pub(super) fn is(&self, preset: &OutputRequest) -> bool {
        let output = self.output();
        output.is_ok_and(|output| unnamed(&output) == unnamed(preset))
    }

    /// Another format, with what it can hold of the rest.
    pub(super) fn set_format(&mut self, format: Format) {
        let was_usual =
            usual_quality(self.output.format).is_none_or(|usual| f32::from(usual) == self.quality);
        self.output.format = format;
        self.output.depth = None;
        if !matches!(format, Format::Jpeg | Format::Avif) {
            self.output.chroma = posterframe_contract::Chroma::default();
        }
        if self.keeping == Keeping::Lossless && format != Format::Webp {
            self.keeping = Keeping::Fixed;
        }
        if let Some(usual) = usual_quality(format).filter(|_| was_usual) {
            self.quality = f32::from(usual);
        }
    }

    /// What happens where the shapes differ, in a frame of this size.
    pub(super) fn set_fit(&mut self, fit: Fit, frame: (u32, u32)) {
        self.output.fit = fit;
        self.output.crop = match fit {
            // With nothing to be filled, the part that is taken begins as the whole frame.
            Fit::Crop if self.is_full_size => Some([0, 0, frame.0, frame.1]),
            Fit::Crop | Fit::Fit | Fit::Pad => None,
        };
    }

    /// Which of the three is chosen: a part of the frame is a crop, whatever follows.
    pub(super) const fn fit(&self) -> Fit {
        match (self.output.fit, self.output.crop) {
            (Fit::Fit, Some(_)) => Fit::Crop,
            (fit, _) => fit,
        }
    }

    /// The full size, or the size in the fields; a frame of this size gives the first one.
    pub(super) fn set_full_size(&mut self, is_full: bool, frame: (u32, u32)) {
        self.is_full_size = is_full;
        if is_full && self.output.crop.is_none() {
            self.output.fit = Fit::Fit;
        }
        if !is_full && self.width.is_empty() && self.height.is_empty() {
            self.width = frame.0.to_string();
            self.height = frame.1.to_string();
            self.keeps_shape = true;
        }
    }

    /// Lets the other side follow the one that was typed, where the shape is kept; `shape` is width by height.
    pub(super) fn follow(&mut self, is_width: bool, shape: f32) {
        let (typed, other) = if is_width {
            (&self.width, &mut self.height)
        } else {
            (&self.height, &mut self.width)
        };
        if let (true, Ok(side)) = (self.keeps_shape, typed.trim().parse::<u32>()) {
            let factor = if is_width { 1.0 / shape } else { shape };
            *other = ((side as f32 * factor).round() as u32).max(1).to_string();
        }
    }

    /// Takes a size that another part of the window has set.
    pub(super) fn set_size(&mut self, (width, height): (u32, u32)) {
        self.width = width.to_string();
        self.height = height.to_string();
    }

    /// The output that the fields make.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn output(&self) -> Result<OutputRequest, Problem> {
        let problem = |part, words: String| Problem { part, words };
        let size = if self.is_full_size {
            None
        } else {
            let text = format!("{}x{}", self.width.trim(), self.height.trim());
            let size: Result<OutputSize, _> = text.parse();
            let words =
                || format!("Width and height are whole numbers from 1 to {MAX_SIDE}; one may be empty");
            Some(size.map_err(|_| problem(Part::Size, words()))?)
        };
        let is_lossy = usual_quality(self.output.format).is_some();
        let max_bytes = match self.keeping {
            Keeping::AtMost if is_lossy => {
                let most = bytes_of(&self.most);
                let words = || "Expected megabytes above 0, such as 2 or 0.5".to_owned();
                Some(most.ok_or_else(|| problem(Part::Most, words()))?)
            }
            _ => None,
        };
        let usual = usual_quality(self.output.format).map(f32::from);
        let is_chosen = is_lossy && self.keeping == Keeping::Fixed && usual != Some(self.quality);
        let name = self.name.trim().parse::<NameTemplate>();
        let output = OutputRequest {
            size,
            quality: is_chosen.then_some(self.quality as u8),
            max_bytes,
            lossless: self.keeping == Keeping::Lossless && self.output.format == Format::Webp,
            name: name.map_err(|error| problem(Part::Name, sentence(&error.to_string())))?,
            ..self.output.clone()
        };
        match output.check("") {
            Ok(()) => Ok(output),
            Err(error) => Err(problem(Part::Whole, sentence(&error.problem))),
        }
    }

    /// Whether the format can hold a video's HDR.
    pub(super) fn holds_hdr(&self) -> bool {
        match self.output.format {
            Format::Png | Format::Avif => self.output.depth != Some(8),
            Format::Jpeg | Format::Webp => false,
        }
    }

    /// Whether its files are SDR.
    pub(super) fn is_sdr(&self) -> bool {
        !self.holds_hdr() || self.output.color == OutputColor::Sdr
    }
}

/// What an output makes, whatever its files are named.
pub(super) fn unnamed(output: &OutputRequest) -> OutputRequest {
    OutputRequest {
        name: NameTemplate::default(),
        ..output.clone()
    }
}

fn megabytes(bytes: u64) -> String {
    let text = format!("{:.3}", bytes as f64 / 1e6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn bytes_of(text: &str) -> Option<u64> {
    let megabytes: f64 = text.trim().replace(',', ".").parse().ok()?;
    let bytes = (megabytes * 1e6).round();
    (1.0..=1e12).contains(&bytes).then_some(bytes as u64)
}

fn sentence(problem: &str) -> String {
    posterframe_client::capitalized(problem)
}

/// `212 KB`, as an estimate says it.
pub(super) fn about(bytes: u64) -> String {
    format!("About {}", format::bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: (u32, u32) = (1920, 1080);

    fn output(text: &str) -> OutputRequest {
        text.parse().unwrap()
    }

    // Breaks if opening and saving an output in the editor changes it.
    #[test]
    fn every_output_comes_back() {
        for text in [
            "png",
            "png:16:sdr",
            "youtube",
            "web",
            "web-avif",
            "webp:lossless",
            "avif:10:444:q=40",
            "jpeg:x720:q=70:name={name}{-n}-{height}",
            "jpeg:1280x720:crop:crop=10,20,300,200:max=350KB",
            "png:640x480:pad:no-deinterlace",
        ] {
            let output = output(text);
            assert_eq!(Draft::of(&output, &[]).output().as_ref(), Ok(&output), "{text}");
        }
        let preset = |text| Draft::of(&output(text), &[]).preset;
        assert_eq!(preset("youtube:name=thumb").as_deref(), Some("YouTube"));
        assert_eq!(preset("youtube:q=3").as_deref(), None);
    }

    // Breaks if a format keeps what it cannot hold, or a quality that a person chose is lost.
    #[test]
    fn formats_hold_what_they_can() {
        let mut draft = Draft::of(&output("webp:lossless"), &[]);
        draft.set_format(Format::Jpeg);
        assert_eq!(draft.output().unwrap(), output("jpeg"));
        let mut draft = Draft::of(&output("avif:10:444:q=33"), &[]);
        draft.set_format(Format::Webp);
        assert_eq!(draft.output().unwrap(), output("webp:q=33"));
        draft.set_format(Format::Png);
        assert_eq!(draft.output().unwrap(), output("png"));
    }

    // Breaks if a size follows the wrong side, a crop has nothing to fill, or the whole frame keeps a crop.
    #[test]
    fn sizes_and_fits() {
        let mut draft = Draft::of(&output("jpeg"), &[]);
        draft.set_full_size(false, HD);
        draft.width = "1280".to_owned();
        draft.follow(true, 16.0 / 9.0);
        assert_eq!(draft.output().unwrap(), output("jpeg:1280x720"));
        draft.set_fit(Fit::Crop, HD);
        assert_eq!(draft.output().unwrap(), output("jpeg:1280x720:crop"));
        draft.set_full_size(true, HD);
        assert_eq!(draft.output().unwrap(), output("jpeg"));
        draft.set_fit(Fit::Crop, HD);
        assert_eq!(
            (draft.fit(), draft.output.crop),
            (Fit::Crop, Some([0, 0, 1920, 1080]))
        );
        assert!(draft.output().is_ok());
    }

    // Breaks if something wrong is taken for an output, or is said of another field.
    #[test]
    fn problems_have_their_place() {
        let draft = Draft::of(&output("youtube"), &[]);
        let wrong = |change: &dyn Fn(&mut Draft)| {
            let mut draft = draft.clone();
            change(&mut draft);
            draft.output().unwrap_err().part
        };
        assert_eq!(wrong(&|draft| draft.width = "0".to_owned()), Part::Size);
        assert_eq!(wrong(&|draft| draft.height = "many".to_owned()), Part::Size);
        assert_eq!(wrong(&|draft| draft.most = "-1".to_owned()), Part::Most);
        assert_eq!(wrong(&|draft| draft.name = "{nam}".to_owned()), Part::Name);
        assert_eq!(wrong(&|draft| draft.name = "a/b".to_owned()), Part::Name);
        assert_eq!(wrong(&|draft| draft.height.clear()), Part::Whole);
        assert_eq!(
            (bytes_of("0,5"), bytes_of("0"), bytes_of("NaN")),
            (Some(500_000), None, None)
        );
    }
}
