//! Text on one row, truncated with an ellipsis, or wrapped; and icons.

use std::cell::Cell;
use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, Galley, Id, Painter, Pos2, Rect, Response, Sense, TextFormat, Ui, Vec2, Widget,
    WidgetInfo,
};

use crate::theme::icons::Icon;
use crate::theme::{Face, Role, tokens};

/// Text in a role of type.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    words: &'a str,
    role: Role,
    color: Option<Color32>,
    wrap: bool,
    center: bool,
}

impl<'a> Text<'a> {
    /// `text` on one row, in the primary colour.
    pub fn new(role: Role, text: &'a str) -> Self {
        Self {
            words: text,
            role,
            color: None,
            wrap: false,
            center: false,
        }
    }

    /// Sets the colour.
    #[must_use]
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }

    /// Wraps it onto several rows.
    #[must_use]
    pub fn wrap(mut self) -> Self {
        self.wrap = true;
        self
    }

    /// Centres each row.
    #[must_use]
    pub fn center(mut self) -> Self {
        self.center = true;
        self
    }

    /// Lays it out within `width` points.
    pub fn galley(&self, ui: &Ui, width: f32) -> Arc<Galley> {
        let mut job = LayoutJob::single_section(
            shown(self.words),
            TextFormat {
                font_id: self.role.font(),
                line_height: Some(self.role.line),
                color: self.color.unwrap_or(tokens(ui).text),
                ..TextFormat::default()
            },
        );
        if self.center {
            job.halign = egui::Align::Center;
        }
        job.break_on_newline = self.wrap;
        job.wrap = if self.wrap {
            TextWrapping::wrap_at_width(width)
        } else {
            TextWrapping::truncate_at_width(width)
        };
        ui.painter().layout_job(job)
    }

    /// Width on one row, in points.
    pub fn width(&self, ui: &Ui) -> f32 {
        self.galley(ui, f32::INFINITY).size().x
    }

    /// Adds it aligned in `rect`, outside the layout. A truncated text has its full text as a tooltip.
    pub fn at(&self, ui: &mut Ui, rect: Rect, align: Align2) -> Response {
        let galley = self.galley(ui, rect.width());
        let aligned = align.align_size_within_rect(galley.size(), rect);
        let id = ui.next_auto_id();
        ui.skip_ahead_auto_ids(1);
        self.paint(ui, aligned, id, galley)
    }

    fn paint(&self, ui: &Ui, rect: Rect, id: Id, galley: Arc<Galley>) -> Response {
        let response = ui.interact(rect, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, ui.is_enabled(), self.words));
        let cut = galley.elided;
        if ui.is_rect_visible(rect) {
            let anchor = if self.center { rect.center_top() } else { rect.min };
            ui.painter().galley(anchor.round(), galley, tokens(ui).text);
        }
        if cut {
            response.on_hover_text(self.words)
        } else {
            response
        }
    }
}

thread_local! {
    static LONGER: Cell<bool> = const { Cell::new(false) };
}

/// Shows all texts of this thread 40 % longer, as translations may be: for tests of the layout. Screen readers get the
/// original texts.
pub fn lengthen_texts(longer: bool) {
    LONGER.set(longer);
}

fn shown(words: &str) -> String {
    let mut shown = words.to_owned();
    if LONGER.get() {
        let more = (words.chars().count() * 2).div_ceil(5);
        shown.extend(words.chars().take(more));
    }
    shown
}

impl Widget for Text<'_> {
    /// Takes at most the available width; longer text is truncated or wrapped.
    fn ui(self, ui: &mut Ui) -> Response {
        let galley = self.galley(ui, ui.available_width());
        let (id, rect) = ui.allocate_space(galley.size());
        self.paint(ui, rect, id, galley)
    }
}

/// An icon as a widget in the layout.
#[derive(Clone, Copy)]
#[must_use]
pub struct Glyph {
    icon: Icon,
    size: f32,
    face: Face,
    color: Color32,
}

impl Glyph {
    /// An outlined icon, `size` points wide and high.
    pub fn new(icon: Icon, size: f32, color: Color32) -> Self {
        Self {
            icon,
            size,
            face: Face::Icon,
            color,
        }
    }

    /// Sets the face, such as the filled one.
    pub fn face(mut self, face: Face) -> Self {
        self.face = face;
        self
    }
}

impl Widget for Glyph {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(self.size), Sense::hover());
        icon(
            ui.painter(),
            rect.center(),
            self.icon,
            self.face,
            self.size,
            self.color,
        );
        response
    }
}

/// Paints an icon of `size` points with its centre at `center`.
pub fn icon(painter: &Painter, center: Pos2, icon: Icon, face: Face, size: f32, color: Color32) {
    let galley = painter.layout_no_wrap(icon.to_string(), face.sized(size), color);
    let at = Rect::from_center_size(center, Vec2::splat(0.0)).min - galley.size() / 2.0;
    painter.galley(at, galley, color);
}
