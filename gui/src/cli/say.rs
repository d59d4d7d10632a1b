//! Printing to standard output, which may be closed early.

/// Like `println!`, but it ignores a closed pipe (`| head`), where the standard macro panics.
///
/// Escapes control characters, and so prints one line: names and logs come from other people, and a terminal would obey
/// the characters in them.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(
            std::io::stdout(),
            "{}",
            posterframe_contract::log::OneLine(format_args!($($line)*))
        );
    }};
}

pub(crate) use say;
