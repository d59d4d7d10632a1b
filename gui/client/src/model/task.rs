//! A job's task on ECS.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What ECS says of a job's task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// Its ARN.
    pub arn: String,
    /// `PROVISIONING`, `PENDING`, `RUNNING`, `DEPROVISIONING`, `STOPPED`…
    pub last_status: String,
    /// CPU units, 1024 to a vCPU.
    pub cpu: String,
    /// Memory in MiB.
    pub memory: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339::option")]
    pub created: Option<OffsetDateTime>,
    /// When ECS began to pull its image.
    #[serde(with = "time::serde::rfc3339::option")]
    pub pull_started: Option<OffsetDateTime>,
    /// When its image was there.
    #[serde(with = "time::serde::rfc3339::option")]
    pub pull_stopped: Option<OffsetDateTime>,
    /// When its container started.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started: Option<OffsetDateTime>,
    /// When it stopped.
    #[serde(with = "time::serde::rfc3339::option")]
    pub stopped: Option<OffsetDateTime>,
    /// Why ECS stopped it, as a code.
    pub stop_code: Option<String>,
    /// Why ECS stopped it, in ECS's words.
    pub stopped_reason: Option<String>,
    /// The container's exit code.
    pub exit_code: Option<i32>,
    /// Why the container never started, in ECS's words.
    pub container_reason: Option<String>,
    /// State of its network interface: `PRECREATED`, `ATTACHING`, `ATTACHED`…
    pub network: Option<String>,
    /// The image of its container.
    pub image: Option<String>,
}

impl TaskInfo {
    /// The last part of the ARN.
    pub fn id(&self) -> &str {
        posterframe_contract::names::task_id(&self.arn)
    }
}
