//! Measures that several views share, in points.

/// Height of the bar at the top.
pub const BAR: f32 = 48.0;
/// Padding of panes.
pub const PANE: f32 = 16.0;
/// Padding of the detail pane and of modals.
pub const DETAIL: f32 = 24.0;
/// Height of buttons and fields.
pub const CONTROL: f32 = 32.0;
/// Height of small buttons.
pub const CONTROL_SMALL: f32 = 28.0;
/// Radius of controls and stills in the gallery.
pub const RADIUS: u8 = 6;
/// Radius of stills in rows, and of keycaps.
pub const RADIUS_SMALL: u8 = 4;
/// Radius of cards, menus and toasts.
pub const RADIUS_CARD: u8 = 8;
/// Radius of modals and of the drop zone.
pub const RADIUS_MODAL: u8 = 12;
/// Width of the window below which views put side by side columns below each other.
pub const NARROW: f32 = 1100.0;
/// Width and height of a still in a row, at 16:9.
pub const STILL: [f32; 2] = [80.0, 45.0];
