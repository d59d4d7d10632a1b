//! A video at a distance as a reader: an S3 object or an https address, by planned ranges.
//!
//! | module | job |
//! | --- | --- |
//! | `object`, `web` | how one range is asked for: of S3, of a web server |
//! | `remote` | one version of one object: retries, what breaks off, what was replaced |
//! | `ranged` | which ranges are asked for, and the bytes at hand |

mod object;
mod ranged;
mod remote;
mod web;

pub use object::Object;
pub use ranged::{RangeSource, RangedReader};
pub use remote::{Answer, Failure, Opened, Ranges, ReadStats, Remote, SourceError, Version};
pub use web::{Address, AddressError, Web};
