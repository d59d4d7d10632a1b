//! Outputs that many people need, and the user's own, in a menu; and adding them under names that differ.

use egui::{Id, Key, Ui, vec2};
use posterframe_contract::{
    MAX_SHEETS, NameTemplate, OutputRequest, OutputTextError, PRESETS, SHEET_PRESETS, SheetError,
    SheetRequest,
};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Field, Text, menu_item, menu_line};

use super::rows::{glyph, size_text};
use crate::context::OwnPreset;

/// Names that tell outputs of one format apart, the shortest first.
const TEMPLATES: [&str; 3] = ["{name}{-n}", "{name}{-n}-{width}", "{name}{-n}-{width}x{height}"];

/// What is being typed.
#[derive(Default)]
pub(super) struct Typed {
    text: String,
    /// Why it is no output.
    problem: Option<String>,
}

/// What is to be made as well.
pub(super) enum Added {
    Output(OutputRequest),
    Sheet(SheetRequest),
}

impl Added {
    /// An output as people type it, or a sheet.
    fn parse(text: &str, own: &[OwnPreset]) -> Result<Self, String> {
        if text.contains('@') || SHEET_PRESETS.iter().any(|preset| preset.name == text) {
            let sheet = text.parse().map(Self::Sheet);
            return sheet.map_err(|problem: SheetError| problem.to_string());
        }
        let output = OwnPreset::parse_output(text, own).map(Self::Output);
        output.map_err(|problem: OutputTextError| problem.to_string())
    }
}

/// The presets, and a field for what they lack. What to add.
pub(super) fn menu_ui(ui: &mut Ui, typed: &mut Typed, own: &[OwnPreset]) -> Option<Added> {
    let mut added = None;
    for (label, output) in presets(own) {
        let detail = format!("{} {}", output.format.label(), size_text(&output));
        let symbol = glyph(&output);
        if menu_item(ui, symbol, &label, &detail, false) {
            added = Some(Added::Output(output));
        }
    }
    menu_line(ui);
    for preset in SHEET_PRESETS {
        let detail = if preset.sheet.vtt {
            "JPEG + VTT"
        } else {
            "Stills + times"
        };
        if menu_item(ui, icons::GRID_FOUR, preset.label, detail, false) {
            added = Some(Added::Sheet(preset.sheet));
        }
    }
    menu_line(ui);
    let id = Id::unique("new output");
    ui.allocate_ui(vec2(ui.available_width(), 32.0), |ui| {
        let field = Field::new(id, &mut typed.text, "Another output")
            .placeholder("jpeg:1280x720:crop:max=2MB")
            .mono()
            .small()
            .error(typed.problem.is_some());
        let response = ui.add(field);
        if response.changed() {
            typed.problem = None;
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered && !typed.text.trim().is_empty() {
            match Added::parse(typed.text.trim(), own) {
                Ok(new) => {
                    typed.text.clear();
                    added = Some(new);
                }
                Err(problem) => typed.problem = Some(problem),
            }
        }
    });
    if let Some(problem) = &typed.problem {
        let color = theme::tokens(ui).red;
        ui.add(Text::new(Role::CAPTION, problem).color(color).wrap());
    }
    if added.is_some() {
        ui.close();
    }
    added
}

/// The output under a name that none of the others has; `None` where there is such an output already.
pub(super) fn with_free_name(outputs: &[OutputRequest], output: &OutputRequest) -> Option<OutputRequest> {
    let is_named = !output.name.is_default();
    let templates = TEMPLATES
        .iter()
        .filter_map(|template| template.parse::<NameTemplate>().ok());
    let names = if is_named {
        vec![output.name.clone()]
    } else {
        templates.collect()
    };
    let named = names.into_iter().map(|name| OutputRequest {
        name,
        ..output.clone()
    });
    let is_free = |named: &OutputRequest| {
        let clashes = |other: &OutputRequest| other.format == named.format && other.name == named.name;
        let sized = |other: &OutputRequest| {
            (other.size, other.crop, other.fit) == (named.size, named.crop, named.fit)
        };
        let is_by_size = named.name.to_string().contains("{width}");
        !outputs
            .iter()
            .any(|other| clashes(other) && (!is_by_size || sized(other)))
    };
    { named }.find(is_free)
}

pub(super) fn add_sheet(sheets: &mut Vec<SheetRequest>, sheet: SheetRequest) -> Result<(), String> {
    if sheets.contains(&sheet) {
        return Err("There is such a sheet already".to_owned());
    }
    if sheets.len() == MAX_SHEETS {
        return Err(format!("A task makes at most {MAX_SHEETS} sheets"));
    }
    sheets.push(sheet);
    Ok(())
}

/// All presets with their labels, the user's own last.
pub(super) fn presets(own: &[OwnPreset]) -> impl Iterator<Item = (String, OutputRequest)> {
    let built_in = PRESETS.map(|preset| (preset.label.to_owned(), preset.output()));
    let own = own.iter().map(|own| (own.label.clone(), own.output.clone()));
    built_in.into_iter().chain(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(text: &str) -> OutputRequest {
        text.parse().unwrap()
    }

    // Breaks if two outputs get one name, or the same output is added twice.
    #[test]
    fn names_are_made_different() {
        let mut outputs = vec![OutputRequest::default()];
        for text in ["jpeg:1280x720:crop", "jpeg:1080x1080:crop", "webp", "png:640x"] {
            outputs.push(with_free_name(&outputs, &output(text)).unwrap());
        }
        let names: Vec<_> = outputs.iter().map(|output| output.name.to_string()).collect();
        let by_width = "{name}{-n}-{width}";
        assert_eq!(
            names,
            ["{name}{-n}", "{name}{-n}", by_width, "{name}{-n}", by_width]
        );
        outputs.push(with_free_name(&outputs, &output("webp:name=still")).unwrap());
        assert_eq!(with_free_name(&outputs, &output("webp:q=3:name=still")), None);
        assert_eq!(outputs.len(), 6);
    }
}
