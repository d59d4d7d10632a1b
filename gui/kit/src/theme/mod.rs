//! Colours, type, icons and measures: the one place where the look is decided.
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

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeMode {
    /// As the system says; dark where it says nothing.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Gives the window its fonts and both its themes, and chooses one.
pub fn install(ctx: &Context, mode: ThemeMode) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style::style(&Tokens::DARK, true));
    ctx.set_style_of(Theme::Light, style::style(&Tokens::LIGHT, false));
    set_mode(ctx, mode);
}

/// Chooses a theme.
pub fn set_mode(ctx: &Context, mode: ThemeMode) {
    // egui's own answer where the system says nothing is its fallback theme, which is dark.
    ctx.set_theme(match mode {
        ThemeMode::System => ThemePreference::System,
        ThemeMode::Dark => ThemePreference::Dark,
        ThemeMode::Light => ThemePreference::Light,
    });
}

/// Whether things may move. Without motion every change is at once.
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
