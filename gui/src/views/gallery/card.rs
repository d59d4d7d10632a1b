//! One thumbnail in the grid: its picture, name, position and age.

use egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use posterframe_client::{GalleryItem, path_text};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Fit, Text, context_menu, icon, menu_item, menu_line, outline, paint_checkbox, paint_picture,
};

use super::GalleryView;
use super::criteria::Kind;
use crate::context::{Command, Picture, Pictures, ViewContext, copy_link};
use crate::format::{age, bytes};

/// Height of the three lines below the picture, in points.
const TEXT: f32 = 53.0;
/// Height of the label of a file's kind, in points.
const LABEL: f32 = 18.0;

/// Height of a card of `width`, in points.
pub(super) fn height(width: f32) -> f32 {
    (width * 9.0 / 16.0).round() + TEXT
}

/// The label of a file's kind, in the corner of its picture.
fn kind_ui(ui: &mut Ui, slot: Rect, kind: Kind) {
    let t = tokens(ui);
    let label = Text::new(Role::MARK, kind.label()).color(t.chip_text);
    let size = vec2(label.width(ui).ceil() + 12.0, LABEL);
    let rect = Rect::from_min_size(slot.left_bottom() + vec2(6.0, -6.0 - LABEL), size);
    ui.painter().rect_filled(rect, sizes::RADIUS_SMALL, t.chip);
    label.at(ui, rect, Align2::CENTER_CENTER);
}

/// The picture of a thumbnail for a slot, downloaded if there is a client.
pub(super) fn picture<'a>(
    pictures: &'a mut Pictures,
    ui: &Ui,
    ctx: &ViewContext<'_>,
    item: &GalleryItem,
    slot: Rect,
    fit: Fit,
) -> Picture<'a> {
    let Some(client) = ctx.client else {
        return Picture::Loading;
    };
    let (gallery, wanted) = (client.gallery().clone(), item.clone());
    // The ETag tells pictures apart that replace each other under one key.
    let name = format!("{}#{}", item.key, item.etag);
    pictures.fetched(ui, ctx.engine, &name, slot.size(), fit, || async move {
        let picture = gallery.picture(&wanted).await;
        picture
            .map(|picture| picture.file)
            .map_err(|error| error.to_string())
    })
}

impl GalleryView {
    pub(super) fn card_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        let response = ui.interact(rect, ui.scope_id().with("card"), Sense::click());
        let size = rect.size() - vec2(0.0, TEXT);
        let (slot, _) = ui.allocate_exact_size(size, Sense::hover());
        let picked = self.picked.as_ref().map(|picked| picked.contains(&item.key));
        let on = picked.unwrap_or(self.open.as_deref() == Some(item.key.as_str()));
        let aged = age(ctx.now, item.modified);
        let label = format!("{}, {aged}", item.name);
        response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, on, &label));

        match picture(&mut self.pictures, ui, ctx, item, slot, Fit::Cover) {
            Picture::Here(texture, size) => {
                paint_picture(ui, slot, sizes::RADIUS, (texture, size), Fit::Cover);
            }
            Picture::Loading => {
                ui.painter()
                    .rect_filled(slot, CornerRadius::same(sizes::RADIUS), t.raised);
            }
            Picture::Failed(_) => {
                ui.painter()
                    .rect_filled(slot, CornerRadius::same(sizes::RADIUS), t.raised);
                icon(
                    ui.painter(),
                    slot.center(),
                    icons::IMAGE_BROKEN,
                    Face::Icon,
                    20.0,
                    t.text3,
                );
            }
        }
        outline(ui, slot, sizes::RADIUS);
        if on || response.has_focus() {
            let corner = CornerRadius::same(sizes::RADIUS + 4);
            let line = Stroke::new(2.0, t.accent_line);
            ui.painter()
                .rect_stroke(slot.expand(4.0), corner, line, StrokeKind::Inside);
        } else if response.hovered() {
            let line = Stroke::new(1.0, t.border2);
            ui.painter()
                .rect_stroke(slot, CornerRadius::same(sizes::RADIUS), line, StrokeKind::Inside);
        }
        if let Some(kind) = Kind::of(item) {
            kind_ui(ui, slot, kind);
        }
        if let Some(picked) = picked {
            let corner = slot.left_top() + vec2(16.0, 16.0);
            ui.painter().rect_filled(
                Rect::from_center_size(corner, vec2(20.0, 20.0)),
                CornerRadius::same(5),
                t.panel,
            );
            paint_checkbox(ui, corner, picked);
        }

        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(7.0);
        ui.add(Text::new(Role::SMALL_TITLE, &item.name));
        let position = Self::position(ctx, item);
        ui.add(Text::new(Role::MONO_SMALL, &position).color(t.text2));
        let facts = format!("{} · {aged}", bytes(item.bytes));
        ui.add(Text::new(Role::CAPTION, &facts).color(t.text3));
        if response.double_clicked() && self.picked.is_none() {
            if let Some(at) = self.arrangement.at(&item.key) {
                self.view(at);
            }
        } else if response.clicked() {
            let modifiers = ui.input(|input| input.modifiers);
            self.click(item, modifiers);
        }
        context_menu(&response, 208.0, |ui| self.card_menu_ui(ui, ctx, item));
    }

    /// The position, if a job in the list or the downloaded picture has it; of a sheet, how many tiles it has.
    fn position(ctx: &ViewContext<'_>, item: &GalleryItem) -> String {
        let job = item
            .job
            .and_then(|id| ctx.client.and_then(|client| client.job(id)));
        if let Some(still) = job.as_ref().and_then(|job| job.still_of(&item.key)) {
            return still.position.timecode();
        }
        let made = job
            .iter()
            .flat_map(|job| &job.sheets)
            .filter_map(|sheet| sheet.made.as_ref());
        let mut made = made.filter(|made| made.files.iter().any(|file| file.key == item.key));
        if let Some(made) = made.next() {
            return format!("{} tiles", made.tiles);
        }
        match ctx.client.and_then(|client| client.gallery().known(item)) {
            Some(meta) => meta.position.timecode(),
            None => String::new(),
        }
    }

    fn click(&mut self, item: &GalleryItem, modifiers: egui::Modifiers) {
        if (modifiers.command || (modifiers.shift && self.open.is_some())) && self.picked.is_none() {
            self.last_picked.clone_from(&self.open);
            self.picked = Some(self.open.take().into_iter().collect());
        }
        let Some(picked) = &mut self.picked else {
            self.open = Some(item.key.clone());
            return;
        };
        // Shift picks the range from the thumbnail that was clicked before.
        let from = self
            .last_picked
            .as_deref()
            .and_then(|key| self.arrangement.at(key));
        if let (true, Some(from), Some(to)) = (modifiers.shift, from, self.arrangement.at(&item.key)) {
            let range = &self.arrangement.items[from.min(to)..=from.max(to)];
            picked.extend(range.iter().map(|item| item.key.clone()));
        } else if !picked.remove(&item.key) {
            picked.insert(item.key.clone());
        }
        self.last_picked = Some(item.key.clone());
        self.open = None;
    }

    /// The context menu of a card.
    fn card_menu_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let file = self.facts.file(ui, ctx, item);
        ui.add_enabled_ui(file.is_some(), |ui| {
            let picked = |ui: &mut Ui, glyph, label| menu_item(ui, glyph, label, "", false);
            let save = picked(ui, icons::DOWNLOAD_SIMPLE, "Save as…");
            let copy = picked(ui, icons::COPY, "Copy image");
            let path = picked(ui, icons::CLIPBOARD_TEXT, "Copy path");
            let open = picked(ui, icons::ARROW_SQUARE_OUT, "Open in another program");
            let Some(file) = file else { return };
            if save {
                let name = item.name.clone();
                ctx.commands.send(Command::SaveAs { file, name });
            } else if copy {
                ctx.commands.send(Command::CopyImage(file));
            } else if path {
                ctx.commands.send(Command::CopyText(path_text::copyable(&file)));
            } else if open {
                ctx.commands.send(Command::OpenFile(file));
            }
        });
        if menu_item(ui, icons::LINK_SIMPLE, "Copy link", "", false) {
            copy_link(ctx, item.key.clone());
        }
        menu_line(ui);
        if menu_item(ui, icons::TRASH, "Delete", "Del", true)
            && let Some(item) = self.arrangement.get(&item.key).cloned()
        {
            self.delete(ctx, vec![item]);
        }
    }
}
