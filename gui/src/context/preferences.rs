//! The window's preferences, kept from one start to the next.

use std::io;
use std::path::PathBuf;

use posterframe_client::fs::write_whole;
use posterframe_client::{Paths, path_text};
use posterframe_contract::{OutputRequest, OutputTextError, SheetRequest};
use posterframe_kit::theme::ThemeMode;
use posterframe_remote::Place;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::format::DisplayUnit;

/// The most addresses that are kept.
const MAX_RECENT: usize = 12;

/// The window's position and size, in the system's points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowGeometry {
    /// Inner width and height while the window is not maximized.
    pub size: [f32; 2],
    /// The top left corner, if the system reports it.
    pub position: Option<[f32; 2]>,
    /// Whether it is maximized.
    pub maximized: bool,
}

/// The window's preferences. Missing fields get their defaults, so that older files can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The theme.
    pub theme: ThemeMode,
    /// Whether animations are off: halos, slides and fades.
    pub reduced_motion: bool,
    /// Whether the desktop shows a notification when a job ends while the window is not in front.
    pub notifications: bool,
    /// Most bytes of downloaded pictures on disk.
    pub picture_cache: u64,
    /// Most bytes on disk of what was read of videos at a distance. 0 keeps nothing.
    pub video_cache: u64,
    /// Width of a card in the gallery, in points.
    pub gallery_size: f32,
    /// The window's last geometry.
    pub window: Option<WindowGeometry>,
    /// Factor on the system's own scale.
    pub scale: f32,
    /// Memory for the decoded frames of a video, in MiB.
    pub frame_cache: u16,
    /// What positions are shown as.
    pub unit: DisplayUnit,
    /// The folder in which file dialogs open.
    #[serde(with = "path_text::option")]
    pub last_folder: Option<PathBuf>,
    /// Whether jobs whose upload would take long are made on this computer.
    pub makes_here: bool,
    /// The bucket and the folder that were looked into last.
    pub bucket_folder: Option<(String, String)>,
    /// Addresses of videos that were opened, the newest first. Never one with a query, which may be a secret.
    pub recent_videos: Vec<String>,
    /// The folder in which pictures were last saved.
    #[serde(with = "path_text::option")]
    pub save_folder: Option<PathBuf>,
    /// The files to make of each frame. Never empty.
    pub outputs: Vec<OutputRequest>,
    /// The sheets to make of each video.
    pub sheets: Vec<SheetRequest>,
    /// The user's own outputs to choose from.
    pub presets: Vec<OwnPreset>,
}

/// An output to choose, with the name that its user gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPreset {
    /// What the user calls it.
    pub label: String,
    /// What it makes.
    pub output: OutputRequest,
}

impl OwnPreset {
    /// An output as people type it, which may begin with the name of one of `own`.
    ///
    /// # Errors
    /// The text is no output.
    pub fn parse_output(text: &str, own: &[Self]) -> Result<OutputRequest, OutputTextError> {
        let own: Vec<_> = own
            .iter()
            .map(|preset| (preset.label.as_str(), &preset.output))
            .collect();
        OutputRequest::parse_among(text, &own)
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeMode::default(),
            reduced_motion: false,
            notifications: false,
            scale: 1.0,
            picture_cache: 1_000_000_000,
            video_cache: crate::distant::CACHE_BYTES,
            gallery_size: 144.0,
            window: None,
            frame_cache: 256,
            unit: DisplayUnit::default(),
            last_folder: None,
            makes_here: false,
            bucket_folder: None,
            recent_videos: Vec::new(),
            save_folder: None,
            outputs: vec![OutputRequest::default()],
            sheets: Vec::new(),
            presets: Vec::new(),
        }
    }
}

impl Preferences {
    /// Reads the preferences. A missing file, and each unreadable value, gives the defaults.
    pub fn load(paths: &Paths) -> Self {
        let Ok(text) = std::fs::read_to_string(file(paths)) else {
            return Self::default();
        };
        let mut read: Self = serde_json::from_str(&text)
            .inspect_err(|error| tracing::warn!("the window's preferences are damaged: {error}"))
            .unwrap_or_else(|_| Self::readable(&text));
        // What a person wrote into the file may be impossible.
        read.outputs.retain(|output| output.check("").is_ok());
        read.sheets.retain(|sheet| sheet.check("").is_ok());
        read.presets.retain(|preset| preset.output.check("").is_ok());
        if read.outputs.is_empty() {
            read.outputs = Self::default().outputs;
        }
        read
    }

    /// The readable values of a damaged file.
    fn readable(text: &str) -> Self {
        let Ok(values) = serde_json::from_str::<serde_json::Map<String, Value>>(text) else {
            return Self::default();
        };
        let mut good = serde_json::Map::new();
        let mut read = Self::default();
        for (name, value) in values {
            good.insert(name.clone(), value);
            match Self::deserialize(&Value::Object(good.clone())) {
                Ok(more) => read = more,
                Err(_) => drop(good.remove(&name)),
            }
        }
        read
    }

    /// Notes that a video at a distance was opened. One whose address may be a secret is not kept.
    pub fn opened_place(&mut self, place: &Place) {
        let address = place.to_string();
        if place.secret() != address {
            return;
        }
        self.recent_videos.retain(|other| *other != address);
        self.recent_videos.insert(0, address);
        self.recent_videos.truncate(MAX_RECENT);
    }

    /// [`Self::frame_cache`] in bytes.
    pub fn cache_bytes(&self) -> usize {
        usize::from(self.frame_cache) << 20
    }

    /// Writes the preferences; the file appears whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, paths: &Paths) -> io::Result<()> {
        write_whole(&file(paths), &serde_json::to_vec_pretty(self)?)
    }
}

fn file(paths: &Paths) -> PathBuf {
    paths.config.join("window.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a folder whose name is no text keeps the preferences from being saved, or a damaged or older file keeps the window from starting.
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
        #[cfg(unix)]
        {
            let folder: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(b"/fil\xffs".to_vec());
            let preferences = Preferences {
                last_folder: Some(folder.into()),
                ..preferences
            };
            preferences.save(&paths).unwrap();
            assert_eq!(Preferences::load(&paths), preferences);
        }
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
