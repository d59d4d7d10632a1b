//! Which thumbnails are shown, in which order and in which groups; and in which rows they lie.
//!
//! Both are made anew only when something changes: a frame that is drawn looks only at the rows on the screen.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use posterframe_client::{GalleryItem, Listing};
use time::{Date, OffsetDateTime};

use crate::format;
use crate::format::day;

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

/// What stands together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Grouping {
    #[default]
    None,
    Day,
    Video,
}

impl Grouping {
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Day, Self::Video];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::None => "No groups",
            Self::Day => "Group by day",
            Self::Video => "Group by video",
        }
    }
}

/// What an arrangement was made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Criteria {
    pub(super) query: String,
    pub(super) sort: Sort,
    pub(super) grouping: Grouping,
}

/// A group's first thumbnail and what stands over it.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) items: Range<usize>,
}

/// The thumbnails that are shown, in their order.
#[derive(Default)]
pub(super) struct Arrangement {
    pub(super) items: Vec<Arc<GalleryItem>>,
    pub(super) groups: Vec<Group>,
    index: HashMap<String, usize>,
    /// Which of them this is: rows are made anew for another one.
    number: u64,
    made_from: Option<(u64, Criteria, Date)>,
}

impl Arrangement {
    /// Makes itself anew where the listing, the criteria or the day has changed; `true` if so.
    pub(super) fn update(&mut self, listing: &Listing, criteria: &Criteria, now: OffsetDateTime) -> bool {
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
        match criteria.sort {
            Sort::Newest => {}
            Sort::Oldest => items.reverse(),
            Sort::Name => items.sort_by_cached_key(|item| item.name.to_lowercase()),
            Sort::Largest => items.sort_by_key(|item| Reverse(item.bytes)),
        }
        self.groups = group(&mut items, criteria, now);
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

    /// How often it was made.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Where a thumbnail is in the order.
    pub(super) fn at(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    pub(super) fn get(&self, key: &str) -> Option<&Arc<GalleryItem>> {
        self.items.get(self.at(key)?)
    }
}

fn group(items: &mut Vec<Arc<GalleryItem>>, criteria: &Criteria, now: OffsetDateTime) -> Vec<Group> {
    if criteria.grouping == Grouping::None || items.is_empty() {
        return Vec::new();
    }
    // Stable: within a group the order stays.
    let mut keyed: Vec<(GroupKey, Arc<GalleryItem>)> = std::mem::take(items)
        .into_iter()
        .map(|item| (GroupKey::of(&item, criteria.grouping), item))
        .collect();
    let oldest = criteria.sort == Sort::Oldest;
    keyed.sort_by(|(a, _), (b, _)| a.order(b, oldest));
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (at, (key, item)) in keyed.into_iter().enumerate() {
        if last.as_ref() != Some(&key) {
            groups.push(Group {
                label: key.label(now),
                items: at..at,
            });
            last = Some(key);
        }
        if let Some(group) = groups.last_mut() {
            group.items.end = at + 1;
        }
        items.push(item);
    }
    groups
}

#[derive(Clone, PartialEq, Eq)]
enum GroupKey {
    Day(Date),
    Video(String),
}

impl GroupKey {
    fn of(item: &GalleryItem, grouping: Grouping) -> Self {
        match grouping {
            Grouping::Video => Self::Video(video_of(&item.name).to_owned()),
            Grouping::Day | Grouping::None => Self::Day(format::local(item.modified).date()),
        }
    }

    fn order(&self, other: &Self, oldest_first: bool) -> Ordering {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) if oldest_first => a.cmp(b),
            (Self::Day(a), Self::Day(b)) => b.cmp(a),
            (Self::Video(a), Self::Video(b)) => {
                a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| a.cmp(b))
            }
            _ => Ordering::Equal,
        }
    }

    fn label(&self, now: OffsetDateTime) -> String {
        match self {
            Self::Day(date) => day(now, *date),
            Self::Video(name) => name.clone(),
        }
    }
}

/// The video that a thumbnail's name tells of: further frames of one are `bunny-2.png`, `bunny-3.png`.
fn video_of(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match stem.rsplit_once('-') {
        Some((video, number))
            if !video.is_empty() && number.len() < 5 && number.parse::<u32>().is_ok_and(|n| n > 1) =>
        {
            video
        }
        _ => stem,
    }
}

/// What lies in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The head of a group.
    Head(usize),
    /// Cards, side by side.
    Cards(Range<usize>),
}

/// What rows are measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Measure {
    pub(super) columns: usize,
    /// Height of a row of cards, and of a group's head, with the space below each.
    pub(super) card: f32,
    pub(super) head: f32,
}

/// All rows and where each begins.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<(f32, Row)>,
    /// Which of them hold cards.
    with_cards: Vec<usize>,
    /// Where the last one ends.
    pub(super) height: f32,
    made_from: Option<(u64, Measure)>,
}

impl Rows {
    pub(super) fn update(&mut self, arrangement: &Arrangement, measure: Measure) {
        if self.made_from == Some((arrangement.number, measure)) {
            return;
        }
        self.all.clear();
        self.with_cards.clear();
        self.height = 0.0;
        let whole = [Group {
            label: String::new(),
            items: 0..arrangement.items.len(),
        }];
        let groups = if arrangement.groups.is_empty() {
            &whole[..]
        } else {
            &arrangement.groups
        };
        for (at, group) in groups.iter().enumerate() {
            if !arrangement.groups.is_empty() {
                self.all.push((self.height, Row::Head(at)));
                self.height += measure.head;
            }
            let mut start = group.items.start;
            while start < group.items.end {
                let end = (start + measure.columns.max(1)).min(group.items.end);
                self.with_cards.push(self.all.len());
                self.all.push((self.height, Row::Cards(start..end)));
                self.height += measure.card;
                start = end;
            }
        }
        self.made_from = Some((arrangement.number, measure));
    }

    /// The rows between two heights.
    pub(super) fn between(&self, top: f32, bottom: f32) -> &[(f32, Row)] {
        let first = self.all.partition_point(|(y, _)| *y <= top).saturating_sub(1);
        let last = self.all.partition_point(|(y, _)| *y < bottom);
        &self.all[first.min(last)..last]
    }

    /// Where a thumbnail lies: the row's top, and the column.
    pub(super) fn place(&self, item: usize) -> Option<(f32, usize)> {
        let (y, cards) = self.cards(self.row_of(item)?)?;
        cards.contains(&item).then(|| (y, item - cards.start))
    }

    /// The thumbnail in the same column, so many rows of cards further down.
    pub(super) fn step(&self, item: usize, rows: isize) -> usize {
        let step = || {
            let row = self.row_of(item)?;
            let column = item - self.cards(row)?.1.start;
            let to = row.saturating_add_signed(rows).min(self.with_cards.len() - 1);
            let (_, cards) = self.cards(to)?;
            Some((cards.start + column).min(cards.end - 1))
        };
        step().unwrap_or(item)
    }

    /// Which row of cards a thumbnail lies in.
    fn row_of(&self, item: usize) -> Option<usize> {
        let after = self
            .with_cards
            .partition_point(|row| matches!(&self.all[*row].1, Row::Cards(cards) if cards.start <= item));
        after.checked_sub(1)
    }

    fn cards(&self, card_row: usize) -> Option<(f32, Range<usize>)> {
        match self.all.get(*self.with_cards.get(card_row)?)? {
            (y, Row::Cards(cards)) => Some((*y, cards.clone())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-24 14:00 UTC);

    fn listing(names: &[(&str, i64)]) -> Listing {
        let items = names
            .iter()
            .map(|(name, hours)| {
                Arc::new(GalleryItem {
                    key: format!("t/{name}"),
                    name: (*name).into(),
                    bytes: 1,
                    etag: String::new(),
                    modified: NOW - time::Duration::hours(*hours),
                    job: None,
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

    fn criteria(query: &str, sort: Sort, grouping: Grouping) -> Criteria {
        Criteria {
            query: query.into(),
            sort,
            grouping,
        }
    }

    fn names(arrangement: &Arrangement) -> Vec<&str> {
        arrangement.items.iter().map(|item| item.name.as_str()).collect()
    }

    // Breaks if groups mix, lose the order within, or further frames of a video stand apart from the first.
    #[test]
    fn groups_keep_the_order_within() {
        let listing = listing(&[("b.png", 1), ("a-2.png", 2), ("a.png", 30), ("route-66.png", 60)]);
        let mut arrangement = Arrangement::default();
        arrangement.update(&listing, &criteria("", Sort::Newest, Grouping::Day), NOW);
        let labels: Vec<&str> = arrangement
            .groups
            .iter()
            .map(|group| group.label.as_str())
            .collect();
        assert_eq!(labels[..2], ["Today", "Yesterday"]);
        arrangement.update(&listing, &criteria("", Sort::Oldest, Grouping::Video), NOW);
        assert_eq!(names(&arrangement), ["a.png", "a-2.png", "b.png", "route-66.png"]);
        assert_eq!(arrangement.groups[0].items, 0..2);
        assert_eq!(
            (arrangement.at("t/b.png"), arrangement.at("t/x.png")),
            (Some(2), None)
        );
    }

    // Breaks if it is made again for nothing, or not made again for a new listing.
    #[test]
    fn it_is_made_only_on_change() {
        let mut listing = listing(&[("b.png", 1), ("A.png", 2)]);
        let mut arrangement = Arrangement::default();
        assert!(arrangement.update(&listing, &criteria("a.P", Sort::Name, Grouping::None), NOW));
        assert_eq!(names(&arrangement), ["A.png"]);
        assert!(!arrangement.update(&listing, &criteria("a.P", Sort::Name, Grouping::None), NOW));
        listing.revision += 1;
        assert!(arrangement.update(&listing, &criteria("", Sort::Name, Grouping::None), NOW));
        assert_eq!(names(&arrangement), ["A.png", "b.png"]);
    }

    // Breaks if the arrows leave a column, stop at a group's head, or what is drawn is not what is on the screen.
    #[test]
    fn rows_are_found() {
        let names: Vec<String> = (0..10)
            .map(|n| format!("{}{n}.png", if n < 4 { 'a' } else { 'b' }))
            .collect();
        let named: Vec<(&str, i64)> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), if at < 4 { 1 } else { 30 }))
            .collect();
        let mut arrangement = Arrangement::default();
        arrangement.update(&listing(&named), &criteria("", Sort::Newest, Grouping::Day), NOW);
        let mut rows = Rows::default();
        let measure = Measure {
            columns: 3,
            card: 100.0,
            head: 20.0,
        };
        rows.update(&arrangement, measure);
        // Head, 0..3, 3..4, head, 4..7, 7..10.
        assert_eq!(rows.height, 440.0);
        assert_eq!(rows.place(0), Some((20.0, 0)));
        assert_eq!(rows.place(5), Some((240.0, 1)));
        assert_eq!((rows.step(2, 1), rows.step(3, 1), rows.step(8, -2)), (3, 4, 3));
        assert_eq!((rows.step(0, -1), rows.step(9, 1)), (0, 9));
        let seen: Vec<Row> = rows
            .between(130.0, 245.0)
            .iter()
            .map(|(_, row)| row.clone())
            .collect();
        assert_eq!(seen, [Row::Cards(3..4), Row::Head(1), Row::Cards(4..7)]);
        assert_eq!(rows.place(10), None);
    }
}
