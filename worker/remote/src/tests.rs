//! Tests of both kinds of [`Ranges`] against a small server that fails in many ways.

mod reading;
mod server;

use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};

use self::server::{Response, Seen, serve};
use crate::error::MAX_WHOLE_BYTES;
use crate::{Object, Ranges, ReadStats, Remote, RemoteOptions, SourceError, Web, source_error};

fn bytes() -> Vec<u8> {
    (0..1_000_000_u32).map(|n| (n * 31 / 7) as u8).collect()
}

/// Without pauses between tries.
fn quick() -> RemoteOptions {
    RemoteOptions {
        first_pause: Duration::from_millis(1),
        ..RemoteOptions::default()
    }
}

/// For servers that stall. On a busy machine, an answer may be taken for a stalled one: the number of requests says nothing.
fn impatient() -> RemoteOptions {
    RemoteOptions {
        patience: Duration::from_millis(300),
        ..quick()
    }
}

/// Reads the whole object.
async fn read_all(ranges: impl Ranges + 'static) -> (Result<Vec<u8>, SourceError>, ReadStats) {
    read_all_with(ranges, quick()).await
}

async fn read_all_with(
    ranges: impl Ranges + 'static,
    options: RemoteOptions,
) -> (Result<Vec<u8>, SourceError>, ReadStats) {
    let remote = Remote::new(ranges, options);
    let stats = remote.stats().clone();
    if let Err(error) = remote.open().await {
        return (Err(error), stats);
    }
    let mut reader = remote.reader();
    let read = tokio::task::spawn_blocking(move || {
        let mut read = Vec::new();
        reader.read_to_end(&mut read).map(|_| read)
    });
    let read = read
        .await
        .unwrap()
        .map_err(|error| source_error(&error).cloned().unwrap_or_else(|| panic!("{error}")));
    (read, stats)
}

fn web(address: &str) -> Web {
    Web::new(
        format!("{address}/folder/video.mp4?token=secret")
            .parse()
            .unwrap(),
    )
}

fn object(address: &str) -> Object {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .endpoint_url(address)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .force_path_style(true)
        .build();
    Object::new(Client::from_conf(config), "bucket", "video.mp4")
}

/// Reads over the web from a server with these responses.
async fn from_web(responses: &[Response]) -> (Result<Vec<u8>, SourceError>, ReadStats, Seen) {
    let (address, seen) = serve(bytes(), "\"one\"", responses.to_vec());
    let (read, stats) = read_all(web(&address)).await;
    (read, stats, seen)
}

// Breaks if bytes after a broken connection are lost, wrong or fetched twice.
#[tokio::test(flavor = "multi_thread")]
async fn broken_and_slow_connections() {
    use Response::{Close, Cut, Serve, Silence, Stall, Status};
    for responses in [
        vec![Cut(70_000)],
        vec![Cut(0), Serve],
        vec![Serve, Stall(30_000), Cut(10), Serve],
        vec![Close, Serve, Close, Close, Serve],
        vec![Silence, Silence, Serve],
        vec![Status(503), Status(500), Serve, Status(429), Serve],
    ] {
        let (address, _) = serve(bytes(), "\"one\"", responses.clone());
        let (read, stats) = read_all_with(web(&address), impatient()).await;
        assert!(read.unwrap() == bytes(), "{responses:?}");
        assert_eq!(stats.requests_and_bytes().1, 1_000_000, "{responses:?}");
        let (address, _) = serve(bytes(), "\"one\"", responses.clone());
        let (read, _) = read_all_with(object(&address), impatient()).await;
        assert!(read.unwrap() == bytes(), "S3, {responses:?}");
    }
}

// Breaks if a server that is down is asked for ever or only once, or the error lacks the server's message.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_get_better() {
    let (read, stats, _) = from_web(&[Response::Status(503)]).await;
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("503 Service Unavailable, 5 times") && !error.contains("secret"),
        "{error}"
    );
    assert_eq!(stats.requests_and_bytes(), (5, 0));
    let (read, ..) = from_web(&[Response::Serve, Response::Cut(10)]).await;
    assert!(matches!(read, Err(SourceError::Unavailable { .. })));
    for status in [403, 404] {
        let (read, stats, _) = from_web(&[Response::Status(status)]).await;
        let error = read.unwrap_err().to_string();
        assert!(
            error.contains(&status.to_string()) && error.contains("/folder/video.mp4 "),
            "{error}"
        );
        assert_eq!(stats.requests_and_bytes().0, 1);
    }
    // Nothing listens on this port.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (read, _) = read_all(web(&address)).await;
    assert!(matches!(read, Err(SourceError::Unavailable { .. })));
}

// Breaks if two versions of an object are mixed.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changes() {
    use Response::{Etag, Serve, Size, Status};
    for later in [
        Etag("\"two\""),
        Size(999_999),
        Status(412),
        Status(404),
        Status(416),
    ] {
        let (read, ..) = from_web(&[Serve, Serve, later]).await;
        assert!(
            matches!(read, Err(SourceError::Changed(_))),
            "{later:?}: {read:?}"
        );
        let (address, _) = serve(bytes(), "\"one\"", vec![Serve, Serve, later]);
        let (read, _) = read_all(object(&address)).await;
        assert!(
            matches!(read, Err(SourceError::Changed(_))),
            "S3, {later:?}: {read:?}"
        );
    }
}

// Breaks if requests do not name the version.
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_held_to_one_version() {
    let (read, _, seen) = from_web(&[Response::Serve]).await;
    read.unwrap();
    assert!(!seen.request(0).iter().any(|line| line.starts_with("if-")));
    assert!(
        seen.request(1).contains(&"if-match: \"one\"".to_owned()),
        "{:?}",
        seen.request(1)
    );
    let (address, seen) = serve(bytes(), "W/\"weak\"", vec![Response::Serve]);
    read_all(web(&address)).await.0.unwrap();
    let expected = "if-unmodified-since: wed, 21 oct 2026 07:28:00 gmt".to_owned();
    assert!(seen.request(1).contains(&expected), "{:?}", seen.request(1));
}

// Breaks if an object on a server without ranges is read several times, or without a limit.
#[tokio::test(flavor = "multi_thread")]
async fn servers_without_ranges() {
    let (read, stats, _) = from_web(&[Response::Whole]).await;
    assert!(read.unwrap() == bytes());
    assert_eq!(stats.requests_and_bytes(), (1, 1_000_000));
    let (address, _) = serve(
        vec![7; (MAX_WHOLE_BYTES + 1) as usize],
        "\"one\"",
        vec![Response::Whole],
    );
    let (read, stats) = read_all(web(&address)).await;
    assert!(matches!(read, Err(SourceError::NoRanges(_))), "{read:?}");
    assert_eq!(stats.requests_and_bytes(), (1, 0));
    let (read, ..) = from_web(&[Response::Beside]).await;
    assert!(matches!(read, Err(SourceError::Unavailable { .. })));
    let (address, _) = serve(Vec::new(), "\"one\"", vec![Response::Serve]);
    let (read, _) = read_all(web(&address)).await;
    assert!(matches!(read, Err(SourceError::Empty(_))), "{read:?}");
}

// Breaks if each range costs a redirect, redirects go on for ever, or one leads to a forbidden address.
#[tokio::test(flavor = "multi_thread")]
async fn redirects() {
    use Response::{Redirect, Serve};
    let (read, _, seen) = from_web(&[Redirect("/elsewhere?a=b"), Redirect("../moved.mp4"), Serve]).await;
    assert!(read.unwrap() == bytes());
    assert!(
        seen.request(2)[0].starts_with("get /../moved.mp4 "),
        "{:?}",
        seen.request(2)
    );
    assert!(
        seen.request(3)[0].starts_with("get /../moved.mp4 "),
        "{:?}",
        seen.request(3)
    );
    let (read, _, seen) = from_web(&[Redirect("/round")]).await;
    assert!(matches!(read, Err(SourceError::Unavailable { .. })));
    assert_eq!(seen.count(), 6);
    let (read, _, seen) = from_web(&[Redirect("http://example.com/plain")]).await;
    assert!(matches!(read, Err(SourceError::Unavailable { .. })));
    assert_eq!(seen.count(), 1);
}
