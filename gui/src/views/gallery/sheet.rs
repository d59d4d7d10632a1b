//! The side sheet: one thumbnail, large, with its facts and what can be done with it.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Backend, GalleryItem, Job, Verdict};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Copyable, Fit, Height, Text, Tone, focus_ring_inside, hline, icon, outline, paint_picture, put,
    slot_note, tip, within,
};

use super::facts::Metadata;
use super::link::{LINK, console, copy_link, expires};
use super::{GalleryView, card};
use crate::context::{Command, Picture, ViewContext};
use crate::format;
use crate::format::moment;

const HEAD: f32 = 56.0;
const FOOT: f32 = 57.0;
const PICTURE: [f32; 2] = [292.0, 164.0];
const LABELS: f32 = 88.0;

/// A row of facts.
struct Fact {
    label: &'static str,
    value: String,
    beside: String,
    mono: bool,
    /// What a click copies, and the words that say so.
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
    pub(super) fn sheet_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &Arc<GalleryItem>) {
        let rect = ui.max_rect();
        let inner = rect.left() + sizes::PANE..=rect.right() - sizes::PANE;
        let head = Rect::from_x_y_ranges(inner.clone(), rect.top()..=rect.top() + HEAD);
        self.sheet_head_ui(ui, item, head);
        hline(ui, rect.x_range(), head.bottom() - 1.0);
        let foot = Rect::from_x_y_ranges(inner, rect.bottom() - FOOT..=rect.bottom());
        let body = Rect::from_min_max(pos2(rect.left(), head.bottom()), pos2(rect.right(), foot.top()));
        within(ui, body, "body", |ui| {
            ScrollArea::vertical()
                .auto_shrink(false)
                .show(ui, |ui| self.sheet_body_ui(ui, ctx, item));
        });
        hline(ui, rect.x_range(), foot.top());
        let delete = Button::danger_ghost("Delete")
            .with_icon(icons::TRASH)
            .tip("Delete the thumbnail", &["Del"]);
        let size = vec2(delete.width(ui), sizes::CONTROL);
        let place = Align2::LEFT_CENTER.anchor_size(pos2(foot.left() - 8.0, foot.center().y), size);
        if delete.at(ui, place).clicked() {
            self.delete(ctx, vec![item.clone()]);
        }
        let words = Rect::from_min_max(pos2(place.right() + 8.0, foot.top()), foot.max);
        Text::new(Role::SMALL, "Source video stays in the bucket")
            .color(tokens(ui).text3)
            .at(ui, words, Align2::RIGHT_CENTER);
    }

    fn sheet_head_ui(&mut self, ui: &mut Ui, item: &GalleryItem, rect: Rect) {
        let square = |index: f32| {
            Rect::from_center_size(
                pos2(rect.right() - 6.0 - index * 36.0, rect.center().y),
                vec2(28.0, 28.0),
            )
        };
        let name = Rect::from_min_max(rect.min, pos2(square(2.0).left() - 8.0, rect.bottom()));
        Text::new(Role::CARD, &item.name).at(ui, name, Align2::LEFT_CENTER);
        let at = self.arrangement.at(&item.key);
        let count = self.arrangement.items.len();
        let previous = Button::icon("Previous", icons::CARET_LEFT)
            .small()
            .tip("Previous", &["←"])
            .enabled(at.is_some_and(|at| at > 0));
        if previous.at(ui, square(2.0)).clicked() {
            self.step(-1);
        }
        let next = Button::icon("Next", icons::CARET_RIGHT)
            .small()
            .tip("Next", &["→"]);
        if next
            .enabled(at.is_some_and(|at| at + 1 < count))
            .at(ui, square(1.0))
            .clicked()
        {
            self.step(1);
        }
        if Button::icon("Close", icons::X)
            .small()
            .tip("Close", &["Esc"])
            .at(ui, square(0.0))
            .clicked()
        {
            self.open = None;
        }
    }

    fn sheet_body_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let job = item
            .job
            .and_then(|id| ctx.client.and_then(|client| client.job(id)));
        let facts = self.facts_of(ui, ctx, item, job.as_deref());
        let verdict = job
            .as_ref()
            .and_then(|job| job.thumbnail.as_ref())
            .map(|thumbnail| &thumbnail.verdict);
        let verdict = verdict.filter(|verdict| **verdict != Verdict::Unknown);
        let high =
            16.0 + PICTURE[1] + 12.0 + if verdict.is_some() { 28.0 } else { 0.0 } + facts.len() as f32 * 24.0;
        let (_, all) = ui.allocate_space(vec2(ui.available_width(), high + 24.0 + 17.0 + 196.0 + 16.0));
        let left = all.left() + sizes::PANE;
        let slot = Rect::from_min_size(pos2(left, all.top() + 16.0), vec2(PICTURE[0], PICTURE[1]));
        self.large_ui(ui, ctx, item, slot);
        let mut y = slot.bottom() + 12.0;
        if let Some(verdict) = verdict {
            verdict_ui(
                ui,
                verdict,
                Rect::from_min_size(pos2(left, y), vec2(PICTURE[0], 16.0)),
            );
            y += 28.0;
        }
        for fact in &facts {
            fact_ui(
                ui,
                ctx,
                fact,
                Rect::from_min_size(pos2(left, y), vec2(PICTURE[0], 16.0)),
            );
            y += 24.0;
        }
        let y = y + 8.0;
        hline(ui, all.x_range(), y);
        let place = Rect::from_min_size(pos2(left, y + 17.0), vec2(PICTURE[0], 196.0));
        self.actions_ui(ui, ctx, item, job.as_deref(), place);
    }

    fn large_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem, slot: Rect) {
        let response = ui.interact(slot, ui.scope_id().with("picture"), Sense::click());
        let label = format!("Picture of {}", item.name);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &label));
        match card::picture(&mut self.pictures, ui, ctx, item, slot, Fit::Contain) {
            Picture::Here(texture, size) => {
                paint_picture(ui, slot, sizes::RADIUS_CARD, (texture, size), Fit::Contain);
            }
            Picture::Loading => {
                ui.painter()
                    .rect_filled(slot, CornerRadius::same(sizes::RADIUS_CARD), tokens(ui).raised);
            }
            Picture::Failed(reason) => {
                let reason = reason.to_owned();
                ui.painter()
                    .rect_filled(slot, CornerRadius::same(sizes::RADIUS_CARD), tokens(ui).raised);
                slot_note(ui, slot, icons::IMAGE_BROKEN, &reason);
            }
        }
        outline(ui, slot, sizes::RADIUS_CARD);
        if response.has_focus() {
            focus_ring_inside(ui.painter(), tokens(ui), slot);
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
            .and_then(|job| job.frame_number)
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
                let source = meta.source_key.rsplit('/').next().unwrap_or_default().to_owned();
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

    fn actions_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
        job: Option<&Job>,
        rect: Rect,
    ) {
        let file = self.facts.file(ui, ctx, item);
        let row =
            |top: f32, high: f32| Rect::from_min_size(rect.min + vec2(0.0, top), vec2(rect.width(), high));
        let ready = file.is_some();
        let save = Button::primary("Save as…")
            .with_icon(icons::DOWNLOAD_SIMPLE)
            .height(Height::Sheet)
            .tip("Save a copy", &["Ctrl", "S"])
            .enabled(ready);
        let copy = Button::secondary("Copy image")
            .with_icon(icons::COPY)
            .hint("Ctrl+C")
            .tip("Copy the picture", &["Ctrl", "C"])
            .enabled(ready);
        let hint = match self.facts.link(ui, ctx, item) {
            Some(link) => expires(link, ctx.now),
            None => format!("expires in {} h", LINK.as_secs() / 3600),
        };
        let link = Button::secondary("Copy link")
            .with_icon(icons::LINK_SIMPLE)
            .hint(&hint);
        let (save, copy) = (
            save.at(ui, row(0.0, 36.0)).clicked(),
            copy.at(ui, row(44.0, 32.0)).clicked(),
        );
        if let Some(file) = file {
            if save {
                ctx.commands.send(Command::SaveAs {
                    file: file.clone(),
                    name: item.name.clone(),
                });
            }
            if copy {
                ctx.commands.send(Command::CopyImage(file.clone()));
            }
        }
        if link
            .enabled(ctx.client.is_some())
            .at(ui, row(84.0, 32.0))
            .clicked()
        {
            copy_link(ctx, item.key.clone());
        }
        let backend = ctx.client.map(posterframe_client::Client::backend);
        self.reveal_ui(ui, ctx, item, backend, row(124.0, 32.0));
        let half = Rect::from_min_size(row(164.0, 32.0).min, vec2((rect.width() - 8.0) / 2.0, 32.0));
        let open = Button::secondary("Open")
            .with_icon(icons::ARROW_SQUARE_OUT)
            .tip("Open in the program for pictures", &[])
            .enabled(ready);
        if open.at(ui, half).clicked()
            && let Some(file) = self.facts.file(ui, ctx, item)
        {
            ctx.commands.send(Command::OpenFile(file));
        }
        let show = Button::secondary("Show job")
            .with_icon(icons::PULSE)
            .enabled(job.is_some());
        if show
            .at(ui, half.translate(vec2(half.width() + 8.0, 0.0)))
            .clicked()
            && let Some(job) = job
        {
            ctx.commands.send(Command::ShowJob(job.id));
        }
    }

    /// On AWS the bucket is a place that one can look at; on this computer the file is.
    fn reveal_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
        backend: Option<&Backend>,
        rect: Rect,
    ) {
        let region = backend
            .filter(|backend| backend.endpoint.is_none())
            .and_then(|backend| backend.region.clone());
        if let (Some(backend), Some(region)) = (backend, region) {
            let button = Button::secondary("Reveal in bucket")
                .with_icon(icons::FOLDER_OPEN)
                .left()
                .tip("Show it in the AWS console", &[]);
            if button.at(ui, rect).clicked() {
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
        if button.at(ui, rect).clicked()
            && let Some(file) = file
        {
            ctx.commands.send(Command::RevealFile(file));
        }
    }
}

fn verdict_ui(ui: &mut Ui, verdict: &Verdict, rect: Rect) {
    let t = tokens(ui);
    let (glyph, words, tone) = match verdict {
        Verdict::Identical => (icons::CHECK_CIRCLE, "Identical to preview", Tone::Good),
        Verdict::Differs(_) | Verdict::Unknown => (icons::WARNING, "Differs from preview", Tone::Warn),
    };
    icon(
        ui.painter(),
        pos2(rect.left() + 8.0, rect.center().y),
        glyph,
        Face::IconFill,
        16.0,
        tone.color(t),
    );
    let place = Rect::from_min_max(rect.min + vec2(24.0, 0.0), rect.max);
    let response =
        Text::new(Role::SMALL_TITLE, words)
            .color(tone.color(t))
            .at(ui, place, Align2::LEFT_CENTER);
    if let Verdict::Differs(what) = verdict {
        response.on_hover_text(what);
    }
}

fn fact_ui(ui: &mut Ui, ctx: &ViewContext<'_>, fact: &Fact, rect: Rect) {
    let t = tokens(ui);
    let label = Rect::from_min_size(rect.min, vec2(LABELS - 8.0, rect.height()));
    Text::new(Role::SMALL, fact.label)
        .color(t.text3)
        .at(ui, label, Align2::LEFT_CENTER);
    let place = Rect::from_min_max(rect.min + vec2(LABELS, 0.0), rect.max);
    if let Some((words, whole)) = &fact.copy {
        let copyable = Copyable::new(&fact.value, words)
            .role(Role::MONO_SMALL)
            .color(t.text);
        if put(ui, place, copyable).clicked() {
            ctx.commands.send(Command::CopyText(whole.clone()));
        }
        return;
    }
    let role = if fact.mono { Role::MONO_SMALL } else { Role::SMALL };
    let value = Text::new(role, &fact.value).at(ui, place, Align2::LEFT_CENTER);
    if !fact.beside.is_empty() {
        let place = Rect::from_min_max(pos2(value.rect.right() + 6.0, rect.top()), rect.max);
        Text::new(role, &fact.beside)
            .color(t.text3)
            .at(ui, place, Align2::LEFT_CENTER);
    }
}

/// `3,104,772`.
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

    // Breaks if the groups are counted from the left.
    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (grouped(12), grouped(3_104_772)),
            ("12".into(), "3,104,772".into())
        );
    }
}
