//! Videos at a distance on the command line: objects and https addresses wherever a file is taken.

use std::sync::Arc;

use posterframe_client::{Backend, Objects, Paths};
use posterframe_contract::TaskExit;
use posterframe_local::LocalBackend;
use posterframe_player::VideoSource;
use posterframe_remote::{Cache, Place, Remote, SourceError};
use posterframe_worker::TaskError;
use serde_json::{Value, json};
use tokio::runtime::{Handle, Runtime};

use super::{Common, stdin};
use crate::distant::{self, Opener};

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Videos at a distance")]
pub(super) struct RemoteArgs {
    /// AWS profile that may read s3://… [default: the backend’s, or by the AWS SDK’s own rules]
    #[arg(long, value_name = "NAME", env = "POSTERFRAME_SOURCE_PROFILE")]
    source_profile: Option<String>,
    /// The most that is kept on disk of what was read, for the next time; 0 keeps nothing
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "1 GB",
        env = "POSTERFRAME_VIDEO_CACHE",
        value_parser = stdin::limit
    )]
    video_cache: u64,
}

impl RemoteArgs {
    /// The cache on disk, unless it is to keep nothing.
    pub(super) fn cache(&self, paths: &Paths) -> Option<Arc<Cache>> {
        (self.video_cache > 0).then(|| Arc::new(distant::cache(paths, self.video_cache)))
    }

    /// The login that the arguments name for reading objects.
    pub(super) fn login(&self) -> Option<Backend> {
        let profile = self.source_profile.clone().filter(|name| !name.is_empty())?;
        Some(Backend {
            profile: Some(profile),
            ..Backend::default()
        })
    }
}

/// A video at a distance for a command without a client, and what has to live for as long as it is read.
pub(super) struct Opened {
    pub(super) remote: Remote,
    /// The backend on this machine, if that is where the video is.
    _local: Option<LocalBackend>,
    _runtime: Runtime,
}

/// The objects of a command without a client, and the backend on this machine if they are there: by the login that the
/// arguments name, that of the chosen backend, or the SDK’s own rules.
///
/// # Errors
/// The backend cannot be started.
pub(super) async fn objects(
    common: &Common,
    args: &RemoteArgs,
) -> anyhow::Result<(Objects, Option<LocalBackend>)> {
    let is_chosen = common.backend.as_ref().is_some_and(|name| !name.is_empty());
    let (backend, local) = match args.login() {
        Some(login) => (login, None),
        None if is_chosen => crate::backend::resolve(&common.paths()?, &common.overrides()).await?,
        None => (common.overrides.login(), None),
    };
    Ok((Objects::of_backend(backend).await, local))
}

/// Opens a video for a command without a client. Objects are read as [`objects`] says.
///
/// # Errors
/// It cannot be read, or the backend cannot be started.
pub(super) fn open(common: &Common, args: &RemoteArgs, place: &Place) -> anyhow::Result<Opened> {
    let runtime = crate::context::runtime()?;
    let paths = common.paths()?;
    let (remote, local) = runtime.block_on(async {
        let (mut objects, mut local) = (None, None);
        if matches!(place, Place::Object { .. }) {
            let (found, started) = self::objects(common, args).await?;
            (objects, local) = (Some(found), started);
        }
        let remote = Opener::new(objects, args.cache(&paths), Handle::current()).video(place, false, None)?;
        remote.open().await?;
        anyhow::Ok((remote, local))
    })?;
    Ok(Opened {
        remote,
        _local: local,
        _runtime: runtime,
    })
}

/// What was read, for programs; null for a file.
pub(super) fn read_json(source: &VideoSource) -> Value {
    match source {
        VideoSource::File(_) => Value::Null,
        VideoSource::Remote(remote) => {
            let counts = remote.stats().counts();
            json!({ "bytes": counts.bytes, "requests": counts.requests, "of": remote.size(),
                    "from_disk": counts.from_disk })
        }
    }
}

/// The exit code of a failure to read.
pub(super) fn exit(error: &SourceError) -> TaskExit {
    TaskError::Source(error.clone()).exit()
}

/// The network’s error in place of what libav made of it.
pub(super) fn explained(source: &VideoSource, error: anyhow::Error) -> anyhow::Error {
    source.take_error().map_or(error, anyhow::Error::new)
}
