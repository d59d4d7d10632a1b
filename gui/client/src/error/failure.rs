//! From what AWS and the worker say to what a person can act on.

use posterframe_contract::{Manifest, TaskExit};

use super::causes::{Known, explain};
use super::client_error::ClientError;
use super::redact::redact;
use super::text::capitalized;
use crate::model::{JobFailure, TaskInfo};

/// Exit code of a process that was killed for its memory, or by hand.
const EXIT_KILLED: i32 = 137;

/// Why a stopped task made no result. `last_line` is the last thing that its worker logged.
pub(crate) fn of_task(task: &TaskInfo, last_line: Option<&str>) -> JobFailure {
    let reasons = [&task.stop_code, &task.stopped_reason, &task.container_reason];
    let mut raw: Vec<String> = reasons.into_iter().flatten().cloned().collect();
    if let Some(code) = task.exit_code {
        raw.push(format!("exit code {code}"));
    }
    raw.extend(last_line.map(str::to_owned));
    let raw = redact(&raw.join("\n")).into_owned();

    let failure = |title: &str, cause: String, steps: &[&str]| JobFailure {
        title: title.to_owned(),
        cause,
        next_steps: steps.iter().map(|&step| step.to_owned()).collect(),
        raw: raw.clone(),
    };
    if let Some(exit) = failed(task.exit_code) {
        let detail = last_line.and_then(|line| detail(exit, line));
        let mut failure = failure(
            exit.cause(),
            sentence(detail.unwrap_or("The task's log says more")),
            &[exit.advice()],
        );
        // The worker's own word says what failed, and AWS's in it why.
        let reads_or_writes = matches!(exit, TaskExit::SourceUnavailable | TaskExit::OutputNotWritable);
        if let Some(known) = detail.filter(|_| reads_or_writes).and_then(explain) {
            failure.cause = format!("{} {}", failure.cause, known.cause);
            failure.next_steps.clone_from(&known.next_steps);
        }
        return failure;
    }
    if let Some(known) = explain(&raw) {
        return JobFailure {
            title: known.title.clone(),
            cause: known.cause.clone(),
            next_steps: known.next_steps.clone(),
            raw,
        };
    }
    match task.exit_code {
        Some(0) => failure(
            "The task ended without a result",
            "It says that it succeeded, but its manifest is not in the bucket. A worker of an older version writes none.".to_owned(),
            &[
                "Run script/deploy again, so that app and worker are of one version",
                "Check that nothing deletes from the thumbnails folder",
            ],
        ),
        Some(EXIT_KILLED) => failure(
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

/// What went wrong, by a worker's exit code.
fn failed(exit_code: Option<i32>) -> Option<TaskExit> {
    let exit = exit_code.and_then(TaskExit::from_code);
    exit.filter(|exit| *exit != TaskExit::Success)
}

/// What a worker's last line says beyond the cause that its exit code is for.
fn detail(exit: TaskExit, last_line: &str) -> Option<&str> {
    let rest = last_line.strip_prefix(exit.cause())?;
    Some(rest.trim_start_matches(": "))
}

/// Why the worker on this computer made no result. `last_line` is the last thing that it logged.
pub(crate) fn of_worker_here(exit_code: Option<i32>, last_line: Option<&str>) -> JobFailure {
    let code = exit_code.map(|code| format!("exit code {code}"));
    let raw: Vec<String> = code.into_iter().chain(last_line.map(str::to_owned)).collect();
    let (title, cause, step) = match (failed(exit_code), exit_code) {
        (Some(exit), _) => {
            let detail = last_line.and_then(|line| detail(exit, line));
            let (title, step) = match exit {
                // These speak of a task, whose rights and settings are another one's.
                TaskExit::SourceUnavailable => (
                    "The video cannot be read",
                    "Check that the file is there and that you may read it",
                ),
                TaskExit::OutputNotWritable => (
                    "The files could not be stored",
                    "Check that your AWS profile may write to the thumbnails folder",
                ),
                TaskExit::BadConfiguration => ("The worker cannot do this", "Submit the frames anew"),
                exit => (exit.cause(), exit.advice()),
            };
            (title, sentence(detail.unwrap_or("The job's log says more")), step)
        }
        (None, Some(EXIT_KILLED)) => (
            "The worker was killed",
            "Most often because the frame needs more memory than this computer has left.".to_owned(),
            "Close other programs, and retry",
        ),
        (None, Some(0)) => (
            "The worker ended without a result",
            "It says that it succeeded, but its manifest is not in the bucket.".to_owned(),
            "Check that nothing deletes from the thumbnails folder",
        ),
        (None, _) => (
            "The worker failed",
            "It ended as no worker should, perhaps over a damaged video.".to_owned(),
            "Look at the last lines of the log",
        ),
    };
    JobFailure {
        title: title.to_owned(),
        cause,
        next_steps: vec![step.to_owned()],
        raw: redact(&raw.join("\n")).into_owned(),
    }
}

/// Why a job could not be made on this computer.
pub(crate) fn of_making(error: &ClientError) -> JobFailure {
    let raw = redact(&error.to_string()).into_owned();
    JobFailure {
        title: "Nothing could be made on this computer".to_owned(),
        cause: sentence(&raw),
        next_steps: error.advice().into_iter().collect(),
        raw,
    }
}

/// Why stills of a task are missing; `None` where none is.
pub(crate) fn of_stills(manifest: &Manifest) -> Option<JobFailure> {
    let stills = manifest.stills.iter();
    let stills = stills.map(|still| (still.position.to_string(), still.error.as_ref()));
    let nowhere = manifest.selections.iter();
    let nowhere = nowhere
        .filter_map(|selection| Some((selection.request.to_string(), Some(selection.error.as_ref()?))));
    let sheets = manifest.sheets.iter();
    let sheets = sheets.map(|sheet| (format!("sheet {}", sheet.request), sheet.error.as_ref()));
    let all: Vec<_> = stills.chain(nowhere).chain(sheets).collect();
    let (of, no_sheets) = (all.len(), manifest.sheets.is_empty());
    let failed: Vec<_> = all
        .into_iter()
        .filter_map(|(what, error)| Some((what, error?)))
        .collect();
    let (_, first) = failed.first()?;
    let exit = TaskExit::from_code(first.exit_code.into()).unwrap_or(TaskExit::SomeStillsFailed);
    let kind = if no_sheets { "stills" } else { "stills and sheets" };
    let title = match (of, failed.len()) {
        (1, _) => exit.cause().to_owned(),
        (all, missing) if all == missing => format!("None of the {kind} could be made"),
        (all, missing) => format!("{missing} of {all} {kind} could not be made"),
    };
    // The title of one still says its cause; of several, the first one's stands for it.
    let cause = match of {
        1 => sentence(&first.message),
        _ => sentence(&format!("{}: {}", exit.cause(), first.message)),
    };
    let raw = failed
        .iter()
        .map(|(what, error)| format!("{what}: {} (exit code {})", error.message, error.exit_code));
    Some(JobFailure {
        title,
        cause,
        next_steps: vec![exit.advice().to_owned()],
        raw: redact(&raw.collect::<Vec<_>>().join("\n")).into_owned(),
    })
}

/// Why an upload failed.
pub(crate) fn of_upload(error: &ClientError) -> JobFailure {
    let raw = redact(&error.to_string()).into_owned();
    let again = "Retry: what was sent is not sent again".to_owned();
    let known = of_aws(error).map(|known| (known.cause.clone(), known.next_steps.clone()));
    // The title says already that it failed.
    let (cause, steps) = known.unwrap_or_else(|| {
        let cause = sentence(raw.trim_start_matches("The upload failed: "));
        (cause, error.advice().into_iter().collect())
    });
    JobFailure {
        title: "The upload failed".to_owned(),
        cause,
        next_steps: steps.into_iter().chain([again]).collect(),
        raw,
    }
}

/// What AWS's refusal means, where it is one.
fn of_aws(error: &ClientError) -> Option<&'static Known> {
    matches!(error, ClientError::Aws { code: Some(_), .. })
        .then(|| explain(&error.to_string()))
        .flatten()
}

/// Whether a later try may succeed by itself, after the function said `error`. What nobody knows may.
pub(crate) fn may_pass(error: &str) -> bool {
    explain(error).is_none_or(|known| known.passes)
}

/// Why no task came of an upload. `last_error` is what the function logged.
pub(crate) fn no_task(last_error: Option<&str>) -> JobFailure {
    let Some(error) = last_error else {
        return JobFailure {
            title: "No task was started".to_owned(),
            cause: "The upload is in the bucket, but no function has picked it up.".to_owned(),
            next_steps: vec![
                "Check the bucket's event rules, the queue and the function upload-trigger".to_owned(),
                "Retry: nothing is uploaded twice".to_owned(),
            ],
            raw: "no log line of upload-trigger names this job".to_owned(),
        };
    };
    let raw = redact(error).into_owned();
    match explain(error) {
        Some(known) => JobFailure {
            title: known.title.clone(),
            cause: known.cause.clone(),
            next_steps: known.next_steps.clone(),
            raw,
        },
        None => JobFailure {
            title: "No task was started".to_owned(),
            cause: "The function received the upload's event, but it could not run the task.".to_owned(),
            next_steps: vec!["Mend what the function's log names, then retry".to_owned()],
            raw,
        },
    }
}

/// The task has vanished, and made no result that anyone can see.
pub(crate) fn task_gone(arn: &str) -> JobFailure {
    JobFailure {
        title: "The task is gone".to_owned(),
        cause:
            "ECS no longer knows it, and there is no result. ECS forgets a task an hour after it stopped, so \
                nobody can say how it ended."
                .to_owned(),
        next_steps: vec![
            "Look at the last lines of the log".to_owned(),
            "Retry: only the task starts again, nothing is uploaded twice".to_owned(),
        ],
        raw: format!("MISSING {arn}"),
    }
}

/// The result is there, but could not be fetched.
pub(crate) fn of_download(error: &ClientError) -> JobFailure {
    let raw = redact(&error.to_string()).into_owned();
    let known = of_aws(error).map(|known| (known.cause.clone(), known.next_steps.clone()));
    let (cause, steps) = known.unwrap_or_else(|| (sentence(&raw), error.advice().into_iter().collect()));
    JobFailure {
        title: "The result could not be fetched".to_owned(),
        cause,
        next_steps: steps
            .into_iter()
            .chain(["Open it from the gallery later".to_owned()])
            .collect(),
        raw,
    }
}

fn sentence(text: &str) -> String {
    format!("{}.", capitalized(text).trim_end_matches('.'))
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

    // Breaks if a job that is made here is explained as a task would be, or its worker's own word gets lost.
    #[test]
    fn workers_here_speak() {
        let line = "The task could not write the thumbnail: s3://b/k cannot be written: AccessDenied";
        let failure = of_worker_here(Some(15), Some(line));
        assert_eq!(failure.title, "The files could not be stored");
        assert_eq!(failure.cause, "S3://b/k cannot be written: AccessDenied.");
        for code in [None, Some(0), Some(11), Some(12), Some(13), Some(137), Some(139)] {
            let failure = of_worker_here(code, None);
            let all = format!("{failure:?}").to_lowercase();
            assert!(!all.contains("task"), "{all}");
        }
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
            title(
                None,
                "Task failed to start: network interface provisioning timed out"
            ),
            "The task got no network interface"
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
        assert_eq!(title(Some(0), "x"), "The task ended without a result");
        assert_eq!(title(Some(77), "x"), "The task failed");
        assert_eq!(title(None, "x"), "The task never started");
    }

    // Breaks if a code of the worker's loses its advice, or AWS's reason in it is not explained.
    #[test]
    fn every_exit_code_says_what_to_do() {
        for exit in TaskExit::ALL
            .into_iter()
            .filter(|exit| *exit != TaskExit::Success)
        {
            let line = format!("{}: s3://b/k", exit.cause());
            let task = stopped(Some(i32::from(exit.code())), "Essential container in task exited");
            let failure = of_task(&task, Some(&line));
            assert_eq!(
                (failure.title.as_str(), failure.next_steps),
                (exit.cause(), vec![exit.advice().to_owned()])
            );
        }
        let line = "The task could not read the uploaded video: s3://b/k: User: arn:aws:sts::123456789012:assumed-role/task/1 is \
                    not authorized to perform: kms:Decrypt on resource: x";
        let failure = of_task(
            &stopped(Some(11), "Essential container in task exited"),
            Some(line),
        );
        assert!(failure.next_steps[0].contains("kms:Decrypt"), "{failure:?}");
    }

    // Breaks if a presigned link or a key gets into the card, and from there into a report.
    #[test]
    fn raw_texts_are_without_secrets() {
        let reason = "cannot read https://b.example/k?X-Amz-Signature=9f2c as AKIAIOSFODNN7EXAMPLE";
        for failure in [
            of_task(&stopped(Some(1), reason), Some(reason)),
            no_task(Some(reason)),
        ] {
            assert!(
                !failure.raw.contains("9f2c") && !failure.raw.contains("IOSFODNN"),
                "{}",
                failure.raw
            );
        }
    }
}
