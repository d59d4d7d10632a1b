//! The rows above and below the table: the heading, the folder's path, the field for an address, and the buttons.

use egui::{Id, Key, Sense, Ui, WidgetInfo, vec2};
use posterframe_client::{BucketFolder, capitalized};
use posterframe_kit::theme::{Role, icons, tokens};
use posterframe_kit::widgets::{
    Button, Field, Glyph, Text, focus_ring, menu, menu_item, menu_line, row_end, row_end_width, tip,
};

use super::{BucketModal, Entry, Look};
use crate::context::{BATCH_FROM, ViewContext};
use crate::format;

/// Width of the field that searches.
const SEARCH: f32 = 248.0;
const RECENT: f32 = 420.0;
/// Between a part of the path and the slash beside it.
const GAP: f32 = 8.0;

/// The heading. Whether to close the modal.
pub(super) fn head_ui(ui: &mut Ui) -> bool {
    ui.horizontal_centered(|ui| {
        ui.add(Text::new(Role::HEADING, "Open from the bucket"));
        let [close] = row_end(ui, [Button::icon("Close", icons::X).tip("Close", &["Esc"])]);
        close.clicked()
    })
    .inner
}

pub(super) fn search_id() -> Id {
    Id::unique("bucket search")
}

impl BucketModal {
    /// The folder's path, each part of which leads there, and the field that searches.
    pub(super) fn path_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let Some(folder) = self.listing.as_ref().map(|listing| listing.folder().clone()) else {
            return;
        };
        let mut chosen = None;
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            let search = SEARCH.min(ui.available_width() / 2.0);
            let size = vec2(
                (ui.available_width() - search - 16.0).max(0.0),
                ui.available_height(),
            );
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_width(size.x);
                chosen = crumbs_ui(ui, &folder);
            });
            let label = format!("Search in {}", name_of(&folder));
            let field = Field::search(search_id(), &mut self.search, &label).key("/");
            ui.allocate_ui(vec2(ui.available_width(), 32.0), |ui| {
                if ui.add(field).changed() {
                    self.scroll = true;
                }
            });
        });
        if let Some(prefix) = chosen {
            let bucket = folder.bucket;
            self.go_to(BucketFolder { bucket, prefix }, context);
        }
    }

    /// The field for an address, with those that were opened last.
    pub(super) fn address_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let t = tokens(ui);
        let mut goes = false;
        let mut chosen = None;
        ui.vertical(|ui| {
            ui.add_space(if self.address_error.is_some() { 2.0 } else { 12.0 });
            let label = "Paste an s3:// or https:// address";
            let field = Field::new(Id::unique("bucket address"), &mut self.address, label);
            let (field, caret) = field
                .error(self.address_error.is_some())
                .with_caret(ui, "Recent addresses");
            if field.changed() {
                self.address_error = None;
            }
            goes = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            menu(&caret, RECENT, |ui| {
                let recent = &context.preferences.recent_videos;
                for address in recent {
                    if menu_item(ui, icons::FILE_VIDEO, address, "", false) {
                        chosen = Some(address.clone());
                    }
                }
                if recent.is_empty() {
                    ui.add(Text::new(Role::SMALL, "None was opened yet").color(t.text3));
                }
                if let Some(client) = context.client {
                    let bucket = &client.backend().bucket;
                    menu_line(ui);
                    if menu_item(ui, icons::CLOUD, "The backend’s bucket", bucket, false) {
                        chosen = Some(format!("s3://{bucket}/"));
                    }
                }
            });
            if let Some(error) = &self.address_error {
                ui.add_space(3.0);
                ui.add(Text::new(Role::SMALL, error).color(t.red));
            }
        });
        if let Some(address) = chosen {
            self.address = address;
            goes = true;
        }
        if goes && !self.address.trim().is_empty() {
            self.open_address(context);
        }
    }

    /// What is under way, and the buttons. Whether to close the modal.
    pub(super) fn foot_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) -> bool {
        let t = tokens(ui);
        let selected = self.listing.as_ref().and_then(|listing| listing.selected());
        let is_folder = matches!(selected, Some(Entry::Folder(_)));
        let is_ready = is_folder || self.look.as_ref().is_some_and(Look::is_ready);
        let failure = self.look.as_ref().and_then(|look| look.failure.as_ref());
        let listing = self.listing.as_ref().filter(|_| failure.is_none());
        let (symbol, words) = match listing {
            Some(listing) if listing.is_loading() && listing.count() > 0 => (
                icons::CIRCLE_NOTCH,
                format!("Listing… {} so far", format::count(listing.count())),
            ),
            Some(listing) if listing.is_cut => (
                icons::WARNING_CIRCLE,
                format!(
                    "The folder has more: these are its first {}",
                    format::count(listing.count())
                ),
            ),
            _ => match failure {
                Some(failure) => (icons::WARNING_CIRCLE, capitalized(&failure.text)),
                None => (
                    icons::CLOUD_SLASH,
                    "No download: only the parts you look at are read".to_owned(),
                ),
            },
        };
        let colors = if failure.is_some() {
            (t.red, t.text2)
        } else {
            (t.text3, t.text3)
        };
        ui.horizontal_centered(|ui| {
            let videos = self.listing.as_ref().map_or(0, |listing| listing.video_count);
            let all = format!("Open all {}", format::count(videos));
            let all_tip = if videos >= BATCH_FROM {
                "Open the videos of this list as a batch"
            } else {
                "Open the videos of this list"
            };
            let buttons = [
                Button::secondary(&all).enabled(videos > 1).tip(all_tip, &[]),
                Button::secondary("Cancel").tip("Close", &["Esc"]),
                Button::primary("Open")
                    .enabled(is_ready)
                    .busy(self.opens)
                    .tip("Open it", &["Enter"]),
            ];
            let width = ui.available_width() - row_end_width(ui, &buttons) - 16.0;
            ui.scope(|ui| {
                ui.set_max_width(width.max(0.0));
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(Glyph::new(symbol, 16.0, colors.0));
                ui.add(Text::new(Role::SMALL, &words).color(colors.1));
            });
            let [open_all, cancel, open] = row_end(ui, buttons).map(|button| button.clicked());
            if open_all {
                self.open_all(context);
            }
            if open {
                self.open_selected(context);
            }
            cancel
        })
        .inner
    }
}

/// The bucket and the folders in it down to this one: names and prefixes.
fn crumbs(folder: &BucketFolder) -> Vec<(String, String)> {
    let mut crumbs = vec![(folder.bucket.clone(), String::new())];
    let mut prefix = String::new();
    for name in folder.prefix.split_terminator('/') {
        prefix = format!("{prefix}{name}/");
        crumbs.push((name.to_owned(), prefix.clone()));
    }
    crumbs
}

/// The folder's own name, or the bucket's.
pub(super) fn name_of(folder: &BucketFolder) -> String {
    crumbs(folder).pop().map(|(name, _)| name).unwrap_or_default()
}

/// Draws the path; those in the middle are left out where there is no room. The prefix that was clicked.
fn crumbs_ui(ui: &mut Ui, folder: &BucketFolder) -> Option<String> {
    const LEFT_OUT: &str = "…";
    let t = tokens(ui);
    let mut crumbs = crumbs(folder);
    let width = |ui: &Ui, name: &str| Text::new(Role::BODY, name).width(ui) + 4.6 + 2.0 * GAP;
    let room = ui.available_width() - 16.0 - GAP;
    let mut left_out = 0;
    while crumbs.len() > 2 && crumbs.iter().map(|(name, _)| width(ui, name)).sum::<f32>() > room {
        // The first one that is left out stands for all of them.
        let at = 1;
        crumbs.remove(at);
        left_out += 1;
    }
    if left_out > 0 {
        let above = super::parent(folder)
            .map(|parent| parent.prefix)
            .unwrap_or_default();
        crumbs.insert(1, (LEFT_OUT.to_owned(), above));
    }
    ui.add(Glyph::new(icons::CLOUD, 16.0, t.text2));
    let mut chosen = None;
    let last = crumbs.len() - 1;
    for (index, (name, prefix)) in crumbs.into_iter().enumerate() {
        if index > 0 {
            ui.add(Text::new(Role::BODY, "/").color(t.text3));
        }
        if index == last {
            ui.add(Text::new(Role::TITLE, &name));
        } else if crumb_ui(ui, &name, &prefix) {
            chosen = Some(prefix);
        }
    }
    chosen
}

fn crumb_ui(ui: &mut Ui, name: &str, prefix: &str) -> bool {
    let t = tokens(ui);
    let galley = Text::new(Role::BODY, name).galley(ui, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Go to {name}")));
    let color = if response.hovered() { t.text } else { t.text2 };
    ui.painter()
        .galley_with_override_text_color(rect.min.round(), galley, color);
    if response.has_focus() {
        focus_ring(ui.painter(), t, rect, 2);
    }
    let words = if prefix.is_empty() {
        "The whole bucket"
    } else {
        prefix
    };
    tip(response, words, &[]).clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a part of the path leads elsewhere.
    #[test]
    fn parts_of_a_path() {
        let folder = BucketFolder {
            bucket: "b".into(),
            prefix: "film/2026/".into(),
        };
        let expected = [("b", ""), ("film", "film/"), ("2026", "film/2026/")];
        assert_eq!(
            crumbs(&folder),
            expected.map(|(name, prefix)| (name.to_owned(), prefix.to_owned()))
        );
    }
}
