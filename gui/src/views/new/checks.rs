//! What is said before a submit: a file that changed, names that are taken or too long.

use std::time::Duration;

use egui::{Context, Frame, Margin, Ui};
use posterframe_client::{JobState, PreflightIssue};
use posterframe_contract::{Interpretation, Position};
use posterframe_kit::theme::{self, Role, icons, sizes};
use posterframe_kit::widgets::{Button, Glyph, Text};
use time::OffsetDateTime;

use super::lists::padded;
use super::model::OpenVideo;
use crate::context::{Requested, ViewContext};
use crate::job_text;

/// The most findings that are shown one by one: more would push the names out of sight.
const MAX_FINDINGS: usize = 3;
/// From such an upload on, making the files on this computer is offered.
const LONG_UPLOAD: Duration = Duration::from_mins(1);

/// What a look is for: another one is needed when this changes.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    video: std::path::PathBuf,
    opened: i128,
    positions: Vec<Position>,
    interpretation: Interpretation,
    /// Thumbnails that there are.
    done: usize,
    /// Who comes back from another program may have changed the file there.
    focused: bool,
}

/// What the newest look has found.
#[derive(Default)]
pub(super) struct Checks {
    subject: Option<Subject>,
    findings: Requested<Look>,
}

/// What a look has found.
struct Look {
    issues: Vec<PreflightIssue>,
    /// How long the upload would take, where something is known of that.
    upload: Option<Duration>,
}

impl Checks {
    /// Looks again where something has changed; the look itself is taken off this thread.
    pub(super) fn update(&mut self, ctx: &Context, video: &mut OpenVideo, context: &ViewContext<'_>) {
        if video.distant.is_some() {
            *self = Self::default();
            return;
        }
        let positions = video.positions();
        let (Some(client), Some(opened)) = (context.client, video.opened.value()) else {
            return;
        };
        let jobs = client.jobs();
        let subject = Subject {
            video: opened.path.clone(),
            opened: opened.modified_unix_nanos,
            positions,
            interpretation: video.interpretation,
            done: jobs.iter().filter(|job| job.state == JobState::Done).count(),
            focused: ctx.input(|input| input.focused),
        };
        if self.subject.as_ref() == Some(&subject) {
            return;
        }
        let (client, opened, positions) = (client.clone(), opened.clone(), subject.positions.clone());
        let interpretation = subject.interpretation;
        let another = self
            .subject
            .as_ref()
            .is_none_or(|before| before.video != subject.video);
        let look = context.engine.request_blocking(ctx, move || {
            Ok::<_, std::convert::Infallible>(Look {
                issues: client.check(&opened, interpretation, &positions),
                upload: client.upload_time(opened.bytes),
            })
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
            .is_some_and(|look| look.issues.iter().any(PreflightIssue::blocks))
    }

    /// Whether the bucket has the video already.
    pub(super) fn is_stored(&mut self) -> bool {
        let look = self.findings.value();
        look.is_some_and(|look| look.issues.contains(&PreflightIssue::Stored))
    }

    /// How long the upload would take, where that is so long that the job is better made on this computer.
    pub(super) fn long_upload(&mut self) -> Option<Duration> {
        let upload = self.findings.value()?.upload?;
        (upload > LONG_UPLOAD && !self.is_stored()).then_some(upload)
    }

    /// Draws what was found. Whether to open the video again.
    pub(super) fn ui(&mut self, ui: &mut Ui, now: OffsetDateTime) -> bool {
        let Some(findings) = self.findings.value() else {
            return false;
        };
        // That is said beside the button.
        let is_said_here = |finding: &&PreflightIssue| **finding != PreflightIssue::Stored;
        let findings: Vec<_> = findings.issues.iter().filter(is_said_here).collect();
        let mut reopen = false;
        let (first, rest) = findings.split_at(findings.len().min(MAX_FINDINGS));
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
    note_button_ui(ui, Button::secondary("Open it again"))
}

/// The button under a note; whether it was clicked.
pub(super) fn note_button_ui(ui: &mut Ui, button: Button<'_>) -> bool {
    ui.add_space(2.0);
    let clicked = padded(ui, |ui| ui.add(button.small()).clicked());
    ui.add_space(6.0);
    clicked
}

/// Text with a sign before it; on a ground of its own where it is grave, such as forbids a submit.
pub(super) fn note_ui(ui: &mut Ui, words: &str, grave: bool) {
    let t = theme::tokens(ui);
    let (frame, color, sign) = if grave {
        let frame = Frame::NONE.fill(t.warn_tint).corner_radius(sizes::RADIUS);
        let sign = Glyph::new(icons::WARNING, 16.0, t.warn);
        (frame.inner_margin(Margin::symmetric(10, 8)), t.text, sign)
    } else {
        let sign = Glyph::new(icons::WARNING_CIRCLE, 16.0, t.text3);
        (Frame::NONE.inner_margin(Margin::symmetric(0, 2)), t.text2, sign)
    };
    ui.add_space(4.0);
    padded(ui, |ui| {
        frame.show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                ui.add(sign);
                ui.add(Text::new(Role::SMALL, words).color(color).wrap());
                ui.take_available_width();
            });
        });
    });
    ui.add_space(4.0);
}
