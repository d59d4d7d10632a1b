//! Keys that work in every view. Each view handles its own keys itself.

use egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::App;
use crate::context::{Command, View};

impl App {
    pub(super) fn take_keys(&mut self, ctx: &Context) {
        let shortcuts = [
            (Key::O, Command::OpenFiles),
            (Key::B, Command::OpenBucket),
            (Key::Num1, Command::Show(View::New)),
            (Key::Num2, Command::Show(View::Jobs)),
            (Key::Num3, Command::Show(View::Gallery)),
            (Key::Comma, Command::OpenSettings),
        ];
        for (key, command) in shortcuts {
            let shortcut = KeyboardShortcut::new(Modifiers::COMMAND, key);
            if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
                self.commands.send(command);
            }
        }
    }
}
