//! The bar at the top: the name, the tabs, the backend and the settings.

use egui::epaint::PathShape;
use egui::{Align2, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Backend, Config};
use posterframe_kit::theme::sizes::{CONTROL, RADIUS};
use posterframe_kit::theme::{self, Face, Role, Tokens, icons};
use posterframe_kit::widgets::{Button, Text, hline, icon, menu, menu_item, menu_line, tip};

use super::App;
use super::service::Health;
use crate::context::{Command, View};

/// Where the tabs start.
const TABS: f32 = 188.0;
const BADGE: f32 = 18.0;
const MENU: f32 = 260.0;

impl App {
    pub(super) fn bar_ui(&mut self, ui: &mut Ui) {
        let rect = ui.max_rect();
        let t = theme::tokens(ui);
        ui.painter().rect_filled(rect, 0, t.panel);
        hline(ui, rect.x_range(), rect.bottom() - 1.0);
        logo(ui, rect.min + vec2(16.0, 12.0), t);
        let brand = Rect::from_min_size(rect.min + vec2(50.0, 15.0), vec2(110.0, 18.0));
        Text::new(Role::BRAND, "Posterframe")
            .color(t.text)
            .at(ui, brand, Align2::LEFT_CENTER);

        let mut x = rect.left() + TABS;
        for view in View::ALL {
            let badge = if view == View::Jobs { self.work.count() } else { 0 };
            let width = self.tab_ui(ui, pos2(x, rect.top() + 8.0), view, badge);
            x += width + 4.0;
        }

        let gear = Rect::from_min_size(
            pos2(rect.right() - 44.0, rect.top() + 8.0),
            vec2(CONTROL, CONTROL),
        );
        let button = Button::icon("Settings", icons::GEAR_SIX).tip("Settings", &["Ctrl", ","]);
        if button.at(ui, gear).clicked() {
            self.commands.send(Command::OpenSettings);
        }
        self.chip_ui(ui, pos2(gear.left() - 8.0, rect.top() + 8.0));
    }

    fn tab_ui(&mut self, ui: &mut Ui, at: Pos2, view: View, badge: usize) -> f32 {
        let t = theme::tokens(ui);
        let words = Text::new(Role::TITLE, view.label()).width(ui);
        let number = badge.to_string();
        let number_width = (Text::new(Role::BADGE, &number).width(ui) + 10.0).max(BADGE);
        let width = 24.0 + words + if badge > 0 { 8.0 + number_width } else { 0.0 };
        let rect = Rect::from_min_size(at, vec2(width.round(), CONTROL));
        let response = ui.allocate_rect(rect, Sense::click());
        let selected = self.view == view;
        response.widget_info(|| {
            let label = if badge > 0 {
                format!("{}, {badge} under way", view.label())
            } else {
                view.label().to_owned()
            };
            WidgetInfo::selected(egui::Role::Tab, true, selected, label)
        });
        if selected || response.hovered() {
            ui.painter()
                .rect_filled(rect, RADIUS, if selected { t.hover } else { t.raised });
        }
        focus_ring(ui, rect, &response, t);
        let color = if selected { t.text } else { t.text2 };
        let left = rect.left_center() + vec2(12.0, 0.0);
        ui.painter()
            .text(left, Align2::LEFT_CENTER, view.label(), Role::TITLE.font(), color);
        if badge > 0 {
            let place = Rect::from_center_size(
                pos2(rect.right() - 12.0 - number_width / 2.0, rect.center().y),
                vec2(number_width, BADGE),
            );
            ui.painter().rect_filled(place, 9, t.blue_tint);
            ui.painter().text(
                place.center(),
                Align2::CENTER_CENTER,
                number,
                Role::BADGE.font(),
                t.blue,
            );
        }
        let key = match view {
            View::New => "1",
            View::Jobs => "2",
            View::Gallery => "3",
        };
        if tip(response, view.purpose(), &["Ctrl", key]).clicked() {
            self.commands.send(Command::Show(view));
        }
        rect.width()
    }

    fn chip_ui(&mut self, ui: &mut Ui, right_top: Pos2) {
        let t = theme::tokens(ui);
        let label = self.service.label().to_owned();
        let (dot, state, failure) = match self.service.health() {
            Health::Ready => (t.green, "ready", None),
            Health::Starting => (t.blue, "starting", None),
            Health::Failed(reason) => (t.red, "not available", Some(reason.to_owned())),
        };
        // Colour is never the only sign.
        let shown = if state == "ready" {
            label.clone()
        } else {
            format!("{label} · {state}")
        };
        let words = Text::new(Role::TITLE, &shown).width(ui).min(420.0);
        let width = (11.0 + 8.0 + 8.0 + words + 8.0 + 12.0 + 9.0).round();
        let rect = Rect::from_min_size(right_top - vec2(width, 0.0), vec2(width, CONTROL));
        let response = ui.allocate_rect(rect, Sense::click());
        let name = format!("Backend: {label}, {state}");
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
        let fill = match (response.is_pointer_button_down_on(), response.hovered()) {
            (true, _) => t.pressed,
            (false, true) => t.hover,
            (false, false) => t.raised,
        };
        ui.painter()
            .rect(rect, RADIUS, fill, Stroke::new(1.0, t.border), StrokeKind::Inside);
        focus_ring(ui, rect, &response, t);
        ui.painter()
            .circle_filled(pos2(rect.left() + 15.0, rect.center().y), 4.0, dot);
        let words = Rect::from_min_max(rect.min + vec2(27.0, 0.0), rect.max - vec2(29.0, 0.0));
        let font = Role::TITLE.font();
        ui.painter().with_clip_rect(words).text(
            words.left_center(),
            Align2::LEFT_CENTER,
            shown,
            font,
            t.text,
        );
        let caret = Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2(12.0, 12.0));
        icon(
            ui.painter(),
            caret.center(),
            icons::CARET_DOWN,
            Face::Icon,
            12.0,
            t.text3,
        );
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
            Text::new(Role::SMALL, reason)
                .color(theme::tokens(ui).red)
                .wrap()
                .show(ui);
            ui.add_space(6.0);
            if menu_item(ui, icons::ARROW_CLOCKWISE, "Try again", "", false) {
                self.commands.send(Command::RestartBackend);
            }
            menu_line(ui);
        }
        // The word, too: a tick alone would be a sign that not everybody sees.
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

fn focus_ring(ui: &Ui, rect: Rect, response: &Response, t: &Tokens) {
    if response.has_focus() {
        let ring = Stroke::new(2.0, t.accent_line);
        ui.painter()
            .rect_stroke(rect.expand(2.0), RADIUS + 4, ring, StrokeKind::Outside);
    }
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
