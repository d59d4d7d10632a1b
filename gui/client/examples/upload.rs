//! Brings files into a bucket by the client alone, and waits until all are there: what `script/benches/upload.py`
//! measures. Files that are no videos raise no event, so that no task takes part.
//!
//! `upload DATA_FOLDER BUCKET FILE…`, with endpoint and credentials from the environment as the AWS SDKs read them.

use std::path::PathBuf;

use posterframe_client::{
    Backend, Client, ClientError, ClientOptions, FrameChoice, JobState, Paths, Submission,
};
use posterframe_contract::Interpretation;

#[tokio::main]
async fn main() -> Result<(), ClientError> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(data), Some(bucket)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: upload DATA_FOLDER BUCKET FILE…");
        std::process::exit(2);
    };
    let client = Client::open(ClientOptions {
        paths: Paths::resolve(Some(data.into()))?,
        backend: Backend::on_aws("bench", bucket.to_string_lossy()),
        worker: None,
    })
    .await?;
    let mut changes = client.changes();
    let mut ids = Vec::new();
    for file in arguments {
        ids.push(client.submit(Submission {
            video: PathBuf::from(file),
            frames: vec![FrameChoice::default()],
            outputs: Vec::new(),
            sheets: Vec::new(),
            interpretation: Interpretation::default(),
        })?);
    }
    loop {
        changes.mark_unchanged();
        let jobs: Vec<_> = ids.iter().filter_map(|id| client.job(*id)).collect();
        if let Some(failure) = jobs.iter().find_map(|job| job.failure.as_ref()) {
            eprintln!("{}: {}", failure.title, failure.raw);
            std::process::exit(1);
        }
        let sent = |state| !matches!(state, JobState::Queued | JobState::Uploading | JobState::Paused);
        if jobs.iter().all(|job| sent(job.state)) || changes.changed().await.is_err() {
            break;
        }
    }
    client.close().await;
    Ok(())
}
