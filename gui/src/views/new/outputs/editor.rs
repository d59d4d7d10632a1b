//! The popover in which an output is edited.

use egui::{Frame, Id, Key, Margin, Pos2, Ui, vec2};
use posterframe_contract::{Chroma, Deinterlace, Fit, Format, NameFacts, OutputColor, OutputRequest};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{
    Button, Choice, Field, Glyph, Height, Segment, Segmented, Slider, Text, line_ui, menu, menu_item,
    menu_line, popover, row, row_end, row_end_width, row_start,
};
use posterframe_picture::{Geometry, usual_quality};

use super::draft::{Draft, Keeping, Part, Problem, about, presets};
use super::estimate::Estimates;
use crate::context::OwnPreset;

/// Widths of the popover, of the labels, and of a field for a number, in points.
const WIDTH: f32 = 428.0;
const LABELS: f32 = 84.0;
const NUMBER: f32 = 72.0;
const ROW: f32 = 32.0;
const FORMATS: [Format; 4] = [Format::Png, Format::Jpeg, Format::Webp, Format::Avif];
const FITS: [Fit; 3] = [Fit::Fit, Fit::Crop, Fit::Pad];
const CHROMAS: [Chroma; 2] = [Chroma::Quarter, Chroma::Full];
const COLORS: [OutputColor; 2] = [OutputColor::Video, OutputColor::Sdr];
const DEINTERLACING: [Deinterlace; 3] = [Deinterlace::Auto, Deinterlace::Off, Deinterlace::On];
const FIELDS: [&str; 5] = ["{name}", "{-n}", "{time}", "{frame}", "{width}"];

/// The output that is being edited.
pub(super) struct Editor {
    /// Which of the outputs it is; `None` for a new one.
    pub(super) index: Option<usize>,
    pub(super) draft: Draft,
    /// The name of a preset that is being typed.
    label: Option<String>,
}

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

/// How editing ends.
pub(super) enum Outcome {
    Cancelled,
    Saved(Box<OutputRequest>),
    Removed,
}

impl Editor {
    pub(super) fn new(index: Option<usize>, output: &OutputRequest, own: &[OwnPreset]) -> Self {
        Self {
            index,
            draft: Draft::of(output, own),
            label: None,
        }
    }

    /// Draws it with its right top corner at `corner`. How it ended, once it did.
    pub(super) fn ui(
        &mut self,
        ui: &Ui,
        corner: Pos2,
        facts: &Facts<'_>,
        own: &mut Vec<OwnPreset>,
    ) -> Option<Outcome> {
        let before = self.draft.clone();
        let mut outcome = popover(ui.ctx(), Id::unique("output editor"), (corner, WIDTH), |ui| {
            // No row is higher than what is in it.
            ui.spacing_mut().interact_size.y = 16.0;
            let mut outcome = self.head_ui(ui, facts);
            line_ui(ui);
            let body = Frame::NONE.inner_margin(Margin::same(16));
            let problem = body.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 12.0;
                self.fields_ui(ui, facts, own)
            });
            line_ui(ui);
            outcome = self.foot_ui(ui, facts, problem.inner.as_ref()).or(outcome);
            outcome
        });
        // With the keyboard in a menu of its own, that takes Esc and Enter.
        if !egui::Popup::is_any_open(ui.ctx()) {
            let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
            if self.label.is_none() && pressed(Key::Escape) {
                outcome = Some(Outcome::Cancelled);
            } else if outcome.is_none() && self.label.is_none() && before == self.draft {
                let is_typing = ui.ctx().memory(|memory| memory.focused().is_some());
                if !is_typing && pressed(Key::Enter) {
                    outcome = self.saved(facts);
                }
            }
        }
        outcome
    }

    fn saved(&self, facts: &Facts<'_>) -> Option<Outcome> {
        let output = self.checked(facts).ok()?;
        Some(Outcome::Saved(Box::new(output)))
    }

    /// The output, if it can be made beside the others.
    fn checked(&self, facts: &Facts<'_>) -> Result<OutputRequest, Problem> {
        let output = self.draft.output()?;
        let whole = |words| Problem {
            part: Part::Whole,
            words,
        };
        if let Err(error) = Geometry::of(facts.frame, &output) {
            return Err(whole(posterframe_client::capitalized(&error.to_string())));
        }
        let file = file_name(&output, facts);
        let others = facts.outputs.iter().enumerate();
        let mut others = others.filter(|(index, _)| Some(*index) != self.index);
        if others.any(|(_, other)| file_name(other, facts) == file) {
            return Err(Problem {
                part: Part::Name,
                words: format!("Two outputs would both be {file}"),
            });
        }
        Ok(output)
    }

    fn head_ui(&self, ui: &mut Ui, facts: &Facts<'_>) -> Option<Outcome> {
        let head = Frame::NONE.inner_margin(Margin {
            left: 16,
            right: 8,
            ..Margin::ZERO
        });
        let heading = if self.index.is_some() {
            "Edit output"
        } else {
            "New output"
        };
        let can_go = self.index.is_some() && facts.outputs.len() > 1;
        head.show(ui, |ui| {
            row(ui, 48.0, |ui| {
                let remove = Button::icon("Remove output", icons::TRASH).small();
                let close = Button::icon("Close", icons::X).small().tip("Cancel", &["Esc"]);
                let end = 28.0 * if can_go { 2.0 } else { 1.0 };
                row_start(ui, end, |ui| ui.add(Text::new(Role::CARD, heading)));
                let removed = can_go && ui.add(remove).clicked();
                let closed = ui.add(close).clicked();
                match (removed, closed) {
                    (true, _) => Some(Outcome::Removed),
                    (false, true) => Some(Outcome::Cancelled),
                    (false, false) => None,
                }
            })
        })
        .inner
    }

    /// Its fields. What is wrong with them.
    fn fields_ui(&mut self, ui: &mut Ui, facts: &Facts<'_>, own: &mut Vec<OwnPreset>) -> Option<Problem> {
        let problem = self.checked(facts).err();
        let wrong = |part| problem.as_ref().filter(|problem| problem.part == part);
        labelled(ui, "Preset", |ui| self.preset_ui(ui, own));
        let draft = &mut self.draft;
        labelled(ui, "Format", |ui| {
            let labels = FORMATS.map(Format::label);
            if let Some(format) = segments(ui, &FORMATS, labels, draft.output.format) {
                draft.set_format(format);
            }
        });
        size_ui(ui, draft, facts.frame, wrong(Part::Size));
        labelled(ui, "Fit", |ui| {
            if let Some(fit) = segments(ui, &FITS, ["Fit", "Crop", "Pad"], draft.fit()) {
                draft.set_fit(fit, facts.frame);
            }
        });
        if let Some(words) = fit_words(draft, facts.frame) {
            note_ui(ui, &words, false);
        }
        keeping_ui(ui, draft, facts, wrong(Part::Most));
        if matches!(draft.output.format, Format::Png | Format::Avif) {
            let deep = if draft.output.format == Format::Png {
                16
            } else {
                10
            };
            let deep_label = format!("{deep} bit");
            let depths = [None, Some(8), Some(deep)];
            labelled(ui, "Depth", |ui| {
                let labels = ["Automatic", "8 bit", &deep_label];
                if let Some(depth) = segments(ui, &depths, labels, draft.output.depth) {
                    draft.output.depth = depth;
                }
            });
        } else if draft.output.format == Format::Jpeg {
            labelled(ui, "Chroma", |ui| {
                let labels = ["4:2:0, smaller", "4:4:4, sharp colours"];
                if let Some(chroma) = segments(ui, &CHROMAS, labels, draft.output.chroma) {
                    draft.output.chroma = chroma;
                }
            });
        }
        if let Some(hdr) = &facts.hdr {
            color_ui(ui, draft, hdr);
        }
        // Of a progressive video, there is nothing to choose.
        if facts.is_interlaced || draft.output.deinterlace != Deinterlace::Auto {
            labelled(ui, "Interlaced", |ui| {
                let labels = ["As marked", "Keep both fields", "Deinterlace"];
                if let Some(wanted) = segments(ui, &DEINTERLACING, labels, draft.output.deinterlace) {
                    draft.output.deinterlace = wanted;
                }
            });
        }
        name_ui(ui, draft, facts, wrong(Part::Name));
        if let Some(problem) = wrong(Part::Whole) {
            let color = theme::tokens(ui).red;
            ui.add(Text::new(Role::SMALL, &problem.words).color(color).wrap());
        }
        problem
    }

    /// The preset that it is, the others, and keeping it as one of the user's own.
    fn preset_ui(&mut self, ui: &mut Ui, own: &mut Vec<OwnPreset>) {
        if let Some(label) = &mut self.label {
            let field = Field::new(Id::unique("preset name"), label, "Name of the preset");
            let response = ui.add(field);
            response.request_focus();
            let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
            if pressed(Key::Escape) {
                self.label = None;
            } else if pressed(Key::Enter) {
                let label = label.trim().to_owned();
                if let (false, Ok(output)) = (label.is_empty(), self.draft.output()) {
                    own.retain(|preset| preset.label != label);
                    own.push(OwnPreset {
                        label: label.clone(),
                        output,
                    });
                    self.draft.preset = Some(label);
                }
                self.label = None;
            }
            return;
        }
        let chosen = self.draft.preset.clone();
        let found = chosen.and_then(|label| presets(own).find(|(other, _)| *other == label));
        let label = match &found {
            Some((label, preset)) if self.draft.is(preset) => label.clone(),
            Some((label, _)) => format!("{label}, changed"),
            None => "Custom".to_owned(),
        };
        let width = ui.available_width();
        let button = Button::secondary(&label)
            .left()
            .caret()
            .named("Preset")
            .tip("Begin with one of the presets", &[]);
        let button = ui.add_sized(vec2(width, ROW), button);
        menu(&button, width, |ui| {
            for (label, preset) in presets(own) {
                let detail = format!("{} {}", preset.format.label(), super::size_text(&preset));
                if menu_item(ui, icons::IMAGE, &label, &detail, false) {
                    self.draft.take((label, &preset), own);
                }
            }
            menu_line(ui);
            if menu_item(ui, icons::PLUS, "Keep as a preset…", "", false) {
                self.label = Some(String::new());
            }
            let own_label = found.map(|(label, _)| label);
            let own_label = own_label.filter(|label| own.iter().any(|preset| preset.label == *label));
            if let Some(label) = own_label
                && menu_item(ui, icons::TRASH, &format!("Forget “{label}”"), "", true)
            {
                own.retain(|preset| preset.label != label);
                self.draft.preset = None;
            }
        });
    }

    fn foot_ui(&self, ui: &mut Ui, facts: &Facts<'_>, problem: Option<&Problem>) -> Option<Outcome> {
        let t = theme::tokens(ui);
        let foot = Frame::NONE.inner_margin(Margin::symmetric(16, 0));
        foot.show(ui, |ui| {
            row(ui, 56.0, |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let save = Button::primary("Save")
                    .enabled(problem.is_none())
                    .tip("Save the output", &["Enter"]);
                let buttons = [
                    Button::secondary("Cancel").tip("Leave it as it was", &["Esc"]),
                    save,
                ];
                let made = self.draft.output().ok();
                let made = made.and_then(|output| facts.estimates.of(&output).map(|made| made.file.clone()));
                let (words, color) = match made {
                    Some(Ok((bytes, _))) => (format!("{} each", about(bytes)), t.text3),
                    Some(Err(error)) => (posterframe_client::capitalized(&error), t.red),
                    None => (String::new(), t.text3),
                };
                row_start(ui, row_end_width(ui, &buttons), |ui| {
                    ui.add(Text::new(Role::SMALL, &words).color(color).wrap());
                });
                let [cancel, save] = row_end(ui, buttons);
                if save.clicked() {
                    self.saved(facts)
                } else {
                    cancel.clicked().then_some(Outcome::Cancelled)
                }
            })
        })
        .inner
    }
}

/// A row: a label, and what it is about.
fn labelled<R>(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
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
fn note_ui(ui: &mut Ui, words: &str, is_wrong: bool) {
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
fn segments<T: Copy + PartialEq, const N: usize>(
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

fn size_ui(ui: &mut Ui, draft: &mut Draft, frame: (u32, u32), problem: Option<&Problem>) {
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
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add(Choice::check(draft.is_full_size, "Full size")).clicked() {
                draft.set_full_size(!draft.is_full_size, frame);
            }
        });
    });
    if let Some(problem) = problem {
        note_ui(ui, &problem.words, true);
    }
}

fn fit_words(draft: &Draft, frame: (u32, u32)) -> Option<String> {
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
fn keeping_ui(ui: &mut Ui, draft: &mut Draft, facts: &Facts<'_>, problem: Option<&Problem>) {
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
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(number)
        });
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
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
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
fn color_ui(ui: &mut Ui, draft: &mut Draft, hdr: &str) {
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

fn name_ui(ui: &mut Ui, draft: &mut Draft, facts: &Facts<'_>, problem: Option<&Problem>) {
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
fn file_name(output: &OutputRequest, facts: &Facts<'_>) -> String {
    let size = Geometry::of(facts.frame, output).map_or(facts.frame, |geometry| geometry.canvas);
    let facts_of_file = NameFacts {
        frame: "0".to_owned(),
        width: size.0,
        height: size.1,
        ..NameFacts::default()
    };
    output.file_name(facts.name, 0, &facts_of_file)
}
