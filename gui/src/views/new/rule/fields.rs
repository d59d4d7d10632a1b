//! The rows in which a rule is chosen and typed.

use egui::{Id, Ui, vec2};
use posterframe_kit::theme::{self, Role};
use posterframe_kit::widgets::{Field, Segment, Segmented, Text};

use super::draft::{Kind, RuleDraft};

const ROW: f32 = 32.0;

impl RuleDraft {
    /// Draws it in two rows, and what is wrong with it in a third. Whether it has changed.
    pub(in super::super) fn ui(&mut self, ui: &mut Ui) -> bool {
        let t = theme::tokens(ui);
        let before = self.clone();
        let segments: [Segment<'_>; 5] = Kind::LABELS.map(|label| (label, None));
        let mut chosen = Kind::ALL
            .iter()
            .position(|kind| *kind == self.kind)
            .unwrap_or_default();
        let width = ui.available_width();
        ui.add(Segmented::new(&mut chosen, &segments).width(width));
        self.kind = Kind::ALL[chosen];
        let problem = self.selectors().err();
        ui.horizontal_wrapped(|ui| {
            ui.set_min_height(ROW);
            ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
            let words = |ui: &mut Ui, words: &str| {
                ui.add(Text::new(Role::BODY, words).color(t.text2));
            };
            let is_wrong = problem.is_some();
            let field = |ui: &mut Ui, (text, label): (&mut String, &str), width: f32| {
                let field = Field::new(Id::unique(("rule", label)), text, label)
                    .mono()
                    .error(is_wrong);
                ui.add_sized(vec2(width, ROW), field);
            };
            let note = match self.kind {
                Kind::Every => {
                    words(ui, "A frame every");
                    field(ui, (&mut self.step, "Step"), 80.0);
                    "A time such as 10s, or frames such as 250f"
                }
                Kind::Evenly => {
                    field(ui, (&mut self.count, "Number of frames"), 64.0);
                    words(ui, "frames, evenly");
                    "The ends are left out"
                }
                Kind::Parts => {
                    words(ui, "At");
                    field(ui, (&mut self.parts, "Parts of the video"), 200.0);
                    words(ui, "% of the video");
                    ""
                }
                Kind::Scenes => {
                    words(ui, "The first whole frame of each scene");
                    "After cuts and fades"
                }
                Kind::Best => {
                    words(ui, "Best");
                    field(ui, (&mut self.best, "Number of frames"), 48.0);
                    words(ui, "frames, at least");
                    field(ui, (&mut self.apart, "Time between them"), 64.0);
                    words(ui, "apart");
                    "No fades, blur or black"
                }
            };
            let note = Text::new(Role::SMALL, note).color(t.text3);
            let room = ui.available_size_before_wrap().x - note.width(ui).ceil();
            if room > 0.0 {
                ui.add_space(room);
            }
            ui.add(note);
        });
        if let Some(problem) = problem {
            ui.add(Text::new(Role::SMALL, &problem).color(t.red).wrap());
        }
        *self != before
    }
}
