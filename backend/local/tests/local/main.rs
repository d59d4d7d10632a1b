//! The backend as its clients see it: through the AWS SDKs, with programs that the tests bring themselves.
//!
//! One binary with modules: linking many would take longer than running them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what the tests share fails as a test does")]

mod ecs;
mod functions;
mod lifecycle;
mod logs;
mod s3_conditions;
mod s3_details;
mod s3_forms;
mod s3_multipart;
mod s3_objects;
mod s3_signatures;
mod s3_tags;
mod sts;
mod support;
