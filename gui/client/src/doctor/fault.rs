//! Why a part could not be looked at, and what that means for it.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::report::{CheckResult, Component};
use crate::aws::Session;
use crate::error::ErrorKind;

/// A request that got no useful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There are no credentials, or they cannot be had.
    NoLogin(String),
    /// The login has expired.
    Expired,
    /// AWS knows the keys not at all.
    BadKeys(String),
    /// This machine's clock is too far off.
    Clock,
    /// AWS does not let this login look.
    Denied(String),
    /// There is no such thing.
    Missing(String),
    /// Nothing answered.
    Unreachable(String),
    /// Something else.
    Other(String),
    /// It depends on another part, which has failed.
    DependsOn(Component),
}

impl Fault {
    /// What an SDK's error comes to.
    pub(super) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        if let Some(code) = error.code() {
            return Self::coded(code, error.message().unwrap_or_default());
        }
        let text = innermost(error);
        if text.contains("Missing Region") || text.contains("region must be set") {
            return Self::DependsOn(Component::Region);
        }
        match error {
            SdkError::DispatchFailure(failure) if failure.is_user() || text.contains("credential") => {
                Self::NoLogin(text)
            }
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => Self::Unreachable(text),
            SdkError::ConstructionFailure(_) => Self::NoLogin(text),
            _ => Self::Other(text),
        }
    }

    /// What an error code comes to.
    pub(super) fn coded(code: &str, message: &str) -> Self {
        let words = if message.is_empty() { code } else { message };
        let words = words.trim_end_matches('.').to_owned();
        match ErrorKind::of_answer(code, message) {
            Some(ErrorKind::Clock) => Self::Clock,
            Some(ErrorKind::Expired) => Self::Expired,
            Some(ErrorKind::UnknownKeys | ErrorKind::BadSignature) => Self::BadKeys(words),
            Some(ErrorKind::Denied) => Self::Denied(words),
            Some(ErrorKind::Missing) => Self::Missing(words),
            _ => Self::Other(words),
        }
    }

    /// What it means for `part`.
    pub(super) fn finding(self, session: &Session, part: Component) -> CheckResult {
        let profile = session.backend.profile.as_deref();
        let login = profile.map_or_else(
            || "aws sso login".to_owned(),
            |name| format!("aws sso login --profile {name}"),
        );
        match self {
            Self::NoLogin(why) if part == Component::Credentials => {
                let why = why.lines().next().unwrap_or_default();
                // The SDK says of each place where it looked that nothing is there.
                let why = if why.is_empty() || why.contains("no credentials found in chain") {
                    String::new()
                } else {
                    format!(" ({why})")
                };
                let what = format!("there are no credentials for {}{why}", profile_words(session));
                CheckResult::failed(what, "Log in, or choose another profile").remedy("command", login)
            }
            Self::Expired if part == Component::Credentials => {
                CheckResult::failed("your login has expired", "Log in again").remedy("command", login)
            }
            Self::BadKeys(why) if part == Component::Credentials => CheckResult::failed(
                format!("AWS refuses the keys of {} ({why})", profile_words(session)),
                "Check the profile's access keys",
            ),
            Self::Clock if part == Component::Credentials => CheckResult::failed(
                format!(
                    "AWS refuses this computer’s clock; the time is {} UTC there",
                    there(session)
                ),
                "Set this computer’s clock, date and time zone",
            ),
            // It is said once, at its own part.
            Self::NoLogin(_) | Self::Expired | Self::BadKeys(_) | Self::Clock => {
                Self::DependsOn(Component::Credentials).finding(session, part)
            }
            Self::Denied(why) => CheckResult::warning(
                format!("this login may not look at it ({why})"),
                "Attach the stack's policy AppPolicy to whoever uses the app; jobs may work without it",
            ),
            Self::Missing(why) => CheckResult::failed(
                format!("it is not there ({why})"),
                "Check its name and the region; script/deploy puts it there",
            ),
            Self::Unreachable(why) => CheckResult {
                unanswered: true,
                ..CheckResult::failed(
                    format!("AWS cannot be reached ({why})"),
                    "Check the network, a proxy or firewall, and the endpoint",
                )
            },
            Self::Other(why) => CheckResult::failed(why, "Check its name and the region"),
            Self::DependsOn(other) => CheckResult {
                unanswered: true,
                ..CheckResult::warning(
                    format!("not looked at, because of: {}", other.label()),
                    "Mend that first",
                )
            },
        }
    }
}

/// Whose name a session acts under does not matter to most parts; an unusable login matters to all.
fn profile_words(session: &Session) -> String {
    session.backend.profile.as_ref().map_or_else(
        || "the default profile".to_owned(),
        |name| format!("profile {name}"),
    )
}

/// The time at the backend, to the minute.
fn there(session: &Session) -> String {
    let now = session.time.now();
    let (date, hour, minute) = (now.date(), now.hour(), now.minute());
    format!("{date} {hour:02}:{minute:02}")
}

/// The last cause: the ones before it only say that something failed.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
