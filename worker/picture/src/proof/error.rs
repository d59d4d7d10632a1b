//! Why a packet does not go into a file.

use super::Container;

/// Why a packet does not go into a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The first bytes are of no kind of file that is known here.
    #[error("the file is not a PNG, JPEG, WebP or AVIF")]
    Unknown,
    /// There is nothing to put into the file.
    #[error("the XMP packet is empty")]
    Empty,
    /// The packet is longer than [`Container::limit`].
    #[error("a {container} file holds at most {limit} bytes of XMP here, not {bytes}")]
    TooLong {
        /// The kind of file.
        container: Container,
        /// The packet's length in bytes.
        bytes: usize,
        /// The longest packet in bytes.
        limit: usize,
    },
    /// The file breaks off, or a length or number in it cannot be true.
    #[error("the {container} file is damaged: {what}")]
    Damaged {
        /// The kind of file.
        container: Container,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file may well be sound, but a packet in it would need more than is done here.
    #[error("no XMP goes into this {container} file: {what}")]
    Unsupported {
        /// The kind of file.
        container: Container,
        /// What the file has that is in the way.
        what: &'static str,
    },
}
