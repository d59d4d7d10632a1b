//! What the worker said of the thumbnails that were opened, and the files of their pictures.

use std::collections::HashMap;
use std::path::PathBuf;

use egui::Ui;
use posterframe_client::GalleryItem;
use posterframe_contract::ThumbnailMetadata;

use crate::engine::{Remote, RemoteState};
use crate::views::ViewContext;

/// Kept until the view ends: a few hundred bytes for each thumbnail that a person opens.
#[derive(Default)]
pub(super) struct Facts {
    metadata: HashMap<String, Remote<Option<ThumbnailMetadata>>>,
    known: HashMap<String, ThumbnailMetadata>,
    files: HashMap<String, Remote<PathBuf>>,
}

/// What is known of an open thumbnail's metadata.
pub(super) enum Metadata<'a> {
    Pending,
    Here(&'a ThumbnailMetadata),
    /// A PNG that another program made.
    Foreign,
    Failed(String),
}

impl Facts {
    /// Lets what failed be asked for again.
    pub(super) fn retry_failed(&mut self) {
        self.metadata
            .retain(|_, remote| !matches!(remote.state(), RemoteState::Unavailable(..)));
        self.files
            .retain(|_, remote| !matches!(remote.state(), RemoteState::Unavailable(..)));
    }

    /// Metadata that has come already.
    pub(super) fn known(&self, key: &str) -> Option<&ThumbnailMetadata> {
        self.known.get(key)
    }

    /// Metadata, asked for at the first call.
    pub(super) fn metadata(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Metadata<'_> {
        let Some(client) = ctx.client.cloned() else {
            return Metadata::Pending;
        };
        let name = format!("{}#{}", item.key, item.etag);
        let remote = self.metadata.entry(name).or_insert_with(|| {
            let key = item.key.clone();
            ctx.engine
                .request(ui.ctx(), async move { client.thumbnail_metadata(&key).await })
        });
        match remote.state() {
            RemoteState::Here(Some(meta)) => {
                self.known.entry(item.key.clone()).or_insert_with(|| meta.clone());
                self.known
                    .get(&item.key)
                    .map_or(Metadata::Foreign, Metadata::Here)
            }
            RemoteState::Here(None) => Metadata::Foreign,
            RemoteState::Unavailable(error, _) => Metadata::Failed(error.to_owned()),
            _ => Metadata::Pending,
        }
    }

    /// The picture's file on this machine, once it is there.
    pub(super) fn file(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Option<PathBuf> {
        let client = ctx.client.cloned()?;
        let name = format!("{}#{}", item.key, item.etag);
        let remote = self.files.entry(name).or_insert_with(|| {
            let item = item.clone();
            ctx.engine
                .request(ui.ctx(), async move { client.thumbnail_file(&item).await })
        });
        remote.value().cloned()
    }
}
