//! The bundled fonts, and the design's roles of type.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId, FontTweak};

/// A bundled font face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// Inter 400.
    Regular,
    /// Inter 500.
    Medium,
    /// Inter 600.
    SemiBold,
    /// JetBrains Mono 400.
    Mono,
    /// JetBrains Mono 500.
    MonoMedium,
    /// Phosphor's outlines.
    Icon,
    /// Phosphor, filled.
    IconFill,
    /// Phosphor with thick outlines.
    IconBold,
}

impl Face {
    /// The face's family in egui.
    pub fn family(self) -> FontFamily {
        match self {
            Self::Regular => FontFamily::Proportional,
            Self::Mono => FontFamily::Monospace,
            Self::Medium => FontFamily::Name("medium".into()),
            Self::SemiBold => FontFamily::Name("semibold".into()),
            Self::MonoMedium => FontFamily::Name("mono-medium".into()),
            Self::Icon => FontFamily::Name("icon".into()),
            Self::IconFill => FontFamily::Name("icon-fill".into()),
            Self::IconBold => FontFamily::Name("icon-bold".into()),
        }
    }

    /// The face at a size, in points.
    pub fn sized(self, size: f32) -> FontId {
        FontId::new(size, self.family())
    }
}

/// A size, a line height and a face, for one kind of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Role {
    /// The face.
    pub face: Face,
    /// The size in points.
    pub size: f32,
    /// The height of a row in points.
    pub line: f32,
}

impl Role {
    /// Heading of an empty state.
    pub const EMPTY: Self = Self::new(Face::SemiBold, 20.0, 28.0);
    /// Heading of a view or a modal.
    pub const HEADING: Self = Self::new(Face::SemiBold, 18.0, 24.0);
    /// Heading of a card or a sheet.
    pub const CARD: Self = Self::new(Face::SemiBold, 15.0, 20.0);
    /// The app's name.
    pub const BRAND: Self = Self::new(Face::SemiBold, 14.0, 18.0);
    /// Sentences, fields.
    pub const BODY: Self = Self::new(Face::Regular, 13.0, 18.0);
    /// Row titles, buttons.
    pub const TITLE: Self = Self::new(Face::Medium, 13.0, 18.0);
    /// The primary button.
    pub const STRONG: Self = Self::new(Face::SemiBold, 13.0, 18.0);
    /// Label of a section.
    pub const SECTION: Self = Self::new(Face::SemiBold, 12.0, 16.0);
    /// Facts, hints.
    pub const SMALL: Self = Self::new(Face::Regular, 12.0, 16.0);
    /// Small buttons, segments, names in the gallery.
    pub const SMALL_TITLE: Self = Self::new(Face::Medium, 12.0, 16.0);
    /// Ages, captions.
    pub const CAPTION: Self = Self::new(Face::Regular, 11.0, 14.0);
    /// Pills, keycaps.
    pub const PILL: Self = Self::new(Face::Medium, 11.0, 14.0);
    /// Badges.
    pub const BADGE: Self = Self::new(Face::SemiBold, 11.0, 14.0);
    /// A mark's number.
    pub const MARK: Self = Self::new(Face::SemiBold, 10.0, 14.0);
    /// The timecode field.
    pub const TIMECODE: Self = Self::new(Face::Mono, 13.0, 18.0);
    /// A frame's number.
    pub const FRAME: Self = Self::new(Face::MonoMedium, 13.0, 18.0);
    /// Timecodes in rows, fields of keys.
    pub const MONO: Self = Self::new(Face::Mono, 12.0, 18.0);
    /// The time bubble.
    pub const BUBBLE: Self = Self::new(Face::MonoMedium, 12.0, 18.0);
    /// The log.
    pub const LOG: Self = Self::new(Face::Mono, 11.0, 18.0);
    /// Ruler, durations, keys.
    pub const MONO_SMALL: Self = Self::new(Face::Mono, 11.0, 16.0);

    const fn new(face: Face, size: f32, line: f32) -> Self {
        Self { face, size, line }
    }

    /// Its font.
    pub fn font(self) -> FontId {
        self.face.sized(self.size)
    }
}

/// All faces. Each family falls back to Inter for letters and to Phosphor for icons.
pub(super) fn definitions() -> FontDefinitions {
    let files: [(Face, &str, &'static [u8]); 8] = [
        (
            Face::Regular,
            "Inter",
            include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
        ),
        (
            Face::Medium,
            "Inter Medium",
            include_bytes!("../../../../assets/fonts/Inter-Medium.otf"),
        ),
        (
            Face::SemiBold,
            "Inter SemiBold",
            include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
        ),
        (
            Face::Mono,
            "JetBrains Mono",
            include_bytes!("../../../../assets/fonts/JetBrainsMono-Regular.ttf"),
        ),
        (
            Face::MonoMedium,
            "JetBrains Mono Medium",
            include_bytes!("../../../../assets/fonts/JetBrainsMono-Medium.ttf"),
        ),
        (
            Face::Icon,
            "Phosphor",
            include_bytes!("../../../../assets/fonts/Phosphor-Regular.ttf"),
        ),
        (
            Face::IconFill,
            "Phosphor Fill",
            include_bytes!("../../../../assets/fonts/Phosphor-Fill.ttf"),
        ),
        (
            Face::IconBold,
            "Phosphor Bold",
            include_bytes!("../../../../assets/fonts/Phosphor-Bold.ttf"),
        ),
    ];
    let mut fonts = FontDefinitions::empty();
    for (face, name, bytes) in files {
        // No hinting: it snaps small sizes to whole pixels, which changes their weight.
        let tweak = FontTweak {
            hinting: Some(false),
            ..FontTweak::default()
        };
        let data = FontData::from_static(bytes).tweak(tweak);
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
        // The bundled Mono Medium has only Latin characters.
        let fallbacks: &[&str] = if face == Face::MonoMedium {
            &["JetBrains Mono", "Inter"]
        } else {
            &["Inter", "Phosphor"]
        };
        let names = std::iter::once(name).chain(fallbacks.iter().copied().filter(|other| *other != name));
        fonts
            .families
            .insert(face.family(), names.map(str::to_owned).collect());
    }
    fonts
}
