//! A remote video as a reader: an S3 object or an https address, read by planned ranges.
//!
//! | module | job |
//! | --- | --- |
//! | `address`, `place` | where a video at a distance is, as people write it; what of that is a secret |
//! | `ranges` | what differs between S3 and the web |
//! | `object`, `web` | requests for one range of an S3 object, or of a file on a web server |
//! | `guard` | which hosts a redirect may lead to |
//! | `link` | how quick the link is, and how much is asked for at once |
//! | `memory`, `cache` | bytes that are kept, in memory and on disk |
//! | `transfer`, `fetch` | a range on its way: retries, broken answers and replaced objects |
//! | `shared` | what the readers of one object share |
//! | `remote` | one version of one object |
//! | `reader` | the choice of ranges |
//! | `stats` | what was read |

mod address;
mod cache;
mod error;
mod fetch;
mod guard;
mod link;
mod memory;
mod object;
mod place;
mod ranges;
mod reader;
mod remote;
mod shared;
mod stats;
mod transfer;
mod web;

pub use address::{Address, AddressError};
pub use cache::Cache;
pub use error::SourceError;
pub use object::Object;
pub use place::{Place, PlaceError};
pub use ranges::{Answer, Failure, Ranges, Version};
pub use reader::{Reader, source_error};
pub use remote::Remote;
pub use shared::RemoteOptions;
pub use stats::{ReadCounts, ReadStats};
pub use web::Web;

#[cfg(test)]
mod tests;
