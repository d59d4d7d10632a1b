//! The list: a row for each output and each sheet, and what it says of its files.

use egui::{Frame, Margin, Rect, Response, Ui, vec2};
use posterframe_contract::{Deinterlace, Every, Fit, Format, OutputColor, OutputRequest, SheetRequest};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Glyph, Text, context_menu, list_row, menu_item, row, row_start};

use crate::format;
use crate::job_text::counted;

/// Height of an output's row, in points.
const ROW: f32 = 36.0;

/// What was clicked in the list.
pub(super) enum Click {
    Select(usize),
    Edit(usize),
    Duplicate(usize),
    Remove(usize),
}

pub(super) fn glyph(output: &OutputRequest) -> icons::Icon {
    match (output.is_exact(), output.fit, output.crop) {
        (true, ..) => icons::SHIELD_CHECK,
        (false, Fit::Crop, _) | (false, _, Some(_)) => icons::CROP,
        (false, ..) => icons::IMAGE,
    }
}

/// An output's row.
pub(super) fn row_ui(
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
        ui.add(Glyph::new(glyph(output), 16.0, t.text2));
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
pub(super) fn sheet_ui(ui: &mut Ui, sheet: &SheetRequest) -> bool {
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
pub(super) fn facts(output: &OutputRequest) -> String {
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

pub(super) fn size_text(output: &OutputRequest) -> String {
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
