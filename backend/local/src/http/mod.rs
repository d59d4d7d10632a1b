//! The one HTTP server: S3, ECS and CloudWatch Logs on one port, told apart as AWS's own SDKs tell them.

pub(crate) mod json;
mod server;
mod sigv4;

pub(crate) use server::{Server, accept, serve};
