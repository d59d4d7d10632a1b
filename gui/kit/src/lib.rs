//! The look of the window: colours, type, icons and controls. Nothing in here knows jobs or videos.

pub mod theme;
pub mod widgets;
