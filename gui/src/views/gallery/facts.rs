//! Facts about opened thumbnails: the local copies of their pictures, the worker's metadata, and links.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::Ui;
use posterframe_client::{CachedThumbnail, GalleryItem, PresignedLink};
use posterframe_contract::ThumbnailMetadata;
use posterframe_picture::sheet::{Cue, cues};

use crate::context::{LINK_LIFETIME, RequestState, Requested, ViewContext};

/// Most thumbnails whose facts are kept: a few hundred bytes each.
const MAX_REMEMBERED: usize = 512;

#[derive(Default)]
pub(super) struct Facts {
    pictures: HashMap<String, Requested<CachedThumbnail>>,
    /// The open thumbnail's key and link.
    link: Option<(String, Requested<PresignedLink>)>,
    /// The open sheet's name with its version, and its cues.
    cues: Option<(String, Requested<Vec<Cue>>)>,
}

/// The state of an open thumbnail's metadata.
pub(super) enum Metadata {
    Pending,
    Here(Arc<ThumbnailMetadata>),
    /// The PNG was made by another program.
    Foreign,
    Failed(String),
}

impl Facts {
    /// Forgets failures, so that these facts are requested again.
    pub(super) fn retry_failed(&mut self) {
        self.pictures
            .retain(|_, remote| !matches!(remote.state(), RequestState::Unavailable(..)));
    }

    /// The metadata, which is part of the downloaded picture.
    pub(super) fn metadata(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Metadata {
        match self.picture(ui, ctx, item).map(Requested::state) {
            Some(RequestState::Here(picture)) => match &picture.metadata {
                Some(metadata) => Metadata::Here(metadata.clone()),
                None => Metadata::Foreign,
            },
            Some(RequestState::Unavailable(error, _)) => Metadata::Failed(error.to_owned()),
            _ => Metadata::Pending,
        }
    }

    /// The local copy of the picture, once it is downloaded.
    pub(super) fn file(&mut self, ui: &Ui, ctx: &ViewContext<'_>, item: &GalleryItem) -> Option<PathBuf> {
        let picture = self.picture(ui, ctx, item)?.value()?;
        Some(picture.file.clone())
    }

    /// A link to the open thumbnail. It is signed when the thumbnail is opened, so that the button can show its lifetime.
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

    /// The cues of an open sheet, once its WebVTT file is here; why not, where it cannot be read.
    pub(super) fn cues(
        &mut self,
        ui: &Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
    ) -> Result<&[Cue], String> {
        /// The most bytes of such a file: a day's sheet has a third of that.
        const MAX_BYTES: u64 = 4 << 20;
        let (Some(cues_item), Some(client)) = (&item.cues, ctx.client) else {
            return Ok(&[]);
        };
        let name = format!("{}#{}", cues_item.key, cues_item.etag);
        if self.cues.as_ref().is_none_or(|(known, _)| *known != name) {
            let (gallery, cues_item) = (client.gallery().clone(), Arc::clone(cues_item));
            let read = ctx.engine.request(ui.ctx(), async move {
                if cues_item.bytes > MAX_BYTES {
                    return Err("its WebVTT file is too large".to_owned());
                }
                let file = gallery
                    .picture(&cues_item)
                    .await
                    .map_err(|error| error.to_string())?;
                let text = tokio::fs::read_to_string(&file.file).await;
                text.map(|text| cues(&text)).map_err(|error| error.to_string())
            });
            self.cues = Some((name, read));
        }
        match self.cues.as_mut().map(|(_, cues)| cues.state()) {
            Some(RequestState::Here(cues)) => Ok(cues),
            Some(RequestState::Unavailable(error, _)) => Err(error.to_owned()),
            _ => Ok(&[]),
        }
    }

    fn picture(
        &mut self,
        ui: &Ui,
        ctx: &ViewContext<'_>,
        item: &GalleryItem,
    ) -> Option<&mut Requested<CachedThumbnail>> {
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
