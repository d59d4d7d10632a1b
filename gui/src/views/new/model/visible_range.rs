//! The range of the video that the timeline shows: all of it, or less.

use std::ops::Range;
use std::time::Duration;

/// The least that is shown, in seconds: some frames of any video.
const MIN_SPAN: f64 = 0.4;

/// Seconds from the start of the video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleRange {
    from: f64,
    span: f64,
    length: f64,
}

impl VisibleRange {
    pub fn whole(length: Duration) -> Self {
        let length = length.as_secs_f64();
        Self {
            from: 0.0,
            span: length,
            length,
        }
    }

    /// The same range, of a video whose length is known better now.
    pub fn of(self, length: Duration) -> Self {
        if self.is_whole() {
            return Self::whole(length);
        }
        Self {
            length: length.as_secs_f64(),
            ..self
        }
        .within()
    }

    pub fn is_whole(&self) -> bool {
        self.span >= self.length
    }

    pub const fn from(&self) -> f64 {
        self.from
    }

    pub const fn span(&self) -> f64 {
        self.span
    }

    pub const fn length(&self) -> f64 {
        self.length
    }

    pub fn times(&self) -> Range<Duration> {
        let at = |seconds: f64| Duration::from_secs_f64(seconds.max(0.0));
        at(self.from)..at(self.from + self.span)
    }

    pub fn contains(&self, time: Duration) -> bool {
        let time = time.as_secs_f64();
        self.is_whole() || (self.from..=self.from + self.span).contains(&time)
    }

    /// Larger by `factor` around `at`, which stays where it is on the screen.
    pub fn zoomed(self, at: f64, factor: f64) -> Self {
        let least = MIN_SPAN.min(self.length);
        let span = (self.span / factor).clamp(least, self.length);
        let place = (at - self.from) / self.span;
        Self {
            from: at - place * span,
            span,
            ..self
        }
        .within()
    }

    /// Later by `seconds`.
    pub fn moved(self, seconds: f64) -> Self {
        Self {
            from: self.from + seconds,
            ..self
        }
        .within()
    }

    /// Moved so far that `time` is in it: to its middle, so that the next steps do not leave it at once.
    pub fn showing(self, time: Duration) -> Self {
        if self.contains(time) {
            return self;
        }
        let middle = time.as_secs_f64() - self.span / 2.0;
        self.moved(middle - self.from)
    }

    fn within(self) -> Self {
        let span = self.span.min(self.length);
        Self {
            from: self.from.clamp(0.0, (self.length - span).max(0.0)),
            span,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    // Breaks if what is under the pointer moves away while zooming, or the range leaves the video.
    #[test]
    fn zooming_keeps_the_pointer_and_the_video() {
        let range = VisibleRange::whole(Duration::from_secs(100)).zoomed(30.0, 4.0);
        assert!(near(range.from(), 22.5) && near(range.span(), 25.0), "{range:?}");
        let range = range.zoomed(range.from(), 1e9);
        assert!(
            near(range.from(), 22.5) && near(range.span(), MIN_SPAN),
            "{range:?}"
        );
        let range = range.moved(1e6);
        assert!(near(range.from() + range.span(), 100.0), "{range:?}");
        assert!(range.moved(-1e6).from().abs() < 1e-9);
        assert!(range.zoomed(99.9, 1e-9).is_whole());
    }

    // Breaks if steps lead the playhead out of sight, or a range is lost when the length is corrected.
    #[test]
    fn the_playhead_stays_in_sight() {
        let range = VisibleRange::whole(Duration::from_secs(100)).zoomed(10.0, 10.0);
        let moved = range.showing(Duration::from_mins(1));
        assert!(moved.contains(Duration::from_mins(1)) && near(moved.from(), 55.0));
        assert_eq!(moved.showing(Duration::from_secs(61)), moved);
        assert!(near(moved.of(Duration::from_secs(58)).from(), 48.0));
        assert!(
            VisibleRange::whole(Duration::from_secs(9))
                .of(Duration::from_secs(10))
                .is_whole()
        );
        assert!(
            VisibleRange::whole(Duration::from_millis(100))
                .zoomed(0.05, 8.0)
                .is_whole()
        );
    }
}
