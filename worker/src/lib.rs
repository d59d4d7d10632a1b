//! The container task: frames of a video in S3, or on the web, become files in S3.
//!
//! [`run`] is the whole of it: a request or settings from the environment, ranged reads, exact frames, their files, a
//! manifest, an exit code that says how it went. A library, so that the app can be the worker too when it runs tasks itself,
//! or makes a job on the computer that has its video as a file ([`run_here`]).

mod config;
mod contact;
mod decode;
mod error;
mod exit;
mod make;
mod opened;
mod place;
mod plan;
mod put;
mod select;
mod sending;
mod sheet;
mod sheets;
mod stills;
mod task;

pub use config::{Config, ConfigError, Limits, Orders};
pub use error::TaskError;
pub use exit::frame_exit;
pub use place::{Folder, Input, Object};
pub use plan::Plan;
pub use select::{Picked, SelectError, Selection, frame_place, position_at, time_at};
pub use sheet::{SheetError, SheetFacts, SheetPicture, make_sheet};
pub use task::{run, run_here};
