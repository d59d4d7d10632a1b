//! End-to-end tests of the real programs with real files, and with the ffmpeg program as the oracle.
//!
//! They run the programs that `cargo build` puts beside this test; `script/test` builds them first.

// Helpers of tests may panic, as tests do.
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
mod here;
mod interpretation;
mod jobs;
mod marks;
mod names;
mod outputs;
mod proxy;
mod remote;
mod requests;
mod rules;
mod saves;
mod sheets;
mod support;
mod thumbnail;
mod uploads;
mod verify;
mod watch;
mod window;
