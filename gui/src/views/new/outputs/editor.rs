//! The popover in which an output is edited.

use egui::{Align2, Frame, Id, Key, Margin, Pos2, Ui, vec2};
use posterframe_contract::{
    Chroma, Deinterlace, Fit, Format, OutputRequest, PresetNameError, check_preset_name,
};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{
    Button, Field, Text, line_ui, menu, menu_item, menu_line, popover, row, row_end, row_end_width, row_start,
};
use posterframe_picture::Geometry;

use super::draft::{Draft, Part, Problem, about};
use super::fields::{
    Facts, ROW, color_ui, file_name, fit_words, keeping_ui, labelled, name_ui, note_ui, segments, size_ui,
};
use super::presets::presets;
use super::rows::size_text;
use crate::context::OwnPreset;

/// Width of the popover, in points.
const WIDTH: f32 = 428.0;
const FORMATS: [Format; 4] = [Format::Png, Format::Jpeg, Format::Webp, Format::Avif];
const CHROMAS: [Chroma; 2] = [Chroma::Quarter, Chroma::Full];
const FITS: [Fit; 3] = [Fit::Fit, Fit::Crop, Fit::Pad];
const DEINTERLACING: [Deinterlace; 3] = [Deinterlace::Auto, Deinterlace::Off, Deinterlace::On];

/// The output that is being edited.
pub(super) struct Editor {
    /// Which of the outputs it is; `None` for a new one.
    pub(super) index: Option<usize>,
    pub(super) draft: Draft,
    /// The preset that is being named.
    naming: Option<Naming>,
}

/// The name of a preset that is being typed.
#[derive(Default)]
struct Naming {
    label: String,
    /// Why no preset can have it.
    problem: Option<PresetNameError>,
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
            naming: None,
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
        let mut outcome = popover(
            ui.ctx(),
            Id::unique("output editor"),
            (corner, Align2::RIGHT_TOP, WIDTH),
            |ui| {
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
            },
        );
        // With the keyboard in a menu of its own, that takes Esc and Enter.
        if !egui::Popup::is_any_open(ui.ctx()) {
            let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
            if self.naming.is_none() && pressed(Key::Escape) {
                outcome = Some(Outcome::Cancelled);
            } else if outcome.is_none() && self.naming.is_none() && before == self.draft {
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
        if let Some(problem) = self.naming.as_ref().and_then(|naming| naming.problem) {
            note_ui(ui, &problem.to_string(), true);
        }
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
        if let Some(Naming { label, problem }) = &mut self.naming {
            let field = Field::new(Id::unique("preset name"), label, "Name of the preset");
            let response = ui.add(field.error(problem.is_some()));
            response.request_focus();
            if response.changed() {
                *problem = None;
            }
            let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
            if pressed(Key::Escape) {
                self.naming = None;
            } else if pressed(Key::Enter) {
                let label = label.trim().to_owned();
                *problem = check_preset_name(&label).err();
                if problem.is_some() {
                    return;
                }
                if let (false, Ok(output)) = (label.is_empty(), self.draft.output()) {
                    own.retain(|preset| preset.label != label);
                    own.push(OwnPreset {
                        label: label.clone(),
                        output,
                    });
                    self.draft.preset = Some(label);
                }
                self.naming = None;
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
                let detail = format!("{} {}", preset.format.label(), size_text(&preset));
                if menu_item(ui, icons::IMAGE, &label, &detail, false) {
                    self.draft.take((label, &preset), own);
                }
            }
            menu_line(ui);
            if menu_item(ui, icons::PLUS, "Keep as a preset…", "", false) {
                self.naming = Some(Naming::default());
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
