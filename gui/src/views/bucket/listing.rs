//! The content of a folder, which comes in pages in the background; searched and sorted as far as it is there.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use egui::Context;
use posterframe_client::{BucketFolder, BucketObject, Client, ClientError, FolderPage};
use posterframe_contract::names::VIDEO_EXTENSIONS;

use crate::context::{Engine, Requested};

/// The most rows of a folder: more would not be looked through by eye.
const MAX_ENTRIES: usize = 100_000;

/// How often rows are sorted anew while more of them come.
const REST: Duration = Duration::from_millis(500);

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A folder, by its prefix.
    Folder(String),
    Object(BucketObject),
}

impl Entry {
    /// Its name in its folder.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Folder(prefix) => {
                let inside = prefix.trim_end_matches('/');
                inside.rsplit('/').next().unwrap_or_default()
            }
            Self::Object(object) => object.name(),
        }
    }

    /// Whether its name is one of a video.
    pub(super) fn is_video(&self) -> bool {
        let extension = self.name().rsplit('.').next().unwrap_or_default().to_lowercase();
        matches!(self, Self::Object(_)) && VIDEO_EXTENSIONS.contains(&extension.as_str())
    }
}

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Name,
    Size,
    Modified,
}

/// A folder's content.
pub(super) struct Listing {
    folder: BucketFolder,
    entries: Vec<Entry>,
    /// Their names in lower case: rows are searched and sorted by these.
    names: Vec<String>,
    /// Numbers of the entries that are shown, in their order.
    shown: Vec<usize>,
    /// How many of them are videos that can be read.
    pub(super) video_count: usize,
    /// By what, and whether the smallest is first.
    pub(super) order: (Order, bool),
    /// What `shown` is made for.
    made_for: Option<(String, (Order, bool), usize)>,
    arranged: Option<Instant>,
    /// Number of the selected entry.
    selected: Option<usize>,
    page: Requested<Result<FolderPage, ClientError>>,
    next: Option<String>,
    /// Whether all is there, or nothing more will come.
    is_over: bool,
    /// Whether there is more than is shown.
    pub(super) is_cut: bool,
    pub(super) error: Option<ClientError>,
}

impl Listing {
    pub(super) fn new(folder: BucketFolder) -> Self {
        Self {
            folder,
            entries: Vec::new(),
            names: Vec::new(),
            shown: Vec::new(),
            video_count: 0,
            order: (Order::Name, true),
            made_for: None,
            arranged: None,
            selected: None,
            page: Requested::default(),
            next: None,
            is_over: false,
            is_cut: false,
            error: None,
        }
    }

    pub(super) const fn folder(&self) -> &BucketFolder {
        &self.folder
    }

    /// Whether more is coming.
    pub(super) const fn is_loading(&self) -> bool {
        !self.is_over
    }

    /// How many entries are there.
    pub(super) const fn count(&self) -> usize {
        self.entries.len()
    }

    /// Takes in a page, and asks for the next one.
    pub(super) fn update(&mut self, ctx: &Context, engine: &Engine, client: &Client) {
        match self.page.take() {
            Some(Ok(page)) => self.take_in(page),
            Some(Err(error)) => {
                self.error = Some(error);
                self.is_over = true;
            }
            None => {}
        }
        if !self.is_over && !self.page.is_pending() {
            let (objects, folder, next) = (client.objects(), self.folder.clone(), self.next.take());
            self.page = engine.request(ctx, async move {
                Ok::<_, Infallible>(objects.page(&folder, next).await)
            });
        }
    }

    fn take_in(&mut self, page: FolderPage) {
        self.entries.extend(page.folders.into_iter().map(Entry::Folder));
        self.entries.extend(page.objects.into_iter().map(Entry::Object));
        let new = self.entries[self.names.len()..].iter();
        self.names.extend(new.map(|entry| entry.name().to_lowercase()));
        self.next = page.next;
        self.is_cut = self.entries.len() >= MAX_ENTRIES && self.next.is_some();
        self.is_over = self.next.is_none() || self.is_cut;
    }

    /// Asks once more after a failure.
    pub(super) fn again(&mut self) {
        *self = Self::new(self.folder.clone());
    }

    /// Makes the list of what is shown, where that has changed.
    pub(super) fn arrange(&mut self, search: &str) {
        let wanted = (search.to_lowercase(), self.order, self.entries.len());
        if self.made_for.as_ref() == Some(&wanted) {
            return;
        }
        // A long list that grows is not sorted anew with each page of it.
        let is_same = |made: &(String, (Order, bool), usize)| (&made.0, made.1) == (&wanted.0, wanted.1);
        let is_recent = self.arranged.is_some_and(|arranged| arranged.elapsed() < REST);
        if self.is_loading() && is_recent && self.made_for.as_ref().is_some_and(is_same) {
            return;
        }
        let (search, (order, is_rising), _) = &wanted;
        let names = self.names.iter().enumerate();
        self.shown = names
            .filter(|(_, name)| search.is_empty() || name.contains(search.as_str()))
            .map(|(number, _)| number)
            .collect();
        self.shown.sort_by(|&one, &other| {
            let row = |number: usize| (&self.entries[number], self.names[number].as_str());
            compare(row(one), row(other), *order, *is_rising)
        });
        self.video_count = self.videos().count();
        self.made_for = Some(wanted);
        self.arranged = Some(Instant::now());
    }

    /// The videos that are shown, in their order.
    pub(super) fn videos(&self) -> impl Iterator<Item = &BucketObject> {
        let entries = self.shown.iter().map(|&number| &self.entries[number]);
        entries.filter_map(|entry| match entry {
            Entry::Object(object) if entry.is_video() && !object.is_archived => Some(object),
            _ => None,
        })
    }

    pub(super) const fn len(&self) -> usize {
        self.shown.len()
    }

    /// The entry in row `place`.
    pub(super) fn row(&self, place: usize) -> Option<&Entry> {
        self.entries.get(*self.shown.get(place)?)
    }

    pub(super) fn select(&mut self, place: usize) {
        self.selected = self.shown.get(place).copied();
    }

    pub(super) fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.selected?)
    }

    /// The row of the selected entry, where it is shown.
    pub(super) fn selected_row(&self) -> Option<usize> {
        self.shown
            .iter()
            .position(|&number| Some(number) == self.selected)
    }
}

/// Folders come first, whatever the rows are sorted by.
fn compare(one: (&Entry, &str), other: (&Entry, &str), order: Order, is_rising: bool) -> Ordering {
    let by_name = || one.1.cmp(other.1);
    let ordering = match (one.0, other.0) {
        (Entry::Folder(_), Entry::Object(_)) => return Ordering::Less,
        (Entry::Object(_), Entry::Folder(_)) => return Ordering::Greater,
        (Entry::Object(one), Entry::Object(other)) => match order {
            Order::Name => by_name(),
            Order::Size => one.bytes.cmp(&other.bytes).then_with(by_name),
            Order::Modified => one.modified.cmp(&other.modified).then_with(by_name),
        },
        (Entry::Folder(_), Entry::Folder(_)) => by_name(),
    };
    if is_rising { ordering } else { ordering.reverse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, bytes: u64) -> BucketObject {
        BucketObject {
            key: key.into(),
            bytes,
            etag: String::new(),
            modified: time::OffsetDateTime::UNIX_EPOCH,
            is_archived: false,
        }
    }

    fn names(listing: &Listing) -> Vec<&str> {
        let rows = (0..listing.len()).filter_map(|place| listing.row(place));
        rows.map(Entry::name).collect()
    }

    // Breaks if folders stand among the videos, a search looks at the folder's own path, or the selection jumps when it is
    // sorted anew.
    #[test]
    fn sorted_and_searched() {
        let mut listing = Listing::new(BucketFolder {
            bucket: "b".into(),
            prefix: "film/".into(),
        });
        listing.take_in(FolderPage {
            folders: vec!["film/z/".into()],
            objects: vec![object("film/B.mp4", 1), object("film/a.mov", 2)],
            next: None,
        });
        listing.arrange("");
        assert_eq!(names(&listing), ["z", "a.mov", "B.mp4"]);
        listing.select(1);
        listing.order = (Order::Size, true);
        listing.arrange("");
        assert_eq!(names(&listing), ["z", "B.mp4", "a.mov"]);
        assert_eq!(listing.selected_row(), Some(2));
        listing.arrange("B.");
        assert_eq!(names(&listing), ["B.mp4"]);
        listing.arrange("film");
        assert_eq!((listing.len(), listing.selected_row()), (0, None));
    }

    // Breaks if a folder of more than can be shown is listed without end.
    #[test]
    fn a_folder_without_end() {
        let mut listing = Listing::new(BucketFolder {
            bucket: "b".into(),
            prefix: String::new(),
        });
        while listing.is_loading() {
            let objects = (0..1_000).map(|number| object(&number.to_string(), 0));
            listing.take_in(FolderPage {
                folders: Vec::new(),
                objects: objects.collect(),
                next: Some("more".into()),
            });
        }
        assert!(listing.is_cut);
        assert_eq!(listing.count(), MAX_ENTRIES);
    }
}
