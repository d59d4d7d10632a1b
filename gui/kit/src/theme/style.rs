//! egui's own style, made from the tokens, for egui's controls that views use unchanged.

use egui::epaint::Shadow;
use egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, Margin, Stroke, Style, TextStyle, Vec2, Visuals};

use super::{Face, Role, Tokens, sizes};

/// Duration of hover and press animations, in seconds.
pub(super) const ANIMATION: f32 = 0.08;

/// The style of one theme.
pub(super) fn style(t: &Tokens, dark: bool) -> Style {
    let mut style = Style {
        visuals: visuals(t, dark),
        animation_time: ANIMATION,
        text_styles: [
            (TextStyle::Small, Role::CAPTION.font()),
            (TextStyle::Body, Role::BODY.font()),
            (TextStyle::Button, Role::TITLE.font()),
            (TextStyle::Heading, Role::HEADING.font()),
            (TextStyle::Monospace, Face::Mono.sized(12.0)),
        ]
        .into(),
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(8.0, 8.0);
    spacing.button_padding = Vec2::new(12.0, 7.0);
    spacing.interact_size = Vec2::new(sizes::CONTROL, sizes::CONTROL);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::same(16);
    spacing.scroll = ScrollStyle {
        bar_width: 4.0,
        floating_width: 4.0,
        bar_outer_margin: 3.0,
        bar_inner_margin: 0.0,
        handle_min_length: 24.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.0,
        active_handle_opacity: 1.0,
        foreground_color: false,
        ..ScrollStyle::floating()
    };
    style.spacing.scroll.fade.strength = 0.0;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style
}

fn visuals(t: &Tokens, dark: bool) -> Visuals {
    let base = if dark { Visuals::dark() } else { Visuals::light() };
    let shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: t.shadow,
    };
    Visuals {
        dark_mode: dark,
        override_text_color: None,
        weak_text_color: Some(t.text3),
        widgets: widgets(t),
        selection: Selection {
            bg_fill: t.selection,
            stroke: Stroke::new(1.0, t.text),
        },
        hyperlink_color: t.blue,
        faint_bg_color: t.raised,
        extreme_bg_color: t.field,
        text_edit_bg_color: Some(t.field),
        code_bg_color: t.canvas,
        warn_fg_color: t.warn,
        error_fg_color: t.red,
        window_corner_radius: CornerRadius::same(sizes::RADIUS_MODAL),
        window_shadow: shadow,
        window_fill: t.panel,
        window_stroke: Stroke::new(1.0, t.border2),
        menu_corner_radius: CornerRadius::same(sizes::RADIUS_CARD),
        panel_fill: t.window,
        popup_shadow: shadow,
        ..base
    }
}

fn widgets(t: &Tokens) -> Widgets {
    let state = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(sizes::RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(t.panel, t.border, t.text),
        // The fill is also the scroll bar's handle.
        inactive: WidgetVisuals {
            bg_fill: t.border2,
            ..state(t.raised, t.border2, t.text)
        },
        hovered: WidgetVisuals {
            bg_fill: t.border2,
            ..state(t.hover, t.border2, t.text)
        },
        active: WidgetVisuals {
            bg_fill: t.border2,
            ..state(t.pressed, t.border2, t.text)
        },
        open: state(t.raised, t.border2, t.text),
    }
}
