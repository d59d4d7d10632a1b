//! The open videos, where there are several.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Text, focus_ring_inside, hline, tip, within};

use super::video::OpenVideo;

/// How high the row is.
pub(super) const TABS: f32 = 40.0;
const TAB: f32 = 28.0;
const WIDEST: f32 = 200.0;
const CROSS: f32 = 24.0;

/// What was clicked.
pub(super) enum Click {
    None,
    Select(usize),
    Close(usize),
}

pub(super) fn ui(ui: &mut Ui, rect: Rect, videos: &[OpenVideo], selected: usize, scroll: bool) -> Click {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.bottom() - 1.0);
    let inside = Rect::from_min_max(rect.min + vec2(16.0, 6.0), rect.max - vec2(16.0, 6.0));
    let mut click = Click::None;
    within(ui, inside, "tabs", |ui| {
        ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 0.0);
            ui.horizontal(|ui| {
                for (index, video) in videos.iter().enumerate() {
                    // Ctrl+Tab goes round.
                    let beside = (index + videos.len() - selected) % videos.len();
                    let keys: &[&str] = match beside {
                        1 => &["Ctrl", "Tab"],
                        _ if beside + 1 == videos.len() => &["Ctrl", "Shift", "Tab"],
                        _ => &[],
                    };
                    match tab_ui(ui, video, (index, index == selected, keys), scroll) {
                        Click::None => {}
                        clicked => click = clicked,
                    }
                }
            });
        });
    });
    click
}

fn tab_ui(
    ui: &mut Ui,
    video: &OpenVideo,
    (index, selected, to_it): (usize, bool, &[&str]),
    scroll: bool,
) -> Click {
    let t = theme::tokens(ui);
    let marks = match video.marks.all().len() {
        0 => String::new(),
        count => count.to_string(),
    };
    let marks_width = if marks.is_empty() {
        0.0
    } else {
        Text::new(Role::BADGE, &marks).width(ui) + 6.0
    };
    let name = Text::new(Role::SMALL_TITLE, &video.name).color(if selected { t.text } else { t.text2 });
    let name_width = name.width(ui).min(WIDEST);
    let width = (10.0 + name_width + 1.0 + marks_width + 4.0 + CROSS).round();
    let (rect, response) = ui.allocate_exact_size(vec2(width, TAB), Sense::click());
    response.widget_info(|| {
        let marked = match video.marks.all().len() {
            0 => String::new(),
            1 => ", 1 mark".to_owned(),
            count => format!(", {count} marks"),
        };
        WidgetInfo::selected(egui::Role::Tab, true, selected, format!("{}{marked}", video.name))
    });
    if selected && scroll {
        response.scroll_to_me(None);
    }
    if selected || response.hovered() {
        let fill = if selected { t.hover } else { t.raised };
        ui.painter().rect_filled(rect, 6, fill);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let place = Rect::from_min_size(rect.min + vec2(10.0, 0.0), vec2(name_width + 1.0, TAB));
    name.at(ui, place, Align2::LEFT_CENTER);
    let place = Rect::from_min_size(pos2(place.right() + 6.0, rect.top()), vec2(marks_width, TAB));
    Text::new(Role::BADGE, &marks)
        .color(t.accent_text)
        .at(ui, place, Align2::LEFT_CENTER);
    let cross = Rect::from_min_size(
        pos2(rect.right() - CROSS - 2.0, rect.top() + 2.0),
        vec2(CROSS, CROSS),
    );
    let label = format!("Close {}", video.name);
    let keys: &[&str] = if selected { &["Ctrl", "W"] } else { &[] };
    let close = Button::icon(&label, icons::X).small().tip(&label, keys);
    if close.at(ui, cross).clicked() {
        return Click::Close(index);
    }
    let path = video.path.to_string_lossy();
    let clicked = response.clicked();
    let middle = response.middle_clicked();
    tip(response, &path, to_it);
    match (clicked, middle) {
        (_, true) => Click::Close(index),
        (true, _) => Click::Select(index),
        _ => Click::None,
    }
}
