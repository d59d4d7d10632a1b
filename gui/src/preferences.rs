//! What the window remembers from one start to the next.

use std::io;
use std::path::{Path, PathBuf};

use posterframe_client::Paths;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeMode {
    /// As the system says; dark where it says nothing.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Where the window was, in points of the system.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Width and height of what is drawn, while the window does not fill the screen.
    pub size: [f32; 2],
    /// Its left top corner, where the system tells.
    pub position: Option<[f32; 2]>,
    /// Whether it fills the screen.
    pub maximized: bool,
}

/// What the window remembers. Missing fields have their defaults, so that an older file stays good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The theme.
    pub theme: ThemeMode,
    /// Whether things may move: halos, slides and fades.
    pub reduced_motion: bool,
    /// Whether the desktop says so when a job ends while the window is not in front.
    pub notifications: bool,
    /// The most that downloaded pictures may take on disk, in bytes.
    pub picture_cache: u64,
    /// Width of a card in the gallery, in points.
    pub gallery_size: f32,
    /// Where the window was.
    pub window: Option<Place>,
    /// How many times larger than the system's own everything is drawn.
    pub scale: f32,
    /// Memory for the decoded frames of a video, in MiB.
    pub frame_cache: u16,
    /// Where the file dialogs open.
    pub last_folder: Option<PathBuf>,
    /// Where pictures were last saved.
    pub save_folder: Option<PathBuf>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeMode::default(),
            reduced_motion: false,
            notifications: false,
            scale: 1.0,
            picture_cache: 1_000_000_000,
            gallery_size: 144.0,
            window: None,
            frame_cache: 256,
            last_folder: None,
            save_folder: None,
        }
    }
}

impl Preferences {
    /// Reads them. A missing or damaged file gives the defaults: nothing in it is worth stopping for.
    pub fn load(paths: &Paths) -> Self {
        let Ok(text) = std::fs::read_to_string(file(paths)) else {
            return Self::default();
        };
        serde_json::from_str(&text)
            .inspect_err(|error| tracing::warn!("the window's preferences are damaged: {error}"))
            .unwrap_or_else(|_| Self::readable(&text))
    }

    /// What of a damaged file can be read: one bad value does not cost the others.
    fn readable(text: &str) -> Self {
        let values: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let mut good = serde_json::Map::new();
        for (name, value) in values {
            good.insert(name.clone(), value);
            if Self::deserialize(&Value::Object(good.clone())).is_err() {
                good.remove(&name);
            }
        }
        Self::deserialize(&Value::Object(good)).unwrap_or_default()
    }

    /// [`Self::frame_cache`] in bytes.
    pub fn cache_bytes(&self) -> usize {
        usize::from(self.frame_cache) << 20
    }

    /// Writes them; the file appears whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, paths: &Paths) -> io::Result<()> {
        let file = file(paths);
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let unfinished = file.with_extension("json.part");
        std::fs::write(&unfinished, serde_json::to_string_pretty(self)?)?;
        std::fs::rename(&unfinished, &file)
    }
}

fn file(paths: &Paths) -> PathBuf {
    paths.config.join("window.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a damaged or older file keeps the window from starting.
    #[test]
    fn they_survive_a_round_trip_and_damage() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        assert_eq!(Preferences::load(&paths), Preferences::default());
        let preferences = Preferences {
            theme: ThemeMode::Light,
            gallery_size: 200.0,
            ..Preferences::default()
        };
        preferences.save(&paths).unwrap();
        assert_eq!(Preferences::load(&paths), preferences);
        std::fs::write(file(&paths), r#"{"theme":"dark"}"#).unwrap();
        assert_eq!(Preferences::load(&paths).theme, ThemeMode::Dark);
        std::fs::write(
            file(&paths),
            r#"{"theme":"dark","scale":"big","gallery_size":200}"#,
        )
        .unwrap();
        let read = Preferences::load(&paths);
        assert_eq!(
            (read.theme, read.scale, read.gallery_size),
            (ThemeMode::Dark, 1.0, 200.0)
        );
        std::fs::write(file(&paths), "{").unwrap();
        assert_eq!(Preferences::load(&paths), Preferences::default());
    }
}
