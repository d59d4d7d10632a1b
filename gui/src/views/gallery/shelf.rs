//! The thumbnails that are known, and in which order they are shown.

use posterframe_client::{GalleryItem, GalleryPage};

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

/// All thumbnails of the pages that have come, newest first.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    items: Vec<GalleryItem>,
    next: Option<String>,
}

impl Shelf {
    /// Takes a fresh first page. What further pages brought stays, so that nobody who has scrolled far is sent back.
    pub(super) fn replace(&mut self, page: GalleryPage) {
        let order = |item: &GalleryItem| (item.modified, item.key.clone());
        let end = page
            .next
            .is_some()
            .then(|| page.items.last().map(order))
            .flatten();
        let old = std::mem::replace(&mut self.items, page.items);
        let older: Vec<GalleryItem> = old
            .into_iter()
            .filter(|item| end.as_ref().is_some_and(|end| order(item) < *end))
            .collect();
        if older.is_empty() {
            self.next = page.next;
        }
        self.items.extend(older);
    }

    /// Adds a further page; what was written since the first one may be on both.
    pub(super) fn extend(&mut self, page: GalleryPage) {
        let fresh: Vec<GalleryItem> = page
            .items
            .into_iter()
            .filter(|item| self.get(&item.key).is_none())
            .collect();
        self.items.extend(fresh);
        self.next = page.next;
    }

    pub(super) fn remove(&mut self, keys: &[String]) {
        // The next page follows the last key: where that one goes, the one before it takes its place.
        self.items.retain(|item| !keys.contains(&item.key));
        if self.next.as_ref().is_some_and(|next| keys.contains(next)) {
            self.next = self.items.last().map(|item| item.key.clone());
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&GalleryItem> {
        self.items.iter().find(|item| item.key == key)
    }

    /// What to ask the next page with.
    pub(super) fn next(&self) -> Option<String> {
        self.next.clone()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Those whose name or key holds `query`, in the order of `sort`.
    pub(super) fn shown(&self, query: &str, sort: Sort) -> Vec<GalleryItem> {
        let query = query.trim().to_lowercase();
        let mut items: Vec<GalleryItem> = self
            .items
            .iter()
            .filter(|item| query.is_empty() || item.key.to_lowercase().contains(&query))
            .cloned()
            .collect();
        match sort {
            Sort::Newest => {}
            Sort::Oldest => items.reverse(),
            Sort::Name => items.sort_by_cached_key(|item| item.name.to_lowercase()),
            Sort::Largest => items.sort_by_key(|item| std::cmp::Reverse(item.bytes)),
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn item(key: &str) -> GalleryItem {
        GalleryItem {
            key: key.into(),
            name: key.rsplit('/').next().unwrap().into(),
            bytes: 1,
            etag: String::new(),
            modified: OffsetDateTime::UNIX_EPOCH,
            job: None,
        }
    }

    // Breaks if a thumbnail shows twice, or deleting the last one of a page loses the rest of the bucket.
    #[test]
    fn pages_join_and_deleted_ones_leave() {
        let mut shelf = Shelf::default();
        shelf.replace(GalleryPage {
            items: vec![item("t/b.png"), item("t/A.png")],
            next: Some("t/A.png".into()),
        });
        shelf.remove(&["t/A.png".into()]);
        assert_eq!(shelf.next().as_deref(), Some("t/b.png"));
        shelf.extend(GalleryPage {
            items: vec![item("t/b.png"), item("t/a2.png")],
            next: None,
        });
        assert_eq!((shelf.len(), shelf.next()), (2, None));
        assert_eq!(shelf.shown("A2", Sort::Name)[0].key, "t/a2.png");
        shelf.replace(GalleryPage {
            items: vec![item("t/c.png"), item("t/b.png")],
            next: Some("t/b.png".into()),
        });
        assert_eq!((shelf.len(), shelf.next()), (3, None));
        shelf.replace(GalleryPage {
            items: vec![item("t/c.png")],
            next: None,
        });
        assert_eq!(shelf.len(), 1);
    }
}
