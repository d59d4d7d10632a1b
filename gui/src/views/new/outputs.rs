//! The files to make of each frame: which there are, and adding and removing them.

use egui::{Frame, Id, Key, Margin, Ui, vec2};
use posterframe_contract::{
    Deinterlace, Every, Fit, Format, MAX_OUTPUTS, MAX_SHEETS, NameTemplate, OutputColor, OutputRequest,
    OutputTextError, PRESETS, SHEET_PRESETS, SheetError, SheetRequest,
};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{
    Button, Field, Glyph, Text, line_ui, menu_item, menu_line, menu_that_stays, row, row_start,
};

use super::lists::padded;
use crate::context::{Command, ViewContext};
use crate::format;

/// Height of an output's row, in points.
const ROW: f32 = 36.0;
/// Width of the menu of presets, in points.
const MENU: f32 = 284.0;
/// Names that tell outputs of one format apart, the shortest first.
const TEMPLATES: [&str; 3] = ["{name}{-n}", "{name}{-n}-{width}", "{name}{-n}-{width}x{height}"];

/// What is being typed.
#[derive(Default)]
pub(super) struct Typed {
    text: String,
    /// Why it is no output.
    problem: Option<String>,
}

/// Draws the section, and changes the preferences' outputs.
pub(super) fn outputs_ui(ui: &mut Ui, context: &mut ViewContext<'_>, typed: &mut Typed) {
    let t = theme::tokens(ui);
    line_ui(ui);
    ui.add_space(16.0);
    let (outputs, sheets) = (&mut context.preferences.outputs, &mut context.preferences.sheets);
    padded(ui, |ui| {
        row(ui, 16.0, |ui| {
            let count = (outputs.len() + sheets.len()).to_string();
            let count = Text::new(Role::SMALL, &count).color(t.text3);
            row_start(ui, count.width(ui), |ui| {
                ui.add(Text::new(Role::SECTION, "Outputs").color(t.text2))
            });
            ui.add(count);
        });
    });
    ui.add_space(8.0);
    let rows = Frame::NONE.inner_margin(Margin::symmetric(8, 0));
    let mut removed = None;
    rows.show(ui, |ui| {
        let is_only = outputs.len() == 1;
        for (index, output) in outputs.iter().enumerate() {
            let glyph = if output.is_exact() {
                icons::CHECK_CIRCLE
            } else {
                icons::IMAGE
            };
            if row_ui(ui, glyph, output.format.label(), &facts(output), !is_only) {
                removed = Some(index);
            }
        }
        sheets.retain(|sheet| {
            let name = if sheet.contact { "Contact sheet" } else { "Sheet" };
            !row_ui(ui, icons::SQUARES_FOUR, name, &sheet_facts(sheet), true)
        });
    });
    if let Some(index) = removed {
        outputs.remove(index);
    }
    let mut added = None;
    let add = Frame::NONE.inner_margin(Margin::symmetric(4, 2));
    add.show(ui, |ui| {
        let button = Button::ghost("Add output")
            .with_icon(icons::PLUS)
            .caret()
            .enabled(outputs.len() < MAX_OUTPUTS)
            .small()
            .tip("Another file of each frame, or a sheet of the whole video", &[]);
        let button = ui.add(button);
        menu_that_stays(&button, MENU, |ui| added = menu_ui(ui, typed));
    });
    let problem = match added {
        Some(Added::Output(output)) => add_to(outputs, &output).err(),
        Some(Added::Sheet(sheet)) => add_sheet(sheets, sheet).err(),
        None => None,
    };
    if let Some(problem) = problem {
        context.commands.send(Command::Toast(problem));
    }
    ui.add_space(8.0);
}

/// A row. Whether what it is about is to be removed, where it can be.
fn row_ui(ui: &mut Ui, glyph: icons::Icon, name: &str, facts: &str, can_go: bool) -> bool {
    let t = theme::tokens(ui);
    let frame = Frame::NONE.inner_margin(Margin::symmetric(8, 0));
    frame
        .show(ui, |ui| {
            row(ui, ROW, |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(Glyph::new(glyph, 16.0, t.text2));
                ui.add(Text::new(Role::TITLE, name).color(t.text));
                let label = format!("Remove {name} {facts}");
                let remove = Button::icon(&label, icons::X).small().tip(&label, &[]);
                let end = if can_go { remove.width(ui) } else { 0.0 };
                row_start(ui, end, |ui| ui.add(Text::new(Role::SMALL, facts).color(t.text2)));
                can_go && ui.add(remove).clicked()
            })
        })
        .inner
}

/// What is to be made as well.
enum Added {
    Output(OutputRequest),
    Sheet(SheetRequest),
}

impl Added {
    /// An output as people type it, or a sheet.
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains('@') || SHEET_PRESETS.iter().any(|preset| preset.name == text) {
            let sheet = text.parse().map(Self::Sheet);
            return sheet.map_err(|problem: SheetError| problem.to_string());
        }
        let output = text.parse().map(Self::Output);
        output.map_err(|problem: OutputTextError| problem.to_string())
    }
}

/// The presets, and a field for what they lack. What to add.
fn menu_ui(ui: &mut Ui, typed: &mut Typed) -> Option<Added> {
    let mut added = None;
    for preset in PRESETS {
        let output = preset.output();
        let detail = format!("{} {}", output.format.label(), size_text(&output));
        let glyph = if output.is_exact() {
            icons::CHECK_CIRCLE
        } else {
            icons::IMAGE
        };
        if menu_item(ui, glyph, preset.label, &detail, false) {
            added = Some(Added::Output(output));
        }
    }
    for preset in SHEET_PRESETS {
        let detail = if preset.sheet.vtt {
            "Sheet + WebVTT"
        } else {
            "Stills + times"
        };
        if menu_item(ui, icons::SQUARES_FOUR, preset.label, detail, false) {
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
            match Added::parse(typed.text.trim()) {
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

/// Adds an output under a name that none of the others has.
fn add_to(outputs: &mut Vec<OutputRequest>, output: &OutputRequest) -> Result<(), String> {
    let is_named = !output.name.is_default();
    let templates = TEMPLATES
        .iter()
        .filter_map(|template| template.parse::<NameTemplate>().ok());
    let names = if is_named {
        vec![output.name.clone()]
    } else {
        templates.collect()
    };
    for name in names {
        let named = OutputRequest {
            name,
            ..output.clone()
        };
        let clashes = |other: &OutputRequest| other.format == named.format && other.name == named.name;
        let sized = |other: &OutputRequest| {
            (other.size, other.crop, other.fit) == (named.size, named.crop, named.fit)
        };
        let is_by_size = named.name.to_string().contains("{width}");
        let taken = outputs
            .iter()
            .any(|other| clashes(other) && (!is_by_size || sized(other)));
        if !taken {
            outputs.push(named);
            return Ok(());
        }
    }
    Err(format!(
        "There is a {} of that kind already",
        output.format.label()
    ))
}

fn add_sheet(sheets: &mut Vec<SheetRequest>, sheet: SheetRequest) -> Result<(), String> {
    if sheets.contains(&sheet) {
        return Err("There is such a sheet already".to_owned());
    }
    if sheets.len() == MAX_SHEETS {
        return Err(format!("A task makes at most {MAX_SHEETS} sheets"));
    }
    sheets.push(sheet);
    Ok(())
}

/// `160 × 90 every 10s`, `320 wide · 24 tiles`.
fn sheet_facts(sheet: &SheetRequest) -> String {
    let size = OutputRequest {
        size: Some(sheet.tile),
        ..OutputRequest::default()
    };
    let size = size_text(&size);
    match sheet.every {
        Every::Step(step) => format!("{size} every {step}"),
        Every::Tiles(1) => format!("{size} · 1 tile"),
        Every::Tiles(count) => format!("{size} · {count} tiles"),
    }
}

/// `full size · exact`, `1280 × 720 · crop · ≤ 2 MB`.
fn facts(output: &OutputRequest) -> String {
    if output.is_exact() {
        return "full size · exact".to_owned();
    }
    let mut parts = vec![size_text(output)];
    if output.crop.is_some() || output.fit == Fit::Crop {
        parts.push("crop".to_owned());
    } else if output.fit == Fit::Pad {
        parts.push("pad".to_owned());
    }
    let is_lossless = output.lossless || output.format == Format::Png;
    match output.depth {
        Some(depth) if is_lossless || output.format == Format::Avif => parts.push(format!("{depth} bit")),
        _ if is_lossless => parts.push("lossless".to_owned()),
        _ => {}
    }
    parts.extend(output.quality.map(|quality| format!("quality {quality}")));
    parts.extend(
        output
            .max_bytes
            .map(|most| format!("≤ {}", format::bytes(most).replace(".0 ", " "))),
    );
    if output.color == OutputColor::Sdr {
        parts.push("SDR".to_owned());
    }
    match output.deinterlace {
        Deinterlace::Off => parts.push("not deinterlaced".to_owned()),
        Deinterlace::Auto => {}
        Deinterlace::On => parts.push("deinterlaced".to_owned()),
    }
    parts.join(" · ")
}

fn size_text(output: &OutputRequest) -> String {
    match (output.size, output.crop) {
        (Some(size), _) => match (size.width, size.height) {
            (Some(width), Some(height)) => format!("{width} × {height}"),
            (Some(width), None) => format!("{width} wide"),
            (None, height) => format!("{} high", height.unwrap_or_default()),
        },
        (None, Some([_, _, width, height])) => format!("{width} × {height}"),
        (None, None) => "full size".to_owned(),
    }
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
            add_to(&mut outputs, &output(text)).unwrap();
        }
        let names: Vec<_> = outputs.iter().map(|output| output.name.to_string()).collect();
        let by_width = "{name}{-n}-{width}";
        assert_eq!(
            names,
            ["{name}{-n}", "{name}{-n}", by_width, "{name}{-n}", by_width]
        );
        add_to(&mut outputs, &output("webp:name=still")).unwrap();
        assert!(add_to(&mut outputs, &output("webp:q=3:name=still")).is_err());
        assert_eq!(outputs.len(), 6);
    }

    // Breaks if a row does not say what its file will be.
    #[test]
    fn rows_say_what_they_make() {
        assert_eq!(facts(&output("png")), "full size · exact");
        assert_eq!(facts(&output("youtube")), "1280 × 720 · crop · ≤ 2 MB");
        assert_eq!(
            facts(&output("webp:640x:lossless:sdr")),
            "640 wide · lossless · SDR"
        );
        assert_eq!(
            facts(&output("png:deinterlace")),
            "full size · lossless · deinterlaced"
        );
        assert_eq!(facts(&output("avif:10:q=60")), "full size · 10 bit · quality 60");
        let sheets = ["storyboard", "contact"].map(|sheet| sheet_facts(&sheet.parse().unwrap()));
        assert_eq!(sheets, ["160 × 90 every 10s", "320 wide · 24 tiles"]);
    }
}
