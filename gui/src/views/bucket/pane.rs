//! The selected video at the right: a picture, its facts, and what was read for them.

use egui::{Align, Frame, Layout, Margin, Sense, Ui, vec2};
use posterframe_client::capitalized;
use posterframe_frame::VideoInfo;
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Fit, Glyph, Text, icon, paint_picture};

use super::{BucketModal, Look};
use crate::context::{Command, Commands};
use crate::format;

/// The picture's shape.
const PICTURE: f32 = 162.0;
const LABELS: f32 = 80.0;
const RECEIPT: f32 = 36.0;

impl BucketModal {
    pub(super) fn pane_ui(&self, ui: &mut Ui, commands: &Commands) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let t = tokens(ui);
        let (slot, _) = ui.allocate_exact_size(vec2(ui.available_width(), PICTURE), Sense::hover());
        let Some(look) = &self.look else {
            ui.painter().rect_filled(slot, sizes::RADIUS, t.raised);
            icon(
                ui.painter(),
                slot.center(),
                icons::FILE_VIDEO,
                Face::Icon,
                24.0,
                t.dis,
            );
            ui.add_space(12.0);
            ui.add(Text::new(Role::SMALL, "Select a video to see what is in it").color(t.text3));
            return;
        };
        if let Some(texture) = &look.picture {
            let picture = (texture.id(), texture.size_vec2());
            paint_picture(ui, slot, sizes::RADIUS, picture, Fit::Contain);
        } else {
            ui.painter().rect_filled(slot, sizes::RADIUS, t.raised);
            let symbol = if look.failure.is_some() || look.object.is_archived {
                icons::WARNING_CIRCLE
            } else {
                icons::CIRCLE_NOTCH
            };
            icon(ui.painter(), slot.center(), symbol, Face::Icon, 24.0, t.dis);
        }
        ui.add_space(12.0);
        ui.add(Text::new(Role::CARD, look.object.name()))
            .on_hover_text(look.place().to_string());
        ui.add_space(1.0);
        let length = look
            .info
            .as_ref()
            .and_then(|info| info.duration)
            .map(format::length);
        let facts = [Some(format::bytes(look.object.bytes)), length];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        ui.add(Text::new(Role::SMALL, &facts.join(" · ")).color(t.text2));
        ui.add_space(16.0);
        if look.object.is_archived {
            let words = "It is in the archive: restore it in S3 first, which takes minutes to hours";
            ui.add(Text::new(Role::SMALL, words).color(t.text2).wrap());
        } else if let Some(failure) = &look.failure {
            ui.add(
                Text::new(Role::SMALL, &capitalized(&failure.text))
                    .color(t.red)
                    .wrap(),
            );
            ui.add_space(6.0);
            ui.add(Text::new(Role::SMALL, &failure.advice).color(t.text2).wrap());
            ui.add_space(10.0);
            if ui.add(Button::secondary("Copy").small()).clicked() {
                commands.send(Command::CopyText(format!("{}. {}", failure.text, failure.advice)));
            }
        } else if let Some(info) = &look.info {
            facts_ui(ui, info);
        }
        receipt_ui(ui, look);
    }
}

fn facts_ui(ui: &mut Ui, info: &VideoInfo) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = 8.0;
    // No row is higher than what is in it.
    ui.spacing_mut().interact_size.y = 16.0;
    let rate = info.frame_rate.map(format::frame_rate);
    let size = format!("{} × {}", info.width, info.height);
    let picture = [Some(size), rate]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let timecodes = info
        .timecodes
        .as_ref()
        .ok()
        .filter(|timecodes| timecodes.is_own());
    let rows = [
        ("Video", Some(info.codec_label.clone())),
        ("Picture", Some(picture)),
        ("Colour", info.colours.label()),
        (
            "Audio",
            Some(info.audio.clone().unwrap_or_else(|| "None".to_owned())),
        ),
        (
            "Timecode",
            timecodes.map(|timecodes| timecodes.scale().start().to_string()),
        ),
    ];
    for (label, words) in rows {
        let Some(words) = words else { continue };
        ui.horizontal(|ui| {
            ui.scope(|ui| {
                ui.set_width(LABELS);
                ui.add(Text::new(Role::SMALL, label).color(t.text3));
            });
            ui.add(Text::new(Role::SMALL, &words));
        });
    }
}

/// What was read, at the foot of the pane.
fn receipt_ui(ui: &mut Ui, look: &Look) {
    let t = tokens(ui);
    let Some(receipt) = look.receipt() else { return };
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        let frame = Frame::NONE
            .fill(t.raised)
            .corner_radius(sizes::RADIUS)
            .inner_margin(Margin::symmetric(12, 10));
        frame.show(ui, |ui| {
            ui.set_height(RECEIPT - 20.0);
            ui.take_available_width();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(Glyph::new(icons::RECEIPT, 16.0, t.text3));
                ui.add(Text::new(Role::SMALL, &receipt).color(t.text2));
            });
        });
    });
}
