//! The open videos, where there are several.

use egui::{Align, Layout, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Text, focus_ring_inside, hline, tip};

use super::Action;
use super::batch::Batch;
use super::model::OpenVideo;
use crate::job_text::counted;

/// Height of the row, in points.
pub(super) const HEIGHT: f32 = 40.0;
const TAB: f32 = 28.0;
/// The widest that a name may be, in points.
const NAME: f32 = 200.0;

/// `selected` is no video's number where the batch is shown.
pub(super) fn ui(
    ui: &mut Ui,
    videos: &[OpenVideo],
    (selected, batch): (usize, Option<&Batch>),
    scroll: bool,
) -> Option<Action> {
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
                if let Some(batch) = batch {
                    let tab = Tab {
                        name: &batch.name,
                        count: batch.len(),
                        counted: counted(batch.len(), "video"),
                        place: batch.name.clone(),
                        is_selected: selected >= videos.len(),
                    };
                    action = match tab_ui(ui, &tab, &[], scroll) {
                        Some(Click::Select) => Some(Action::SelectBatch),
                        Some(Click::Close) => Some(Action::CloseBatch),
                        None => None,
                    };
                }
                for (index, video) in videos.iter().enumerate() {
                    // Ctrl+Tab goes round.
                    let beside =
                        (index + videos.len()).checked_sub(selected).unwrap_or(usize::MAX) % videos.len();
                    let keys: &[&str] = match beside {
                        1 => &["Ctrl", "Tab"],
                        _ if beside + 1 == videos.len() => &["Ctrl", "Shift", "Tab"],
                        _ => &[],
                    };
                    let marks = video.marks.all().len();
                    let tab = Tab {
                        name: &video.name,
                        count: marks,
                        counted: counted(marks, "mark"),
                        place: video.path.to_string_lossy().into_owned(),
                        is_selected: index == selected,
                    };
                    action = match tab_ui(ui, &tab, keys, scroll) {
                        Some(Click::Select) => Some(Action::Select(index)),
                        Some(Click::Close) => Some(Action::Close(index)),
                        None => action.take(),
                    };
                }
            });
        });
    });
    action
}

struct Tab<'a> {
    name: &'a str,
    /// The number beside the name, where it is not 0, and that in words.
    count: usize,
    counted: String,
    /// Where it is on the disk.
    place: String,
    is_selected: bool,
}

enum Click {
    Select,
    Close,
}

fn tab_ui(ui: &mut Ui, tab: &Tab<'_>, to_it: &[&str], scroll: bool) -> Option<Click> {
    let t = theme::tokens(ui);
    let selected = tab.is_selected;
    let (marks, marked) = match tab.count {
        0 => (String::new(), String::new()),
        count => (count.to_string(), format!(", {}", tab.counted)),
    };
    let marks = Text::new(Role::BADGE, &marks).color(t.accent_text);
    let marks_width = match marked.as_str() {
        "" => 0.0,
        _ => marks.width(ui) + 6.0,
    };
    let name = Text::new(Role::SMALL_TITLE, tab.name).color(if selected { t.text } else { t.text2 });
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
        WidgetInfo::selected(egui::Role::Tab, true, selected, format!("{}{marked}", tab.name))
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
    let label = format!("Close {}", tab.name);
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
    tip(response, &tab.place, to_it);
    if cross.clicked() || middle {
        Some(Click::Close)
    } else {
        clicked.then_some(Click::Select)
    }
}
