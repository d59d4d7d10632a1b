//! Why a phase takes longer than it should, and what to look at. The job goes on: nothing here ends it.

use std::time::Duration;

use time::OffsetDateTime;

use super::causes::explain;
use super::redact::redact;
use crate::config::Backend;
use crate::model::{Job, JobState, Phase, Stall, TaskInfo};

/// How long a phase may take on AWS before something is said, in seconds.
const ON_AWS: [u64; 5] = [60, 60, 120, 300, 30];
/// And on this computer, where there is no cold start and no image to pull.
const HERE: [u64; 5] = [60, 10, 20, 60, 10];

impl Job {
    /// Why the phase under way may be stuck, once it has taken suspiciously long.
    pub fn stall(&self, now: OffsetDateTime) -> Option<Stall> {
        if self.state.is_ended() || matches!(self.state, JobState::Queued | JobState::Paused) {
            return None;
        }
        let phase = self.current_phase()?;
        let took = self.phase(phase).patience(now)?;
        let here = self.backend == Backend::THIS_COMPUTER;
        let limits = if here { HERE } else { ON_AWS };
        let late = took >= Duration::from_secs(limits[phase as usize]);
        match phase {
            Phase::Upload => self.upload_stall(late),
            // What the function said is worth knowing at once.
            Phase::Event => (late || self.function_error.is_some()).then(|| self.event_stall(here)),
            Phase::Start => late.then(|| start_stall(self.task.as_ref(), here)),
            // A job that is made here and waits for the network says so itself.
            Phase::Extract => (late && self.wait.is_none()).then(|| {
                stall(
                    "Extracting takes long",
                    "The worker runs, but is not done. A large video without an index is \
                     decoded from its start.",
                    &[
                        "Look at the last lines of the log",
                        "Stop the job if nothing moves",
                    ],
                )
            }),
            Phase::Thumbnail => late.then(|| {
                stall(
                    "The thumbnail cannot be fetched yet",
                    "It is in the bucket, but has not reached this computer.",
                    &["Check the network", "Look at the last lines of the log"],
                )
            }),
        }
    }

    fn upload_stall(&self, late: bool) -> Option<Stall> {
        let still = match &self.upload {
            Some(progress) => progress.bytes_per_second < 1.0 && progress.sent < progress.total,
            None => true,
        };
        // A held-up job says itself what it waits for.
        (late && still && self.wait.is_none()).then(|| {
            stall(
                "Nothing is being sent",
                "The bucket has taken no bytes for a while. What it has stays there: the upload goes on by itself.",
                &["Check the network", "Look at the last lines of the log"],
            )
        })
    }

    fn event_stall(&self, here: bool) -> Stall {
        let Some(error) = &self.function_error else {
            let steps: &[&str] = if here {
                &[
                    "Wait a moment, or restart the backend in the settings",
                    "Stop the job, and retry it",
                ]
            } else {
                &[
                    "Check the bucket's event notifications: they must name the queue",
                    "Check the queue: messages in the dead-letter queue were given up",
                    "Check that the function upload-trigger is enabled and has no errors in its log",
                ]
            };
            return stall(
                "No event has come yet",
                "The video is in the bucket, but no function has picked it up.",
                steps,
            );
        };
        let raw = redact(error).into_owned();
        match explain(error) {
            Some(known) => Stall {
                title: known.title.clone(),
                cause: known.cause.clone(),
                next_steps: known.next_steps.clone(),
                raw,
            },
            None => Stall {
                raw,
                ..stall(
                    "The function could not run the task",
                    "It received the upload's event, and failed. The queue gives it the event again.",
                    &["Mend what the function's log names"],
                )
            },
        }
    }
}

fn start_stall(task: Option<&TaskInfo>, here: bool) -> Stall {
    if here {
        return stall(
            "The task waits for its turn",
            "This computer runs only as many tasks at a time as it has processor cores.",
            &["Wait for the tasks before it", "Stop what you need least"],
        );
    }
    let raw = task.map_or_else(String::new, |task| {
        let network = task
            .network
            .as_deref()
            .map(|state| format!(", network interface {state}"));
        format!("task {}{}", task.last_status, network.unwrap_or_default())
    });
    let pulling = task.is_some_and(|task| task.pull_started.is_some() && task.pull_stopped.is_none());
    let said = match task.map(|task| task.last_status.as_str()) {
        _ if pulling => stall(
            "The task is pulling its image",
            "Fargate caches no images: a large one, or a slow way to the registry, takes minutes.",
            &[
                "Wait: the pull gives up by itself, and says why",
                "Check that the subnet has a route to the registry: a NAT gateway, an internet gateway with a public \
                 address, or VPC endpoints for ECR and S3",
                "Make the image smaller",
            ],
        ),
        Some("PROVISIONING") => stall(
            "The task waits for its network",
            "Fargate has not attached a network interface yet: there may be no capacity, or no free address in the \
             subnet.",
            &[
                "Check that the subnets have free addresses",
                "Add subnets in other zones",
                "Retry in a few minutes",
            ],
        ),
        Some("ACTIVATING") => stall(
            "The task is being activated",
            "Its container is up; ECS finishes the network around it.",
            &["Wait a moment", "Check the service connections of the cluster"],
        ),
        _ => stall(
            "The task does not start",
            "It is pending: Fargate sets up its network, its roles and its image.",
            &[
                "Check that the subnet has a route to ECR, S3 and CloudWatch Logs",
                "Check the execution role",
                "Check Fargate's quota of running tasks",
            ],
        ),
    };
    Stall { raw, ..said }
}

fn stall(title: &str, cause: &str, next_steps: &[&str]) -> Stall {
    Stall {
        title: title.to_owned(),
        cause: cause.to_owned(),
        next_steps: next_steps.iter().map(|&step| step.to_owned()).collect(),
        raw: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use posterframe_contract::JobId;

    use super::*;
    use crate::model::job::tests::job;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds)
    }

    fn in_phase(phase: Phase, state: JobState) -> Job {
        let mut job = job(JobId::new());
        job.begin(phase, at(0));
        job.state = state;
        job
    }

    // Breaks if a job that goes well is called stuck, or a stuck one is passed over.
    #[test]
    fn only_late_phases_stall() {
        let waiting = in_phase(Phase::Event, JobState::Waiting);
        assert_eq!(waiting.stall(at(59)), None);
        let stall = waiting.stall(at(60)).unwrap();
        assert_eq!(stall.title, "No event has come yet");
        assert!(
            stall
                .next_steps
                .iter()
                .any(|step| step.contains("dead-letter queue"))
        );
        let here = Job {
            backend: Backend::THIS_COMPUTER.into(),
            ..waiting.clone()
        };
        assert!(
            here.stall(at(10))
                .is_some_and(|stall| !stall.next_steps.concat().contains("dead-letter"))
        );
        assert_eq!(
            Job {
                state: JobState::Failed,
                ..waiting
            }
            .stall(at(600)),
            None
        );
    }

    // Breaks if what the function said of a job is kept from whoever waits for it.
    #[test]
    fn the_functions_error_comes_at_once() {
        let mut waiting = in_phase(Phase::Event, JobState::Waiting);
        waiting.function_error = Some("RunTask failed: something unheard of".into());
        let stall = waiting.stall(at(1)).unwrap();
        assert_eq!(stall.title, "The function could not run the task");
        assert!(stall.raw.contains("unheard of"));
    }

    // Breaks if a pending task's sub-step is not told: each is mended elsewhere.
    #[test]
    fn a_starting_task_says_where_it_is() {
        let mut starting = in_phase(Phase::Start, JobState::Starting);
        let mut title = |task: TaskInfo| {
            starting.task = Some(task);
            starting.stall(at(120)).unwrap().title
        };
        let task = |status: &str| TaskInfo {
            last_status: status.into(),
            ..TaskInfo::default()
        };
        assert_eq!(title(task("PROVISIONING")), "The task waits for its network");
        assert_eq!(title(task("PENDING")), "The task does not start");
        let pulling = TaskInfo {
            pull_started: Some(at(1)),
            ..task("PENDING")
        };
        assert_eq!(title(pulling), "The task is pulling its image");
    }
}
