//! Checks the allowed dependencies between crates, layers and modules. A new one must be added to the tables here, so that
//! it is a deliberate decision.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{Arrow, Crate, rust_files};

/// Each package, lowest first, with all packages of the project that it may depend on outside its tests.
const PACKAGES: &[(&str, &[&str])] = &[
    ("posterframe-contract", &[]),
    ("posterframe-av1", &[]),
    (
        "posterframe-picture",
        &["posterframe-av1", "posterframe-contract"],
    ),
    (
        "posterframe-frame",
        &["posterframe-contract", "posterframe-picture"],
    ),
    ("posterframe-markers", &["posterframe-contract"]),
    ("posterframe-remote", &[]),
    ("posterframe-kit", &[]),
    (
        "posterframe-worker",
        &[
            "posterframe-contract",
            "posterframe-frame",
            "posterframe-picture",
            "posterframe-remote",
        ],
    ),
    ("posterframe-functions", &["posterframe-contract"]),
    ("posterframe-process", &[]),
    (
        "posterframe-local",
        &["posterframe-contract", "posterframe-process"],
    ),
    (
        "posterframe-client",
        &["posterframe-contract", "posterframe-process"],
    ),
    (
        "posterframe-player",
        &["posterframe-contract", "posterframe-frame", "posterframe-remote"],
    ),
    (
        "posterframe",
        &[
            "posterframe-client",
            "posterframe-contract",
            "posterframe-frame",
            "posterframe-functions",
            "posterframe-kit",
            "posterframe-local",
            "posterframe-markers",
            "posterframe-picture",
            "posterframe-player",
            "posterframe-remote",
            "posterframe-worker",
        ],
    ),
    ("posterframe-clips", &[]),
    ("posterframe-tests", &[]),
];

/// The top-level modules of a crate, lowest layer first. Each may import from lower layers, but not from other modules of
/// its own layer.
type Layers = &'static [&'static [&'static str]];

/// The layers of the app. Each module in `views` counts as a separate member of its layer.
const GUI: Layers = &[
    &["format", "picture_file", "sample", "version"],
    &["job_text", "select"],
    &["frame_choice"],
    &["mark_list", "distant", "fetch"],
    &["backend"],
    &["doctor"],
    &["context"],
    &["search"],
    &["views"],
    &["app"],
    &["cli"],
];

const CLIENT: Layers = &[
    &["fs"],
    &["config"],
    &["model"],
    &["error"],
    &["aws"],
    &["store"],
    &["upload"],
    &["watch", "gallery", "browse", "doctor"],
    &["client"],
];

/// Most lines of a file.
const MAX_LINES: usize = 500;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace's folder")
        .to_owned()
}

/// The packages of the workspace, each with the packages of the workspace that it depends on outside its tests.
fn packages(project: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let read = |folder: &Path| -> toml::Table {
        let path = folder.join("Cargo.toml");
        let text = fs::read_to_string(&path).expect("a manifest");
        text.parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let members = read(project)["workspace"]["members"].clone();
    let manifests = members.as_array().expect("a list of folders").iter();
    let manifests: Vec<toml::Table> = manifests
        .map(|member| read(&project.join(member.as_str().expect("a folder"))))
        .collect();
    let name = |manifest: &toml::Table| manifest["package"]["name"].as_str().expect("a name").to_owned();
    let names: BTreeSet<String> = manifests.iter().map(name).collect();
    let dependencies = |manifest: &toml::Table| {
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        let tables = targets
            .into_iter()
            .flat_map(toml::Table::values)
            .filter_map(toml::Value::as_table);
        [manifest]
            .into_iter()
            .chain(tables)
            .flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")])
            .filter_map(|table| table?.as_table())
            .flat_map(toml::Table::keys)
            .filter(|name| names.contains(*name))
            .cloned()
            .collect()
    };
    manifests
        .iter()
        .map(|manifest| (name(manifest), dependencies(manifest)))
        .collect()
}

/// The dependencies between packages that are not allowed.
fn wrong_dependencies(packages: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (package, dependencies) in packages {
        let Some((_, allowed)) = PACKAGES.iter().find(|(name, _)| name == package) else {
            wrong.push(format!("{package} has no line in PACKAGES"));
            continue;
        };
        let others = dependencies
            .iter()
            .filter(|name| !allowed.contains(&name.as_str()));
        wrong.extend(others.map(|name| format!("{package} → {name}")));
    }
    wrong
}

/// The imports that these layers do not allow in a crate.
fn wrong_arrows(src: &Path, layers: Layers) -> Vec<String> {
    let layer = |module: &str| layers.iter().position(|layer| layer.contains(&module));
    // Each view is a separate member of the layer of views.
    let member = |module: &[String]| match module {
        [views, view, ..] if views == "views" => vec![views.clone(), view.clone()],
        module => module[..1].to_vec(),
    };
    let is_wrong = |arrow: &Arrow| {
        let (from, to) = (member(&arrow.from), member(&arrow.to));
        // A path that is in no layer is an item of `lib.rs`, which every module may import.
        !to.starts_with(&from) && layer(&to[0]).is_none_or(|to| layer(&from[0]) <= Some(to))
    };
    let unknown = modules_at_the_top(src)
        .into_iter()
        .filter(|module| layer(module).is_none())
        .map(|module| format!("{}/{module} is in no layer", src.display()));
    let arrows = Crate::read(src).arrows().into_iter().filter(is_wrong);
    let arrows = arrows.map(|arrow| {
        let (from, to) = (member(&arrow.from).join("::"), member(&arrow.to).join("::"));
        format!("{}: {from} → {to}", arrow.file.display())
    });
    let all: BTreeSet<String> = unknown.chain(arrows).collect();
    all.into_iter().collect()
}

fn modules_at_the_top(src: &Path) -> BTreeSet<String> {
    fs::read_dir(src)
        .expect("the folder of a crate's sources")
        .map(|entry| entry.expect("an entry of a folder").path().with_extension(""))
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| !matches!(name.as_str(), "lib" | "main"))
        .collect()
}

/// Files with more than [`MAX_LINES`] lines.
fn long_files(folders: &[PathBuf]) -> Vec<String> {
    let files = folders.iter().flat_map(|folder| rust_files(folder));
    files
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).expect("a source file").lines().count();
            (lines > MAX_LINES).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect()
}

/// A temporary folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder for the test");
    for (name, text) in files {
        let path = dir.path().join(name);
        let parent = path.parent().expect("the file's folder");
        fs::create_dir_all(parent).expect("the file's folder");
        fs::write(path, text).expect("the file");
    }
    dir
}

/// The forbidden imports in these files, without the folder's path.
fn arrows_of(files: &[(&str, &str)], layers: Layers) -> Vec<String> {
    let dir = folder(files);
    let wrong = wrong_arrows(dir.path(), layers);
    let root = format!("{}/", dir.path().display());
    wrong.into_iter().map(|arrow| arrow.replace(&root, "")).collect()
}

// Breaks if a crate depends on another one outside its tests that the table does not list, or the table allows a cycle.
#[test]
fn crates() {
    let wrong = wrong_dependencies(&packages(&project()));
    assert!(wrong.is_empty(), "not in PACKAGES:\n{}", wrong.join("\n"));
    for (at, (package, allowed)) in PACKAGES.iter().enumerate() {
        for name in *allowed {
            let below = PACKAGES[..at].iter().any(|(lower, _)| lower == name);
            assert!(
                below,
                "{package} may not depend on {name}, which does not stand before it"
            );
        }
    }
}

// Breaks if a module imports from a higher layer or from another module of its own layer.
#[test]
fn layers() {
    let project = project();
    let mut wrong = wrong_arrows(&project.join("gui/src"), GUI);
    wrong.extend(wrong_arrows(&project.join("gui/client/src"), CLIENT));
    assert!(
        wrong.is_empty(),
        "arrows that point up or sideways:\n{}",
        wrong.join("\n")
    );
}

// Breaks if modules of the worker or of the backend import each other in a cycle, so that none can be read by itself.
#[test]
fn circles() {
    for part in [
        "backend/contract",
        "backend/functions",
        "backend/local",
        "worker",
        "worker/frame",
        "worker/picture",
        "worker/remote",
    ] {
        let circles = Crate::read(&project().join(part).join("src")).circles();
        assert!(circles.is_empty(), "{part}: {circles:#?}");
    }
}

// Breaks if a file becomes too long to be read in one sitting.
#[test]
fn lengths() {
    let folders = ["backend", "gui", "tests", "worker"].map(|part| project().join(part));
    let long = long_files(&folders);
    assert!(
        long.is_empty(),
        "more than {MAX_LINES} lines:\n{}",
        long.join("\n")
    );
}

// Breaks if a spelling of an import is missed, or other text counts as an import.
#[test]
fn every_spelling_is_seen() {
    let quiet = "
        // use crate::app::App;
        const TEXT: &str = \"crate::app \\\" crate::app\";
        const RAW: &str = r#\"crate::app \" crate::app\"#;
        const CHARS: [char; 2] = ['\"', '\\''];
        use crate::format::bytes;
        use super::sample;
        pub(in crate::app) const N: u8 = 0;
        mod inner { use super::{Place, app}; fn f() {} }
        #[cfg(test)]
        mod tests { use super::*; use crate::cli::run; }
    ";
    assert_eq!(arrows_of(&[("select.rs", quiet)], GUI), [""; 0]);
    for import in [
        "use crate::app::App;",
        "use crate::{format::bytes, app::{self, App}};",
        "fn f() -> crate::app::App { loop {} }",
        "use super::app;",
        "mod inner { use super::super::app; }",
        "use crate::{\n    format,\n    app as other,\n};",
        "const QUOTE: char = '\"'; use crate::app::*;",
        "fn f<'a>(_: &'a str) { crate::app::run() }",
        "#[cfg(test)] const N: [u8; 2] = [0; 2]; use crate::app::App;",
    ] {
        assert_eq!(
            arrows_of(&[("select.rs", import), ("app.rs", "")], GUI),
            ["select.rs: select → app"],
            "{import}"
        );
    }
}

// Breaks if views may import each other or higher layers, or an import of an item of `views` itself is reported.
#[test]
fn views_know_no_other_view() {
    let files = [
        ("lib.rs", "pub use app::run; use cli::main;"),
        ("app.rs", "use crate::views::{jobs, new};"),
        (
            "views/mod.rs",
            "use crate::context::Context; use crate::views::jobs::Jobs;",
        ),
        (
            "views/jobs/mod.rs",
            "use super::new::Video; use crate::views::jobs::list;",
        ),
        (
            "views/jobs/list.rs",
            "use super::super::new; use super::Jobs; use crate::run;",
        ),
        (
            "views/new/mod.rs",
            "use crate::cli; use crate::views::new::marks;",
        ),
        ("helpers.rs", ""),
    ];
    let wrong = arrows_of(&files, GUI);
    assert_eq!(
        wrong[1..],
        [
            "views/jobs/list.rs: views::jobs → app",
            "views/jobs/list.rs: views::jobs → views::new",
            "views/jobs/mod.rs: views::jobs → views::new",
            "views/new/mod.rs: views::new → cli",
        ]
    );
    assert!(wrong[0].ends_with("helpers is in no layer"), "{wrong:?}");
}

// Breaks if a cycle of modules is missed, or a module and its children are reported as a cycle.
#[test]
fn circles_are_found() {
    let family = [
        ("a/mod.rs", "mod b; use b::B;"),
        ("a/b.rs", "use crate::a::A; use crate::c::C;"),
        ("a/d.rs", "use super::b::B;"),
        ("c.rs", ""),
    ];
    assert!(Crate::read(folder(&family).path()).circles().is_empty());
    let children = [
        ("a/mod.rs", "use b::B;"),
        ("a/b.rs", "use super::{A, c};"),
        ("a/c.rs", "use crate::a::b;"),
    ];
    let expected = BTreeSet::from([vec!["a::b".to_owned(), "a::c".to_owned()]]);
    assert_eq!(Crate::read(folder(&children).path()).circles(), expected);
    let circle = [
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::C;"),
        ("c.rs", "use crate::a;"),
        ("lib.rs", "pub use c::C;"),
    ];
    let expected = BTreeSet::from([["a", "b", "c"].map(str::to_owned).to_vec()]);
    assert_eq!(Crate::read(folder(&circle).path()).circles(), expected);
}

// Breaks if a dependency or a package that is not in the table is missed.
#[test]
fn dependencies_are_found() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]"),
        (
            "a/Cargo.toml",
            "[package]\nname = \"posterframe-frame\"\n[target.'cfg(unix)'.dependencies]\nposterframe-new.workspace = true",
        ),
        (
            "b/Cargo.toml",
            "[package]\nname = \"posterframe-new\"\n[dev-dependencies]\nposterframe-frame.workspace = true",
        ),
    ];
    let wrong = wrong_dependencies(&packages(folder(&files).path()));
    assert_eq!(
        wrong,
        [
            "posterframe-frame → posterframe-new",
            "posterframe-new has no line in PACKAGES"
        ]
    );
}

// Breaks if a long file is missed.
#[test]
fn long_files_are_found() {
    let files = [
        ("a.rs", "\n".repeat(MAX_LINES)),
        ("b/c.rs", "\n".repeat(MAX_LINES + 1)),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let dir = folder(&files);
    let long = long_files(&[dir.path().to_owned()]);
    assert!(
        matches!(&*long, [only] if only.ends_with("c.rs: 501 lines")),
        "{long:?}"
    );
}
