use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Position;
use crate::step::Step;

fn micros(micros: u64) -> Position {
    Position::from_micros(micros)
}

fn percent(millionths: u32) -> Percent {
    Percent::from_millionths(millionths).unwrap()
}

fn error(text: &str) -> String {
    text.parse::<Selector>().unwrap_err().to_string()
}

// Breaks if a place that people type is not understood, or is another one than they mean.
#[test]
fn places() {
    let moment = |text: &str| text.parse::<Moment>().unwrap();
    for (text, expected) in [
        ("1.5", Moment::Time(micros(1_500_000))),
        ("90", Moment::Time(micros(90_000_000))),
        ("01:02", Moment::Time(micros(62_000_000))),
        ("1:02:03.5", Moment::Time(micros(3_723_500_000))),
        ("1:02:03.1234567891", Moment::Time(micros(3_723_123_456))),
        ("500ms", Moment::Time(micros(500_000))),
        (" +1 ", Moment::Time(micros(1_000_000))),
        ("253f", Moment::Frame(253)),
        ("0F", Moment::Frame(0)),
        ("50%", Moment::Part(percent(50_000_000))),
        ("33.3333333%", Moment::Part(percent(33_333_333))),
        ("100%", Moment::Part(percent(100_000_000))),
        ("last", Moment::Last),
        ("-5s", Moment::FromEnd(micros(5_000_000))),
        ("-1:30", Moment::FromEnd(micros(90_000_000))),
        ("-0.25", Moment::FromEnd(micros(250_000))),
    ] {
        assert_eq!(moment(text), expected, "{text}");
    }
    let timecode = |drop| Timecode {
        hours: 1,
        minutes: 0,
        seconds: 10,
        frames: 13,
        drop,
    };
    assert_eq!(moment("01:00:10:13"), Moment::Timecode(timecode(false)));
    assert_eq!(moment("01:00:10;13"), Moment::Timecode(timecode(true)));
    assert_eq!(moment("01;00;10;13"), Moment::Timecode(timecode(true)));
    assert!("00:10:00;00".parse::<Timecode>().is_ok() && "10:00".parse::<Timecode>().is_err());
}

// Breaks if an error does not say where the text goes wrong, or what would be right there.
#[test]
fn errors_say_where_and_what() {
    for (text, expected) in [
        (
            "every 10x",
            "“every 10x”: expected s, ms or f at “x” (character 9)",
        ),
        (
            "every",
            "“every”: expected a space and a step such as 10s or 250f at the end",
        ),
        (
            "every 0f",
            "“every 0f”: expected at least one frame at “0f” (character 7)",
        ),
        (
            "every 50ms",
            "“every 50ms”: expected at least 0.1s at “50ms” (character 7)",
        ),
        (
            "every 1.5f",
            "“every 1.5f”: expected s, ms or f at “f” (character 10)",
        ),
        (
            "count 0",
            "“count 0”: expected a number from 1 to 1000 at “0” (character 7)",
        ),
        (
            "count -1",
            "“count -1”: expected a number from 1 to 1000 at “-1” (character 7)",
        ),
        (
            "count9",
            "“count9”: expected a space and a number from 1 to 1000 at “9” (character 6)",
        ),
        (
            "best 1001",
            "“best 1001”: expected a number from 1 to 1000 at “1001” (character 6)",
        ),
        (
            "best 5 apart",
            "“best 5 apart”: expected a space and a time such as 5s at the end",
        ),
        (
            "best 5 apart 5f",
            "“best 5 apart 5f”: expected s or ms at “f” (character 15)",
        ),
        (
            "best 5 away",
            "“best 5 away”: expected nothing more at “away” (character 8)",
        ),
        (
            "keyframes 3",
            "“keyframes 3”: expected nothing more at “3” (character 11)",
        ),
        ("1:60", "“1:60”: expected 0 to 59 at “60” (character 3)"),
        ("1:2:", "“1:2:”: expected a digit at the end"),
        ("101%", "“101%”: expected 0 to 100 at “101%” (character 1)"),
        ("1:02%", "“1:02%”: expected nothing more at “%” (character 5)"),
        ("5 x", "“5 x”: expected nothing more at “x” (character 3)"),
        ("1m", "“1m”: expected s, ms, f or % at “m” (character 2)"),
        ("-", "“-”: expected a time such as 5s at the end"),
        ("-5f", "“-5f”: expected s or ms at “f” (character 3)"),
        (
            "24:00:00:00",
            "“24:00:00:00”: expected 0 to 23 at “24:00:00:00” (character 1)",
        ),
        (
            "01:00:10:13.5",
            "“01:00:10:13.5”: expected whole frames at the end",
        ),
        (
            "01:01:00;01",
            "“01:01:00;01”: expected frame 2 or later, since 0 and 1 are dropped in this minute, at “01” (character 10)",
        ),
        (
            "ü1",
            "“ü1”: expected a time such as 1.5 or 1:02, a frame such as 253f, 50%, last, -5s, a timecode, every, \
                count, keyframes, scenes or best at “ü1” (character 1)",
        ),
        (
            "99999999999999999999f",
            "“99999999999999999999f”: expected a smaller number at “99999999999999999999f” (character 1)",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
    for bad in [
        "",
        " ",
        "lastly",
        "1:2:3:4:5",
        "+1:02",
        "1;2",
        "%",
        "f",
        "+5f",
        "1e3",
        "every every",
        "50 %",
    ] {
        assert!(bad.parse::<Selector>().is_err(), "{bad}");
    }
    let long = error(&"x".repeat(300_000));
    assert!(long.len() < 500, "{} bytes", long.len());
    assert!(
        "keyframe"
            .parse::<Rule>()
            .unwrap_err()
            .to_string()
            .contains("keyframes, scenes")
    );
}

// Breaks if a request's JSON is not as DESIGN has it, or something in it is passed over.
#[test]
fn json_forms() {
    let read = |value: &serde_json::Value| serde_json::from_value::<Selector>(value.clone());
    for (text, value) in [
        ("00:00:10.541", json!({ "at": "00:00:10.541" })),
        ("50%", json!({ "at": "50%" })),
        ("every 10s", json!({ "rule": "every", "step": "10s" })),
        ("every 250f", json!({ "rule": "every", "step": "250f" })),
        ("count 9", json!({ "rule": "count", "count": 9 })),
        ("keyframes", json!({ "rule": "keyframes" })),
        (
            "best 5 apart 5s",
            json!({ "rule": "best", "count": 5, "apart": "5s" }),
        ),
    ] {
        let selector: Selector = text.parse().unwrap();
        assert_eq!(read(&value).unwrap(), selector);
        assert_eq!(serde_json::to_value(selector).unwrap(), value);
    }
    for (value, expected) in [
        (json!({}), "expected either “at” or “rule”"),
        (json!({ "at": "1", "rule": "best" }), "expected either"),
        (json!({ "at": "1", "count": 5 }), "expected “count” with"),
        (json!({ "rule": "best" }), "expected “count” with"),
        (
            json!({ "rule": "best", "count": 0 }),
            "expected a “count” from 1 to 1000",
        ),
        (json!({ "rule": "every", "count": 5 }), "expected “step” with"),
        (json!({ "rule": "scenes", "step": "5s" }), "expected “step” with"),
        (
            json!({ "rule": "scenes", "apart": "5s" }),
            "expected “apart” with",
        ),
        (json!({ "rule": "scenes", "of": 1 }), "unknown field `of`"),
        (json!({ "rule": "worst" }), "unknown variant `worst`"),
        (json!({ "at": "1:99" }), "“1:99”: expected 0 to 59 at “99”"),
        (
            json!({ "rule": "every", "step": "10x" }),
            "“10x”: expected s, ms or f at “x”",
        ),
    ] {
        let error = read(&value).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{value}: {error}");
    }
    let schema = serde_json::to_string(&schemars::schema_for!(Selector)).unwrap();
    assert!(schema.contains("\"additionalProperties\":false") && schema.contains("apart"));
}

fn selectors() -> impl Strategy<Value = Selector> {
    let times = (0..=Position::MAX.as_micros()).prop_map(Position::from_micros);
    let steps = (100_000..=Position::MAX.as_micros()).prop_map(|step| Step::new(micros(step)).unwrap());
    let timecodes = (0_u8..24, 0_u8..60, 1_u8..60, 0_u16..1000, any::<bool>());
    let timecodes = timecodes.prop_map(|(hours, minutes, seconds, frames, drop)| Timecode {
        hours,
        minutes,
        seconds,
        frames,
        drop,
    });
    let at = prop_oneof![
        times.clone().prop_map(Moment::Time),
        any::<u64>().prop_map(Moment::Frame),
        (0_u32..=100_000_000).prop_map(|part| Moment::Part(percent(part))),
        Just(Moment::Last),
        times.prop_map(Moment::FromEnd),
        timecodes.prop_map(Moment::Timecode),
    ];
    let frames = (1..=u64::MAX).prop_map(|frames| Stride::Frames(frames.try_into().unwrap()));
    let rules = prop_oneof![
        prop_oneof![steps.clone().prop_map(Stride::Time), frames].prop_map(Rule::Every),
        (1..=rule::MAX_COUNT).prop_map(Rule::Count),
        Just(Rule::Keyframes),
        Just(Rule::Scenes),
        (1..=rule::MAX_COUNT, proptest::option::of(steps))
            .prop_map(|(count, apart)| Rule::Best { count, apart }),
    ];
    prop_oneof![at.prop_map(Selector::At), rules.prop_map(Selector::Rule)]
}

proptest! {
    // Breaks if what is shown or written into a request is read back as something else.
    #[test]
    fn round_trips(selector in selectors()) {
        prop_assert_eq!(selector.to_string().parse(), Ok(selector));
        let json = serde_json::to_string(&selector).unwrap();
        prop_assert_eq!(serde_json::from_str::<Selector>(&json).unwrap(), selector);
    }

    // Breaks if a time is another one here than in a position of its own.
    #[test]
    fn times_are_positions(text in "[0-9]{1,4}(:[0-9]{1,2}){0,2}(\\.[0-9]{0,9})?(s|ms|us)?") {
        let position: Option<Position> = text.parse().ok();
        let moment: Option<Moment> = text.parse().ok();
        prop_assert_eq!(moment, position.map(Moment::Time));
    }

    // Breaks if a text makes the parser panic, or its error leads past the text's end.
    #[test]
    fn errors_have_a_place(text in "[a-z0-9:;.%+\\- \u{fc}]{0,24}") {
        if let Err(error) = text.parse::<Selector>() {
            prop_assert!((1..=text.chars().count() + 1).contains(&error.character()));
            prop_assert!(!error.expected().is_empty() && error.to_string().contains("expected"));
        }
    }
}
