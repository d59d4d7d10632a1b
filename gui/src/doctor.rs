//! The client's checks, and one that needs this program's decoder: whether it decodes the bundled clip.

use std::time::Duration;

use futures::Stream;
use posterframe_client::doctor::{self, CheckResult, ComponentCheck};
use posterframe_client::{Backend, Paths};
use posterframe_frame::Video;

/// Checks every component of `backend` and the decoder in this program; each result comes as soon as it is known.
/// Must be called within a tokio runtime.
pub fn check(backend: Backend, paths: Paths) -> impl Stream<Item = ComponentCheck> + Send {
    doctor::check(backend, async move {
        tokio::task::spawn_blocking(move || libav(&paths))
            .await
            .unwrap_or_else(|error| {
                CheckResult::failed(error.to_string(), "Report this as a fault of Posterframe")
            })
    })
}

/// Decodes a frame of the bundled clip.
fn libav(paths: &Paths) -> CheckResult {
    let decoded = crate::sample::file(paths)
        .map_err(|error| error.to_string())
        .and_then(|file| {
            let frame =
                Video::open(file.as_path()).and_then(|mut video| video.frame_at(Duration::from_secs(1)));
            frame.map_err(|error| error.to_string())
        });
    match decoded {
        Ok(frame) => CheckResult::passed(format!(
            "libav {}, a frame of {} × {} decoded",
            posterframe_frame::libav_version(),
            frame.image.width(),
            frame.image.height()
        )),
        Err(reason) => CheckResult::failed(
            format!("the bundled clip cannot be decoded ({reason})"),
            "Check that the data folder can be written, and that libav is installed whole",
        ),
    }
}
