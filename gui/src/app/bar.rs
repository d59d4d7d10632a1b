//! The bar at the top: the name, the tabs, the backend and the settings.

use egui::epaint::PathShape;
use egui::{Align, Layout, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Backend, Config};
use posterframe_kit::theme::sizes::{CONTROL, RADIUS};
use posterframe_kit::theme::{self, Role, Tokens, icons};
use posterframe_kit::widgets::{Button, Text, focus_ring, menu, menu_item, menu_line, tip};

use super::App;
use super::service::Health;
use crate::context::{Command, View};

/// Space between the name and the tabs, in points.
const BRAND_GAP: f32 = 50.0;
/// Height of the badge with the number of jobs, in points.
const BADGE: f32 = 18.0;
/// Width of the backend's menu, in points.
const MENU: f32 = 260.0;
/// Largest width of the backend's chip, in points.
const CHIP: f32 = 460.0;

impl App {
    pub(super) fn bar_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            brand_ui(ui);
            ui.add_space(BRAND_GAP);
            for view in View::ALL {
                let badge = if view == View::Jobs { self.work.count() } else { 0 };
                self.tab_ui(ui, view, badge);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let gear = Button::icon("Settings", icons::GEAR_SIX).tip("Settings", &["Ctrl", ","]);
                if ui.add(gear).clicked() {
                    self.commands.send(Command::OpenSettings);
                }
                self.chip_ui(ui);
            });
        });
    }

    fn tab_ui(&mut self, ui: &mut Ui, view: View, badge: usize) {
        let t = theme::tokens(ui);
        let selected = self.view == view;
        let color = if selected { t.text } else { t.text2 };
        let words = Text::new(Role::TITLE, view.label())
            .color(color)
            .galley(ui, f32::INFINITY);
        let number = badge.to_string();
        let number = Text::new(Role::BADGE, &number)
            .color(t.blue)
            .galley(ui, f32::INFINITY);
        let number_width = (number.size().x + 10.0).max(BADGE);
        let width = 24.0 + words.size().x + if badge > 0 { 8.0 + number_width } else { 0.0 };
        let (rect, response) = ui.allocate_exact_size(vec2(width.round(), CONTROL), Sense::click());
        response.widget_info(|| {
            let label = if badge > 0 {
                format!("{}, {badge} under way", view.label())
            } else {
                view.label().to_owned()
            };
            WidgetInfo::selected(egui::Role::Tab, true, selected, label)
        });
        if selected || response.hovered() {
            let fill = if selected { t.hover } else { t.raised };
            ui.painter().rect_filled(rect, RADIUS, fill);
        }
        if response.has_focus() {
            focus_ring(ui.painter(), t, rect, RADIUS);
        }
        let left = pos2(rect.left() + 12.0, rect.center().y - words.size().y / 2.0);
        ui.painter().galley(left.round(), words, color);
        if badge > 0 {
            let center = pos2(rect.right() - 12.0 - number_width / 2.0, rect.center().y);
            let place = Rect::from_center_size(center, vec2(number_width, BADGE));
            ui.painter().rect_filled(place, 9, t.blue_tint);
            ui.painter()
                .galley((center - number.size() / 2.0).round(), number, t.blue);
        }
        let key = match view {
            View::New => "1",
            View::Jobs => "2",
            View::Gallery => "3",
        };
        if tip(response, view.purpose(), &["Ctrl", key]).clicked() {
            self.commands.send(Command::Show(view));
        }
    }

    fn chip_ui(&mut self, ui: &mut Ui) {
        let t = theme::tokens(ui);
        let label = self.service.label().to_owned();
        let (dot, state, failure) = match self.service.health() {
            Health::Ready => (t.green, "ready", None),
            Health::Starting => (t.blue, "starting", None),
            Health::Failed(reason) => (t.red, "not available", Some(reason.to_owned())),
        };
        // The state is written out too: not everybody can tell the dot's colours apart.
        let shown = if state == "ready" {
            label.clone()
        } else {
            format!("{label} · {state}")
        };
        let name = format!("Backend: {label}, {state}");
        let chip = Button::secondary(&shown).dot(dot).caret().named(&name);
        let response = ui.add(chip.at_most(CHIP));
        if response.clicked() {
            self.list_backends(ui);
        }
        let current = self.client.as_ref().map(|client| client.backend().name.clone());
        menu(&response, MENU, |ui| {
            self.menu_ui(ui, current.as_deref(), failure.as_deref());
        });
    }

    fn list_backends(&mut self, ui: &Ui) {
        let file = self.paths.config_file();
        let names = self.engine.request_blocking(ui.ctx(), move || {
            Config::load(&file).map(|config| config.backends.into_keys().collect::<Vec<String>>())
        });
        self.backends.renew(names);
    }

    fn menu_ui(&mut self, ui: &mut Ui, current: Option<&str>, failure: Option<&str>) {
        if let Some(reason) = failure {
            ui.add_space(6.0);
            let text = Text::new(Role::SMALL, reason).color(theme::tokens(ui).red);
            ui.add(text.wrap());
            ui.add_space(6.0);
            if menu_item(ui, icons::ARROW_CLOCKWISE, "Try again", "", false) {
                self.commands.send(Command::RestartBackend);
            }
            menu_line(ui);
        }
        // The word stands beside the tick, since a screen reader does not read the tick.
        let detail = |chosen: bool| if chosen { "In use" } else { "" };
        let this = Backend::THIS_COMPUTER;
        let chosen = current == Some(this);
        if menu_item(ui, icons::DESKTOP, this, detail(chosen), false) && !chosen {
            self.commands.send(Command::UseBackend(None));
        }
        let names = self.backends.value().cloned().unwrap_or_default();
        for name in names {
            let chosen = current == Some(&name);
            if menu_item(ui, icons::CLOUD, &format!("AWS · {name}"), detail(chosen), false) && !chosen {
                self.commands.send(Command::UseBackend(Some(name)));
            }
        }
        menu_line(ui);
        if menu_item(ui, icons::GEAR_SIX, "Settings…", "Ctrl+,", false) {
            self.commands.send(Command::OpenSettings);
        }
    }
}

/// The logo and the name.
fn brand_ui(ui: &mut Ui) {
    let t = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
    logo(ui, rect.min, t);
    ui.add_space(6.0);
    ui.add(Text::new(Role::BRAND, "Posterframe"));
}

/// A frame with a playhead in it, 24 × 24.
fn logo(ui: &Ui, at: Pos2, t: &Tokens) {
    let frame = Rect::from_min_max(at + vec2(2.0, 5.0), at + vec2(22.0, 20.0));
    let painter = ui.painter();
    painter.rect_stroke(frame, 4, Stroke::new(1.6, t.text), StrokeKind::Inside);
    let line = Rect::from_min_max(at + vec2(14.0, 1.0), at + vec2(16.0, 22.0));
    painter.rect_filled(line, 0, t.accent);
    let head = [
        (11.0, 1.0),
        (19.0, 1.0),
        (19.0, 3.0),
        (16.0, 6.0),
        (14.0, 6.0),
        (11.0, 3.0),
    ];
    let head = head.map(|(x, y)| at + vec2(x, y)).to_vec();
    painter.add(Shape::Path(PathShape::convex_polygon(
        head,
        t.accent,
        Stroke::NONE,
    )));
}
