//! The log's head: number of lines, search, filter, follow, copy and save.

use egui::{Key, Modifiers, Ui, vec2};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Field, Text, between, row, row_end_width, row_start, shortcuts_apply,
};

use super::{Go, LogPanel, search_id};
use crate::context::{Command, ViewContext};
use crate::format;

/// Smallest and largest width of the search field in the head's row, in points.
const FIELD: [f32; 2] = [96.0, 168.0];

impl LogPanel {
    pub(super) fn head_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Log) {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        ui.spacing_mut().interact_size.y = sizes::CONTROL_SMALL;
        // A search takes the room of the button's text.
        let searching = !self.query.trim().is_empty();
        let has_lines = self.rows.lines() > 0;
        let copy = if searching || ui.available_width() < 500.0 {
            Button::icon("Copy", icons::COPY)
        } else {
            Button::ghost("Copy").with_icon(icons::COPY)
        };
        let copy = copy
            .small()
            .enabled(has_lines)
            .tip("Copy the lines that are shown", &[]);
        let save = Button::icon("Save log…", icons::DOWNLOAD_SIMPLE)
            .small()
            .enabled(has_lines);
        let follow = Button::secondary("Follow")
            .small()
            .switch(self.follow)
            .tip("Stay at the newest line", &[]);
        let funnel = Button::icon("Filter the log", icons::FUNNEL)
            .small()
            .on(self.filter.is_on());
        let counted = if searching {
            self.hits()
        } else {
            lines(self.rows.lines(), log.len())
        };
        let counted = Text::new(Role::SMALL, &counted).color(tokens(ui).text3);
        let title = Text::new(Role::TITLE, "Log");
        let gap = ui.spacing().item_spacing.x;
        let arrows = if searching {
            2.0 * (sizes::CONTROL_SMALL + gap)
        } else {
            0.0
        };
        let end = arrows + row_end_width(ui, &[funnel, follow, copy, save]);
        let room = ui.available_width() - title.width(ui) - counted.width(ui) - end - 3.0 * gap;
        let field = between(room, FIELD[0], FIELD[1]);
        let content = |ui: &mut Ui| {
            if room >= FIELD[0] {
                row_start(ui, field + gap + end, |ui| {
                    ui.add(title);
                    ui.add(counted);
                });
            } else {
                ui.add(title);
                ui.add(counted);
            }
            ui.allocate_ui(vec2(field, sizes::CONTROL_SMALL), |ui| self.search_ui(ui));
            if searching {
                self.arrows_ui(ui);
            }
            let funnel = ui.add(funnel);
            self.filter.menu(&funnel);
            if ui.add(follow).clicked() {
                self.follow = !self.follow;
                self.go = self.follow.then_some(Go::End);
            }
            if ui.add(copy).clicked() {
                self.with_text(ctx, log, Command::CopyText);
            }
            if ui.add(save).clicked() {
                let stem = &job.name;
                let name = format!("{stem}.log");
                self.with_text(ctx, log, move |text| Command::SaveText { text, name });
            }
        };
        if room >= FIELD[0] {
            row(ui, sizes::CONTROL_SMALL, content);
        } else {
            ui.horizontal_wrapped(content);
        }
    }

    fn search_ui(&mut self, ui: &mut Ui) {
        let search = Field::search(search_id(), &mut self.query, "Search log")
            .keys(&["Ctrl", "F"])
            .small();
        let search = ui.add(search);
        if search.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            self.step(ui.input(|input| input.modifiers.shift));
            search.request_focus();
        }
        if shortcuts_apply(ui) && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
            ui.memory_mut(|memory| memory.request_focus(search_id()));
        }
    }

    fn arrows_ui(&mut self, ui: &mut Ui) {
        let any = self.find.count() > 0;
        for (label, icon, keys, back) in [
            ("Previous match", icons::CARET_UP, &["Shift", "Enter"][..], true),
            ("Next match", icons::CARET_DOWN, &["Enter"][..], false),
        ] {
            let arrow = Button::icon(label, icon).small().enabled(any).tip(label, keys);
            if ui.add(arrow).clicked() {
                self.step(back);
            }
        }
    }

    fn hits(&self) -> String {
        let count = format::count(self.find.count());
        match self.find.current() {
            Some((_, at)) => format!("{} of {count}", format::count(at + 1)),
            None if self.find.count() > 0 => count,
            None => "No match".to_owned(),
        }
    }
}

/// The number of lines as text: `14 lines`, `3 of 14 lines`.
fn lines(shown: usize, all: usize) -> String {
    let word = if all == 1 { "line" } else { "lines" };
    let all_of = format::count(all);
    if shown == all {
        format!("{all_of} {word}")
    } else {
        format!("{} of {all_of} {word}", format::count(shown))
    }
}
