//! The files to make of each frame: which there are, adding, editing and removing them, and what the preview shows of one.
//!
//! | module | job |
//! | --- | --- |
//! | `draft` | an output while it is edited |
//! | `editor`, `fields` | the popover for it |
//! | `presets` | the menu of presets, and adding what it has |
//! | `rows` | the list |
//! | `list` | the same in short, for many videos at once |
//! | `crop`, `crop_frame` | the part of the frame that it takes, and moving that in the preview |
//! | `estimate` | how large its files will be |

mod crop;
mod crop_frame;
mod draft;
mod editor;
mod estimate;
mod fields;
mod list;
mod presets;
mod rows;

use egui::{Frame, Margin, Pos2, Rect, Ui, vec2};
use posterframe_contract::{Fit, Format, MAX_OUTPUTS, OutputRequest};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Text, line_ui, menu_that_stays, row, row_end_width, row_start};
use posterframe_picture::Geometry;

use super::lists::padded;
use super::model::OpenVideo;
use crate::context::{Command, OwnPreset, Preferences, ViewContext};
use editor::{Editor, Outcome};
use estimate::Estimates;
use fields::Facts;
use presets::{Added, Typed, add_sheet, menu_ui, with_free_name};
use rows::{Click, row_ui, sheet_ui};

pub(super) use crop_frame::has_keyboard;
pub(super) use list::{outputs_ui, short};

/// Width of the menu of presets, in points.
const MENU: f32 = 284.0;

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

    /// The room for the picture within `room`: of a shown output that is padded, its bars have to be seen as well.
    pub(super) fn picture_room(&self, room: Rect, frame: (u32, u32), preferences: &Preferences) -> Rect {
        let padded = self.shown(preferences).filter(|output| output.fit == Fit::Pad);
        let geometry = padded.and_then(|output| Geometry::of(frame, &output).ok());
        let Some(Geometry { size, canvas, .. }) = geometry else {
            return room;
        };
        let points = |(width, height): (u32, u32)| vec2(width.max(1) as f32, height.max(1) as f32);
        let (size, canvas) = (points(size), points(canvas));
        let scale = (room.width() / canvas.x).min(room.height() / canvas.y);
        Rect::from_center_size(room.center(), size * scale)
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
