//! ECS: one cluster, one task definition, and tasks that are child processes.

mod api;
mod describe;
mod request;
mod runner;
mod store;
mod tags;
mod task;

pub(crate) use runner::{Ecs, EcsOptions};
pub(crate) use store::recover;
