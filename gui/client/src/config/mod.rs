//! The configuration: one TOML file, each key of which the environment and the command line can override.
//!
//! [`Config`] is what the file says, [`Overrides`] what the environment and the flags say on top of it, and
//! [`ConfigFile`] the file as it is edited, with its comments.

mod backend;
mod error;
mod file;
mod outputs;
mod paths;
mod rate;
mod settings;

pub use backend::{AccessKeys, Backend};
pub use error::ConfigError;
pub use file::ConfigFile;
pub use outputs::{OutputsError, read_outputs};
pub use paths::Paths;
pub use rate::{Rate, parse_bytes};
pub use settings::{Config, Overrides};
