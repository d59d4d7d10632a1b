//! The backend on this machine.
//!
//! [`LocalBackend`] serves S3, ECS, CloudWatch Logs and a little of STS on loopback and runs the real Lambda functions and the
//! real worker as child processes, so that the whole of Posterframe works with no cloud account. It speaks the
//! AWS protocols and keeps their semantics where somebody relies on them; the app, the functions and the worker
//! cannot tell it from AWS, and the AWS CLI, boto3 and the SDKs work against it unchanged.
//!
//! ```text
//!            ┌────────────────────── LocalBackend ──────────────────────┐
//!  client ──►│ http ─ sigv4 ─┬─ s3 ── events (queue) ── lambda ─────────┼──► function programs
//!            │               ├─ ecs ── tasks ───────────────────────────┼──► worker programs
//!            │               ├─ logs ◄── their output ──────────────────┼────┘
//!            │               └─ sts                                     │
//!            └──────────────── state.db, objects/ ──────────────────────┘
//! ```
//!
//! Everything that must survive a crash is in one `SQLite` database and a folder of blobs in the data directory.

mod account;
mod backend;
mod blobs;
mod clock;
mod data_dir;
mod db;
mod ecs;
mod error;
mod events;
mod http;
mod lambda;
mod logs;
mod options;
mod s3;
mod sts;

pub use account::{ACCOUNT_ID, BUCKET, REGION};
pub use backend::{Endpoint, LocalBackend};
pub use error::Error;
pub use events::DeadLetter;
pub use options::{Credentials, Options, Programs};
pub use posterframe_process::Program;
