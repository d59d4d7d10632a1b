//! `posterframe doctor` checks every component of a backend, and changes nothing.

use serde_json::Value;

use crate::support::{posterframe, run};

const PARTS: [&str; 13] = [
    "bucket",
    "cluster",
    "credentials",
    "dead_letter_queue",
    "event_rules",
    "libav",
    "log_groups",
    "queue",
    "region",
    "roles",
    "task_definition",
    "thumbnail_function",
    "upload_function",
];

fn state<'a>(checks: &'a [Value], part: &str) -> &'a str {
    let check = checks.iter().find(|check| check["part"] == part).unwrap();
    check["state"].as_str().unwrap()
}

// Breaks if a check of a working backend fails, a component is left out, or a check uses an API that the backend lacks.
#[test]
fn this_computer_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(posterframe(folder.path()).args(["doctor", "--json"]));
    let checks: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut parts: Vec<&str> = checks
        .iter()
        .map(|check| check["part"].as_str().unwrap())
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, PARTS);
    for check in &checks {
        let state = check["state"].as_str().unwrap();
        assert!(matches!(state, "passed" | "not_needed"), "{check}");
    }
    assert_eq!(state(&checks, "queue"), "not_needed");
    assert_eq!(state(&checks, "bucket"), "passed");
    assert!(ran.ok, "{}", ran.stderr);
    let words = run(posterframe(folder.path()).arg("doctor"));
    assert!(
        words.ok && words.stdout.contains("Jobs can run here"),
        "{}",
        words.stdout
    );
}

// Breaks if the check of an unreachable backend passes, hangs, fails in another way than by its status, or prints a
// secret.
#[test]
fn an_unreachable_backend_fails_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    // Nothing listens on this port.
    let text = "[backends.gone]\nbucket = \"studio-media\"\nregion = \"eu-west-1\"\nendpoint = \"http://127.0.0.1:9\"\n";
    std::fs::write(config.join("posterframe.toml"), text).unwrap();
    let ran = run(posterframe(folder.path())
        .args(["doctor", "--json", "--backend", "gone"])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "hush-hush")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"));
    assert!(!ran.ok);
    assert!(!ran.stdout.contains("hush-hush") && !ran.stderr.contains("hush-hush"));
    let checks: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(checks.len(), PARTS.len());
    assert_eq!(state(&checks, "libav"), "passed");
    for part in ["credentials", "bucket", "cluster", "upload_function"] {
        assert_eq!(state(&checks, part), "failed", "{part}");
        let check = checks.iter().find(|check| check["part"] == part).unwrap();
        assert!(check["advice"].as_str().unwrap().contains("network"), "{check}");
    }
}
