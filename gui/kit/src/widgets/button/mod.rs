//! Buttons: secondary, primary, ghost, danger and toggle, each with optional icon, key and hint.

mod look;
mod measure;

use egui::{
    Align, Color32, CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo,
    pos2,
};

use super::{Text, focus_ring, icon, keycap, paint_switch, room_for, tip};
use crate::theme::icons::{self, Icon};
use crate::theme::{Face, Role, sizes, tokens};

/// Width of a dot with the gap after it, in points.
const DOT: f32 = 16.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Secondary,
    Primary,
    Ghost,
    Danger,
    DangerGhost,
}

/// The height of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Height {
    /// 20 points, in JetBrains Mono: a part of a text to choose.
    Chip,
    /// 28 points, with smaller text.
    Small,
    /// 32 points.
    #[default]
    Normal,
    /// 36 points: the primary button of a side sheet.
    Sheet,
    /// 40 points: the primary button of the inspector.
    Tall,
}

/// A side of a split button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The action.
    Left,
    /// The caret that opens more of it, 31 points wide.
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailing<'a> {
    None,
    Key(&'a str),
    Hint(&'a str),
    Count(&'a str),
    Caret,
    Switch(bool),
}

/// A button.
#[derive(Clone, Copy)]
#[must_use]
pub struct Button<'a> {
    label: &'a str,
    kind: Kind,
    height: Height,
    icon: Option<Icon>,
    face: Option<Face>,
    icon_only: bool,
    lead: &'a str,
    trailing: Trailing<'a>,
    on: Option<bool>,
    enabled: bool,
    busy: bool,
    tip: Option<(&'a str, &'a [&'a str])>,
    align: Align,
    dot: Option<Color32>,
    name: Option<&'a str>,
    widest: f32,
    split: Option<Side>,
}

impl<'a> Button<'a> {
    fn new(kind: Kind, label: &'a str) -> Self {
        Self {
            label,
            kind,
            height: Height::Normal,
            icon: None,
            face: None,
            icon_only: false,
            lead: "",
            trailing: Trailing::None,
            on: None,
            enabled: true,
            busy: false,
            tip: None,
            align: Align::Center,
            dot: None,
            name: None,
            widest: f32::INFINITY,
            split: None,
        }
    }

    /// The default button.
    pub fn secondary(label: &'a str) -> Self {
        Self::new(Kind::Secondary, label)
    }

    /// The main action of a view; at most one at a time.
    pub fn primary(label: &'a str) -> Self {
        Self::new(Kind::Primary, label)
    }

    /// A button without a fill until it is hovered.
    pub fn ghost(label: &'a str) -> Self {
        Self::new(Kind::Ghost, label)
    }

    /// A button that deletes.
    pub fn danger(label: &'a str) -> Self {
        Self::new(Kind::Danger, label)
    }

    /// A button that leads to a question about deleting; without a fill.
    pub fn danger_ghost(label: &'a str) -> Self {
        Self::new(Kind::DangerGhost, label)
    }

    /// An icon without a fill. `label` is its tooltip and its name for screen readers.
    pub fn icon(label: &'a str, icon: Icon) -> Self {
        Self {
            icon: Some(icon),
            icon_only: true,
            tip: Some((label, &[])),
            ..Self::new(Kind::Ghost, label)
        }
    }

    /// An icon with the fill of a secondary button.
    pub fn icon_framed(label: &'a str, icon: Icon) -> Self {
        Self {
            kind: Kind::Secondary,
            ..Self::icon(label, icon)
        }
    }

    /// Adds an icon before the label.
    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Adds a dot of this colour before the label.
    pub fn dot(mut self, color: Color32) -> Self {
        self.dot = Some(color);
        self.left()
    }

    /// Makes it a side of a split button: the corners where the other one joins it are square.
    pub fn split(mut self, side: Side) -> Self {
        self.split = Some(side);
        self
    }

    /// Limits the width, in points.
    pub fn at_most(mut self, width: f32) -> Self {
        self.widest = width;
        self
    }

    /// Sets the name for screen readers, if it is not the label.
    pub fn named(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the icon's face.
    pub fn face(mut self, face: Face) -> Self {
        self.face = Some(face);
        self
    }

    /// Sets the height.
    pub fn height(mut self, height: Height) -> Self {
        self.height = height;
        self
    }

    /// Sets [`Height::Small`].
    pub fn small(self) -> Self {
        self.height(Height::Small)
    }

    /// Adds dim text before the label: `Sort by`.
    pub fn lead(mut self, lead: &'a str) -> Self {
        self.lead = lead;
        self
    }

    /// Shows its key at the right.
    pub fn key(mut self, key: &'a str) -> Self {
        self.trailing = Trailing::Key(key);
        self
    }

    /// Adds dim text at the right, and aligns the label to the left.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.trailing = Trailing::Hint(hint);
        self.left()
    }

    /// Adds a number right after the label.
    pub fn count(mut self, count: &'a str) -> Self {
        self.trailing = Trailing::Count(count);
        self
    }

    /// Aligns the label to the left, for columns of buttons.
    pub fn left(mut self) -> Self {
        self.align = Align::Min;
        self
    }

    /// Shows a caret: the button opens a menu.
    pub fn caret(mut self) -> Self {
        self.trailing = Trailing::Caret;
        self
    }

    /// Adds a switch before the label.
    pub fn switch(mut self, on: bool) -> Self {
        self.trailing = Trailing::Switch(on);
        self
    }

    /// Makes it a toggle that is on or off.
    pub fn on(mut self, on: bool) -> Self {
        self.on = Some(on);
        self
    }

    /// Sets whether it can be clicked.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Shows that its action is under way: it has a spinner and cannot be clicked.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// Sets the tooltip: what it does, and its keys.
    pub fn tip(mut self, text: &'a str, keys: &'a [&'a str]) -> Self {
        self.tip = Some((text, keys));
        self
    }

    /// Adds it in `rect`, outside the layout.
    pub fn at(self, ui: &mut Ui, rect: Rect) -> Response {
        let id = ui.next_auto_id();
        ui.skip_ahead_auto_ids(1);
        let enabled = self.enabled && !self.busy && ui.is_enabled();
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let response = ui.interact(rect, id, sense);
        let label = if let Some(name) = self.name {
            name.to_owned()
        } else if self.lead.is_empty() {
            self.label.to_owned()
        } else {
            format!("{} {}", self.lead, self.label)
        };
        let on = match self.trailing {
            Trailing::Switch(on) => Some(on),
            _ => self.on,
        };
        response.widget_info(|| match on {
            Some(on) => WidgetInfo::selected(egui::Role::Button, enabled, on, &label),
            None => WidgetInfo::labeled(egui::Role::Button, enabled, &label),
        });
        let cut = ui.is_rect_visible(rect) && self.paint(ui, rect, &response, enabled);
        match (self.tip, self.trailing) {
            (Some((text, keys)), _) if cut && text != label => {
                tip(response, &format!("{label}: {text}"), keys)
            }
            (Some((text, keys)), _) => tip(response, text, keys),
            (None, Trailing::Key(key)) => tip(response, &label, &[key]),
            (None, _) if cut => tip(response, &label, &[]),
            (None, _) => response,
        }
    }

    /// Paints it. `true` if the label is truncated.
    fn paint(&self, ui: &Ui, rect: Rect, response: &Response, enabled: bool) -> bool {
        let t = tokens(ui);
        let look = self.look(ui, t, response, enabled);
        let round = CornerRadius::same(sizes::RADIUS);
        let (corner, outline) = match self.split {
            None => (round, rect),
            Some(Side::Left) => (
                CornerRadius {
                    ne: 0,
                    se: 0,
                    ..round
                },
                rect,
            ),
            Some(Side::Right) => {
                let rect = rect.with_min_x(rect.left() - 1.0);
                (
                    CornerRadius {
                        nw: 0,
                        sw: 0,
                        ..round
                    },
                    rect,
                )
            }
        };
        let painter = ui.painter();
        painter.rect(
            outline,
            corner,
            look.fill,
            Stroke::new(1.0, look.line),
            StrokeKind::Inside,
        );
        if response.has_focus() {
            focus_ring(painter, t, rect, sizes::RADIUS);
        }
        let glyph = if self.busy {
            Some(icons::CIRCLE_NOTCH)
        } else {
            self.icon
        };
        let face = self.face.unwrap_or(match (self.kind, self.on) {
            (Kind::Primary, _) => Face::IconBold,
            (_, Some(true)) => Face::IconFill,
            _ => Face::Icon,
        });
        if self.icon_only {
            if let Some(glyph) = glyph {
                icon(painter, rect.center(), glyph, face, self.icon_size(), look.text);
            }
            return false;
        }
        let content = self.width(ui) - 2.0 * self.padding();
        let mut x = if self.align == Align::Min || rect.width() <= content + 2.0 * self.padding() {
            rect.left() + self.padding()
        } else {
            rect.center().x - content / 2.0
        };
        // A key is at the button's edge, wherever the label is.
        let edge = rect.right() - self.padding();
        let y = rect.center().y;
        if let Some(color) = self.dot {
            painter.circle_filled(pos2(x + 4.0, y), 4.0, color);
            x += DOT;
        }
        if let Trailing::Switch(on) = self.trailing {
            paint_switch(ui, pos2(x + 11.0, y), on, enabled);
            x += 30.0;
        }
        if let Some(glyph) = glyph {
            let size = self.icon_size();
            icon(painter, pos2(x + size / 2.0, y), glyph, face, size, look.icon);
            x += size + 8.0;
        }
        if !self.lead.is_empty() {
            let galley = Text::new(Role::BODY, self.lead)
                .color(t.text3)
                .galley(ui, f32::INFINITY);
            let width = galley.size().x;
            painter.galley(pos2(x, y - galley.size().y / 2.0).round(), galley, t.text3);
            x += width + 6.0;
        }
        let room = edge - self.trailing_width(ui) - x;
        let galley = Text::new(self.role(), self.label)
            .color(look.text)
            .galley(ui, room.max(0.0) + 1.0);
        let cut = galley.elided;
        painter.galley(pos2(x, y - galley.size().y / 2.0).round(), galley, look.text);
        match self.trailing {
            Trailing::Key(key) => {
                let colors = match (self.kind, self.on) {
                    (Kind::Primary, _) if enabled => Some((t.key_outline, t.on_accent)),
                    (_, Some(true)) => Some((t.key_outline_on, t.accent_text)),
                    _ if !enabled => Some((t.border, t.dis)),
                    _ => None,
                };
                keycap(ui, pos2(edge, y), key, colors);
            }
            Trailing::Hint(hint) | Trailing::Count(hint) => {
                let color = match (enabled, self.on) {
                    (false, _) => t.dis,
                    // On the ground of what is on, the dimmer one is hard to read.
                    (true, Some(true)) => t.text2,
                    (true, _) => t.text3,
                };
                let galley = Text::new(Role::SMALL, hint)
                    .color(color)
                    .galley(ui, f32::INFINITY);
                painter.galley(
                    (pos2(edge, y) - Vec2::new(galley.size().x, galley.size().y / 2.0)).round(),
                    galley,
                    color,
                );
            }
            Trailing::Caret => icon(
                painter,
                pos2(edge - 6.0, y),
                icons::CARET_DOWN,
                Face::Icon,
                12.0,
                look.icon,
            ),
            Trailing::None | Trailing::Switch(_) => {}
        }
        cut
    }
}

impl Widget for Button<'_> {
    /// Has its natural width; with less room the label is truncated with an ellipsis.
    fn ui(self, ui: &mut Ui) -> Response {
        let width = room_for(ui, self.width(ui).min(self.widest), self.height_points());
        let (rect, _) = ui.allocate_exact_size(Vec2::new(width, self.height_points()), Sense::hover());
        self.at(ui, rect)
    }
}
