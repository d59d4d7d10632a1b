//! The popover: the rule, the frames that it gives, and the button that marks them.

use egui::{
    Align, Align2, CornerRadius, Frame, Id, Layout, Margin, Rect, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{
    Button, Choice, Fit, Keycap, Progress, Reveal as _, Text, Tone, focus_ring_inside, icon, line_ui,
    paint_picture, popover, row, row_end_width, row_start, tip,
};

use super::look::Offer;
use super::{Instant, NewView, OpenVideo};
use crate::context::Commands;
use crate::job_text::counted;

/// Width of the popover, in points.
const WIDTH: f32 = 564.0;
const COLUMNS: usize = 5;
const GAP: f32 = 8.0;
const STILL: f32 = 56.0;
/// A candidate's picture, score and time.
const CANDIDATE: f32 = 94.0;
/// Rows of candidates that are seen at once.
const ROWS: f32 = 2.0;
/// How much of the colour a frame keeps that is not taken.
const LEFT_OUT: f32 = 0.55;

impl NewView {
    /// Draws the popover where it is open.
    pub(in super::super) fn rule_ui(&mut self, ui: &Ui, commands: &Commands) {
        if !self.rule.is_open {
            return;
        }
        let corner = (self.rule.corner, Align2::RIGHT_BOTTOM, WIDTH);
        let clicked = popover(ui.ctx(), Id::unique("mark by rule"), corner, |ui| {
            ui.spacing_mut().interact_size.y = 16.0;
            head_ui(ui);
            let body = Frame::NONE.inner_margin(Margin {
                bottom: 16,
                ..Margin::symmetric(16, 0)
            });
            body.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 12.0;
                if self.rule.draft.ui(ui) {
                    self.rule.changed = Some(Instant::now());
                }
                self.candidates_ui(ui);
            });
            line_ui(ui);
            self.foot_ui(ui)
        });
        if clicked {
            self.mark_by_rule(commands);
        }
    }

    /// The frames of the shown video.
    fn candidates_ui(&mut self, ui: &mut Ui) {
        let t = theme::tokens(ui);
        let video = &self.videos[self.selected];
        let Some(look) = self.rule.look(&video.path) else {
            return;
        };
        if let Some(failure) = &look.failure {
            ui.add(Text::new(Role::SMALL, &failure.text).color(t.red).wrap());
            if !failure.advice.is_empty() {
                ui.add(Text::new(Role::SMALL, &failure.advice).color(t.text2).wrap());
            }
            return;
        }
        if !look.is_over() && look.offers.is_empty() {
            ui.add(Progress::new("Looking for frames", look.part, Tone::Busy));
        }
        let count = self.rule.offers(video).count();
        if count == 0 && look.is_over() {
            let words = if look.offers.is_empty() {
                "No frame fits, try a smaller distance"
            } else {
                "All of them are marked already"
            };
            ui.add(Text::new(Role::SMALL, words).color(t.text3));
        }
        let mut ticked = None;
        let most = ROWS * CANDIDATE + (ROWS - 1.0) * 12.0;
        let area = ScrollArea::vertical()
            .max_height(most)
            .min_scrolled_height(most)
            .auto_shrink([false, true]);
        area.show_revealing(ui, |ui| {
            let offers: Vec<&Offer> = self.rule.offers(video).collect();
            let width = (ui.available_width() - GAP * (COLUMNS as f32 - 1.0)) / COLUMNS as f32;
            for (line, offers) in offers.chunks(COLUMNS).enumerate() {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = GAP;
                    for (column, offer) in offers.iter().enumerate() {
                        let number = line * COLUMNS + column;
                        if offer_ui(ui, (offer, video), number, width) {
                            ticked = Some(number);
                        }
                    }
                });
            }
        });
        if let Some(number) = ticked {
            self.rule.tick(&self.videos[self.selected], number);
        }
    }

    /// For which videos, and the button. Whether that was clicked.
    fn foot_ui(&mut self, ui: &mut Ui) -> bool {
        let open = self.videos.iter().filter(|video| video.failure.is_none()).count();
        let count = self.count_by_rule();
        let under_way = self.rule.looks.iter().filter(|look| !look.is_over()).count();
        let label = match (under_way, count) {
            (0, 0) => "Mark frames".to_owned(),
            (0, count) => format!("Mark {}", counted(count, "frame")),
            _ => "Looking…".to_owned(),
        };
        let button = Button::primary(&label)
            .with_icon(icons::FLAG_PENNANT)
            .tip("Put these frames on the list", &["Enter"])
            .enabled(self.can_mark_by_rule());
        let foot = Frame::NONE.inner_margin(Margin::symmetric(16, 12));
        foot.show(ui, |ui| {
            row(ui, 32.0, |ui| {
                let end = row_end_width(ui, &[button]);
                row_start(ui, end, |ui| {
                    if open > 1 {
                        let label = format!("Apply to all {open} open videos");
                        let check = Choice::check(self.rule.is_for_all, &label);
                        if ui.add(check).clicked() {
                            self.rule.is_for_all = !self.rule.is_for_all;
                        }
                    }
                });
                ui.add(button).clicked()
            })
        })
        .inner
    }
}

fn head_ui(ui: &mut Ui) {
    let head = Frame::NONE.inner_margin(Margin::symmetric(16, 0));
    head.show(ui, |ui| {
        row(ui, 48.0, |ui| {
            ui.add(Text::new(Role::CARD, "Mark by rule"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                ui.add(Keycap("M"));
                ui.add(Keycap("Shift"));
            });
        });
    });
}

/// A frame with its check box, its score and its time; whether it was clicked.
fn offer_ui(ui: &mut Ui, (offer, video): (&Offer, &OpenVideo), number: usize, width: f32) -> bool {
    let t = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CANDIDATE), Sense::click());
    let time = video.shown(offer.picked.position);
    let label = match offer.picked.score {
        Some(score) => format!("{time}, score {score}"),
        None => time.clone(),
    };
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, offer.ticked, &label));
    let still = rect.with_max_y(rect.top() + STILL);
    let picture = (offer.picture.id(), offer.picture.size_vec2());
    paint_picture(ui, still, 4, picture, Fit::Cover);
    if !offer.ticked {
        let veil = t.raised.gamma_multiply(1.0 - LEFT_OUT);
        ui.painter().rect_filled(still, 4, veil);
    }
    let ground = Rect::from_min_size(still.min + vec2(4.0, 4.0), vec2(20.0, 20.0));
    ui.painter().rect_filled(ground, CornerRadius::same(4), t.chip);
    let (mark, face, color) = if offer.ticked {
        (icons::CHECK_SQUARE, Face::IconFill, t.accent)
    } else {
        (icons::SQUARE, Face::Icon, t.chip_text)
    };
    icon(ui.painter(), ground.center(), mark, face, 18.0, color);
    if let Some(score) = offer.picked.score {
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 67.5), vec2(rect.width() - 21.2, 3.0));
        ui.painter().rect_filled(bar, 2, t.track);
        let part = bar.width() * f32::from(score) / 100.0;
        ui.painter()
            .rect_filled(bar.with_max_x(bar.left() + part), 2, t.text2);
        let score = score.to_string();
        let place = Rect::from_min_max(rect.min + vec2(0.0, 61.0), rect.right_top() + vec2(0.0, 77.0));
        Text::new(Role::MONO_SMALL, &score)
            .color(t.text2)
            .at(ui, place, Align2::RIGHT_CENTER);
    }
    let top = if offer.picked.score.is_some() { 78.0 } else { 61.0 };
    let place = Rect::from_min_max(
        rect.min + vec2(0.0, top),
        rect.right_top() + vec2(0.0, top + 16.0),
    );
    Text::new(Role::MONO_SMALL, &time).at(ui, place, Align2::LEFT_CENTER);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let key = (number + 1).to_string();
    let keys: &[&str] = if number < COLUMNS { &[&key] } else { &[] };
    let words = if offer.ticked { "Leave it out" } else { "Take it" };
    tip(response, words, keys).clicked()
}
