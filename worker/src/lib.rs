//! The container task: one frame of a video in S3, or on the web, becomes a PNG in S3.
//!
//! [`run`] is the whole of it: settings from the environment, ranged reads, one exact frame, one PNG, an exit
//! code that says how it went. A library, so that the app can be the worker too when it runs tasks itself.

mod config;
mod decode;
mod error;
mod task;

pub use config::{Config, ConfigError, Input, Limits, Output};
pub use error::TaskError;
pub use task::run;
