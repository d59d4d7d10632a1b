//! What decides which thumbnails the grid shows, in which order and groups.

use posterframe_client::GalleryItem;
use posterframe_contract::Format;

/// The order of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    #[default]
    Newest,
    Oldest,
    Name,
    Largest,
}

impl Sort {
    pub(super) const ALL: [Self; 4] = [Self::Newest, Self::Oldest, Self::Name, Self::Largest];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest",
            Self::Oldest => "Oldest",
            Self::Name => "Name",
            Self::Largest => "Largest",
        }
    }
}

/// The groups of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Grouping {
    #[default]
    None,
    Day,
    Video,
    Job,
}

impl Grouping {
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Day, Self::Video, Self::Job];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::None => "Nothing",
            Self::Day => "Day",
            Self::Video => "Video",
            Self::Job => "Job",
        }
    }
}

/// What kind of file a thumbnail is. A sheet with a WebVTT file counts as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Picture(Format),
    Sheet,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Picture(Format::Png),
        Self::Picture(Format::Jpeg),
        Self::Picture(Format::Webp),
        Self::Picture(Format::Avif),
        Self::Sheet,
    ];

    pub(super) fn of(item: &GalleryItem) -> Option<Self> {
        if item.cues.is_some() {
            return Some(Self::Sheet);
        }
        let (_, extension) = item.name.rsplit_once('.')?;
        Format::of_extension(extension).map(Self::Picture)
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Picture(format) => format.label(),
            Self::Sheet => "VTT",
        }
    }
}

/// The parameters of an arrangement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Criteria {
    pub(super) query: String,
    /// The only kind to show.
    pub(super) kind: Option<Kind>,
    pub(super) sort: Sort,
    pub(super) grouping: Grouping,
}
