//! Lambda: the two functions as child processes behind the Runtime API, and the event sources that feed them.

mod function;
mod runtime_api;
mod sources;

use posterframe_contract::{env, names};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::task_definition_arn;
use crate::error::Error;
use crate::events::Queues;
use crate::logs::Logs;
use crate::options::Programs;

use function::{Function, FunctionOptions};

/// Starts both functions and their event sources on `tasks`, until `stop`.
pub(crate) async fn start(
    programs: &Programs,
    aws: &[(String, String)],
    logs: &Logs,
    queues: &Queues,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let folders = [
        (env::UPLOADS_FOLDER, names::UPLOADS_FOLDER),
        (env::JOBS_FOLDER, names::JOBS_FOLDER),
        (env::VIDEOS_FOLDER, names::VIDEOS_FOLDER),
        (env::THUMBNAILS_FOLDER, names::THUMBNAILS_FOLDER),
    ];
    let folders = folders.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let cluster = [
        (env::CLUSTER.to_owned(), names::CLUSTER.to_owned()),
        (env::TASK_DEFINITION.to_owned(), task_definition_arn()),
        (env::CONTAINER.to_owned(), names::CONTAINER.to_owned()),
    ];
    let function = async |name, program: &crate::Program, settings: Vec<(String, String)>| {
        let environment = aws.iter().cloned().chain(settings).collect();
        let options = FunctionOptions {
            name,
            program: program.clone(),
            environment,
            logs: logs.clone(),
        };
        Function::start(options, tasks, stop.clone()).await
    };
    let settings = folders.iter().chain(&cluster).cloned().collect();
    let upload = function(names::UPLOAD_FUNCTION, &programs.upload_trigger, settings).await?;
    let thumbnail = function(
        names::THUMBNAIL_FUNCTION,
        &programs.thumbnail_trigger,
        folders.to_vec(),
    )
    .await?;
    tasks.spawn(sources::uploads(queues.clone(), upload, stop.clone()));
    tasks.spawn(sources::thumbnails(queues.clone(), thumbnail, stop.clone()));
    Ok(())
}
