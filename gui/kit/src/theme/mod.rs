//! Colours, type, icons and measures: the definition of the look.
//!
//! Views take a [`Tokens`] from [`tokens()`] and a [`Role`] for each text, so that a theme is one table and
//! `clippy.toml` can keep raw colours out of everything else.

mod fonts;
pub mod icons;
pub mod sizes;
mod style;
mod tokens;

use egui::{Context, Theme, ThemePreference, Ui};

pub use fonts::{Face, Role};
pub use tokens::Tokens;

use serde::{Deserialize, Serialize};

/// Light, dark, or the system's theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeMode {
    /// The system's theme; dark if the system reports none.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Installs the fonts and both themes, and chooses a theme.
pub fn install(ctx: &Context, mode: ThemeMode) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style::style(&Tokens::DARK, true));
    ctx.set_style_of(Theme::Light, style::style(&Tokens::LIGHT, false));
    set_mode(ctx, mode);
}

/// Chooses a theme.
pub fn set_mode(ctx: &Context, mode: ThemeMode) {
    // If the system reports no theme, egui uses its fallback theme, which is dark.
    ctx.set_theme(match mode {
        ThemeMode::System => ThemePreference::System,
        ThemeMode::Dark => ThemePreference::Dark,
        ThemeMode::Light => ThemePreference::Light,
    });
}

/// Switches animations off or on. Without them every change is immediate.
pub fn set_reduced_motion(ctx: &Context, reduced: bool) {
    let seconds = if reduced { 0.0 } else { style::ANIMATION };
    ctx.all_styles_mut(|style| style.animation_time = seconds);
}

/// The colours of the theme that `ui` is drawn in.
pub fn tokens(ui: &Ui) -> &'static Tokens {
    if ui.visuals().dark_mode {
        &Tokens::DARK
    } else {
        &Tokens::LIGHT
    }
}

/// The colours of the theme in force.
pub fn tokens_of(ctx: &Context) -> &'static Tokens {
    match ctx.theme() {
        Theme::Dark => &Tokens::DARK,
        Theme::Light => &Tokens::LIGHT,
    }
}
