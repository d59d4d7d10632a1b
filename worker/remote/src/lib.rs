//! A remote video as a reader: an S3 object or an https address, read by planned ranges.
//!
//! | module | job |
//! | --- | --- |
//! | `object`, `web` | requests for one range of an S3 object, or of a file on a web server |
//! | `remote` | one version of one object: retries, broken answers and replaced objects |
//! | `ranged` | the choice of ranges, and the cached bytes |

mod object;
mod ranged;
mod remote;
mod web;

pub use object::Object;
pub use ranged::{RangeSource, RangedReader};
pub use remote::{Answer, Failure, Opened, Ranges, ReadStats, Remote, SourceError, Version};
pub use web::{Address, AddressError, Web};
