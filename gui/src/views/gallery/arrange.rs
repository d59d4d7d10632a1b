//! The arrangement of the thumbnails: filtered, sorted and, by `groups`, grouped. It is computed only when something changes.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use posterframe_client::{GalleryItem, Listing};
use time::{Date, OffsetDateTime};

use super::criteria::{Criteria, Kind, Sort};
use super::groups::{Group, GroupKey, Known, grouped};
use crate::format;

/// The shown thumbnails, in order.
#[derive(Default)]
pub(super) struct Arrangement {
    pub(super) items: Vec<Arc<GalleryItem>>,
    pub(super) groups: Vec<Group>,
    /// How many there are of each kind, whichever is shown.
    pub(super) kinds: Vec<(Kind, usize)>,
    /// The groups whose thumbnails are hidden.
    closed: HashSet<GroupKey>,
    index: HashMap<String, usize>,
    /// Increases with each change, so that the rows can tell that they are out of date.
    number: u64,
    made_from: Option<(u64, Criteria, Date)>,
}

impl Arrangement {
    /// Arranges the thumbnails anew if the listing, the criteria or the day has changed. `true` if so.
    ///
    /// `known` says what the job of a thumbnail tells of it, where that is known.
    pub(super) fn update(
        &mut self,
        listing: &Listing,
        criteria: &Criteria,
        now: OffsetDateTime,
        known: &dyn Fn(&GalleryItem) -> Option<Known>,
    ) -> bool {
        let today = format::local(now).date();
        let same = self.made_from.as_ref().is_some_and(|(revision, old, day)| {
            *revision == listing.revision && old == criteria && *day == today
        });
        if same {
            return false;
        }
        let query = criteria.query.trim().to_lowercase();
        let mut items: Vec<Arc<GalleryItem>> = listing
            .items
            .iter()
            .filter(|item| query.is_empty() || item.key.to_lowercase().contains(&query))
            .cloned()
            .collect();
        let count = |kind: &Kind| items.iter().filter(|item| Kind::of(item) == Some(*kind)).count();
        let counted = Kind::ALL.map(|kind| (kind, count(&kind)));
        self.kinds = counted.into_iter().filter(|(_, count)| *count > 0).collect();
        if let Some(kind) = criteria.kind {
            items.retain(|item| Kind::of(item) == Some(kind));
        }
        match criteria.sort {
            Sort::Newest => {}
            Sort::Oldest => items.reverse(),
            Sort::Name => items.sort_by_cached_key(|item| item.name.to_lowercase()),
            Sort::Largest => items.sort_by_key(|item| Reverse(item.bytes)),
        }
        self.groups = grouped(&mut items, criteria, now, known);
        self.index = items
            .iter()
            .enumerate()
            .map(|(at, item)| (item.key.clone(), at))
            .collect();
        self.items = items;
        self.number += 1;
        self.made_from = Some((listing.revision, criteria.clone(), today));
        true
    }

    /// Hides a group's thumbnails, or shows them again.
    pub(super) fn toggle(&mut self, group: usize) {
        let Some(group) = self.groups.get(group) else {
            return;
        };
        if !self.closed.remove(&group.key) {
            self.closed.insert(group.key.clone());
        }
        self.number += 1;
    }

    /// Whether a group's thumbnails are hidden.
    pub(super) fn is_closed(&self, group: &Group) -> bool {
        self.closed.contains(&group.key)
    }

    /// Number of changes so far.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The index of a thumbnail.
    pub(super) fn at(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    pub(super) fn get(&self, key: &str) -> Option<&Arc<GalleryItem>> {
        self.items.get(self.at(key)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use posterframe_contract::Format;
    use time::macros::datetime;

    use super::super::criteria::Grouping;
    use super::super::rows::{Measure, Rows};
    use super::*;

    pub(in super::super) const NOW: OffsetDateTime = datetime!(2026-11-24 14:00 UTC);

    pub(in super::super) fn listing(names: &[(&str, i64)]) -> Listing {
        let items = names
            .iter()
            .map(|(name, hours)| {
                Arc::new(GalleryItem {
                    key: format!("t/{name}"),
                    name: name.rsplit('/').next().unwrap_or_default().to_owned(),
                    bytes: 1,
                    etag: String::new(),
                    modified: NOW - time::Duration::hours(*hours),
                    job: None,
                    cues: None,
                })
            })
            .collect();
        Listing {
            items: Arc::new(items),
            revision: 1,
            complete: true,
            error: None,
        }
    }

    pub(in super::super) fn criteria(query: &str, sort: Sort, grouping: Grouping) -> Criteria {
        Criteria {
            query: query.into(),
            kind: None,
            sort,
            grouping,
        }
    }

    fn names(arrangement: &Arrangement) -> Vec<&str> {
        arrangement.items.iter().map(|item| item.name.as_str()).collect()
    }

    // Breaks if groups mix or lose their order, or further frames of a video are in another group than the first.
    #[test]
    fn groups_keep_the_order_within() {
        let listing = listing(&[("b.png", 1), ("a-2.png", 2), ("a.png", 30), ("route-66.png", 60)]);
        let mut arrangement = Arrangement::default();
        arrangement.update(&listing, &criteria("", Sort::Newest, Grouping::Day), NOW, &|_| {
            None
        });
        let labels: Vec<&str> = arrangement
            .groups
            .iter()
            .map(|group| group.label.as_str())
            .collect();
        assert_eq!(labels[..2], ["Today", "Yesterday"]);
        arrangement.update(
            &listing,
            &criteria("", Sort::Oldest, Grouping::Video),
            NOW,
            &|_| None,
        );
        assert_eq!(names(&arrangement), ["a.png", "a-2.png", "b.png", "route-66.png"]);
        assert_eq!(arrangement.groups[0].items, 0..2);
        assert_eq!(arrangement.groups[0].newest, NOW - time::Duration::hours(2));
        assert_eq!(
            (arrangement.at("t/b.png"), arrangement.at("t/x.png")),
            (Some(2), None)
        );
        let listing = self::listing(&[("2/a.png", 1), ("1/a.png", 2), ("2/a-2.png", 3)]);
        arrangement.update(&listing, &criteria("", Sort::Newest, Grouping::Job), NOW, &|_| {
            None
        });
        let keys: Vec<&str> = arrangement.items.iter().map(|item| item.key.as_str()).collect();
        assert_eq!(keys, ["t/2/a.png", "t/2/a-2.png", "t/1/a.png"]);
        let items: Vec<_> = arrangement
            .groups
            .iter()
            .map(|group| group.items.clone())
            .collect();
        assert_eq!(items, [0..2, 2..3]);
    }

    // Breaks if several files of one still count as several frames, a sheet counts as one, or frames of other jobs with the same
    // names are taken for the same.
    #[test]
    fn frames_count_once() {
        let names = [
            ("1/a.png", 1),
            ("1/a.jpg", 1),
            ("1/a-2.png", 1),
            ("1/a-contact.jpg", 1),
            ("2/a.png", 3),
        ];
        let frames = |known: &dyn Fn(&GalleryItem) -> Option<Known>, grouping| {
            let mut arrangement = Arrangement::default();
            arrangement.update(
                &listing(&names),
                &criteria("", Sort::Newest, grouping),
                NOW,
                known,
            );
            let groups = arrangement.groups.iter();
            groups.map(|group| group.frames).collect::<Vec<_>>()
        };
        assert_eq!(frames(&|_| None, Grouping::Job), [1, 2]);
        assert_eq!(frames(&|_| None, Grouping::Video), [3]);
        // Only the job knows that these two are of one frame.
        let known = |item: &GalleryItem| {
            Some(Known {
                video: "a.mp4".to_owned(),
                still: (!item.name.contains("contact")).then_some(0),
            })
        };
        assert_eq!(frames(&known, Grouping::Video), [2]);
    }

    // Breaks if a kind hides others, kinds are not counted, a sheet is not with its video, or a closed group shows its cards.
    #[test]
    fn kinds_and_closed_groups() {
        let names = [("a.png", 1), ("a-2.jpg", 2), ("a-sheet.jpg", 3), ("b.png", 4)];
        let mut listing = listing(&names);
        let mut items: Vec<_> = listing.items.to_vec();
        let cues = items[0].clone();
        Arc::make_mut(&mut items[2]).cues = Some(cues);
        listing.items = Arc::new(items);
        let mut arrangement = Arrangement::default();
        let all = criteria("", Sort::Newest, Grouping::Video);
        arrangement.update(&listing, &all, NOW, &|_| None);
        let kinds = [
            (Kind::Picture(Format::Png), 2),
            (Kind::Picture(Format::Jpeg), 1),
            (Kind::Sheet, 1),
        ];
        assert_eq!(
            (arrangement.kinds.as_slice(), arrangement.groups.len()),
            (&kinds[..], 2)
        );
        let mut rows = Rows::default();
        let measure = Measure {
            columns: 2,
            card: 100.0,
            head: 20.0,
        };
        rows.update(&arrangement, measure);
        assert_eq!(rows.height, 340.0);
        arrangement.toggle(0);
        rows.update(&arrangement, measure);
        assert_eq!(
            (rows.height, rows.position(0), rows.position(3)),
            (140.0, None, Some((40.0, 0)))
        );
        let sheets = Criteria {
            kind: Some(Kind::Sheet),
            ..all
        };
        arrangement.update(&listing, &sheets, NOW, &|_| {
            Some(Known {
                video: "film.mp4".to_owned(),
                still: None,
            })
        });
        assert_eq!(self::names(&arrangement), ["a-sheet.jpg"]);
        assert_eq!(
            (arrangement.groups[0].label.as_str(), arrangement.kinds.len()),
            ("film.mp4", 3)
        );
    }

    // Breaks if it is arranged again without a change, or not arranged again for a new listing.
    #[test]
    fn it_is_made_only_on_change() {
        let mut listing = listing(&[("b.png", 1), ("A.png", 2)]);
        let mut arrangement = Arrangement::default();
        assert!(arrangement.update(
            &listing,
            &criteria("a.P", Sort::Name, Grouping::None),
            NOW,
            &|_| None
        ));
        assert_eq!(names(&arrangement), ["A.png"]);
        assert!(!arrangement.update(
            &listing,
            &criteria("a.P", Sort::Name, Grouping::None),
            NOW,
            &|_| None
        ));
        listing.revision += 1;
        assert!(
            arrangement.update(&listing, &criteria("", Sort::Name, Grouping::None), NOW, &|_| {
                None
            })
        );
        assert_eq!(names(&arrangement), ["A.png", "b.png"]);
    }
}
