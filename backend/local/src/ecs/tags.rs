//! Tags read and changed, which only tasks have here.

use rusqlite::Transaction;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::own_task_id;
use crate::ecs::request::{Tag, check_tags, invalid};
use crate::ecs::runner::Ecs;
use crate::ecs::store;
use crate::http::json::{ApiError, ApiResult, parse};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    resource_arn: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

pub(super) async fn list(ecs: &Ecs, input: &Value) -> ApiResult {
    let request: Request = parse(input)?;
    let Some(id) = own_task_id(&request.resource_arn).map(str::to_owned) else {
        return Ok(json!({ "tags": [] }));
    };
    let task = ecs
        .db()
        .read::<_, ApiError>(move |tx| Ok(store::find(tx, &id)?))
        .await?;
    Ok(json!({ "tags": task.ok_or_else(missing)?.tags }))
}

/// `TagResource` and `UntagResource`: the keys named go, the tags given come.
pub(super) async fn change(ecs: &Ecs, input: &Value) -> ApiResult {
    let request: Request = parse(input)?;
    let id = own_task_id(&request.resource_arn).ok_or_else(missing)?.to_owned();
    let change = move |tx: &Transaction<'_>| {
        let mut task = store::find(tx, &id)?.ok_or_else(missing)?;
        task.tags.retain(|tag| {
            !request.tag_keys.contains(&tag.key) && !request.tags.iter().any(|new| new.key == tag.key)
        });
        task.tags.extend(request.tags);
        check_tags(&task.tags)?;
        store::save(tx, &task)
    };
    ecs.db().write::<_, ApiError>(change).await?;
    Ok(json!({}))
}

fn missing() -> ApiError {
    invalid("The referenced task was not found; only tasks have tags here.")
}
