//! AWS, or what speaks like it: the session with its clients and credentials, the time there, and downloads.

pub(crate) mod download;
mod endpoint;
mod login;
mod server_time;
mod session;
mod time;

pub(crate) use self::time::from_aws;
pub(crate) use endpoint::ChecksumKind;
pub(crate) use server_time::ServerTime;
pub(crate) use session::Session;
