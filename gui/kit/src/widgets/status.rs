//! Display of states: tones, pills, progress bars, and strips with a verdict.

use egui::{
    Align2, Color32, CornerRadius, Frame, Margin, Rect, Response, Sense, Ui, Widget, WidgetInfo, pos2, vec2,
};

use super::{Button, Glyph, Text, room_for, row, row_start};
use crate::theme::{Face, Role, Tokens, icons, sizes, tokens};

/// The tone of a state, which gives its colour. Widgets add a word or an icon, since not everybody can tell the colours
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing happens.
    Quiet,
    /// Under way.
    Busy,
    /// Succeeded.
    Good,
    /// Failed.
    Bad,
    /// Needs attention.
    Warn,
}

impl Tone {
    /// The colour of text and icons.
    pub fn color(self, t: &Tokens) -> Color32 {
        match self {
            Self::Quiet => t.grey,
            Self::Busy => t.blue,
            Self::Good => t.green,
            Self::Bad => t.red,
            Self::Warn => t.warn,
        }
    }

    /// The fill behind that colour.
    pub fn tint(self, t: &Tokens) -> Color32 {
        match self {
            Self::Quiet => t.grey_tint,
            Self::Busy => t.blue_tint,
            Self::Good => t.green_tint,
            Self::Bad => t.red_tint,
            Self::Warn => t.warn_tint,
        }
    }
}

/// A pill with a word.
#[derive(Clone, Copy)]
#[must_use]
pub struct Pill<'a> {
    word: &'a str,
    tone: Tone,
}

impl<'a> Pill<'a> {
    /// A pill in the colours of `tone`.
    pub fn new(word: &'a str, tone: Tone) -> Self {
        Self { word, tone }
    }

    /// Width in points.
    pub fn width(&self, ui: &Ui) -> f32 {
        (Text::new(Role::PILL, self.word).width(ui) + 28.0).ceil()
    }

    /// Adds it in `rect`, 20 points high, outside the layout.
    pub fn at(self, ui: &mut Ui, rect: Rect) {
        let t = tokens(ui);
        ui.painter()
            .rect_filled(rect, CornerRadius::same(10), self.tone.tint(t));
        ui.painter()
            .circle_filled(pos2(rect.left() + 11.0, rect.center().y), 3.0, self.tone.color(t));
        let text = Rect::from_min_max(pos2(rect.left() + 20.0, rect.top()), rect.max);
        Text::new(Role::PILL, self.word)
            .color(self.tone.color(t))
            .at(ui, text, Align2::LEFT_CENTER);
    }
}

impl Widget for Pill<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let size = vec2(room_for(ui, self.width(ui), 28.0), 20.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        self.at(ui, rect);
        response
    }
}

/// A progress bar, 3 points high, with the available width. Changes of its fraction are animated.
#[derive(Clone, Copy)]
#[must_use]
pub struct Progress<'a> {
    label: &'a str,
    fraction: f32,
    tone: Tone,
}

impl<'a> Progress<'a> {
    /// The label is for screen readers; the fraction is from 0 to 1.
    pub fn new(label: &'a str, fraction: f32, tone: Tone) -> Self {
        Self {
            label,
            fraction,
            tone,
        }
    }
}

impl Widget for Progress<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 3.0), Sense::hover());
        response.widget_info(|| WidgetInfo {
            value: Some(f64::from(self.fraction)),
            ..WidgetInfo::labeled(egui::Role::ProgressIndicator, true, self.label)
        });
        let seconds = if ui.style().animation_time > 0.0 { 0.2 } else { 0.0 };
        let fraction = self.fraction.clamp(0.0, 1.0);
        let shown = ui
            .ctx()
            .animate_value_with_time(response.id.with("fraction"), fraction, seconds);
        let corner = CornerRadius::same(2);
        ui.painter().rect_filled(rect, corner, t.track);
        let done = Rect::from_min_size(rect.min, vec2(rect.width() * shown, rect.height()));
        ui.painter().rect_filled(done, corner, self.tone.color(t));
        response
    }
}

/// A strip with an icon of its tone and a sentence, with the available width.
#[derive(Clone, Copy)]
#[must_use]
pub struct Strip<'a> {
    words: &'a str,
    tone: Tone,
    button: Option<Button<'a>>,
}

impl<'a> Strip<'a> {
    /// A strip with `words`, such as the verdict on a thumbnail.
    pub fn new(words: &'a str, tone: Tone) -> Self {
        Self {
            words,
            tone,
            button: None,
        }
    }

    /// Adds a small button at its end.
    pub fn button(mut self, button: Button<'a>) -> Self {
        self.button = Some(button.small());
        self
    }
}

impl Widget for Strip<'_> {
    /// The response is the button's, if it has one.
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let glyph = match self.tone {
            Tone::Good => icons::CHECK_CIRCLE,
            _ => icons::WARNING,
        };
        let frame = Frame::NONE
            .fill(self.tone.tint(t))
            .corner_radius(sizes::RADIUS)
            .inner_margin(Margin {
                left: 12,
                right: 4,
                top: 4,
                bottom: 4,
            });
        let color = self.tone.color(t);
        let strip = frame.show(ui, |ui| {
            ui.take_available_width();
            row(ui, sizes::CONTROL_SMALL, |ui| {
                ui.add(Glyph::new(glyph, 16.0, color).face(Face::IconFill));
                let end = self.button.map_or(0.0, |button| button.width(ui));
                row_start(ui, end, |ui| {
                    ui.add(Text::new(Role::SMALL_TITLE, self.words).color(color))
                });
                self.button.map(|button| ui.add(button))
            })
        });
        strip.inner.unwrap_or(strip.response)
    }
}
