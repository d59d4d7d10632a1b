//! The configuration file as it is edited: what a person wrote around the keys stays.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, Value};

use super::backend::Backend;
use super::error::ConfigError;
use super::rate::Rate;
use super::settings::{Config, read};
use crate::fs::write_whole;

/// The configuration file, open for editing.
///
/// Open it, change it with the `set_…` functions, [`Self::put`], [`Self::rename`] and [`Self::remove`] (each leaves it
/// as it was where it fails), look at the outcome with [`Self::config`], and [`Self::save`] it. Comments, the keys'
/// order and unusual spacing survive. Nothing is written before `save`.
///
/// ```no_run
/// # use posterframe_client::{Backend, ConfigError, ConfigFile, Paths};
/// # fn example(paths: &Paths) -> Result<(), ConfigError> {
/// let mut file = ConfigFile::open(&paths.config_file())?;
/// let mut studio = Backend::on_aws("studio", "studio-media");
/// studio.profile = Some("studio".to_owned());
/// file.put(&studio)?;
/// file.set_backend(Some("studio"))?;
/// file.save()
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ConfigFile {
    file: PathBuf,
    /// What the file said when it was opened or last saved; `None` where there was none.
    on_disk: Option<String>,
    document: DocumentMut,
    config: Config,
}

impl ConfigFile {
    /// Reads the file; a missing one is an empty one.
    ///
    /// # Errors
    /// It cannot be read, or is malformed.
    pub fn open(file: &Path) -> Result<Self, ConfigError> {
        let on_disk = read(file)?;
        let text = on_disk.as_deref().unwrap_or_default();
        let config = Config::parse(file, text)?;
        let document = text
            .parse()
            .map_err(|error: toml_edit::TomlError| ConfigError::Malformed {
                file: file.to_owned(),
                line: 1,
                reason: error.message().to_owned(),
            })?;
        Ok(Self {
            file: file.to_owned(),
            on_disk,
            document,
            config,
        })
    }

    /// What it says, with the changes so far.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether there is something to save.
    pub fn is_changed(&self) -> bool {
        self.document.to_string() != self.on_disk.as_deref().unwrap_or_default()
    }

    /// Sets the backend to use; `None` for this computer.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn set_backend(&mut self, name: Option<&str>) -> Result<(), ConfigError> {
        self.config.backend(name)?;
        self.edit(|document| set_text(document.as_table_mut(), "backend", name))
    }

    /// Sets the uploads' limit; `None` for no limit.
    ///
    /// # Errors
    /// The changed file cannot be read again.
    pub fn set_upload_limit(&mut self, limit: Option<Rate>) -> Result<(), ConfigError> {
        let limit = limit.map(|limit| limit.to_string());
        self.edit(|document| set_text(document.as_table_mut(), "upload_limit", limit.as_deref()))
    }

    /// Adds a backend, or changes the one of its name. Keys that say what is so anyway are left out, but kept
    /// where they are written already.
    ///
    /// # Errors
    /// A value cannot work: [`Backend::check`].
    pub fn put(&mut self, backend: &Backend) -> Result<(), ConfigError> {
        backend.check()?;
        let (now, usual) = (backend.table(), Backend::on_aws(&backend.name, "").table());
        self.edit(|document| {
            let table = table(backends(document), &backend.name);
            for (key, value) in &now {
                if table.contains_key(key) || usual.get(key) != Some(value) {
                    set(table, key, Some(value));
                }
            }
            let unset = |(key, _): (&str, &Item)| (!now.contains_key(key)).then(|| key.to_owned());
            for key in table.iter().filter_map(unset).collect::<Vec<_>>() {
                set(table, &key, None);
            }
        })
    }

    /// Gives a backend another name. Jobs in the history keep the old one.
    ///
    /// # Errors
    /// There is no such backend, or the name cannot be used.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<(), ConfigError> {
        let Some(mut backend) = self.config.backends.get(old).cloned() else {
            return Err(ConfigError::NoSuchBackend(old.to_owned()));
        };
        if old == new {
            return Ok(());
        }
        if self.config.backends.contains_key(new) {
            return Err(ConfigError::NameTaken(new.to_owned()));
        }
        new.clone_into(&mut backend.name);
        backend.check()?;
        let chosen = self.config.backend.as_deref() == Some(old);
        self.edit(|document| {
            let backends = backends(document);
            if let Some(item) = backends.remove(old) {
                backends.insert(new, item);
            }
            if chosen {
                set_text(document.as_table_mut(), "backend", Some(new));
            }
        })
    }

    /// Removes a backend; if it was the one to use, that is this computer then. Nothing in AWS is touched.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn remove(&mut self, name: &str) -> Result<(), ConfigError> {
        if !self.config.backends.contains_key(name) {
            return Err(ConfigError::NoSuchBackend(name.to_owned()));
        }
        let chosen = self.config.backend.as_deref() == Some(name);
        self.edit(|document| {
            backends(document).remove(name);
            if chosen {
                set_text(document.as_table_mut(), "backend", None);
            }
        })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Another program changed the file since it was read, or it cannot be written.
    pub fn save(&mut self) -> Result<(), ConfigError> {
        if read(&self.file)? != self.on_disk {
            return Err(ConfigError::ChangedMeanwhile(self.file.clone()));
        }
        let text = self.document.to_string();
        write_whole(&self.file, text.as_bytes()).map_err(|source| ConfigError::Unreadable {
            file: self.file.clone(),
            source,
        })?;
        self.on_disk = Some(text);
        Ok(())
    }

    /// A change counts only if what comes of it can be read again.
    fn edit(&mut self, change: impl FnOnce(&mut DocumentMut)) -> Result<(), ConfigError> {
        let mut document = self.document.clone();
        change(&mut document);
        self.config = Config::parse(&self.file, &document.to_string())?;
        self.document = document;
        Ok(())
    }
}

fn backends(document: &mut DocumentMut) -> &mut dyn toml_edit::TableLike {
    if !document.get("backends").is_some_and(Item::is_table_like) {
        let mut backends = Table::new();
        // `[backends.studio]` says it all; an empty `[backends]` before it would not help.
        backends.set_implicit(true);
        document.insert("backends", Item::Table(backends));
    }
    let backends = document["backends"].as_table_like_mut();
    backends.expect("it was made a table above")
}

fn table<'a>(backends: &'a mut dyn toml_edit::TableLike, name: &str) -> &'a mut dyn toml_edit::TableLike {
    if !backends.get(name).is_some_and(Item::is_table_like) {
        backends.insert(name, Item::Table(Table::new()));
    }
    let table = backends.get_mut(name).and_then(Item::as_table_like_mut);
    table.expect("it was made a table above")
}

/// Sets or removes a key, whose value is a text or a flag.
fn set(table: &mut dyn toml_edit::TableLike, key: &str, value: Option<&toml::Value>) {
    let Some(value) = value else {
        table.remove(key);
        return;
    };
    let now = table.get(key);
    match value {
        toml::Value::Boolean(on) if now.and_then(Item::as_bool) != Some(*on) => {
            replace(table, key, (*on).into());
        }
        toml::Value::String(text) if now.and_then(Item::as_str) != Some(text) => {
            replace(table, key, text.as_str().into());
        }
        _ => {}
    }
}

/// Sets or removes a text.
fn set_text(table: &mut dyn toml_edit::TableLike, key: &str, text: Option<&str>) {
    set(table, key, text.map(toml::Value::from).as_ref());
}

/// Writes a key. Its comment stays, whatever its value becomes.
fn replace(table: &mut dyn toml_edit::TableLike, key: &str, mut value: Value) {
    let Some(item) = table.get_mut(key) else {
        table.insert(key, Item::Value(value));
        return;
    };
    if let Some(old) = item.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
# The studio's stacks
backend = \"studio\" # for now

[backends.studio]
# paid by the studio
bucket = \"studio-media\"
cluster = \"posterframe\" # as deployed

[backends.'old one']
bucket = \"old-media\"
";

    fn open(text: &str) -> (tempfile::TempDir, ConfigFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("posterframe.toml");
        std::fs::write(&file, text).unwrap();
        let open = ConfigFile::open(&file).unwrap();
        (folder, open)
    }

    // Breaks if an edit loses a comment or another key, or writes what is so anyway.
    #[test]
    fn edits_keep_the_rest() {
        let (_folder, mut file) = open(WRITTEN);
        assert!(!file.is_changed());
        let mut studio = file.config().backends["studio"].clone();
        studio.region = Some("eu-west-1".into());
        studio.cluster = "other".into();
        file.put(&studio).unwrap();
        file.set_upload_limit(Rate::new(2_000_000)).unwrap();
        file.rename("studio", "attic").unwrap();
        file.save().unwrap();
        let text = std::fs::read_to_string(&file.file).unwrap();
        for kept in [
            "# The studio's stacks",
            "backend = \"attic\" # for now",
            "# paid by the studio",
            "cluster = \"other\" # as deployed",
            "region = \"eu-west-1\"",
            "upload_limit = \"2 MB/s\"",
            "[backends.'old one']",
        ] {
            assert!(text.contains(kept), "{kept}\n{text}");
        }
        assert!(!text.contains("container"), "{text}");
        assert_eq!(Config::load(&file.file).unwrap(), *file.config());
    }

    // Breaks if other people's jobs cannot be shown or hidden by an edit, or the key's comment goes.
    #[test]
    fn a_flag_is_set_and_taken_back() {
        let (_folder, mut file) = open(WRITTEN);
        let mut studio = file.config().backends["studio"].clone();
        file.put(&studio).unwrap();
        assert!(!file.is_changed());
        studio.others = true;
        file.put(&studio).unwrap();
        assert!(file.config().backends["studio"].others);
        let (_folder, mut file) = open("[backends.a]\nbucket = \"aaa\"\nothers = true # all of us\n");
        let mut a = file.config().backends["a"].clone();
        a.others = false;
        file.put(&a).unwrap();
        let text = file.document.to_string();
        assert!(text.contains("others = false # all of us"), "{text}");
        assert!(!file.config().backends["a"].others);
    }

    // Breaks if a file cannot be begun from nothing, or a removed backend is still the one to use.
    #[test]
    fn from_nothing_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/posterframe.toml");
        let mut file = ConfigFile::open(&path).unwrap();
        file.put(&Backend::on_aws("studio", "studio-media")).unwrap();
        file.set_backend(Some("studio")).unwrap();
        file.save().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "backend = \"studio\"\n\n[backends.studio]\nbucket = \"studio-media\"\n"
        );
        file.remove("studio").unwrap();
        assert_eq!(file.config().backend(None).unwrap(), None);
        assert!(file.set_backend(Some("studio")).is_err());
    }

    // Breaks if a wrong value is taken, a name is given twice, or another program's change is overwritten.
    #[test]
    fn what_cannot_be_is_refused() {
        let (_folder, mut file) = open(WRITTEN);
        let before = file.document.to_string();
        assert!(file.put(&Backend::on_aws("new", "No Bucket")).is_err());
        assert!(matches!(
            file.rename("studio", "old one"),
            Err(ConfigError::NameTaken(_))
        ));
        assert!(file.rename("studio", "local").is_err());
        assert!(file.remove("none").is_err());
        assert_eq!(file.document.to_string(), before);
        std::fs::write(&file.file, "# mine now\n").unwrap();
        file.set_upload_limit(Rate::new(1)).unwrap();
        assert!(matches!(file.save(), Err(ConfigError::ChangedMeanwhile(_))));
        assert_eq!(std::fs::read_to_string(&file.file).unwrap(), "# mine now\n");
    }
}
