//! A draft of the configuration. Nothing is written before it is saved, and edits of a stack stay when another backend is
//! chosen.

use std::path::Path;

use posterframe_client::{Backend, ConfigError, ConfigFile, OutputsError, Rate, read_outputs};

/// One stack on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    /// Its name in the file; `None` for a new one.
    pub(super) original: Option<String>,
    pub(super) values: Backend,
}

/// The values that can be edited, kept twice to detect changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edited {
    stacks: Vec<Stack>,
    /// The stack that jobs run on; `None` is this computer.
    chosen: Option<usize>,
    limit: String,
}

/// The configuration being edited.
pub(super) struct Draft {
    file: ConfigFile,
    before: Edited,
    now: Edited,
    /// The stack that choosing AWS shows.
    shown: usize,
    /// Whether the user has tried to save; from then on missing values are reported.
    tried: bool,
}

/// A value that cannot be saved, with its stack and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) stack: Option<usize>,
    pub(super) key: String,
    pub(super) reason: String,
}

impl Draft {
    pub(super) fn open(file: &Path) -> Result<Self, ConfigError> {
        let file = ConfigFile::open(file)?;
        let config = file.config();
        let stacks: Vec<Stack> = config
            .backends
            .iter()
            .map(|(name, backend)| Stack {
                original: Some(name.clone()),
                values: backend.clone(),
            })
            .collect();
        let chosen = config.backend.as_deref().and_then(|name| {
            stacks
                .iter()
                .position(|stack| stack.original.as_deref() == Some(name))
        });
        let limit = config.upload_limit.map(|limit| limit.to_string());
        let now = Edited {
            stacks,
            chosen,
            limit: limit.unwrap_or_default(),
        };
        Ok(Self {
            file,
            before: now.clone(),
            shown: now.chosen.unwrap_or(0),
            now,
            tried: false,
        })
    }

    pub(super) fn is_changed(&self) -> bool {
        self.now != self.before
    }

    pub(super) fn stacks(&self) -> &[Stack] {
        &self.now.stacks
    }

    /// The stack that jobs run on; `None` is this computer.
    pub(super) fn chosen(&self) -> Option<usize> {
        self.now.chosen
    }

    /// The chosen stack, mutable.
    pub(super) fn stack(&mut self) -> Option<&mut Stack> {
        self.now.stacks.get_mut(self.now.chosen?)
    }

    pub(super) fn limit(&mut self) -> &mut String {
        &mut self.now.limit
    }

    pub(super) fn choose_this_computer(&mut self) {
        self.now.chosen = None;
    }

    /// Chooses AWS: the stack that was shown last, or a new one if there is none.
    pub(super) fn choose_aws(&mut self) {
        if self.now.stacks.is_empty() {
            self.add();
        }
        self.choose(self.shown);
    }

    pub(super) fn choose(&mut self, stack: usize) {
        self.shown = stack.min(self.now.stacks.len().saturating_sub(1));
        self.now.chosen = Some(self.shown);
    }

    /// Adds an empty stack and chooses it.
    pub(super) fn add(&mut self) {
        let name = self.free_name("aws");
        self.push(Backend::on_aws(name, ""));
    }

    /// Removes the chosen stack from the configuration; nothing changes on AWS.
    pub(super) fn remove(&mut self) {
        let Some(at) = self.now.chosen else { return };
        self.now.stacks.remove(at);
        if self.now.stacks.is_empty() {
            self.now.chosen = None;
            self.shown = 0;
        } else {
            self.choose(at);
        }
    }

    /// Imports stacks from a file of outputs, and replaces the values of stacks with the same name. Returns their number.
    pub(super) fn import(&mut self, text: &str, name: &str) -> Result<usize, OutputsError> {
        let backends = read_outputs(text, name)?;
        let count = backends.len();
        for backend in backends {
            let same = self
                .now
                .stacks
                .iter()
                .position(|stack| stack.values.name == backend.name);
            match same {
                Some(at) => {
                    let old = &mut self.now.stacks[at].values;
                    // Outputs carry neither the AWS profile nor `others`, so the old values stay.
                    let profile = backend.profile.clone().or_else(|| old.profile.clone());
                    let others = old.others;
                    *old = Backend {
                        profile,
                        others,
                        ..backend
                    };
                    self.choose(at);
                }
                None => self.push(backend),
            }
        }
        Ok(count)
    }

    /// The first problem that prevents saving. Problems of a new, empty stack are reported only after an attempt to save.
    pub(super) fn problem(&self) -> Option<Problem> {
        let is_reported =
            |stack: &Stack| stack.original.is_some() || self.tried || !stack.values.bucket.is_empty();
        self.any_problem().filter(|problem| {
            problem
                .stack
                .and_then(|at| self.now.stacks.get(at))
                .is_none_or(is_reported)
        })
    }

    fn any_problem(&self) -> Option<Problem> {
        for (at, stack) in self.now.stacks.iter().enumerate() {
            let problem = |key: &str, reason: String| Problem {
                stack: Some(at),
                key: key.to_owned(),
                reason,
            };
            if let Err(error) = stack.values.check() {
                return Some(match error {
                    ConfigError::Invalid { key, reason, .. } => problem(&key, reason),
                    other => problem("name", other.to_string()),
                });
            }
            let same = |other: &&Stack| other.values.name == stack.values.name;
            if self.now.stacks.iter().filter(same).count() > 1 {
                return Some(problem("name", "another stack has this name".to_owned()));
            }
        }
        self.rate().err().map(|reason| Problem {
            stack: None,
            key: "upload_limit".to_owned(),
            reason,
        })
    }

    /// The checked file to write. `None` if a value is wrong; [`Self::problem`] then reports it.
    pub(super) fn prepare(&mut self) -> Result<Option<ConfigFile>, ConfigError> {
        self.tried = true;
        if let Some(problem) = self.any_problem() {
            if let Some(stack) = problem.stack {
                self.choose(stack);
            }
            return Ok(None);
        }
        let mut file = self.file.clone();
        let kept = |name: &String| {
            self.now
                .stacks
                .iter()
                .any(|stack| stack.original.as_ref() == Some(name))
        };
        let gone: Vec<String> = file
            .config()
            .backends
            .keys()
            .filter(|name| !kept(name))
            .cloned()
            .collect();
        for name in gone {
            file.remove(&name)?;
        }
        for stack in &self.now.stacks {
            if let Some(original) = &stack.original {
                file.rename(original, &stack.values.name)?;
            }
            file.put(&stack.values)?;
        }
        let chosen = self.now.chosen.map(|at| self.now.stacks[at].values.name.clone());
        file.set_backend(chosen.as_deref())?;
        file.set_upload_limit(self.rate().unwrap_or_default())?;
        Ok(Some(file))
    }

    /// The file from [`Self::prepare`] is written.
    pub(super) fn saved(&mut self, file: ConfigFile) {
        self.file = file;
        for stack in &mut self.now.stacks {
            stack.original = Some(stack.values.name.clone());
        }
        self.before = self.now.clone();
    }

    /// The uploads' limit; `None` is no limit.
    pub(super) fn rate(&self) -> Result<Option<Rate>, String> {
        let text = self.now.limit.trim();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| "A rate such as 750 kB/s or 2 MB/s is expected".to_owned())
    }

    fn push(&mut self, values: Backend) {
        self.now.stacks.push(Stack {
            original: None,
            values,
        });
        self.choose(self.now.stacks.len() - 1);
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &String| self.now.stacks.iter().any(|stack| stack.values.name == *name);
        let further = (2..).map(|number| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned())
            .chain(further)
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> (tempfile::TempDir, Draft) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("posterframe.toml");
        std::fs::write(&file, text).unwrap();
        let draft = Draft::open(&file).unwrap();
        (folder, draft)
    }

    // Breaks if edits of several stacks are not all saved, a renamed stack is lost, or showing a stack counts as a change.
    #[test]
    fn edits_are_saved_together() {
        let (folder, mut draft) = draft("[backends.a]\nbucket = \"aaa\"\n[backends.b]\nbucket = \"bbb\"\n");
        assert_eq!(draft.chosen(), None);
        assert!(!draft.is_changed());
        draft.choose_aws();
        draft.stack().unwrap().values.name = "first".into();
        draft.choose(1);
        draft.stack().unwrap().values.region = Some("eu-west-1".into());
        *draft.limit() = "2 MB/s".into();
        assert!(draft.is_changed() && save(&mut draft) && !draft.is_changed());
        let text = std::fs::read_to_string(folder.path().join("posterframe.toml")).unwrap();
        for part in [
            "backend = \"b\"",
            "[backends.first]",
            "bucket = \"aaa\"",
            "region = \"eu-west-1\"",
            "2 MB/s",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        draft.remove();
        draft.remove();
        assert_eq!((draft.chosen(), draft.stacks().len()), (None, 0));
        assert!(save(&mut draft));
    }

    /// Whether the draft could be saved.
    fn save(draft: &mut Draft) -> bool {
        let Some(mut file) = draft.prepare().unwrap() else {
            return false;
        };
        file.save().unwrap();
        draft.saved(file);
        true
    }

    // Breaks if a wrong value is saved, or a new stack has a problem before anything is typed.
    #[test]
    fn what_is_wrong_is_said_and_not_saved() {
        let (_folder, mut draft) = draft("");
        draft.choose_aws();
        assert_eq!(draft.problem(), None);
        assert!(!save(&mut draft));
        assert_eq!(draft.problem().unwrap().key, "bucket");
        draft.stack().unwrap().values.bucket = "media".into();
        *draft.limit() = "fast".into();
        assert_eq!(draft.problem().unwrap().key, "upload_limit");
        draft.limit().clear();
        draft.add();
        draft.stack().unwrap().values.bucket = "media".into();
        draft.stack().unwrap().values.name = "aws".into();
        assert_eq!(draft.problem().unwrap().reason, "another stack has this name");
    }

    // Breaks if an import adds a second stack of the same name, or resets its profile or `others`.
    #[test]
    fn an_import_renews_the_stack_of_its_name() {
        let (_folder, mut draft) =
            draft("[backends.studio]\nbucket = \"old\"\nprofile = \"p\"\nothers = true\n");
        let outputs =
            r#"{"Stacks":[{"StackName":"studio","Outputs":[{"OutputKey":"Bucket","OutputValue":"new"}]}]}"#;
        assert_eq!(draft.import(outputs, "file"), Ok(1));
        let stack = draft.stack().unwrap();
        assert_eq!(
            (
                stack.values.bucket.as_str(),
                stack.values.profile.as_deref(),
                stack.values.others
            ),
            ("new", Some("p"), true)
        );
        assert_eq!(draft.stacks().len(), 1);
        assert!(draft.import("nonsense", "file").is_err());
    }
}
