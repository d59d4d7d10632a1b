//! What is said before a submit: a file that changed, names that are taken or too long.

use egui::{Align2, Context, Rect, Ui, pos2, vec2};
use posterframe_client::{JobState, PreflightIssue};
use posterframe_contract::Position;
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{Button, Text, icon};
use time::OffsetDateTime;

use super::lists::space;
use super::video::OpenVideo;
use crate::context::{Remote, ViewContext};
use crate::job_text;

const PADDING: f32 = 16.0;
/// More would push the names out of sight.
const MOST: usize = 3;

/// What a look is for: another one is needed when this changes.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    video: std::path::PathBuf,
    opened: i128,
    positions: Vec<Position>,
    /// Thumbnails that there are.
    done: usize,
    /// Who comes back from another program may have changed the file there.
    focused: bool,
}

/// What the newest look has found.
#[derive(Default)]
pub(super) struct Checks {
    subject: Option<Subject>,
    findings: Remote<Vec<PreflightIssue>>,
}

impl Checks {
    /// Looks again where something has changed; the look itself is taken off this thread.
    pub(super) fn update(&mut self, ctx: &Context, video: &mut OpenVideo, context: &ViewContext<'_>) {
        let positions = video.positions();
        let (Some(client), Some(opened)) = (context.client, video.opened.value()) else {
            return;
        };
        let jobs = client.jobs();
        let subject = Subject {
            video: opened.path.clone(),
            opened: opened.modified_unix_nanos,
            positions,
            done: jobs.iter().filter(|job| job.state == JobState::Done).count(),
            focused: ctx.input(|input| input.focused),
        };
        if self.subject.as_ref() == Some(&subject) {
            return;
        }
        let (client, opened, positions) = (client.clone(), opened.clone(), subject.positions.clone());
        let another = self
            .subject
            .as_ref()
            .is_none_or(|before| before.video != subject.video);
        let look = context.engine.request_blocking(ctx, move || {
            Ok::<_, std::convert::Infallible>(client.check(&opened, &positions))
        });
        // Of another video nothing is kept: it would be said of this one.
        if another {
            self.findings = look;
        } else {
            self.findings.renew(look);
        }
        self.subject = Some(subject);
    }

    /// Whether something forbids a submit.
    pub(super) fn block(&mut self) -> bool {
        self.findings
            .value()
            .is_some_and(|findings| findings.iter().any(PreflightIssue::blocks))
    }

    /// Draws what was found. Whether to open the video again.
    pub(super) fn ui(&mut self, ui: &mut Ui, now: OffsetDateTime) -> bool {
        let Some(findings) = self.findings.value() else {
            return false;
        };
        let mut reopen = false;
        let (first, rest) = findings.split_at(findings.len().min(MOST));
        for finding in first {
            reopen |= finding_ui(ui, finding, now);
        }
        if !rest.is_empty() {
            let words = format!("And {} more names that exist already", rest.len());
            note_ui(ui, &words, false);
        }
        reopen
    }
}

/// One of them. Whether to open the video again.
fn finding_ui(ui: &mut Ui, finding: &PreflightIssue, now: OffsetDateTime) -> bool {
    let words = job_text::issue(finding, now);
    note_ui(ui, &words, finding.blocks());
    if *finding != PreflightIssue::Changed {
        return false;
    }
    let row = space(ui, 36.0);
    let button = Button::secondary("Open it again").small();
    let place = Rect::from_min_size(row.min + vec2(15.0, 2.0), vec2(button.width(ui), 28.0));
    button.at(ui, place).clicked()
}

/// A row of text with a sign before it; on a ground of its own where it is grave, such as forbids a submit.
pub(super) fn note_ui(ui: &mut Ui, words: &str, grave: bool) {
    let t = theme::tokens(ui);
    let (ground, color, symbol, sign) = if grave {
        (Some(t.warn_tint), t.text, icons::WARNING, t.warn)
    } else {
        (None, t.text2, icons::WARNING_CIRCLE, t.text3)
    };
    let text = Text::new(Role::SMALL, words).color(color).wrap();
    let width = ui.available_width() - 15.0 - PADDING;
    let height = text.galley(ui, width - 42.0).size().y;
    let row = space(ui, height + if grave { 24.0 } else { 12.0 });
    let row = Rect::from_min_max(row.min + vec2(15.0, 4.0), row.max - vec2(PADDING, 4.0));
    if let Some(ground) = ground {
        ui.painter().rect_filled(row, 6, ground);
    }
    let left = if grave { 10.0 } else { 0.0 };
    let top = row.center().y - height / 2.0;
    icon(
        ui.painter(),
        pos2(row.left() + left + 8.0, top + 8.0),
        symbol,
        Face::Icon,
        16.0,
        sign,
    );
    let place = Rect::from_min_size(pos2(row.left() + left + 24.0, top), vec2(width - 42.0, height));
    text.at(ui, place, Align2::LEFT_TOP);
}
