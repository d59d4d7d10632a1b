//! Pictures from files, as textures. They are decoded and scaled on the engine's threads, within a memory budget.
//!
//! A thumbnail may be 8K, while a card is 144 points wide. Scaling down on the GPU shimmers and keeps the whole picture in
//! memory, so each picture is scaled once to the size at which it is drawn.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, TextureHandle, TextureId, TextureOptions, Ui, Vec2};
use image::imageops::FilterType;
use posterframe_client::path_text;
use posterframe_kit::widgets::Fit;
use tokio::sync::Semaphore;

use super::{Engine, RequestState, Requested};
use crate::picture_file;

/// Pictures fetched at once.
const MAX_FETCHES: usize = 12;
/// Pictures decoded at once: each takes its full size in memory meanwhile.
const MAX_DECODES: usize = 3;

/// A picture at the size at which it is drawn.
#[derive(Debug)]
pub struct Scaled {
    image: ColorImage,
    /// Width and height before scaling, in pixels.
    original: Vec2,
}

/// The state of a picture.
#[derive(Clone, Copy, Debug)]
pub enum Picture<'a> {
    /// It is being fetched or decoded.
    Loading,
    /// The texture, and the picture's original size in pixels.
    Here(TextureId, Vec2),
    /// It cannot be shown, for this reason.
    Failed(&'a str),
}

struct Entry {
    remote: Requested<Scaled>,
    texture: Option<TextureHandle>,
    original: Vec2,
    failure: Option<String>,
    /// Number of the window's frame in which it was last drawn.
    last_drawn: u64,
}

/// A cache of textures, by name and size.
pub struct Pictures {
    entries: HashMap<(String, [u32; 2]), Entry>,
    budget: usize,
    decoding: Arc<Semaphore>,
}

impl Pictures {
    /// A cache of at most `budget` bytes, which textures on the screen may exceed.
    pub fn new(budget: usize) -> Self {
        Self {
            entries: HashMap::new(),
            budget,
            decoding: Arc::new(Semaphore::new(MAX_DECODES)),
        }
    }

    /// The picture in `file`, scaled for a slot of `size` points.
    pub fn file(&mut self, ui: &Ui, engine: &Engine, file: &Path, size: Vec2, fit: Fit) -> Picture<'_> {
        let name = path_text::percent_encoded(file);
        let file = file.to_owned();
        self.fetched(
            ui,
            engine,
            &name,
            size,
            fit,
            || async move { Ok::<_, String>(file) },
        )
    }

    /// The picture `name`, read from the file that `fetch` gets. `fetch` is called once fewer than `MAX_FETCHES` pictures
    /// are pending.
    pub fn fetched<F, E>(
        &mut self,
        ui: &Ui,
        engine: &Engine,
        name: &str,
        size: Vec2,
        fit: Fit,
        fetch: impl FnOnce() -> F,
    ) -> Picture<'_>
    where
        F: Future<Output = Result<PathBuf, E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let pixels = size * ui.pixels_per_point();
        // In steps of 64, so that dragging a size slider does not decode again at each point.
        let step = |length: f32| (length / 64.0).ceil().max(1.0) as u32 * 64;
        let slot = [step(pixels.x), step(pixels.y)];
        let key = (name.to_owned(), slot);
        let now = ui.ctx().cumulative_frame_nr();
        if !self.entries.contains_key(&key) {
            if self.pending() >= MAX_FETCHES {
                return self.another_size(name, now);
            }
            self.shrink(now);
            let (fetching, decoding) = (fetch(), self.decoding.clone());
            let remote = engine.request(ui.ctx(), async move {
                let file = fetching.await.map_err(|error| error.to_string())?;
                let _turn = decoding
                    .acquire_owned()
                    .await
                    .map_err(|error| error.to_string())?;
                let work = move || scaled(&file, slot, fit);
                tokio::task::spawn_blocking(work)
                    .await
                    .map_err(|error| error.to_string())?
            });
            let entry = Entry {
                remote,
                texture: None,
                original: Vec2::ZERO,
                failure: None,
                last_drawn: now,
            };
            self.entries.insert(key.clone(), entry);
        }
        let is_settled = self.entries.get_mut(&key).is_some_and(|entry| {
            entry.last_drawn = now;
            poll(ui, name, entry);
            entry.texture.is_some() || entry.failure.is_some()
        });
        if !is_settled {
            return self.another_size(name, now);
        }
        match &self.entries[&key] {
            Entry {
                texture: Some(texture),
                original,
                ..
            } => Picture::Here(texture.id(), *original),
            Entry {
                failure: Some(failure),
                ..
            } => Picture::Failed(failure),
            _ => Picture::Loading,
        }
    }

    /// Forgets failures, so that these pictures are fetched again.
    pub fn retry_failed(&mut self) {
        self.entries.retain(|_, entry| entry.failure.is_none());
    }

    /// The same picture at another size, to show while the right size is pending.
    fn another_size(&mut self, name: &str, now: u64) -> Picture<'_> {
        let other = self
            .entries
            .iter_mut()
            .find(|((other, _), entry)| other == name && entry.texture.is_some());
        match other {
            Some((_, entry)) => {
                entry.last_drawn = now;
                entry.texture.as_ref().map_or(Picture::Loading, |texture| {
                    Picture::Here(texture.id(), entry.original)
                })
            }
            None => Picture::Loading,
        }
    }

    fn pending(&mut self) -> usize {
        self.entries
            .values_mut()
            .map(|entry| usize::from(entry.remote.is_pending()))
            .sum()
    }

    /// Drops the textures that were drawn least recently, until the budget is met. Textures on the screen stay.
    fn shrink(&mut self, now: u64) {
        let mut bytes: usize = self.entries.values().map(Entry::bytes).sum();
        while bytes > self.budget {
            let oldest = self
                .entries
                .iter()
                .filter(|(_, entry)| entry.last_drawn + 1 < now)
                .min_by_key(|(_, entry)| entry.last_drawn);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            bytes -= self.entries.remove(&key).map_or(0, |entry| entry.bytes());
        }
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.texture.as_ref().map_or(0, TextureHandle::byte_size)
    }
}

/// Uploads an answer that has arrived as a texture.
fn poll(ui: &Ui, name: &str, entry: &mut Entry) {
    if let RequestState::Unavailable(error, _) = entry.remote.state() {
        entry.failure = Some(error.to_owned());
    }
    if let Some(scaled) = entry.remote.take() {
        entry.original = scaled.original;
        entry.texture = Some(ui.ctx().load_texture(name, scaled.image, TextureOptions::LINEAR));
    }
}

/// Reads a picture, and scales it down to fit into the slot or to cover it. It is never enlarged.
fn scaled(file: &Path, [width, height]: [u32; 2], fit: Fit) -> Result<Scaled, String> {
    let picture = picture_file::for_screen(file)?;
    let original = Vec2::new(picture.width() as f32, picture.height() as f32);
    let factors = [width as f32 / original.x, height as f32 / original.y];
    let factor = match fit {
        Fit::Contain => factors[0].min(factors[1]),
        Fit::Cover => factors[0].max(factors[1]),
    };
    let picture = if factor < 1.0 {
        let side = |length: f32| (length * factor).round().max(1.0) as u32;
        picture.resize_exact(side(original.x), side(original.y), FilterType::Triangle)
    } else {
        picture
    };
    let rgba = picture.to_rgba8();
    let size = [rgba.width() as usize, rgba.height() as usize];
    Ok(Scaled {
        image: ColorImage::from_rgba_unmultiplied(size, rgba.as_raw()),
        original,
    })
}

/// A whole picture, scaled down where a side is longer than `side`, and its original size. Both in pixels.
///
/// # Errors
/// The file cannot be read, or is no picture.
pub fn load_picture(file: &Path, side: u32) -> Result<(ColorImage, Vec2), String> {
    let scaled = scaled(file, [side, side], Fit::Contain)?;
    Ok((scaled.image, scaled.original))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a large picture is not scaled down, a small one is enlarged, or the original size is lost.
    #[test]
    fn pictures_are_scaled_to_their_slot() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        image::RgbImage::new(1920, 816).save(&file).unwrap();
        let contained = scaled(&file, [192, 128], Fit::Contain).unwrap();
        assert_eq!(
            (contained.image.size, contained.original),
            ([192, 82], Vec2::new(1920.0, 816.0))
        );
        assert_eq!(
            scaled(&file, [192, 128], Fit::Cover).unwrap().image.size,
            [301, 128]
        );
        image::RgbImage::new(4, 2).save(&file).unwrap();
        assert_eq!(scaled(&file, [192, 128], Fit::Cover).unwrap().image.size, [4, 2]);
        std::fs::write(&file, "not a picture").unwrap();
        assert!(scaled(&file, [192, 128], Fit::Cover).is_err());
    }
}
