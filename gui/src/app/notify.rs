//! Desktop notifications for jobs that have ended.

use std::sync::Arc;

use egui::{Context, UserAttentionType, ViewportCommand};
use notify_rust::Notification;
use posterframe_client::{Job, JobState};

use crate::context::Engine;
use crate::job_text;

/// Shows a desktop notification for ended jobs, and marks the window in the task bar: some desktops have no
/// notifications.
pub(super) fn show(engine: &Engine, ctx: &Context, ended: &[Arc<Job>]) {
    let Some((summary, body)) = words(ended) else {
        return;
    };
    ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(
        UserAttentionType::Informational,
    ));
    let mut notification = Notification::new();
    notification
        .appname("Posterframe")
        .icon("posterframe")
        .summary(&summary)
        .body(&escape(&body));
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.hint(notify_rust::Hint::DesktopEntry("posterframe".to_owned()));
    engine.spawn_blocking(move || {
        if let Err(error) = notification.show() {
            tracing::debug!("the desktop shows no notification: {error}");
        }
    });
}

/// The notification's heading and text; `None` if the user stopped all of these jobs.
fn words(ended: &[Arc<Job>]) -> Option<(String, String)> {
    let shown: Vec<&Arc<Job>> = ended
        .iter()
        .filter(|job| job.state != JobState::Stopped)
        .collect();
    let failed = shown.iter().filter(|job| job.state == JobState::Failed).count();
    match shown.as_slice() {
        [] => None,
        [job] => {
            let (verb, why) = match &job.failure {
                Some(failure) => ("failed", failure.title.clone()),
                None => ("is done", job_text::made(job)),
            };
            let summary = format!("{} {verb}", job.video.name);
            Some((summary, format!("{} · {why}", job_text::about(job))))
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

/// Escapes markup: desktops may interpret it in the body (freedesktop.org notifications), and file names can contain it.
fn escape(text: &str) -> String {
    if cfg!(any(target_os = "macos", windows)) {
        return text.to_owned();
    }
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
