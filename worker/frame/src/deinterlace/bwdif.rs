//! The arithmetic of the Bob Weaver deinterlacing filter, for one line of one plane.
//!
//! A missing value is looked for in time and in its column: where nothing moves, it is the mean of the other field's values
//! before and after; where something does, that mean only bounds a filter over the column. The filter over fields is that
//! of Martin Weston for BBC R&D (PH-2071, the Weston 3 Field Deinterlacer), the bounds are those of Yadif. Coefficients,
//! rounding and the rules at the edges are those of ffmpeg's `bwdif`, so that its values come out.

/// Bits after the point of the coefficients.
const POINT: u32 = 13;
/// Weights of the nearest and the next lines of the field itself, where the other field adds the fine detail.
const LOW: [i32; 2] = [4_309, 213];
/// Weights of the other field's lines: in the place itself, two and four lines away. They have two bits more after the point.
const HIGH: [i32; 3] = [5_570, 3_801, 1_016];
/// Weights of the nearest and the next lines, where the field is alone.
const ALONE: [i32; 2] = [5_077, 981];

/// A value as it lies in memory.
pub(super) trait Value: Copy {
    const BYTES: usize;
    fn get(self) -> i32;
    fn of(value: i32) -> Self;
}

impl Value for [u8; 1] {
    const BYTES: usize = 1;

    fn get(self) -> i32 {
        self[0].into()
    }

    fn of(value: i32) -> Self {
        [value as u8]
    }
}

impl Value for [u8; 2] {
    const BYTES: usize = 2;

    fn get(self) -> i32 {
        u16::from_ne_bytes(self).into()
    }

    fn of(value: i32) -> Self {
        (value as u16).to_ne_bytes()
    }
}

/// The lines of one plane in three frames, all of the same length, top line first.
pub(super) struct Planes<'a, T> {
    /// Of the frame before; without one, the field that is kept is interpolated alone.
    pub(super) before: Option<Vec<&'a [T]>>,
    pub(super) current: Vec<&'a [T]>,
    pub(super) after: Vec<&'a [T]>,
    /// The largest value.
    pub(super) most: i32,
}

impl<T: Value> Planes<'_, T> {
    /// Line `y` at the time of the field that the lines above and below belong to, which is shown before the field of `y`.
    pub(super) fn interpolate(&self, y: usize, into: &mut [T]) {
        let height = self.current.len();
        match &self.before {
            None => self.alone(y, into),
            Some(before) if y < 4 || y + 5 > height => {
                let is_checked = y >= 2 && y + 3 <= height;
                self.at_the_edge(before, y, is_checked, into);
            }
            Some(before) => self.inside(before, y, into),
        }
    }

    /// The lines right above and below, or one of them for both at the edge. ffmpeg compares a line's number with a distance
    /// in bytes, so that with two bytes a value the last but one line counts as the edge too.
    const fn above_and_below(&self, y: usize, distance: usize) -> (usize, usize) {
        let last = self.current.len() - 1;
        let above = if y >= distance * T::BYTES {
            y - distance
        } else {
            y + 1
        };
        let below = if y + distance * T::BYTES <= last {
            y + distance
        } else {
            y.saturating_sub(1)
        };
        // In planes of a few lines ffmpeg reads what lies behind the last one.
        (if above < last { above } else { last }, below)
    }

    fn alone(&self, y: usize, into: &mut [T]) {
        let length = into.len();
        let (above, below) = self.above_and_below(y, 1);
        let (far_above, far_below) = self.above_and_below(y, 3);
        let line = |y: usize| &self.current[y][..length];
        let (above, below, far_above, far_below) =
            (line(above), line(below), line(far_above), line(far_below));
        for (x, to) in into.iter_mut().enumerate() {
            let near = above[x].get() + below[x].get();
            let far = far_above[x].get() + far_below[x].get();
            let value = (ALONE[0] * near - ALONE[1] * far) >> POINT;
            *to = T::of(value.max(0).min(self.most));
        }
    }

    fn at_the_edge(&self, before: &[&[T]], y: usize, is_checked: bool, into: &mut [T]) {
        let length = into.len();
        let (above, below) = self.above_and_below(y, 1);
        let near = Near::of(before, self, y, (above, below), length);
        let twice = |y: usize| (&before[y][..length], &self.current[y][..length]);
        let two_away = if is_checked { (y - 2, y + 2) } else { (y, y) };
        let (higher, lower) = (twice(two_away.0), twice(two_away.1));
        for (x, to) in into.iter_mut().enumerate() {
            let change = near.at(x);
            let bound = if is_checked {
                change.bound(sum(higher, x), sum(lower, x))
            } else {
                change.most()
            };
            let value = (change.above + change.below) >> 1;
            *to = T::of(change.bounded(value, bound).max(0).min(self.most));
        }
    }

    fn inside(&self, before: &[&[T]], y: usize, into: &mut [T]) {
        let length = into.len();
        let near = Near::of(before, self, y, (y - 1, y + 1), length);
        let twice = |y: usize| (&before[y][..length], &self.current[y][..length]);
        let (higher, lower) = (twice(y - 2), twice(y + 2));
        let (highest, lowest) = (twice(y - 4), twice(y + 4));
        let far = (&self.current[y - 3][..length], &self.current[y + 3][..length]);
        for (x, to) in into.iter_mut().enumerate() {
            let change = near.at(x);
            let (high, low) = (sum(higher, x), sum(lower, x));
            let bound = change.bound(high, low);
            let (near, far) = (change.above + change.below, sum(far, x));
            let detail = HIGH[0] * change.in_place - HIGH[1] * (high + low)
                + HIGH[2] * (sum(highest, x) + sum(lowest, x));
            let woven = ((detail >> 2) + LOW[0] * near - LOW[1] * far) >> POINT;
            let alone = (ALONE[0] * near - ALONE[1] * far) >> POINT;
            let is_steep = (change.above - change.below).abs() > change.between_fields;
            let value = if is_steep { woven } else { alone };
            *to = T::of(change.bounded(value, bound).max(0).min(self.most));
        }
    }
}

fn sum<T: Value>((one, other): (&[T], &[T]), x: usize) -> i32 {
    one[x].get() + other[x].get()
}

/// The lines around a missing one in space and time.
struct Near<'a, T> {
    /// The line itself, of the other field: before and after.
    in_place: (&'a [T], &'a [T]),
    /// The lines above, of the frame before, the current one and the one after.
    above: [&'a [T]; 3],
    below: [&'a [T]; 3],
}

impl<'a, T: Value> Near<'a, T> {
    fn of(
        before: &[&'a [T]],
        planes: &Planes<'a, T>,
        y: usize,
        (above, below): (usize, usize),
        length: usize,
    ) -> Self {
        let times = |y: usize| [before[y], planes.current[y], planes.after[y]].map(|line| &line[..length]);
        let [before, current, _] = times(y);
        Self {
            in_place: (before, current),
            above: times(above),
            below: times(below),
        }
    }

    #[inline]
    fn at(&self, x: usize) -> Change {
        let [before_above, above, after_above] = self.above.map(|line| line[x].get());
        let [before_below, below, after_below] = self.below.map(|line| line[x].get());
        let (one, other) = (self.in_place.0[x].get(), self.in_place.1[x].get());
        let since = ((before_above - above).abs() + (before_below - below).abs()) >> 1;
        let until = ((after_above - above).abs() + (after_below - below).abs()) >> 1;
        Change {
            above,
            below,
            in_place: one + other,
            between_fields: (one - other).abs(),
            in_field: since.max(until),
        }
    }
}

/// How much changes around one missing value.
#[derive(Clone, Copy)]
struct Change {
    /// The values right above and below.
    above: i32,
    below: i32,
    /// The sum of the other field's values in the place itself, before and after.
    in_place: i32,
    /// Their difference.
    between_fields: i32,
    /// The larger difference of the values above and below to those of the frames before and after.
    in_field: i32,
}

impl Change {
    const fn mean(self) -> i32 {
        self.in_place >> 1
    }

    fn most(self) -> i32 {
        (self.between_fields >> 1).max(self.in_field)
    }

    /// How far the value may be from the mean: further where the column has an edge here, by the sums of the other field's
    /// values two lines higher and lower.
    #[inline]
    fn bound(self, higher: i32, lower: i32) -> i32 {
        let (above, below) = (self.mean() - self.above, self.mean() - self.below);
        let (higher, lower) = ((higher >> 1) - self.above, (lower >> 1) - self.below);
        let most = above.max(below).max(higher.min(lower));
        let least = above.min(below).min(higher.max(lower));
        self.most().max(least).max(-most)
    }

    /// The value, near the mean; the mean itself where nothing moves. Not by `clamp`, which checks its bounds: a loop with a
    /// check in it does one value at a time, and takes three times as long.
    #[inline]
    fn bounded(self, value: i32, bound: i32) -> i32 {
        let bounded = value.max(self.mean() - bound).min(self.mean() + bound);
        if self.most() == 0 { self.mean() } else { bounded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of values that look random.
    fn plane(height: usize, width: usize, seed: u32, value: impl Fn(u32) -> u16) -> Vec<Vec<[u8; 2]>> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            value(state >> 16).to_ne_bytes()
        };
        (0..height)
            .map(|_| (0..width).map(|_| next()).collect())
            .collect()
    }

    fn lines(plane: &[Vec<[u8; 2]>]) -> Vec<&[[u8; 2]]> {
        plane.iter().map(Vec::as_slice).collect()
    }

    // Breaks if what does not move loses its sharpness.
    #[test]
    fn what_stands_still_stays() {
        let still = plane(20, 30, 1, |random| random as u16);
        let planes = Planes {
            before: Some(lines(&still)),
            current: lines(&still),
            after: lines(&still),
            most: 65_535,
        };
        for (y, line) in still.iter().enumerate() {
            let mut into = vec![[0; 2]; 30];
            planes.interpolate(y, &mut into);
            assert_eq!(into, *line, "{y}");
        }
    }

    // Breaks if a plane of a few lines is read past its end, or a sum of the largest values overflows.
    #[test]
    fn small_planes_and_large_values() {
        let extreme = |random: u32| if random.is_multiple_of(2) { 0 } else { u16::MAX };
        for height in 1..16 {
            let [before, current, after] = [1, 2, 3].map(|seed| plane(height, 300, seed, extreme));
            for has_before in [false, true] {
                let planes = Planes {
                    before: has_before.then(|| lines(&before)),
                    current: lines(&current),
                    after: lines(&after),
                    most: 65_535,
                };
                for y in 0..height {
                    planes.interpolate(y, &mut vec![[0; 2]; 300]);
                }
            }
        }
    }
}
