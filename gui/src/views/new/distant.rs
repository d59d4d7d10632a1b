//! What is said of a video at a distance: where it is, and what is to be known before a submit.

use egui::{Ui, vec2};
use posterframe_client::Client;
use posterframe_kit::theme::{self, Role, icons};
use posterframe_kit::widgets::{Button, Copyable, Glyph, Text};
use posterframe_remote::Remote;

use super::Action;
use super::checks::{note_button_ui, note_ui};
use super::model::{Distant, OpenVideo};
use crate::context::{Command, Commands};
use crate::job_text;

/// Whether a submit would be of another version than the one on the screen.
pub(super) fn blocks(video: &OpenVideo) -> bool {
    let remote = video.distant.as_ref().and_then(Distant::remote);
    remote.is_some_and(Remote::was_replaced)
}

/// Its address, to be copied. Nothing for a file.
pub(super) fn address_ui(ui: &mut Ui, video: &OpenVideo, commands: &Commands) {
    let Some(distant) = &video.distant else { return };
    let t = theme::tokens(ui);
    let address = distant.place.to_string();
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 0.0);
        ui.add(Glyph::new(icons::CLOUD, 14.0, t.text2));
        let shown = shortened(&address, |address| {
            Text::new(Role::MONO_SMALL, address).width(ui) + Copyable::ICON <= ui.available_width()
        });
        let copyable = Copyable::new(&shown, "Copy the address");
        let response = ui.add(copyable.role(Role::MONO_SMALL).color(t.text2));
        let response = if shown == address {
            response
        } else {
            response.on_hover_text(&address)
        };
        if response.clicked() {
            commands.send(Command::CopyText(address.clone()));
        }
    });
}

/// An address without the folders in its middle, where it does not fit: `s3://media/…/meadow.mov`.
fn shortened(address: &str, fits: impl Fn(&str) -> bool) -> String {
    let short = || {
        let (scheme, path) = address.split_once("://")?;
        let (start, rest) = path.split_once('/')?;
        let (_, name) = rest.rsplit_once('/')?;
        Some(format!("{scheme}://{start}/…/{name}"))
    };
    if fits(address) {
        address.to_owned()
    } else {
        short().unwrap_or_else(|| address.to_owned())
    }
}

/// Draws what is to be known before a submit: it was replaced, or no task may read it where it is.
pub(super) fn notes_ui(ui: &mut Ui, video: &OpenVideo, client: Option<&Client>) -> Option<Action> {
    let distant = video.distant.as_ref()?;
    let mut action = None;
    if blocks(video) {
        let words = format!("{} was replaced since it was opened", video.name);
        note_ui(ui, &words, true);
        let tip = "Opens the new one. Marks of the one before are not kept";
        if note_button_ui(ui, Button::secondary("Open the new one").tip(tip, &[])) {
            action = Some(Action::Reopen);
        }
        return action;
    }
    if distant.copying.copied().is_some() {
        note_ui(
            ui,
            "The video is copied to this computer, and sent from here",
            false,
        );
        if note_button_ui(ui, Button::secondary("Stop copying")) {
            action = Some(Action::Copy(true));
        }
        return action;
    }
    let issues = client?.check_remote(&distant.described()?);
    for issue in &issues {
        if !distant.copying.is_wanted {
            note_ui(ui, &job_text::remote_issue(issue), false);
        }
    }
    if issues.is_empty() {
        return None;
    }
    if distant.copying.is_wanted {
        let words = "A submit copies the video to this computer first, and sends it from here";
        note_ui(ui, words, false);
        note_button_ui(ui, Button::secondary("Let the task read it")).then_some(Action::Copy(false))
    } else {
        note_button_ui(ui, Button::secondary("Upload it instead")).then_some(Action::Copy(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if an address loses its bucket or its name, or is shortened where it need not be.
    #[test]
    fn long_addresses_lose_their_middle() {
        let long = "s3://media/masters/2026/meadow.mov";
        assert_eq!(shortened(long, |_| true), long);
        assert_eq!(shortened(long, |_| false), "s3://media/…/meadow.mov");
        assert_eq!(
            shortened("s3://media/meadow.mov", |_| false),
            "s3://media/meadow.mov"
        );
    }
}
