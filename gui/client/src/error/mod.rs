//! What can go wrong, why, and what to do about it.

mod causes;
mod client_error;
mod codes;
pub(crate) mod failure;
mod redact;
mod stall;
mod text;

pub use client_error::ClientError;
pub(crate) use codes::ErrorKind;
pub use redact::redact;
pub use text::{ErrorText, capitalized};
