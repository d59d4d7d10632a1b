//! From a batch to jobs, one a video, one after the other.

use std::collections::VecDeque;
use std::path::PathBuf;

use egui::Context;
use posterframe_client::{Client, ErrorText};
use posterframe_contract::{Interpretation, JobId, OutputRequest, SheetRequest};
use posterframe_player::{Failure, Footage};

use super::row::State;
use super::{Batch, Filter};
use crate::context::{Command, Commands, Engine, RequestState, Requested, source};
use crate::distant::{Opener, submit};
use crate::frame_choice::choices_of;
use crate::job_text::counted;
use crate::select::Picked;

/// Videos on their way to jobs.
pub(super) struct Sending {
    client: Client,
    commands: Commands,
    outputs: Vec<OutputRequest>,
    sheets: Vec<SheetRequest>,
    waiting: VecDeque<PathBuf>,
    current: Option<(PathBuf, Requested<JobId>)>,
    pub(super) total: usize,
    pub(super) done: usize,
    failed: usize,
}

impl Batch {
    /// Submits all that is ready. `outputs` are those of rows that have none of their own.
    pub(super) fn submit(
        &mut self,
        client: &Client,
        commands: &Commands,
        outputs: &[OutputRequest],
        sheets: &[SheetRequest],
    ) {
        let ready = self.rows.iter().filter(|row| row.is_ready());
        let waiting: VecDeque<PathBuf> = ready.map(|row| row.path.clone()).collect();
        if waiting.is_empty() || self.sending.is_some() {
            return;
        }
        self.sending = Some(Sending {
            client: client.clone(),
            commands: commands.clone(),
            outputs: outputs.to_vec(),
            sheets: sheets.to_vec(),
            total: waiting.len(),
            waiting,
            current: None,
            done: 0,
            failed: 0,
        });
    }

    /// Stops submitting: what is a job stays one.
    pub(super) fn stop_sending(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.waiting.clear();
        }
    }

    /// Takes in the job that is there, and begins the next.
    pub(super) fn submit_next(&mut self, (ctx, engine): (&Context, &Engine), opener: &Opener) {
        let Some(sending) = &mut self.sending else { return };
        if let Some((path, job)) = &mut sending.current {
            let state = match job.state() {
                RequestState::Here(job) => State::Sent(*job),
                RequestState::Unavailable(reason, _) => {
                    sending.failed += 1;
                    State::Failed(Failure {
                        text: reason.to_owned(),
                        advice: String::new(),
                    })
                }
                RequestState::Pending(_) | RequestState::NotRequested => return,
            };
            sending.done += 1;
            if let Some(row) = self.rows.iter_mut().find(|row| row.path == *path) {
                row.state = state;
            }
            self.is_changed = true;
            sending.current = None;
        }
        let Some(path) = sending.waiting.pop_front() else {
            let sent = sending.done - sending.failed;
            let text = match sending.failed {
                0 => format!("Submitted {}", counted(sent, "video")),
                failed => format!("Submitted {}; {failed} could not be", counted(sent, "video")),
            };
            sending.commands.send(Command::Offer {
                text,
                label: "Show jobs",
                command: Box::new(Command::Show(crate::context::View::Jobs)),
            });
            if sending.failed > 0 {
                self.filter = Filter::Unreadable;
            }
            self.sending = None;
            return;
        };
        let Some(row) = self.rows.iter().find(|row| row.path == path) else {
            return;
        };
        let picked: Vec<Picked> = row.frames().iter().map(|chosen| chosen.picked).collect();
        let outputs = row.outputs.clone().unwrap_or_else(|| sending.outputs.clone());
        let (client, sheets) = (sending.client.clone(), sending.sheets.clone());
        let (ctx, video, opener) = (ctx.clone(), row.video.clone(), opener.clone());
        let waker = ctx.clone();
        let job = engine.request_blocking(&waker, move || {
            let words = |error: anyhow::Error| format!("{error:#}");
            let source = source(&ctx, &opener, &video).map_err(|error| error.to_string())?;
            let footage = Footage::new(source, Interpretation::default());
            let frames = choices_of(&footage, &picked).map_err(words)?;
            let submitted = submit(&client, (&video, &footage), frames, (outputs, sheets));
            submitted.map_err(|error| ErrorText::of(&error).to_string())
        });
        sending.current = Some((path, job));
        waker.request_repaint();
    }
}
