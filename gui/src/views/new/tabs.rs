//! The open videos, where there are several.

use egui::{Align, Layout, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Text, focus_ring_inside, hline, tip};

use super::Action;
use super::model::OpenVideo;

/// Height of the row, in points.
pub(super) const HEIGHT: f32 = 40.0;
const TAB: f32 = 28.0;
/// The widest that a name may be, in points.
const NAME: f32 = 200.0;

pub(super) fn ui(ui: &mut Ui, videos: &[OpenVideo], selected: usize, scroll: bool) -> Option<Action> {
    let t = theme::tokens(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.bottom() - 1.0);
    let inside = UiBuilder::new().max_rect(rect.shrink2(vec2(16.0, 6.0)));
    let mut action = None;
    ui.scope_builder(inside, |ui| {
        ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().interact_size.y = TAB;
            ui.horizontal(|ui| {
                for (index, video) in videos.iter().enumerate() {
                    // Ctrl+Tab goes round.
                    let beside = (index + videos.len() - selected) % videos.len();
                    let keys: &[&str] = match beside {
                        1 => &["Ctrl", "Tab"],
                        _ if beside + 1 == videos.len() => &["Ctrl", "Shift", "Tab"],
                        _ => &[],
                    };
                    action = tab_ui(ui, video, (index, index == selected, keys), scroll).or(action.take());
                }
            });
        });
    });
    action
}

fn tab_ui(
    ui: &mut Ui,
    video: &OpenVideo,
    (index, selected, to_it): (usize, bool, &[&str]),
    scroll: bool,
) -> Option<Action> {
    let t = theme::tokens(ui);
    let (marks, marked) = match video.marks.all().len() {
        0 => (String::new(), String::new()),
        1 => ("1".to_owned(), ", 1 mark".to_owned()),
        count => (count.to_string(), format!(", {count} marks")),
    };
    let marks = Text::new(Role::BADGE, &marks).color(t.accent_text);
    let marks_width = match marked.as_str() {
        "" => 0.0,
        _ => marks.width(ui) + 6.0,
    };
    let name = Text::new(Role::SMALL_TITLE, &video.name).color(if selected { t.text } else { t.text2 });
    let name_width = name.width(ui).min(NAME);
    let width = (10.0 + name_width + marks_width + 5.0 + TAB).round();
    let (rect, whole) = ui.allocate_exact_size(vec2(width, TAB), Sense::hover());
    // Beside it is the button that closes it.
    let response = ui.interact(
        rect.with_max_x(rect.right() - TAB - 2.0),
        whole.id.with("tab"),
        Sense::click(),
    );
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Tab, true, selected, format!("{}{marked}", video.name))
    });
    if selected && scroll {
        response.scroll_to_me(None);
    }
    if selected || whole.contains_pointer() {
        let fill = if selected { t.hover } else { t.raised };
        ui.painter().rect_filled(rect, 6, fill);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let label = format!("Close {}", video.name);
    let keys: &[&str] = if selected { &["Ctrl", "W"] } else { &[] };
    let inside = UiBuilder::new()
        .id_salt(response.id)
        .max_rect(rect.with_min_x(rect.left() + 10.0))
        .layout(Layout::left_to_right(Align::Center));
    let mut inside = ui.new_child(inside);
    inside.spacing_mut().item_spacing.x = 0.0;
    inside.scope(|ui| {
        ui.set_max_width(name_width + 1.0);
        ui.add(name);
    });
    if marks_width > 0.0 {
        inside.add_space(6.0);
        inside.add(marks);
    }
    inside.add_space(4.0);
    let cross = inside.add(Button::icon(&label, icons::X).small().tip(&label, keys));
    let (clicked, middle) = (response.clicked(), response.middle_clicked());
    tip(response, &video.path.to_string_lossy(), to_it);
    if cross.clicked() || middle {
        Some(Action::Close(index))
    } else {
        clicked.then_some(Action::Select(index))
    }
}
