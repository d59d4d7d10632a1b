//! Posterframe: a window in which one picks the exact frame of a video, and the same jobs without a window.
//!
//! | module | job |
//! | --- | --- |
//! | [`app`] | the window: start, bar, keyboard, dropped files, and the one place that executes commands |
//! | [`views`] | what the window shows: New, Jobs, Gallery, Settings. They draw, and send commands |
//! | [`player`] | the decoder's thread under the New view; knows no screen |
//! | [`engine`] | the network's threads, and values that arrive from them |
//! | [`theme`], [`widgets`] | colours, type, icons, and the controls made of them |
//! | [`preferences`] | what the window remembers |
//! | [`doctor`] | whether a backend can do its work |
//! | [`version`] | which Posterframe this is |
//! | [`backend`], [`cli`] | the client and the backend under it; the command line |

pub mod app;
pub mod backend;
pub mod cli;
pub mod doctor;
pub mod engine;
pub mod format;
pub mod player;
pub mod preferences;
pub mod sample;
pub mod theme;
pub mod version;
pub mod views;
pub mod widgets;
