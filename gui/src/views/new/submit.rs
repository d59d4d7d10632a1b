//! From marks to jobs. The pixels' hash, the stills and the history's database take time: none of it on the window's
//! thread.

use std::path::{Path, PathBuf};

use egui::Context;
use posterframe_client::{Client, Finding, Submission};
use posterframe_contract::JobId;

use super::model::{Mark, OpenVideo, PendingChoice};
use super::sent::Sent;
use crate::app::in_words;
use crate::context::{Command, Commands, Remote, RemoteState, ViewContext};

/// A submission on its way.
#[derive(Default)]
pub(super) struct Submit {
    video: PathBuf,
    jobs: Remote<Vec<JobId>>,
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
        if self.jobs.is_pending() {
            return ButtonState {
                label: "Preparing…".to_owned(),
                enabled: false,
                busy: true,
            };
        }
        let under_way =
            |position| video.marks.all().is_empty() && self.sent.is_under_way(client, &video.path, position);
        let (label, something) = match video.marks.all().len() {
            // A second press of Enter is no second submit.
            0 if video
                .frame
                .as_ref()
                .is_some_and(|frame| under_way(frame.position)) =>
            {
                ("This frame is submitted".to_owned(), false)
            }
            0 => ("Submit this frame".to_owned(), video.is_settled()),
            1 => ("Submit 1 frame".to_owned(), true),
            count => (format!("Submit {count} frames"), true),
        };
        ButtonState {
            label,
            // A mark that waits for its frame is not left behind.
            enabled: something && ready && video.failure.is_none() && video.marking.is_none(),
            busy: false,
        }
    }

    /// Submits the marks of `video`, or the frame on the screen where nothing is marked.
    pub(super) fn start(&mut self, ctx: &Context, video: &mut OpenVideo, context: &ViewContext<'_>) {
        if !self
            .button(video, context.client, context.client.is_some())
            .enabled
        {
            return;
        }
        let Some(client) = context.client.cloned() else {
            return;
        };
        let mut choices: Vec<PendingChoice> = video.marks.all().iter().map(Mark::pending_choice).collect();
        if choices.is_empty()
            && let Some(frame) = &video.frame
        {
            choices.push(PendingChoice::of(frame, video.number_of(frame.time)));
        }
        self.video.clone_from(&video.path);
        let path = video.path.clone();
        let opened = video.opened.value().cloned();
        self.jobs = context.engine.request_blocking(ctx, move || {
            // The look on the screen may be older than the file.
            let changed = opened.is_some_and(|opened| client.check(&opened, &[]).contains(&Finding::Changed));
            if changed {
                return Err(format!(
                    "The file has changed since it was opened: open it again. {}",
                    path.display()
                ));
            }
            let frames = choices.into_iter().map(PendingChoice::finish).collect();
            client
                .submit(Submission { video: path, frames })
                .map_err(|error| in_words(&error))
        });
    }

    /// Takes in the jobs once they are there. Returns the video whose marks are submitted.
    pub(super) fn update(&mut self, commands: &Commands) -> Option<&Path> {
        let jobs = match self.jobs.state() {
            RemoteState::Here(jobs) => Ok(jobs.clone()),
            RemoteState::Unavailable(reason, _) => Err(reason.to_owned()),
            RemoteState::Pending(_) | RemoteState::NotRequested => return None,
        };
        self.jobs = Remote::default();
        match jobs {
            Ok(jobs) => {
                self.sent.add(&jobs);
                Some(&self.video)
            }
            Err(reason) => {
                commands.send(Command::Complain(reason));
                None
            }
        }
    }
}
