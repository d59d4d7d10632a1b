//! A small server on loopback that fails in many ways.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

/// The server's response to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Response {
    /// Sends the requested range.
    Serve,
    /// Sends this many bytes of the body, and then closes the connection.
    Cut(usize),
    /// Sends this many bytes of the body, and then nothing for a second.
    Stall(usize),
    /// Closes the connection without an answer.
    Close,
    /// Sends nothing for a second.
    Silence,
    /// Sends only this status.
    Status(u16),
    /// Sends the range of another object, with this tag.
    Etag(&'static str),
    /// Sends the range of another object, of this size.
    Size(u64),
    /// Sends the whole object.
    Whole,
    /// Sends the bytes after the requested range.
    Beside,
    /// Redirects to this address.
    Redirect(&'static str),
    /// Says that the bucket is in this region.
    Region(&'static str),
    /// Sends a page for people.
    Page,
    /// Sends the range, but its bytes a quarter at a time.
    Slow(Duration),
}

/// The requests that the server has got.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Vec<String>>>>);

impl Seen {
    /// The header lines of request `number`, in lower case.
    pub(crate) fn request(&self, number: usize) -> Vec<String> {
        self.0.lock()[number].clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().len()
    }
}

/// Serves `bytes`. The responses are for the first requests, and the last one also for all further requests.
pub(crate) fn serve(bytes: Vec<u8>, etag: &'static str, responses: Vec<Response>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let noted = seen.clone();
    let bytes = Arc::new(bytes);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let (bytes, responses, noted) = (bytes.clone(), responses.clone(), noted.clone());
            thread::spawn(move || while answer(&connection, &bytes, etag, &responses, &noted).is_some() {});
        }
    });
    (address, seen)
}

/// Answers one request. `None` if the connection has ended.
fn answer(
    mut connection: &TcpStream,
    bytes: &[u8],
    etag: &str,
    responses: &[Response],
    seen: &Seen,
) -> Option<()> {
    let mut lines = Vec::new();
    for line in BufReader::new(connection.try_clone().ok()?).lines() {
        match line.ok()?.to_lowercase() {
            line if line.is_empty() => break,
            line => lines.push(line),
        }
    }
    let range = lines
        .iter()
        .find_map(|line| line.strip_prefix("range: bytes="))?
        .to_owned();
    let (start, end) = range.split_once('-')?;
    let start: usize = start.parse().ok()?;
    let end = end.parse::<usize>().ok()?.min(bytes.len().saturating_sub(1)) + 1;
    let number = {
        let mut seen = seen.0.lock();
        seen.push(lines);
        seen.len() - 1
    };
    let response = responses
        .get(number)
        .or(responses.last())
        .copied()
        .unwrap_or(Response::Serve);
    let (mut tag, mut size, mut first) = (etag, bytes.len() as u64, start);
    let mut body = bytes.get(start..end).unwrap_or_default();
    let mut status = if start < bytes.len() { 206 } else { 416 };
    let mut sent = body.len();
    match response {
        Response::Serve | Response::Page | Response::Slow(_) => {}
        Response::Cut(most) | Response::Stall(most) => sent = most.min(sent),
        Response::Close => return None,
        Response::Silence => thread::sleep(Duration::from_secs(1)),
        Response::Etag(other) => tag = other,
        Response::Size(other) => size = other,
        Response::Beside => first += 1,
        Response::Status(_) | Response::Redirect(_) | Response::Region(_) => sent = 0,
        Response::Whole => (body, sent) = (bytes, bytes.len()),
    }
    let mut more = String::new();
    match response {
        Response::Status(other) => status = other,
        Response::Redirect(to) => {
            status = 302;
            more = format!("Location: {to}\r\n");
        }
        Response::Region(region) => {
            status = 301;
            more = format!("x-amz-bucket-region: {region}\r\n");
        }
        Response::Whole => status = 200,
        Response::Page => {
            status = 200;
            more = "Content-Type: text/html; charset=utf-8\r\n".to_owned();
        }
        _ if status == 206 => more = format!("Content-Range: bytes {first}-{}/{size}\r\n", end - 1),
        _ => {}
    }
    let length = if sent == 0 { 0 } else { body.len() };
    write!(
        connection,
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nETag: {tag}\r\n\
         Last-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n{more}\r\n"
    )
    .ok()?;
    if let Response::Slow(pause) = response {
        for part in body.chunks(body.len().div_ceil(4).max(1)) {
            thread::sleep(pause);
            connection.write_all(part).ok()?;
        }
        return Some(());
    }
    connection.write_all(&body[..sent]).ok()?;
    match response {
        Response::Cut(_) => None,
        Response::Stall(_) => {
            thread::sleep(Duration::from_secs(1));
            None
        }
        _ => Some(()),
    }
}
