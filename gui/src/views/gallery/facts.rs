//! The opened thumbnails' pictures on this machine, what the worker said of them, and links to them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::Ui;
use posterframe_client::{CachedThumbnail, GalleryItem, PresignedLink};
use posterframe_contract::ThumbnailMetadata;

use crate::context::{LINK_LIFETIME, Remote, RemoteState, ViewContext};

/// Maximum number of thumbnails that are remembered: a few hundred bytes each.
const MAX_REMEMBERED: usize = 512;

#[derive(Default)]
pub(super) struct Facts {
    pictures: HashMap<String, Remote<CachedThumbnail>>,
    /// When the link of the open thumbnail would expire.
    link: Option<(String, Remote<PresignedLink>)>,
}

/// What is known of an open thumbnail's metadata.
pub(super) enum Metadata {
    Pending,
    Here(Arc<ThumbnailMetadata>),
    /// A PNG that another program made.
    Foreign,
    Failed(String),
}

impl Facts {
    /// Lets what failed be asked for again.
    pub(super) fn retry_failed(&mut self) {
        self.pictures
            .retain(|_, remote| !matches!(remote.state(), RemoteState::Unavailable(..)));
    }

    /// Metadata, which comes with the picture.
    pub(super) fn metadata(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Metadata {
        match self.picture(ui, ctx, item).map(Remote::state) {
            Some(RemoteState::Here(picture)) => match &picture.metadata {
                Some(metadata) => Metadata::Here(metadata.clone()),
                None => Metadata::Foreign,
            },
            Some(RemoteState::Unavailable(error, _)) => Metadata::Failed(error.to_owned()),
            _ => Metadata::Pending,
        }
    }

    /// The picture's file on this machine, once it is there.
    pub(super) fn file(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Option<PathBuf> {
        let picture = self.picture(ui, ctx, item)?.value()?;
        Some(picture.file.clone())
    }

    /// A link to the open thumbnail, signed when it is opened, so that the button can say how long it would work.
    pub(super) fn link(
        &mut self,
        ui: &Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
    ) -> Option<&PresignedLink> {
        let client = ctx.client?;
        let fresh = self.link.as_ref().is_some_and(|(key, _)| *key == item.key);
        if !fresh {
            let (gallery, key) = (client.gallery().clone(), item.key.clone());
            let remote = ctx.engine.request(
                ui.ctx(),
                async move { gallery.presign(&key, LINK_LIFETIME).await },
            );
            self.link = Some((item.key.clone(), remote));
        }
        self.link.as_mut()?.1.value()
    }

    fn picture(
        &mut self,
        ui: &Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
    ) -> Option<&mut Remote<CachedThumbnail>> {
        let gallery = ctx.client?.gallery();
        let name = format!("{}#{}", item.key, item.etag);
        if self.pictures.len() > MAX_REMEMBERED && !self.pictures.contains_key(&name) {
            self.pictures.clear();
        }
        Some(self.pictures.entry(name).or_insert_with(|| {
            let (gallery, item) = (gallery.clone(), item.clone());
            ctx.engine
                .request(ui.ctx(), async move { gallery.picture(&item).await })
        }))
    }
}
