//! The preview and the result of a job, and the result's actions.

use std::path::Path;
use std::sync::Arc;

use egui::{CornerRadius, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{Job, JobState, Thumbnail, Verdict};
use posterframe_kit::theme::icons::Icon;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Reveal as _, Strip, Text, Tone, dashed_slot, outline, paint_picture, row, row_end_width,
    row_start, slot_note,
};

use super::JobsView;
use super::compare::Compare;
use crate::context::{Command, Picture, ViewContext};
use crate::format;

/// Largest slot of a picture, in points. Smaller slots keep its aspect ratio.
const SLOT: [f32; 2] = [252.0, 142.0];
/// Smallest width of preview and result side by side, in points.
const MIN_PAIR_WIDTH: f32 = 340.0;

impl JobsView {
    /// Preview above result, and the result's actions at the foot of `ui`. The pictures scroll if `ui` is too low.
    pub(super) fn column_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        let pictures = |view: &mut Self, ui: &mut Ui| {
            ScrollArea::vertical()
                .id_salt("pictures")
                .auto_shrink(false)
                .show_revealing(ui, |ui| {
                    view.preview_ui(ui, ctx, job);
                    ui.add_space(14.0);
                    view.thumbnail_ui(ui, ctx, job);
                    view.verdict_ui(ui, job);
                });
        };
        let Some(thumbnail) = &job.thumbnail else {
            pictures(self, ui);
            return;
        };
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        let rows = StripBuilder::new(ui)
            .size(Size::remainder())
            .size(Size::exact(sizes::CONTROL));
        rows.vertical(|mut strip| {
            strip.cell(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                pictures(self, ui);
            });
            strip.cell(|ui| actions_ui(ui, ctx, job, thumbnail));
        });
    }

    /// Preview and result below the log, side by side if there is room.
    pub(super) fn below_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        if ui.available_width() < MIN_PAIR_WIDTH {
            self.preview_ui(ui, ctx, job);
            ui.add_space(14.0);
            self.thumbnail_ui(ui, ctx, job);
        } else {
            ui.spacing_mut().item_spacing.x = 20.0;
            ui.columns(2, |columns| {
                self.preview_ui(&mut columns[0], ctx, job);
                self.thumbnail_ui(&mut columns[1], ctx, job);
            });
            ui.spacing_mut().item_spacing.x = 8.0;
        }
        self.verdict_ui(ui, job);
        if let Some(thumbnail) = &job.thumbnail {
            ui.add_space(12.0);
            ui.set_max_width(ui.available_width().min(SLOT[0]));
            actions_ui(ui, ctx, job, thumbnail);
        }
    }

    fn preview_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
        heading_ui(ui, "Preview", "Picked here");
        if let Some(file) = &job.still {
            self.picture_ui(ui, ctx, file, "Preview of the frame");
        } else {
            empty_slot_ui(ui, icons::IMAGE, "Submitted without a preview");
        }
        let size = job
            .thumbnail
            .as_ref()
            .and_then(|thumbnail| thumbnail.metadata.as_ref())
            .map(|meta| meta.size);
        let caption = match (job.frame_number, size) {
            (Some(number), Some((w, h))) => format!("Frame {number} · {w} × {h}"),
            (Some(number), None) => format!("Frame {number}"),
            (None, _) => job.position.timecode(),
        };
        caption_ui(ui, &caption);
    }

    fn thumbnail_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
        heading_ui(ui, "Result", job.thumbnail_name());
        let Some(thumbnail) = &job.thumbnail else {
            let (glyph, text) = match job.state {
                JobState::Failed | JobState::Stopped => (icons::IMAGE_BROKEN, "No thumbnail yet"),
                _ => (icons::IMAGE, "Arrives when the task ends"),
            };
            empty_slot_ui(ui, glyph, text);
            return;
        };
        self.picture_ui(ui, ctx, &thumbnail.file, "Thumbnail");
        let bytes = format::bytes(thumbnail.bytes);
        let caption = match &thumbnail.metadata {
            Some(meta) => format!("{bytes} · {} × {}", meta.size.0, meta.size.1),
            None => bytes,
        };
        caption_ui(ui, &caption);
    }

    fn picture_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, file: &Path, label: &str) {
        let (slot, response) = ui.allocate_exact_size(slot_size(ui), Sense::hover());
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
    }

    /// The comparison of the result with the preview, once there is a result.
    fn verdict_ui(&mut self, ui: &mut Ui, job: &Job) {
        let Some(thumbnail) = &job.thumbnail else { return };
        ui.add_space(18.0);
        match &thumbnail.verdict {
            Verdict::Identical => {
                ui.add(Strip::new("Identical to preview", Tone::Good));
            }
            Verdict::Differs(difference) => {
                let strip = Strip::new("Differs from preview", Tone::Warn);
                if job.still.is_none() {
                    ui.add(strip);
                } else if ui.add(strip.button(Button::ghost("Compare"))).clicked() {
                    self.compare = Some(Compare::of(job));
                }
                ui.add_space(6.0);
                let text = Text::new(Role::CAPTION, difference).color(tokens(ui).text2);
                ui.add(text.wrap());
            }
            Verdict::Unknown => {
                ui.add(Strip::new("No preview to compare with", Tone::Quiet));
            }
        }
    }
}

/// Size of the largest slot that fits the width of `ui`, in points.
fn slot_size(ui: &Ui) -> egui::Vec2 {
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

fn actions_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, thumbnail: &Thumbnail) {
    let copy = Button::icon_framed("Copy image", icons::COPY);
    let show = Button::icon_framed("Show in gallery", icons::IMAGES);
    row(ui, sizes::CONTROL, |ui| {
        let save = Button::primary("Save as…")
            .with_icon(icons::DOWNLOAD_SIMPLE)
            .tip("Save a copy", &["Ctrl", "S"]);
        let save = row_start(ui, row_end_width(ui, &[copy, show]), |ui| {
            ui.with_layout(egui::Layout::top_down_justified(egui::Align::Min), |ui| {
                ui.add(save)
            })
        });
        if save.inner.clicked() {
            let (file, name) = (thumbnail.file.clone(), job.thumbnail_name().to_owned());
            ctx.commands.send(Command::SaveAs { file, name });
        }
        if ui.add(copy).clicked() {
            ctx.commands.send(Command::CopyImage(thumbnail.file.clone()));
        }
        if ui.add(show).clicked() {
            ctx.commands
                .send(Command::ShowInGallery(job.thumbnail_key.clone()));
        }
    });
}
