//! The one account, region, bucket and cluster that exist here, and how their ARNs are spelled.

use posterframe_contract::names;

/// The region that this backend answers for.
pub const REGION: &str = "us-east-1";
/// The account that owns everything here.
pub const ACCOUNT_ID: &str = "000000000000";
/// The bucket that is there from the start and whose events reach the functions.
pub const BUCKET: &str = "posterframe";

/// The one revision of the worker's task definition.
pub(crate) const REVISION: u32 = 1;

pub(crate) fn cluster_arn() -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT_ID}:cluster/{}", names::CLUSTER)
}

pub(crate) fn task_definition_arn() -> String {
    format!(
        "arn:aws:ecs:{REGION}:{ACCOUNT_ID}:task-definition/{}:{REVISION}",
        names::TASK_FAMILY
    )
}

pub(crate) fn task_arn(id: &str) -> String {
    cluster_part_arn("task", id)
}

/// The id of a task that is named by its id or its ARN, if it can be one of this cluster.
pub(crate) fn own_task_id(name: &str) -> Option<&str> {
    let id = names::task_id(name);
    (name == id || name == task_arn(id)).then_some(id)
}

/// What is in the cluster: a task, a service, a container instance.
pub(crate) fn cluster_part_arn(kind: &str, id: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT_ID}:{kind}/{}/{id}", names::CLUSTER)
}

pub(crate) fn container_arn(task_id: &str, container_id: &str) -> String {
    format!(
        "arn:aws:ecs:{REGION}:{ACCOUNT_ID}:container/{}/{task_id}/{container_id}",
        names::CLUSTER
    )
}

pub(crate) fn function_arn(function: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}")
}

pub(crate) fn queue_arn(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue}")
}

pub(crate) fn log_group_arn(group: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}")
}
