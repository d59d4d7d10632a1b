//! Standard output that may be closed before we are done.

/// `println!` for a reader who may have had enough (`| head`): the standard macro panics then. The work goes on.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

pub(crate) use say;
