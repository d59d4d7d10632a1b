//! What must survive the app, in one SQLite file, and the jobs in memory that go with it.

mod database;
mod history;
mod jobs;
mod log_rows;
mod migrate;
mod registry;
mod thread;
mod uploads;
mod watched;

pub(crate) use database::Store;
pub use history::History;
pub(crate) use log_rows::Entry;
pub(crate) use registry::JobRegistry;
pub(crate) use uploads::{MultipartEntry, SentEntry};
pub use watched::{WatchedFile, WatchedOutcome};
