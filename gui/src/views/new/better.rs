//! What is wrong with the frames to submit, and better ones beside them.

use std::time::{Duration, Instant};

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, TextureHandle, Ui, WidgetInfo, pos2, vec2};
use posterframe_contract::Position;
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{Fit, Text, focus_ring_inside, icon, paint_picture, tip};
use posterframe_player::{Flaw, Player};

use super::lists::space;
use super::video::{OpenVideo, Picture};

/// How long the frames to submit stay the same before they are looked at.
const REST: Duration = Duration::from_millis(400);
const PADDING: f32 = 16.0;
const GAP: f32 = 8.0;
/// Pictures beside each other.
const COLUMNS: f32 = 4.0;

/// A frame that may be better.
pub(super) struct Offer {
    time: Duration,
    picture: TextureHandle,
}

/// What is known of a frame.
pub(super) struct Known {
    pub(super) position: Position,
    pub(super) flaw: Option<Flaw>,
    pub(super) better: Vec<Offer>,
}

impl Offer {
    pub(super) const fn new(time: Duration, picture: TextureHandle) -> Self {
        Self { time, picture }
    }
}

/// What is known of the frames to submit. They are looked at one after the other.
#[derive(Default)]
pub(super) struct Looks {
    known: Vec<Known>,
    /// The next one, since when it is, and whether it was asked for.
    next: Option<(Position, Instant, bool)>,
}

impl Looks {
    /// What is known of the frame at `position`.
    pub(super) fn of(&self, position: Position) -> Option<&Known> {
        self.known.iter().find(|known| known.position == position)
    }

    /// Takes in an answer.
    pub(super) fn take_in(&mut self, known: Known) {
        self.known.retain(|other| other.position != known.position);
        self.known.push(known);
    }

    /// Asks for what is not known yet of the frames at `positions`, and forgets the others. Returns how long to wait.
    pub(super) fn want(&mut self, positions: &[Position], player: &Player<Picture>) -> Option<Duration> {
        self.known.retain(|known| positions.contains(&known.position));
        let mut unknown = positions
            .iter()
            .copied()
            .filter(|position| self.of(*position).is_none());
        let kept = self
            .next
            .filter(|(next, ..)| unknown.clone().any(|position| position == *next));
        self.next = kept.or_else(|| unknown.next().map(|position| (position, Instant::now(), false)));
        let (position, since, asked) = self.next.as_mut().filter(|(.., asked)| !*asked)?;
        let rest = REST.saturating_sub(since.elapsed());
        if !rest.is_zero() {
            return Some(rest);
        }
        *asked = true;
        player.look_around(Duration::from_micros(position.as_micros()));
        None
    }

    /// The player is gone: what it was asked for will have to be asked again.
    pub(super) fn pause(&mut self) {
        self.next = None;
    }
}

/// What is wrong with a frame, and better ones to click. `act` is what a click does, as in “Move mark 1 to”. Returns the
/// time of the one that was clicked.
pub(super) fn ui(
    ui: &mut Ui,
    video: &OpenVideo,
    position: Position,
    flaw: Option<Flaw>,
    act: &str,
) -> Option<Duration> {
    let known = video.looks.of(position);
    let flaw = flaw.or(known.and_then(|known| known.flaw))?;
    let offers = known.map_or(&[][..], |known| &known.better);
    let t = theme::tokens(ui);
    let width = ui.available_width() - 15.0 - PADDING;
    let side = (width - 20.0 - (COLUMNS - 1.0) * GAP) / COLUMNS;
    let (high, all) = (
        (side * 9.0 / 16.0).round(),
        if offers.is_empty() { 0.0 } else { 26.0 },
    );
    let row = space(ui, 36.0 + if offers.is_empty() { 0.0 } else { high + all });
    let row = Rect::from_min_max(row.min + vec2(15.0, 4.0), row.max - vec2(PADDING, 0.0));
    ui.painter().rect_filled(row, 6, t.warn_tint);
    let sign = pos2(row.left() + 18.0, row.top() + 16.0);
    icon(ui.painter(), sign, icons::WARNING, Face::Icon, 16.0, t.warn);
    let place = Rect::from_min_max(
        row.min + vec2(34.0, 0.0),
        pos2(row.right() - 10.0, row.top() + 32.0),
    );
    Text::new(Role::SMALL, &words(flaw, known)).at(ui, place, Align2::LEFT_CENTER);

    let mut clicked = None;
    for (index, offer) in offers.iter().enumerate() {
        let left = row.left() + 10.0 + index as f32 * (side + GAP);
        let still = Rect::from_min_size(pos2(left, row.top() + 32.0), vec2(side, high));
        let caption = Rect::from_min_size(still.left_bottom() + vec2(0.0, 3.0), vec2(side, 14.0));
        let timecode = Position::from_micros(offer.time.as_micros() as u64).timecode();
        let number = video.number_of(offer.time);
        let name = number.map_or_else(|| timecode.clone(), |number| format!("frame {number}"));
        let label = format!("{act} {name}");
        let id = ui.scope_id().with(("better", position.as_micros(), index));
        let response = ui.interact(still.union(caption), id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
        let picture = (offer.picture.id(), offer.picture.size_vec2());
        paint_picture(ui, still, 4, picture, Fit::Contain);
        let line = if response.hovered() { t.text2 } else { t.border2 };
        ui.painter()
            .rect_stroke(still, 4, Stroke::new(1.0, line), StrokeKind::Inside);
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, still);
        }
        let short = number.map_or_else(|| timecode.clone(), |number| number.to_string());
        Text::new(Role::CAPTION, &short)
            .color(t.text2)
            .at(ui, caption, Align2::CENTER_CENTER);
        if tip(response, &format!("{label}, {timecode}"), &[]).clicked() {
            clicked = Some(offer.time);
        }
    }
    clicked
}

fn words(flaw: Flaw, known: Option<&Known>) -> String {
    let flaw = match flaw {
        Flaw::NearlyBlack => "Nearly black",
        Flaw::Blank => "All of one colour",
        Flaw::Blurred => "Blurred",
    };
    match known {
        None => format!("{flaw} — looking around…"),
        Some(known) if known.better.is_empty() => format!("{flaw}, as are those around"),
        Some(_) => format!("{flaw} — pick another?"),
    }
}
