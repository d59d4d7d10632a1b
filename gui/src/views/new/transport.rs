//! The row under the timeline: the timecode field and which frame it is, stepping and playing, and marking. In a narrow window
//! it is two rows, or three.

use egui::{
    Align2, Area, Color32, Frame, Id, Key, Margin, Order, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, vec2,
};
use egui_extras::{Size, StripBuilder};
use posterframe_kit::theme::icons::{self, Icon};
use posterframe_kit::theme::{self, Face, Role, sizes::CONTROL};
use posterframe_kit::widgets::{
    Button, Segmented, Side, Text, line_ui, row_end, row_end_width, row_middle, tip,
};
use posterframe_player::Step;

use super::model::OpenVideo;
use super::rule::ByRule;
use crate::format::DisplayUnit;

/// Width of the timecode field, in points.
const FIELD: f32 = 120.0;
/// The least width of the switch between units.
const UNITS: f32 = 132.0;
const GAP: f32 = 4.0;
/// Beside the button that plays.
const PLAY_GAP: f32 = 8.0;
/// The steps and the button that plays between them.
const STEPS: f32 = 5.0 * CONTROL + 2.0 * (GAP + PLAY_GAP);
/// Above and below the rows, and between two of them.
const MARGIN: Margin = Margin {
    left: 16,
    right: 16,
    top: 13,
    bottom: 14,
};
const ROW_GAP: f32 = 8.0;
const FACT_GAP: f32 = 8.0;

/// A step's button: icon, label, keys, and where it leads.
type StepButton = (Icon, &'static str, &'static [&'static str], Step);

const BACK: [StepButton; 2] = [
    (
        icons::SKIP_BACK,
        "Previous keyframe",
        &["Ctrl", "←"],
        Step::PreviousKeyframe,
    ),
    (icons::CARET_LEFT, "Previous frame", &["←"], Step::PreviousFrame),
];
const FORWARD: [StepButton; 2] = [
    (icons::CARET_RIGHT, "Next frame", &["→"], Step::NextFrame),
    (
        icons::SKIP_FORWARD,
        "Next keyframe",
        &["Ctrl", "→"],
        Step::NextKeyframe,
    ),
];

/// The timecode field: shows the playhead until somebody types.
#[derive(Default)]
pub(super) struct TimeField {
    typed: Option<String>,
    error: Option<String>,
    /// Take the keyboard at the next frame.
    wanted: bool,
}

impl TimeField {
    /// Forgets what was typed.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the keyboard.
    pub(super) fn focus(&mut self) {
        self.wanted = true;
    }
}

/// How many rows there are in a view of this width: one with facts, steps and mark, the steps in the middle; two with the
/// steps first; or three.
fn rows(ui: &Ui, width: f32, video: &OpenVideo) -> u8 {
    let room = width - MARGIN.sum().x;
    let facts = facts(ui, video);
    let facts: f32 = FIELD
        + FACT_GAP
        + units(ui)
        + facts
            .iter()
            .map(|fact| FACT_GAP + text(fact).width(ui))
            .sum::<f32>();
    let mark = row_end_width(ui, &[mark_button(video), rule_button(false)]) + FACT_GAP;
    if 2.0 * facts.max(mark) + STEPS <= room {
        1
    } else if facts + mark <= room {
        2
    } else {
        3
    }
}

/// How high it is in a view of this width, in points.
pub(super) fn height(ui: &Ui, width: f32, video: &OpenVideo) -> f32 {
    let rows = f32::from(rows(ui, width, video));
    1.0 + MARGIN.sum().y + rows * CONTROL + (rows - 1.0) * ROW_GAP
}

/// Draws it, [`height`] points high.
pub(super) fn ui(ui: &mut Ui, video: &mut OpenVideo, (field, rule): (&mut TimeField, &mut ByRule)) {
    ui.painter()
        .rect_filled(ui.max_rect(), 0, theme::tokens(ui).panel);
    let rows = rows(ui, ui.available_width(), video);
    line_ui(ui);
    ui.spacing_mut().item_spacing = vec2(0.0, ROW_GAP);
    Frame::NONE.inner_margin(MARGIN).show(ui, |ui| {
        if rows == 1 {
            let strip = StripBuilder::new(ui)
                .size(Size::remainder())
                .size(Size::exact(STEPS))
                .size(Size::remainder());
            strip.horizontal(|mut strip| {
                strip.cell(|ui| facts_ui(ui, video, field));
                strip.cell(|ui| steps_ui(ui, video));
                strip.cell(|ui| mark_ui(ui, video, rule));
            });
            return;
        }
        let steps = |ui: &mut Ui, video: &mut OpenVideo| {
            ui.vertical_centered(|ui| {
                let width = STEPS.min(ui.available_width());
                row_middle(ui, width, |ui| steps_ui(ui, video));
            });
        };
        if rows == 2 {
            steps(ui, video);
            ui.horizontal(|ui| {
                facts_ui(ui, video, field);
                mark_ui(ui, video, rule);
            });
        } else {
            facts_ui(ui, video, field);
            steps(ui, video);
            mark_ui(ui, video, rule);
        }
    });
}

fn steps_ui(ui: &mut Ui, video: &mut OpenVideo) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        let steps = |ui: &mut Ui, video: &mut OpenVideo, buttons: [StepButton; 2]| {
            for (icon, label, keys, step) in buttons {
                if ui.add(Button::icon(label, icon).tip(label, keys)).clicked() {
                    video.step(step);
                }
            }
        };
        steps(ui, video, BACK);
        ui.add_space(PLAY_GAP - GAP);
        let (label, symbol) = if video.playing.is_some() {
            ("Pause", icons::PAUSE)
        } else {
            ("Play", icons::PLAY)
        };
        let play = Button::icon_framed(label, symbol).face(Face::IconFill).tip(
            "Play, without sound. J, K and L: backwards, stop, forwards; again: faster",
            &["Space"],
        );
        if ui.add(play).clicked() {
            video.toggle_play();
        }
        ui.add_space(PLAY_GAP - GAP);
        steps(ui, video, FORWARD);
    });
}

/// A word or a number about the frame.
type Fact = (String, Role, Color32);

fn text((words, role, color): &Fact) -> Text<'_> {
    Text::new(*role, words).color(*color)
}

/// `253 / 1440`.
fn facts(ui: &Ui, video: &OpenVideo) -> Vec<Fact> {
    let t = theme::tokens(ui);
    let mut facts = Vec::new();
    if let Some(number) = video.number() {
        facts.push((number.to_string(), Role::BUBBLE, t.text));
    } else if video.index.is_none() {
        facts.push(("Counting frames…".to_owned(), Role::BODY, t.text3));
    }
    let count = video.frame_count();
    facts.extend(count.map(|count| (format!("/ {count}"), Role::MONO, t.text3)));
    facts
}

/// Width of the switch between units.
fn units(ui: &Ui) -> f32 {
    let segments = DisplayUnit::ALL.map(|unit| (unit.label(), None));
    Segmented::new(&mut 0, &segments)
        .small()
        .width(UNITS)
        .natural_width(ui)
}

/// The switch between units.
fn unit_ui(ui: &mut Ui, video: &mut OpenVideo) {
    let segments = DisplayUnit::ALL.map(|unit| (unit.label(), None));
    let mut chosen = DisplayUnit::ALL
        .iter()
        .position(|unit| *unit == video.unit)
        .unwrap_or_default();
    let response = ui.add(Segmented::new(&mut chosen, &segments).small().width(UNITS));
    video.unit = DisplayUnit::ALL[chosen];
    let words = match (video.timecodes(), video.unit) {
        (Err(reason), DisplayUnit::Timecode) => format!("No timecode: {reason}"),
        (Ok(timecodes), _) => timecodes
            .note()
            .unwrap_or_else(|| "Time, timecode or frame number".to_owned()),
        _ => "Time, timecode or frame number".to_owned(),
    };
    tip(response, &words, &["T"]);
}

fn facts_ui(ui: &mut Ui, video: &mut OpenVideo, field: &mut TimeField) {
    ui.horizontal(|ui| {
        ui.set_min_height(CONTROL);
        ui.spacing_mut().item_spacing.x = FACT_GAP;
        let width = ui.available_width().clamp(0.0, FIELD);
        field_ui(ui, width, video, field);
        unit_ui(ui, video);
        let facts = facts(ui, video);
        let width: f32 = facts.iter().map(|fact| text(fact).width(ui) + FACT_GAP).sum();
        // Where there is no room for a number, half of one says something else.
        if width <= ui.available_width() + FACT_GAP {
            for fact in facts {
                ui.add(text(&fact));
            }
        }
    });
}

fn field_ui(ui: &mut Ui, width: f32, video: &mut OpenVideo, field: &mut TimeField) {
    let t = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, CONTROL), Sense::hover());
    let shown = video.shown(video.playhead_position());
    let mut words = field.typed.clone().unwrap_or_else(|| shown.clone());
    let id = Id::unique("timecode");
    let edit = TextEdit::singleline(&mut words)
        .id(id)
        .font(Role::TIMECODE.font())
        .text_color(t.text)
        .align(Align2::CENTER_CENTER)
        .frame(Frame::NONE)
        .desired_width(width);
    ui.painter().rect_filled(rect, 6, t.field);
    let response = ui.put(rect.shrink(1.0), edit);
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::text_edit(true, &shown, &words, "");
        info.label = Some("Timecode".to_owned());
        info
    });
    if std::mem::take(&mut field.wanted) {
        response.request_focus();
    }
    let (width, color) = match (&field.error, response.has_focus(), response.hovered()) {
        (Some(_), _, _) => (1.0, t.red),
        (None, true, _) => (2.0, t.accent_line),
        (None, false, true) => (1.0, t.border2),
        (None, false, false) => (1.0, t.border),
    };
    ui.painter()
        .rect_stroke(rect, 6, Stroke::new(width, color), StrokeKind::Inside);
    if response.changed() {
        field.typed = Some(words.clone());
        field.error = None;
    }
    if response.gained_focus() {
        select_all(ui, id, &words);
    }
    if response.lost_focus() {
        let entered = ui.input(|input| input.key_pressed(Key::Enter));
        match field.typed.take() {
            Some(typed) if entered => match video.go_to_typed(&typed) {
                Ok(()) => field.reset(),
                // Who mistyped wants to mend it, not to type it again.
                Err(error) => {
                    *field = TimeField {
                        typed: Some(typed),
                        error: Some(error),
                        wanted: true,
                    };
                }
            },
            _ => field.reset(),
        }
    }
    if let Some(error) = field.error.clone() {
        error_ui(ui, rect, &error);
    } else if !response.has_focus() {
        tip(response, "Go to a time or a frame", &["/"]);
    }
}

fn select_all(ui: &Ui, id: Id, words: &str) {
    use egui::text::{CCursor, CCursorRange};
    if let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        let end = CCursor::new(words.chars().count());
        state
            .cursor
            .set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
        state.store(ui.ctx(), id);
    }
}

/// There is no room under the field: its message stands over the timeline.
fn error_ui(ui: &Ui, field: Rect, error: &str) {
    let area = Area::new(Id::unique("timecode error"))
        .order(Order::Foreground)
        .fade_in(false);
    area.pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(field.center_top() - vec2(0.0, 8.0))
        .show(ui.ctx(), |ui| {
            let t = theme::tokens(ui);
            let frame = Frame::NONE.fill(t.raised).stroke(Stroke::new(1.0, t.red_line));
            frame
                .corner_radius(6)
                .inner_margin(Margin::symmetric(10, 6))
                .show(ui, |ui| {
                    ui.label(egui::RichText::new(error).font(Role::SMALL.font()).color(t.red));
                });
        });
}

fn mark_button(video: &OpenVideo) -> Button<'static> {
    // The label never changes: only its look says whether the frame is marked.
    let marked = video.is_marked();
    let tip = if marked {
        "Take this frame off the list"
    } else {
        "Put this frame on the list"
    };
    Button::secondary("Mark frame")
        .with_icon(icons::FLAG_PENNANT)
        .key("M")
        .tip(tip, &["M"])
        .on(marked)
        .split(Side::Left)
}

fn rule_button(is_open: bool) -> Button<'static> {
    Button::icon_framed(
        "Frames by rule",
        if is_open {
            icons::CARET_DOWN
        } else {
            icons::CARET_UP
        },
    )
    .tip(
        "Mark by rule: the best frames, scenes, or one every so often",
        &["Shift", "M"],
    )
    .split(Side::Right)
}

fn mark_ui(ui: &mut Ui, video: &mut OpenVideo, rule: &mut ByRule) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let [mark, caret] = row_end(ui, [mark_button(video), rule_button(rule.is_open())]);
        if mark.clicked() {
            video.toggle_mark();
        }
        if caret.clicked() {
            rule.toggle();
        }
        rule.set_corner(caret.rect.right_top() - vec2(0.0, 8.0));
    });
}
