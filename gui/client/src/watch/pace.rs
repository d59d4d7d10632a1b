//! How often AWS is asked: less and less while nothing changes, never more than it takes, and less still when it says
//! that it is too much.

use std::time::{Duration, Instant};

use posterframe_contract::names;

/// How often the watcher looks, and how long it waits: AWS is asked less often than a server on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Between two looks at the tasks, while something changes and while nothing does.
    pub(super) tasks: PollInterval,
    /// Between two listings of stopped tasks, for jobs whose task is not among the running ones.
    pub(super) lost: PollInterval,
    /// Between two looks at the logs.
    pub(super) logs: PollInterval,
    /// Between two looks for the thumbnail of a job that says nothing.
    pub(super) thumbnail: PollInterval,
    /// How long a job's log is still read after its end: CloudWatch shows lines late.
    pub(super) drain: Duration,
    /// How far back a log is read again, for lines that come late.
    pub(super) overlap: Duration,
    /// How long an upload may stay without a task, where what the function says of it will not pass.
    pub(super) no_task: Duration,
    /// How long, where it may pass or nothing was said: the queue gives the upload's event out again and again.
    pub(super) queue: Duration,
    /// How long a task that was there may be missing: ECS's answers are eventually right.
    pub(super) missing: Duration,
    /// Requests a second, and at once.
    pub(super) requests: (f64, f64),
}

/// The shortest and the longest pause between two looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollInterval {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

/// In milliseconds.
const fn interval(min: u64, max: u64) -> PollInterval {
    PollInterval {
        min: Duration::from_millis(min),
        max: Duration::from_millis(max),
    }
}

impl Pace {
    pub(super) const HERE: Self = Self {
        tasks: interval(40, 1_000),
        lost: interval(40, 1_000),
        logs: interval(40, 1_000),
        thumbnail: interval(500, 5_000),
        drain: Duration::from_millis(500),
        overlap: Duration::from_secs(1),
        no_task: Duration::from_mins(2),
        // The queue on this machine gives an event up after seconds.
        queue: Duration::from_mins(2),
        missing: Duration::from_secs(5),
        requests: (500.0, 500.0),
    };

    pub(super) const AWS: Self = Self {
        tasks: interval(1_000, 5_000),
        lost: interval(3_000, 30_000),
        logs: interval(2_000, 10_000),
        thumbnail: interval(15_000, 120_000),
        drain: Duration::from_secs(20),
        overlap: Duration::from_secs(30),
        no_task: Duration::from_mins(10),
        queue: names::QUEUE_PATIENCE,
        missing: Duration::from_mins(1),
        requests: (4.0, 6.0),
    };
}

/// When one thing is next looked at: sooner while it changes, later while it does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdaptiveTimer {
    interval: PollInterval,
    gap: Duration,
    next: Instant,
}

impl AdaptiveTimer {
    /// Due at once.
    pub(super) const fn new(interval: PollInterval, now: Instant) -> Self {
        Self {
            interval,
            gap: interval.min,
            next: now,
        }
    }

    /// Due after the first pause.
    pub(super) fn later(interval: PollInterval, now: Instant) -> Self {
        Self {
            next: now + interval.min,
            ..Self::new(interval, now)
        }
    }

    pub(super) const fn next(&self) -> Instant {
        self.next
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next <= now
    }

    /// It was looked at: soon again where something had changed, later where not.
    pub(super) fn looked(&mut self, now: Instant, changed: bool) {
        self.gap = if changed {
            self.interval.min
        } else {
            (self.gap * 3 / 2).min(self.interval.max)
        };
        self.next = now + self.gap;
    }

    /// Something happened elsewhere that makes news likely.
    pub(super) fn poll_soon(&mut self, now: Instant) {
        self.gap = self.interval.min;
        self.next = self.next.min(now + self.gap);
    }

    /// It failed: a pause as long as any.
    pub(super) fn failed(&mut self, now: Instant) {
        self.gap = self.interval.max;
        self.next = now + self.gap;
    }
}

/// The requests that AWS is to be asked a second. Where it throttles, half as many, and then slowly more again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    full: f64,
    rate: f64,
    burst: f64,
    left: f64,
    at: Instant,
}

impl Budget {
    /// The slowest: one request in so many seconds.
    const SLOWEST: f64 = 1.0 / 8.0;
    /// What each request that succeeds brings back.
    const RECOVERY: f64 = 1.02;

    pub(super) const fn new((rate, burst): (f64, f64), now: Instant) -> Self {
        Self {
            full: rate,
            rate,
            burst,
            left: burst,
            at: now,
        }
    }

    /// Takes one request, and says when it may be sent.
    pub(super) fn take(&mut self, now: Instant) -> Instant {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.rate).min(self.burst);
        self.at = self.at.max(now);
        self.left -= 1.0;
        if self.left >= 0.0 {
            return now;
        }
        now + Duration::from_secs_f64(-self.left / self.rate)
    }

    pub(super) fn succeeded(&mut self) {
        self.rate = (self.rate * Self::RECOVERY).min(self.full);
    }

    pub(super) fn throttled(&mut self) {
        self.rate = (self.rate / 2.0).max(Self::SLOWEST);
        self.left = self.left.min(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if pauses do not grow while nothing happens, or do not shrink at once when something does.
    #[test]
    fn pauses_grow_and_shrink() {
        let start = Instant::now();
        let mut beat = AdaptiveTimer::new(interval(1_000, 5_000), start);
        let mut gaps = Vec::new();
        for changed in [false, false, false, false, false, true] {
            assert!(beat.is_due(beat.next()));
            let now = beat.next();
            beat.looked(now, changed);
            gaps.push((beat.next() - now).as_millis());
        }
        assert_eq!(gaps, [1_500, 2_250, 3_375, 5_000, 5_000, 1_000]);
    }

    fn sent(budget: &mut Budget, from: Instant, seconds: u64) -> usize {
        let end = from + Duration::from_secs(seconds);
        let mut now = from;
        let mut count = 0;
        loop {
            now = budget.take(now);
            if now >= end {
                return count;
            }
            count += 1;
        }
    }

    // Breaks if more is sent than AWS is to bear, or throttling changes nothing, or for good.
    #[test]
    fn requests_are_bounded() {
        let now = Instant::now();
        let mut budget = Budget::new(Pace::AWS.requests, now);
        assert!(sent(&mut budget, now, 100) <= 406);
        let now = now + Duration::from_secs(101);
        budget.throttled();
        let slow = sent(&mut budget, now, 10);
        assert!((18..=21).contains(&slow), "{slow}");
        for _ in 0..100 {
            budget.succeeded();
        }
        let now = now + Duration::from_secs(20);
        assert!(sent(&mut budget, now, 10) >= 40);
    }
}
