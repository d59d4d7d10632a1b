use std::num::NonZeroU16;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Moment, Rotation, Selector, UploadKey};

fn valid() -> Value {
    json!({
        "version": 1,
        "source": { "url": "s3://b/videos/1/bunny.mp4", "etag": "\"9f\"" },
        "name": "bunny",
        "stills": [ { "at": "00:00:10.541" }, { "at": "62.5" } ],
        "outputs": [ { "format": "png" }, { "format": "png", "name": "{name} {frame}" } ],
    })
}

fn error(json: &Value) -> String {
    JobRequest::parse(json.to_string().as_bytes())
        .unwrap_err()
        .to_string()
}

// Breaks if something wrong is passed over, or its error does not lead to its place.
#[test]
fn what_is_wrong_is_named_with_its_place() {
    let still = || json!({ "at": "1" });
    let output = |name: &str| json!({ "format": "png", "name": name });
    let changes: [(&str, Value, &str); 36] = [
        ("/version", json!(2), "version: expected 1, not 2"),
        ("/version", json!("1"), "version: invalid type"),
        ("/source/url", json!(""), "source.url: expected s3://"),
        ("/source/etag", json!(7), "source.etag: invalid type"),
        (
            "/source",
            json!({ "url": "s3://b/k", "range": 1 }),
            "source.range: unknown field",
        ),
        ("/name", json!(""), "name: expected 1 to 255 bytes"),
        ("/name", json!("../etc"), "name: expected 1 to 255 bytes"),
        ("/name", json!("a\u{7}"), "name: expected 1 to 255 bytes"),
        ("/stills", json!([]), "stills: expected at least one"),
        (
            "/stills",
            json!(vec![still(); 1_001]),
            "stills: expected at most 1000, not 1001",
        ),
        (
            "/stills/1/at",
            json!("1x"),
            "stills[1].at: “1x”: expected s, ms, f or %",
        ),
        ("/stills/1/at", json!(7), "stills[1].at: invalid type"),
        (
            "/stills/1/at",
            json!("best 5"),
            "stills[1].at: “best 5”: expected a time",
        ),
        (
            "/stills/1",
            json!({ "at": "1", "rule": "best" }),
            "stills[1]: expected either “at” or “rule”",
        ),
        (
            "/stills/1",
            json!({}),
            "stills[1]: expected either “at” or “rule”",
        ),
        ("/stills/1", json!("best 5"), "stills[1]: invalid type"),
        (
            "/stills/1",
            json!({ "rule": "best", "count": 1_001 }),
            "stills[1]: expected a “count” from 1 to 1000",
        ),
        (
            "/stills/1",
            json!({ "rule": "every", "step": "0.01s" }),
            "stills[1].step: “0.01s”: expected at least 0.1s",
        ),
        (
            "/stills/1",
            json!({ "rule": "every", "step": "1s", "from": "1" }),
            "stills[1].from: unknown field",
        ),
        (
            "/stills/1",
            json!({ "at": "1", "name": "" }),
            "stills[1].name: expected 1 to 255 bytes",
        ),
        (
            "/stills/1",
            json!({ "at": "1", "name": "a\nb" }),
            "stills[1].name: expected 1 to 255 bytes",
        ),
        (
            "/stills/0",
            json!({ "at": "1", "note": "" }),
            "stills[0].note: expected 1 to 2000 bytes",
        ),
        (
            "/stills/0",
            json!({ "at": "50%", "note": "x".repeat(2_001) }),
            "stills[0].note: expected 1 to 2000 bytes",
        ),
        (
            "/stills/1",
            json!({ "rule": "scenes", "name": "Scene" }),
            "stills[1].name: expected with “at” alone",
        ),
        (
            "/stills/1",
            json!({ "rule": "scenes", "note": "of the rule" }),
            "stills[1].note: expected with “at” alone",
        ),
        (
            "/source",
            json!({ "url": "s3://b/k", "interpretation": { "track": 0 } }),
            "source.interpretation.track: invalid value: integer `0`",
        ),
        (
            "/source",
            json!({ "url": "s3://b/k", "interpretation": { "track": 65_536 } }),
            "source.interpretation.track: invalid value",
        ),
        (
            "/source",
            json!({ "url": "s3://b/k", "interpretation": { "rotate": 45 } }),
            "source.interpretation.rotate: expected 0, 90, 180 or 270 degrees, not “45”",
        ),
        (
            "/source",
            json!({ "url": "s3://b/k", "interpretation": { "rotation": 90 } }),
            "source.interpretation.rotation: unknown field",
        ),
        ("/outputs", json!([]), "outputs: expected at least one"),
        (
            "/outputs",
            json!(vec![output("{n}"); 17]),
            "outputs: expected at most 16, not 17",
        ),
        (
            "/outputs/0/format",
            json!("bmp"),
            "outputs[0].format: unknown variant `bmp`",
        ),
        (
            "/outputs/1",
            json!({ "format": "png", "deinterlace": "yes" }),
            "outputs[1].deinterlace: unknown variant `yes`",
        ),
        (
            "/outputs/1/name",
            json!("{title}"),
            "outputs[1].name: expected a field",
        ),
        (
            "/outputs/1/name",
            json!("a/b"),
            "outputs[1].name: expected a file name",
        ),
        (
            "/outputs/1/name",
            json!("{name"),
            "outputs[1].name: expected pairs of braces",
        ),
    ];
    for (place, value, expected) in changes {
        let mut request = valid();
        *request.pointer_mut(place).unwrap() = value;
        let found = error(&request);
        assert!(found.starts_with(expected), "{place}: {found}");
    }
    let mut request = valid();
    request["titel"] = json!("x");
    assert!(error(&request).starts_with("titel: unknown field"));
    let whole = |json: &[u8]| JobRequest::parse(json).unwrap_err();
    assert!(whole(b"{").problem.contains("line 1"));
    assert!(
        whole(format!("{} x", valid()).as_bytes())
            .problem
            .contains("trailing")
    );
    let twice = valid()
        .to_string()
        .replacen("\"version\"", "\"name\": \"a\", \"version\"", 1);
    assert!(whole(twice.as_bytes()).problem.contains("duplicate field"));
    let large = format!("{}{}", valid(), " ".repeat(MAX_REQUEST_BYTES));
    assert!(
        whole(large.as_bytes())
            .problem
            .starts_with("expected at most 262144 bytes")
    );
}

// Breaks if two files of a job can have one name: the later one would take the earlier one's place.
#[test]
fn equal_names_are_an_error_beforehand() {
    let with = |stills: usize, names: &[&str]| {
        let mut request = valid();
        request["stills"] = (0..stills).map(|at| json!({ "at": at.to_string() })).collect();
        request["outputs"] = names
            .iter()
            .map(|name| json!({ "format": "png", "name": name }))
            .collect();
        JobRequest::parse(request.to_string().as_bytes())
    };
    for (stills, names) in [
        (1, &["still"][..]),
        (3, &["{n}", "{name}{-n}", "{name}-{time}"]),
        (3, &["{frame}", "f{frame}"]),
    ] {
        assert!(with(stills, names).is_ok(), "{names:?}");
    }
    for (stills, names, place) in [
        (2, &["still"][..], "outputs[0].name"),
        (1, &["{name}", "{name}{-n}"], "outputs[1].name"),
        (2, &["{n}", "x", "{width}"], "outputs[1].name"),
        (2, &["{n}{-n}", "{name} {n}", "{name} {n}"], "outputs[2].name"),
    ] {
        assert_eq!(with(stills, names).unwrap_err().place, place, "{names:?}");
    }
    // `bunny-2` of the second still, and of the first one.
    assert!(with(2, &["{name}{-n}", "bunny-{n}"]).is_err());
}

// Breaks if a request that was valid before there were rules reads otherwise, or says something else when it is written.
#[test]
fn plain_times_are_written_as_ever() {
    let request = JobRequest::parse(valid().to_string().as_bytes()).unwrap();
    let micros = request.positions().unwrap().into_iter().map(Position::as_micros);
    assert_eq!(micros.collect::<Vec<_>>(), [10_541_000, 62_500_000]);
    let json: Value = serde_json::from_str(&request.to_json()).unwrap();
    assert_eq!(
        json["stills"],
        json!([ { "at": "00:00:10.541" }, { "at": "00:01:02.500" } ])
    );
}

// Breaks if what a rule comes to is not held to the same limits as what is asked for by its time.
#[test]
fn what_rules_come_to() {
    let with = |outputs: Value| {
        let mut request = valid();
        request["stills"] = json!([ { "at": "50%" }, { "rule": "best", "count": 2 }, { "at": "7" } ]);
        request["outputs"] = outputs;
        JobRequest::parse(request.to_string().as_bytes()).unwrap()
    };
    let second = |second: u64| Position::from_micros(second * 1_000_000);
    let seconds = |count: u64| (0..count).map(move |number| StillRequest::at(second(number)));
    let request = with(json!([ { "format": "png" }, { "format": "png", "name": "{time}" } ]));
    assert_eq!(request.positions(), None);
    let resolved = request.resolved(seconds(4)).unwrap();
    assert_eq!(resolved.positions(), Some((0..4).map(second).collect()));
    assert_eq!(resolved.resolved([]).unwrap().stills, []);
    let error = request.resolved(seconds(1_001)).unwrap_err().to_string();
    assert_eq!(error, "stills: expected at most 1000, not 1001");
    let request = with(json!([ { "format": "png" }, { "format": "png", "name": "bunny-{n}{time}" } ]));
    assert!(request.resolved(seconds(4)).is_ok());
    // One still may be all that a rule gives.
    let mut one = valid();
    one["stills"] = json!([ { "rule": "scenes" } ]);
    one["outputs"] = json!([ { "format": "png", "name": "poster" } ]);
    let one = JobRequest::parse(one.to_string().as_bytes()).unwrap();
    assert!(one.resolved(seconds(1)).is_ok());
    assert_eq!(one.resolved(seconds(2)).unwrap_err().place, "outputs[0].name");
}

// Breaks if a file is named otherwise than the request says.
#[test]
fn file_names() {
    let facts = NameFacts {
        time: Position::from_micros(10_541_000),
        timecode: "01:00:10;13".parse().ok(),
        mark: None,
        frame: "253".into(),
        width: 1280,
        height: 720,
        job: "j".into(),
    };
    let name = |template: &str, still| {
        let output = OutputRequest {
            name: template.parse().unwrap(),
            ..OutputRequest::default()
        };
        let source = VideoSource::new("s3://b/k");
        let mut request = JobRequest::new(source, "bunny", [Position::default(); 4]);
        request.stills[2].name = Some("Scene 4/2".into());
        request.stills[3].name = Some(" . ".into());
        request.file_name(still, &output, &facts)
    };
    assert_eq!(name("{name} {mark}", 0), "bunny 00-00-10.541.png");
    assert_eq!(name("{name} {mark}", 2), "bunny Scene 4-2.png");
    assert_eq!(name("{mark}", 3), "00-00-10.541.png");
    assert_eq!(name("{timecode}", 0), "01-00-10-13.png");
    assert_eq!(name("{name}{-n}", 0), "bunny.png");
    assert_eq!(name("{name}{-n}", 1), "bunny-2.png");
    assert_eq!(
        name("{n} {time} {frame} {width}x{height} {job}", 2),
        "3 00-00-10.541 253 1280x720 j.png"
    );
    assert_eq!(name("{{{name}}} {{n}}", 0), "{bunny} {n}.png");
    assert_eq!(name("{-n}", 0), "bunny.png");
}

// Breaks if a long name makes a file that no file system takes, or loses what tells its stills apart.
#[test]
fn long_names_fit() {
    let source = VideoSource::new("s3://b/k");
    let request = JobRequest::new(source, "ü".repeat(127), [Position::default(); 2]);
    request.check().unwrap();
    let name = request.file_name(1, &request.outputs[0], &NameFacts::default());
    assert!(name.len() <= 255 && name.ends_with("-2.png"), "{name}");
}

// Breaks if a short form no longer says the same as a request for one still and its PNG.
#[test]
fn the_short_form_is_a_request() {
    let raw = "uploads/my_clip_01-02-03.500.mov";
    let key: UploadKey = raw.parse().unwrap();
    let request = key.to_request("b", raw);
    assert_eq!(request.source.url, format!("s3://b/{raw}"));
    assert_eq!(request.stills, [StillRequest::at(key.position())]);
    let name = request.file_name(0, &request.outputs[0], &NameFacts::default());
    assert_eq!(name, key.thumbnail_name());
}

// Breaks if the schema that others validate their requests with is not that of the parser.
#[test]
fn schemas_are_as_generated() {
    let schemas = [
        ("job-request.schema.json", schemars::schema_for!(JobRequest)),
        ("manifest.schema.json", schemars::schema_for!(crate::Manifest)),
    ];
    for (name, schema) in schemas {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("schema")
            .join(name);
        let generated = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &generated).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == generated,
            "{name} is an old one: run the tests once with UPDATE_SCHEMAS=1"
        );
    }
}

fn still() -> impl Strategy<Value = StillRequest> {
    let text = |letters: &'static str| proptest::option::of(letters);
    let texts = (text("[^\\x00-\\x1f\\x7f-\\x9f]{1,20}"), text("(?s).{1,20}"));
    (selector(), texts).prop_map(|(selector, (name, note))| match selector {
        Selector::At(_) => StillRequest { selector, name, note },
        Selector::Rule(_) => selector.into(),
    })
}

fn selector() -> impl Strategy<Value = Selector> {
    let texts = [
        "50%",
        "last",
        "-5s",
        "253f",
        "01:00:10;13",
        "every 10s",
        "every 250f",
        "count 9",
        "scenes",
        "best 5 apart 5s",
    ];
    let other = proptest::sample::select(texts.to_vec()).prop_map(|text| text.parse().unwrap());
    let time =
        (0_u64..360_000_000_000).prop_map(|micros| Selector::At(Moment::Time(Position::from_micros(micros))));
    prop_oneof![time, other]
}

fn interpretation() -> impl Strategy<Value = Interpretation> {
    let rotate = proptest::option::of(proptest::sample::select(Rotation::ALL.to_vec()));
    (any::<Option<NonZeroU16>>(), rotate, any::<bool>()).prop_map(|(track, rotate, ignore_edits)| {
        Interpretation {
            track,
            rotate,
            ignore_edits,
        }
    })
}

prop_compose! {
    fn request()(
        url in "s3://[a-z]{3,8}/[^\\x00]{1,20}",
        etag in proptest::option::of("\"[0-9a-f]{4}\""),
        name in "[^/\\\\\\x00-\\x1f\\x7f-\\x9f]{1,30}",
        stills in proptest::collection::vec(still(), 1..20),
        interpretation in interpretation(),
        deinterlace in proptest::sample::select(vec![Deinterlace::Off, Deinterlace::Auto, Deinterlace::On]),
        template in "(\\{n\\}|\\{name\\} \\{n\\}|\\{n\\}[a-zé]{0,5}(\\{\\{|\\}\\})?\\{time\\})",
    ) -> JobRequest {
        JobRequest {
            outputs: vec![OutputRequest {
                name: template.parse().unwrap(),
                deinterlace,
                ..OutputRequest::default()
            }],
            stills,
            ..JobRequest::new(VideoSource { url, etag, interpretation }, name, [])
        }
    }
}

proptest! {
    // Breaks if a request that is written cannot be read, or says something else.
    #[test]
    fn round_trips(request in request()) {
        let json = request.to_json();
        let is_said = request.outputs[0].deinterlace != Deinterlace::Auto;
        prop_assert_eq!(json.contains("\"deinterlace\""), is_said);
        let is_said = !request.source.interpretation.is_default();
        prop_assert_eq!(json.contains("\"interpretation\""), is_said);
        prop_assert_eq!(JobRequest::parse(json.as_bytes()), Ok(request));
    }

    // Breaks if any bytes make the parser panic, or anything but a valid request passes.
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..300, byte: u8) {
        let _ = JobRequest::parse(&bytes);
        let mut json = valid().to_string().into_bytes();
        let at = at % json.len();
        json[at] = byte;
        if let Ok(request) = JobRequest::parse(&json) {
            prop_assert!(request.check().is_ok());
        }
    }

    // Breaks if a template reads otherwise than it is written, or any text makes its parser panic.
    #[test]
    fn templates(text in "([a-z é.-]|\\{\\{|\\}\\}|\\{name\\}|\\{n\\}|\\{-n\\}|\\{time\\}|\\{job\\}){1,8}", any in "\\PC*") {
        let template: NameTemplate = text.parse().unwrap();
        prop_assert_eq!(template.to_string(), text);
        let _ = any.parse::<NameTemplate>();
    }
}
