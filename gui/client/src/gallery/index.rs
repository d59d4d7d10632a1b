//! The thumbnails that are known, by key and by time.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use super::item::{GalleryItem, Listing};

/// What the bucket holds, as far as it has been listed.
#[derive(Default)]
pub(super) struct GalleryIndex {
    by_key: BTreeMap<String, Arc<GalleryItem>>,
    listing: Arc<Listing>,
    /// Deleted here, with the listing that was the last to begin before: its pages may still show them.
    gone: HashMap<String, u64>,
    listings: u64,
}

impl GalleryIndex {
    pub(super) fn listing(&self) -> Arc<Listing> {
        self.listing.clone()
    }

    /// A listing begins; its number goes with each of its pages.
    pub(super) fn begin(&mut self) -> u64 {
        self.listings += 1;
        let number = self.listings;
        // Listings run one after the other: this one cannot show what went before it.
        self.gone.clear();
        number
    }

    /// Takes a page: all that the bucket has between two keys. `from` itself is not part of it, `to` is; `None` is the
    /// end. What was known there and is not on the page is gone from the bucket.
    pub(super) fn take_page(&mut self, listing: u64, from: &str, to: Option<&str>, items: Vec<GalleryItem>) {
        let items: Vec<GalleryItem> = items
            .into_iter()
            .filter(|item| self.gone.get(&item.key).is_none_or(|last| *last < listing))
            .collect();
        let range = (
            Bound::Excluded(from.to_owned()),
            to.map_or(Bound::Unbounded, |to| Bound::Included(to.to_owned())),
        );
        let same = self
            .by_key
            .range::<String, _>(range.clone())
            .map(|(_, item)| &**item);
        if same.eq(items.iter()) {
            return;
        }
        let old: Vec<String> = self
            .by_key
            .range::<String, _>(range)
            .map(|(key, _)| key.clone())
            .collect();
        for key in old {
            self.by_key.remove(&key);
        }
        for item in items {
            self.by_key.insert(item.key.clone(), Arc::new(item));
        }
        self.publish();
    }

    /// Takes thumbnails out that have been deleted.
    pub(super) fn remove<'a>(&mut self, keys: impl IntoIterator<Item = &'a str>) {
        let mut changed = false;
        for key in keys {
            self.gone.insert(key.to_owned(), self.listings);
            changed |= self.by_key.remove(key).is_some();
        }
        if changed {
            self.publish();
        }
    }

    /// Puts one back, or adds a new one.
    pub(super) fn insert(&mut self, item: GalleryItem) {
        self.gone.remove(&item.key);
        self.by_key.insert(item.key.clone(), Arc::new(item));
        self.publish();
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.listing.complete
    }

    pub(super) fn set_complete(&mut self) {
        if !self.listing.complete {
            Arc::make_mut(&mut self.listing).complete = true;
        }
    }

    pub(super) fn set_error(&mut self, error: Option<String>) {
        if self.listing.error != error {
            Arc::make_mut(&mut self.listing).error = error;
        }
    }

    fn publish(&mut self) {
        let (cues, pictures): (Vec<_>, Vec<_>) = self.by_key.values().partition(|item| item.is_cues());
        let cues: HashMap<&str, &Arc<GalleryItem>> =
            cues.into_iter().map(|item| (item.stem(), item)).collect();
        let with_cues = |picture: &Arc<GalleryItem>| match cues.get(picture.stem()) {
            Some(cues) => Arc::new(GalleryItem {
                cues: Some(Arc::clone(cues)),
                ..GalleryItem::clone(picture)
            }),
            None => Arc::clone(picture),
        };
        let mut items: Vec<Arc<GalleryItem>> = pictures.into_iter().map(with_cues).collect();
        items.sort_unstable_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.key.cmp(&a.key)));
        let listing = Arc::make_mut(&mut self.listing);
        listing.items = Arc::new(items);
        listing.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn item(key: &str, seconds: i64) -> GalleryItem {
        GalleryItem {
            key: key.into(),
            name: key.into(),
            bytes: 1,
            etag: String::new(),
            modified: OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
            job: None,
            cues: None,
        }
    }

    fn keys(index: &GalleryIndex) -> Vec<String> {
        index
            .listing()
            .items
            .iter()
            .map(|item| item.key.clone())
            .collect()
    }

    // Breaks if pages do not join, what others deleted stays, or nothing new wakes the window.
    #[test]
    fn pages_replace_what_lies_between_their_ends() {
        let mut index = GalleryIndex::default();
        let first = index.begin();
        index.take_page(first, "t/", Some("t/c"), vec![item("t/a", 1), item("t/c", 3)]);
        index.take_page(first, "t/c", None, vec![item("t/e", 2)]);
        assert_eq!(keys(&index), ["t/c", "t/e", "t/a"]);
        let revision = index.listing().revision;
        let second = index.begin();
        index.take_page(second, "t/", Some("t/c"), vec![item("t/a", 1), item("t/c", 3)]);
        assert_eq!(index.listing().revision, revision);
        index.take_page(second, "t/", Some("t/c"), vec![item("t/c", 3)]);
        assert_eq!(keys(&index), ["t/c", "t/e"]);
    }

    // Breaks if a sheet does not know its WebVTT file, or that is shown as a picture.
    #[test]
    fn sheets_have_their_cues() {
        let mut index = GalleryIndex::default();
        let listing = index.begin();
        let items = ["t/a-sheet.2.jpg", "t/a-sheet.jpg", "t/a-sheet.vtt", "t/a.jpg"];
        index.take_page(listing, "t/", None, items.map(|key| item(key, 1)).into());
        assert_eq!(keys(&index), ["t/a.jpg", "t/a-sheet.jpg", "t/a-sheet.2.jpg"]);
        let items = index.listing().items.clone();
        let cues: Vec<_> = items
            .iter()
            .map(|item| item.cues.as_ref().map(|cues| cues.key.as_str()))
            .collect();
        assert_eq!(cues, [None, Some("t/a-sheet.vtt"), None]);
    }

    // Breaks if a deleted thumbnail comes back with a page that was asked for before.
    #[test]
    fn a_late_page_brings_nothing_back() {
        let mut index = GalleryIndex::default();
        let listing = index.begin();
        index.take_page(listing, "t/", None, vec![item("t/a", 1), item("t/b", 2)]);
        index.remove(["t/a"]);
        index.take_page(listing, "t/", None, vec![item("t/a", 1), item("t/b", 2)]);
        assert_eq!(keys(&index), ["t/b"]);
        let next = index.begin();
        index.take_page(next, "t/", None, vec![item("t/a", 1), item("t/b", 2)]);
        assert_eq!(keys(&index), ["t/b", "t/a"]);
    }
}
