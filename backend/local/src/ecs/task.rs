//! A task as `DescribeTasks` shows it; the same JSON is what the database keeps.

use posterframe_contract::names;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::account;
use crate::clock::{now_ms, seconds};
use crate::ecs::request::{Overrides, Tag};

pub(super) const PROVISIONING: &str = "PROVISIONING";
pub(super) const PENDING: &str = "PENDING";
pub(super) const RUNNING: &str = "RUNNING";
pub(super) const DEPROVISIONING: &str = "DEPROVISIONING";
pub(super) const STOPPED: &str = "STOPPED";

/// CPU units and MiB of the task definition, as the stack on AWS has them.
pub(super) const CPU: &str = "256";
pub(super) const MEMORY: &str = "512";

/// Seconds since the epoch, with a fraction.
type Time = f64;

/// One task.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names are those of ECS's JSON")]
pub(super) struct Task {
    pub(super) task_arn: String,
    pub(super) cluster_arn: String,
    pub(super) task_definition_arn: String,
    pub(super) group: String,
    pub(super) launch_type: String,
    pub(super) platform_family: String,
    pub(super) platform_version: String,
    pub(super) cpu: String,
    pub(super) memory: String,
    pub(super) last_status: String,
    pub(super) desired_status: String,
    pub(super) health_status: String,
    pub(super) connectivity: String,
    pub(super) availability_zone: String,
    pub(super) enable_execute_command: bool,
    pub(super) version: u64,
    pub(super) containers: Vec<Container>,
    pub(super) overrides: Overrides,
    pub(super) attachments: Vec<Value>,
    pub(super) attributes: Vec<Value>,
    pub(super) tags: Vec<Tag>,
    pub(super) created_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connectivity_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pull_started_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pull_stopped_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stopping_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) execution_stopped_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stopped_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_code: Option<StopCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stopped_reason: Option<String>,
}

/// The task's one container.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names are those of ECS's JSON")]
pub(super) struct Container {
    pub(super) container_arn: String,
    pub(super) task_arn: String,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) last_status: String,
    pub(super) health_status: String,
    pub(super) network_interfaces: Vec<Value>,
    pub(super) cpu: String,
    pub(super) memory: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runtime_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Why a task stopped, in ECS's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StopCode {
    /// The container never ran.
    TaskFailedToStart,
    /// The worker ended by itself.
    EssentialContainerExited,
    /// Somebody called `StopTask`.
    UserInitiated,
    /// The backend was killed.
    TerminationNotice,
}

impl Task {
    pub(super) fn new(overrides: Overrides, started_by: Option<String>, group: Option<String>) -> Self {
        let id = Uuid::new_v4().simple().to_string();
        let task_arn = account::task_arn(&id);
        Self {
            cluster_arn: account::cluster_arn(),
            task_definition_arn: account::task_definition_arn(),
            group: group.unwrap_or_else(|| format!("family:{}", names::TASK_FAMILY)),
            launch_type: "FARGATE".to_owned(),
            platform_family: "Linux".to_owned(),
            platform_version: "1.4.0".to_owned(),
            cpu: CPU.to_owned(),
            memory: MEMORY.to_owned(),
            last_status: PROVISIONING.to_owned(),
            desired_status: RUNNING.to_owned(),
            health_status: "UNKNOWN".to_owned(),
            connectivity: "CONNECTED".to_owned(),
            availability_zone: format!("{}a", account::REGION),
            enable_execute_command: false,
            version: 1,
            containers: vec![Container {
                container_arn: account::container_arn(&id, &Uuid::new_v4().to_string()),
                task_arn: task_arn.clone(),
                name: names::CONTAINER.to_owned(),
                image: names::TASK_FAMILY.to_owned(),
                last_status: PENDING.to_owned(),
                health_status: "UNKNOWN".to_owned(),
                network_interfaces: Vec::new(),
                cpu: "0".to_owned(),
                memory: MEMORY.to_owned(),
                runtime_id: None,
                exit_code: None,
                reason: None,
            }],
            overrides,
            attachments: Vec::new(),
            attributes: Vec::new(),
            tags: Vec::new(),
            created_at: seconds(now_ms()),
            started_by,
            connectivity_at: None,
            pull_started_at: None,
            pull_stopped_at: None,
            started_at: None,
            stopping_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            stop_code: None,
            stopped_reason: None,
            task_arn,
        }
    }

    pub(super) fn id(&self) -> &str {
        names::task_id(&self.task_arn)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.last_status == STOPPED
    }

    /// `PENDING`: the task is queued. There is no image to pull.
    pub(super) fn pend(&mut self) {
        let now = Some(seconds(now_ms()));
        PENDING.clone_into(&mut self.last_status);
        self.connectivity_at = now;
    }

    /// `RUNNING`: the child process was started.
    pub(super) fn run(&mut self, pull_started: i64, pid: Option<u32>) {
        let now = Some(seconds(now_ms()));
        RUNNING.clone_into(&mut self.last_status);
        self.pull_started_at = Some(seconds(pull_started));
        self.pull_stopped_at = Some(seconds(pull_started));
        self.started_at = now;
        for container in &mut self.containers {
            RUNNING.clone_into(&mut container.last_status);
            container.runtime_id = pid.map(|pid| format!("{}-{pid}", names::task_id(&container.task_arn)));
        }
    }

    /// `PENDING` again: the backend ended in good order while the child process ran.
    pub(super) fn requeue(&mut self) {
        self.pend();
        self.pull_started_at = None;
        self.pull_stopped_at = None;
        self.started_at = None;
        for container in &mut self.containers {
            PENDING.clone_into(&mut container.last_status);
            container.runtime_id = None;
        }
    }

    /// `desiredStatus` STOPPED: it is to end, or is ending, for this reason. The first reason stays.
    pub(super) fn stop(&mut self, code: StopCode, reason: impl Into<String>) {
        STOPPED.clone_into(&mut self.desired_status);
        if self.stop_code.is_none() {
            self.stop_code = Some(code);
            self.stopped_reason = Some(reason.into());
            self.stopping_at = Some(seconds(now_ms()));
        }
    }

    /// `DEPROVISIONING`: the child process has exited.
    pub(super) fn deprovision(&mut self, exit_code: Option<i32>, reason: Option<&str>) {
        DEPROVISIONING.clone_into(&mut self.last_status);
        self.execution_stopped_at = Some(seconds(now_ms()));
        for container in &mut self.containers {
            STOPPED.clone_into(&mut container.last_status);
            container.exit_code = exit_code;
            container.reason = reason.map(str::to_owned);
        }
    }

    /// `STOPPED`, the final state.
    pub(super) fn finish(&mut self) {
        let now = Some(seconds(now_ms()));
        STOPPED.clone_into(&mut self.last_status);
        STOPPED.clone_into(&mut self.desired_status);
        self.stopped_at = now;
        for container in &mut self.containers {
            STOPPED.clone_into(&mut container.last_status);
        }
    }
}
