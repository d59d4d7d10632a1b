//! From marks to a job. The pixels' hash, the stills and the history's database take time: none of it on the window's
//! thread.

use std::path::{Path, PathBuf};

use egui::Context;
use posterframe_client::{Client, ErrorText, Paths, PreflightIssue, Submission};
use posterframe_contract::{JobId, OutputRequest, Position, SheetRequest};
use posterframe_player::VideoSource;

use super::NewView;
use super::distant::blocks;
use super::model::{OpenVideo, PendingChoice};
use super::sent::Sent;
use crate::context::{Command, Commands, Engine, RequestState, Requested};
use crate::distant::{self, Location};
use crate::fetch::{STOPPED, fetch};

/// A submission on its way.
#[derive(Default)]
pub(super) struct Submit {
    video: PathBuf,
    frames: Vec<Position>,
    job: Requested<JobId>,
    pub(super) sent: Sent,
}

/// What the button says, and whether it can be pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ButtonState {
    pub(super) label: String,
    pub(super) enabled: bool,
    pub(super) busy: bool,
}

impl Submit {
    /// What the button says for `video`; `ready` says that there is a backend, and nothing against a submit.
    pub(super) fn button(&mut self, video: &OpenVideo, client: Option<&Client>, ready: bool) -> ButtonState {
        if self.job.is_pending() {
            let copied = video
                .distant
                .as_ref()
                .and_then(|distant| distant.copying.copied());
            return ButtonState {
                label: match copied {
                    Some(copied) => format!("Copying {} %", copied * 100 / video.bytes.max(1)),
                    None => "Preparing…".to_owned(),
                },
                enabled: false,
                busy: true,
            };
        }
        let (label, something) = match video.marks.all().len() {
            0 if self.is_repeated(video, client, &video.positions()) => {
                ("This frame is submitted".to_owned(), false)
            }
            0 => ("Submit this frame".to_owned(), video.playhead.is_settled()),
            1 => ("Submit 1 frame".to_owned(), true),
            count => (format!("Submit {count} frames"), true),
        };
        ButtonState {
            label,
            // What waits for its frame is not left behind.
            enabled: something
                && ready
                && video.failure.is_none()
                && video.waiting.is_empty()
                && !blocks(video),
            busy: false,
        }
    }

    /// Whether this frame is on its way already: a second press of Enter is no second submit.
    fn is_repeated(&self, video: &OpenVideo, client: Option<&Client>, frames: &[Position]) -> bool {
        match frames {
            [frame] if video.marks.all().is_empty() => self.sent.is_under_way(client, &video.path, *frame),
            _ => false,
        }
    }

    /// Takes in the job once it is there. Returns the video and those of its frames that are submitted.
    pub(super) fn update(&mut self, commands: &Commands) -> Option<(&Path, &[Position])> {
        let job = match self.job.state() {
            RequestState::Here(job) => Ok(*job),
            RequestState::Unavailable(reason, _) => Err(reason.to_owned()),
            RequestState::Pending(_) | RequestState::NotRequested => return None,
        };
        self.job = Requested::default();
        match job {
            Ok(job) => {
                self.sent.add(job);
                Some((&self.video, &self.frames))
            }
            // Who has stopped it knows.
            Err(reason) if reason.contains(STOPPED) => None,
            Err(reason) => {
                commands.send(Command::Complain(reason));
                None
            }
        }
    }
}

impl NewView {
    /// Submits these frames of a video, with the files to make of each and the sheets to make of all of it, as
    /// [`Command::Submit`] says, unless something stands against it, which is on the screen then.
    pub fn submit(
        &mut self,
        ctx: &Context,
        (path, frames, outputs, sheets): (PathBuf, Vec<Position>, Vec<OutputRequest>, Vec<SheetRequest>),
        engine: &Engine,
        (client, paths): (Option<&Client>, &Paths),
        makes_here: bool,
    ) {
        let video = self.videos.iter_mut().find(|video| video.path == path);
        let (Some(video), Some(client)) = (video, client.cloned()) else {
            return;
        };
        let Some(footage) = video.footage() else { return };
        let submit = &mut self.submit;
        if self.checks.block() || submit.job.is_pending() || submit.is_repeated(video, Some(&client), &frames)
        {
            return;
        }
        let choices = video.choices(&frames);
        if choices.is_empty() {
            return;
        }
        let makes_here = makes_here && self.checks.long_upload().is_some();
        let outputs = video.named_outputs(&outputs);
        let opened = video.opened.value().cloned();
        let location = video.location();
        let copying = video.distant.as_ref().map(|distant| distant.copying.clone());
        let paths = paths.clone();
        submit.video.clone_from(&path);
        submit.frames = frames;
        submit.job = engine.request_blocking(ctx, move || {
            // The look on the screen may be older than the file.
            let changed = opened.is_some_and(|opened| {
                let findings = client.check(&opened, footage.interpretation, &[]);
                findings.contains(&PreflightIssue::Changed)
            });
            if changed {
                return Err(format!(
                    "The file has changed since it was opened: open it again. {}",
                    path.display()
                ));
            }
            let words = |error: anyhow::Error| format!("{error:#}");
            let frames = PendingChoice::finish(&footage, choices).map_err(words)?;
            let location = match (copying.filter(|copying| copying.is_wanted), &footage.source) {
                (Some(copying), VideoSource::Remote(remote)) => {
                    copying.begin();
                    let copy = fetch(remote, &paths, &|copied| copying.goes_on(copied));
                    copying.end();
                    Location::File(copy.map_err(words)?)
                }
                _ => location,
            };
            let submitted = if makes_here {
                client.submit_here(Submission {
                    video: path,
                    frames,
                    outputs,
                    sheets,
                    interpretation: footage.interpretation,
                })
            } else {
                distant::submit(&client, (&location, &footage), frames, (outputs, sheets))
            };
            submitted.map_err(|error| ErrorText::of(&error).to_string())
        });
    }

    /// Asks for a submit of the shown video, now or once its frame is there.
    pub(super) fn submit_shown(&mut self, commands: &Commands) {
        if let Some(video) = self.videos.get_mut(self.selected)
            && let Some(frames) = video.submit()
        {
            let video = video.path.clone();
            commands.send(Command::Submit { video, frames });
        }
    }

    /// Submits what has waited for its frame, if its video is shown.
    pub(super) fn submit_due(&mut self, commands: &Commands) {
        for (index, video) in self.videos.iter_mut().enumerate() {
            let Some(frames) = video.due.take() else { continue };
            if index == self.selected {
                let video = video.path.clone();
                commands.send(Command::Submit { video, frames });
            } else {
                commands.send(not_submitted(&video.name));
            }
        }
    }
}

/// Tells that a submit has come to nothing because another video is shown.
pub(super) fn not_submitted(name: &str) -> Command {
    Command::Toast(format!(
        "{name} was not submitted: its frame was not there yet. Submit it from its tab"
    ))
}
