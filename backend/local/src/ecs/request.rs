//! The requests of ECS's operations, and checks for what this backend does not support.

use posterframe_contract::{env, names};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::account;
use crate::http::json::ApiError;

/// ECS's limit for the overrides as JSON.
const MAX_OVERRIDES: usize = 8192;
/// ECS's limit for one resource.
const MAX_TAGS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunTask {
    #[serde(default)]
    pub(super) cluster: Option<String>,
    pub(super) task_definition: String,
    #[serde(default = "one")]
    pub(super) count: u32,
    #[serde(default)]
    pub(super) overrides: Overrides,
    #[serde(default)]
    pub(super) started_by: Option<String>,
    #[serde(default)]
    pub(super) client_token: Option<String>,
    #[serde(default)]
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) launch_type: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    #[serde(default)]
    capacity_provider_strategy: Vec<Value>,
}

fn one() -> u32 {
    1
}

/// One tag of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    value: String,
}

/// What a call changes of the task definition. Members that have no meaning here are kept and shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Overrides {
    pub(super) container_overrides: Vec<ContainerOverride>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerOverride {
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) command: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) environment: Vec<Pair>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}

impl RunTask {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_cluster(self.cluster.as_deref())?;
        check_task_definition(&self.task_definition)?;
        if !(1..=10).contains(&self.count) {
            return Err(invalid("count must be from 1 to 10."));
        }
        if self
            .started_by
            .as_ref()
            .is_some_and(|text| text.chars().count() > 128)
        {
            return Err(invalid("startedBy must be at most 128 characters."));
        }
        let token = self.client_token.as_deref().unwrap_or("");
        if token.len() > 64 || !token.bytes().all(|byte| (33..=126).contains(&byte)) {
            return Err(invalid(
                "clientToken must be at most 64 ASCII characters from 33 to 126.",
            ));
        }
        if let Some(kind) = self.launch_type.as_deref().filter(|kind| *kind != "FARGATE") {
            return Err(invalid(&format!(
                "There is no capacity of launch type {kind} here."
            )));
        }
        if !self.capacity_provider_strategy.is_empty() {
            return Err(invalid(
                "The specified capacity provider is not associated with the cluster.",
            ));
        }
        check_tags(&self.tags)?;
        self.overrides.check()
    }

    /// Two calls with one client token are the same if all else in them is equal.
    pub(super) fn fingerprint(input: &Value) -> String {
        let mut canonical = String::new();
        let mut input = input.clone();
        if let Some(members) = input.as_object_mut() {
            members.remove("clientToken");
        }
        write_sorted(&input, &mut canonical);
        hex::encode(Sha256::digest(canonical))
    }
}

/// JSON with its members sorted, since clients send them in any order.
fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().filter(|(_, value)| !value.is_null()).collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                write_sorted(value, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

impl Overrides {
    fn check(&self) -> Result<(), ApiError> {
        let length = serde_json::to_string(self)?.chars().count();
        if length > MAX_OVERRIDES {
            return Err(invalid(&format!(
                "Container Overrides length must be at most {MAX_OVERRIDES}, and is {length}."
            )));
        }
        for container in &self.container_overrides {
            match container.name.as_deref() {
                Some(names::CONTAINER) => {}
                Some(name) => {
                    return Err(invalid(&format!(
                        "Override for container named {name} is not a container in the TaskDefinition."
                    )));
                }
                None => return Err(invalid("Container override has no name.")),
            }
            let broken = |pair: &Pair| {
                pair.name.is_empty() || pair.name.contains(['=', '\0']) || pair.value.contains('\0')
            };
            if container.environment.iter().any(broken) {
                return Err(invalid(
                    "An environment variable's name is empty, or it contains = or NUL.",
                ));
            }
            if let Some(pair) = container.environment.iter().find(|pair| is_the_hosts(&pair.name)) {
                return Err(invalid(&format!(
                    "The environment variable {} cannot be overridden: tasks run on this machine itself.",
                    pair.name
                )));
            }
        }
        Ok(())
    }

    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let pairs = self
            .container_overrides
            .iter()
            .flat_map(|container| &container.environment);
        pairs
            .map(|pair| (pair.name.clone(), pair.value.clone()))
            .collect()
    }

    pub(super) fn command(&self) -> Vec<String> {
        self.container_overrides
            .last()
            .map(|container| container.command.clone())
            .unwrap_or_default()
    }
}

/// Whether a variable decides which code a process loads, or which account it uses. A container is isolated from the user's
/// machine; a child process here is not.
fn is_the_hosts(name: &str) -> bool {
    // Names of variables are case-insensitive on Windows.
    let name = name.to_ascii_uppercase();
    let prefixes = ["LD_", "DYLD_", "GLIBC_", "GCONV_", "AWS_"];
    name != env::REGION
        && (["PATH", "HOME"].contains(&name.as_str())
            || prefixes.iter().any(|prefix| name.starts_with(prefix)))
}

pub(super) fn invalid(message: &str) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

pub(super) fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.len() > MAX_TAGS {
        return Err(invalid("A resource can have at most 50 tags."));
    }
    if tags.iter().any(|tag| tag.key.is_empty()) {
        return Err(invalid("A tag's key cannot be empty."));
    }
    Ok(())
}

/// The cluster by name or ARN. Without one, ECS means `default`, which is not there.
pub(super) fn check_cluster(cluster: Option<&str>) -> Result<(), ApiError> {
    match cluster {
        Some(text) if text == names::CLUSTER || text == account::cluster_arn() => Ok(()),
        _ => Err(ApiError::new("ClusterNotFoundException", "Cluster not found.")),
    }
}

/// `family`, `family:revision` or the ARN.
pub(super) fn check_task_definition(text: &str) -> Result<(), ApiError> {
    let name = text.rsplit('/').next().unwrap_or(text);
    let (family, revision) = name
        .split_once(':')
        .map_or((name, None), |(family, rest)| (family, Some(rest)));
    let known = family == names::TASK_FAMILY
        && revision.is_none_or(|revision| revision == account::REVISION.to_string())
        && (name == text || text == account::task_definition_arn());
    if known {
        Ok(())
    } else {
        Err(ApiError::new(
            "ClientException",
            "Unable to describe task definition.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(input: Value) -> Result<(), &'static str> {
        serde_json::from_value::<RunTask>(input)
            .unwrap()
            .check()
            .map_err(|error| error.code)
    }

    // Breaks if a wrong call starts a task here and fails on AWS, or the reverse.
    #[test]
    fn requests() {
        let good = json!({ "cluster": "posterframe", "taskDefinition": "posterframe-worker" });
        assert_eq!(check(good.clone()), Ok(()));
        let with = |name: &str, value: Value| {
            let mut input = good.clone();
            input[name] = value;
            check(input)
        };
        assert_eq!(with("cluster", json!("other")), Err("ClusterNotFoundException"));
        assert_eq!(
            with("taskDefinition", json!(account::task_definition_arn())),
            Ok(())
        );
        assert_eq!(
            with("taskDefinition", json!("posterframe-worker:2")),
            Err("ClientException")
        );
        assert_eq!(
            with("startedBy", json!("x".repeat(129))),
            Err("InvalidParameterException")
        );
        assert_eq!(
            with("clientToken", json!("x".repeat(65))),
            Err("InvalidParameterException")
        );
        let container = |name: &str, value: String| {
            let environment = json!([{ "name": "N", "value": value }]);
            with(
                "overrides",
                json!({ "containerOverrides": [{ "name": name, "environment": environment }] }),
            )
        };
        assert_eq!(container("worker", "v".into()), Ok(()));
        assert_eq!(container("other", "v".into()), Err("InvalidParameterException"));
        assert_eq!(
            container("worker", "v".repeat(8200)),
            Err("InvalidParameterException")
        );
    }

    // Breaks if whoever may run a task can have this machine load code of theirs, or lead the worker to another account.
    #[test]
    fn variables_of_the_host() {
        let check = |name: &str| {
            let environment = json!([{ "name": name, "value": "x" }]);
            check(json!({
                "cluster": "posterframe", "taskDefinition": "posterframe-worker",
                "overrides": { "containerOverrides": [{ "name": "worker", "environment": environment }] },
            }))
        };
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "GCONV_PATH",
            "PATH",
            "Path",
            "HOME",
            "AWS_ENDPOINT_URL",
            "AWS_CONFIG_FILE",
        ] {
            assert_eq!(check(name), Err("InvalidParameterException"), "{name}");
        }
        for name in [env::REGION, env::INPUT, env::MAX_PIXELS, "RUST_LOG", "OLD_PATH"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    // Breaks if a repeated event is taken for another because its JSON is ordered differently.
    #[test]
    fn fingerprints() {
        let one = json!({ "a": { "x": 1, "y": [1, 2] }, "clientToken": "t" });
        let same = json!({ "a": { "y": [1, 2], "x": 1, "z": null }, "clientToken": "u" });
        let other = json!({ "a": { "y": [2, 1], "x": 1 } });
        assert_eq!(RunTask::fingerprint(&one), RunTask::fingerprint(&same));
        assert_ne!(RunTask::fingerprint(&one), RunTask::fingerprint(&other));
    }
}
