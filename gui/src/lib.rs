//! Posterframe: a window in which one picks the exact frame of a video, and the same jobs without a window.
//!
//! | module | job |
//! | --- | --- |
//! | [`app`] | the window: start, bar, keyboard, dropped files, and the execution of commands |
//! | [`cli`] | the command line |
//! | [`views`] | what the window shows: New, Jobs, Gallery, Settings. They draw, and send commands |
//! | [`context`] | what all views use: commands, preferences, the network's threads, pictures |
//! | [`backend`] | the client and the backend under it |
//! | [`select`], [`frame_choice`] | places and rules, as people type them, to frames; a decoded frame as a submission's choice |
//! | [`mark_list`] | lists of marks, and the frames of a video that they are of |
//! | [`format`](mod@format), [`job_text`] | numbers and times as people read them; texts about a job |
//! | [`distant`], [`fetch`] | opening videos at a distance; copying one to this machine |
//! | [`doctor`] | whether a backend can do its work |
//! | [`picture_file`] | files of pictures as pixels |
//! | [`sample`], [`version`] | the bundled clip; the version, the commit and libav |

pub mod app;
pub mod backend;
pub mod cli;
pub mod context;
pub mod distant;
pub mod doctor;
pub mod fetch;
pub mod format;
pub mod frame_choice;
pub mod job_text;
pub mod mark_list;
pub mod picture_file;
pub mod sample;
pub mod search;
pub mod select;
pub mod version;
pub mod views;
