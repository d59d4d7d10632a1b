//! The arrangement of the thumbnails: filtered, sorted and grouped. It is computed only when something changes.

use std::cmp::{Ordering, Reverse};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use posterframe_client::{GalleryItem, Listing};
use posterframe_contract::Format;
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

/// A group: its heading, when its newest thumbnail was made, and which they are.
pub(super) struct Group {
    key: GroupKey,
    pub(super) label: String,
    pub(super) newest: OffsetDateTime,
    pub(super) items: Range<usize>,
}

impl Group {
    /// Of all of so many thumbnails, where there are no groups.
    pub(super) const fn of_all(count: usize) -> Self {
        Self {
            key: GroupKey::Job(String::new()),
            label: String::new(),
            newest: OffsetDateTime::UNIX_EPOCH,
            items: 0..count,
        }
    }
}

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
    /// `video` names the video of a thumbnail whose job is known.
    pub(super) fn update(
        &mut self,
        listing: &Listing,
        criteria: &Criteria,
        now: OffsetDateTime,
        video: &dyn Fn(&GalleryItem) -> Option<String>,
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
        self.groups = group(&mut items, criteria, now, video);
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

fn group(
    items: &mut Vec<Arc<GalleryItem>>,
    criteria: &Criteria,
    now: OffsetDateTime,
    video: &dyn Fn(&GalleryItem) -> Option<String>,
) -> Vec<Group> {
    if criteria.grouping == Grouping::None || items.is_empty() {
        return Vec::new();
    }
    // The sort is stable, which keeps the order within groups.
    let mut keyed: Vec<(GroupKey, Arc<GalleryItem>)> = std::mem::take(items)
        .into_iter()
        .map(|item| (GroupKey::of(&item, criteria.grouping, video), item))
        .collect();
    let oldest = criteria.sort == Sort::Oldest;
    keyed.sort_by(|(a, _), (b, _)| a.order(b, oldest));
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (at, (key, item)) in keyed.into_iter().enumerate() {
        if last.as_ref() != Some(&key) {
            groups.push(Group {
                label: key.label(&item, now, video),
                key: key.clone(),
                newest: item.modified,
                items: at..at,
            });
            last = Some(key);
        }
        if let Some(group) = groups.last_mut() {
            group.items.end = at + 1;
            group.newest = group.newest.max(item.modified);
        }
        items.push(item);
    }
    groups
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum GroupKey {
    Day(Date),
    Video(String),
    /// The folder, which one job has for itself. A job's id begins with its time.
    Job(String),
}

impl GroupKey {
    fn of(item: &GalleryItem, grouping: Grouping, video: &dyn Fn(&GalleryItem) -> Option<String>) -> Self {
        match grouping {
            Grouping::Video => Self::Video(video(item).unwrap_or_else(|| video_of(&item.name).to_owned())),
            Grouping::Job => {
                let folder = item.key.rsplit_once('/').map_or("", |(folder, _)| folder);
                Self::Job(folder.to_owned())
            }
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
            (Self::Job(a), Self::Job(b)) if oldest_first => a.cmp(b),
            (Self::Job(a), Self::Job(b)) => b.cmp(a),
            _ => Ordering::Equal,
        }
    }

    /// The heading of a group whose first thumbnail is `first`.
    fn label(
        &self,
        first: &GalleryItem,
        now: OffsetDateTime,
        video: &dyn Fn(&GalleryItem) -> Option<String>,
    ) -> String {
        match self {
            Self::Day(date) => day(now, *date),
            Self::Video(name) => name.clone(),
            Self::Job(_) => video(first).unwrap_or_else(|| video_of(&first.name).to_owned()),
        }
    }
}

/// The video's name, from a thumbnail's name: further frames of `bunny` are `bunny-2.png`, `bunny-3.png`, and its sheet is
/// `bunny-sheet.jpg`.
fn video_of(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let of_sheet = ["-sheet", "-contact"]
        .into_iter()
        .find_map(|kind| stem.strip_suffix(kind));
    let stem = of_sheet.filter(|video| !video.is_empty()).unwrap_or(stem);
    match stem.rsplit_once('-') {
        Some((video, number))
            if !video.is_empty() && number.len() < 5 && number.parse::<u32>().is_ok_and(|n| n > 1) =>
        {
            video
        }
        _ => stem,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use time::macros::datetime;

    use super::super::rows::{Measure, Rows};
    use super::*;

    pub(in super::super) const NOW: OffsetDateTime = datetime!(2026-11-24 14:00 UTC);

    pub(in super::super) fn listing(names: &[(&str, i64)]) -> Listing {
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
        assert_eq!(names(&arrangement), ["2/a.png", "2/a-2.png", "1/a.png"]);
        let items: Vec<_> = arrangement
            .groups
            .iter()
            .map(|group| group.items.clone())
            .collect();
        assert_eq!(items, [0..2, 2..3]);
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
        arrangement.update(&listing, &sheets, NOW, &|_| Some("film.mp4".to_owned()));
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
