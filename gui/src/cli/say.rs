//! Standard output that may be closed before we are done.

/// `println!` for a reader who may have had enough (`| head`): the standard macro panics then. The work goes on.
///
/// What is said is one line, with what a terminal would obey escaped: names and logs are other people's.
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
