//! Open from the bucket: a modal that shows folders and videos of a bucket, and what is in a video before it is opened.
//!
//! | module | job |
//! | --- | --- |
//! | `listing` | a folder's content, which comes in pages |
//! | `table` | the rows |
//! | `look` | what is known of the selected video |
//! | `pane` | that on the screen |
//! | `bars` | the folder's path, the field for an address, and the buttons |
//! | `keys` | the keyboard |

mod bars;
mod keys;
mod listing;
mod look;
mod pane;
mod table;

use std::path::PathBuf;

use egui::{CentralPanel, Frame, Id, Margin, Panel, Ui, Vec2, vec2};
use posterframe_client::{BucketFolder, BucketObject};
use posterframe_kit::theme::sizes::NARROW;
use posterframe_kit::theme::{sizes, tokens};
use posterframe_kit::widgets::{modal, vline};
use posterframe_remote::Place;

use self::listing::{Entry, Listing};
use self::look::Look;
use crate::context::{BATCH_FROM, Command, ViewContext};

const SIZE: Vec2 = vec2(1040.0, 680.0);
/// With some rows of the table.
const LEAST: Vec2 = vec2(480.0, 360.0);
const HEAD: f32 = 56.0;
const PATH: f32 = 56.0;
const ADDRESS: f32 = 56.0;
const FOOT: f32 = 64.0;
/// The most videos that are opened at once.
const MAX_OPENED: usize = 10_000;
/// Width of the pane that shows the selected video.
const PANE: f32 = 320.0;

/// The modal.
#[derive(Default)]
pub struct BucketModal {
    /// What is listed, once there is a backend.
    listing: Option<Listing>,
    /// What the search field holds.
    search: String,
    /// What the field for an address holds, and what is wrong with it.
    address: String,
    address_error: Option<String>,
    /// The selected video.
    look: Option<Look>,
    /// Open the selected video as soon as its first bytes are read.
    opens: bool,
    scroll: bool,
    /// Whether a field had the keyboard in the last frame: Esc leaves it then.
    was_typing: bool,
}

impl BucketModal {
    /// Draws it over the whole window.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        self.update(ui, context);
        let (close, beside) = modal(ui.ctx(), Id::unique("bucket"), (SIZE, LEAST), |ui| {
            self.take_keys(ui, context);
            let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::DETAIL as i8, 0));
            let bar = |name: &'static str, high| Panel::top(name).exact_size(high).resizable(false);
            let head = bar("head", HEAD).frame(margin);
            let mut close = head.show(ui, bars::head_ui).inner;
            let foot = Panel::bottom("foot").exact_size(FOOT).resizable(false);
            close |= foot.frame(margin).show(ui, |ui| self.foot_ui(ui, context)).inner;
            let is_wide = ui.ctx().content_rect().width() >= NARROW;
            if is_wide {
                let frame = Frame::NONE
                    .fill(tokens(ui).window)
                    .inner_margin(Margin::same(sizes::PANE as i8));
                let pane = Panel::right("pane").exact_size(PANE).resizable(false);
                let shown = pane
                    .frame(frame)
                    .show(ui, |ui| self.pane_ui(ui, context.commands));
                let rect = shown.response.rect;
                vline(ui, rect.left(), rect.y_range());
            }
            let path = bar("path", PATH).frame(margin);
            path.show(ui, |ui| self.path_ui(ui, context));
            let address = Panel::bottom("address").exact_size(ADDRESS).resizable(false);
            address.frame(margin).show(ui, |ui| self.address_ui(ui, context));
            CentralPanel::no_frame().show(ui, |ui| {
                self.table_ui(ui, context);
            });
            close
        });
        let was_typing = std::mem::replace(&mut self.was_typing, ui.ctx().text_edit_focused());
        if beside && was_typing {
            self.search.clear();
        } else if close || beside {
            context.commands.send(Command::CloseBucket);
        }
    }

    fn update(&mut self, ui: &Ui, context: &mut ViewContext<'_>) {
        let Some(client) = context.client else { return };
        let listing = self.listing.get_or_insert_with(|| {
            let bucket = client.backend().bucket.clone();
            let last = context.preferences.bucket_folder.clone();
            let prefix = last.filter(|(last, _)| *last == bucket).map(|(_, prefix)| prefix);
            let prefix = prefix.unwrap_or_default();
            Listing::new(BucketFolder { bucket, prefix })
        });
        listing.update(ui.ctx(), context.engine, client);
        if let Some(look) = &mut self.look {
            look.update(ui.ctx(), context);
            self.opens &= look.failure.is_none() && !look.object.is_archived;
            if self.opens && look.is_ready() {
                self.open(context);
            }
        }
    }

    /// Shows another folder.
    fn go_to(&mut self, folder: BucketFolder, context: &mut ViewContext<'_>) {
        context.preferences.bucket_folder = Some((folder.bucket.clone(), folder.prefix.clone()));
        self.listing = Some(Listing::new(folder));
        self.search.clear();
        self.look = None;
        self.opens = false;
        self.scroll = true;
    }

    fn go_up(&mut self, context: &mut ViewContext<'_>) {
        if let Some(parent) = self.listing.as_ref().and_then(|listing| parent(listing.folder())) {
            self.go_to(parent, context);
        }
    }

    /// Selects a row.
    fn select(&mut self, place: usize) {
        let Some(listing) = &mut self.listing else { return };
        listing.select(place);
        self.opens = false;
        let bucket = listing.folder().bucket.clone();
        match listing.selected() {
            Some(Entry::Object(object)) => {
                if self.look.as_ref().is_none_or(|look| !look.is_of(&bucket, object)) {
                    self.look = Some(Look::new(bucket, object.clone()));
                }
            }
            _ => self.look = None,
        }
    }

    /// Opens the selected row: a folder here, and a video in New once it is known to be one.
    fn open_selected(&mut self, context: &mut ViewContext<'_>) {
        let Some(listing) = &self.listing else { return };
        match listing.selected() {
            Some(Entry::Folder(prefix)) => {
                let folder = BucketFolder {
                    bucket: listing.folder().bucket.clone(),
                    prefix: prefix.clone(),
                };
                self.go_to(folder, context);
            }
            Some(Entry::Object(_)) if self.look.as_ref().is_some_and(Look::is_ready) => self.open(context),
            Some(Entry::Object(_)) => self.opens = true,
            None => {}
        }
    }

    fn open(&mut self, context: &ViewContext<'_>) {
        if let Some(look) = &self.look {
            let place = look.place().to_string().into();
            context.commands.send(Command::OpenPaths(vec![place]));
            context.commands.send(Command::CloseBucket);
        }
    }

    /// Opens all videos that are shown: many of them as a batch.
    fn open_all(&self, context: &ViewContext<'_>) {
        let Some(listing) = &self.listing else { return };
        let bucket = &listing.folder().bucket;
        let videos = listing.videos().take(MAX_OPENED);
        let videos = videos.map(|object| (place_of(bucket, object).to_string().into(), object.bytes));
        let videos: Vec<(PathBuf, u64)> = videos.collect();
        context.commands.send(if videos.len() >= BATCH_FROM {
            let name = bars::name_of(listing.folder());
            Command::OpenBatch { name, videos }
        } else {
            Command::OpenPaths(videos.into_iter().map(|(place, _)| place).collect())
        });
        context.commands.send(Command::CloseBucket);
    }

    /// Opens what the field for an address holds: a folder of a bucket here, and a video in New.
    fn open_address(&mut self, context: &mut ViewContext<'_>) {
        let text = self.address.trim().to_owned();
        self.address_error = None;
        if let Some(folder) = folder_of(&text) {
            self.address.clear();
            return self.go_to(folder, context);
        }
        match Place::parse(&text) {
            Some(Ok(_)) => {
                context.commands.send(Command::OpenPaths(vec![text.into()]));
                context.commands.send(Command::CloseBucket);
            }
            Some(Err(error)) => self.address_error = Some(format!("This is no address of a video: {error}")),
            None => {
                self.address_error = Some("An address begins with s3:// or https://".to_owned());
            }
        }
    }
}

/// The folder that `s3://bucket` or `s3://bucket/folder/` names.
fn folder_of(text: &str) -> Option<BucketFolder> {
    let path = text.strip_prefix("s3://")?;
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    let is_folder = !bucket.is_empty() && (prefix.is_empty() || prefix.ends_with('/'));
    is_folder.then(|| BucketFolder {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    })
}

/// The folder that this one is in.
fn parent(folder: &BucketFolder) -> Option<BucketFolder> {
    let inside = folder.prefix.strip_suffix('/')?;
    let parent = inside.rsplit_once('/').map_or("", |(parent, _)| parent);
    Some(BucketFolder {
        bucket: folder.bucket.clone(),
        prefix: if parent.is_empty() {
            String::new()
        } else {
            format!("{parent}/")
        },
    })
}

/// The place of an object.
fn place_of(bucket: &str, object: &BucketObject) -> Place {
    Place::Object {
        bucket: bucket.to_owned(),
        key: object.key.clone(),
    }
}

/// What a login needs to list a folder and to read its videos, as a policy of IAM.
fn policy(folder: &BucketFolder) -> String {
    let BucketFolder { bucket, prefix } = folder;
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{bucket}") },
            { "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/{prefix}*") },
        ]
    });
    serde_json::to_string_pretty(&policy).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(bucket: &str, prefix: &str) -> BucketFolder {
        BucketFolder {
            bucket: bucket.into(),
            prefix: prefix.into(),
        }
    }

    // Breaks if a folder's address is taken for a video's, or going up misses a level.
    #[test]
    fn folders() {
        assert_eq!(folder_of("s3://b"), Some(folder("b", "")));
        assert_eq!(folder_of("s3://b/a c/"), Some(folder("b", "a c/")));
        for other in ["s3://b/v.mp4", "s3://", "https://h/a/"] {
            assert_eq!(folder_of(other), None, "{other}");
        }
        assert_eq!(parent(&folder("b", "a/c/")), Some(folder("b", "a/")));
        assert_eq!(parent(&folder("b", "a/")), Some(folder("b", "")));
        assert_eq!(parent(&folder("b", "")), None);
    }
}
