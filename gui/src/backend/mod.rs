//! Starts a client, for the window and the command line, and also the backend on this machine if no other one is
//! configured.

pub(crate) mod child;

use std::future::Future;
use std::pin::Pin;

use anyhow::Context;
use posterframe_client::{AccessKeys, Backend, Client, ClientOptions, Config, Overrides, Paths};
use posterframe_local::{LocalBackend, Options, Program, Programs};

/// A client, and the backend on this machine if jobs run there.
pub struct Running {
    client: Client,
    local: Option<LocalBackend>,
}

/// A function that starts a client, to be called within the engine's runtime.
pub type Start = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = anyhow::Result<Running>> + Send>> + Send>;

impl Running {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the backend runs in this process, so that jobs stop with it.
    pub fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// Closes the client, and then the backend, so that the client does not see a failing backend.
    pub async fn close(self) {
        self.client.close().await;
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}

/// A function that calls [`start`].
pub fn starter(paths: Paths, overrides: Overrides) -> Start {
    Box::new(move || Box::pin(async move { start(paths, &overrides).await }))
}

/// Starts a client for the configured backend, with `overrides` on top of the configuration.
///
/// # Errors
/// The configuration is wrong, a folder cannot be used, or another process uses it.
pub async fn start(paths: Paths, overrides: &Overrides) -> anyhow::Result<Running> {
    let config = Config::load(&paths.config_file())?;
    let (backend, local) = resolve(&paths, overrides).await?;
    let worker = Some(program(child::WORKER_HERE)?);
    let client = Client::open(ClientOptions {
        paths,
        backend,
        worker,
    })
    .await?;
    client.set_upload_limit(overrides.upload_limit.or(config.upload_limit));
    Ok(Running { client, local })
}

/// The configured backend with `overrides` on top. If it is the one on this machine, it is started.
///
/// # Errors
/// The configuration is wrong, a folder cannot be used, or another Posterframe uses it.
pub async fn resolve(
    paths: &Paths,
    overrides: &Overrides,
) -> anyhow::Result<(Backend, Option<LocalBackend>)> {
    let config = Config::load(&paths.config_file())?;
    if let Some(backend) = config.resolve(overrides)? {
        return Ok((backend, None));
    }
    let local = start_local(paths, None).await?;
    let keys = local.credentials();
    let keys = AccessKeys {
        id: keys.access_key_id.clone(),
        secret: keys.secret_access_key.clone(),
    };
    let backend = Backend::this_computer(
        local.endpoint().to_string(),
        local.region().to_owned(),
        local.bucket().to_owned(),
        keys,
    );
    Ok((backend, Some(local)))
}

/// Starts the backend on this machine. It runs its functions and its worker from this same executable.
///
/// # Errors
/// The folder cannot be used, another process uses it, or the port is taken.
pub async fn start_local(paths: &Paths, port: Option<u16>) -> anyhow::Result<LocalBackend> {
    let programs = Programs {
        worker: program(child::WORKER)?,
        upload_trigger: program(child::UPLOAD_TRIGGER)?,
        thumbnail_trigger: program(child::THUMBNAIL_TRIGGER)?,
    };
    let mut options = Options {
        port,
        ..Options::new(paths.data.join("local"), programs)
    };
    // One more decoder for the window.
    options.max_pixels = Some(posterframe_frame::max_pixels(options.max_tasks + 1));
    Ok(LocalBackend::start(options).await?)
}

/// This same executable with a hidden command.
fn program(command: &str) -> anyhow::Result<Program> {
    let path = std::env::current_exe().context("the program does not know its own path")?;
    Ok(Program::new(path, [command]))
}
