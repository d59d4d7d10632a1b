//! From a video to files in the bucket: while one frame is decoded, the one before is encoded, and the one before that is
//! on its way. So a task takes the memory of a few pictures, whatever their number.

use std::ops::ControlFlow;
use std::sync::Arc;

use aws_sdk_s3::Client;
use posterframe_contract::{Manifest, ManifestSource, OutputRequest};
use posterframe_frame::Cancel;
use posterframe_picture::proof::Origin;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tracing::info;

use crate::config::Limits;
use crate::decode::{Decoded, Wanted, decode};
use crate::error::TaskError;
use crate::opened::Opened;
use crate::plan::Plan;
use crate::sending::Sending;
use crate::sheets::Sheets;
use crate::stills::Stills;

/// Makes all files of `plan` but the manifest, which it returns.
///
/// # Errors
/// Nothing was made: the video cannot be opened, or nothing can be written.
pub(crate) async fn make(
    client: &Client,
    plan: &Plan,
    limits: &Limits,
    video: Opened,
) -> Result<Manifest, TaskError> {
    let is_the_one = |wanted: &String| {
        let etag = video.etag.as_deref().unwrap_or_default();
        etag.trim_matches('"') == wanted.trim_matches('"')
    };
    if !plan.request.source.etag.iter().all(is_the_one) {
        return Err(TaskError::OtherVersion(video.name));
    }
    info!("opening {}, {} bytes", video.name, video.bytes);

    // Where the task is told to stop, this future is dropped, and the decoder is to end too.
    let cancel = CancelOnDrop::default();
    let (for_decoder, limits, to_decode) = (cancel.0.clone(), limits.clone(), video.clone());
    let sheets = plan.request.sheets.iter().enumerate();
    let sheets: Vec<_> = sheets
        .map(|(index, sheet)| (sheet.clone(), plan.request.sheet_names(index)))
        .collect();
    let outputs = plan.request.outputs.iter();
    let origin = Origin {
        name: video.file_name(),
        bytes: Some(video.bytes),
        etag: video.etag.clone(),
        sha256: None,
        interpretation: plan.request.source.interpretation,
        libav_version: posterframe_frame::libav_version(),
        worker_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let wanted = Wanted {
        stills: plan.request.stills.clone(),
        sheets,
        origin: origin.clone(),
        deinterlace: outputs
            .map(OutputRequest::deinterlacing)
            .max()
            .unwrap_or_default(),
    };
    let (to, mut decoded) = mpsc::channel(1);
    // A frame is converted once the one before is encoded: no more than one picture is in memory while the next is decoded.
    let room = Arc::new(Semaphore::new(1));
    let (runtime, for_frame) = (Handle::current(), room.clone());
    let decoder = tokio::task::spawn_blocking(move || {
        decode(
            &to_decode,
            &wanted,
            &limits,
            for_decoder,
            // Closed where nothing can be written; then nobody receives the frame either.
            &mut || {
                if let Ok(room) = runtime.block_on(for_frame.acquire()) {
                    room.forget();
                }
            },
            &mut |decoded| match to.blocking_send(decoded) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
        )
    });

    let source = ManifestSource {
        url: plan.source.to_string(),
        etag: video.etag.clone(),
        bytes: video.bytes,
        interpretation: plan.request.source.interpretation,
    };
    let mut sending = Sending::new(client.clone());
    let (mut stills, mut sheets) = (Stills::new(plan, &origin), Sheets::new(plan));
    while let Some(decoded) = decoded.recv().await {
        let added = match decoded {
            Decoded::Selected(selected) => stills.select(selected),
            Decoded::Still(index, frame) => {
                let added = stills.add(&mut sending, index, frame).await;
                room.add_permits(1);
                added
            }
            Decoded::SheetPicture(index, picture) => sheets.add(&mut sending, index, picture).await,
            Decoded::Sheet(index, facts) => sheets.end(&mut sending, index, facts).await,
        };
        added.inspect_err(|_| room.close())?;
    }
    sending.done().await?;
    if let Some(read) = video.read() {
        info!("{read}");
    }
    video.check()?;
    let opened = decoder.await.map_err(|_| TaskError::Decoder);
    // What was made before a decoder's panic is there; what is missing says why.
    let missing = match opened {
        Err(error) => error,
        Ok(Err(error)) => return Err(error),
        Ok(Ok(())) => TaskError::Decoder,
    };
    let Some((stills, selections)) = stills.finish(&missing) else {
        return Err(missing);
    };
    let sheets = sheets.finish(&missing);
    let manifest = Manifest::new(
        plan.folder.name().parse().ok(),
        source,
        plan.request.name.clone(),
        origin.libav_version.clone(),
        origin.worker_version.clone(),
    );
    Ok(Manifest {
        stills,
        selections,
        sheets,
        ..manifest
    })
}

#[derive(Default)]
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
