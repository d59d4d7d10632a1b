//! Job requests by hand, with the AWS CLI: many stills in one task.

use std::path::Path;

use posterframe_contract::{Manifest, Position};
use serde_json::{Value, json};

use crate::support::{Backend, clip, oracle, picture, posterframe, run, small_clip, wait_for};

const BUCKET: &str = "posterframe";

/// A backend that has the clip where requests' videos lie, under a name that would be an upload elsewhere.
struct World {
    folder: tempfile::TempDir,
    clip: std::path::PathBuf,
    backend: Backend,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clip = small_clip(folder.path(), "clip.mp4");
        let backend = Backend::start(folder.path());
        let world = Self {
            folder,
            clip,
            backend,
        };
        world.copy(&world.clip, "videos/1/clip_00-01.mp4");
        world
    }

    fn copy(&self, file: &Path, key: &str) {
        let to = format!("s3://{BUCKET}/{key}");
        let copied = self.backend.aws(&["s3", "cp", file.to_str().unwrap(), &to]);
        assert!(copied.ok, "{}", copied.stderr);
    }

    fn fetch(&self, key: &str) -> Option<std::path::PathBuf> {
        let file = self.folder.path().join(key.replace('/', "-"));
        let from = format!("s3://{BUCKET}/{key}");
        let copied = self.backend.aws(&["s3", "cp", &from, file.to_str().unwrap()]);
        copied.ok.then_some(file)
    }

    fn asks_for(stills: &Value) -> Value {
        json!({
            "version": 1,
            "source": { "url": format!("s3://{BUCKET}/videos/1/clip_00-01.mp4") },
            "name": "bunny",
            "stills": stills,
        })
    }

    fn request(&self, name: &str, stills: &[&str]) -> Value {
        let at = |at: &&str| json!({ "at": at });
        let request = Self::asks_for(&stills.iter().map(at).collect());
        self.put(name, &request.to_string());
        request
    }

    fn put(&self, name: &str, request: &str) {
        let file = self.folder.path().join("request.json");
        std::fs::write(&file, request).unwrap();
        self.copy(&file, &format!("jobs/{name}.json"));
    }

    fn manifest(&self, name: &str) -> Manifest {
        let key = format!("thumbnails/{name}/manifest.json");
        let file = wait_for("the manifest", || self.fetch(&key));
        Manifest::parse(&std::fs::read(file).unwrap()).unwrap()
    }

    /// The exit code of each task that has stopped, oldest first.
    fn exit_codes(&self, count: usize) -> Vec<i64> {
        wait_for("the tasks to stop", || {
            let list = [
                "ecs",
                "list-tasks",
                "--cluster",
                "posterframe",
                "--desired-status",
                "STOPPED",
            ];
            let arns = self.backend.aws_json(&list)["taskArns"].as_array().cloned()?;
            (arns.len() >= count).then_some(())?;
            let mut describe = vec!["ecs", "describe-tasks", "--cluster", "posterframe", "--tasks"];
            describe.extend(arns.iter().map(|arn| arn.as_str().unwrap()));
            let mut tasks = self.backend.aws_json(&describe)["tasks"].as_array().cloned()?;
            tasks.sort_by_key(|task| task["createdAt"].as_str().map(str::to_owned));
            tasks
                .iter()
                .map(|task| task["containers"][0]["exitCode"].as_i64())
                .collect()
        })
    }
}

// Breaks if a request can make a task read a file of the machine that it runs on.
#[test]
fn a_task_reads_no_files() {
    let world = World::new();
    let path = world.clip.to_str().unwrap();
    let urls = [
        "file:clip.mp4".to_owned(),
        format!("file:{path}"),
        format!("file://{path}"),
        path.to_owned(),
    ];
    for (index, url) in urls.iter().enumerate() {
        let mut request = World::asks_for(&json!([{ "at": "1" }]));
        request["source"]["url"] = url.as_str().into();
        world.put(&index.to_string(), &request.to_string());
        assert_eq!(world.exit_codes(index + 1), vec![10; index + 1], "{url}");
    }
    assert!(world.fetch("thumbnails/0/manifest.json").is_none());
}

// Breaks if a request starts more than one task, or makes other stills than the original's command would; if one that is past
// the end takes others with it; or if a video that requests refer to starts a task.
#[test]
fn many_stills_are_one_task() {
    let world = World::new();
    let positions = ["1.5", "0.2", "9", "0.2", "0.21"];
    world.request("by-hand", &positions);
    let manifest = world.manifest("by-hand");
    assert_eq!(manifest.stills.len(), positions.len());
    for (index, (position, still)) in positions.iter().zip(&manifest.stills).enumerate() {
        assert_eq!(still.position, position.parse().unwrap());
        let Some(expected) = oracle(&world.clip, position) else {
            let error = still.error.as_ref().unwrap();
            assert!(
                error.exit_code == 13 && error.message.contains("00:00:01.960"),
                "{error:?}"
            );
            assert!(still.files.is_empty() && still.frame.is_none());
            continue;
        };
        let suffix = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        let key = format!("thumbnails/by-hand/bunny{suffix}.png");
        let [file] = &still.files[..] else {
            panic!("{still:?}")
        };
        assert_eq!((file.key.as_str(), still.error.as_ref()), (key.as_str(), None));
        let png = world.fetch(&key).unwrap();
        assert_eq!(picture(&png), expected, "{position}");
        assert_eq!(std::fs::metadata(&png).unwrap().len(), file.bytes);
        assert_eq!((file.width, file.height), (320, 180));
    }
    assert_eq!(world.exit_codes(1), [17]);

    // The same request again makes the same bytes, in a task of its own: it is a new event.
    let first = std::fs::read(world.fetch("thumbnails/by-hand/manifest.json").unwrap()).unwrap();
    world.request("by-hand", &positions);
    assert_eq!(world.exit_codes(2), [17, 17]);
    let second = std::fs::read(world.fetch("thumbnails/by-hand/manifest.json").unwrap()).unwrap();
    assert!(first == second);

    let tail = world.backend.tail("/ecs/posterframe-worker");
    for line in [
        "1 of 5: frame",
        "5 of 5: no frame at 00:00:09.000",
        "Some stills could not be made: 1 of 5",
    ] {
        assert!(tail.contains(line), "no “{line}” in:\n{tail}");
    }
    let urls = wait_for("the manifest's URL", || {
        let tail = world.backend.tail("/aws/lambda/posterframe-thumbnail-trigger");
        tail.contains("new manifest").then_some(tail)
    });
    assert!(
        urls.contains("/posterframe/thumbnails/by-hand/bunny-5.png"),
        "{urls}"
    );
    let errors = world.backend.tail("/aws/lambda/posterframe-upload-trigger");
    assert!(!errors.contains("ERROR"), "{errors}");
}

// Breaks if a request that cannot be done is tried, or its task does not say what is wrong with it and where.
#[test]
fn requests_that_cannot_be_done() {
    let world = World::new();
    let mut request = world.request("fine", &["1"]);
    world.manifest("fine");
    request["stills"][0]["from"] = json!(1);
    world.put("strange", &request.to_string());
    request["stills"][0] = json!({ "at": "1" });
    request["source"]["etag"] = json!("\"0\"");
    world.put("other", &request.to_string());
    let mut codes = world.exit_codes(3);
    codes.sort_unstable();
    assert_eq!(codes, [0, 10, 16]);
    let tail = world.backend.tail("/ecs/posterframe-worker");
    for words in [
        "jobs/strange.json is no valid request: stills[0].from: unknown field",
        "was replaced after the request",
    ] {
        assert!(tail.contains(words), "no “{words}” in:\n{tail}");
    }
    assert!(world.fetch("thumbnails/strange/manifest.json").is_none());
}

// Breaks if a task finds other frames by place and rule than the command line does, names or counts them otherwise than in the
// request's order, or does not say what the rules became.
#[test]
fn the_task_resolves_rules() {
    let world = World::new();
    let stills = json!([ { "rule": "count", "count": 3 }, { "rule": "best", "count": 1 }, { "at": "50%" }, { "at": "0.2" },
                         { "rule": "every", "step": "25f" } ]);
    world.put("by-rule", &World::asks_for(&stills).to_string());
    let manifest = world.manifest("by-rule");
    let found = run(posterframe(world.folder.path())
        .arg("frame")
        .arg(&world.clip)
        .args(["--best", "1", "--json", "--out"])
        .arg(world.folder.path()));
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    let best: Position = found["stills"][0]["position"].as_str().unwrap().parse().unwrap();
    let at = |micros| Position::from_micros(micros);
    let mut expected = vec![at(360_000), at(1_000_000), at(1_640_000)];
    expected.extend((!expected.contains(&best)).then_some(best));
    let (of_best, middle) = (
        expected.iter().position(|at| *at == best).unwrap(),
        expected.len(),
    );
    expected.extend([at(1_000_000), at(200_000), at(0)]);
    let positions: Vec<Position> = manifest.stills.iter().map(|still| still.position).collect();
    assert_eq!(positions, expected);
    for (index, still) in manifest.stills.iter().enumerate() {
        let suffix = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        let key = format!("thumbnails/by-rule/bunny{suffix}.png");
        assert_eq!(
            (still.files[0].key.as_str(), still.error.as_ref()),
            (key.as_str(), None)
        );
        let theirs = oracle(&world.clip, &still.position.to_string()).unwrap();
        assert!(picture(&world.fetch(&key).unwrap()) == theirs, "{key}");
        assert_eq!(still.score.is_some(), index == of_best);
    }
    let became = |index: usize| {
        let selection = &manifest.selections[index];
        (selection.request.to_string(), selection.stills.clone())
    };
    assert_eq!(manifest.selections.len(), 4);
    assert_eq!(became(0), ("count 3".to_owned(), vec![0, 1, 2]));
    assert_eq!(became(1), ("best 1".to_owned(), vec![of_best as u32]));
    assert_eq!(became(2), ("50%".to_owned(), vec![middle as u32]));
    assert_eq!(became(3), ("every 25f".to_owned(), vec![middle as u32 + 2, 1]));
    assert_eq!(world.exit_codes(1), [0]);
    let tail = world.backend.tail("/ecs/posterframe-worker");
    for line in [
        "asks for (count 3, best 1, 50%, 00:00:00.200, every 25f) × 1 files",
        "count 3: 3 frames: frame at 00:00:00.360; frame 25 at 00:00:01.000; frame at 00:00:01.640",
        "50%: frame at 00:00:01.000",
        "best 1: frame",
        "every 25f: 2 frames: frame 0 at 00:00:00.000; frame 25 at 00:00:01.000",
        ", score ",
    ] {
        assert!(tail.contains(line), "no “{line}” in:\n{tail}");
    }
}

// Breaks if a task does not find a frame by its timecode, or a place loses its name among what rules give, or gives it to a frame of
// theirs.
#[test]
fn places_with_names() {
    let world = World::new();
    let stills = json!([ { "rule": "every", "step": "25f" }, { "at": "00:00:01:05", "name": "Scene 4/2", "note": "dark & wide" },
                         { "at": "0.2", "name": "Early" }, { "at": "900f", "name": "Late" } ]);
    let mut request = World::asks_for(&stills);
    request["outputs"] = json!([ { "format": "png", "name": "{name} {mark} {timecode}" } ]);
    world.put("named", &request.to_string());
    let manifest = world.manifest("named");
    assert_eq!(world.exit_codes(1), [17]);
    let found: Vec<_> = manifest
        .stills
        .iter()
        .map(|still| {
            let key = still.files[0].key.as_str();
            let (name, note) = (still.name.as_deref(), still.note.as_deref());
            (still.position.as_micros(), name, note, key)
        })
        .collect();
    let key = |name: &str| format!("thumbnails/named/bunny {name}.png");
    assert_eq!(
        found,
        [
            (0, None, None, &*key("00-00-00.000 00-00-00-00")),
            (1_000_000, None, None, &*key("00-00-01.000 00-00-01-00")),
            (
                1_200_000,
                Some("Scene 4/2"),
                Some("dark & wide"),
                &*key("Scene 4-2 00-00-01-05")
            ),
            (200_000, Some("Early"), None, &*key("Early 00-00-00-05")),
        ]
    );
    let theirs = oracle(&world.clip, "1.2").unwrap();
    assert!(picture(&world.fetch(&key("Scene 4-2 00-00-01-05")).unwrap()) == theirs);
    let late = manifest.selections.last().unwrap();
    assert_eq!(
        (
            late.request.name.as_deref(),
            late.error.as_ref().unwrap().exit_code
        ),
        (Some("Late"), 13)
    );

    request["stills"][0]["name"] = json!("All");
    world.put("rule", &request.to_string());
    let mut codes = world.exit_codes(2);
    codes.sort_unstable();
    assert_eq!(codes, [10, 17]);
    let tail = world.backend.tail("/ecs/posterframe-worker");
    assert!(
        tail.contains("stills[0].name: expected with “at” alone"),
        "{tail}"
    );
}

// Breaks if a place that leads nowhere takes others with it or passes for done, or rules make a task longer than a request may.
#[test]
fn rules_that_cannot_be_resolved() {
    let world = World::new();
    let stills = json!([ { "at": "last" }, { "at": "900f" }, { "at": "-1:00" }, { "at": "01:00:10:13" } ]);
    world.put("some", &World::asks_for(&stills).to_string());
    let manifest = world.manifest("some");
    assert_eq!(world.exit_codes(1), [17]);
    let [last] = &manifest.stills[..] else {
        panic!("{manifest:?}")
    };
    assert_eq!((last.position.as_micros(), last.files.len()), (1_960_000, 1));
    let errors: Vec<_> = manifest
        .selections
        .iter()
        .map(|selection| selection.error.as_ref())
        .collect();
    assert!(errors[0].is_none());
    for (error, (code, words)) in errors[1..].iter().zip([
        (13, "there is no frame 900"),
        (13, "before the start"),
        (13, "there is no frame at 01:00:10:13: the timecodes go from"),
    ]) {
        let error = error.unwrap();
        assert!(
            error.exit_code == code && error.message.contains(words),
            "{error:?}"
        );
    }

    let mut many = vec![json!({ "at": "1" }); 990];
    many.push(json!({ "rule": "count", "count": 20 }));
    world.put("many", &World::asks_for(&json!(many)).to_string());
    let mut unequal = World::asks_for(&json!([ { "rule": "count", "count": 2 } ]));
    unequal["outputs"] = json!([ { "format": "png", "name": "poster" } ]);
    world.put("unequal", &unequal.to_string());
    let mut codes = world.exit_codes(3);
    codes.sort_unstable();
    assert_eq!(codes, [10, 10, 17]);
    let tail = world.backend.tail("/ecs/posterframe-worker");
    for words in [
        "a task makes at most 1000 stills, and with “count 20” these are more",
        "outputs[0].name: the file of stills[1] would have the name of that of stills[0]",
    ] {
        assert!(tail.contains(words), "no “{words}” in:\n{tail}");
    }
    assert!(world.fetch("thumbnails/many/manifest.json").is_none());
    assert!(world.fetch("thumbnails/unequal/poster.png").is_none());
}

// Breaks if a task that is stopped in the middle leaves half a file, or a manifest that says what is not there.
#[test]
fn a_stopped_task_leaves_whole_files() {
    let world = World::new();
    // Large pictures, so that there is time to stop it.
    let large = clip(
        world.folder.path(),
        "large.mp4",
        "-f lavfi -i testsrc2=size=1920x1080:rate=25 -t 2 -c:v libx264",
    );
    world.copy(&large, "videos/1/clip_00-01.mp4");
    let positions: Vec<String> = (0..400)
        .map(|index| format!("{:.3}", f64::from(index) * 0.0049))
        .collect();
    let positions: Vec<&str> = positions.iter().map(String::as_str).collect();
    world.request("long", &positions);
    let arn = wait_for("the task", || {
        let listed = world
            .backend
            .aws_json(&["ecs", "list-tasks", "--cluster", "posterframe"]);
        listed["taskArns"][0].as_str().map(str::to_owned)
    });
    wait_for("the first still", || world.fetch("thumbnails/long/bunny.png"));
    let stop = ["ecs", "stop-task", "--cluster", "posterframe", "--task", &arn];
    assert!(world.backend.aws(&stop).ok);
    assert_eq!(world.exit_codes(1), [143]);
    assert!(world.fetch("thumbnails/long/manifest.json").is_none());
    let folder = world.folder.path().join("all");
    let from = format!("s3://{BUCKET}/thumbnails/long/");
    let synced = world
        .backend
        .aws(&["s3", "sync", &from, folder.to_str().unwrap()]);
    assert!(synced.ok, "{}", synced.stderr);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert!((1..400).contains(&files.len()), "{} files", files.len());
    for file in files {
        let checked = run(std::process::Command::new("identify")
            .arg("-regard-warnings")
            .arg(file.path()));
        assert!(checked.ok, "{}", checked.stderr);
    }
}
