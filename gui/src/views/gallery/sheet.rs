//! The side sheet: one thumbnail, enlarged, with its facts and actions.

use std::sync::Arc;

use egui::{
    Align, CornerRadius, Frame, Layout, Margin, ScrollArea, Sense, Separator, Stroke, Ui, WidgetInfo, vec2,
};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{GalleryItem, Job, Verdict};
use posterframe_contract::names;
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Copyable, Fit, Glyph, Height, Reveal as _, Text, Tone, focus_ring_inside, outline, paint_picture,
    row, row_end_width, row_start, slot_note, tip,
};

use super::console::console;
use super::facts::Metadata;
use super::{GalleryView, card, storyboard};
use crate::context::{Command, LINK_LIFETIME, Picture, ViewContext, copy_link, expires};
use crate::format;
use crate::format::moment;

/// Height of the head, in points.
const HEAD: f32 = 56.0;
/// Height of the foot, in points.
const FOOT: f32 = 57.0;
/// Width and height of the picture's slot in the default sheet, in points, for its aspect ratio.
const PICTURE: [f32; 2] = [292.0, 164.0];
/// Width of the column of labels with the gap behind it, in points.
const LABELS: f32 = 88.0;

/// A label, its value, and a dim text beside that.
struct Fact {
    label: &'static str,
    value: String,
    beside: String,
    mono: bool,
    /// The copy button's label, such as `Copy key`, and the text that it copies.
    copy: Option<(&'static str, String)>,
}

impl Fact {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
            beside: String::new(),
            mono: false,
            copy: None,
        }
    }
}

impl GalleryView {
    /// Draws the sheet into the whole of `ui`.
    pub(super) fn sheet_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &Arc<GalleryItem>) {
        let t = tokens(ui);
        let ground = ui.max_rect();
        ui.painter().rect_filled(ground, 0, t.panel);
        let line = Stroke::new(1.0, t.border);
        ui.painter().vline(ground.left() + 0.5, ground.y_range(), line);
        ui.push_id(&item.key, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let rows = StripBuilder::new(ui)
                .size(Size::exact(HEAD))
                .size(Size::remainder())
                .size(Size::exact(FOOT));
            rows.vertical(|mut strip| {
                strip.cell(|ui| self.sheet_head_ui(ui, item));
                strip.cell(|ui| {
                    ScrollArea::vertical()
                        .auto_shrink(false)
                        .show_revealing(ui, |ui| self.sheet_body_ui(ui, ctx, item));
                });
                strip.cell(|ui| self.sheet_foot_ui(ui, ctx, item));
            });
        });
    }

    fn sheet_head_ui(&mut self, ui: &mut Ui, item: &GalleryItem) {
        let at = self.arrangement.at(&item.key);
        let count = self.arrangement.items.len();
        let buttons = [
            Button::icon("Previous", icons::CARET_LEFT)
                .small()
                .tip("Previous", &["←"])
                .enabled(at.is_some_and(|at| at > 0)),
            Button::icon("Next", icons::CARET_RIGHT)
                .small()
                .tip("Next", &["→"])
                .enabled(at.is_some_and(|at| at + 1 < count)),
            Button::icon("Close", icons::X).small().tip("Close", &["Esc"]),
        ];
        let margin = Frame::NONE.inner_margin(Margin {
            left: sizes::PANE as i8,
            right: 8,
            ..Margin::ZERO
        });
        margin.show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            row(ui, HEAD - 1.0, |ui| {
                row_start(ui, row_end_width(ui, &buttons), |ui| {
                    ui.add(Text::new(Role::CARD, &item.name))
                });
                let [previous, next, close] = buttons.map(|button| ui.add(button).clicked());
                if previous || next {
                    self.step(if next { 1 } else { -1 });
                }
                if close {
                    self.open = None;
                }
            });
        });
        ui.add(Separator::default().horizontal().spacing(1.0));
    }

    fn sheet_foot_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &Arc<GalleryItem>) {
        ui.add(Separator::default().horizontal().spacing(1.0));
        let delete = Button::danger_ghost("Delete")
            .with_icon(icons::TRASH)
            .tip("Delete the thumbnail", &["Del"]);
        let margin = Frame::NONE.inner_margin(Margin {
            left: 8,
            right: sizes::PANE as i8,
            ..Margin::ZERO
        });
        margin.show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            row(ui, FOOT - 1.0, |ui| {
                if ui.add(delete).clicked() {
                    self.delete(ctx, vec![item.clone()]);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let note = "Source video stays in the bucket";
                    ui.add(Text::new(Role::SMALL, note).color(tokens(ui).text3));
                });
            });
        });
    }

    fn sheet_body_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &Arc<GalleryItem>) {
        let job = item
            .job
            .and_then(|id| ctx.client.and_then(|client| client.job(id)));
        let margin = Margin {
            bottom: 8,
            ..Margin::same(sizes::PANE as i8)
        };
        Frame::NONE.inner_margin(margin).show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            if item.cues.is_some() {
                self.storyboard_ui(ui, ctx, item);
            } else {
                self.large_ui(ui, ctx, item);
                ui.add_space(12.0);
            }
            let still = job.as_ref().and_then(|job| job.still_of(&item.key));
            if let Some(verdict) = still.and_then(|still| still.verdict.as_ref()) {
                verdict_ui(ui, verdict);
            }
            for fact in self.facts_of(ui, ctx, item, job.as_deref()) {
                fact_ui(ui, ctx, &fact);
                ui.add_space(8.0);
            }
        });
        ui.add(Separator::default().horizontal().spacing(1.0));
        let margin = Frame::NONE.inner_margin(sizes::PANE);
        margin.show(ui, |ui| {
            self.sheet_files_ui(ui, ctx, item);
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
                self.actions_ui(ui, ctx, item, job.as_deref());
            });
        });
    }

    fn large_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let t = tokens(ui);
        let width = ui.available_width();
        let size = vec2(width, (width * PICTURE[1] / PICTURE[0]).round());
        let (slot, response) = ui.allocate_exact_size(size, Sense::click());
        let label = format!("Picture of {}", item.name);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &label));
        let corner = CornerRadius::same(sizes::RADIUS_CARD);
        match card::picture(&mut self.pictures, ui, ctx, item, slot, Fit::Contain) {
            Picture::Here(texture, size) => {
                paint_picture(ui, slot, sizes::RADIUS_CARD, (texture, size), Fit::Contain);
            }
            Picture::Loading => {
                ui.painter().rect_filled(slot, corner, t.raised);
            }
            Picture::Failed(reason) => {
                let reason = reason.to_owned();
                ui.painter().rect_filled(slot, corner, t.raised);
                slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
            }
        }
        outline(ui, slot, sizes::RADIUS_CARD);
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, slot);
        }
        let response = response.on_hover_cursor(egui::CursorIcon::ZoomIn);
        let clicked = response.clicked();
        tip(response, "Look at it closely", &["Enter"]);
        if clicked && let Some(at) = self.arrangement.at(&item.key) {
            self.view(at);
        }
    }

    fn facts_of(
        &mut self,
        ui: &Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
        job: Option<&Job>,
    ) -> Vec<Fact> {
        let mut facts = Vec::new();
        let size = Fact {
            beside: format!("({} bytes)", grouped(item.bytes)),
            ..Fact::new("Size", format::bytes(item.bytes))
        };
        let frame = job
            .and_then(|job| job.still_of(&item.key)?.number)
            .map(|number| format!("frame {number}"));
        match self.facts.metadata(ui, ctx, item) {
            Metadata::Here(meta) => {
                facts.push(Fact::new(
                    "Dimensions",
                    format!("{} × {}", meta.size.0, meta.size.1),
                ));
                facts.push(size);
                facts.push(Fact {
                    mono: true,
                    beside: frame.unwrap_or_default(),
                    ..Fact::new("Position", meta.position.timecode())
                });
                let source = names::source_name(&meta.source_key).to_owned();
                facts.push(Fact::new(
                    "Source",
                    job.map_or(source, |job| job.video.name.clone()),
                ));
                facts.push(Fact::new("Created", moment(ctx.now, item.modified)));
                facts.push(Fact::new("Made by", format!("worker {}", meta.worker_version)));
                let short = meta.pixel_sha256.chars().take(16).collect::<String>();
                facts.push(Fact {
                    mono: true,
                    copy: Some(("Copy pixel hash", meta.pixel_sha256.clone())),
                    ..Fact::new("Pixel hash", short)
                });
            }
            other => {
                facts.push(size);
                facts.push(Fact::new("Created", moment(ctx.now, item.modified)));
                match other {
                    // Nothing is said of a sheet: it is of the whole video.
                    Metadata::Foreign if item.cues.is_some() || is_of_a_sheet(job, item) => {
                        let cues = self.facts.cues(ui, ctx, item).unwrap_or_default();
                        let (width, height) = storyboard::size(cues, &item.name);
                        if width > 0 {
                            facts.insert(0, Fact::new("Dimensions", format!("{width} × {height}")));
                        }
                        facts.extend(job.map(|job| Fact::new("Source", job.video.name.clone())));
                    }
                    Metadata::Foreign => facts.push(Fact::new("Made by", "another program")),
                    Metadata::Failed(error) => facts.push(Fact::new("Details", error)),
                    Metadata::Here(_) | Metadata::Pending => {}
                }
            }
        }
        facts.push(Fact {
            mono: true,
            copy: Some(("Copy key", item.key.clone())),
            ..Fact::new("Key", item.key.clone())
        });
        facts
    }

    fn actions_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem, job: Option<&Job>) {
        let file = self.facts.file(ui, ctx, item);
        // A sheet's files are saved together.
        if item.cues.is_none() {
            let save = Button::primary("Save as…")
                .with_icon(icons::DOWNLOAD_SIMPLE)
                .height(Height::Sheet)
                .tip("Save a copy", &["Ctrl", "S"])
                .enabled(file.is_some());
            if ui.add(save).clicked()
                && let Some(file) = file.clone()
            {
                let name = item.name.clone();
                ctx.commands.send(Command::SaveAs { file, name });
            }
        }
        let copy = Button::secondary("Copy image")
            .with_icon(icons::COPY)
            .hint("Ctrl+C")
            .tip("Copy the picture", &["Ctrl", "C"])
            .enabled(file.is_some());
        if ui.add(copy).clicked()
            && let Some(file) = file.clone()
        {
            ctx.commands.send(Command::CopyImage(file));
        }
        let hint = match self.facts.link(ui, ctx, item) {
            Some(link) => expires(link, ctx.now),
            None => format!("expires in {} h", LINK_LIFETIME.as_secs() / 3600),
        };
        let link = Button::secondary("Copy link")
            .with_icon(icons::LINK_SIMPLE)
            .hint(&hint)
            .enabled(ctx.client.is_some());
        if ui.add(link).clicked() {
            copy_link(ctx, item.key.clone());
        }
        self.reveal_ui(ui, ctx, item);
        ui.columns(2, |columns| {
            let open = Button::secondary("Open")
                .with_icon(icons::ARROW_SQUARE_OUT)
                .tip("Open in the program for pictures", &[])
                .enabled(file.is_some());
            if columns[0].add(open).clicked()
                && let Some(file) = file
            {
                ctx.commands.send(Command::OpenFile(file));
            }
            let show = Button::secondary("Show job")
                .with_icon(icons::PULSE)
                .enabled(job.is_some());
            if columns[1].add(show).clicked()
                && let Some(job) = job
            {
                ctx.commands.send(Command::ShowJob(job.id));
            }
        });
    }

    /// The button that shows the thumbnail elsewhere: in the AWS console, or on this computer in the file manager.
    fn reveal_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let backend = ctx.client.map(posterframe_client::Client::backend);
        let region = backend
            .filter(|backend| backend.endpoint.is_none())
            .and_then(|backend| backend.region.clone());
        if let (Some(backend), Some(region)) = (backend, region) {
            let button = Button::secondary("Reveal in bucket")
                .with_icon(icons::FOLDER_OPEN)
                .left()
                .tip("Show it in the AWS console", &[]);
            if ui.add(button).clicked() {
                let url = console(&backend.bucket, &region, &item.key);
                ui.ctx().open_url(egui::OpenUrl::new_tab(url));
            }
            return;
        }
        let file = self.facts.file(ui, ctx, item);
        let button = Button::secondary("Reveal file")
            .with_icon(icons::FOLDER_OPEN)
            .left()
            .tip("Show the downloaded picture in its folder", &[])
            .enabled(file.is_some());
        if ui.add(button).clicked()
            && let Some(file) = file
        {
            ctx.commands.send(Command::RevealFile(file));
        }
    }
}

/// Whether a picture is one of a job's sheets.
fn is_of_a_sheet(job: Option<&Job>, item: &GalleryItem) -> bool {
    let made = job.into_iter().flat_map(|job| &job.sheets);
    let mut files = made
        .filter_map(|sheet| sheet.made.as_ref())
        .flat_map(|made| &made.files);
    files.any(|file| file.key == item.key)
}

/// The comparison with the preview, if there is one.
fn verdict_ui(ui: &mut Ui, verdict: &Verdict) {
    let (glyph, text, tone) = match verdict {
        Verdict::Identical => (icons::CHECK_CIRCLE, "Identical to preview", Tone::Good),
        Verdict::Differs(_) => (icons::WARNING, "Differs from preview", Tone::Warn),
        Verdict::Unknown => return,
    };
    let color = tone.color(tokens(ui));
    row(ui, 16.0, |ui| {
        ui.add(Glyph::new(glyph, 16.0, color).face(Face::IconFill));
        let response = ui.add(Text::new(Role::SMALL_TITLE, text).color(color));
        if let Verdict::Differs(difference) = verdict {
            response.on_hover_text(difference);
        }
    });
    ui.add_space(12.0);
}

fn fact_ui(ui: &mut Ui, ctx: &ViewContext<'_>, fact: &Fact) {
    let t = tokens(ui);
    row(ui, 16.0, |ui| {
        let cell = vec2(LABELS - ui.spacing().item_spacing.x, 16.0);
        ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.add(Text::new(Role::SMALL, fact.label).color(t.text3));
        });
        if let Some((label, text)) = &fact.copy {
            let copyable = Copyable::new(&fact.value, label)
                .role(Role::MONO_SMALL)
                .color(t.text);
            if ui.add(copyable).clicked() {
                ctx.commands.send(Command::CopyText(text.clone()));
            }
            return;
        }
        let role = if fact.mono { Role::MONO_SMALL } else { Role::SMALL };
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add(Text::new(role, &fact.value));
        if !fact.beside.is_empty() {
            ui.add(Text::new(role, &fact.beside).color(t.text3));
        }
    });
}

/// A number with its digits in groups of three: `3,104,772`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the digits are grouped from the left.
    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (grouped(12), grouped(3_104_772)),
            ("12".into(), "3,104,772".into())
        );
    }
}
