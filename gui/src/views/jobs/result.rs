//! The picture that was picked beside the one that came back, and what to do with it.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Job, JobState, Thumbnail, Verdict};
use posterframe_kit::theme::icons::Icon;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Strip, Text, Tone, dashed_slot, outline, paint_picture, put, slot_note,
};

use super::JobsView;
use super::compare::Compare;
use crate::context::{Command, Picture, ViewContext};
use crate::format;

const SLOT: [f32; 2] = [252.0, 142.0];
/// Label, slot and caption.
const BLOCK: f32 = 188.0;

/// Top of the verdict below the top of its block.
const STRIP: f32 = 206.0;
/// From one block to the next in a column.
const NEXT: f32 = 204.0;

/// How high preview and result are one under the other, with all that belongs to them.
pub(super) fn column_height(ui: &Ui, job: &Job) -> f32 {
    let Some(thumbnail) = &job.thumbnail else {
        return NEXT + BLOCK;
    };
    let words = difference(thumbnail).map_or(0.0, |words| 6.0 + words.galley(ui, SLOT[0]).size().y);
    NEXT + STRIP + 36.0 + words + 6.0 + 32.0
}

fn difference(thumbnail: &Thumbnail) -> Option<Text<'_>> {
    match &thumbnail.verdict {
        Verdict::Differs(what) => Some(Text::new(Role::CAPTION, what).wrap()),
        _ => None,
    }
}

/// How high preview and result are beside each other, in a narrow window.
pub(super) fn height(job: &Job) -> f32 {
    BLOCK + if job.thumbnail.is_some() { 100.0 } else { 0.0 }
}

impl JobsView {
    /// Preview and result: one under the other in a column, or side by side where `rect` is wide.
    pub(super) fn result_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, rect: Rect) {
        let wide = rect.width() > 2.0 * SLOT[0];
        let size = vec2(SLOT[0], BLOCK);
        let preview = Rect::from_min_size(rect.min, size);
        let offset = if wide {
            vec2(SLOT[0] + 20.0, 0.0)
        } else {
            vec2(0.0, NEXT)
        };
        let result = Rect::from_min_size(rect.min + offset, size);
        self.preview_ui(ui, ctx, job, preview);
        match &job.thumbnail {
            Some(thumbnail) => {
                self.thumbnail_ui(ui, ctx, job, thumbnail, result);
                let strip = result.top() + STRIP;
                let strip = Rect::from_min_size(pos2(result.left(), strip), vec2(SLOT[0], 36.0));
                if verdict_ui(ui, job, thumbnail, strip) {
                    self.compare = Some(Compare::of(job));
                }
                // At the foot of the column; beside the verdict where preview and result are beside each other.
                let at = if wide {
                    pos2(preview.left(), strip.top())
                } else {
                    pos2(result.left(), (rect.bottom() - 32.0).max(strip.bottom() + 8.0))
                };
                actions_ui(
                    ui,
                    ctx,
                    job,
                    thumbnail,
                    Rect::from_min_size(at, vec2(SLOT[0], 32.0)),
                );
            }
            None => waiting_ui(ui, job, result),
        }
    }

    fn preview_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, rect: Rect) {
        let slot = head_ui(ui, rect, "Preview", "Picked here");
        if let Some(file) = &job.still {
            self.picture_ui(ui, ctx, file, slot, "Preview of the frame");
        } else {
            dashed_slot(ui, slot, 6.0);
            slot_note(ui, slot, icons::IMAGE, "Submitted without a preview");
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
        caption_ui(ui, slot, &caption);
    }

    fn thumbnail_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Job,
        thumbnail: &Thumbnail,
        rect: Rect,
    ) {
        let slot = head_ui(ui, rect, "Result", job.thumbnail_name());
        self.picture_ui(ui, ctx, &thumbnail.file, slot, "Thumbnail");
        let bytes = format::bytes(thumbnail.bytes);
        let caption = match &thumbnail.metadata {
            Some(meta) => format!("{bytes} · {} × {}", meta.size.0, meta.size.1),
            None => bytes,
        };
        caption_ui(ui, slot, &caption);
    }

    fn picture_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        file: &std::path::Path,
        slot: Rect,
        label: &str,
    ) {
        let response = ui.interact(slot, ui.scope_id().with(label), Sense::hover());
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
}

/// The label and what stands quietly beside it; gives the slot below.
fn head_ui(ui: &mut Ui, rect: Rect, label: &str, beside: &str) -> Rect {
    let t = tokens(ui);
    let row = Rect::from_min_size(rect.min + vec2(0.0, 2.0), vec2(rect.width(), 16.0));
    let left = Text::new(Role::SECTION, label)
        .color(t.text2)
        .at(ui, row, Align2::LEFT_CENTER)
        .rect
        .right()
        + 16.0;
    let place = Rect::from_min_max(pos2(left, row.top()), row.max);
    Text::new(Role::CAPTION, beside)
        .color(t.text3)
        .at(ui, place, Align2::RIGHT_CENTER);
    Rect::from_min_size(rect.min + vec2(0.0, 26.0), vec2(SLOT[0], SLOT[1]))
}

fn caption_ui(ui: &mut Ui, slot: Rect, words: &str) {
    let place = Rect::from_min_size(slot.left_bottom() + vec2(0.0, 6.0), vec2(slot.width(), 16.0));
    Text::new(Role::MONO_SMALL, words)
        .color(tokens(ui).text3)
        .at(ui, place, Align2::LEFT_CENTER);
}

fn waiting_ui(ui: &mut Ui, job: &Job, rect: Rect) {
    let slot = head_ui(ui, rect, "Result", job.thumbnail_name());
    let (glyph, words): (Icon, &str) = match job.state {
        JobState::Failed | JobState::Stopped => (icons::IMAGE_BROKEN, "No thumbnail yet"),
        _ => (icons::IMAGE, "Arrives when the task ends"),
    };
    dashed_slot(ui, slot, 6.0);
    slot_note(ui, slot, glyph, words);
}

/// `true` where the two are to be compared.
fn verdict_ui(ui: &mut Ui, job: &Job, thumbnail: &Thumbnail, rect: Rect) -> bool {
    let mut compare = false;
    match &thumbnail.verdict {
        Verdict::Identical => {
            put(ui, rect, Strip::new("Identical to preview", Tone::Good));
        }
        Verdict::Differs(_) => {
            put(ui, rect, Strip::new("Differs from preview", Tone::Warn));
            let button = Button::ghost("Compare").small();
            let width = button.width(ui);
            let place = Rect::from_min_size(
                pos2(rect.right() - 4.0 - width, rect.top() + 4.0),
                vec2(width, 28.0),
            );
            compare = job.still.is_some() && button.at(ui, place).clicked();
        }
        Verdict::Unknown => {
            put(ui, rect, Strip::new("No preview to compare with", Tone::Quiet));
        }
    }
    if let Some(words) = difference(thumbnail) {
        let high = words.galley(ui, rect.width()).size().y;
        let place = Rect::from_min_size(rect.left_bottom() + vec2(0.0, 6.0), vec2(rect.width(), high));
        words.color(tokens(ui).text2).at(ui, place, Align2::LEFT_TOP);
    }
    compare
}

fn actions_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, thumbnail: &Thumbnail, rect: Rect) {
    let save = Button::primary("Save as…")
        .with_icon(icons::DOWNLOAD_SIMPLE)
        .tip("Save a copy", &["Ctrl", "S"]);
    let place = Rect::from_min_size(rect.min, vec2(rect.width() - 80.0, 32.0));
    if save.at(ui, place).clicked() {
        let (file, name) = (thumbnail.file.clone(), job.thumbnail_name().to_owned());
        ctx.commands.send(Command::SaveAs { file, name });
    }
    let square = |index: f32| {
        Rect::from_min_size(
            pos2(place.right() + 8.0 + index * 40.0, rect.top()),
            vec2(32.0, 32.0),
        )
    };
    if Button::icon_framed("Copy image", icons::COPY)
        .at(ui, square(0.0))
        .clicked()
    {
        ctx.commands.send(Command::CopyImage(thumbnail.file.clone()));
    }
    if Button::icon_framed("Show in gallery", icons::IMAGES)
        .at(ui, square(1.0))
        .clicked()
    {
        ctx.commands
            .send(Command::ShowInGallery(job.thumbnail_key.clone()));
    }
}
