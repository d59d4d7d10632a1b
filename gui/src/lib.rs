//! Posterframe: a window in which one picks the exact frame of a video, and the same jobs without a window.
//!
//! | module | job |
//! | --- | --- |
//! | [`app`] | the window: start, bar, keyboard, dropped files, and the one place that executes commands |
//! | [`cli`] | the command line |
//! | [`views`] | what the window shows: New, Jobs, Gallery, Settings. They draw, and send commands |
//! | [`context`] | what lies under the views: commands, preferences, the network's threads, pictures |
//! | [`backend`] | the client and the backend under it |
//! | [`at`], [`frame_choice`] | a position as people type it; from a frame to what a submission asks for |
//! | [`format`](mod@format), [`job_text`] | numbers and times as people read them; what is said of a job |
//! | [`doctor`] | whether a backend can do its work |
//! | [`sample`], [`version`] | the bundled clip; which Posterframe this is |

pub mod app;
pub mod at;
pub mod backend;
pub mod cli;
pub mod context;
pub mod doctor;
pub mod format;
pub mod frame_choice;
pub mod job_text;
pub mod sample;
pub mod version;
pub mod views;
