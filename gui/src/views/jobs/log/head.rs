//! The log's head: how many lines, search, filter, follow, copy and save.

use egui::{Align2, CornerRadius, Key, Modifiers, Rect, Ui, pos2};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Field, Text, hline, shortcuts_apply};

use super::{Go, LogPanel, search_id};
use crate::context::{Command, ViewContext};
use crate::format;

/// The search field: as wide as it is drawn, and as narrow as it is of use.
const FIELD: [f32; 2] = [168.0, 72.0];

impl LogPanel {
    pub(super) fn head_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Log) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        let corner = CornerRadius {
            nw: sizes::RADIUS_CARD,
            ne: sizes::RADIUS_CARD,
            sw: 0,
            se: 0,
        };
        ui.painter().rect_filled(rect.shrink(1.0), corner, t.panel);
        hline(
            ui,
            (rect.left() + 1.0)..=(rect.right() - 1.0),
            rect.bottom() - 1.0,
        );
        let y = rect.center().y;
        let place = Rect::from_min_max(pos2(rect.left() + 13.0, y - 9.0), pos2(rect.right(), y + 9.0));
        let left = Text::new(Role::TITLE, "Log")
            .at(ui, place, Align2::LEFT_CENTER)
            .rect
            .right()
            + 8.0;

        // A search needs the room of the word.
        let searching = !self.query.trim().is_empty();
        let (something, narrow) = (self.rows.lines() > 0, rect.width() < 520.0);
        let copy = if searching || narrow {
            Button::icon("Copy", icons::COPY)
        } else {
            Button::ghost("Copy").with_icon(icons::COPY)
        };
        let copy = copy
            .small()
            .enabled(something)
            .tip("Copy the lines that are shown", &[]);
        let save = Button::icon("Save log…", icons::DOWNLOAD_SIMPLE)
            .small()
            .enabled(something);
        let follow = Button::secondary("Follow")
            .small()
            .switch(self.follow)
            .tip("Stay at the newest line", &[]);
        let funnel = Button::icon("Filter the log", icons::FUNNEL)
            .small()
            .on(self.filter.is_on());
        let mut right = rect.right() - 9.0;
        // A place of that width before the ones that are taken, with a gap to the next.
        let before = |right: &mut f32, width: f32, gap: f32| {
            let place = Rect::from_min_max(pos2(*right - width, y - 14.0), pos2(*right, y + 14.0));
            *right = place.left() - gap;
            place
        };
        let at_save = before(&mut right, 28.0, 0.0);
        let at_copy = before(&mut right, copy.width(ui), 8.0);
        let at_follow = before(&mut right, follow.width(ui), 4.0);
        let at_funnel = before(&mut right, 28.0, 4.0);
        let arrows = searching.then(|| (before(&mut right, 28.0, 0.0), before(&mut right, 28.0, 4.0)));
        let counted = if searching {
            self.hits()
        } else {
            lines(self.rows.lines(), log.len())
        };
        let words = Text::new(Role::SMALL, &counted).color(t.text3);
        let room = (right - left - words.width(ui) - 12.0).clamp(FIELD[1], FIELD[0]);
        let field = before(&mut right, room, 8.0);

        let search = Field::search(search_id(), &mut self.query, "Search log")
            .keys(&["Ctrl", "F"])
            .small()
            .at(ui, field);
        let enter = search.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let back = ui.input(|input| input.modifiers.shift);
        if enter {
            self.step(back);
            search.request_focus();
        }
        if let Some((down, up)) = arrows {
            let some = self.find.count() > 0;
            let button = |label, icon| Button::icon(label, icon).small().enabled(some);
            let up = button("Previous match", icons::CARET_UP)
                .tip("Previous match", &["Shift", "Enter"])
                .at(ui, up);
            let down = button("Next match", icons::CARET_DOWN)
                .tip("Next match", &["Enter"])
                .at(ui, down);
            if up.clicked() || down.clicked() {
                self.step(up.clicked());
            }
        }
        let funnel = funnel.at(ui, at_funnel);
        self.filter.menu(&funnel);
        if follow.at(ui, at_follow).clicked() {
            self.follow = !self.follow;
            self.go = self.follow.then_some(Go::End);
        }
        if copy.at(ui, at_copy).clicked() {
            self.with_text(ctx, log, Command::CopyText);
        }
        if save.at(ui, at_save).clicked() {
            let stem = job.thumbnail_name().trim_end_matches(".png");
            let name = format!("{stem}.log");
            self.with_text(ctx, log, move |text| Command::SaveText { text, name });
        }
        let place = Rect::from_min_max(pos2(left, y - 8.0), pos2((field.left() - 4.0).max(left), y + 8.0));
        words.at(ui, place, Align2::LEFT_CENTER);
        if shortcuts_apply(ui) && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
            ui.memory_mut(|memory| memory.request_focus(search_id()));
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

/// `14 lines`, `3 of 14 lines`.
fn lines(shown: usize, all: usize) -> String {
    let word = if all == 1 { "line" } else { "lines" };
    let all_of = format::count(all);
    if shown == all {
        format!("{all_of} {word}")
    } else {
        format!("{} of {all_of} {word}", format::count(shown))
    }
}
