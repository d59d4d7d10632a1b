//! The two Lambda functions.
//!
//! [`upload_trigger`] turns an uploaded video into a running ECS task, [`thumbnail_trigger`] logs the finished
//! thumbnail's URL. Both are libraries with thin programs in `src/bin/`, so that the app can be them too when
//! it runs the backend on this machine.

mod logging;
mod records;
pub mod thumbnail_trigger;
pub mod upload_trigger;

/// Why a function cannot start: a setting is missing.
#[derive(Debug, thiserror::Error)]
#[error("the function's setting {0} is missing")]
pub struct MissingSetting(&'static str);

fn setting(name: &'static str) -> Result<String, MissingSetting> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or(MissingSetting(name))
}

fn setting_or(name: &'static str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}
