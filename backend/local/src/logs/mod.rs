//! CloudWatch Logs: the children's lines kept, and given out by the operations that clients read them with.

mod api;
mod filter;
mod store;
mod tail;
mod writer;

use serde_json::{Value, json};

use crate::db::Db;
use crate::http::json::{ApiError, ApiResult};

pub(crate) use store::create_groups;
pub(crate) use writer::LogWriter;

/// The service; clones share it.
#[derive(Clone)]
pub(crate) struct Logs {
    db: Db,
}

impl Logs {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Where a child's lines go. The stream comes to be with its first line.
    pub(crate) fn writer(&self, group: String, stream: String) -> LogWriter {
        LogWriter::new(self.db.clone(), group, stream)
    }

    pub(crate) async fn call(&self, operation: &str, input: &Value) -> ApiResult {
        match operation {
            "DescribeLogGroups" => self.describe_log_groups(input).await,
            "DescribeLogStreams" => self.describe_log_streams(input).await,
            "GetLogEvents" => self.get_log_events(input).await,
            "FilterLogEvents" => self.filter_log_events(input).await,
            "ListLogGroups" => self.list_log_groups(input).await,
            "ListTagsForResource" | "ListTagsLogGroup" => Ok(json!({ "tags": {} })),
            "DescribeMetricFilters" => Ok(json!({ "metricFilters": [] })),
            "DescribeSubscriptionFilters" => Ok(json!({ "subscriptionFilters": [] })),
            _ => Err(ApiError::unknown_operation(operation)),
        }
    }
}

fn group_missing() -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

fn stream_missing() -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}
