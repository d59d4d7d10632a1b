//! The rows of the editor: what each says and changes of a draft.

use egui::{Align, Id, Layout, Ui, vec2};
use posterframe_contract::{Fit, Format, NameFacts, OutputColor, OutputRequest};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Choice, Field, Glyph, Height, Segment, Segmented, Slider, Text, row};
use posterframe_picture::{Geometry, usual_quality};

use super::draft::{Draft, Keeping, Problem};
use super::estimate::Estimates;

/// Height of a row, and widths of the labels and of a field for a number, in points.
pub(super) const ROW: f32 = 32.0;
const LABELS: f32 = 84.0;
const NUMBER: f32 = 72.0;
const COLORS: [OutputColor; 2] = [OutputColor::Video, OutputColor::Sdr];
const FIELDS: [&str; 5] = ["{name}", "{-n}", "{time}", "{frame}", "{width}"];

/// What the editor says about the video and the other outputs.
pub(super) struct Facts<'a> {
    /// The frame's true size in pixels.
    pub(super) frame: (u32, u32),
    /// What the video's HDR is called; `None` for SDR.
    pub(super) hdr: Option<String>,
    /// Whether the video says that it is interlaced.
    pub(super) is_interlaced: bool,
    /// What files are named after.
    pub(super) name: &'a str,
    pub(super) outputs: &'a [OutputRequest],
    pub(super) estimates: &'a Estimates,
}

/// A row: a label, and what it is about.
pub(super) fn labelled<R>(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = theme::tokens(ui);
    row(ui, ROW, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.scope(|ui| {
            ui.set_width(LABELS);
            ui.add(Text::new(Role::BODY, label).color(t.text2));
        });
        content(ui)
    })
}

/// A line below a row's content.
pub(super) fn note_ui(ui: &mut Ui, words: &str, is_wrong: bool) {
    let t = theme::tokens(ui);
    let color = if is_wrong { t.red } else { t.text3 };
    let above = ui.spacing().item_spacing.y - 4.0;
    ui.add_space(-above);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(LABELS);
        ui.add(Text::new(Role::SMALL, words).color(color).wrap());
    });
}

/// Segments over the rest of the row. The value that was chosen, if another one was.
pub(super) fn segments<T: Copy + PartialEq, const N: usize>(
    ui: &mut Ui,
    values: &[T; N],
    labels: [&str; N],
    chosen: T,
) -> Option<T> {
    let segments: [Segment<'_>; N] = labels.map(|label| (label, None));
    let mut index = values.iter().position(|value| *value == chosen).unwrap_or(N);
    let width = ui.available_width();
    let changed = ui
        .add(Segmented::new(&mut index, &segments).width(width))
        .changed();
    changed.then(|| values[index])
}

pub(super) fn size_ui(ui: &mut Ui, draft: &mut Draft, frame: (u32, u32), problem: Option<&Problem>) {
    let t = theme::tokens(ui);
    let shape = frame.0.max(1) as f32 / frame.1.max(1) as f32;
    labelled(ui, "Size", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add_enabled_ui(!draft.is_full_size, |ui| {
            let sides = [(true, "Width"), (false, "Height")];
            for (is_width, label) in sides {
                if !is_width {
                    ui.add(Text::new(Role::BODY, "×").color(t.text3));
                }
                let text = if is_width {
                    &mut draft.width
                } else {
                    &mut draft.height
                };
                let field = Field::new(Id::unique(("output", label)), text, label)
                    .mono()
                    .placeholder("any")
                    .error(problem.is_some());
                if ui.add_sized(vec2(NUMBER, ROW), field).changed() {
                    draft.follow(is_width, shape);
                }
            }
            let (symbol, words) = if draft.keeps_shape {
                (icons::LOCK_SIMPLE, "One side follows the other")
            } else {
                (icons::LOCK_SIMPLE_OPEN, "Let one side follow the other")
            };
            let lock = Button::icon(words, symbol).small().on(draft.keeps_shape);
            if ui.add(lock).clicked() {
                draft.keeps_shape = !draft.keeps_shape;
                draft.follow(true, shape);
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(Choice::check(draft.is_full_size, "Full size")).clicked() {
                draft.set_full_size(!draft.is_full_size, frame);
            }
        });
    });
    if let Some(problem) = problem {
        note_ui(ui, &problem.words, true);
    }
}

pub(super) fn fit_words(draft: &Draft, frame: (u32, u32)) -> Option<String> {
    let output = draft.output().ok()?;
    let [_, _, width, height] = Geometry::of(frame, &output).ok()?.part;
    match (draft.fit(), output.crop) {
        (Fit::Crop, Some(_)) => Some(format!("Crop {width:.0} × {height:.0}, set in the preview")),
        (Fit::Crop, None) => Some(format!("Crop {width:.0} × {height:.0} from the middle")),
        (Fit::Pad, _) => Some("What is missing at two sides is black".to_owned()),
        (Fit::Fit, _) => None,
    }
}

/// Quality, a limit of bytes, or nothing lost.
pub(super) fn keeping_ui(ui: &mut Ui, draft: &mut Draft, facts: &Facts<'_>, problem: Option<&Problem>) {
    let t = theme::tokens(ui);
    if usual_quality(draft.output.format).is_none() {
        return;
    }
    let output = draft.output().ok();
    labelled(ui, "Quality", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let is_fixed = draft.keeping == Keeping::Fixed;
        if ui
            .add_sized(vec2(88.0, ROW), Choice::radio(is_fixed, "Fixed"))
            .clicked()
        {
            draft.keeping = Keeping::Fixed;
        }
        let number = format!("{:.0}", draft.quality);
        let number = Text::new(Role::MONO, &number).color(if is_fixed { t.text2 } else { t.dis });
        ui.add_enabled_ui(is_fixed, |ui| {
            let width = ui.available_width() - 36.0;
            ui.add(Slider::new(&mut draft.quality, 1.0..=100.0, "Quality").width(width));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(number));
    });
    ui.add_space(-8.0);
    labelled(ui, "", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let is_limited = draft.keeping == Keeping::AtMost;
        if ui
            .add_sized(vec2(88.0, ROW), Choice::radio(is_limited, "At most"))
            .clicked()
        {
            draft.keeping = Keeping::AtMost;
        }
        ui.add_enabled_ui(is_limited, |ui| {
            let field = Field::new(Id::unique("most bytes"), &mut draft.most, "Megabytes")
                .mono()
                .error(problem.is_some());
            ui.add_sized(vec2(NUMBER, ROW), field);
        });
        ui.add(Text::new(Role::BODY, "MB").color(if is_limited { t.text2 } else { t.dis }));
        let output = output.filter(|_| is_limited);
        if let Some(words) = output.and_then(|output| quality_words(&output, facts.estimates)) {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Text::new(Role::SMALL, &words).color(t.text3));
            });
        }
    });
    if let Some(problem) = problem {
        note_ui(ui, &problem.words, true);
    }
    if draft.output.format == Format::Webp {
        ui.add_space(-8.0);
        labelled(ui, "", |ui| {
            let is_lossless = draft.keeping == Keeping::Lossless;
            let label = "Lossless: every pixel is kept";
            if ui.add(Choice::radio(is_lossless, label)).clicked() {
                draft.keeping = Keeping::Lossless;
            }
        });
    }
}

fn quality_words(output: &OutputRequest, estimates: &Estimates) -> Option<String> {
    if !estimates.is_new(output) {
        return Some("finding quality…".to_owned());
    }
    let (_, quality) = estimates.of(output)?.file.as_ref().ok()?;
    quality.map(|quality| format!("quality {quality} now"))
}

/// Of an HDR video: as it is, or tone-mapped.
pub(super) fn color_ui(ui: &mut Ui, draft: &mut Draft, hdr: &str) {
    let holds = draft.holds_hdr();
    labelled(ui, "Colour", |ui| {
        let chosen = if draft.is_sdr() {
            OutputColor::Sdr
        } else {
            OutputColor::Video
        };
        ui.add_enabled_ui(holds, |ui| {
            let labels = ["As in the video", "SDR, tone-mapped"];
            if let Some(color) = segments(ui, &COLORS, labels, chosen) {
                draft.output.color = color;
            }
        });
    });
    if !holds {
        let format = match draft.output.format {
            Format::Png | Format::Avif => "8 bits cannot".to_owned(),
            format => format!("{} cannot", format.label()),
        };
        let hdr = hdr.split(" · ").next().unwrap_or(hdr);
        note_ui(ui, &format!("{format} hold {hdr}; PNG and AVIF can"), false);
    }
}

pub(super) fn name_ui(ui: &mut Ui, draft: &mut Draft, facts: &Facts<'_>, problem: Option<&Problem>) {
    let t = theme::tokens(ui);
    let id = Id::unique("output name");
    let extension = format!(".{}", draft.output.format.extension());
    labelled(ui, "File name", |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let after = Text::new(Role::MONO, &extension).color(t.text3);
        let width = ui.available_width() - after.width(ui) - 8.0;
        let field = Field::new(id, &mut draft.name, "File name")
            .mono()
            .error(problem.is_some());
        ui.add_sized(vec2(width, ROW), field);
        ui.add(after);
    });
    ui.add_space(-4.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        ui.add_space(LABELS);
        for field in FIELDS {
            let label = format!("Add {field} to the file name");
            let chip = Button::secondary(field).height(Height::Chip).named(&label);
            if ui.add(chip).clicked() {
                draft.name.push_str(field);
            }
        }
    });
    match (problem, draft.output()) {
        (Some(problem), _) => note_ui(ui, &problem.words, true),
        (None, Ok(output)) => {
            ui.add_space(-8.0);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.add_space(LABELS);
                ui.add(Glyph::new(icons::ARROW_RIGHT, 11.0, t.text3));
                ui.add(Text::new(Role::LOG, &file_name(&output, facts)).color(t.text2));
            });
        }
        (None, Err(_)) => {}
    }
}

/// The name of the first still's file.
pub(super) fn file_name(output: &OutputRequest, facts: &Facts<'_>) -> String {
    let size = Geometry::of(facts.frame, output).map_or(facts.frame, |geometry| geometry.canvas);
    let facts_of_file = NameFacts {
        frame: "0".to_owned(),
        width: size.0,
        height: size.1,
        ..NameFacts::default()
    };
    output.file_name(facts.name, 0, &facts_of_file)
}
