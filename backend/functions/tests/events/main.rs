//! The two functions as Lambda runs them: the real programs, behind a Runtime API and before an ECS of these tests'.

// Helpers of tests fail as loudly as tests do.
#![allow(clippy::unwrap_used)]

mod requests;
mod support;
mod thumbnail_trigger;
mod upload_trigger;
