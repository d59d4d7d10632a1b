//! The one HTTP server: S3, ECS, CloudWatch Logs and STS on one port, told apart as AWS's own SDKs tell them.

pub(crate) mod json;
mod server;
mod sigv4;

pub(crate) use server::{Server, accept, serve};
pub(crate) use sigv4::equal_in_constant_time;
