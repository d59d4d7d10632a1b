//! An S3 that is played, for the tests of what is asked of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use crate::aws::Session;
use crate::config::{AccessKeys, Backend};

/// A server that gives one answer to all that ask it, and what it was asked.
pub(super) fn server(body: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let lines = reader.by_ref().lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let length = head.iter().find_map(|line| {
                let line = line.to_ascii_lowercase();
                line.strip_prefix("content-length:")?.trim().parse().ok()
            });
            // What is not read when the connection closes would break it.
            let _ = reader.take(length.unwrap_or(0)).read_to_end(&mut Vec::new());
            let _ = asked.send(head.into_iter().next().unwrap_or_default());
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close";
            let _ = write!(&stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    (address, questions)
}

/// A session with such a server.
pub(super) async fn session(endpoint: String) -> Session {
    let keys = AccessKeys {
        id: "id".into(),
        secret: "secret".into(),
    };
    let backend = Backend::this_computer(endpoint, "eu-west-1".into(), "b".into(), keys);
    Session::open(backend).await
}
