//! What the window shows. Views draw, and send [`Command`](crate::context::Command)s; the app executes them in one place.

pub mod gallery;
pub mod jobs;
pub mod new;
pub mod settings;
