//! The Runtime API of one function: where its program fetches invocations and leaves their results.
//!
//! It has a port of its own and no credentials, as on Lambda, where it is all that a function's program is given. It
//! hands out nothing but events that this machine's own S3 raised.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Lambda's own limit for a response.
const MAX_RESPONSE: usize = 6 << 20;

/// One event on its way to the program.
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) deadline_ms: i64,
    pub(super) event: String,
    /// What the program makes of it: its response, or what went wrong.
    pub(super) result: oneshot::Sender<Result<Value, String>>,
}

/// The API; clones share it.
#[derive(Clone)]
pub(super) struct RuntimeApi {
    inner: Arc<Inner>,
}

struct Inner {
    next: AsyncMutex<mpsc::Receiver<Invocation>>,
    program: Mutex<Program>,
}

/// What belongs to one run of the program.
#[derive(Default)]
struct Program {
    in_hand: HashMap<String, oneshot::Sender<Result<Value, String>>>,
    /// It ended.
    gone: CancellationToken,
}

impl RuntimeApi {
    pub(super) fn new(next: mpsc::Receiver<Invocation>) -> Self {
        Self {
            inner: Arc::new(Inner {
                next: AsyncMutex::new(next),
                program: Mutex::default(),
            }),
        }
    }

    fn program(&self) -> MutexGuard<'_, Program> {
        self.inner.program.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program ended: nobody will answer any more, and no event must go to where it waited for one.
    pub(super) fn forget(&self) {
        std::mem::take(&mut *self.program()).gone.cancel();
    }

    pub(super) async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
            return answer(StatusCode::NOT_FOUND, r#"{"errorType":"NotFound"}"#);
        };
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, kind @ ("response" | "error")]) => {
                let Ok(body) = Limited::new(request.into_body(), MAX_RESPONSE).collect().await else {
                    return answer(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        r#"{"errorType":"RequestEntityTooLarge"}"#,
                    );
                };
                self.done(id, *kind == "response", &body.to_bytes())
            }
            // The program says on its standard error too why it cannot start, and ends.
            (&Method::POST, ["init", "error"]) => answer(StatusCode::ACCEPTED, r#"{"status":"OK"}"#),
            _ => answer(StatusCode::NOT_FOUND, r#"{"errorType":"NotFound"}"#),
        }
    }

    /// Waits for the next event: as long as it takes.
    async fn next(&self) -> Response<Full<Bytes>> {
        let gone = self.program().gone.clone();
        let invocation = tokio::select! {
            biased;
            () = gone.cancelled() => None,
            invocation = self.wanted() => invocation,
        };
        let Some(invocation) = invocation else {
            return answer(StatusCode::GONE, r#"{"errorType":"ShuttingDown"}"#);
        };
        let response = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &invocation.id)
            .header("lambda-runtime-deadline-ms", invocation.deadline_ms)
            .header("lambda-runtime-invoked-function-arn", &invocation.arn)
            .body(Full::from(invocation.event));
        self.program().in_hand.insert(invocation.id, invocation.result);
        response.unwrap_or_else(|_| answer(StatusCode::INTERNAL_SERVER_ERROR, "{}"))
    }

    /// The next invocation whose result somebody still waits for.
    async fn wanted(&self) -> Option<Invocation> {
        let mut next = self.inner.next.lock().await;
        loop {
            let invocation = next.recv().await?;
            if !invocation.result.is_closed() {
                return Some(invocation);
            }
        }
    }

    fn done(&self, id: &str, succeeded: bool, body: &[u8]) -> Response<Full<Bytes>> {
        let waiting = self.program().in_hand.remove(id);
        let Some(waiting) = waiting else {
            return answer(StatusCode::BAD_REQUEST, r#"{"errorType":"InvalidRequestID"}"#);
        };
        let value = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
        let result = if succeeded {
            Ok(value)
        } else {
            Err(value["errorMessage"]
                .as_str()
                .unwrap_or("the function failed without a message")
                .to_owned())
        };
        // Nobody waits any more where the deadline has passed.
        let _ = waiting.send(result);
        answer(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}
