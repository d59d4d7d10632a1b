//! Groups of thumbnails: by day, video or job, each with its heading and how many frames it shows.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use posterframe_client::GalleryItem;
use time::{Date, OffsetDateTime};

use super::criteria::{Criteria, Grouping, Sort};
use crate::format;
use crate::format::day;

/// What the job of a thumbnail tells of it.
pub(super) struct Known {
    /// The video's name.
    pub(super) video: String,
    /// Which of the job's stills it is of, counted from 0; `None` of a sheet, and where that is not known.
    pub(super) still: Option<usize>,
}

/// A group: its heading, when its newest thumbnail was made, which they are, and of how many frames.
pub(super) struct Group {
    pub(super) key: GroupKey,
    pub(super) label: String,
    pub(super) newest: OffsetDateTime,
    pub(super) items: Range<usize>,
    /// How many stills they are of: several files of one count once, and sheets are of none.
    pub(super) frames: usize,
}

impl Group {
    /// Of all of so many thumbnails, where there are no groups.
    pub(super) const fn of_all(count: usize) -> Self {
        Self {
            key: GroupKey::Job(String::new()),
            label: String::new(),
            newest: OffsetDateTime::UNIX_EPOCH,
            items: 0..count,
            frames: 0,
        }
    }
}

/// Puts the thumbnails of each group beside each other. No groups where none are asked for.
pub(super) fn grouped(
    items: &mut Vec<Arc<GalleryItem>>,
    criteria: &Criteria,
    now: OffsetDateTime,
    known: &dyn Fn(&GalleryItem) -> Option<Known>,
) -> Vec<Group> {
    if criteria.grouping == Grouping::None || items.is_empty() {
        return Vec::new();
    }
    // The sort is stable, which keeps the order within groups.
    let mut keyed: Vec<(GroupKey, Arc<GalleryItem>)> = std::mem::take(items)
        .into_iter()
        .map(|item| (GroupKey::of(&item, criteria.grouping, known), item))
        .collect();
    let oldest = criteria.sort == Sort::Oldest;
    keyed.sort_by(|(a, _), (b, _)| a.order(b, oldest));
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    let mut stills = HashSet::new();
    for (at, (key, item)) in keyed.into_iter().enumerate() {
        if last.as_ref() != Some(&key) {
            groups.push(Group {
                label: key.label(&item, now, known),
                key: key.clone(),
                newest: item.modified,
                items: at..at,
                frames: 0,
            });
            stills.clear();
            last = Some(key);
        }
        if let Some(group) = groups.last_mut() {
            group.items.end = at + 1;
            group.newest = group.newest.max(item.modified);
            stills.extend(StillKey::of(&item, known));
            group.frames = stills.len();
        }
        items.push(item);
    }
    groups
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum GroupKey {
    Day(Date),
    Video(String),
    /// The folder, which one job has for itself. A job's id begins with its time.
    Job(String),
}

impl GroupKey {
    fn of(item: &GalleryItem, grouping: Grouping, known: &dyn Fn(&GalleryItem) -> Option<Known>) -> Self {
        match grouping {
            Grouping::Video => Self::Video(video(item, known)),
            Grouping::Job => Self::Job(folder(item).to_owned()),
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
        known: &dyn Fn(&GalleryItem) -> Option<Known>,
    ) -> String {
        match self {
            Self::Day(date) => day(now, *date),
            Self::Video(name) => name.clone(),
            Self::Job(_) => video(first, known),
        }
    }
}

/// A still that files are of.
#[derive(PartialEq, Eq, Hash)]
enum StillKey {
    /// Its number in the job that has this folder.
    Numbered(String, usize),
    /// A file's place without its extension: where the job is not known, other formats of one still have the same.
    Named(String),
}

impl StillKey {
    /// `None` of a sheet.
    fn of(item: &GalleryItem, known: &dyn Fn(&GalleryItem) -> Option<Known>) -> Option<Self> {
        let stem = stem(&item.name);
        match known(item).and_then(|known| known.still) {
            Some(still) => Some(Self::Numbered(folder(item).to_owned(), still)),
            None if item.cues.is_some() || without_sheet(stem) != stem => None,
            None => Some(Self::Named(format!("{}/{stem}", folder(item)))),
        }
    }
}

fn folder(item: &GalleryItem) -> &str {
    item.key.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The name of a sheet's video: `bunny` of `bunny-sheet` and `bunny-contact`. Other names stay as they are.
fn without_sheet(stem: &str) -> &str {
    let of_sheet = ["-sheet", "-contact"]
        .into_iter()
        .find_map(|kind| stem.strip_suffix(kind));
    of_sheet.filter(|video| !video.is_empty()).unwrap_or(stem)
}

fn video(item: &GalleryItem, known: &dyn Fn(&GalleryItem) -> Option<Known>) -> String {
    known(item).map_or_else(|| video_of(&item.name).to_owned(), |known| known.video)
}

/// The video's name, from a thumbnail's name: further frames of `bunny` are `bunny-2.png`, `bunny-3.png`, and its sheet is
/// `bunny-sheet.jpg`.
fn video_of(name: &str) -> &str {
    let stem = without_sheet(stem(name));
    match stem.rsplit_once('-') {
        Some((video, number))
            if !video.is_empty() && number.len() < 5 && number.parse::<u32>().is_ok_and(|n| n > 1) =>
        {
            video
        }
        _ => stem,
    }
}
