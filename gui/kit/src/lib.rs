//! The look of the window: colours, type, icons, and the controls made of them. It knows no job and no video.

pub mod theme;
pub mod widgets;
