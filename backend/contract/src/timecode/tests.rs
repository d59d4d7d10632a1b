use proptest::prelude::*;

use super::*;
use crate::Moment;

fn rate(numerator: u32, denominator: u32, drop: bool) -> TimecodeRate {
    TimecodeRate::of((numerator, denominator), drop).unwrap()
}

fn timecode(text: &str) -> Timecode {
    text.parse().unwrap()
}

/// The next timecode by the rule itself: count on, and leave out the first numbers of each minute but every tenth.
fn counted_on(timecode: Timecode, rate: TimecodeRate) -> Timecode {
    let mut next = Timecode {
        frames: timecode.frames + 1,
        ..timecode
    };
    if next.frames == rate.frames() {
        next.frames = 0;
        next.seconds += 1;
    }
    if next.seconds == 60 {
        next.seconds = 0;
        next.minutes += 1;
        if next.minutes == 60 {
            next.minutes = 0;
            next.hours = (next.hours + 1) % 24;
        }
        if rate.drops() && !next.minutes.is_multiple_of(10) {
            next.frames = rate.frames() / 15;
        }
    }
    next
}

// Breaks if one frame of a whole day has another timecode than by counting, or the way back leads to another frame.
#[test]
fn whole_days_frame_by_frame() {
    for (numerator, denominator, drop, day) in [
        (24_000, 1001, false, 2_073_600),
        (25, 1, false, 2_160_000),
        (30_000, 1001, true, 2_589_408),
        (60_000, 1001, true, 5_178_816),
    ] {
        let rate = rate(numerator, denominator, drop);
        assert_eq!(rate.day(), day);
        let mut expected = rate.timecode(0);
        assert_eq!(
            expected.to_string(),
            if drop { "00:00:00;00" } else { "00:00:00:00" }
        );
        for count in 0..day {
            let timecode = rate.timecode(count as i64);
            assert_eq!(timecode, expected, "frame {count}");
            assert_eq!(rate.count(timecode), Ok(count), "{timecode}");
            expected = counted_on(expected, rate);
        }
        assert_eq!(expected, rate.timecode(0), "a day later it begins again");
    }
}

// Breaks if a drop-frame timecode is off by the dropped numbers where that is easily missed.
#[test]
fn where_numbers_are_dropped() {
    let slow = rate(30_000, 1001, true);
    let fast = rate(60_000, 1001, true);
    let faster = rate(120_000, 1001, true);
    for (rate, count, expected) in [
        (slow, 1_799, "00:00:59;29"),
        (slow, 1_800, "00:01:00;02"),
        (slow, 3_597, "00:01:59;29"),
        (slow, 3_598, "00:02:00;02"),
        (slow, 17_981, "00:09:59;29"),
        (slow, 17_982, "00:10:00;00"),
        (slow, 17_982 + 1_799, "00:10:59;29"),
        (slow, 17_982 + 1_800, "00:11:00;02"),
        (slow, 107_892, "01:00:00;00"),
        (fast, 3_599, "00:00:59;59"),
        (fast, 3_600, "00:01:00;04"),
        (fast, 35_964, "00:10:00;00"),
        (fast, 215_784, "01:00:00;00"),
        (faster, 7_199, "00:00:59;119"),
        (faster, 7_200, "00:01:00;08"),
    ] {
        assert_eq!(
            rate.timecode(count).to_string(),
            expected,
            "frame {count} at {rate}"
        );
        assert_eq!(rate.count(timecode(expected)), Ok(count as u64), "{expected}");
    }
    // One that drops nothing falls behind: 108 numbers in an hour.
    assert_eq!(
        rate(30_000, 1001, false).timecode(107_892).to_string(),
        "00:59:56:12"
    );
}

// Breaks if a number that no frame has leads to a frame, or the message does not say what to write.
#[test]
fn numbers_that_do_not_exist() {
    let error = |rate: TimecodeRate, hours, minutes, seconds, frames, drop| {
        let timecode = Timecode {
            hours,
            minutes,
            seconds,
            frames,
            drop,
        };
        rate.count(timecode).unwrap_err().to_string()
    };
    let (slow, fast) = (rate(30_000, 1001, true), rate(60_000, 1001, true));
    let dropped = "there is no 00:01:00;01: drop-frame timecode leaves that number out, and 00:01:00;02 is the next frame";
    assert_eq!(error(slow, 0, 1, 0, 1, true), dropped);
    assert!(error(fast, 10, 59, 0, 3, true).contains("10:59:00;04 is the next frame"));
    // With a colon it is no other number.
    assert!(error(slow, 0, 1, 0, 0, false).contains("00:01:00;02 is the next frame"));
    let too_many = "00:00:00:24: a second has 24 frames here, 0 to 23";
    assert_eq!(error(rate(24_000, 1001, false), 0, 0, 0, 24, false), too_many);
    let not_dropping = "01:00:10;13 is drop-frame timecode, and this video’s is not: write 01:00:10:13";
    assert_eq!(error(rate(25, 1, false), 1, 0, 10, 13, true), not_dropping);
    assert!(error(slow, 24, 0, 0, 0, true).contains("hours go to 23"));
    // There is one in a tenth minute, and at the rate of which half as many are dropped.
    assert_eq!(slow.count(timecode("00:10:00;00")), Ok(17_982));
    assert_eq!(slow.count(timecode("00:01:00;02")), Ok(1_800));
    assert!(fast.count(timecode("00:01:00;02")).is_err());
    // A colon is taken for the semicolon.
    assert_eq!(slow.count(timecode("00:01:00:02")), Ok(1_800));
}

// Breaks if a rate counts other frames than editing programs do, or numbers are dropped where no rule says which.
#[test]
fn rates() {
    for (rate, frames, is_standard) in [
        ((24_000, 1001), 24, true),
        ((48_000, 2002), 24, true),
        ((120_000, 1001), 120, true),
        ((25, 2), 13, false),
        ((15, 1), 15, false),
        ((2_997, 100), 30, false),
        ((240, 1), 240, false),
    ] {
        let counted = TimecodeRate::of(rate, false).unwrap();
        assert_eq!(
            (counted.frames(), TimecodeRate::is_standard(rate)),
            (frames, is_standard)
        );
    }
    for none in [(0, 1), (1, 0), (1, 3), (1_000, 1)] {
        assert_eq!(TimecodeRate::of(none, false), None, "{none:?}");
        assert!(!TimecodeRate::is_standard(none));
    }
    for (frames, drops) in [
        (24, false),
        (25, false),
        (30, true),
        (48, false),
        (60, true),
        (120, true),
    ] {
        assert_eq!(TimecodeRate::new(frames, true).is_some(), drops, "{frames}");
    }
    assert_eq!(rate(60_000, 1001, true).to_string(), "60 drop-frame");
}

// Breaks if a file's first timecode is misread, so that all of them are off.
#[test]
fn starts_as_files_have_them() {
    let start = |text, frames, per_count| {
        let scale = TimecodeScale::parse_start(text, frames, per_count);
        scale.map(|scale| (scale.start().to_string(), scale.rate().frames()))
    };
    for (text, expected) in [
        ("01:00:00:00", "01:00:00:00"),
        ("01:00:00;02", "01:00:00;02"),
        (" 10;59;59;29 ", "10:59:59;29"),
        ("10:59:59.29", "10:59:59;29"),
        ("-00:00:02:00", "23:59:58:00"),
        ("-00:00:00:01", "23:59:59:29"),
        ("1:0:0:0", "01:00:00:00"),
    ] {
        assert_eq!(start(text, 30, 1), Some((expected.to_owned(), 30)), "{text}");
    }
    for text in [
        "",
        "01:00:00",
        "01:00:00:30",
        "00:01:00;00",
        "aa:00:00:00",
        "+1:00:00:00",
        "24:00:00:00",
        "::::",
    ] {
        assert_eq!(start(text, 30, 1), None, "{text}");
    }
    assert_eq!(start("01:00:00;00", 25, 1), None, "25 frames drop nothing");
    // The track counts 30 frames of a video of 60.
    assert_eq!(start("01:00:00:15", 30, 2), Some(("01:00:00:30".to_owned(), 60)));
    assert_eq!(start("01:00:00;00", 30, 2), Some(("01:00:00;00".to_owned(), 60)));
}

// Breaks if timecodes do not go on past midnight, or a number before the start is taken for one after it.
#[test]
fn past_midnight() {
    let scale = TimecodeScale::new(rate(30_000, 1001, true), timecode("23:59:59;28")).unwrap();
    let shown: Vec<String> = (0..4).map(|number| scale.timecode(number).to_string()).collect();
    assert_eq!(
        shown,
        ["23:59:59;28", "23:59:59;29", "00:00:00;00", "00:00:00;01"]
    );
    assert_eq!(scale.number(timecode("00:00:00;01")), Ok(3));
    assert_eq!(scale.number(timecode("23:59:59;27")), Ok(scale.rate().day() - 1));
    assert_eq!(rate(25, 1, false).timecode(-1).to_string(), "23:59:59:24");
    assert_eq!(rate(25, 1, false).timecode(-90_000).to_string(), "23:00:00:00");
}

// Breaks if a distance that is typed leads elsewhere, or what was a position before is one no longer.
#[test]
fn distances_and_places() {
    let pal = rate(25, 1, false);
    let ntsc = rate(30_000, 1001, true);
    for (text, at_25, dropping) in [
        ("+12", 12, 12),
        ("-12", -12, -12),
        ("+100", 100, 100),
        ("-1:00", -25, -30),
        ("+1:00:00", 1_500, 1_800 - 2),
        ("+10:00;00", 15_000, 17_982),
        ("-01:00:00:00", -90_000, -107_892),
        (" +3f ", 3, 3),
    ] {
        let Ok(Entry::By(step)) = Entry::parse(text, true) else {
            panic!("{text} is no distance");
        };
        assert_eq!((step.frames(pal), step.frames(ntsc)), (at_25, dropping), "{text}");
    }
    // A unit says that it is a time; without a sign it is a place.
    for text in [
        "-5s",
        "+5s",
        "-1.5",
        "12",
        "12f",
        "1:00",
        "01:00:10;13",
        "last",
        "50%",
    ] {
        let moment: Moment = text.parse().unwrap();
        assert_eq!(Entry::parse(text, true), Ok(Entry::To(moment)), "{text}");
    }
    for text in ["-1:00", "-12", "+12", "12f", "last"] {
        let moment: Moment = text.parse().unwrap();
        assert_eq!(Entry::parse(text, false), Ok(Entry::To(moment)), "{text}");
    }
    assert!(matches!(Entry::parse("-12F", false), Ok(Entry::By(_))));
    for text in ["", "+", "-f", "+1:2:3:4:5", "+1::2", "+ 1x"] {
        assert!(Entry::parse(text, true).is_err(), "{text}");
    }
}

fn rates_of_all_kinds() -> impl Strategy<Value = TimecodeRate> {
    let any = (1_u16..=999).prop_map(|frames| TimecodeRate::new(frames, false).unwrap());
    let dropping = (1_u16..=33).prop_map(|times| TimecodeRate::new(times * 30, true).unwrap());
    prop_oneof![any, dropping]
}

proptest! {
    // Breaks if a frame's timecode leads to another frame, at any rate and from any start, as text too.
    #[test]
    fn frames_come_back(rate in rates_of_all_kinds(), start in any::<i64>(), number in any::<u64>()) {
        let start = rate.timecode(start % i64::from(u32::MAX));
        let scale = TimecodeScale::new(rate, start).unwrap();
        let number = number % rate.day();
        let timecode = scale.timecode(number);
        prop_assert_eq!(scale.number(timecode), Ok(number));
        prop_assert_eq!(scale.number(timecode.to_string().parse().unwrap()), Ok(number));
        prop_assert_eq!(scale.start(), start);
    }

    // Breaks if two frames that follow each other have timecodes that do not.
    #[test]
    fn timecodes_ascend(rate in rates_of_all_kinds(), count in 0_u64..u64::from(u32::MAX)) {
        let count = (count % rate.day()) as i64;
        prop_assert_eq!(counted_on(rate.timecode(count), rate), rate.timecode(count + 1));
    }

    // Breaks if a text makes a parser panic.
    #[test]
    fn any_text(text in "[+\\-]?[0-9:;.,f ü]{0,20}", frames in any::<u16>(), per_count in 0_u16..5) {
        let _ = TimecodeScale::parse_start(&text, frames, per_count);
        if let Ok(Entry::By(step)) = Entry::parse(&text, true) {
            let _ = step.frames(TimecodeRate::new(999, false).unwrap());
        }
    }
}
