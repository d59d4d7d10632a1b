use super::*;
use crate::Selector;

fn still(error: Option<TaskExit>) -> ManifestStill {
    let is_there = error.is_none();
    ManifestStill {
        position: Position::from_micros(10_541_000),
        name: Some("Ünï/1".into()),
        note: Some("two\nlines".into()),
        score: None,
        frame: is_there.then(|| ManifestFrame {
            number: Some(253),
            time: Position::from_micros(10_541_666),
            timecode: is_there.then(|| "01:00:10;13".parse().unwrap()),
            pts: 129_536,
            time_base: (1, 12_288),
            pixel_sha256: "ab".repeat(32),
        }),
        files: is_there
            .then(|| ManifestFile {
                key: "thumbnails/j/ünï.png".into(),
                format: Format::Png,
                width: 1280,
                height: 720,
                pixel_format: "rgb8".into(),
                bytes: 7,
                pixel_sha256: "9f".into(),
                quality: None,
                deinterlaced: false,
            })
            .into_iter()
            .collect(),
        error: error.map(|exit| StillError {
            exit_code: exit.code(),
            message: exit.cause().into(),
        }),
    }
}

fn manifest(stills: &[Option<TaskExit>]) -> Manifest {
    let source = ManifestSource {
        url: "s3://b/k".into(),
        etag: None,
        bytes: 9,
        interpretation: serde_json::from_str(r#"{"track":2}"#).unwrap(),
    };
    let job = Some("01939f0e-7c1a-7000-8000-0123456789ab".parse().unwrap());
    Manifest {
        stills: stills.iter().copied().map(still).collect(),
        ..Manifest::new(job, source, "bunny".into(), "59.37.100".into(), "0.1.0".into())
    }
}

// Breaks if the app cannot read what the worker wrote, or takes what it does not understand for something it does.
#[test]
fn round_trips_and_is_strict() {
    let manifest = manifest(&[None, Some(TaskExit::PastTheEnd)]);
    let json = manifest.to_json();
    assert_eq!(Manifest::parse(json.as_bytes()), Ok(manifest));
    let other = json.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_eq!(Manifest::parse(other.as_bytes()).unwrap_err().place, "version");
    let other = json.replacen("\"pts\"", "\"ticks\"", 1);
    assert_eq!(
        Manifest::parse(other.as_bytes()).unwrap_err().place,
        "stills[0].frame.ticks"
    );
}

// Breaks if what a rule became is lost, or one that became nothing passes for done, or for the reason of all that failed.
#[test]
fn rules_and_places() {
    let mut manifest = manifest(&[None, None]);
    let plain = manifest.to_json();
    assert!(
        !plain.contains("selections") && !plain.contains("score"),
        "{plain}"
    );
    manifest.stills[1].score = Some(71);
    manifest.selections = vec![ManifestSelection {
        request: "best 1".parse::<Selector>().unwrap().into(),
        stills: vec![1],
        error: None,
    }];
    let json = manifest.to_json();
    assert_eq!(Manifest::parse(json.as_bytes()), Ok(manifest.clone()));
    assert_eq!(manifest.exit(), TaskExit::Success);
    let error = StillError {
        exit_code: TaskExit::PastTheEnd.code(),
        message: "there is no frame 900".into(),
    };
    manifest.selections.push(ManifestSelection {
        request: StillRequest {
            name: Some("Ünï".into()),
            ..StillRequest::from("900f".parse::<Selector>().unwrap())
        },
        stills: Vec::new(),
        error: Some(error),
    });
    assert_eq!(
        (manifest.errors().count(), manifest.exit()),
        (3, TaskExit::SomeStillsFailed)
    );
    manifest.stills.clear();
    assert_eq!(manifest.exit(), TaskExit::PastTheEnd);
}

// Breaks if the shell, or ECS, is told that all is well where it is not, or gets less than the one cause that there is.
#[test]
fn how_it_ended() {
    let past = Some(TaskExit::PastTheEnd);
    for (stills, exit) in [
        (&[None, None][..], TaskExit::Success),
        (&[past], TaskExit::PastTheEnd),
        (&[past, past], TaskExit::PastTheEnd),
        (&[None, past], TaskExit::SomeStillsFailed),
        (&[past, None], TaskExit::SomeStillsFailed),
        (&[past, Some(TaskExit::DecodeFailure)], TaskExit::SomeStillsFailed),
    ] {
        assert_eq!(manifest(stills).exit(), exit, "{stills:?}");
    }
}
