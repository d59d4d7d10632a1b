//! The graph of imports between modules. Sources are read as text, which takes milliseconds and needs no compiler. Macros
//! are not expanded, so paths that only a macro produces are missed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module's path below the crate, such as `["views", "jobs"]`; empty for `lib.rs` and `main.rs`.
pub(crate) type Module = Vec<String>;

/// A source file without its comments, string literals and tests.
struct File {
    path: PathBuf,
    module: Module,
    code: String,
}

/// The sources of one crate.
pub(crate) struct Crate {
    files: Vec<File>,
    /// The modules of the names that `lib.rs` re-exports.
    exported: BTreeMap<String, Module>,
}

/// An import: a module that names a path in another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) file: PathBuf,
    pub(crate) from: Module,
    /// The path that it names: the module, and the rest of the path.
    pub(crate) to: Module,
}

impl Crate {
    /// Reads a `src` folder. Files and modules for tests are left out.
    pub(crate) fn read(src: &Path) -> Self {
        let files: Vec<File> = rust_files(src)
            .into_iter()
            .filter(|path| !path.with_extension("").iter().any(|part| part == "tests"))
            .map(|path| File {
                module: module_of(path.strip_prefix(src).expect("a file of this folder")),
                code: without_tests(&without_texts(&fs::read_to_string(&path).expect("a source file"))),
                path,
            })
            .collect();
        let mut exported = BTreeMap::new();
        let modules: BTreeSet<&Module> = files.iter().map(|file| &file.module).collect();
        for file in files.iter().filter(|file| file.path.ends_with("lib.rs")) {
            for (_, path) in paths_after(&file.code, "use ") {
                if let [first, .., name] = path.as_slice()
                    && modules.contains(&vec![first.clone()])
                {
                    exported.insert(name.clone(), path[..path.len() - 1].to_vec());
                }
            }
        }
        Self { files, exported }
    }

    /// Every path that begins with `crate::` or `super::`, and each `use` of a child. Those in `lib.rs` and `main.rs` are
    /// left out, since these files may import everything.
    pub(crate) fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for file in self.files.iter().filter(|file| !file.module.is_empty()) {
            let of_crate = paths_after(&file.code, "crate::").into_iter().map(|(_, path)| {
                let exported = self
                    .exported
                    .get(&path[0])
                    .filter(|_| !self.is_module(&path[..1]));
                exported.cloned().unwrap_or(path)
            });
            let of_parents = paths_after(&file.code, "super::")
                .into_iter()
                .filter_map(|(at, path)| {
                    let up = 1 + path.iter().take_while(|part| *part == "super").count();
                    // Inside an inline module, the first `super`s stay within the file.
                    let up_from_file = up
                        .checked_sub(modules_around(&file.code[..at]))
                        .filter(|&up| up > 0)?;
                    let base = &file.module[..file.module.len().saturating_sub(up_from_file)];
                    Some([base, &path[up - 1..]].concat())
                });
            let of_children = paths_after(&file.code, "use ")
                .into_iter()
                .map(|(_, path)| [file.module.as_slice(), &path].concat())
                .filter(|path| self.is_module(&path[..=file.module.len()]));
            let all = of_crate.chain(of_parents).chain(of_children);
            arrows.extend(all.filter(|to| !to.is_empty()).map(|to| Arrow {
                file: file.path.clone(),
                from: file.module.clone(),
                to,
            }));
        }
        arrows
    }

    fn is_module(&self, path: &[String]) -> bool {
        self.files.iter().any(|file| file.module == path)
    }

    /// Cycles: groups of modules that import each other. A cycle of a module and its descendants is allowed, but none of
    /// these descendants alone.
    pub(crate) fn circles(&self) -> BTreeSet<Vec<String>> {
        let mut arrows: Vec<(Module, Module)> = Vec::new();
        for arrow in self.arrows() {
            let mut parts = (1..=arrow.to.len()).rev().map(|length| &arrow.to[..length]);
            if let Some(to) = parts.find(|path| self.is_module(path)) {
                arrows.push((arrow.from, to.to_vec()));
            }
        }
        let is_family = |circle: &BTreeSet<Module>| {
            let parent = circle.iter().min_by_key(|module| module.len());
            parent.is_some_and(|parent| circle.iter().all(|module| module.starts_with(parent)))
        };
        let mut circles = groups(&arrows);
        circles.retain(|circle| !is_family(circle));
        arrows.retain(|(from, to)| !from.starts_with(to));
        circles.extend(groups(&arrows));
        let names = |circle: BTreeSet<Module>| circle.into_iter().map(|module| module.join("::")).collect();
        circles.into_iter().map(names).collect()
    }
}

/// Groups of two or more modules that reach each other.
fn groups(arrows: &[(Module, Module)]) -> BTreeSet<BTreeSet<Module>> {
    let mut reach: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for (from, to) in arrows {
        reach.entry(from).or_default().insert(to);
    }
    loop {
        let mut longer = reach.clone();
        for reached in longer.values_mut() {
            let further: Vec<&Module> = reached
                .iter()
                .filter_map(|to| reach.get(to))
                .flatten()
                .copied()
                .collect();
            reached.extend(further);
        }
        if longer == reach {
            break;
        }
        reach = longer;
    }
    let is_back = |from: &Module, to: &Module| reach.get(to).is_some_and(|back| back.contains(from));
    let group = |(from, to): (&&Module, &BTreeSet<&Module>)| -> BTreeSet<Module> {
        let back = to.iter().filter(|to| is_back(from, to));
        back.chain([from]).map(|module| (*module).clone()).collect()
    };
    reach.iter().map(group).filter(|group| group.len() > 1).collect()
}

/// All `.rs` files below a folder, sorted, without build output.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The module of a file: `views/jobs/mod.rs` and `views/jobs.rs` are `views::jobs`.
fn module_of(path: &Path) -> Module {
    let mut module: Module = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod")
        || matches!(&*module, [root] if root == "lib" || root == "main")
    {
        module.pop();
    }
    module
}

/// The code, with spaces in place of comments and literals.
fn without_texts(code: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let raw = rest.trim_start_matches('#').starts_with('"') && left.ends_with('r');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' || raw {
            let hashes = "#".repeat(rest.len() - rest.trim_start_matches('#').len());
            quoted(rest, &hashes, raw)
        } else if first == '\'' && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'')) {
            let after = 2 + rest[1..].chars().next().map_or(0, |c| c.len_utf8() - 1);
            rest[after..].find('\'').map_or(rest.len(), |end| after + end + 1)
        } else {
            left.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        left.push(' ');
        rest = &rest[length..];
    }
    left
}

/// Length in bytes of the literal at the start of `rest`.
fn quoted(rest: &str, hashes: &str, raw: bool) -> usize {
    let end = format!("\"{hashes}");
    let mut at = hashes.len() + 1;
    loop {
        let Some(next) = rest[at..].find(if raw { &['"'][..] } else { &['"', '\\'] }) else {
            return rest.len();
        };
        at += next;
        if rest[at..].starts_with('\\') {
            at += 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8);
        } else if rest[at..].starts_with(&end) {
            return at + end.len();
        } else {
            at += 1;
        }
    }
}

/// The code without items after `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut parts = code.split("#[cfg(test)]");
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut depth = 0_usize;
        let end = part.find(|c| {
            depth += usize::from(matches!(c, '{' | '(' | '['));
            depth = depth.saturating_sub(usize::from(matches!(c, '}' | ')' | ']')));
            depth == 0 && matches!(c, '}' | ';')
        });
        left.push_str(&part[end.map_or(part.len(), |end| end + 1)..]);
    }
    left
}

/// The paths after each `prefix`, with their offsets. A `use` with braces gives one path for each name.
fn paths_after(code: &str, prefix: &str) -> Vec<(usize, Module)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = &code[..at];
        // `super::super::` counts once, from its first `super`, and `pub(in crate::…)` imports nothing.
        if !before.ends_with(is_name) && !before.ends_with("::") && !before.ends_with("(in ") {
            let mut paths = Vec::new();
            expand(&code[at + prefix.len()..], &[], &mut paths);
            found.extend(paths.into_iter().map(|path| (at, path)));
        }
    }
    found
}

/// Number of inline modules that are open at the end of the code.
fn modules_around(code: &str) -> usize {
    let mut open = Vec::new();
    let mut from = 0;
    for (at, brace) in code.match_indices(['{', '}']) {
        if brace == "{" {
            let mut words = code[from..at].split_whitespace().rev();
            open.push(words.nth(1) == Some("mod"));
        } else {
            open.pop();
        }
        from = at + 1;
    }
    open.into_iter().filter(|is_module| *is_module).count()
}

/// Reads one path or one group in braces. Returns the rest of the code.
fn expand<'a>(code: &'a str, before: &[String], paths: &mut Vec<Module>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = expand(rest, before, paths).trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let path = match name {
        "" | "self" => before.to_vec(),
        name => [before, &[name.to_owned()]].concat(),
    };
    if let Some(more) = rest.strip_prefix("::").filter(|_| !name.is_empty()) {
        return expand(more, &path, paths);
    }
    if !path.is_empty() && (!name.is_empty() || rest.starts_with('*')) {
        paths.push(path);
    }
    let rest = rest.strip_prefix('*').unwrap_or(rest).trim_start();
    match rest.strip_prefix("as ") {
        Some(alias) => alias
            .trim_start()
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => rest,
    }
}
