//! Putting the services together, and taking them down in order.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use posterframe_contract::{env, names};
use posterframe_process::Program;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::{BUCKET, REGION};
use crate::blobs::Blobs;
use crate::data_dir::DataDir;
use crate::db::{Db, blocking};
use crate::ecs::{Ecs, EcsOptions};
use crate::events::{DeadLetter, Queues};
use crate::http::{Server, serve};
use crate::logs::Logs;
use crate::{Credentials, Error, Options, ecs, events, lambda, logs, s3};

/// The backend on this machine, for as long as this value lives.
///
/// Dropping it ends everything at once; [`LocalBackend::shutdown`] ends it in order and waits.
#[derive(Debug)]
pub struct LocalBackend {
    endpoint: Endpoint,
    credentials: Credentials,
    services: Services,
    data_dir: Arc<DataDir>,
}

/// Where the backend listens. Its text is a URL: `http://127.0.0.1:40123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint(SocketAddr);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

struct Services {
    ecs: Ecs,
    queues: Queues,
    /// Functions and their event sources: they end first, so that nothing starts a task any more.
    lambda: (TaskTracker, CancellationToken),
    /// The server ends last: tasks that are ending still reach it.
    server: (TaskTracker, CancellationToken),
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// What is read from the data directory at the start.
struct Storage {
    data_dir: Arc<DataDir>,
    db: Db,
    blobs: Blobs,
    /// Tasks that were waiting when the last backend ended.
    waiting: Vec<String>,
}

impl LocalBackend {
    /// Starts the backend. Must be called within a tokio runtime, which then runs it.
    ///
    /// # Errors
    /// The data directory or the port cannot be used, or a program is missing.
    pub async fn start(options: Options) -> Result<Self, Error> {
        if options.max_tasks == 0 {
            return Err(Error::Setting(
                "at least one task must be allowed to run at a time",
            ));
        }
        for (role, program) in [
            ("worker", &options.programs.worker),
            ("upload function", &options.programs.upload_trigger),
            ("thumbnail function", &options.programs.thumbnail_trigger),
        ] {
            check(role, program)?;
        }
        let path = options.data_dir.clone();
        let Storage {
            data_dir,
            db,
            blobs,
            waiting,
        } = blocking(move || open(&path)).await?;

        let port = options.port.unwrap_or(0);
        let unusable = |source| Error::Port { port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(unusable)?;
        let endpoint = Endpoint(listener.local_addr().map_err(unusable)?);
        let credentials = options.credentials.unwrap_or_else(Credentials::random);
        let aws = credentials.environment(&endpoint.to_string());

        // As in the worker's image: glibc otherwise keeps freed pictures in among memory that is still used.
        let malloc = [("MALLOC_MMAP_THRESHOLD_".to_owned(), "262144".to_owned())];
        let max_pixels = options
            .max_pixels
            .map(|pixels| (env::MAX_PIXELS.to_owned(), pixels.to_string()));
        let (queues, logs) = (Queues::new(db.clone()), Logs::new(db.clone()));
        let ecs = Ecs::new(EcsOptions {
            db: db.clone(),
            logs: logs.clone(),
            worker: options.programs.worker.clone(),
            environment: aws.iter().cloned().chain(max_pixels).chain(malloc).collect(),
            max_tasks: options.max_tasks,
        });
        let services = Services {
            ecs: ecs.clone(),
            queues: queues.clone(),
            lambda: (TaskTracker::new(), CancellationToken::new()),
            server: (TaskTracker::new(), CancellationToken::new()),
        };
        let server = Server {
            s3: s3::service(s3::Store::new(db, blobs, queues.clone()), &credentials),
            ecs: ecs.clone(),
            logs: logs.clone(),
            credentials: credentials.clone(),
        };
        let (tasks, stop) = &services.server;
        tasks.spawn(serve(Arc::new(server), listener, stop.clone()));
        ecs.enqueue(waiting);
        let (tasks, stop) = &services.lambda;
        lambda::start(&options.programs, &aws, &logs, &queues, tasks, stop).await?;
        Ok(Self {
            endpoint,
            credentials,
            services,
            data_dir,
        })
    }

    /// Where it listens.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The keys that requests are signed with.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The region that it says it is in.
    #[allow(
        clippy::unused_self,
        reason = "the answer is the same for every backend, but it is the backend's"
    )]
    pub const fn region(&self) -> &'static str {
        REGION
    }

    /// The bucket of uploads and thumbnails.
    #[allow(
        clippy::unused_self,
        reason = "the answer is the same for every backend, but it is the backend's"
    )]
    pub const fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// The environment that makes an AWS client use this backend.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.credentials.environment(&self.endpoint.to_string())
    }

    /// The events that were given up, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Error> {
        let path = self.data_dir.database();
        self.services
            .queues
            .dead_letters()
            .await
            .map_err(|source| Error::Database { path, source })
    }

    /// Ends the functions, the tasks and the server, in this order, and waits for them: a few seconds at most.
    pub async fn shutdown(self) {
        let Services {
            ecs, lambda, server, ..
        } = &self.services;
        end(lambda).await;
        ecs.shutdown().await;
        end(server).await;
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.lambda.1.cancel();
        self.ecs.abandon();
        self.server.1.cancel();
    }
}

async fn end((tasks, stop): &(TaskTracker, CancellationToken)) {
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

fn check(role: &'static str, program: &Program) -> Result<(), Error> {
    let missing = || Error::Program {
        role,
        path: program.path.clone(),
    };
    let metadata = std::fs::metadata(&program.path).map_err(|_| missing())?;
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    if metadata.is_file() && executable {
        Ok(())
    } else {
        Err(missing())
    }
}

/// Opens what is on the disk, and mends what a crash left behind.
fn open(path: &Path) -> Result<Storage, Error> {
    let data_dir = Arc::new(DataDir::open(path)?);
    let database = data_dir.database();
    let db = Db::open(&database)?.keeping(Arc::clone(&data_dir));
    let blobs = Blobs::new(&data_dir);
    let recovered = db.write_blocking(|tx| {
        s3::insert_own_bucket(tx)?;
        logs::create_groups(
            tx,
            &[
                names::task_log_group(names::TASK_FAMILY),
                names::function_log_group(names::UPLOAD_FUNCTION),
                names::function_log_group(names::THUMBNAIL_FUNCTION),
            ],
        )?;
        events::recover(tx)?;
        Ok((ecs::recover(tx)?, s3::known_blobs(tx)?))
    });
    let (waiting, known) = recovered.map_err(|source| Error::Database {
        path: database,
        source,
    })?;
    blobs
        .sweep(|id| known.contains(id))
        .map_err(|source| Error::data_dir(data_dir.path(), source))?;
    Ok(Storage {
        data_dir,
        db,
        blobs,
        waiting,
    })
}
