//! Log events read: by position in one stream, or by time across the streams of a group.

use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::json::{ApiError, ApiResult, parse};
use crate::logs::api::{check_limit, group_name, invalid_token};
use crate::logs::filter::Filter;
use crate::logs::store::{self, Event, as_event};
use crate::logs::{Logs, group_missing, stream_missing};

/// AWS's limits for one page.
const MAX_EVENTS: usize = 10_000;
const MAX_PAGE_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    start_from_head: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_names: Vec<String>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    #[serde(default)]
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<usize>,
}

/// A position in a stream: forward from after an event, or backward from before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    After(i64),
    Before(i64),
}

impl Cursor {
    /// In AWS's form, 56 digits: clients compare these and send them back, no more.
    fn token(self) -> String {
        match self {
            Self::After(id) => format!("f/{id:056}"),
            Self::Before(id) => format!("b/{id:056}"),
        }
    }

    fn parse(token: &str) -> Result<Self, ApiError> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| invalid_token());
        match token.split_once('/') {
            Some(("f", id)) => Ok(Self::After(number(id)?)),
            Some(("b", id)) => Ok(Self::Before(number(id)?)),
            _ => Err(invalid_token()),
        }
    }
}

impl Logs {
    pub(super) async fn get_log_events(&self, input: &Value) -> ApiResult {
        let input: GetLogEvents = parse(input)?;
        let limit = check_limit(input.limit, MAX_EVENTS)?;
        let group = group_name(input.log_group_name, input.log_group_identifier)?;
        let cursor = match &input.next_token {
            Some(token) => Cursor::parse(token)?,
            None if input.start_from_head => Cursor::After(0),
            None => Cursor::Before(i64::MAX),
        };
        let events = self
            .db
            .read::<_, ApiError>(move |tx| {
                let group = store::group_id(tx, &group)?.ok_or_else(group_missing)?;
                let stream = store::stream(tx, group, &input.log_stream_name)?.ok_or_else(stream_missing)?;
                let (condition, order, id) = match cursor {
                    Cursor::After(id) => ("id > ?2", "", id),
                    Cursor::Before(id) => ("id < ?2", "DESC", id),
                };
                let mut statement = tx.prepare_cached(&format!(
                    "SELECT id, '', time, ingested, message FROM log_events
                     WHERE stream = ?1 AND {condition} AND time >= ?3 AND time < ?4 ORDER BY id {order} LIMIT ?5"
                ))?;
                let values: [Sql; 5] = [
                    stream.id.into(),
                    id.into(),
                    input.start_time.unwrap_or(0).into(),
                    input.end_time.unwrap_or(i64::MAX).into(),
                    (limit as i64).into(),
                ];
                let mut events = Vec::new();
                let mut bytes = 0;
                let mut rows = statement.query(params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    let event = as_event(row)?;
                    bytes += event.message.len();
                    if bytes > MAX_PAGE_BYTES && !events.is_empty() {
                        break;
                    }
                    events.push(event);
                }
                if matches!(cursor, Cursor::Before(_)) {
                    events.reverse();
                }
                Ok(events)
            })
            .await?;
        // Past either end the token stays the same: that is how a client knows that it is there.
        let (forward, backward) = match (events.first(), events.last(), cursor) {
            (Some(first), Some(last), _) => (Cursor::After(last.id), Cursor::Before(first.id)),
            (_, _, Cursor::After(id)) => (cursor, Cursor::Before(id.saturating_add(1))),
            // An empty stream from its end: what comes later is after this point all the same.
            (_, _, Cursor::Before(i64::MAX)) => (Cursor::After(0), cursor),
            (_, _, Cursor::Before(id)) => (Cursor::After(id - 1), cursor),
        };
        let events: Vec<Value> = events
            .iter()
            .map(|event| {
                json!({ "timestamp": event.time, "message": event.message, "ingestionTime": event.ingested })
            })
            .collect();
        Ok(json!({
            "events": events, "nextForwardToken": forward.token(), "nextBackwardToken": backward.token(),
        }))
    }

    pub(super) async fn filter_log_events(&self, input: &Value) -> ApiResult {
        let input: FilterLogEvents = parse(input)?;
        let limit = check_limit(input.limit, MAX_EVENTS)?;
        let group = group_name(input.log_group_name.clone(), input.log_group_identifier.clone())?;
        if !input.log_stream_names.is_empty() && input.log_stream_name_prefix.is_some() {
            return Err(ApiError::new(
                "InvalidParameterException",
                "logStreamNames and logStreamNamePrefix cannot be given together.",
            ));
        }
        let filter = Filter::parse(&input.filter_pattern)?;
        let (events, more) = self
            .db
            .read::<_, ApiError>(move |tx| {
                let group = store::group_id(tx, &group)?.ok_or_else(group_missing)?;
                for name in &input.log_stream_names {
                    store::stream(tx, group, name)?.ok_or_else(stream_missing)?;
                }
                scan(tx, group, &input, &filter, limit)
            })
            .await?;
        let events: Vec<Value> = events
            .iter()
            .map(|event| {
                json!({
                    "logStreamName": event.stream, "timestamp": event.time, "message": event.message,
                    "ingestionTime": event.ingested, "eventId": format!("{:056}", event.id),
                })
            })
            .collect();
        let mut answer = json!({ "events": events, "searchedLogStreams": [] });
        if let Some((time, id)) = more {
            answer["nextToken"] = format!("{time}/{id}").into();
        }
        Ok(answer)
    }
}

/// One page of what matches, and the time and id to go on after if there may be more.
type Page = (Vec<Event>, Option<(i64, i64)>);

fn scan(
    tx: &rusqlite::Transaction<'_>,
    group: i64,
    input: &FilterLogEvents,
    filter: &Filter,
    limit: usize,
) -> Result<Page, ApiError> {
    let after = match &input.next_token {
        None => (input.start_time.unwrap_or(0).saturating_sub(1), i64::MAX),
        Some(token) => token
            .split_once('/')
            .and_then(|(time, id)| Some((time.parse().ok()?, id.parse().ok()?)))
            .ok_or_else(invalid_token)?,
    };
    let mut values: Vec<Sql> = vec![
        group.into(),
        after.0.into(),
        after.1.into(),
        input.end_time.unwrap_or(i64::MAX).into(),
        (MAX_EVENTS as i64).into(),
    ];
    let mut streams = String::new();
    if let Some(prefix) = &input.log_stream_name_prefix {
        values.push(prefix.clone().into());
        streams.push_str("AND substr(s.name, 1, length(?6)) = ?6");
    } else if !input.log_stream_names.is_empty() {
        values.extend(input.log_stream_names.iter().map(|name| Sql::from(name.clone())));
        let places: Vec<String> = (6..6 + input.log_stream_names.len())
            .map(|n| format!("?{n}"))
            .collect();
        streams = format!("AND s.name IN ({})", places.join(", "));
    }
    let mut statement = tx.prepare(&format!(
        "SELECT e.id, s.name, e.time, e.ingested, e.message
         FROM log_events e INDEXED BY log_events_by_time CROSS JOIN log_streams s ON s.id = e.stream
         WHERE e.log_group = ?1 AND (e.time, e.id) > (?2, ?3) AND e.time <= ?4 {streams}
         ORDER BY e.time, e.id LIMIT ?5"
    ))?;
    let (mut events, mut seen, mut bytes, mut last) = (Vec::new(), 0, 0, None);
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let event = as_event(row)?;
        seen += 1;
        if filter.matches(&event.message) {
            bytes += event.message.len();
            if events.len() == limit || (bytes > MAX_PAGE_BYTES && !events.is_empty()) {
                return Ok((events, last));
            }
            last = Some((event.time, event.id));
            events.push(event);
        } else {
            last = Some((event.time, event.id));
        }
    }
    // A full page of rows may have ended before the matches did.
    Ok((events, last.filter(|_| seen == MAX_EVENTS)))
}

#[cfg(test)]
mod tests {
    use posterframe_process::LineSink as _;

    use super::*;
    use crate::db::temporary;
    use crate::logs::create_groups;

    async fn logs() -> (tempfile::TempDir, Logs) {
        let (dir, db) = temporary();
        db.write(|tx| create_groups(tx, &["g".to_owned()])).await.unwrap();
        (dir, Logs::new(db))
    }

    fn messages(answer: &Value) -> Vec<String> {
        let events = answer["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }

    // Breaks if a client that follows a stream misses a line, sees one twice, or never learns that it is at the end.
    #[tokio::test]
    async fn following_forward() {
        let (_dir, logs) = logs().await;
        let writer = logs.writer("g".into(), "s".into());
        writer.append(["a", "b", "c"].map(str::to_owned).to_vec()).await;
        let get = async |token: Option<&Value>| {
            let mut input =
                json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true, "limit": 2 });
            if let Some(token) = token {
                input["nextToken"] = token.clone();
            }
            logs.call("GetLogEvents", &input).await.unwrap()
        };
        let first = get(None).await;
        assert_eq!(messages(&first), ["a", "b"]);
        let second = get(Some(&first["nextForwardToken"])).await;
        assert_eq!(messages(&second), ["c"]);
        let end = get(Some(&second["nextForwardToken"])).await;
        assert!(messages(&end).is_empty());
        assert_eq!(end["nextForwardToken"], second["nextForwardToken"]);
        writer.append(vec!["d".to_owned()]).await;
        assert_eq!(messages(&get(Some(&end["nextForwardToken"])).await), ["d"]);
        assert_eq!(
            messages(&get(Some(&second["nextBackwardToken"])).await),
            ["a", "b"]
        );
    }

    // Breaks if the tail of a long log cannot be read backward.
    #[tokio::test]
    async fn from_the_end() {
        let (_dir, logs) = logs().await;
        let lines = (0..5).map(|n| n.to_string()).collect();
        logs.writer("g".into(), "s".into()).append(lines).await;
        let mut input = json!({ "logGroupName": "g", "logStreamName": "s", "limit": 2 });
        let mut seen = Vec::new();
        for _ in 0..4 {
            let page = logs.call("GetLogEvents", &input).await.unwrap();
            seen.splice(0..0, messages(&page));
            input["nextToken"] = page["nextBackwardToken"].clone();
        }
        assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    }

    // Breaks if pages of a filter lose or repeat a match, or a pattern or time is ignored.
    #[tokio::test]
    async fn filtering() {
        let (_dir, logs) = logs().await;
        for n in 0..6 {
            let stream = if n % 2 == 0 { "even" } else { "odd" };
            logs.writer("g".into(), stream.into())
                .append(vec![format!("line {n}"), "noise".into()])
                .await;
        }
        let mut input = json!({ "logGroupName": "g", "filterPattern": "line", "limit": 4 });
        let page = logs.call("FilterLogEvents", &input).await.unwrap();
        assert_eq!(messages(&page), ["line 0", "line 1", "line 2", "line 3"]);
        input["nextToken"] = page["nextToken"].clone();
        assert_eq!(
            messages(&logs.call("FilterLogEvents", &input).await.unwrap()),
            ["line 4", "line 5"]
        );
        let odd = json!({ "logGroupName": "g", "logStreamNames": ["odd"], "filterPattern": "line" });
        assert_eq!(
            messages(&logs.call("FilterLogEvents", &odd).await.unwrap()),
            ["line 1", "line 3", "line 5"]
        );
        let future = json!({ "logGroupName": "g", "startTime": crate::clock::now_ms() + 60_000 });
        assert!(messages(&logs.call("FilterLogEvents", &future).await.unwrap()).is_empty());
    }

    // Breaks if a client cannot tell "not yet" from other failures.
    #[tokio::test]
    async fn what_is_not_there() {
        let (_dir, logs) = logs().await;
        let input = json!({ "logGroupName": "g", "logStreamName": "s" });
        let error = logs.call("GetLogEvents", &input).await.unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
        assert_eq!(error.message, "The specified log stream does not exist.");
        let input = json!({ "logGroupName": "g", "logStreamNames": ["s"] });
        let error = logs.call("FilterLogEvents", &input).await.unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
    }
}
