//! Connections on loopback, and which service each request is for.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Credentials;
use crate::ecs::Ecs;
use crate::http::json::{self, ApiError, ApiResult, MAX_REQUEST};
use crate::http::sigv4;
use crate::logs::Logs;
use crate::s3::Front;
use crate::sts;

/// The services behind the one port.
pub(crate) struct Server {
    pub(crate) s3: Front,
    pub(crate) ecs: Ecs,
    pub(crate) logs: Logs,
    pub(crate) credentials: Credentials,
}

impl Server {
    async fn handle(&self, request: Request<Incoming>) -> Response<s3s::Body> {
        if request.headers().contains_key("x-amz-target") {
            return json::response(self.json(request).await);
        }
        if sigv4::service(request.headers()) == Some(sts::SERVICE) {
            return sts::response(self.signed_body(sts::SERVICE, request).await);
        }
        self.s3.call(request).await
    }

    async fn json(&self, request: Request<Incoming>) -> ApiResult {
        let target = request.headers().get("x-amz-target").cloned();
        let target = target
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let unknown = || ApiError::unknown_operation(target);
        let (service, operation) = match target.split_once('.').ok_or_else(unknown)? {
            ("AmazonEC2ContainerServiceV20141113", operation) => ("ecs", operation),
            ("Logs_20140328", operation) => ("logs", operation),
            _ => return Err(unknown()),
        };
        if request.method() != Method::POST || request.uri().path() != "/" {
            return Err(unknown());
        }
        let body = self.signed_body(service, request).await?;
        let input: Value = if body.is_empty() {
            Value::Object(serde_json::Map::new())
        } else {
            serde_json::from_slice(&body)
                .map_err(|error| ApiError::new("SerializationException", error.to_string()))?
        };
        if service == "ecs" {
            self.ecs.call(operation, &input).await
        } else {
            self.logs.call(operation, &input).await
        }
    }

    /// The body of a request that was signed for `service`.
    async fn signed_body(&self, service: &str, request: Request<Incoming>) -> Result<Bytes, ApiError> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|_| {
            ApiError::new(
                "RequestEntityTooLargeException",
                "the request is too large or was cut off",
            )
        })?;
        let body = body.to_bytes();
        sigv4::verify(&self.credentials, service, &parts, &body)?;
        Ok(body)
    }
}

/// Accepts connections until `stop`, ends those that are open then, and waits for their ends.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, stop: CancellationToken) {
    accept(listener, stop, move |request| {
        let server = Arc::clone(&server);
        async move { server.handle(request).await }
    })
    .await;
}

/// The accept loop, for every listener that there is.
pub(crate) async fn accept<F, Fut, B>(listener: TcpListener, stop: CancellationToken, handle: F)
where
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<B>> + Send,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // After this future ends, no connection writes to the database any more.
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to be freed.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are written in two pieces, which Nagle's algorithm would hold up for 40 ms.
        let _ = stream.set_nodelay(true);
        let (stop, handle) = (stop.clone(), handle.clone());
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let handle = handle.clone();
                async move { Ok::<_, Infallible>(handle(request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                () = stop.cancelled() => {}
                // A client that disconnects in mid-request is no error of this backend.
                _ = connection => {}
            }
        });
    }
    connections.close();
    connections.wait().await;
}
