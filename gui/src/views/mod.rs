//! The window's views. They draw, and send [`Command`](crate::context::Command)s, which the app executes.

pub mod bucket;
pub mod gallery;
pub mod jobs;
pub mod new;
pub mod settings;
