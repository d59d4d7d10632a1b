//! The worker's exit codes: how a task says why it ended, where only a number gets through.

/// How the worker's task ended. The number is the container's exit code as ECS reports it.
///
/// The codes keep clear of those with a meaning elsewhere: 1 and 2 (shells, panics in C), 101 (a Rust panic),
/// 125 to 127 (container runtimes), 128 and up (signals).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskExit {
    /// The thumbnail was made.
    Success = 0,
    /// An environment variable is missing or malformed.
    BadConfiguration = 10,
    /// The video does not exist, or the task may not read it.
    SourceUnavailable = 11,
    /// The object is no video, or has no video stream.
    NotAVideo = 12,
    /// The position lies past the last frame.
    PastTheEnd = 13,
    /// The frame could not be decoded, or only beyond the limits set.
    DecodeFailure = 14,
    /// The PNG could not be written.
    OutputNotWritable = 15,
    /// The video was replaced while it was being read.
    SourceChanged = 16,
    /// Some stills were made, others failed; the manifest says which, and why.
    SomeStillsFailed = 17,
    /// A file cannot be made of the frame as it was asked for.
    OutputImpossible = 18,
    /// The bucket could not be reached, or refused for a reason that passes: another try may succeed.
    BucketUnavailable = 19,
}

impl TaskExit {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Success,
        Self::BadConfiguration,
        Self::SourceUnavailable,
        Self::NotAVideo,
        Self::PastTheEnd,
        Self::DecodeFailure,
        Self::OutputNotWritable,
        Self::SourceChanged,
        Self::SomeStillsFailed,
        Self::OutputImpossible,
        Self::BucketUnavailable,
    ];

    /// The process exit code.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What the exit code `code` means; `None` for one that the worker does not give.
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| i32::from(exit.code()) == code)
    }

    /// How a task ended of whose stills each failed with this error, or was made: well, with the error that all of them
    /// have, or with some that failed.
    pub fn of_stills(errors: impl IntoIterator<Item = Option<Self>>) -> Self {
        let mut errors = errors.into_iter();
        let first = errors.next().flatten();
        if errors.any(|error| error != first) {
            Self::SomeStillsFailed
        } else {
            first.unwrap_or(Self::Success)
        }
    }

    /// The cause in plain words.
    pub const fn cause(self) -> &'static str {
        match self {
            Self::Success => "The thumbnail was made",
            Self::BadConfiguration => "The task was started with missing or malformed settings",
            Self::SourceUnavailable => "The task could not read the uploaded video",
            Self::NotAVideo => "The file is not a video that can be decoded",
            Self::PastTheEnd => "The position lies past the last frame",
            Self::DecodeFailure => "The frame could not be decoded",
            Self::OutputNotWritable => "The task could not write the thumbnail",
            Self::SourceChanged => "The video was replaced while it was being read",
            Self::SomeStillsFailed => "Some stills could not be made",
            Self::OutputImpossible => "A file cannot be made as it was asked for",
            Self::BucketUnavailable => "The bucket took no files for the moment",
        }
    }

    /// What to do next.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Success => "Nothing to do",
            Self::BadConfiguration => "Check the task definition and the function's settings",
            Self::SourceUnavailable => {
                "Check that the upload still exists and that the task role may read the uploads folder"
            }
            Self::NotAVideo => "Check that the file plays, and submit it again",
            Self::PastTheEnd => "Pick an earlier frame",
            Self::DecodeFailure => "Pick another frame, or re-encode the video",
            Self::OutputNotWritable => "Check that the task role may write to the thumbnails folder",
            Self::SourceChanged => "Retry once nothing writes to that key any more",
            Self::OutputImpossible => "Ask for another size, crop, quality or limit",
            Self::BucketUnavailable => "Retry in a while",
            Self::SomeStillsFailed => "Look at what each still that failed says; the others are there",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // Breaks if two causes share a code, or a code is taken by shells, panics or signals.
    #[test]
    fn codes_are_distinct_and_free() {
        let codes: HashSet<u8> = TaskExit::ALL.map(TaskExit::code).into();
        assert_eq!(codes.len(), TaskExit::ALL.len());
        assert!(codes.iter().all(|&code| code == 0 || (10..100).contains(&code)));
        for exit in TaskExit::ALL {
            assert_eq!(TaskExit::from_code(i32::from(exit.code())), Some(exit));
        }
        assert_eq!(TaskExit::from_code(137), None);
    }
}
