//! The page on where jobs run: this computer, or a stack on AWS.

use egui::{Align, CentralPanel, Frame, Id, Layout, Margin, Panel, Sense, Stroke, Ui, WidgetInfo, vec2};
use posterframe_client::doctor::Component;
use posterframe_client::{Backend, capitalized};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Field, Glyph, Switch, Text, menu, menu_item, menu_line};

use super::aws;
use super::connection::Connection;
use super::draft::{Draft, Problem};
use super::rows::{Input, copyable_row, message, page, row, section};
use crate::context::{Command, ViewContext};

/// Width of the connection's card, in points.
const SIDE: f32 = 314.0;
/// Smallest width with the connection's card beside the form, in points.
const TWO_COLUMNS: f32 = 640.0;

/// The choices for the page's fields, read when the page opens.
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

/// Draws the page.
pub(super) fn ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    draft: &mut Draft,
    choices: &Choices,
    connection: &mut Connection,
) {
    let running = ctx.client.map(posterframe_client::Client::backend);
    let backend = match draft.stack() {
        Some(stack) => Some(checked(&stack.values)),
        None => running.filter(|backend| backend.is_local()).cloned(),
    };
    let form = |ui: &mut Ui, draft: &mut Draft, connection: &mut Connection| {
        if draft.chosen().is_some() {
            form_ui(ui, ctx, draft, choices, connection);
        } else {
            local_ui(ui, ctx, backend.as_ref());
        }
    };
    if ui.available_width() < TWO_COLUMNS {
        page(ui, |ui| {
            choice_ui(ui, draft);
            ui.add_space(20.0);
            form(ui, draft, connection);
            ui.add_space(20.0);
            connection.ui(ui, ctx, backend.as_ref());
        });
        return;
    }
    let margin = |top, right, bottom, left| {
        Frame::NONE.inner_margin(Margin {
            left,
            right,
            top,
            bottom,
        })
    };
    let detail = sizes::DETAIL as i8;
    let choice = Panel::top("choice").frame(margin(20, detail, 0, detail));
    choice
        .resizable(false)
        .show_separator_line(false)
        .show(ui, |ui| choice_ui(ui, draft));
    let side = Panel::right("side").frame(margin(20, detail, 20, 0));
    side.exact_size(SIDE + sizes::DETAIL)
        .resizable(false)
        .show_separator_line(false)
        .show(ui, |ui| connection.ui(ui, ctx, backend.as_ref()));
    CentralPanel::no_frame().show(ui, |ui| page(ui, |ui| form(ui, draft, connection)));
}

/// The choice between this computer and AWS.
fn choice_ui(ui: &mut Ui, draft: &mut Draft) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(12.0, 0.0);
        section(ui, "Run jobs on");
        ui.columns(2, |columns| {
            let aws = draft.chosen().is_some();
            let words = "Built in, works offline";
            let name = Backend::THIS_COMPUTER;
            if radio_ui(&mut columns[0], name, words, icons::DESKTOP, !aws) {
                draft.choose_this_computer();
            }
            let words = "S3, Lambda and ECS Fargate";
            if radio_ui(&mut columns[1], "AWS", words, icons::CLOUD, aws) && !aws {
                draft.choose_aws();
            }
        });
    });
}

fn local_ui(ui: &mut Ui, ctx: &ViewContext<'_>, backend: Option<&Backend>) {
    section(ui, "Backend");
    let Some(backend) = backend else {
        let words = "It starts when you save, and ends with the app";
        ui.add(Text::new(Role::SMALL, words).color(tokens(ui).text3).wrap());
        return;
    };
    let folder = ctx.paths.data.join("local").display().to_string();
    for (label, value) in [
        ("Endpoint", backend.endpoint.clone().unwrap_or_default()),
        ("Region", backend.region.clone().unwrap_or_default()),
        ("Bucket", backend.bucket.clone()),
        ("Folder", folder),
    ] {
        if copyable_row(ui, label, &value) {
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
            .map(|problem| capitalized(&problem.reason))
    };
    section(ui, "Account");
    stack_ui(ui, ctx, draft);
    if let Some(error) = error("name") {
        message(ui, &error, true);
    }
    let Some(stack) = draft.stack() else { return };
    let checked = checked(&stack.values);
    let wrong = |parts: &[Component]| connection.failed(&checked, parts);
    let values = &mut stack.values;
    let optional = |ui: &mut Ui, input: Input<'_>, value: &mut Option<String>| {
        let mut text = value.clone().unwrap_or_default();
        input.show(ui, &mut text);
        *value = (!text.trim().is_empty()).then(|| text.trim().to_owned());
    };
    let profile = Input::new("Profile")
        .hint("As the environment says")
        .wrong(wrong(&[Component::Credentials]))
        .choices(&choices.profiles, "No profiles in ~/.aws yet");
    optional(ui, profile, &mut values.profile);
    let region = Input::new("Region")
        .hint("As the profile says")
        .wrong(wrong(&[Component::Region]))
        .choices(&choices.regions, "");
    optional(ui, region, &mut values.region);
    let endpoint_error = error("endpoint");
    let endpoint = Input::new("Endpoint")
        .hint("AWS’s own")
        .mono()
        .error(endpoint_error.as_deref());
    optional(ui, endpoint, &mut values.endpoint);
    ui.add_space(12.0);

    let needed = |ui: &mut Ui, label: &str, key: &str, parts: &[Component], value: &mut String| {
        let error = error(key);
        Input::new(label)
            .mono()
            .wrong(wrong(parts))
            .error(error.as_deref())
            .show(ui, value);
    };
    section(ui, "Storage");
    let events = &[Component::Bucket, Component::Events];
    needed(ui, "Bucket", "bucket", events, &mut values.bucket);
    row(ui, "Jobs", |ui| {
        let words = "Show jobs that others started in this bucket";
        ui.add(Switch::new(&mut values.others, words));
    });
    let folders = [
        ("Uploads folder", "uploads_folder", &mut values.uploads_folder),
        ("Videos folder", "videos_folder", &mut values.videos_folder),
        ("Requests folder", "jobs_folder", &mut values.jobs_folder),
        (
            "Thumbnails folder",
            "thumbnails_folder",
            &mut values.thumbnails_folder,
        ),
    ];
    for (label, key, value) in folders {
        needed(ui, label, key, &[], value);
    }
    ui.add_space(12.0);
    section(ui, "Task");
    needed(
        ui,
        "Cluster",
        "cluster",
        &[Component::Cluster],
        &mut values.cluster,
    );
    let task = &[Component::TaskDefinition, Component::Roles, Component::Logs];
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
    let upload = &[Component::UploadFunction];
    needed(
        ui,
        "Upload",
        "upload_function",
        upload,
        &mut values.upload_function,
    );
    let thumbnail = &[Component::ThumbnailFunction];
    needed(
        ui,
        "Thumbnail",
        "thumbnail_function",
        thumbnail,
        &mut values.thumbnail_function,
    );
}

/// The values that a check of the connection depends on. `others` is not among them.
fn checked(values: &Backend) -> Backend {
    Backend {
        others: false,
        ..values.clone()
    }
}

/// The stack's name, and the menu of stacks.
fn stack_ui(ui: &mut Ui, ctx: &ViewContext<'_>, draft: &mut Draft) {
    let names: Vec<String> = draft
        .stacks()
        .iter()
        .map(|stack| stack.values.name.clone())
        .collect();
    let chosen = draft.chosen();
    let Some(stack) = draft.stack() else { return };
    let id = Id::unique(("settings", "Stack"));
    let (field, caret) = row(ui, "Stack", |ui| {
        Field::new(id, &mut stack.values.name, "Stack").with_caret(ui, "Choose stack")
    });
    menu(&caret, field.rect.width(), |ui| {
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

fn radio_ui(ui: &mut Ui, name: &str, words: &str, glyph: char, on: bool) -> bool {
    let t = tokens(ui);
    let id = ui.scope_id().with(("backend", name));
    // The frame is drawn before its content, so its look follows the response of the previous frame.
    let before = ui.ctx().read_response(id);
    let (hovered, focused) = before.map_or((false, false), |before| (before.hovered(), before.has_focus()));
    let line = if on || focused {
        Stroke::new(2.0, t.accent_line)
    } else {
        Stroke::new(1.0, t.border)
    };
    let frame = Frame::NONE
        .fill(if on || hovered { t.raised } else { t.panel })
        .stroke(line)
        .corner_radius(sizes::RADIUS_CARD)
        // The line takes its own room.
        .inner_margin(Margin::symmetric(17, 15) - Margin::same(line.width as i8));
    let shown = frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.add(Glyph::new(glyph, 22.0, t.text2));
            ui.scope(|ui| {
                ui.set_max_width(ui.available_width() - 28.0);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add(Text::new(Role::TITLE, name));
                    ui.add(Text::new(Role::SMALL, words).color(t.text2));
                });
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| dot_ui(ui, on));
        });
    });
    let response = ui.interact(shown.response.rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, true, on, name));
    response.clicked()
}

/// The dot of a radio button.
fn dot_ui(ui: &mut Ui, on: bool) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
    let center = rect.center();
    if on {
        ui.painter().circle_filled(center, 8.0, t.accent);
        ui.painter().circle_filled(center, 3.0, t.on_accent);
    } else {
        ui.painter()
            .circle_stroke(center, 7.5, Stroke::new(1.0, t.border2));
    }
}
