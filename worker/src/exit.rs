//! The exit codes of a decoder's errors.

use posterframe_contract::TaskExit;

/// How a task exits that finds no frame.
pub fn frame_exit(error: &posterframe_frame::Error) -> TaskExit {
    use posterframe_frame::Error;
    match error {
        Error::PastTheEnd { .. }
        | Error::NoSuchFrame { .. }
        | Error::NoSuchTimecode { .. }
        | Error::BeforeTheStart { .. } => TaskExit::PastTheEnd,
        Error::NoTrack { .. } | Error::WrongTimecode(_) | Error::NoTimecode(_) | Error::TooManyFrames(_) => {
            TaskExit::BadConfiguration
        }
        Error::NotAVideo { .. } | Error::NoVideoStream | Error::Empty | Error::UnknownCodec { .. } => {
            TaskExit::NotAVideo
        }
        _ => TaskExit::DecodeFailure,
    }
}
