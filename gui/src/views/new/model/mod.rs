//! What the view knows of its videos, apart from how it is drawn.
//!
//! | module | job |
//! | --- | --- |
//! | `video` | one open video: what its player has told, and what is on the screen of it |
//! | `distant` | what a video at a distance has beside that |
//! | `playhead` | where the playhead is, and whether its frame is there |
//! | `playing` | playing it |
//! | `actions` | what a person does, at once or as soon as the frame is there |
//! | `timeline`, `visible_range`, `strip` | what the timeline shows, and the film strip of it |
//! | `units` | positions in the chosen unit |
//! | `preview`, `zoom` | the picture on the screen, and how large it is |
//! | `marks` | the frames to submit |
//! | `looks` | what is wrong with them, and better ones beside |

mod actions;
mod distant;
mod looks;
mod marks;
mod playhead;
mod playing;
mod preview;
mod strip;
mod timeline;
mod units;
mod video;
mod visible_range;
mod zoom;

pub use distant::Distant;
pub use looks::{Known, Offer};
pub use marks::{Mark, Marks, PendingChoice};
pub use playhead::Chip;
pub use video::OpenVideo;
pub use visible_range::VisibleRange;
pub use zoom::{Zoom, ZoomFrame};

pub use crate::select::{position_at, time_at};
