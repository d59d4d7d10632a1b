//! A word from the desktop when jobs have ended.

use std::sync::Arc;

use egui::{Context, UserAttentionType, ViewportCommand};
use posterframe_client::{Job, JobState};

use crate::context::Engine;

/// Tells of jobs that have ended: by the desktop's notifications, and by the window's mark in the task bar, which is all
/// where the desktop has none.
pub(super) fn show(engine: &Engine, ctx: &Context, ended: &[Arc<Job>]) {
    let Some((summary, body)) = words(ended) else {
        return;
    };
    ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(
        UserAttentionType::Informational,
    ));
    engine.spawn(async move {
        if let Err(error) = notify(&summary, &body).await {
            tracing::debug!("the desktop shows no notification: {error}");
        }
    });
}

/// Over the message bus, whose library the accessibility layer has brought already.
#[cfg(all(unix, not(target_os = "macos")))]
async fn notify(summary: &str, body: &str) -> Result<(), zbus::Error> {
    use std::collections::HashMap;
    use zbus::zvariant::Value;
    const NAME: &str = "org.freedesktop.Notifications";
    let connection = zbus::Connection::session().await?;
    let (replaces, stay) = (0_u32, -1_i32);
    let hints = HashMap::from([("desktop-entry", Value::from("posterframe"))]);
    let body = escape(body);
    let actions: [&str; 0] = [];
    let message = (
        "Posterframe",
        replaces,
        "posterframe",
        summary,
        body.as_str(),
        actions.as_slice(),
        hints,
        stay,
    );
    let path = "/org/freedesktop/Notifications";
    connection
        .call_method(Some(NAME), path, Some(NAME), "Notify", &message)
        .await
        .map(|_| ())
}

#[cfg(target_os = "macos")]
async fn notify(summary: &str, body: &str) -> std::io::Result<()> {
    let script = [
        "on run argv",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "end run",
    ];
    let mut program = tokio::process::Command::new("osascript");
    program.args(script.iter().flat_map(|line| ["-e", line]));
    program.args([summary, body]).output().await.map(|_| ())
}

#[cfg(windows)]
async fn notify(_summary: &str, _body: &str) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// A heading and a line; `None` where only what the user stopped has ended.
fn words(ended: &[Arc<Job>]) -> Option<(String, String)> {
    let told: Vec<&Arc<Job>> = ended
        .iter()
        .filter(|job| job.state != JobState::Stopped)
        .collect();
    let failed = told.iter().filter(|job| job.state == JobState::Failed).count();
    match told.as_slice() {
        [] => None,
        [job] => {
            let (verb, why) = match &job.failure {
                Some(failure) => ("failed", failure.title.clone()),
                None => ("is done", job.thumbnail_name().to_owned()),
            };
            let summary = format!("{} {verb}", job.video.name);
            Some((summary, format!("{} · {why}", job.position.timecode())))
        }
        jobs => {
            let summary = format!("{} jobs have ended", jobs.len());
            let done = jobs.len() - failed;
            let body = match failed {
                0 => "All of them are done".to_owned(),
                failed if done == 0 => format!("{failed} failed"),
                failed => format!("{done} done, {failed} failed"),
            };
            Some((summary, body))
        }
    }
}

/// Desktops may take the body for markup; names of files are no markup.
#[cfg(all(unix, not(target_os = "macos")))]
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    // Breaks if a file's name can put markup, such as a link, into the desktop's own window.
    #[test]
    fn names_are_no_markup() {
        assert_eq!(escape("<a href='x'>a&b"), "&lt;a href='x'&gt;a&amp;b");
    }
}
