//! The window's position, size and scale, remembered so that it opens the same again.

use std::time::{Duration, Instant};

use egui::{Context, Pos2, Rect, Vec2, ViewportBuilder, ViewportCommand, ViewportInfo};

use crate::context::{Preferences, WindowGeometry};

/// The window's smallest size, in points.
const MIN_SIZE: [f32; 2] = [640.0, 480.0];
/// The window's size at the first start, in points, if the screen is large enough.
const FIRST_SIZE: [f32; 2] = [1280.0, 800.0];
/// Height reserved for the system's panels, in points: the system does not report it.
const PANELS_HEIGHT: f32 = 48.0;
/// Largest size that is accepted, in points. No screen is larger: the file is damaged.
const MAX_SIZE: f32 = 16_384.0;
/// A new geometry is remembered once it has not changed for this long.
const SETTLE_TIME: Duration = Duration::from_secs(1);
/// Scales at which the window can be used.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// Sets up a window that opens with the remembered geometry.
pub(super) fn opened(builder: ViewportBuilder, geometry: Option<&WindowGeometry>) -> ViewportBuilder {
    let builder = builder.with_min_inner_size(MIN_SIZE);
    let Some(geometry) = geometry else {
        return builder.with_inner_size(FIRST_SIZE);
    };
    let size = [0, 1].map(|axis| plausible(geometry.size[axis], MIN_SIZE[axis], FIRST_SIZE[axis]));
    let builder = builder.with_inner_size(size).with_maximized(geometry.maximized);
    match geometry.position {
        Some(position) if position.iter().all(|value| value.abs() < MAX_SIZE) => {
            builder.with_position(position)
        }
        _ => builder,
    }
}

fn plausible(value: f32, least: f32, otherwise: f32) -> f32 {
    if value.is_finite() && value < MAX_SIZE {
        value.max(least)
    } else {
        otherwise
    }
}

/// The scale to draw at, within [`SCALES`].
pub(super) fn scale(preferences: &Preferences) -> f32 {
    if preferences.scale.is_finite() {
        preferences.scale.clamp(*SCALES.start(), *SCALES.end())
    } else {
        1.0
    }
}

/// Watches the window's geometry.
#[derive(Default)]
pub(super) struct Watch {
    /// The last geometry, and since when it has not changed.
    seen: Option<(WindowGeometry, Instant)>,
    /// Whether the window fits the screen, checked once.
    fitted: bool,
}

impl Watch {
    /// Reads the geometry, and puts it into the preferences once it has settled.
    pub(super) fn update(&mut self, ctx: &Context, preferences: &mut Preferences) {
        let zoom = ctx.zoom_factor();
        if !SCALES.contains(&zoom) {
            ctx.set_zoom_factor(zoom.clamp(*SCALES.start(), *SCALES.end()));
        }
        preferences.scale = scale_of(zoom);
        if !self.fitted {
            self.fit(ctx, preferences);
        }
        let geometry = ctx.input(|input| geometry(input.viewport(), zoom, preferences.window.as_ref()));
        let Some(geometry) = geometry else { return };
        let since = match &self.seen {
            Some((seen, since)) if *seen == geometry => *since,
            _ => Instant::now(),
        };
        let left = SETTLE_TIME.saturating_sub(since.elapsed());
        self.seen = Some((geometry, since));
        if preferences.window.as_ref() == Some(&geometry) {
            return;
        }
        if left.is_zero() {
            preferences.window = Some(geometry);
        } else {
            ctx.request_repaint_after(left);
        }
    }

    /// Makes a first window fit its screen. This runs once the window is open: only then is the size of its frame known.
    fn fit(&mut self, ctx: &Context, preferences: &Preferences) {
        if preferences.window.is_some() {
            self.fitted = true;
            return;
        }
        let info = ctx.input(|input| input.viewport().clone());
        let Some((size, position)) = fitting(&info) else {
            return;
        };
        self.fitted = true;
        if let Some(size) = size {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(position));
        }
    }

    /// Remembers the last geometry when the window closes, settled or not.
    pub(super) fn finish(&mut self, preferences: &mut Preferences) {
        if let Some((geometry, _)) = self.seen.take() {
            preferences.window = Some(geometry);
        }
    }
}

/// The inner size at which the window and its frame fit the screen, `None` if they do already, and the position that
/// centres it. Nothing until the system reports the sizes. All in points.
fn fitting(info: &ViewportInfo) -> Option<(Option<Vec2>, Pos2)> {
    let (screen, inner) = (info.monitor_size?, info.inner_rect?.size());
    // Wayland reports neither a window's position nor its frame.
    let frame = info.outer_rect.map_or(Vec2::ZERO, |outer| outer.size() - inner);
    let room = screen - frame - Vec2::new(0.0, PANELS_HEIGHT);
    let size = inner.min(room);
    let position = Pos2::ZERO + ((screen - frame - size) / 2.0).max(Vec2::ZERO);
    Some(((size != inner).then_some(size), position))
}

/// The zoom as a scale, rounded to hundredths: added steps of 0.1 are not exact.
fn scale_of(zoom: f32) -> f32 {
    (zoom.clamp(*SCALES.start(), *SCALES.end()) * 100.0).round() / 100.0
}

/// The window's geometry in the system's points; `None` while it is minimized or full screen. A maximized window keeps
/// the size that it had before.
fn geometry(info: &ViewportInfo, zoom: f32, before: Option<&WindowGeometry>) -> Option<WindowGeometry> {
    if info.minimized == Some(true) || info.fullscreen == Some(true) {
        return None;
    }
    if info.maximized == Some(true) {
        return Some(WindowGeometry {
            maximized: true,
            ..before.copied().unwrap_or(WindowGeometry {
                size: FIRST_SIZE,
                position: None,
                maximized: true,
            })
        });
    }
    let size = info.inner_rect.map(|rect: Rect| rect.size())?;
    let whole = |value: Vec2| [(value.x * zoom).round(), (value.y * zoom).round()];
    Some(WindowGeometry {
        size: whole(size),
        // Wayland reports no position.
        position: info.outer_rect.map(|rect| whole(rect.min - Pos2::ZERO)),
        maximized: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(rect: Rect) -> ViewportInfo {
        ViewportInfo {
            inner_rect: Some(rect.shrink(4.0)),
            outer_rect: Some(rect),
            ..ViewportInfo::default()
        }
    }

    // Breaks if a window opens smaller at each start because of its scale, or fills the screen for ever once it did.
    #[test]
    fn the_size_is_the_systems() {
        let rect = Rect::from_min_size(egui::pos2(10.0, 20.0), Vec2::new(808.0, 608.0));
        let normal = geometry(&info(rect), 1.5, None).unwrap();
        assert_eq!(
            normal,
            WindowGeometry {
                size: [1200.0, 900.0],
                position: Some([15.0, 30.0]),
                maximized: false
            }
        );
        let filling = ViewportInfo {
            maximized: Some(true),
            ..info(Rect::from_min_size(Pos2::ZERO, Vec2::new(2560.0, 1400.0)))
        };
        let maximized = geometry(&filling, 1.5, Some(&normal)).unwrap();
        assert_eq!((maximized.size, maximized.maximized), ([1200.0, 900.0], true));
        let hidden = ViewportInfo {
            minimized: Some(true),
            ..info(rect)
        };
        assert_eq!(geometry(&hidden, 1.0, None), None);
    }

    // Breaks if a first window's foot or title bar lies outside a small screen.
    #[test]
    fn a_first_window_fits() {
        let window = |screen: [f32; 2]| {
            let outer = Rect::from_min_size(Pos2::ZERO, Vec2::new(1280.0, 837.0));
            let mut inner = outer;
            inner.min.y += 37.0;
            fitting(&ViewportInfo {
                monitor_size: Some(screen.into()),
                inner_rect: Some(inner),
                outer_rect: Some(outer),
                ..ViewportInfo::default()
            })
        };
        let (size, position) = window([1366.0, 768.0]).unwrap();
        assert_eq!(size, Some(Vec2::new(1280.0, 768.0 - 37.0 - PANELS_HEIGHT)));
        assert_eq!(position, Pos2::new(43.0, PANELS_HEIGHT / 2.0));
        assert_eq!(window([1920.0, 1080.0]).unwrap().0, None);
        assert_eq!(fitting(&ViewportInfo::default()), None);
    }

    // Breaks if a damaged file opens a window that nobody can see or use.
    #[test]
    fn nonsense_is_not_believed() {
        let geometry = WindowGeometry {
            size: [f32::NAN, 3.0],
            position: Some([1e9, 0.0]),
            maximized: false,
        };
        let builder = opened(ViewportBuilder::default(), Some(&geometry));
        assert_eq!(builder.inner_size, Some(Vec2::new(1280.0, 480.0)));
        assert_eq!(builder.position, None);
        let preferences = Preferences {
            scale: 40.0,
            ..Preferences::default()
        };
        assert_eq!((scale(&preferences), scale_of(0.7 + 0.2 + 0.3)), (3.0, 1.2));
    }
}
