//! The files to make of each frame: which there are, adding, editing and removing them, and what the preview shows of one.
//!
//! | module | job |
//! | --- | --- |
//! | `draft` | an output while it is edited |
//! | `editor` | the popover for it |
//! | `crop`, `crop_frame` | the part of the frame that it takes, and moving that in the preview |
//! | `estimate` | how large its files will be |

mod crop;
mod crop_frame;
mod draft;
mod editor;
mod estimate;

use egui::{Frame, Id, Key, Margin, Pos2, Rect, Response, Ui, vec2};
use posterframe_contract::{
    Deinterlace, Every, Fit, Format, MAX_OUTPUTS, MAX_SHEETS, NameTemplate, OutputColor, OutputRequest,
    OutputTextError, SHEET_PRESETS, SheetError, SheetRequest,
};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{
    Button, Field, Glyph, Text, context_menu, line_ui, list_row, menu_item, menu_line, menu_that_stays, row,
    row_end_width, row_start,
};

use super::lists::padded;
use super::model::OpenVideo;
use crate::context::{Command, OwnPreset, Preferences, ViewContext};
use crate::format;
use crate::job_text::counted;
use draft::presets;
use editor::{Editor, Facts, Outcome};
use estimate::Estimates;

pub(super) use crop_frame::has_keyboard;

/// Height of an output's row, in points.
const ROW: f32 = 36.0;
/// Width of the menu of presets, in points.
const MENU: f32 = 284.0;
/// Names that tell outputs of one format apart, the shortest first.
const TEMPLATES: [&str; 3] = ["{name}{-n}", "{name}{-n}-{width}", "{name}{-n}-{width}x{height}"];

/// The section's state.
#[derive(Default)]
pub(super) struct Outputs {
    typed: Typed,
    /// The output whose part of the frame the preview shows.
    selected: Option<usize>,
    editor: Option<Editor>,
    estimates: Estimates,
    drag: Option<crop_frame::Drag>,
}

/// What is being typed.
#[derive(Default)]
struct Typed {
    text: String,
    /// Why it is no output.
    problem: Option<String>,
}

/// What was clicked in the list.
enum Click {
    Select(usize),
    Edit(usize),
    Duplicate(usize),
    Remove(usize),
}

impl Outputs {
    /// The output that the preview shows: the one that is edited, else the selected one.
    fn shown(&self, preferences: &Preferences) -> Option<OutputRequest> {
        match &self.editor {
            Some(editor) => editor.draft.output().ok(),
            None => preferences.outputs.get(self.selected?).cloned(),
        }
    }

    /// Takes what was done to the shown output in the preview.
    fn set_shown(&mut self, output: OutputRequest, preferences: &mut Preferences) {
        if let Some(editor) = &mut self.editor {
            if let Some((Some(width), Some(height))) = output.size.map(|size| (size.width, size.height)) {
                editor.draft.set_size((width, height));
            }
            editor.draft.output.crop = output.crop;
            editor.draft.output.fit = output.fit;
        } else if let Some(place) = self.selected.and_then(|index| preferences.outputs.get_mut(index)) {
            *place = output;
        }
    }

    /// Draws the shown output over the picture, which lies at `place`, of which `seen` is seen, and takes what is done to it.
    pub(super) fn crop_ui(
        &mut self,
        ui: &mut Ui,
        (place, seen): (Rect, Rect),
        frame: (u32, u32),
        preferences: &mut Preferences,
    ) {
        let shown = self.shown(preferences);
        let changed =
            shown.and_then(|shown| crop_frame::ui(ui, (place, seen), frame, &shown, &mut self.drag));
        if let Some(changed) = changed {
            self.set_shown(changed, preferences);
        }
    }

    /// Whether an output is being edited: then the popover has Enter and Esc.
    pub(super) const fn is_editing(&self) -> bool {
        self.editor.is_some()
    }

    /// Shows the next of so many outputs in the preview, and after the last one the whole picture.
    pub(super) fn show_next(&mut self, count: usize) {
        self.selected = match self.selected {
            None => (count > 0).then_some(0),
            Some(index) => (index + 1 < count).then_some(index + 1),
        };
    }

    /// Shows the whole picture again. Whether it was not shown.
    pub(super) fn deselect(&mut self) -> bool {
        self.selected.take().is_some()
    }

    /// What all outputs of a frame have together in bytes, where that is known.
    pub(super) fn bytes(&self, outputs: &[OutputRequest]) -> Option<u64> {
        self.estimates.total(outputs)
    }

    /// Draws the section, and changes the preferences' outputs.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, video: &OpenVideo) {
        self.want_estimates(ui, context, video);
        line_ui(ui);
        ui.add_space(16.0);
        let (outputs, sheets) = (&mut context.preferences.outputs, &mut context.preferences.sheets);
        heading_ui(ui, outputs.len() + sheets.len());
        ui.add_space(8.0);
        let mut click = None;
        let rows = Frame::NONE.inner_margin(Margin::symmetric(8, 0));
        rows.show(ui, |ui| {
            let is_only = outputs.len() == 1;
            for (index, output) in outputs.iter().enumerate() {
                let selected = self.selected == Some(index);
                click = row_ui(ui, (index, output), selected, is_only).or(click.take());
            }
            sheets.retain(|sheet| !sheet_ui(ui, sheet));
        });
        match click {
            Some(Click::Select(index)) if self.selected == Some(index) => self.selected = None,
            Some(Click::Select(index)) => self.selected = Some(index),
            Some(Click::Edit(index)) => {
                self.selected = Some(index);
                let own = &context.preferences.presets;
                self.editor = Some(Editor::new(Some(index), &outputs[index], own));
            }
            Some(Click::Duplicate(index)) => {
                let output = outputs[index].clone();
                self.open_new(&output, &context.preferences.presets);
            }
            Some(Click::Remove(index)) => self.remove(index, outputs),
            None => {}
        }
        self.add_ui(ui, context);
        ui.add_space(8.0);
    }

    /// The buttons that add an output or a sheet.
    fn add_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let is_full = context.preferences.outputs.len() >= MAX_OUTPUTS;
        let mut added = None;
        let add = Frame::NONE.inner_margin(Margin::symmetric(4, 2));
        add.show(ui, |ui| {
            row(ui, 28.0, |ui| {
                let new = Button::ghost("Add output")
                    .with_icon(icons::PLUS)
                    .enabled(!is_full)
                    .small()
                    .tip("Another file of each frame", &[]);
                let menu = Button::ghost("Presets").caret().small().tip(
                    "Outputs that many people need, and sheets of the whole video",
                    &[],
                );
                let end = row_end_width(ui, &[menu]);
                let new = row_start(ui, end, |ui| ui.add(new));
                let menu = ui.add(menu);
                let own = &context.preferences.presets;
                if new.clicked() {
                    let jpeg = OutputRequest {
                        format: Format::Jpeg,
                        ..OutputRequest::default()
                    };
                    let jpeg = with_free_name(&context.preferences.outputs, &jpeg).unwrap_or(jpeg);
                    self.open_new(&jpeg, own);
                }
                menu_that_stays(&menu, MENU, |ui| added = menu_ui(ui, &mut self.typed, own));
            });
        });
        let (outputs, sheets) = (&mut context.preferences.outputs, &mut context.preferences.sheets);
        let problem = match added {
            Some(Added::Output(_)) if is_full => Some(format!("A task makes at most {MAX_OUTPUTS} outputs")),
            Some(Added::Output(output)) => match with_free_name(outputs, &output) {
                Some(output) => {
                    outputs.push(output);
                    None
                }
                None => Some(format!(
                    "There is a {} of that kind already",
                    output.format.label()
                )),
            },
            Some(Added::Sheet(sheet)) => add_sheet(sheets, sheet).err(),
            None => None,
        };
        if let Some(problem) = problem {
            context.commands.send(Command::Toast(problem));
        }
    }

    /// Draws the editor, if one is open, with its right top corner at `corner`.
    pub(super) fn editor_ui(
        &mut self,
        ui: &Ui,
        corner: Pos2,
        (context, video): (&mut ViewContext<'_>, &OpenVideo),
    ) {
        let Some(editor) = &mut self.editor else { return };
        let name = video.path.file_stem().unwrap_or_default().to_string_lossy();
        let facts = Facts {
            frame: video.preview.display_size,
            hdr: video
                .info
                .as_ref()
                .filter(|info| info.colours.is_hdr())
                .and_then(|info| info.colours.label()),
            is_interlaced: video.info.as_ref().is_some_and(|info| info.is_interlaced),
            name: &name,
            outputs: &context.preferences.outputs,
            estimates: &self.estimates,
        };
        let outcome = editor.ui(ui, corner, &facts, &mut context.preferences.presets);
        let index = editor.index;
        let outputs = &mut context.preferences.outputs;
        match (outcome, index) {
            (None, _) => return,
            (Some(Outcome::Cancelled), _) => {}
            (Some(Outcome::Saved(output)), Some(index)) => {
                if let Some(place) = outputs.get_mut(index) {
                    *place = *output;
                }
            }
            (Some(Outcome::Saved(output)), None) => {
                outputs.push(*output);
                self.selected = Some(outputs.len() - 1);
            }
            (Some(Outcome::Removed), index) => {
                if let Some(index) = index {
                    self.remove(index, outputs);
                }
            }
        }
        self.editor = None;
    }

    fn open_new(&mut self, output: &OutputRequest, own: &[OwnPreset]) {
        self.selected = None;
        self.editor = Some(Editor::new(None, output, own));
    }

    /// The only output cannot go.
    fn remove(&mut self, index: usize, outputs: &mut Vec<OutputRequest>) {
        if outputs.len() > 1 && index < outputs.len() {
            outputs.remove(index);
            self.selected = None;
            self.editor = None;
        }
    }

    fn want_estimates(&mut self, ui: &Ui, context: &ViewContext<'_>, video: &OpenVideo) {
        let outputs = &context.preferences.outputs;
        let edited = self.editor.as_ref().and_then(|editor| editor.draft.output().ok());
        let listed = outputs
            .iter()
            .enumerate()
            .map(|(index, output)| (output, self.selected == Some(index)));
        let wanted = edited.iter().map(|output| (output, true)).chain(listed);
        self.estimates.want((ui.ctx(), context.engine), video, wanted);
    }
}

fn heading_ui(ui: &mut Ui, count: usize) {
    let t = theme::tokens(ui);
    padded(ui, |ui| {
        row(ui, 16.0, |ui| {
            let count = count.to_string();
            let count = Text::new(Role::SMALL, &count).color(t.text3);
            row_start(ui, count.width(ui), |ui| {
                ui.add(Text::new(Role::SECTION, "Outputs").color(t.text2))
            });
            ui.add(count);
        });
    });
}

const fn glyph(output: &OutputRequest, is_exact: bool) -> icons::Icon {
    match (is_exact, output.fit, output.crop) {
        (true, ..) => icons::SHIELD_CHECK,
        (false, Fit::Crop, _) | (false, _, Some(_)) => icons::CROP,
        (false, ..) => icons::IMAGE,
    }
}

/// An output's row.
fn row_ui(
    ui: &mut Ui,
    (index, output): (usize, &OutputRequest),
    selected: bool,
    is_only: bool,
) -> Option<Click> {
    let t = theme::tokens(ui);
    let (name, facts) = (output.format.label(), facts(output));
    let label = format!("{name} {facts}");
    let shown = list_row(ui, ROW, (&label, Some(selected)), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add(Glyph::new(glyph(output, output.is_exact()), 16.0, t.text2));
        ui.add(Text::new(Role::TITLE, name).color(t.text));
        let edit_label = format!("Edit {label}");
        let edit = Button::icon(&edit_label, icons::PENCIL_SIMPLE)
            .small()
            .tip("Edit this output", &[]);
        let end = if selected { edit.width(ui) } else { 0.0 };
        row_start(ui, end, |ui| {
            ui.add(Text::new(Role::SMALL, &facts).color(t.text2))
        });
        selected && ui.add(edit).clicked()
    });
    if selected {
        let rect = shown.response.rect;
        let bar = Rect::from_center_size(rect.left_center() + vec2(1.0, 0.0), vec2(2.0, 20.0));
        ui.painter().rect_filled(bar, 1, t.accent_line);
    }
    let mut click = match (shown.inner, clicks(&shown.response)) {
        (true, _) | (false, 2) => Some(Click::Edit(index)),
        (false, 1) => Some(Click::Select(index)),
        (false, _) => None,
    };
    context_menu(&shown.response, 180.0, |ui| {
        if menu_item(ui, icons::PENCIL_SIMPLE, "Edit…", "", false) {
            click = Some(Click::Edit(index));
        }
        if menu_item(ui, icons::COPY, "Duplicate…", "", false) {
            click = Some(Click::Duplicate(index));
        }
        if !is_only && menu_item(ui, icons::TRASH, "Remove", "", true) {
            click = Some(Click::Remove(index));
        }
    });
    click
}

/// 1 for a click, 2 for a double click.
fn clicks(response: &Response) -> u8 {
    match (response.clicked(), response.double_clicked()) {
        (_, true) => 2,
        (true, false) => 1,
        (false, false) => 0,
    }
}

/// A sheet's row. Whether it is to be removed.
fn sheet_ui(ui: &mut Ui, sheet: &SheetRequest) -> bool {
    let t = theme::tokens(ui);
    let frame = Frame::NONE.inner_margin(Margin::symmetric(8, 0));
    let shown = frame.show(ui, |ui| {
        row(ui, ROW, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add(Glyph::new(icons::GRID_FOUR, 16.0, t.text2));
            let name = if sheet.contact { "Contact sheet" } else { "Sheet" };
            ui.add(Text::new(Role::TITLE, name).color(t.text));
            let facts = sheet_facts(sheet);
            let label = format!("Remove {name} {facts}");
            let remove = Button::icon(&label, icons::X).small().tip(&label, &[]);
            row_start(ui, remove.width(ui), |ui| {
                ui.add(Text::new(Role::SMALL, &facts).color(t.text2))
            });
            ui.add(remove).clicked()
        })
    });
    shown.inner
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
fn menu_ui(ui: &mut Ui, typed: &mut Typed, own: &[OwnPreset]) -> Option<Added> {
    let mut added = None;
    for (label, output) in presets(own) {
        let detail = format!("{} {}", output.format.label(), size_text(&output));
        let symbol = glyph(&output, output.is_exact());
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

/// The output under a name that none of the others has; `None` where there is such an output already.
fn with_free_name(outputs: &[OutputRequest], output: &OutputRequest) -> Option<OutputRequest> {
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
        Every::Tiles(count) => format!("{size} · {}", counted(count as usize, "tile")),
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
