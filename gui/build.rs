//! Tells the program which commit it is, for `--version`. Release builds only: a debug build would be compiled anew
//! after each commit.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=POSTERFRAME_COMMIT");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let given = std::env::var("POSTERFRAME_COMMIT").ok();
    let commit = given.or_else(|| release.then(commit).flatten());
    println!(
        "cargo::rustc-env=POSTERFRAME_COMMIT={}",
        commit.unwrap_or_default()
    );
}

/// The short hash of the checkout's commit; `None` in an archive without a repository, or without git.
fn commit() -> Option<String> {
    // A new commit is a new line in the log of HEAD; in a further work tree it lies elsewhere than in `.git`.
    println!(
        "cargo::rerun-if-changed={}",
        git(&["rev-parse", "--git-path", "logs/HEAD"])?
    );
    git(&["rev-parse", "--short=9", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    (answer.status.success() && !text.is_empty()).then(|| text.trim().to_owned())
}
