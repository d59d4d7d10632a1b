//! What time it is where jobs run, as the backend's answers say: a clock on this machine that is wrong, or is set while
//! jobs are under way, puts nothing in the wrong order then.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use time::{Duration, OffsetDateTime};

use super::time::from_aws;

/// An answer tells whole seconds and takes a moment to arrive. A clock that is no further off is taken as right: it
/// knows milliseconds.
const NEGLIGIBLE_OFFSET: Duration = Duration::seconds(2);

/// How far the backend's clock is before this machine's.
#[derive(Debug, Default)]
pub(crate) struct ServerTime {
    ahead_millis: AtomicI64,
}

impl ServerTime {
    /// The backend says that it is `date` there, while it is `wall` here.
    pub(crate) fn note(&self, date: OffsetDateTime, wall: OffsetDateTime) {
        // Half a second more, on average: the rest of it was cut off.
        let ahead = date + Duration::milliseconds(500) - wall;
        let ahead = if ahead.abs() <= NEGLIGIBLE_OFFSET {
            Duration::ZERO
        } else {
            ahead
        };
        self.ahead_millis
            .store(ahead.whole_milliseconds() as i64, Ordering::Relaxed);
    }

    /// What time it is there while it is `wall` here.
    pub(crate) fn at(&self, wall: OffsetDateTime) -> OffsetDateTime {
        wall + Duration::milliseconds(self.ahead_millis.load(Ordering::Relaxed))
    }

    /// What time it is there. Until its first answer, what this machine says.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.at(OffsetDateTime::now_utc())
    }
}

/// Hears the time in any service's answer, be it a refusal.
#[derive(Debug)]
pub(crate) struct TimeInterceptor(pub(crate) Arc<ServerTime>);

impl Intercept for TimeInterceptor {
    fn name(&self) -> &'static str {
        "server time"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response().headers();
        // What a cache answers is of another time.
        let date = headers.get("date").filter(|_| headers.get("age").is_none());
        if let Some(date) = date.and_then(|text| DateTime::from_str(text, DateTimeFormat::HttpDate).ok()) {
            self.0.note(from_aws(&date), OffsetDateTime::now_utc());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a right clock loses its milliseconds, or a wrong one is believed.
    #[test]
    fn a_wrong_clock_is_corrected_and_a_right_one_kept() {
        let time = ServerTime::default();
        let wall = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(1_000_000_123);
        assert_eq!(time.at(wall), wall);
        time.note(wall - Duration::milliseconds(1_123), wall);
        assert_eq!(time.at(wall), wall);
        for hours in [-7, 7] {
            let there = wall + Duration::hours(hours);
            time.note(there, wall);
            assert!((time.at(wall) - there).abs() < Duration::seconds(1));
        }
        // The clock is put right.
        time.note(wall, wall);
        assert_eq!(time.at(wall), wall);
    }
}
