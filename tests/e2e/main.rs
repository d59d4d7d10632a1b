//! End-to-end tests: the real programs on real files, with the ffmpeg program as the oracle.
//!
//! They run what `cargo build` made beside this test; `script/test` builds it first.

// Helpers of tests fail as loudly as tests do.
#![allow(clippy::unwrap_used)]

mod aws_cli;
mod bad_input;
mod contract;
mod crash;
mod doctor;
mod drop;
mod exact;
mod faults;
mod gallery;
mod jobs;
mod names;
mod proxy;
mod requests;
mod saves;
mod support;
mod thumbnail;
mod uploads;
mod window;
