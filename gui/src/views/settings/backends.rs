//! Where jobs run: this computer, or a stack on AWS with all its values.

use egui::{Align2, CornerRadius, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::Backend;
use posterframe_client::doctor::Part;
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Copyable, Text, card, icon, menu, menu_item, menu_line, switch, within,
};

use super::aws;
use super::connection::Connection;
use super::draft::{Draft, Problem};
use super::rows::{Input, message, row, section};
use crate::context::{Command, ViewContext};

const CARD: f32 = 64.0;
/// Width of the connection's card.
const SIDE: f32 = 314.0;
const GAP: f32 = 24.0;

/// The choices of the page's fields; read when it opens.
pub(super) struct Choices {
    profiles: Vec<(String, String)>,
    regions: Vec<(String, String)>,
}

impl Default for Choices {
    fn default() -> Self {
        let regions = aws::REGIONS.map(|(name, place)| (name.to_owned(), place.to_owned()));
        let profiles = aws::profiles();
        Self {
            profiles: profiles.into_iter().map(|name| (name, String::new())).collect(),
            regions: regions.to_vec(),
        }
    }
}

/// The page.
pub(super) fn ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    draft: &mut Draft,
    choices: &Choices,
    connection: &mut Connection,
) {
    let rect = ui.max_rect().shrink2(vec2(sizes::DETAIL, 20.0));
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 16.0));
    Text::new(Role::SECTION, "Run jobs on")
        .color(tokens(ui).text2)
        .at(ui, head, Align2::LEFT_CENTER);
    let cards = Rect::from_min_size(rect.min + vec2(0.0, 24.0), vec2(rect.width(), CARD));
    cards_ui(ui, draft, cards);
    let body = Rect::from_min_max(pos2(rect.left(), cards.bottom() + 20.0), rect.max);
    let side = Rect::from_min_max(pos2(body.right() - SIDE, body.top()), body.max);
    let form = Rect::from_min_max(body.min, pos2(side.left() - GAP + 8.0, ui.max_rect().bottom()));
    let running = ctx.client.map(posterframe_client::Client::backend);
    let backend = match draft.stack() {
        Some(stack) => Some(checked(&stack.values)),
        None => running.filter(|backend| backend.is_local()).cloned(),
    };
    within(ui, form, "form", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_width(ui.available_width() - 8.0);
            if draft.chosen().is_some() {
                form_ui(ui, ctx, draft, choices, connection);
            } else {
                local_ui(ui, ctx, backend.as_ref());
            }
            ui.add_space(20.0);
        });
    });
    within(ui, side, "connection", |ui| {
        connection.ui(ui, ctx, backend.as_ref());
    });
}

fn cards_ui(ui: &mut Ui, draft: &mut Draft, rect: Rect) {
    let half = (rect.width() - 12.0) / 2.0;
    let left = Rect::from_min_size(rect.min, vec2(half, CARD));
    let aws = draft.chosen().is_some();
    let words = "Built in, works offline";
    if radio_ui(ui, left, Backend::THIS_COMPUTER, words, icons::DESKTOP, !aws) {
        draft.choose_this_computer();
    }
    let right = left.translate(vec2(half + 12.0, 0.0));
    let words = "S3, Lambda and ECS Fargate";
    if radio_ui(ui, right, "AWS", words, icons::CLOUD, aws) && !aws {
        draft.choose_aws();
    }
}

fn local_ui(ui: &mut Ui, ctx: &ViewContext<'_>, backend: Option<&Backend>) {
    section(ui, "Backend");
    let Some(backend) = backend else {
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), 40.0));
        Text::new(Role::SMALL, "It starts when you save, and ends with the app")
            .color(tokens(ui).text3)
            .at(ui, place, Align2::LEFT_TOP);
        return;
    };
    let folder = ctx.paths.data.join("local").display().to_string();
    for (label, value) in [
        ("Endpoint", backend.endpoint.clone().unwrap_or_default()),
        ("Region", backend.region.clone().unwrap_or_default()),
        ("Bucket", backend.bucket.clone()),
        ("Folder", folder),
    ] {
        let place = row(ui, label);
        let words = format!("Copy {}", label.to_lowercase());
        let copied = Copyable::new(&value, &words)
            .color(tokens(ui).text)
            .at(ui, place)
            .0;
        if copied {
            ctx.commands.send(Command::CopyText(value));
        }
    }
}

fn form_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    draft: &mut Draft,
    choices: &Choices,
    connection: &Connection,
) {
    let chosen = draft.chosen();
    let problem: Option<Problem> = draft.problem().filter(|problem| problem.stack == chosen);
    let error = |key: &str| {
        problem
            .as_ref()
            .filter(|problem| problem.key == key)
            .map(|problem| crate::app::sentence(&problem.reason))
    };
    section(ui, "Account");
    stack_ui(ui, ctx, draft);
    if let Some(error) = error("name") {
        message(ui, &error, true);
    }
    let Some(stack) = draft.stack() else { return };
    let checked = checked(&stack.values);
    let wrong = |parts: &[Part]| connection.failed(&checked, parts);
    let values = &mut stack.values;
    let optional = |ui: &mut Ui, input: Input<'_>, value: &mut Option<String>| {
        let mut text = value.clone().unwrap_or_default();
        input.show(ui, &mut text);
        *value = (!text.trim().is_empty()).then(|| text.trim().to_owned());
    };
    let profile = Input::new("Profile")
        .hint("As the environment says")
        .wrong(wrong(&[Part::Credentials]))
        .choices(&choices.profiles, "No profiles in ~/.aws yet");
    optional(ui, profile, &mut values.profile);
    let region = Input::new("Region")
        .hint("As the profile says")
        .wrong(wrong(&[Part::Region]))
        .choices(&choices.regions, "");
    optional(ui, region, &mut values.region);
    let endpoint_error = error("endpoint");
    let endpoint = Input::new("Endpoint")
        .hint("AWS’s own")
        .mono()
        .error(endpoint_error.as_deref());
    optional(ui, endpoint, &mut values.endpoint);
    ui.add_space(12.0);

    let needed = |ui: &mut Ui, label: &str, key: &str, parts: &[Part], value: &mut String| {
        let error = error(key);
        Input::new(label)
            .mono()
            .wrong(wrong(parts))
            .error(error.as_deref())
            .show(ui, value);
    };
    section(ui, "Storage");
    let events = &[Part::Bucket, Part::Events];
    needed(ui, "Bucket", "bucket", events, &mut values.bucket);
    needed(
        ui,
        "Thumbnails folder",
        "thumbnails_folder",
        &[],
        &mut values.thumbnails_folder,
    );
    needed(
        ui,
        "Uploads folder",
        "uploads_folder",
        &[],
        &mut values.uploads_folder,
    );
    let place = row(ui, "Jobs");
    within(ui, place.shrink2(vec2(0.0, 4.0)), "others", |ui| {
        let words = "Show jobs that others started in this bucket";
        switch(ui, &mut values.others, words);
    });
    ui.add_space(12.0);
    section(ui, "Task");
    needed(ui, "Cluster", "cluster", &[Part::Cluster], &mut values.cluster);
    let task = &[Part::TaskDefinition, Part::Roles, Part::Logs];
    needed(
        ui,
        "Task definition",
        "task_family",
        task,
        &mut values.task_family,
    );
    needed(ui, "Container", "container", &[], &mut values.container);
    ui.add_space(12.0);
    section(ui, "Functions");
    let upload = &[Part::UploadFunction];
    needed(
        ui,
        "Upload",
        "upload_function",
        upload,
        &mut values.upload_function,
    );
    let thumbnail = &[Part::ThumbnailFunction];
    needed(
        ui,
        "Thumbnail",
        "thumbnail_function",
        thumbnail,
        &mut values.thumbnail_function,
    );
}

/// What a check of the connection looks at: it is good still where other jobs are to be shown.
fn checked(values: &Backend) -> Backend {
    Backend {
        others: false,
        ..values.clone()
    }
}

/// The stack's name, and the menu of stacks.
fn stack_ui(ui: &mut Ui, ctx: &ViewContext<'_>, draft: &mut Draft) {
    let place = row(ui, "Stack");
    let names: Vec<String> = draft
        .stacks()
        .iter()
        .map(|stack| stack.values.name.clone())
        .collect();
    let chosen = draft.chosen();
    if let Some(stack) = draft.stack() {
        let id = egui::Id::unique(("settings", "Stack"));
        posterframe_kit::widgets::Field::new(id, &mut stack.values.name, "Stack")
            .room_right(26.0)
            .at(ui, place);
    }
    let caret = Rect::from_center_size(pos2(place.right() - 17.0, place.center().y), vec2(28.0, 28.0));
    let button = Button::icon("Choose stack", icons::CARET_DOWN)
        .small()
        .at(ui, caret);
    menu(&button, place.width(), |ui| {
        for (at, name) in names.iter().enumerate() {
            let on = chosen == Some(at);
            if menu_item(ui, if on { icons::CHECK } else { ' ' }, name, "", false) {
                draft.choose(at);
            }
        }
        menu_line(ui);
        if menu_item(ui, icons::PLUS, "New stack", "", false) {
            draft.add();
        }
        if menu_item(
            ui,
            icons::DOWNLOAD_SIMPLE,
            "Import a stack’s outputs…",
            "Ctrl+V",
            false,
        ) {
            ctx.commands.send(Command::ImportOutputs);
        }
        if menu_item(ui, icons::TRASH, "Remove from the list", "", true) {
            draft.remove();
        }
    });
}

fn radio_ui(ui: &mut Ui, rect: Rect, name: &str, words: &str, glyph: char, on: bool) -> bool {
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
        let line = Stroke::new(2.0, t.accent_line);
        let corner = CornerRadius::same(sizes::RADIUS_CARD);
        ui.painter().rect_stroke(rect, corner, line, StrokeKind::Inside);
    }
    let at = pos2(rect.left() + 28.0, rect.center().y);
    icon(ui.painter(), at, glyph, Face::Icon, 22.0, t.text2);
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
        ui.painter().circle_stroke(dot, 7.5, Stroke::new(1.0, t.border2));
    }
    response.clicked()
}
