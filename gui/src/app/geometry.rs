//! Where the window was, how large, and at what scale: it opens there again.

use std::time::{Duration, Instant};

use egui::{Context, Pos2, Rect, Vec2, ViewportBuilder, ViewportCommand, ViewportInfo};

use crate::context::{Preferences, WindowGeometry};

/// The window's smallest size, in points.
const LEAST: [f32; 2] = [640.0, 480.0];
/// The size of a first window, in points, where the screen is large enough.
const FIRST: [f32; 2] = [1280.0, 800.0];
/// What the system's panels may take of the screen, in points: it does not tell.
const PANELS: f32 = 48.0;
/// No screen is so large, in points; what a damaged file says beyond it is not believed.
const MAX_SIZE: f32 = 16_384.0;
/// A window that is moved is remembered once it rests.
const REST: Duration = Duration::from_secs(1);
/// Scales that the window can still be used at.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// The window as it is to open.
pub(super) fn opened(builder: ViewportBuilder, place: Option<&WindowGeometry>) -> ViewportBuilder {
    let builder = builder.with_min_inner_size(LEAST);
    let Some(place) = place else {
        return builder.with_inner_size(FIRST);
    };
    let size = [0, 1].map(|axis| sane(place.size[axis], LEAST[axis], FIRST[axis]));
    let builder = builder.with_inner_size(size).with_maximized(place.maximized);
    match place.position {
        Some(position) if position.iter().all(|value| value.abs() < MAX_SIZE) => {
            builder.with_position(position)
        }
        _ => builder,
    }
}

fn sane(value: f32, least: f32, otherwise: f32) -> f32 {
    if value.is_finite() && value < MAX_SIZE {
        value.max(least)
    } else {
        otherwise
    }
}

/// The scale as it is to be set.
pub(super) fn scale(preferences: &Preferences) -> f32 {
    if preferences.scale.is_finite() {
        preferences.scale.clamp(*SCALES.start(), *SCALES.end())
    } else {
        1.0
    }
}

/// Watches the window.
#[derive(Default)]
pub(super) struct Watch {
    /// What it was last, and since when.
    seen: Option<(WindowGeometry, Instant)>,
    /// Whether the window is known to fit the screen, or was made to.
    fitted: bool,
}

impl Watch {
    /// Takes in where the window is, and puts it into the preferences once it rests.
    pub(super) fn update(&mut self, ctx: &Context, preferences: &mut Preferences) {
        let zoom = ctx.zoom_factor();
        if !SCALES.contains(&zoom) {
            ctx.set_zoom_factor(zoom.clamp(*SCALES.start(), *SCALES.end()));
        }
        preferences.scale = scale_of(zoom);
        if !self.fitted {
            self.fit(ctx, preferences);
        }
        let place = ctx.input(|input| place(input.viewport(), zoom, preferences.window.as_ref()));
        let Some(place) = place else { return };
        let since = match &self.seen {
            Some((seen, since)) if *seen == place => *since,
            _ => Instant::now(),
        };
        let left = REST.saturating_sub(since.elapsed());
        self.seen = Some((place, since));
        if preferences.window.as_ref() == Some(&place) {
            return;
        }
        if left.is_zero() {
            preferences.window = Some(place);
        } else {
            ctx.request_repaint_after(left);
        }
    }

    /// Makes a first window fit its screen: how much its frame takes is known only when it is there.
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

    /// The window closes: what it was last counts, rested or not.
    pub(super) fn finish(&mut self, preferences: &mut Preferences) {
        if let Some((place, _)) = self.seen.take() {
            preferences.window = Some(place);
        }
    }
}

/// The size that lets a window fit its screen together with its frame, if it is smaller than it is, and where it is in the
/// middle then; `None` as long as the system does not tell. All in points.
fn fitting(info: &ViewportInfo) -> Option<(Option<Vec2>, Pos2)> {
    let (screen, inner) = (info.monitor_size?, info.inner_rect?.size());
    // Wayland does not tell where a window is, nor how large its frame.
    let frame = info.outer_rect.map_or(Vec2::ZERO, |outer| outer.size() - inner);
    let room = screen - frame - Vec2::new(0.0, PANELS);
    let size = inner.min(room);
    let position = Pos2::ZERO + ((screen - frame - size) / 2.0).max(Vec2::ZERO);
    Some(((size != inner).then_some(size), position))
}

/// Steps of a tenth do not add up exactly.
fn scale_of(zoom: f32) -> f32 {
    (zoom.clamp(*SCALES.start(), *SCALES.end()) * 100.0).round() / 100.0
}

/// Where the window is, in points of the system; `None` where it says nothing of use. A window that fills the screen
/// keeps the size that it had before.
fn place(info: &ViewportInfo, zoom: f32, before: Option<&WindowGeometry>) -> Option<WindowGeometry> {
    if info.minimized == Some(true) || info.fullscreen == Some(true) {
        return None;
    }
    if info.maximized == Some(true) {
        return Some(WindowGeometry {
            maximized: true,
            ..before.copied().unwrap_or(WindowGeometry {
                size: FIRST,
                position: None,
                maximized: true,
            })
        });
    }
    let size = info.inner_rect.map(|rect: Rect| rect.size())?;
    let whole = |value: Vec2| [(value.x * zoom).round(), (value.y * zoom).round()];
    Some(WindowGeometry {
        size: whole(size),
        // Wayland does not tell.
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
        let normal = place(&info(rect), 1.5, None).unwrap();
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
        let maximized = place(&filling, 1.5, Some(&normal)).unwrap();
        assert_eq!((maximized.size, maximized.maximized), ([1200.0, 900.0], true));
        let hidden = ViewportInfo {
            minimized: Some(true),
            ..info(rect)
        };
        assert_eq!(place(&hidden, 1.0, None), None);
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
        assert_eq!(size, Some(Vec2::new(1280.0, 768.0 - 37.0 - PANELS)));
        assert_eq!(position, Pos2::new(43.0, PANELS / 2.0));
        assert_eq!(window([1920.0, 1080.0]).unwrap().0, None);
        assert_eq!(fitting(&ViewportInfo::default()), None);
    }

    // Breaks if a damaged file opens a window that nobody can see or use.
    #[test]
    fn nonsense_is_not_believed() {
        let place = WindowGeometry {
            size: [f32::NAN, 3.0],
            position: Some([1e9, 0.0]),
            maximized: false,
        };
        let builder = opened(ViewportBuilder::default(), Some(&place));
        assert_eq!(builder.inner_size, Some(Vec2::new(1280.0, 480.0)));
        assert_eq!(builder.position, None);
        let preferences = Preferences {
            scale: 40.0,
            ..Preferences::default()
        };
        assert_eq!((scale(&preferences), scale_of(0.7 + 0.2 + 0.3)), (3.0, 1.2));
    }
}
