//! AWS JSON 1.1, which ECS and CloudWatch Logs speak: one POST an operation, named by `x-amz-target`.

use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The largest request. `RunTask`'s overrides are at most 8 KiB; nothing that is served here needs more.
pub(crate) const MAX_REQUEST: usize = 1 << 20;

/// An error as the service's model names it.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Members that this exception has besides its message.
    extra: Map<String, Value>,
    status: StatusCode,
}

/// What an operation answers.
pub(crate) type ApiResult = Result<Value, ApiError>;

impl ApiError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            extra: Map::new(),
            status: StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn unknown_operation(target: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("there is no operation {target} here"),
        )
    }

    fn internal(message: String) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self {
            status,
            ..Self::new("ServerException", message)
        }
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!("the database could not be used: {error}");
        Self::internal(format!("the database could not be used: {error}"))
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("what was stored could not be read: {error}"))
    }
}

/// Reads a request.
pub(crate) fn parse<T: DeserializeOwned>(body: &Value) -> Result<T, ApiError> {
    T::deserialize(body).map_err(|error| ApiError::new("InvalidParameterException", error.to_string()))
}

/// The HTTP response for what an operation answered.
pub(crate) fn response(result: ApiResult) -> Response<s3s::Body> {
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err(ApiError {
            code,
            message,
            mut extra,
            status,
        }) => {
            extra.insert("__type".to_owned(), json!(code));
            extra.insert("message".to_owned(), json!(message));
            (status, Value::Object(extra))
        }
    };
    let mut response = Response::new(s3s::Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        http::HeaderValue::from_static("application/x-amz-json-1.1"),
    );
    if let Ok(id) = Uuid::new_v4().to_string().try_into() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if SDKs cannot tell one exception from another.
    #[test]
    fn errors_name_their_type() {
        let error = ApiError::new("ConflictException", "no").with("resourceIds", json!(["a"]));
        let response = response(Err(error));
        assert_eq!(response.status(), 400);
        assert!(response.headers().contains_key("x-amzn-requestid"));
        let body: Value = serde_json::from_slice(&response.body().bytes().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({ "__type": "ConflictException", "message": "no", "resourceIds": ["a"] })
        );
    }
}
