//! One watcher for all jobs: from the upload to the result on this machine.
//!
//! A round does what is due and says when the next one is: tasks are looked at in one batch ([`find`]), the logs of all
//! jobs are read together ([`read`]), and what that tells moves each job on or ends it ([`settle`]). How often, and how
//! many requests a second, is [`pace`]'s. Results come in beside the rounds ([`download`]): a slow one holds nothing
//! up. Nothing here must survive a restart: the jobs and how far the logs were read are on disk, and all else is asked
//! again; jobs that were given up too early are looked for once at the start ([`late`]).

mod clock;
mod cloud;
mod download;
mod find;
mod groups;
mod late;
mod pace;
mod read;
mod result;
mod rounds;
mod settle;
mod task;
#[cfg(test)]
mod tests;
mod watcher;

pub(crate) use watcher::Watcher;
