//! Sets the commit for `--version`, in release builds only: otherwise a debug build would be compiled again after each
//! commit.

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
    // Each commit adds a line to the log of HEAD, whose path differs between work trees.
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
