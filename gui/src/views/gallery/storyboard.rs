//! A sheet in the side sheet: its tile under the pointer with the cue that players read, and its files.

use std::sync::Arc;

use egui::{Frame, Layout, Margin, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use posterframe_client::GalleryItem;
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Fit, Glyph, Height, Text, fit, outline, paint_picture, row, row_start, slot_note,
};
use posterframe_picture::sheet::Cue;

use super::{GalleryView, card};
use crate::context::{Command, Picture, ViewContext};
use crate::format;

/// Height of a file's row, in points.
const FILE: f32 = 40.0;
/// The highest picture in relation to its width: of a long sheet, the rest is seen in the viewer.
const HIGHEST: f32 = 1.5;

impl GalleryView {
    /// The whole sheet in its own shape; the tile under the pointer is outlined, and its cue stands below.
    pub(super) fn storyboard_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &GalleryItem) {
        let t = tokens(ui);
        let cues = self.facts.cues(ui, ctx, item).map(<[Cue]>::to_vec);
        let (cues, problem) = match cues {
            Ok(cues) => (cues, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        // More pictures of the same sheet lie beside it.
        let here: Vec<&Cue> = cues.iter().filter(|cue| cue.file == item.name).collect();
        let size = size(&cues, &item.name);
        let width = ui.available_width();
        let shape = match size {
            (0, _) | (_, 0) => 9.0 / 16.0,
            (across, down) => (down as f32 / across as f32).clamp(0.05, HIGHEST),
        };
        let (slot, response) = ui.allocate_exact_size(vec2(width, (width * shape).round()), Sense::click());
        let label = format!("Sheet {}", item.name);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &label));
        ui.painter().rect_filled(slot, sizes::RADIUS_CARD, t.raised);
        let mut shown = None;
        match card::picture(&mut self.pictures, ui, ctx, item, slot, Fit::Contain) {
            Picture::Here(texture, size) => {
                let at = fit(slot, size, Fit::Contain).0;
                paint_picture(ui, slot, sizes::RADIUS_CARD, (texture, size), Fit::Contain);
                shown = Some((at, size));
            }
            Picture::Loading => {}
            Picture::Failed(reason) => slot_note(ui, slot, icons::IMAGE_BROKEN, reason),
        }
        outline(ui, slot, sizes::RADIUS_CARD);
        let under = shown.and_then(|(at, size)| {
            let place = |[left, top, width, height]: [u32; 4]| {
                let scale = at.size() / size;
                let min = at.min + vec2(left as f32, top as f32) * scale;
                Rect::from_min_size(min, vec2(width as f32, height as f32) * scale)
            };
            let pointer = response.hover_pos()?;
            let found = here.iter().find(|cue| place(cue.part).contains(pointer))?;
            Some((place(found.part), *found))
        });
        if let Some((tile, _)) = under {
            let line = Stroke::new(2.0, t.accent_line);
            ui.painter().rect_stroke(tile, 0, line, StrokeKind::Outside);
        }
        if response.on_hover_cursor(egui::CursorIcon::ZoomIn).clicked()
            && let Some(at) = self.arrangement.at(&item.key)
        {
            self.view(at);
        }
        ui.add_space(12.0);
        if let Some(problem) = problem {
            ui.add(Text::new(Role::SMALL, &problem).color(t.red).wrap());
            ui.add_space(8.0);
            return;
        }
        let words = words(&cues);
        ui.add(Text::new(Role::TITLE, &words));
        ui.add_space(8.0);
        let cue = under.map(|(_, cue)| cue).or_else(|| here.first().copied());
        if let Some(cue) = cue {
            cue_ui(ui, cue);
            ui.add_space(16.0);
        }
    }

    /// The sheet's files, and saving them.
    pub(super) fn sheet_files_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, item: &Arc<GalleryItem>) {
        let t = tokens(ui);
        let Some(cues) = &item.cues else { return };
        let count = Text::new(Role::SMALL, "2").color(t.text3);
        row(ui, 16.0, |ui| {
            row_start(ui, count.width(ui), |ui| {
                ui.add(Text::new(Role::SECTION, "Files").color(t.text2))
            });
            ui.add(count);
        });
        ui.add_space(4.0);
        for (file, symbol) in [(item, icons::FILE_IMAGE), (cues, icons::FILE_TEXT)] {
            self.file_ui(ui, ctx, file, symbol);
        }
        ui.add_space(8.0);
        let save = Button::primary("Save both…")
            .with_icon(icons::DOWNLOAD_SIMPLE)
            .height(Height::Sheet)
            .tip("Save the picture and its cues to a folder", &[])
            .enabled(ctx.client.is_some());
        let layout = Layout::top_down_justified(egui::Align::Min);
        let clicked = ui.with_layout(layout, |ui| ui.add(save).clicked()).inner;
        ui.add_space(8.0);
        if clicked {
            let both = vec![Arc::clone(item), Arc::clone(cues)];
            ctx.commands.send(Command::SaveThumbnails(both));
        }
    }

    fn file_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, file: &GalleryItem, symbol: icons::Icon) {
        let t = tokens(ui);
        let here = self.facts.file(ui, ctx, file);
        row(ui, FILE, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add(Glyph::new(symbol, 16.0, t.text3));
            let size = format::bytes(file.bytes);
            let size = Text::new(Role::SMALL, &size).color(t.text3);
            let label = format!("Save {}…", file.name);
            let save = Button::icon(&label, icons::DOWNLOAD_SIMPLE)
                .small()
                .enabled(here.is_some());
            let end = size.width(ui) + 8.0 + save.width(ui);
            row_start(ui, end, |ui| ui.add(Text::new(Role::MONO, &file.name)));
            ui.add(size);
            if ui.add(save).clicked()
                && let Some(here) = here
            {
                let name = file.name.clone();
                ctx.commands.send(Command::SaveAs { file: here, name });
            }
        });
    }
}

/// Width and height in pixels of the sheet's picture of this name, as far as its cues tell: up to the last tile.
pub(super) fn size(cues: &[Cue], name: &str) -> (u32, u32) {
    let here = cues.iter().filter(|cue| cue.file == name);
    here.fold((0, 0), |(across, down), cue| {
        let [left, top, width, height] = cue.part;
        (
            across.max(left.saturating_add(width)),
            down.max(top.saturating_add(height)),
        )
    })
}

/// A cue as it is written.
fn cue_ui(ui: &mut Ui, cue: &Cue) {
    let t = tokens(ui);
    let frame = Frame::NONE
        .fill(t.field)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(sizes::RADIUS)
        .inner_margin(Margin::symmetric(11, 8));
    frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 0.0;
        for line in cue.text.lines() {
            ui.add(Text::new(Role::MONO_SMALL, line).color(t.text2));
        }
    });
}

/// `60 tiles of 160 × 90, every 10 s`.
fn words(cues: &[Cue]) -> String {
    let [first, ..] = cues else {
        return "Reading its cues…".to_owned();
    };
    let [_, _, width, height] = first.part;
    let count = crate::job_text::counted(cues.len(), "tile");
    let mut steps: Vec<u128> = cues
        .windows(2)
        .map(|pair| pair[1].from.saturating_sub(pair[0].from).as_millis())
        .collect();
    steps.sort_unstable();
    // Keyframes are not at equal distances.
    match steps.get(steps.len() / 2) {
        None => format!("{count} of {width} × {height}"),
        Some(step) => {
            let seconds = format!("{:.1}", *step as f64 / 1e3);
            let seconds = seconds.trim_end_matches(".0");
            format!("{count} of {width} × {height}, every {seconds} s")
        }
    }
}

#[cfg(test)]
mod tests {
    use posterframe_picture::sheet::cues;

    use super::*;

    // Breaks if one odd distance decides what is said of all, or a single tile has one.
    #[test]
    fn sheets_in_words() {
        let cue = |from: u32, to: u32| {
            format!("\n00:00:{from:02}.000 --> 00:00:{to:02}.000\na.jpg#xywh=0,0,160,90\n")
        };
        let text = |cues: &[(u32, u32)]| cues.iter().map(|(from, to)| cue(*from, *to)).collect::<String>();
        let many = cues(&text(&[(0, 10), (10, 20), (20, 30), (30, 59)]));
        assert_eq!(words(&many), "4 tiles of 160 × 90, every 10 s");
        assert_eq!(words(&cues(&text(&[(0, 10)]))), "1 tile of 160 × 90");
        assert_eq!(words(&[]), "Reading its cues…");
    }
}
