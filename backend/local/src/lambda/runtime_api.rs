//! The Runtime API of one function: where its program fetches invocations and leaves their results.
//!
//! It has a port of its own and no credentials, as on Lambda, where it is all that a function's program is given. But
//! loopback is open to every local user and to every page in a browser: so its address carries a secret, and what
//! browsers send is refused.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::http::equal_in_constant_time;

/// Lambda's own limit for a response.
const MAX_RESPONSE: usize = 6 << 20;

/// One event for the program, with the channel for its result.
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
    /// What the function's program is told: where this listens, and a path that nobody can guess.
    authority: String,
    secret: String,
    next: AsyncMutex<mpsc::Receiver<Invocation>>,
    program: Mutex<Program>,
}

/// What belongs to one run of the program.
#[derive(Default)]
struct Program {
    in_hand: HashMap<String, oneshot::Sender<Result<Value, String>>>,
    /// Cancelled when the program ends.
    gone: CancellationToken,
}

impl RuntimeApi {
    /// The API at `authority`: the address and port of its listener.
    pub(super) fn new(authority: String, next: mpsc::Receiver<Invocation>) -> Self {
        Self {
            inner: Arc::new(Inner {
                authority,
                secret: secret(),
                next: AsyncMutex::new(next),
                program: Mutex::default(),
            }),
        }
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`. The functions' runtime client puts a path that it has before its own; on
    /// Lambda there is neither path nor scheme, but a path without a scheme is no URL to that client.
    pub(super) fn address(&self) -> String {
        format!("http://{}/{}", self.inner.authority, self.inner.secret)
    }

    fn program(&self) -> MutexGuard<'_, Program> {
        self.inner.program.lock()
    }

    /// The program ended: its invocation gets no result, and a poll of it that is still open gets no event.
    pub(super) fn forget(&self) {
        std::mem::take(&mut *self.program()).gone.cancel();
    }

    pub(super) async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_from_the_program(request.headers()) {
            return answer(StatusCode::FORBIDDEN, r#"{"errorType":"Forbidden"}"#);
        }
        let path = request.uri().path().to_owned();
        let Some(path) = self.own_path(&path) else {
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

    /// Whether a browser sent the request: after DNS rebinding its `Host` is another name, and a page's request has an
    /// `Origin` or `Sec-Fetch-…` header.
    fn is_from_the_program(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).map(HeaderValue::as_bytes);
        host == Some(self.inner.authority.as_bytes())
            && !headers
                .keys()
                .any(|name| *name == ORIGIN || name.as_str().starts_with("sec-fetch-"))
    }

    /// What follows the secret in a path.
    fn own_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (secret, path) = path.strip_prefix('/')?.split_once('/')?;
        if !equal_in_constant_time(secret.as_bytes(), self.inner.secret.as_bytes()) {
            return None;
        }
        path.strip_prefix("2018-06-01/runtime/")
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

/// More than 128 bits of the operating system's random numbers.
fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

fn answer(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const NEXT: &str = "/2018-06-01/runtime/invocation/next";

    /// The head of the answer to a request with these headers.
    async fn ask(api: &RuntimeApi, path: &str, headers: &str) -> String {
        let mut connection = TcpStream::connect(&api.inner.authority).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap().to_owned()
    }

    // Breaks if another user of this machine, or a page in a browser, can take a function's event.
    #[tokio::test]
    async fn only_the_program_gets_events() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (invocations, next) = mpsc::channel(1);
        let api = RuntimeApi::new(authority.clone(), next);
        let stop = CancellationToken::new();
        let handler = api.clone();
        tokio::spawn(crate::http::accept(listener, stop.clone(), move |request| {
            let api = handler.clone();
            async move { api.handle(request).await }
        }));
        let (result, _answer) = oneshot::channel();
        let invocation = Invocation {
            id: "1".into(),
            arn: "arn".into(),
            deadline_ms: 0,
            event: "{}".into(),
            result,
        };
        invocations.send(invocation).await.unwrap();

        let host = format!("Host: {authority}");
        let path = format!("/{}{NEXT}", api.inner.secret);
        assert_eq!(
            format!("{}{NEXT}", api.address()),
            format!("http://{authority}{path}")
        );
        let guess = format!("/{}{NEXT}", secret());
        for (path, headers) in [
            (NEXT, host.clone()),
            (&guess, host.clone()),
            (&format!("/{NEXT}"), host.clone()),
            (&path, "Host: rebound.example".to_owned()),
            (&path, "Host: localhost".to_owned()),
            (&path, format!("{host}\r\nOrigin: null")),
            (&path, format!("{host}\r\nSec-Fetch-Mode: no-cors")),
        ] {
            let answer = ask(&api, path, &headers).await;
            assert!(answer.contains(" 40"), "{headers} {path}: {answer}");
        }
        let answer = ask(&api, &path, &host).await;
        assert!(answer.contains(" 200"), "{answer}");
        stop.cancel();
    }
}
