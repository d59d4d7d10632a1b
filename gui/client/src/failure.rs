//! From what ECS and the worker say to what a person can act on.

use posterframe_contract::TaskExit;

use crate::{ClientError, Failure, TaskInfo};

/// Texts in a stop reason, and what they mean. The first that matches wins.
const REASONS: [(&str, &str, &str, &[&str]); 8] = [
    (
        "CannotPullContainer",
        "The task could not pull its image",
        "The registry does not have the image, or the task cannot reach it.",
        &[
            "Check the image in the task definition",
            "Check that the subnet has a route to the registry",
        ],
    ),
    (
        "ResourceInitializationError",
        "The task could not be set up",
        "Fargate could not reach a service that the task needs before it starts.",
        &[
            "Check that the subnet has a route to ECR, S3 and CloudWatch Logs",
            "Check the execution role",
        ],
    ),
    (
        "OutOfMemory",
        "The task ran out of memory",
        "The frame needs more memory than the task has.",
        &["Give the task definition more memory", "Retry"],
    ),
    (
        "Capacity",
        "There was no capacity for the task",
        "Fargate has none free in this zone at the moment.",
        &["Retry in a few minutes", "Add subnets in other zones"],
    ),
    (
        "CannotStartContainer",
        "The container could not start",
        "Its image was pulled, but its program did not start.",
        &["Check that the image was built for the task's CPU architecture"],
    ),
    (
        "backend ended",
        "Posterframe ended while the task ran",
        "The task runs on this computer and stops with the app. Your upload is safe.",
        &["Retry: only the task starts again, nothing is uploaded twice"],
    ),
    (
        "Scaling activity",
        "The task was stopped by its service",
        "Something else on the cluster manages this task.",
        &["Run the worker as single tasks, not as a service"],
    ),
    (
        "StoppedByUser",
        "The task was stopped",
        "Someone stopped it.",
        &["Retry: only the task starts again, nothing is uploaded twice"],
    ),
];

/// What a known text means.
pub(crate) struct Explained {
    pub(crate) title: String,
    pub(crate) cause: String,
    pub(crate) next_steps: Vec<String>,
}

/// What `text`, verbatim from AWS, means; `None` where it is not known.
pub(crate) fn explain(text: &str) -> Option<Explained> {
    let text = text.to_lowercase();
    let known = REASONS
        .iter()
        .find(|(pattern, ..)| text.contains(&pattern.to_lowercase()));
    known.map(|(_, title, cause, steps)| Explained {
        title: (*title).to_owned(),
        cause: (*cause).to_owned(),
        next_steps: steps.iter().map(|&step| step.to_owned()).collect(),
    })
}

/// Exit code of a process that was killed for its memory, or by hand.
const KILLED: i32 = 137;

/// Why a stopped task made no thumbnail. `last_line` is the last thing that its worker logged.
pub(crate) fn of_task(task: &TaskInfo, last_line: Option<&str>) -> Failure {
    let reasons = [&task.stop_code, &task.stopped_reason, &task.container_reason];
    let mut raw: Vec<String> = reasons.into_iter().flatten().cloned().collect();
    if let Some(code) = task.exit_code {
        raw.push(format!("exit code {code}"));
    }
    raw.extend(last_line.map(str::to_owned));
    let raw = raw.join("\n");

    let failure = |title: &str, cause: String, steps: &[&str]| Failure {
        title: title.to_owned(),
        cause,
        next_steps: steps.iter().map(|&step| step.to_owned()).collect(),
        raw: raw.clone(),
    };
    if let Some(exit) = task
        .exit_code
        .and_then(TaskExit::from_code)
        .filter(|exit| *exit != TaskExit::Success)
    {
        let detail = last_line
            .and_then(|line| line.strip_prefix(exit.cause()))
            .map(|rest| rest.trim_start_matches(": "));
        return failure(
            exit.cause(),
            sentence(detail.unwrap_or("The task's log says more")),
            &[exit.advice()],
        );
    }
    let known = REASONS.iter().find(|(pattern, ..)| {
        reasons
            .into_iter()
            .flatten()
            .any(|reason| reason.to_lowercase().contains(&pattern.to_lowercase()))
    });
    if let Some((_, title, cause, steps)) = known {
        return failure(title, (*cause).to_owned(), steps);
    }
    match task.exit_code {
        Some(0) => failure(
            "The task ended without a thumbnail",
            "It says that it succeeded, but the picture is not in the bucket.".to_owned(),
            &["Check that nothing deletes from the thumbnails folder", "Retry"],
        ),
        Some(KILLED) => failure(
            "The task was killed",
            "Most often because the frame needs more memory than the task has.".to_owned(),
            &["Give the task definition more memory", "Retry"],
        ),
        Some(code) => failure(
            "The task failed",
            format!("Its program ended with the unexpected exit code {code}."),
            &["Look at the last lines of its log", "Retry"],
        ),
        None => failure(
            "The task never started",
            "ECS stopped it before its container ran.".to_owned(),
            &["Look at the reason below", "Retry"],
        ),
    }
}

/// Why an upload failed.
pub(crate) fn of_upload(error: &ClientError) -> Failure {
    Failure {
        title: "The upload failed".to_owned(),
        // The title says already that it failed.
        cause: sentence(error.to_string().trim_start_matches("The upload failed: ")),
        next_steps: error
            .advice()
            .into_iter()
            .chain(["Retry: what was sent is not sent again".to_owned()])
            .collect(),
        raw: error.to_string(),
    }
}

/// Why no task came of an upload. `last_error` is what the function logged.
pub(crate) fn no_task(last_error: Option<&str>) -> Failure {
    Failure {
        title: "No task was started".to_owned(),
        cause: match last_error {
            Some(_) => "The function received the upload's event, but it could not run the task.".to_owned(),
            None => "The upload is in the bucket, but no function has picked it up.".to_owned(),
        },
        next_steps: match last_error {
            Some(_) => vec!["Mend what the function's log names, then retry".to_owned()],
            None => vec![
                "Check the bucket's event rules, the queue and the function upload-trigger".to_owned(),
                "Retry: nothing is uploaded twice".to_owned(),
            ],
        },
        raw: last_error
            .unwrap_or("no log line of upload-trigger names this job")
            .to_owned(),
    }
}

/// The thumbnail is there, but could not be fetched.
pub(crate) fn of_download(error: &ClientError) -> Failure {
    Failure {
        title: "The thumbnail could not be fetched".to_owned(),
        cause: sentence(&error.to_string()),
        next_steps: error
            .advice()
            .into_iter()
            .chain(["Open it from the gallery later".to_owned()])
            .collect(),
        raw: error.to_string(),
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(exit_code: Option<i32>, reason: &str) -> TaskInfo {
        TaskInfo {
            arn: "arn:aws:ecs:r:0:task/c/t".into(),
            last_status: "STOPPED".into(),
            stop_code: Some("EssentialContainerExited".into()),
            stopped_reason: Some(reason.into()),
            exit_code,
            ..TaskInfo::default()
        }
    }

    // Breaks if the worker's own word gets lost on its way to the failure card.
    #[test]
    fn exit_codes_speak() {
        let line = "The position lies past the last frame: the last frame is at 00:00:59.958";
        let failure = of_task(
            &stopped(Some(13), "Essential container in task exited"),
            Some(line),
        );
        assert_eq!(failure.title, "The position lies past the last frame");
        assert_eq!(failure.cause, "The last frame is at 00:00:59.958.");
        assert!(failure.raw.contains("exit code 13") && failure.raw.contains(line));
    }

    // Breaks if a known stop reason is not explained, or an unknown one is passed off as known.
    #[test]
    fn stop_reasons_speak() {
        let title = |code, reason: &str| of_task(&stopped(code, reason), None).title;
        assert_eq!(
            title(None, "CannotPullContainerError: not found"),
            "The task could not pull its image"
        );
        assert_eq!(
            title(None, "The backend ended while the task ran"),
            "Posterframe ended while the task ran"
        );
        assert_eq!(
            title(Some(137), "OutOfMemoryError: Container killed"),
            "The task ran out of memory"
        );
        assert_eq!(title(Some(137), "x"), "The task was killed");
        assert_eq!(title(Some(0), "x"), "The task ended without a thumbnail");
        assert_eq!(title(Some(77), "x"), "The task failed");
        assert_eq!(title(None, "x"), "The task never started");
    }
}
