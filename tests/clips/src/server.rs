//! A server on loopback that serves one file, with and without ranges, with delays, redirects and other versions.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How a server answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Sends the whole file whatever range is asked for, as `python -m http.server` does.
    pub ignores_ranges: bool,
    /// Time before each answer.
    pub latency: Duration,
    /// Answers for `/moved…` with a redirect to this address.
    pub redirect: Option<&'static str>,
    /// From this request on, the file has another tag; 0 for never.
    pub changes_at: u64,
}

struct Shared {
    bytes: Vec<u8>,
    how: How,
    requests: AtomicU64,
    sent: AtomicU64,
}

/// A server that runs until the test ends.
pub struct WebServer {
    port: u16,
    shared: Arc<Shared>,
}

impl WebServer {
    /// Serves `file` on any free port.
    pub fn start(file: &Path, how: How) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            bytes: std::fs::read(file).expect("the file to serve"),
            how,
            requests: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        });
        let accept = shared.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = accept.clone();
                std::thread::spawn(move || while shared.answer(&connection).is_some() {});
            }
        });
        Self { port, shared }
    }

    /// The address of `path` on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Number of requests, and of bytes that were sent.
    pub fn counts(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.shared.requests), count(&self.shared.sent))
    }
}

impl Shared {
    /// Answers one request. `None` if the connection has ended.
    fn answer(&self, mut connection: &TcpStream) -> Option<()> {
        let lines = BufReader::new(connection.try_clone().ok()?).lines();
        let lines: Vec<String> = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .collect();
        let path = lines.first()?.split(' ').nth(1)?.to_owned();
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        std::thread::sleep(self.how.latency);
        if let Some(to) = self.how.redirect.filter(|_| path.starts_with("/moved")) {
            let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            return connection.write_all(head.as_bytes()).ok();
        }
        let range = lines.iter().find_map(|line| {
            let line = line.to_lowercase();
            let (start, end) = line.strip_prefix("range: bytes=")?.split_once('-')?;
            Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()? + 1))
        });
        let size = self.bytes.len();
        let (start, end) = range.filter(|_| !self.how.ignores_ranges).unwrap_or((0, size));
        let (start, end) = (start.min(size), end.min(size));
        let is_changed = self.how.changes_at > 0 && number >= self.how.changes_at;
        let tag = if is_changed { "two" } else { "one" };
        let mut head = format!("ETag: \"{tag}\"\r\nContent-Length: {}\r\n", end - start);
        let status = if self.how.ignores_ranges {
            "200 OK"
        } else {
            let last = end.saturating_sub(1);
            head = format!("{head}Content-Range: bytes {start}-{last}/{size}\r\n");
            "206 Partial Content"
        };
        let head = format!("HTTP/1.1 {status}\r\n{head}\r\n");
        connection.write_all(head.as_bytes()).ok()?;
        connection.write_all(&self.bytes[start..end]).ok()?;
        self.sent.fetch_add((end - start) as u64, Ordering::Relaxed);
        Some(())
    }
}
