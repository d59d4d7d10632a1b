//! ECS's operations on tasks: run, list, describe, stop.

use std::fmt::Write;

use posterframe_contract::names;
use rusqlite::types::Value as Sql;
use rusqlite::{Transaction, params_from_iter};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account;
use crate::ecs::request::{RunTask, check_cluster, invalid};
use crate::ecs::runner::Ecs;
use crate::ecs::store::{self, Token};
use crate::ecs::tags;
use crate::ecs::task::{RUNNING, STOPPED, Task};
use crate::http::json::{ApiError, ApiResult, parse};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListTasks {
    cluster: Option<String>,
    family: Option<String>,
    started_by: Option<String>,
    service_name: Option<String>,
    container_instance: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct DescribeTasks {
    cluster: Option<String>,
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
struct StopTask {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

impl Ecs {
    pub(crate) async fn call(&self, operation: &str, input: &Value) -> ApiResult {
        match operation {
            "RunTask" => self.run_task(input).await,
            "DescribeTasks" => self.describe_tasks(input).await,
            "ListTasks" => self.list_tasks(input).await,
            "StopTask" => self.stop_task(input).await,
            "ListTagsForResource" => tags::list(self, input).await,
            "TagResource" | "UntagResource" => tags::change(self, input).await,
            _ => super::describe::call(self, operation, input).await,
        }
    }

    async fn run_task(&self, input: &Value) -> ApiResult {
        let request: RunTask = parse(input)?;
        request.check()?;
        let fingerprint = RunTask::fingerprint(input);
        let this = self.clone();
        // In the transaction's own thread: where the client disconnects, this future is dropped before the answer.
        let enqueue = move |(tasks, new): &(Vec<Task>, bool)| {
            if *new {
                this.enqueue(tasks.iter().map(|task| task.id().to_owned()));
            }
        };
        let run = move |tx: &Transaction<'_>| {
            let token = request.client_token.as_deref().filter(|token| !token.is_empty());
            if let Some(known) = token
                .map(|token| store::find_token(tx, token))
                .transpose()?
                .flatten()
            {
                if known.request != fingerprint {
                    let arns: Vec<_> = known.tasks.iter().map(|id| account::task_arn(id)).collect();
                    return Err(ApiError::new(
                        "ConflictException",
                        "The clientToken was used with different parameters.",
                    )
                    .with("resourceIds", json!(arns)));
                }
                let tasks: Vec<Task> = known
                    .tasks
                    .iter()
                    .filter_map(|id| store::find(tx, id).transpose())
                    .collect::<Result<_, _>>()?;
                return Ok((tasks, false));
            }
            let mut tasks = Vec::new();
            for _ in 0..request.count {
                let mut task = Task::new(
                    request.overrides.clone(),
                    request.started_by.clone(),
                    request.group.clone(),
                );
                task.tags.clone_from(&request.tags);
                store::insert(tx, &task)?;
                // The caller sees PROVISIONING; there is nothing to provision.
                store::update(tx, task.id(), Task::pend)?;
                tasks.push(task);
            }
            if let Some(token) = token {
                let ids = tasks.iter().map(|task| task.id().to_owned()).collect();
                store::insert_token(
                    tx,
                    token,
                    &Token {
                        request: fingerprint,
                        tasks: ids,
                    },
                )?;
            }
            Ok((tasks, true))
        };
        let (tasks, _) = self.db().write_then::<_, ApiError>(run, enqueue).await?;
        Ok(json!({ "tasks": tasks, "failures": [] }))
    }

    async fn describe_tasks(&self, input: &Value) -> ApiResult {
        let request: DescribeTasks = parse(input)?;
        check_cluster(request.cluster.as_deref())?;
        if request.tasks.len() > 100 {
            return Err(invalid("At most 100 tasks can be described at a time."));
        }
        if request.tasks.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        let with_tags = request.include.iter().any(|what| what == "TAGS");
        let (tasks, missing) = self
            .db()
            .read::<_, ApiError>(move |tx| {
                let (mut tasks, mut missing) = (Vec::new(), Vec::new());
                for name in request.tasks {
                    let found = account::own_task_id(&name)
                        .map(|id| store::find(tx, id))
                        .transpose()?
                        .flatten();
                    match found {
                        Some(mut task) => {
                            if !with_tags {
                                task.tags.clear();
                            }
                            tasks.push(task);
                        }
                        None => missing.push(account::task_arn(names::task_id(&name))),
                    }
                }
                Ok((tasks, missing))
            })
            .await?;
        let failures: Vec<Value> = missing
            .into_iter()
            .map(|arn| json!({ "arn": arn, "reason": "MISSING" }))
            .collect();
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    async fn list_tasks(&self, input: &Value) -> ApiResult {
        let request: ListTasks = parse(input)?;
        check_cluster(request.cluster.as_deref())?;
        if request.started_by.is_some() && (request.family.is_some() || request.service_name.is_some()) {
            return Err(invalid("startedBy cannot be used together with other filters."));
        }
        let desired = match request.desired_status.as_deref() {
            // ECS says itself that it never has a task whose desired status is PENDING.
            None | Some("PENDING" | RUNNING) => RUNNING,
            Some(STOPPED) => STOPPED,
            Some(other) => return Err(invalid(&format!("desiredStatus cannot be {other}."))),
        };
        let nothing = request.service_name.is_some()
            || request.container_instance.is_some()
            || request
                .launch_type
                .as_deref()
                .is_some_and(|kind| kind != "FARGATE")
            || request.desired_status.as_deref() == Some("PENDING");
        if nothing {
            return Ok(json!({ "taskArns": [] }));
        }
        let limit = request.max_results.unwrap_or(100).clamp(1, 100);
        let before: i64 = match &request.next_token {
            None => i64::MAX,
            Some(token) => token.parse().map_err(|_| invalid("Invalid token."))?,
        };
        let mut rows: Vec<(i64, String)> = self
            .db()
            .read::<_, ApiError>(move |tx| {
                let mut sql = "SELECT seq, id FROM tasks WHERE desired = ?1 AND seq < ?2".to_owned();
                let mut values: Vec<Sql> = vec![desired.to_owned().into(), before.into()];
                for (column, value) in [("started_by", request.started_by), ("family", request.family)] {
                    if let Some(value) = value {
                        values.push(value.into());
                        let _ = write!(sql, " AND {column} = ?{}", values.len());
                    }
                }
                // Newest first: clients look for recent tasks.
                let _ = write!(sql, " ORDER BY seq DESC LIMIT {}", limit + 1);
                let mut statement = tx.prepare_cached(&sql)?;
                let rows =
                    statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let arns: Vec<String> = rows.iter().map(|(_, id)| account::task_arn(id)).collect();
        let mut answer = json!({ "taskArns": arns });
        if let Some((seq, _)) = rows.last().filter(|_| more) {
            answer["nextToken"] = seq.to_string().into();
        }
        Ok(answer)
    }

    async fn stop_task(&self, input: &Value) -> ApiResult {
        let request: StopTask = parse(input)?;
        check_cluster(request.cluster.as_deref())?;
        let missing = || invalid("The referenced task was not found.");
        let id = account::own_task_id(&request.task)
            .ok_or_else(missing)?
            .to_owned();
        let reason = request
            .reason
            .unwrap_or_else(|| "Task stopped by user".to_owned());
        if let Some(task) = self.stop(&id, reason).await? {
            return Ok(json!({ "task": task }));
        }
        // The task is stopped already: ECS answers with the task as it is.
        let task = self
            .db()
            .read::<_, ApiError>(move |tx| Ok(store::find(tx, &id)?))
            .await?;
        Ok(json!({ "task": task.ok_or_else(missing)? }))
    }
}
