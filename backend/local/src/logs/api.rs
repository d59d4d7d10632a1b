//! What groups and streams there are.

use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account;
use crate::http::json::{ApiError, ApiResult, parse};
use crate::logs::store::{self, as_stream};
use crate::logs::{Logs, group_missing};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    #[serde(default)]
    log_group_identifiers: Vec<String>,
    log_group_class: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// What every group here is of.
const CLASS: &str = "STANDARD";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// The group that a request names, by name or by ARN.
pub(super) fn group_name(name: Option<String>, identifier: Option<String>) -> Result<String, ApiError> {
    name.or(identifier.map(|text| named(&text).to_owned()))
        .ok_or_else(|| ApiError::new("InvalidParameterException", "the log group's name is missing"))
}

/// The name in a name or an ARN.
fn named(identifier: &str) -> &str {
    identifier
        .split_once(":log-group:")
        .map_or(identifier, |(_, name)| name.trim_end_matches(":*"))
}

/// A page of at most `limit` entries, and the token of the next: an offset, for these lists are short.
fn page<T>(entries: Vec<T>, token: Option<&str>, limit: usize) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| invalid_token())?,
    };
    let next = (entries.len() > start + limit).then(|| (start + limit).to_string());
    Ok((entries.into_iter().skip(start).take(limit).collect(), next))
}

pub(super) fn invalid_token() -> ApiError {
    ApiError::new("InvalidParameterException", "The specified nextToken is invalid.")
}

pub(super) fn check_limit(limit: Option<usize>, max: usize) -> Result<usize, ApiError> {
    match limit.unwrap_or(max) {
        limit if (1..=max).contains(&limit) => Ok(limit),
        limit => Err(ApiError::new(
            "InvalidParameterException",
            format!("Value {limit} at 'limit' must be from 1 to {max}"),
        )),
    }
}

fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let Some(token) = token {
        answer["nextToken"] = token.into();
    }
    answer
}

impl Logs {
    pub(super) async fn describe_log_groups(&self, input: &Value) -> ApiResult {
        let input: DescribeLogGroups = parse(input)?;
        let limit = check_limit(input.limit, 50)?;
        let groups: Vec<(String, i64, i64)> = self
            .db
            .read::<_, ApiError>(|tx| {
                let mut statement = tx.prepare_cached(
                    "SELECT name, created,
                         coalesce((SELECT sum(bytes) FROM log_streams WHERE log_group = log_groups.id), 0)
                     FROM log_groups ORDER BY name",
                )?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?;
        let wanted = |name: &str| {
            input
                .log_group_name_prefix
                .as_deref()
                .is_none_or(|prefix| name.starts_with(prefix))
                && input
                    .log_group_name_pattern
                    .as_deref()
                    .is_none_or(|part| name.contains(part))
                && input
                    .log_group_class
                    .as_deref()
                    .is_none_or(|class| class == CLASS)
                && (input.log_group_identifiers.is_empty()
                    || input.log_group_identifiers.iter().any(|of| named(of) == name))
        };
        let groups = groups
            .into_iter()
            .filter(|(name, _, _)| wanted(name))
            .map(|(name, created, bytes)| {
                let arn = account::log_group_arn(&name);
                json!({
                    "logGroupName": name, "creationTime": created, "storedBytes": bytes, "metricFilterCount": 0,
                    "arn": format!("{arn}:*"), "logGroupArn": arn, "logGroupClass": CLASS,
                })
            })
            .collect();
        let (groups, token) = page(groups, input.next_token.as_deref(), limit)?;
        Ok(with_token(json!({ "logGroups": groups }), token))
    }

    /// The same with less said of each, and by a pattern alone.
    pub(super) async fn list_log_groups(&self, input: &Value) -> ApiResult {
        let mut answer = self.describe_log_groups(input).await?;
        for group in answer["logGroups"].as_array_mut().into_iter().flatten() {
            if let Some(members) = group.as_object_mut() {
                members.retain(|name, _| {
                    ["logGroupName", "logGroupArn", "logGroupClass"].contains(&name.as_str())
                });
            }
        }
        Ok(answer)
    }

    pub(super) async fn describe_log_streams(&self, input: &Value) -> ApiResult {
        let input: DescribeLogStreams = parse(input)?;
        let limit = check_limit(input.limit, 50)?;
        let group = group_name(input.log_group_name, input.log_group_identifier)?;
        let by_time = match input.order_by.as_deref() {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") => true,
            Some(other) => {
                return Err(ApiError::new(
                    "InvalidParameterException",
                    format!("orderBy cannot be {other}"),
                ));
            }
        };
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        if by_time && !prefix.is_empty() {
            return Err(ApiError::new(
                "InvalidParameterException",
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
        let offset: i64 = input
            .next_token
            .as_deref()
            .map_or(Ok(0), |token| token.parse().map_err(|_| invalid_token()))?;
        let descending = input.descending;
        let name = group.clone();
        let mut streams = self
            .db
            .read::<_, ApiError>(move |tx| {
                let group = store::group_id(tx, &name)?.ok_or_else(group_missing)?;
                let order = match (by_time, descending) {
                    (false, false) => "name",
                    (false, true) => "name DESC",
                    (true, false) => "last, id",
                    (true, true) => "last DESC, id DESC",
                };
                let values: [Sql; 4] = [
                    group.into(),
                    prefix.into(),
                    (limit as i64 + 1).into(),
                    offset.into(),
                ];
                let mut statement = tx.prepare_cached(&format!(
                    "SELECT id, name, created, first, last, ingested FROM log_streams
                     WHERE log_group = ?1 AND substr(name, 1, length(?2)) = ?2
                     ORDER BY {order} LIMIT ?3 OFFSET ?4"
                ))?;
                let rows = statement.query_map(params_from_iter(values), as_stream)?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?)
            })
            .await?;
        let token = (streams.len() > limit).then(|| (offset + limit as i64).to_string());
        streams.truncate(limit);
        let streams: Vec<Value> = streams
            .into_iter()
            .map(|stream| {
                let mut answer = json!({
                    "logStreamName": stream.name,
                    "creationTime": stream.created,
                    "arn": format!("{}:log-stream:{}", account::log_group_arn(&group), stream.name),
                    "storedBytes": 0,
                    "uploadSequenceToken": stream.id.to_string(),
                });
                for (name, time) in [
                    ("firstEventTimestamp", stream.first),
                    ("lastEventTimestamp", stream.last),
                    ("lastIngestionTime", stream.ingested),
                ] {
                    if let Some(time) = time {
                        answer[name] = time.into();
                    }
                }
                answer
            })
            .collect();
        Ok(with_token(json!({ "logStreams": streams }), token))
    }
}
