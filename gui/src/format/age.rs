//! Formats times relative to now.

use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::local;

/// `just now`, `2 min ago`, `3 h ago`, then `Yesterday`, `Mon 10:12`, and `3 Nov 2026`, in local time.
pub fn age(now: OffsetDateTime, then: OffsetDateTime) -> String {
    let passed = now - then;
    let (now, then) = (local(now), local(then));
    let days = (now.date() - then.date()).whole_days();
    // Clocks of two machines may differ, so a time in the future counts as now.
    if passed < Duration::minutes(1) {
        "just now".to_owned()
    } else if passed < Duration::hours(1) {
        format!("{} min ago", passed.whole_minutes())
    } else if days == 0 || passed < Duration::hours(6) {
        format!("{} h ago", passed.whole_hours())
    } else if days == 1 {
        "Yesterday".to_owned()
    } else if days < 7 {
        then.format(format_description!("[weekday repr:short] [hour]:[minute]"))
            .unwrap_or_default()
    } else {
        then.format(format_description!(
            "[day padding:none] [month repr:short] [year]"
        ))
        .unwrap_or_default()
    }
}

/// `Today, 13:50`, `Yesterday, 13:50`, `3 Nov 2026, 13:50`, in local time.
pub fn moment(now: OffsetDateTime, then: OffsetDateTime) -> String {
    let (now, then) = (local(now), local(then));
    let clock = then
        .format(format_description!("[hour]:[minute]"))
        .unwrap_or_default();
    let day = match (now.date() - then.date()).whole_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => then
            .format(format_description!(
                "[day padding:none] [month repr:short] [year]"
            ))
            .unwrap_or_default(),
    };
    format!("{day}, {clock}")
}

/// `Today`, `Yesterday`, `Monday`, then `3 Nov 2026`. The date is one of local time.
pub fn day(now: OffsetDateTime, date: time::Date) -> String {
    let days = (local(now).date() - date).whole_days();
    match days {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        2..7 => date.weekday().to_string(),
        _ => date
            .format(format_description!(
                "[day padding:none] [month repr:short] [year]"
            ))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    // Breaks if an age is rounded up, or a clock that runs ahead gives a negative one.
    #[test]
    fn ages() {
        let now = datetime!(2026-11-24 12:00 UTC);
        assert_eq!(age(now, now + Duration::minutes(5)), "just now");
        assert_eq!(age(now, now - Duration::seconds(179)), "2 min ago");
        assert_eq!(age(now, now - Duration::minutes(119)), "1 h ago");
        assert_eq!(age(now, datetime!(2026-11-03 08:00 UTC)), "3 Nov 2026");
    }
}
