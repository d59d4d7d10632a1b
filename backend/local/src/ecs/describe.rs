//! Operations whose answers never change here: the cluster, the task definition, and empty lists of what this backend
//! does not have.

use posterframe_contract::names;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account;
use crate::ecs::request::{check_cluster, check_task_definition};
use crate::ecs::runner::Ecs;
use crate::ecs::task::{CPU, MEMORY};
use crate::http::json::{ApiError, ApiResult, parse};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeTaskDefinition {
    task_definition: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListTaskDefinitions {
    family_prefix: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct DescribeClusters {
    #[serde(default)]
    clusters: Vec<String>,
}

pub(super) async fn call(ecs: &Ecs, operation: &str, input: &Value) -> ApiResult {
    match operation {
        "ListClusters" => Ok(json!({ "clusterArns": [account::cluster_arn()] })),
        "DescribeClusters" => describe_clusters(ecs, input).await,
        "DescribeTaskDefinition" => {
            let request: DescribeTaskDefinition = parse(input)?;
            check_task_definition(&request.task_definition)?;
            Ok(json!({ "taskDefinition": task_definition(), "tags": [] }))
        }
        "ListTaskDefinitions" => {
            let request: ListTaskDefinitions = parse(input)?;
            let listed = request
                .family_prefix
                .as_deref()
                .is_none_or(|family| family == names::TASK_FAMILY)
                && request.status.as_deref().is_none_or(|status| status == "ACTIVE");
            let arns: Vec<String> = listed.then(account::task_definition_arn).into_iter().collect();
            Ok(json!({ "taskDefinitionArns": arns }))
        }
        "ListTaskDefinitionFamilies" => {
            let request: ListTaskDefinitions = parse(input)?;
            let prefix = request.family_prefix.unwrap_or_default();
            let families: Vec<&str> = [names::TASK_FAMILY]
                .into_iter()
                .filter(|family| family.starts_with(&prefix))
                .collect();
            Ok(json!({ "families": families }))
        }
        // ECS answers with the cluster where it exists already.
        "CreateCluster" if input["clusterName"] == names::CLUSTER => {
            let mut answer = describe_clusters(ecs, &json!({ "clusters": [names::CLUSTER] })).await?;
            Ok(json!({ "cluster": answer["clusters"][0].take() }))
        }
        "ListServices" => of_cluster(input, json!({ "serviceArns": [] })),
        "DescribeServices" => of_cluster(input, missing("services", "service", input)),
        "ListContainerInstances" => of_cluster(input, json!({ "containerInstanceArns": [] })),
        "DescribeContainerInstances" => {
            of_cluster(input, missing("containerInstances", "container-instance", input))
        }
        _ => Err(ApiError::unknown_operation(operation)),
    }
}

/// An answer about what the cluster has.
fn of_cluster(input: &Value, answer: Value) -> ApiResult {
    check_cluster(input["cluster"].as_str())?;
    Ok(answer)
}

/// None of what was asked for is there.
fn missing(list: &str, kind: &str, input: &Value) -> Value {
    let asked = input[list].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let failures: Vec<Value> = asked
        .iter()
        .filter_map(Value::as_str)
        .map(|name| json!({ "arn": account::cluster_part_arn(kind, names::task_id(name)), "reason": "MISSING" }))
        .collect();
    json!({ list: [], "failures": failures })
}

async fn describe_clusters(ecs: &Ecs, input: &Value) -> ApiResult {
    let request: DescribeClusters = parse(input)?;
    let own = |name: &str| name == names::CLUSTER || name == account::cluster_arn();
    let asked = if request.clusters.is_empty() {
        vec!["default".to_owned()]
    } else {
        request.clusters
    };
    let (known, unknown): (Vec<String>, Vec<String>) = asked.into_iter().partition(|name| own(name));
    let (running, pending): (i64, i64) = ecs
        .db()
        .read::<_, ApiError>(|tx| {
            Ok(tx.query_row(
                "SELECT count(*) FILTER (WHERE last = 'RUNNING'),
                        count(*) FILTER (WHERE last IN ('PROVISIONING', 'PENDING'))
                 FROM tasks WHERE desired = 'RUNNING'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?)
        })
        .await?;
    let clusters: Vec<Value> = known
        .iter()
        .map(|_| {
            json!({
                "clusterArn": account::cluster_arn(), "clusterName": names::CLUSTER, "status": "ACTIVE",
                "registeredContainerInstancesCount": 0, "runningTasksCount": running,
                "pendingTasksCount": pending, "activeServicesCount": 0, "statistics": [], "tags": [],
                "settings": [], "capacityProviders": [], "defaultCapacityProviderStrategy": [],
            })
        })
        .collect();
    let failures: Vec<Value> = unknown
        .iter()
        .map(|name| {
            let arn = account::cluster_arn();
            let folder = arn.rsplit_once('/').map_or("", |(folder, _)| folder);
            json!({ "arn": format!("{folder}/{}", names::task_id(name)), "reason": "MISSING" })
        })
        .collect();
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

/// The definition that the stack on AWS registers, as far as it applies here.
fn task_definition() -> Value {
    json!({
        "taskDefinitionArn": account::task_definition_arn(),
        "family": names::TASK_FAMILY,
        "revision": account::REVISION,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "compatibilities": ["EC2", "FARGATE"],
        "cpu": CPU,
        "memory": MEMORY,
        "volumes": [],
        "placementConstraints": [],
        "requiresAttributes": [],
        "containerDefinitions": [{
            "name": names::CONTAINER,
            "image": names::TASK_FAMILY,
            "essential": true,
            "cpu": 0,
            "memory": MEMORY.parse::<u32>().unwrap_or_default(),
            "environment": [],
            "mountPoints": [],
            "portMappings": [],
            "volumesFrom": [],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": names::task_log_group(names::TASK_FAMILY),
                    "awslogs-region": account::REGION,
                    "awslogs-stream-prefix": names::LOG_STREAM_PREFIX,
                },
            },
        }],
    })
}
