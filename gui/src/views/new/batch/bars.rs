//! The bars over and under the table: the folder with its rule and outputs, what is ticked, and the button.

use egui::{Align, Align2, Frame, Id, Layout, Margin, Sense, Ui, WidgetInfo, vec2};
use posterframe_contract::OutputRequest;
use posterframe_kit::theme::{self, Face, Role, icons, sizes};
use posterframe_kit::widgets::{
    Button, Glyph, Height, Keycap, Segment, Segmented, Text, confirm, focus_ring, hline, icon, line_ui,
    popover, row, row_end, row_end_width, row_start, tip, vline,
};

use super::{Batch, Change, Filter, State};
use crate::context::{Preferences, ViewContext};
use crate::format;
use crate::job_text::counted;
use crate::views::new::outputs::{outputs_ui, short};
use crate::views::new::rule::RuleDraft;

/// Heights of the bars, in points.
pub(super) const HEAD: f32 = 56.0;
pub(super) const SELECTION: f32 = 48.0;
pub(super) const FOOT: f32 = 64.0;
/// Widths of the popovers, in points.
const RULE: f32 = 564.0;
const OUTPUTS: f32 = 340.0;
/// The least room for the folder's name beside what is in it, in points.
const LEAST_NAME: f32 = 120.0;
const MARGIN: Margin = Margin::symmetric(24, 0);
const FILTERS: [(Filter, &str); 4] = [
    (Filter::All, "All"),
    (Filter::Ready, "Ready"),
    (Filter::Check, "Check"),
    (Filter::Unreadable, "Cannot be read"),
];

impl Batch {
    /// The folder, and what goes for all of it.
    pub(super) fn head_ui(&mut self, ui: &mut Ui, preferences: &Preferences) {
        let t = theme::tokens(ui);
        let bytes: u64 = self.rows.iter().map(|row| row.bytes).sum();
        let facts = format!("{} · {}", counted(self.rows.len(), "video"), format::bytes(bytes));
        let is_narrow = ui.available_width() < sizes::NARROW;
        let rule = self.rule.words();
        let outputs = preferences
            .outputs
            .iter()
            .map(|output| short(output).join(" ").trim_end().to_owned());
        let outputs = outputs.collect::<Vec<_>>().join(" · ");
        let change = |label: &'static str, tip: &'static str| {
            Button::secondary("Change…").small().named(label).tip(tip, &[])
        };
        let parts = [
            (
                "Rule",
                rule,
                change("Change the rule", "Look for other frames in all videos"),
            ),
            (
                "Outputs",
                outputs,
                change("Change the outputs", "Make other files of each frame"),
            ),
        ];
        Frame::NONE.inner_margin(MARGIN).show(ui, |ui| {
            row(ui, HEAD, |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let text = |words: &str| -> f32 {
                    let width = Text::new(Role::BODY, words).width(ui).ceil();
                    if is_narrow {
                        width.min(140.0)
                    } else {
                        width.min(260.0)
                    }
                };
                let widths = parts
                    .each_ref()
                    .map(|(label, words, button)| [text(label), text(words), button.width(ui)]);
                // Gaps of 8 points, and a line between the two parts.
                let end: f32 = widths.as_flattened().iter().sum::<f32>() + 8.0 * 8.0 + 1.0;
                row_start(ui, end, |ui| {
                    ui.add(Glyph::new(icons::FOLDER_OPEN, 18.0, t.text2));
                    ui.add_space(4.0);
                    let about = Text::new(Role::SMALL, &facts).color(t.text2);
                    let has_room = ui.available_width() > about.width(ui) + LEAST_NAME;
                    let end = if has_room { about.width(ui) + 12.0 } else { 0.0 };
                    row_start(ui, end, |ui| {
                        ui.add(Text::new(Role::CARD, &self.name));
                        if has_room {
                            ui.add_space(4.0);
                            ui.add(about);
                        }
                    });
                });
                for (index, (label, words, button)) in parts.iter().enumerate() {
                    if index > 0 {
                        ui.add_space(8.0);
                        let (line, _) = ui.allocate_exact_size(vec2(1.0, 28.0), Sense::hover());
                        vline(ui, line.left(), line.y_range());
                        ui.add_space(8.0);
                    }
                    ui.add_sized(
                        vec2(widths[index][0], 18.0),
                        Text::new(Role::BODY, label).color(t.text3),
                    );
                    ui.add_sized(vec2(widths[index][1], 18.0), Text::new(Role::BODY, words));
                    let response = ui.add(*button);
                    if response.clicked() {
                        let change = match index {
                            0 => Change::Rule(self.rule.clone(), false),
                            _ => Change::Outputs(false),
                        };
                        self.change = Some((change, response.rect.right_bottom() + vec2(0.0, 8.0)));
                    }
                }
            });
        });
    }

    /// What is ticked, and what can be done to it; and which rows are shown.
    pub(super) fn selection_ui(&mut self, ui: &mut Ui) {
        let t = theme::tokens(ui);
        let rect = ui.max_rect();
        hline(ui, rect.x_range(), rect.top());
        let ticked = self.ticked();
        Frame::NONE.inner_margin(MARGIN).show(ui, |ui| {
            row(ui, SELECTION, |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                if all_ui(ui, ticked, self.rows.len()) {
                    let all = ticked < self.rows.len();
                    self.rows.iter_mut().for_each(|row| row.is_ticked = all);
                }
                ui.add_space(20.0);
                let mut counts = [self.rows.len(), 0, 0, 0];
                for index in 0..self.rows.len() {
                    match self.kind(index) {
                        Filter::All => {}
                        Filter::Ready => counts[1] += 1,
                        Filter::Check => counts[2] += 1,
                        Filter::Unreadable => counts[3] += 1,
                    }
                }
                if ticked > 0 {
                    let words = format!("{ticked} selected");
                    ui.add(Text::new(Role::TITLE, &words));
                    ui.add_space(8.0);
                    self.ticked_ui(ui);
                } else {
                    let looking = self.rows.iter().filter(|row| row.is_open()).count();
                    let words = match looking {
                        0 => "Tick videos to change or remove some of them".to_owned(),
                        count => format!("Looking for frames, {} to go", counted(count, "video")),
                    };
                    ui.add(Text::new(Role::SMALL, &words).color(t.text3));
                }
                let segments: [Segment<'_>; 4] = std::array::from_fn(|at| (FILTERS[at].1, Some(counts[at])));
                let mut chosen = FILTERS
                    .iter()
                    .position(|(filter, _)| *filter == self.filter)
                    .unwrap_or_default();
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(Segmented::new(&mut chosen, &segments));
                });
                self.filter = FILTERS[chosen].0;
            });
        });
    }

    fn ticked_ui(&mut self, ui: &mut Ui) {
        let rule = Button::ghost("Change rule…").with_icon(icons::MAGIC_WAND).small();
        let response = ui.add(rule.tip("Look for other frames in these videos", &[]));
        let below = |response: &egui::Response| response.rect.right_bottom() + vec2(0.0, 8.0);
        if response.clicked() {
            let ticked = self.rows.iter().find(|row| row.is_ticked);
            let rule = ticked
                .and_then(|row| row.rule.clone())
                .unwrap_or_else(|| self.rule.clone());
            self.change = Some((Change::Rule(rule, true), below(&response)));
        }
        let outputs = Button::ghost("Outputs…").with_icon(icons::STACK).small();
        let response = ui.add(outputs.tip("Make other files of these videos’ frames", &[]));
        if response.clicked() {
            self.change = Some((Change::Outputs(true), below(&response)));
        }
        let remove = Button::ghost("Remove").with_icon(icons::X).small();
        if ui
            .add(remove.tip("Take these videos off the list; the files stay", &["Del"]))
            .clicked()
        {
            self.remove_ticked();
        }
    }

    /// Keys, what a submit makes, and the button.
    pub(super) fn foot_ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        let t = theme::tokens(ui);
        let rect = ui.max_rect();
        hline(ui, rect.x_range(), rect.top());
        let ready: Vec<_> = self.rows.iter().filter(|row| row.is_ready()).collect();
        let frames: usize = ready.iter().map(|row| row.taken).sum();
        let bytes: u64 = ready.iter().map(|row| row.bytes).sum();
        let videos = counted(ready.len(), "video");
        let sent = self
            .rows
            .iter()
            .filter(|row| matches!(row.state, State::Sent(_)))
            .count();
        let summary = match (ready.len(), sent) {
            (0, 0) => "Nothing to submit yet".to_owned(),
            (0, sent) => format!("{} submitted", counted(sent, "video")),
            _ => format!(
                "{videos}, {}, {} to upload",
                counted(frames, "frame"),
                format::bytes(bytes)
            ),
        };
        let is_looking = self.is_looking();
        let label = match &self.sending {
            Some(sending) => format!("Submitting {} of {}", sending.done + 1, sending.total),
            None => format!("Submit {}", counted(frames, "frame")),
        };
        let hint = match (context.client.is_some(), is_looking) {
            (false, _) => "The backend is not ready yet",
            (true, true) => "Frames are still being looked for",
            (true, false) => "One job for each video",
        };
        let submit = Button::primary(&label)
            .height(Height::Tall)
            .key("Enter")
            .tip(hint, &["Enter"])
            .busy(self.sending.is_some())
            .enabled(context.client.is_some() && !is_looking && !ready.is_empty());
        let stop = Button::secondary("Stop").tip("Leave the other videos on the list", &[]);
        Frame::NONE.inner_margin(MARGIN).show(ui, |ui| {
            row(ui, FOOT, |ui| {
                ui.spacing_mut().item_spacing.x = 20.0;
                let words = Text::new(Role::SMALL, &summary).color(t.text2);
                let mut end = row_end_width(ui, &[submit]) + words.width(ui) + 44.0;
                if self.sending.is_some() {
                    end += stop.width(ui) + 20.0;
                }
                row_start(ui, end, keys_ui);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    ui.add(Glyph::new(icons::STACK, 16.0, t.text3));
                    ui.add(words);
                });
                if self.sending.is_some() && ui.add(stop).clicked() {
                    self.stop_sending();
                }
                if ui.add(submit).clicked() {
                    self.ask_to_submit(context);
                }
            });
        });
        self.question_ui(ui, context);
    }

    /// Submits what is ready; asks first where frames were never on the screen.
    pub(super) fn ask_to_submit(&mut self, context: &ViewContext<'_>) {
        if context.client.is_none() || self.is_looking() {
            return;
        }
        if self.rows.iter().any(|row| row.is_ready() && !row.is_seen) {
            self.asks = true;
        } else {
            self.submit_all(context);
        }
    }

    fn submit_all(&mut self, context: &ViewContext<'_>) {
        if let Some(client) = context.client {
            let preferences = &context.preferences;
            self.submit(
                client,
                context.commands,
                &preferences.outputs,
                &preferences.sheets,
            );
        }
    }

    fn question_ui(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        if !self.asks {
            return;
        }
        let unseen = self
            .rows
            .iter()
            .filter(|row| row.is_ready() && !row.is_seen)
            .count();
        let question = format!(
            "Submit {} whose frames you have not seen?",
            counted(unseen, "video")
        );
        let detail = "Scroll through the list to look at what was found. What you submit is uploaded.";
        match confirm(
            ui.ctx(),
            Id::unique("submit unseen"),
            &question,
            detail,
            "Submit all",
        ) {
            Some(true) => {
                self.asks = false;
                self.submit_all(context);
            }
            Some(false) => self.asks = false,
            None => {}
        }
    }

    /// The popover in which the rule or the outputs are changed.
    pub(super) fn change_ui(&mut self, ui: &Ui, preferences: &mut Preferences) {
        let Some((change, corner)) = self.change.clone() else {
            return;
        };
        match change {
            Change::Rule(draft, is_for_ticked) => self.change_rule_ui(ui, (draft, is_for_ticked), corner),
            Change::Outputs(is_for_ticked) => {
                let mut outputs: Vec<OutputRequest> = if is_for_ticked {
                    let ticked = self.rows.iter().find(|row| row.is_ticked);
                    ticked
                        .and_then(|row| row.outputs.clone())
                        .unwrap_or_else(|| preferences.outputs.clone())
                } else {
                    preferences.outputs.clone()
                };
                let before = outputs.clone();
                let place = (corner, Align2::RIGHT_TOP, OUTPUTS);
                let done = popover(ui.ctx(), Id::unique("batch outputs"), place, |ui| {
                    outputs_ui(ui, &mut outputs, &preferences.presets)
                });
                if outputs != before {
                    if is_for_ticked {
                        for row in self.rows.iter_mut().filter(|row| row.is_ticked) {
                            row.outputs = Some(outputs.clone());
                        }
                        self.is_changed = true;
                    } else {
                        preferences.outputs = outputs;
                    }
                }
                if done {
                    self.change = None;
                }
            }
        }
    }

    fn change_rule_ui(&mut self, ui: &Ui, (mut draft, is_for_ticked): (RuleDraft, bool), corner: egui::Pos2) {
        let place = (corner, Align2::RIGHT_TOP, RULE);
        let answer = popover(ui.ctx(), Id::unique("batch rule"), place, |ui| {
            ui.spacing_mut().interact_size.y = 16.0;
            let body = Frame::NONE.inner_margin(Margin::same(16));
            body.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 12.0;
                let title = if is_for_ticked {
                    format!("Rule of {}", counted(self.ticked(), "video"))
                } else {
                    "Rule of all videos without one of their own".to_owned()
                };
                ui.add(Text::new(Role::CARD, &title));
                draft.ui(ui);
            });
            line_ui(ui);
            let foot = Frame::NONE.inner_margin(Margin::symmetric(16, 12));
            foot.show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    let use_it = Button::primary("Look for frames").enabled(draft.selectors().is_ok());
                    let [cancel, use_it] = row_end(ui, [Button::secondary("Cancel"), use_it]);
                    match (cancel.clicked(), use_it.clicked()) {
                        (true, _) => Some(false),
                        (_, true) => Some(true),
                        _ => None,
                    }
                })
                .inner
            })
            .inner
        });
        match answer {
            Some(true) => {
                self.change = None;
                self.set_rule(&draft, is_for_ticked);
            }
            Some(false) => self.change = None,
            None => self.change = Some((Change::Rule(draft, is_for_ticked), corner)),
        }
    }
}

/// The box that ticks all rows, or none; whether it was clicked.
fn all_ui(ui: &mut Ui, ticked: usize, count: usize) -> bool {
    let t = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, ticked == count, "All videos"));
    let (glyph, face, color) = match ticked {
        0 => (icons::SQUARE, Face::Icon, t.text3),
        ticked if ticked == count => (icons::CHECK_SQUARE, Face::IconFill, t.accent),
        _ => (icons::MINUS_SQUARE, Face::IconFill, t.accent),
    };
    icon(ui.painter(), rect.center(), glyph, face, 18.0, color);
    if response.has_focus() {
        focus_ring(ui.painter(), t, rect, 2);
    }
    tip(response, "All videos, or none", &["Ctrl", "A"]).clicked()
}

/// What keys do, as far as there is room.
fn keys_ui(ui: &mut Ui) {
    const KEYS: [(&[&str], &str); 4] = [
        (&["↑", "↓"], "Video"),
        (&["←", "→"], "Other frame"),
        (&["Space"], "Select"),
        (&["Del"], "Remove"),
    ];
    let t = theme::tokens(ui);
    ui.spacing_mut().item_spacing.x = 20.0;
    for (keys, words) in KEYS {
        let words = Text::new(Role::SMALL, words).color(t.text3);
        if ui.available_width() < words.width(ui) + 60.0 {
            return;
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for key in keys {
                ui.add(Keycap(key));
            }
            ui.add(words);
        });
    }
}
