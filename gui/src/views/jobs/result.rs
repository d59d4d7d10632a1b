//! The preview and the result of a job, and the result's actions.

use std::path::Path;
use std::sync::Arc;

use egui::{CornerRadius, Response, ScrollArea, Sense, Ui, Vec2, WidgetInfo, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{Job, JobState, Still, Verdict, path_text};
use posterframe_kit::theme::icons::Icon;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Reveal as _, Strip, Text, dashed_slot, outline, paint_picture, row, row_end_width,
    row_start, slot_note,
};

use super::compare::Compare;
use super::{JobsView, actions};
use crate::context::{Command, Picture, ViewContext};
use crate::{format, job_text};

/// Largest slot of a picture, in points. Smaller slots keep its aspect ratio.
const SLOT: [f32; 2] = [252.0, 142.0];
/// Smallest width of preview and result side by side, in points.
const MIN_PAIR_WIDTH: f32 = 340.0;

impl JobsView {
    /// Preview above result, or a card for each of several stills and for each sheet, and the result's actions at the foot of `ui`. The
    /// pictures scroll if `ui` is too low.
    pub(super) fn column_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        let ([still], []) = (job.stills.as_slice(), job.sheets.as_slice()) else {
            return self.cards_column_ui(ui, ctx, job);
        };
        let pictures = |view: &mut Self, ui: &mut Ui| {
            ScrollArea::vertical()
                .id_salt("pictures")
                .auto_shrink(false)
                .show_revealing(ui, |ui| {
                    view.preview_ui(ui, ctx, still);
                    ui.add_space(14.0);
                    view.thumbnail_ui(ui, ctx, job, still);
                    view.verdict_ui(ui, job);
                });
        };
        if job.first_file().is_none() {
            pictures(self, ui);
            return;
        }
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        let rows = StripBuilder::new(ui)
            .size(Size::remainder())
            .size(Size::exact(sizes::CONTROL));
        rows.vertical(|mut strip| {
            strip.cell(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                pictures(self, ui);
            });
            strip.cell(|ui| actions_ui(ui, ctx, job));
        });
    }

    /// Preview and result below the log, side by side if there is room; or a card for each of several stills and for each sheet.
    pub(super) fn below_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        let ([still], []) = (job.stills.as_slice(), job.sheets.as_slice()) else {
            return self.cards_below_ui(ui, ctx, job);
        };
        if ui.available_width() < MIN_PAIR_WIDTH {
            self.preview_ui(ui, ctx, still);
            ui.add_space(14.0);
            self.thumbnail_ui(ui, ctx, job, still);
        } else {
            ui.spacing_mut().item_spacing.x = 20.0;
            ui.columns(2, |columns| {
                self.preview_ui(&mut columns[0], ctx, still);
                self.thumbnail_ui(&mut columns[1], ctx, job, still);
            });
            ui.spacing_mut().item_spacing.x = 8.0;
        }
        self.verdict_ui(ui, job);
        if job.first_file().is_some() {
            ui.add_space(12.0);
            ui.set_max_width(ui.available_width().min(SLOT[0]));
            actions_ui(ui, ctx, job);
        }
    }

    fn preview_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, still: &Still) {
        heading_ui(ui, "Preview", "Picked here");
        if let Some(file) = &still.picture {
            self.picture_ui(ui, ctx, file, "Preview of the frame", slot_size(ui));
        } else {
            empty_slot_ui(ui, icons::IMAGE, "Submitted without a preview");
        }
        let made = still.files.first().map(|file| &file.made);
        let caption = match (still.number, made) {
            (Some(number), Some(made)) => format!("Frame {number} · {} × {}", made.width, made.height),
            (Some(number), None) => format!("Frame {number}"),
            (None, _) => still.position.timecode(),
        };
        caption_ui(ui, &caption);
    }

    fn thumbnail_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, still: &Still) {
        heading_ui(ui, "Result", &job_text::made(job));
        let Some(file) = still.files.first() else {
            let (glyph, text) = missing(job);
            empty_slot_ui(ui, glyph, text);
            return;
        };
        self.picture_ui(ui, ctx, &file.path, "Thumbnail", slot_size(ui));
        let bytes = format::bytes(file.made.bytes);
        let caption = match (file.made.width, file.made.height) {
            // An earlier version's, of which nothing was noted.
            (0, _) => bytes,
            (width, height) => format!("{bytes} · {width} × {height}"),
        };
        caption_ui(ui, &caption);
    }

    /// A picture in a slot of this size; what the pointer does there.
    pub(super) fn picture_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        file: &Path,
        label: &str,
        size: Vec2,
    ) -> Response {
        let (slot, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, label));
        match self
            .pictures
            .file(ui, ctx.engine, file, slot.size(), Fit::Contain)
        {
            Picture::Here(texture, size) => {
                paint_picture(ui, slot, sizes::RADIUS, (texture, size), Fit::Contain);
            }
            Picture::Loading => {
                ui.painter()
                    .rect_filled(slot, CornerRadius::same(sizes::RADIUS), tokens(ui).canvas);
            }
            Picture::Failed(reason) => {
                let reason = reason.to_owned();
                dashed_slot(ui, slot, 6.0);
                slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
            }
        }
        outline(ui, slot, sizes::RADIUS);
        response
    }

    /// The comparison of the result with the preview, once there is a result.
    fn verdict_ui(&mut self, ui: &mut Ui, job: &Job) {
        let (Some((tone, words)), Some(still)) = (job_text::comparison(job), job.stills.first()) else {
            return;
        };
        ui.add_space(18.0);
        let strip = Strip::new(&words, tone);
        let Some(Verdict::Differs(difference)) = &still.verdict else {
            ui.add(strip);
            return;
        };
        match Compare::of(still) {
            None => {
                ui.add(strip);
            }
            compare => {
                if ui.add(strip.button(Button::ghost("Compare"))).clicked() {
                    self.compare = compare;
                }
            }
        }
        ui.add_space(6.0);
        let text = Text::new(Role::CAPTION, difference).color(tokens(ui).text2);
        ui.add(text.wrap());
    }
}

/// What stands in the slot of a picture that is not there.
pub(super) fn missing(job: &Job) -> (Icon, &'static str) {
    match job.state {
        JobState::Failed | JobState::Stopped => (icons::IMAGE_BROKEN, "No thumbnail yet"),
        _ => (icons::IMAGE, "Arrives when the task ends"),
    }
}

/// Size of the largest slot that fits the width of `ui`, in points.
fn slot_size(ui: &Ui) -> Vec2 {
    let width = ui.available_width().min(SLOT[0]);
    vec2(width, (width * SLOT[1] / SLOT[0]).round())
}

/// The label over a picture, and a dim text at the end of its row.
fn heading_ui(ui: &mut Ui, label: &str, beside: &str) {
    let t = tokens(ui);
    ui.add_space(2.0);
    ui.scope(|ui| {
        ui.set_max_width(slot_size(ui).x);
        row(ui, 16.0, |ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            ui.add(Text::new(Role::SECTION, label).color(t.text2));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add(Text::new(Role::CAPTION, beside).color(t.text3));
            });
        });
    });
    ui.add_space(8.0);
}

fn caption_ui(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.add(Text::new(Role::MONO_SMALL, text).color(tokens(ui).text3));
}

/// A slot without a picture, with the reason.
fn empty_slot_ui(ui: &mut Ui, glyph: Icon, text: &str) {
    let (slot, _) = ui.allocate_exact_size(slot_size(ui), Sense::hover());
    dashed_slot(ui, slot, 6.0);
    slot_note(ui, slot, glyph, text);
}

/// The buttons for all files of a result.
pub(super) fn actions_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
    let Some(first) = job.first_file() else { return };
    let is_one = job.files().count() == 1;
    let (label, tip, keys, copied): (_, _, &[&str], _) = if is_one {
        ("Save as…", "Save a copy", &["Ctrl", "S"], "Copy image")
    } else {
        let tip = "Save copies of all files in a folder";
        (
            "Save all…",
            tip,
            &["Ctrl", "Shift", "S"],
            "Copy the paths of all files",
        )
    };
    let copy = Button::icon_framed(copied, icons::COPY);
    let show = Button::icon_framed("Show in gallery", icons::IMAGES);
    row(ui, sizes::CONTROL, |ui| {
        let save = Button::primary(label)
            .with_icon(icons::DOWNLOAD_SIMPLE)
            .tip(tip, keys);
        let save = row_start(ui, row_end_width(ui, &[copy, show]), |ui| {
            ui.with_layout(egui::Layout::top_down_justified(egui::Align::Min), |ui| {
                ui.add(save)
            })
        });
        if save.inner.clicked() {
            actions::save(ctx, job);
        }
        if ui.add(copy).clicked() {
            ctx.commands.send(if is_one {
                Command::CopyImage(first.path.clone())
            } else {
                let paths = job.files().map(|file| path_text::copyable(&file.path));
                Command::CopyText(paths.collect::<Vec<_>>().join("\n"))
            });
        }
        if ui.add(show).clicked() {
            ctx.commands.send(Command::ShowInGallery(first.made.key.clone()));
        }
    });
}
