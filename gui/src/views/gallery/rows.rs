//! The rows of the grid. They are computed only when something changes, and drawing a frame visits only those on the screen.

use std::ops::Range;

use super::arrange::Arrangement;
use super::groups::Group;

/// The content of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The heading of this group.
    Head(usize),
    /// The cards of these thumbnails, side by side.
    Cards(Range<usize>),
}

/// The measures of the rows, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Measure {
    pub(super) columns: usize,
    /// Height of a row of cards, and of a group's heading, each with the space below it.
    pub(super) card: f32,
    pub(super) head: f32,
}

/// All rows and their tops, in points.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<(f32, Row)>,
    /// Indices of the rows with cards.
    with_cards: Vec<usize>,
    /// Height of all rows, in points.
    pub(super) height: f32,
    made_from: Option<(u64, Measure)>,
}

impl Rows {
    pub(super) fn update(&mut self, arrangement: &Arrangement, measure: Measure) {
        if self.made_from == Some((arrangement.number(), measure)) {
            return;
        }
        self.all.clear();
        self.with_cards.clear();
        self.height = 0.0;
        let ungrouped = [Group::of_all(arrangement.items.len())];
        let groups = if arrangement.groups.is_empty() {
            &ungrouped[..]
        } else {
            &arrangement.groups
        };
        for (at, group) in groups.iter().enumerate() {
            if !arrangement.groups.is_empty() {
                self.all.push((self.height, Row::Head(at)));
                self.height += measure.head;
            }
            if arrangement.is_closed(group) {
                continue;
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
        self.made_from = Some((arrangement.number(), measure));
    }

    /// The rows that overlap the range from `top` to `bottom`, in points.
    pub(super) fn between(&self, top: f32, bottom: f32) -> &[(f32, Row)] {
        let first = self.all.partition_point(|(y, _)| *y <= top).saturating_sub(1);
        let last = self.all.partition_point(|(y, _)| *y < bottom);
        &self.all[first.min(last)..last]
    }

    /// The position of a thumbnail: its row's top, in points, and its column.
    pub(super) fn position(&self, item: usize) -> Option<(f32, usize)> {
        let (y, cards) = self.cards(self.row_of(item)?)?;
        cards.contains(&item).then(|| (y, item - cards.start))
    }

    /// The thumbnail in the same column, `rows` rows of cards further down.
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

    /// The index of a thumbnail's row among the rows of cards.
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
    use super::super::arrange::tests::{NOW, criteria, listing};
    use super::super::criteria::{Grouping, Sort};
    use super::*;

    // Breaks if the arrow keys leave a column or stop at a heading, or the drawn rows are not those on the screen.
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
        arrangement.update(
            &listing(&named),
            &criteria("", Sort::Newest, Grouping::Day),
            NOW,
            &|_| None,
        );
        let mut rows = Rows::default();
        let measure = Measure {
            columns: 3,
            card: 100.0,
            head: 20.0,
        };
        rows.update(&arrangement, measure);
        // The rows are: heading, 0..3, 3..4, heading, 4..7, 7..10.
        assert_eq!(rows.height, 440.0);
        assert_eq!(rows.position(0), Some((20.0, 0)));
        assert_eq!(rows.position(5), Some((240.0, 1)));
        assert_eq!((rows.step(2, 1), rows.step(3, 1), rows.step(8, -2)), (3, 4, 3));
        assert_eq!((rows.step(0, -1), rows.step(9, 1)), (0, 9));
        let seen: Vec<Row> = rows
            .between(130.0, 245.0)
            .iter()
            .map(|(_, row)| row.clone())
            .collect();
        assert_eq!(seen, [Row::Cards(3..4), Row::Head(1), Row::Cards(4..7)]);
        assert_eq!(rows.position(10), None);
    }
}
