//! The cluster, the task definition, its roles, and where everything writes its log.

use aws_sdk_ecs::types::Compatibility;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use posterframe_contract::names;
use serde_json::json;

use super::examiner::Examiner;
use super::fault::Fault;
use super::report::{CheckResult, Component};
use super::signed_request::{SignedRequest, element, elements, send};
use crate::aws::Session;

const IAM_VERSION: &str = "2010-05-08";
/// Who must be able to take on the task's roles.
const TASKS_PRINCIPAL: &str = "ecs-tasks.amazonaws.com";

impl Examiner {
    pub(super) async fn cluster(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let name = &session.backend.cluster;
        let answer = session
            .ecs
            .describe_clusters()
            .clusters(name)
            .send()
            .await
            .map_err(|error| Fault::of(&error))?;
        let Some(cluster) = answer.clusters().first() else {
            return Err(Fault::Missing(name.clone()));
        };
        let status = cluster.status().unwrap_or("ACTIVE");
        if status != "ACTIVE" {
            return Ok(CheckResult::failed(
                format!("{name} is {}", status.to_lowercase()),
                "Run script/deploy again, or name another cluster",
            ));
        }
        Ok(CheckResult::passed(format!(
            "{name}: {} running, {} waiting",
            tasks(cluster.running_tasks_count()),
            tasks(cluster.pending_tasks_count()),
        )))
    }

    pub(super) async fn task_definition(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let backend = &session.backend;
        let definition = self.definition().await?;
        let name = format!("{}:{}", backend.task_family, definition.revision());
        let fail = |what: String, advice: &str| Ok(CheckResult::failed(what, advice));
        let deploy = "Run script/deploy again to register it anew";
        if definition
            .status()
            .is_some_and(|status| status.as_str() != "ACTIVE")
        {
            return fail(format!("{name} is not active any more"), deploy);
        }
        let containers: Vec<&str> = definition
            .container_definitions()
            .iter()
            .filter_map(|container| container.name())
            .collect();
        let container = definition
            .container_definitions()
            .iter()
            .find(|container| container.name() == Some(&backend.container));
        // moto keeps a container's name in another spelling, which its answer then lacks.
        let Some(container) = container.or_else(|| {
            definition
                .container_definitions()
                .first()
                .filter(|_| containers.is_empty())
        }) else {
            return fail(
                format!(
                    "{name} has no container {} (it has {})",
                    backend.container,
                    containers.join(", ")
                ),
                "Set the container's name to one that it has",
            );
        };
        let places = definition.requires_compatibilities();
        if !places.is_empty() && !places.contains(&Compatibility::Fargate) {
            return fail(format!("{name} does not run on Fargate"), deploy);
        }
        let options = container.log_configuration().and_then(|log| log.options());
        let group = options.and_then(|options| options.get("awslogs-group"));
        let expected = names::task_log_group(&backend.task_family);
        if group.is_some_and(|group| *group != expected) {
            return Ok(CheckResult::warning(
                format!(
                    "{name} logs to {}, not to {expected}",
                    group.map_or("", String::as_str)
                ),
                "Jobs work, but their log does not show; run script/deploy again",
            ));
        }
        Ok(CheckResult::passed(name))
    }

    pub(super) async fn roles(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let definition = self
            .definition()
            .await
            .map_err(|_| Fault::DependsOn(Component::TaskDefinition))?;
        let (Some(task), Some(execution)) = (definition.task_role_arn(), definition.execution_role_arn())
        else {
            return Ok(CheckResult::failed(
                "the task definition names no task role, or no execution role",
                "Run script/deploy again to register it anew",
            ));
        };
        for arn in [task, execution] {
            let name = role_name(arn);
            let answer = iam(session, "GetRole", &[("RoleName", name)]).await?;
            let trust = element(&answer, "AssumeRolePolicyDocument").unwrap_or_default();
            if !percent_decode_str(trust)
                .decode_utf8_lossy()
                .contains(TASKS_PRINCIPAL)
            {
                return Ok(CheckResult::failed(
                    format!("ECS may not take on role {name}"),
                    format!("Let {TASKS_PRINCIPAL} assume it, or run script/deploy again"),
                ));
            }
        }
        let backend = &session.backend;
        // Action, folder, an object in it, and what it is about.
        let rights = [
            (
                "s3:GetObject",
                &backend.uploads_folder,
                "x_00-00.mp4",
                "read uploads",
            ),
            ("s3:GetObject", &backend.jobs_folder, "x.json", "read requests"),
            ("s3:GetObject", &backend.videos_folder, "x/x.mp4", "read videos"),
            (
                "s3:PutObject",
                &backend.thumbnails_folder,
                "x.png",
                "write thumbnails",
            ),
        ];
        for (action, folder, name, what) in rights {
            let folder = format!("{}/{}", backend.bucket, folder.trim_matches('/'));
            let (object, all) = (format!("{folder}/{name}"), format!("{folder}/*"));
            let resource = format!("arn:aws:s3:::{object}");
            let parameters = [
                ("PolicySourceArn", task),
                ("ActionNames.member.1", action),
                ("ResourceArns.member.1", &resource),
            ];
            // Few may simulate, and not every IAM can; then the roles are there, and that is all that is known.
            let Ok(answer) = iam(session, "SimulatePrincipalPolicy", &parameters).await else {
                return Ok(CheckResult::passed(format!(
                    "{} and {} are there",
                    role_name(task),
                    role_name(execution)
                )));
            };
            let allowed = elements(&answer, "EvalDecision").all(|decision| decision == "allowed");
            if !allowed {
                return Ok(CheckResult::failed(
                    format!("the task may not {what}"),
                    format!("Add {action} on {all} to role {}", role_name(task)),
                )
                .remedy("policy", allow(action, &all)));
            }
        }
        Ok(CheckResult::passed(
            "the task may read requests and videos, and write thumbnails",
        ))
    }

    pub(super) async fn logs(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let backend = &session.backend;
        let of_task = names::task_log_group(&backend.task_family);
        let of_functions = [&backend.upload_function, &backend.thumbnail_function]
            .map(|name| names::function_log_group(name));
        let [task, upload, thumbnail] = futures::future::join_all(
            [&of_task, &of_functions[0], &of_functions[1]].map(|name| has_group(session, name)),
        )
        .await
        .try_into()
        .unwrap_or([Ok(false), Ok(false), Ok(false)]);
        if !task? && !backend.is_local() {
            return Ok(CheckResult::failed(
                format!("there is no group {of_task}, without which tasks do not start"),
                "Run script/deploy again",
            ));
        }
        let missing: Vec<&str> = [(upload?, &of_functions[0]), (thumbnail?, &of_functions[1])]
            .into_iter()
            .filter_map(|(there, name)| (!there).then_some(name.as_str()))
            .collect();
        // On this computer a group appears with its first line.
        if missing.is_empty() || backend.is_local() {
            return Ok(CheckResult::passed(format!(
                "{of_task} and those of the functions"
            )));
        }
        Ok(CheckResult::warning(
            format!("not there yet: {}", missing.join(", ")),
            "They appear when the functions first run; if they have run, check the functions' roles",
        ))
    }
}

async fn has_group(session: &Session, name: &str) -> Result<bool, Fault> {
    let answer = session
        .logs
        .describe_log_groups()
        .log_group_name_prefix(name)
        .send()
        .await
        .map_err(|error| Fault::of(&error))?;
    Ok(answer
        .log_groups()
        .iter()
        .any(|group| group.log_group_name() == Some(name)))
}

async fn iam(session: &Session, action: &str, parameters: &[(&str, &str)]) -> Result<String, Fault> {
    let mut body = format!("Action={action}&Version={IAM_VERSION}");
    for (name, value) in parameters {
        body = format!("{body}&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    let request = SignedRequest {
        service: "iam",
        method: "POST",
        path: "/",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body,
    };
    send(session, request).await
}

fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn allow(action: &str, resource: &str) -> String {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::{resource}") }],
    });
    format!("{policy:#}")
}

fn tasks(count: i32) -> String {
    if count == 1 {
        "1 task".to_owned()
    } else {
        format!("{count} tasks")
    }
}
