//! The stills of a job that has several, a card each, with preview and result side by side, and how they compare; and its
//! sheets.

use std::path::Path;
use std::sync::Arc;

use egui::{Align, Frame, Layout, Margin, Response, ScrollArea, Sense, Stroke, Ui, Vec2, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{Job, JobSheet, Still, StillFile, Verdict};
use posterframe_contract::Every;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Glyph, Strip, Text, Tone, context_menu, dashed_slot, menu_item, row, tip};

use super::compare::Compare;
use super::result::{actions_ui, missing};
use super::{JobsView, actions};
use crate::context::{Command, ViewContext, copy_link};
use crate::{format, job_text};

/// A picture's slot, in points.
const SLOT: Vec2 = vec2(122.0, 69.0);
/// Gap between a card's two pictures, in points.
const GAP: f32 = 8.0;
/// Height of a card, in points: pictures, line and chips.
const CARD: f32 = 117.0;
/// Gap between two cards, in points.
const BETWEEN: f32 = 16.0;
/// Height of the line below the pictures, in points.
const LINE: f32 = 18.0;
/// Height of a file's chip, in points.
const CHIP: f32 = 20.0;
/// Most cards that are drawn although they are out of sight.
const MAX_UNSEEN: usize = 50;
/// Height of the strip that sums up, in points.
const STRIP: f32 = 36.0;

impl JobsView {
    /// The cards, of which only those on the screen are drawn, and below them the sum and the actions.
    pub(super) fn cards_column_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        let sum = job_text::comparison(job);
        let strip = if sum.is_some() { STRIP } else { 0.0 };
        let actions = if job.first_file().is_some() {
            sizes::CONTROL
        } else {
            0.0
        };
        ui.spacing_mut().item_spacing = vec2(GAP, BETWEEN);
        let rows = StripBuilder::new(ui)
            .size(Size::remainder())
            .size(Size::exact(strip))
            .size(Size::exact(actions));
        rows.vertical(|mut rows| {
            rows.cell(|ui| {
                headings_ui(ui);
                ScrollArea::vertical()
                    .id_salt("stills")
                    .auto_shrink(false)
                    .show_rows(ui, CARD, job.stills.len() + job.sheets.len(), |ui, shown| {
                        for index in shown {
                            self.card_ui(ui, ctx, job, index);
                        }
                    });
            });
            rows.cell(|ui| sum_ui(ui, sum.as_ref()));
            rows.cell(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                actions_ui(ui, ctx, job);
            });
        });
    }

    /// The cards as part of a page that scrolls.
    pub(super) fn cards_below_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        ui.set_max_width(ui.available_width().min(2.0 * SLOT.x + GAP));
        headings_ui(ui);
        for index in 0..job.stills.len() + job.sheets.len() {
            self.card_ui(ui, ctx, job, index);
        }
        sum_ui(ui, job_text::comparison(job).as_ref());
        ui.spacing_mut().item_spacing.x = 8.0;
        actions_ui(ui, ctx, job);
    }

    fn card_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, index: usize) {
        let size = vec2(2.0 * SLOT.x + GAP, CARD);
        let layout = Layout::top_down(Align::Min);
        ui.push_id(index, |ui| {
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                // Of a few, all are there for the keyboard and screen readers; of many, those out of sight would cost too much.
                if job.stills.len() + job.sheets.len() > MAX_UNSEEN && !ui.is_rect_visible(ui.max_rect()) {
                    return;
                }
                ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
                let Some(still) = job.stills.get(index) else {
                    if let Some(sheet) = job.sheets.get(index - job.stills.len()) {
                        self.sheet_ui(ui, ctx, job, sheet);
                    }
                    return;
                };
                self.pictures_ui(ui, ctx, job, still, index);
                ui.add_space(5.0);
                row(ui, LINE, |ui| self.line_ui(ui, still));
                ui.add_space(5.0);
                files_ui(ui, ctx, &still.files, None);
            });
        });
    }

    fn pictures_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, still: &Still, index: usize) {
        ui.horizontal(|ui| {
            let number = index + 1;
            match &still.picture {
                Some(file) => {
                    self.picture_ui(ui, ctx, file, &format!("Preview {number}"), SLOT);
                }
                None => empty_ui(ui, SLOT, icons::IMAGE, "Submitted without a preview"),
            }
            let Some(file) = still.files.first() else {
                let (glyph, words) = missing(job);
                let error = still.error.as_ref().map(|error| error.message.as_str());
                empty_ui(ui, SLOT, glyph, error.unwrap_or(words));
                return;
            };
            let picture = self.picture_ui(ui, ctx, &file.path, &format!("Result {number}"), SLOT);
            let picture = tip(picture.interact(Sense::click()), file.name(), &[]);
            if picture.clicked() {
                ctx.commands.send(Command::OpenFile(file.path.clone()));
            }
            context_menu(&picture, 208.0, |ui| menu_ui(ui, ctx, file));
        });
    }

    /// A sheet: all of its picture, how many tiles it has, and its files.
    fn sheet_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, sheet: &JobSheet) {
        let t = tokens(ui);
        let slot = vec2(2.0 * SLOT.x + GAP, SLOT.y);
        let made = sheet.made.as_ref();
        let error = made.and_then(|made| made.error.as_ref());
        if let Some(file) = sheet.files.first() {
            let picture = self.picture_ui(ui, ctx, &file.path, "Sheet", slot);
            let picture = tip(picture.interact(Sense::click()), file.name(), &[]);
            if picture.clicked() {
                ctx.commands.send(Command::OpenFile(file.path.clone()));
            }
            context_menu(&picture, 208.0, |ui| menu_ui(ui, ctx, file));
        } else {
            let (glyph, words) = missing(job);
            let words = error.map_or(words, |error| error.message.as_str());
            empty_ui(ui, slot, glyph, words);
        }
        ui.add_space(5.0);
        row(ui, LINE, |ui| {
            let words = match made {
                Some(made) => job_text::counted(made.tiles as usize, "tile"),
                None => "Sheet".to_owned(),
            };
            ui.add(Text::new(Role::LOG, &words).color(t.text));
            if let Every::Step(step) = sheet.request.every {
                let every = format!("every {step}");
                ui.add(Text::new(Role::CAPTION, &every).color(t.text3));
            }
            if let Some(error) = error {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 3.0;
                    let color = Tone::Bad.color(t);
                    let words = if sheet.files.is_empty() {
                        "No file"
                    } else {
                        "Not whole"
                    };
                    let words = ui.add(Text::new(Role::PILL, words).color(color));
                    ui.add(Glyph::new(icons::WARNING_CIRCLE, 14.0, color));
                    tip(words.interact(Sense::hover()), &error.message, &[]);
                });
            }
        });
        ui.add_space(5.0);
        let bytes = made.and_then(|made| made.vtt.as_ref()).map_or(0, |vtt| vtt.bytes);
        let cues = sheet.vtt.as_deref().map(|file| (file, bytes));
        files_ui(ui, ctx, &sheet.files, cues);
    }

    /// Where the frame is, and how its two pictures compare.
    fn line_ui(&mut self, ui: &mut Ui, still: &Still) {
        let t = tokens(ui);
        let timecode = still.position.timecode();
        ui.add(Text::new(Role::LOG, &timecode).color(t.text));
        if let Some(number) = still.number {
            let number = format!("Frame {number}");
            ui.add(Text::new(Role::CAPTION, &number).color(t.text3));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            let (glyph, tone, word, more) = match (&still.error, &still.verdict) {
                (Some(error), _) => (
                    icons::WARNING_CIRCLE,
                    Tone::Bad,
                    "No file",
                    error.message.as_str(),
                ),
                (None, Some(Verdict::Identical)) => {
                    let more = "The very pixels of the preview";
                    (icons::CHECK_CIRCLE, Tone::Good, "Identical", more)
                }
                (None, Some(Verdict::Differs(how))) => (icons::WARNING, Tone::Warn, "Differs", how.as_str()),
                (None, Some(Verdict::Unknown) | None) => return,
            };
            let color = tone.color(t);
            let text = ui.add(Text::new(Role::PILL, word).color(color));
            ui.add(Glyph::new(glyph, 14.0, color));
            let compare = Some(tone)
                .filter(|tone| *tone == Tone::Warn)
                .and_then(|_| Compare::of(still));
            let Some(compare) = compare else {
                tip(text.interact(Sense::hover()), more, &[]);
                return;
            };
            let text = text
                .interact(Sense::click())
                .on_hover_cursor(egui::CursorIcon::PointingHand);
            if tip(text, &format!("Compare: {more}"), &[]).clicked() {
                self.compare = Some(compare);
            }
        });
    }
}

/// The labels over the two columns of pictures. Sets the spacing of what follows.
fn headings_ui(ui: &mut Ui) {
    let color = tokens(ui).text2;
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ui.add_space(2.0);
    row(ui, 16.0, |ui| {
        let column = vec2(SLOT.x + GAP, 16.0);
        ui.allocate_ui_with_layout(column, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(column.x);
            ui.add(Text::new(Role::SECTION, "Preview").color(color));
        });
        ui.add(Text::new(Role::SECTION, "Result").color(color));
    });
    ui.add_space(8.0);
    ui.spacing_mut().item_spacing = vec2(GAP, BETWEEN);
}

/// A slot without a picture, with the reason where the pointer rests on it.
fn empty_ui(ui: &mut Ui, size: Vec2, glyph: icons::Icon, words: &str) {
    let (slot, response) = ui.allocate_exact_size(size, Sense::hover());
    dashed_slot(ui, slot, 6.0);
    let inner = egui::Rect::from_center_size(slot.center(), Vec2::splat(18.0));
    posterframe_kit::widgets::put(ui, inner, Glyph::new(glyph, 18.0, tokens(ui).text3));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, words));
    tip(response, words, &[]);
}

/// A chip for each file: its format and its size; and one for the cues of a sheet, which is not a picture.
fn files_ui(ui: &mut Ui, ctx: &ViewContext<'_>, files: &[StillFile], cues: Option<(&Path, u64)>) {
    row(ui, CHIP, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for file in files {
            let chip = chip_ui(ui, file.made.format.label(), file.made.bytes);
            let about = format!("{} · {} × {}", file.name(), file.made.width, file.made.height);
            let chip = tip(chip, &about, &[]);
            context_menu(&chip, 208.0, |ui| menu_ui(ui, ctx, file));
        }
        if let Some((file, bytes)) = cues {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let chip = tip(chip_ui(ui, "VTT", bytes), &name, &[]);
            context_menu(&chip, 208.0, |ui| {
                if menu_item(ui, icons::DOWNLOAD_SIMPLE, "Save as…", "", false) {
                    let file = file.to_owned();
                    ctx.commands.send(Command::SaveAs { file, name });
                } else if menu_item(ui, icons::ARROW_SQUARE_OUT, "Open in another program", "", false) {
                    ctx.commands.send(Command::OpenFile(file.to_owned()));
                }
            });
        }
    });
}

fn chip_ui(ui: &mut Ui, kind: &str, bytes: u64) -> Response {
    let t = tokens(ui);
    let bytes = format::bytes(bytes);
    let frame = Frame::NONE
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(sizes::RADIUS_SMALL)
        .inner_margin(Margin::symmetric(6, 0));
    let chip = frame.show(ui, |ui| {
        ui.set_height(CHIP - 2.0);
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.add(Text::new(Role::PILL, kind).color(t.text));
        ui.add(Text::new(Role::CAPTION, &bytes).color(t.text2));
    });
    chip.response.interact(Sense::hover())
}

fn menu_ui(ui: &mut Ui, ctx: &ViewContext<'_>, file: &StillFile) {
    let item = |ui: &mut Ui, glyph, label| menu_item(ui, glyph, label, "", false);
    if item(ui, icons::DOWNLOAD_SIMPLE, "Save as…") {
        actions::save_one(ctx, file);
    }
    if item(ui, icons::COPY, "Copy image") {
        ctx.commands.send(Command::CopyImage(file.path.clone()));
    }
    if item(ui, icons::ARROW_SQUARE_OUT, "Open in another program") {
        ctx.commands.send(Command::OpenFile(file.path.clone()));
    }
    if menu_item(ui, icons::LINK_SIMPLE, "Copy link", "1 hour", false) {
        copy_link(ctx, file.made.key.clone());
    }
    if item(ui, icons::IMAGES, "Show in gallery") {
        ctx.commands.send(Command::ShowInGallery(file.made.key.clone()));
    }
}

fn sum_ui(ui: &mut Ui, sum: Option<&(Tone, String)>) {
    if let Some((tone, words)) = sum {
        ui.add(Strip::new(words, *tone));
    }
}
