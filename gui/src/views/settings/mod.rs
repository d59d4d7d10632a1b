//! The settings: the theme, where jobs run, and where files lie.
//!
//! Backends are named in a file that a person or `script/deploy` writes; this shows them and chooses one.

use egui::{Align2, Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Backend, Config};

use crate::preferences::ThemeMode;
use crate::theme::{Face, Role, icons, sizes, tokens};
use crate::views::{Command, ViewContext};
use crate::widgets::{Button, Text, card, hline, icon, modal, segmented, switch, within};

const HEAD: f32 = 56.0;
const FOOT: f32 = 64.0;
const LABELS: f32 = 132.0;
const MODES: [(ThemeMode, &str); 3] = [
    (ThemeMode::System, "System"),
    (ThemeMode::Dark, "Dark"),
    (ThemeMode::Light, "Light"),
];

/// The settings, over the window.
#[derive(Default)]
pub struct SettingsModal {
    /// What the configuration file says; read when the settings open.
    config: Option<Result<Config, String>>,
}

impl SettingsModal {
    /// Draws them over the whole window.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let file = ctx.paths.config_file();
        // A few hundred bytes, once.
        let read = || Config::load(&file).map_err(|error| error.to_string());
        let config = self.config.get_or_insert_with(read).clone();
        let (close, beside) = modal(
            ui.ctx(),
            Id::unique("settings"),
            vec2(720.0, 680.0),
            |ui, rect| {
                let mut close = false;
                let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + HEAD));
                let title = head.shrink2(vec2(sizes::DETAIL, 0.0));
                Text::new(Role::HEADING, "Settings").at(ui, title, Align2::LEFT_CENTER);
                let cross =
                    Rect::from_center_size(pos2(title.right() - 6.0, head.center().y), vec2(32.0, 32.0));
                close |= Button::icon("Close", icons::X).at(ui, cross).clicked();
                hline(ui, rect.x_range(), head.bottom() - 1.0);
                let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOT), rect.max);
                let body = Rect::from_min_max(head.left_bottom(), foot.right_top());
                within(ui, body, "body", |ui| {
                    ScrollArea::vertical()
                        .auto_shrink(false)
                        .show(ui, |ui| body_ui(ui, ctx, &config));
                });
                hline(ui, rect.x_range(), foot.top());
                let inner = foot.shrink2(vec2(sizes::DETAIL, 0.0));
                theme_ui(ui, ctx, inner);
                let done = Button::secondary("Done");
                let place = Align2::RIGHT_CENTER.align_size_within_rect(vec2(done.width(ui), 32.0), inner);
                close |= done.at(ui, place).clicked();
                close
            },
        );
        if close || beside {
            ctx.commands.send(Command::CloseSettings);
        }
    }
}

fn body_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, config: &Result<Config, String>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let current = ctx.client.map(|client| client.backend().clone());
    ui.add_space(20.0);
    section(ui, "Run jobs on");
    backends_ui(ui, ctx, config, current.as_ref());
    ui.add_space(20.0);

    if let Some(backend) = &current {
        section(ui, "Backend");
        let region = backend.region.as_deref().unwrap_or("as the profile says");
        value(ui, "Region", region);
        if let Some(profile) = &backend.profile {
            value(ui, "Profile", profile);
        }
        let endpoint = backend.endpoint.as_deref().unwrap_or("AWS");
        if row(ui, "Endpoint", endpoint, Some("Copy")) {
            ctx.commands.send(Command::CopyText(endpoint.to_owned()));
        }
        if row(ui, "Bucket", &backend.bucket, Some("Copy")) {
            ctx.commands.send(Command::CopyText(backend.bucket.clone()));
        }
        value(ui, "Uploads folder", &backend.uploads_folder);
        value(ui, "Thumbnails folder", &backend.thumbnails_folder);
        value(ui, "Cluster", &backend.cluster);
        value(ui, "Task definition", &backend.task_family);
        ui.add_space(20.0);
    }

    section(ui, "Files");
    let folders = [
        ("Data", ctx.paths.data.clone()),
        ("Cache", ctx.paths.cache.clone()),
        ("Configuration", ctx.paths.config_file()),
    ];
    for (label, path) in folders {
        if row(ui, label, &path.display().to_string(), Some("Reveal")) {
            // The file appears with the first backend; until then, its folder.
            let there = if path.exists() {
                path
            } else {
                ctx.paths.config.clone()
            };
            ctx.commands.send(Command::RevealFile(there));
        }
    }
    ui.add_space(20.0);

    section(ui, "Window");
    value(ui, "Version", env!("CARGO_PKG_VERSION"));
    let place = line(ui, 40.0);
    label(ui, place, "Motion");
    let at = Rect::from_min_max(pos2(place.left() + LABELS, place.top() + 8.0), place.max);
    within(ui, at, "motion", |ui| {
        if switch(ui, &mut ctx.preferences.reduced_motion, "Reduce motion").changed() {
            crate::theme::set_reduced_motion(ui.ctx(), ctx.preferences.reduced_motion);
        }
    });
    ui.add_space(20.0);
}

fn theme_ui(ui: &mut Ui, ctx: &ViewContext<'_>, rect: Rect) {
    let place = Text::new(Role::BODY, "Theme")
        .color(tokens(ui).text2)
        .at(ui, rect, Align2::LEFT_CENTER)
        .rect;
    let corner = pos2(place.right() + 10.0, rect.center().y - 16.0);
    let chosen = MODES
        .iter()
        .position(|(mode, _)| *mode == ctx.preferences.theme)
        .unwrap_or(0);
    let segments = MODES.map(|(_, label)| (label, None));
    if let Some(clicked) = segmented(
        ui,
        Rect::from_min_size(corner, vec2(216.0, 32.0)),
        &segments,
        chosen,
    ) {
        ctx.commands.send(Command::SetTheme(MODES[clicked].0));
    }
}

/// One card for each backend; the one in use is marked.
fn backends_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    config: &Result<Config, String>,
    current: Option<&Backend>,
) {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let place = line(ui, 40.0);
            let words = Text::new(Role::SMALL, error).color(tokens(ui).red).wrap();
            words.at(ui, place, Align2::LEFT_CENTER);
            return;
        }
    };
    let local = (
        "This computer".to_owned(),
        "Built in, works offline".to_owned(),
        None,
    );
    let named = config.backends.iter().map(|(name, backend)| {
        let region = backend.region.as_deref().unwrap_or("the profile's region");
        (
            name.clone(),
            format!("S3, Lambda and ECS Fargate · {region}"),
            Some(name.clone()),
        )
    });
    for (name, words, key) in std::iter::once(local).chain(named) {
        let on = current.is_some_and(|backend| match &key {
            None => backend.is_local(),
            Some(key) => !backend.is_local() && backend.name == *key,
        });
        let place = line(ui, 64.0);
        if backend_ui(ui, place, &name, &words, key.is_none(), on) && !on {
            ctx.commands.send(Command::UseBackend(key));
            ctx.commands.send(Command::CloseSettings);
        }
        ui.add_space(8.0);
    }
    if config.backends.is_empty() {
        let place = line(ui, 20.0);
        let words = "For AWS, name a stack in the configuration file";
        Text::new(Role::SMALL, words)
            .color(tokens(ui).text3)
            .at(ui, place, Align2::LEFT_CENTER);
    }
}

fn backend_ui(ui: &mut Ui, rect: Rect, name: &str, words: &str, local: bool, on: bool) -> bool {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("backend", name)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, true, on, name));
    let fill = if on || response.hovered() {
        t.raised
    } else {
        t.panel
    };
    card(ui, rect, fill, if on { t.accent_line } else { t.border });
    if on || response.has_focus() {
        let line = egui::Stroke::new(2.0, t.accent_line);
        let corner = egui::CornerRadius::same(sizes::RADIUS_CARD);
        ui.painter()
            .rect_stroke(rect, corner, line, egui::StrokeKind::Inside);
    }
    let glyph = if local { icons::DESKTOP } else { icons::CLOUD };
    icon(
        ui.painter(),
        pos2(rect.left() + 28.0, rect.center().y),
        glyph,
        Face::Icon,
        22.0,
        t.text2,
    );
    let text = |top: f32, high: f32| {
        Rect::from_min_max(
            pos2(rect.left() + 51.0, rect.top() + top),
            pos2(rect.right() - 48.0, rect.top() + top + high),
        )
    };
    Text::new(Role::TITLE, name).at(ui, text(15.0, 18.0), Align2::LEFT_CENTER);
    Text::new(Role::SMALL, words)
        .color(t.text2)
        .at(ui, text(33.0, 16.0), Align2::LEFT_CENTER);
    let dot = pos2(rect.right() - 25.0, rect.center().y);
    if on {
        ui.painter().circle_filled(dot, 8.0, t.accent);
        ui.painter().circle_filled(dot, 3.0, t.on_accent);
    } else {
        ui.painter()
            .circle_stroke(dot, 7.5, egui::Stroke::new(1.0, t.border2));
    }
    response.clicked()
}

/// A row of the body, with its padding.
fn line(ui: &mut Ui, high: f32) -> Rect {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), high));
    rect.shrink2(vec2(sizes::DETAIL, 0.0))
}

fn section(ui: &mut Ui, words: &str) {
    let place = line(ui, 16.0);
    Text::new(Role::SECTION, words)
        .color(tokens(ui).text2)
        .at(ui, place, Align2::LEFT_CENTER);
    ui.add_space(8.0);
}

fn label(ui: &mut Ui, row: Rect, words: &str) {
    let place = Rect::from_min_size(row.min, vec2(LABELS - 8.0, row.height()));
    Text::new(Role::BODY, words)
        .color(tokens(ui).text2)
        .at(ui, place, Align2::LEFT_CENTER);
}

fn value(ui: &mut Ui, name: &str, words: &str) {
    row(ui, name, words, None);
}

/// A label and its value, with a button where there is something to do with it; `true` where it was clicked.
fn row(ui: &mut Ui, name: &str, words: &str, button: Option<&str>) -> bool {
    let place = line(ui, 32.0);
    label(ui, place, name);
    let mut right = place.right();
    let clicked = button.is_some_and(|action| {
        let button = Button::ghost(action).small();
        let at =
            Align2::RIGHT_CENTER.anchor_size(pos2(right, place.center().y), vec2(button.width(ui), 28.0));
        right = at.left() - 8.0;
        button.at(ui, at).clicked()
    });
    let at = Rect::from_min_max(
        pos2(place.left() + LABELS, place.top()),
        pos2(right, place.bottom()),
    );
    Text::new(Role::MONO, words).at(ui, at, Align2::LEFT_CENTER);
    clicked
}
