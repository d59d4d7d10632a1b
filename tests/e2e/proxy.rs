//! A failing network: a proxy between a client and the backend that injects faults, in an order that depends on a seed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No fault.
    None,
    /// The connection ends in the middle of the body.
    Cut,
    /// The server handles the request, but the answer gets lost.
    LoseAnswer,
    /// A byte of the body changes.
    Damage,
    /// The proxy answers with this status and body instead of the server.
    Answer(u16, &'static str),
    /// The request is delayed.
    Delay,
    /// There is no answer, for as long as the proxy runs.
    Hang,
}

/// A proxy with random faults, which are the same for the same seed.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    random: AtomicU64,
    faults: Mutex<Vec<Fault>>,
    /// One of this many requests gets a fault; 0 means none.
    one_in: AtomicU32,
    /// Faults of the next requests with a body, before random ones.
    script: Mutex<Vec<Fault>>,
    struck: AtomicU32,
    uploaded: AtomicU64,
    over: AtomicBool,
}

impl Proxy {
    /// Starts a proxy in front of `endpoint` (`http://host:port`). Each request that creates something gets one of `faults`
    /// with a probability of 1 / `one_in`.
    pub fn start(endpoint: &str, seed: u64, one_in: u32, faults: &[Fault]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            upstream: endpoint
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned(),
            random: AtomicU64::new(seed | 1),
            faults: Mutex::new(faults.to_vec()),
            one_in: AtomicU32::new(one_in),
            script: Mutex::default(),
            struck: AtomicU32::new(0),
            uploaded: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let accept = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accept.over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = accept.clone();
                // Errors are ignored: broken connections are this proxy's purpose.
                std::thread::spawn(move || shared.connection(&client).ok());
            }
        });
        Self { port, shared }
    }

    /// Sets the faults of the next requests, one after the other. Later ones are random again.
    pub fn script(&self, faults: &[Fault]) {
        let mut script = self.shared.script.lock().unwrap();
        *script = faults.iter().rev().copied().collect();
    }

    /// From now on every request that creates something gets one of `faults`; without any, none does.
    pub fn strike(&self, faults: &[Fault]) {
        *self.shared.faults.lock().unwrap() = faults.to_vec();
        self.shared
            .one_in
            .store(u32::from(!faults.is_empty()), Ordering::Relaxed);
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Number of requests with a fault.
    pub fn struck(&self) -> u32 {
        self.shared.struck.load(Ordering::Relaxed)
    }

    /// Total size of the bodies that were passed on completely, in bytes.
    pub fn uploaded(&self) -> u64 {
        self.shared.uploaded.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Only a connection wakes the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn connection(&self, client: &TcpStream) -> std::io::Result<()> {
        let server = TcpStream::connect(&self.upstream)?;
        let mut from_client = BufReader::new(client.try_clone()?);
        let mut from_server = BufReader::new(server.try_clone()?);
        let (mut to_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
        loop {
            let head = read_head(&mut from_client)?;
            if head.is_empty() {
                return Ok(());
            }
            let request = head.lines().next().unwrap_or_default().to_owned();
            let length = header(&head, "content-length").unwrap_or(0);
            let mut body = vec![0; length];
            from_client.read_exact(&mut body)?;
            let fault = self.fault(&request);
            if fault != Fault::None {
                self.struck.fetch_add(1, Ordering::Relaxed);
            }
            match fault {
                Fault::Cut => {
                    to_server.write_all(head.as_bytes())?;
                    to_server.write_all(&body[..length / 2])?;
                    let _ = server.shutdown(Shutdown::Both);
                    return client.shutdown(Shutdown::Both);
                }
                Fault::Answer(status, code) => {
                    let xml = format!("<Error><Code>{code}</Code><Message>on purpose</Message></Error>");
                    let answer = format!(
                        "HTTP/1.1 {status} x\r\ncontent-type: application/xml\r\ncontent-length: {}\r\n\r\n{xml}",
                        xml.len()
                    );
                    to_client.write_all(answer.as_bytes())?;
                    continue;
                }
                Fault::Damage if length > 0 => body[length / 2] ^= 1,
                Fault::Hang => {
                    while !self.over.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    return Ok(());
                }
                Fault::Delay => std::thread::sleep(Duration::from_millis(300)),
                _ => {}
            }
            to_server.write_all(head.as_bytes())?;
            to_server.write_all(&body)?;
            let (answer, rest) = read_answer(&mut from_server, request.starts_with("HEAD"))?;
            if fault == Fault::LoseAnswer {
                return client.shutdown(Shutdown::Both);
            }
            self.uploaded.fetch_add(length as u64, Ordering::Relaxed);
            to_client.write_all(answer.as_bytes())?;
            to_client.write_all(&rest)?;
        }
    }

    /// The fault of a request. Only requests that send or create something get faults.
    fn fault(&self, request: &str) -> Fault {
        let creates =
            request.starts_with("PUT /") || request.starts_with("POST /") && request.contains("upload");
        if !creates {
            return Fault::None;
        }
        if let Some(fault) = self.script.lock().unwrap().pop() {
            return fault;
        }
        let one_in = self.one_in.load(Ordering::Relaxed);
        if one_in == 0 || !self.next().is_multiple_of(u64::from(one_in)) {
            return Fault::None;
        }
        let faults = self.faults.lock().unwrap();
        faults[(self.next() % faults.len() as u64) as usize]
    }

    fn next(&self) -> u64 {
        random(&self.random)
    }
}

/// The next number of a pseudo-random sequence (xorshift), which depends only on its seed.
pub fn random(state: &AtomicU64) -> u64 {
    let step = |mut x: u64| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let old = state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
    // The high bits are more random.
    step(old.unwrap()) >> 16
}

fn read_head(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut head = String::new();
    while from.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    Ok(head)
}

fn header(head: &str, name: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().parse().ok())?
    })
}

/// Reads an answer: its head, and its body as sent.
fn read_answer(from: &mut impl BufRead, head_only: bool) -> std::io::Result<(String, Vec<u8>)> {
    let head = read_head(from)?;
    let mut body = Vec::new();
    if head_only || head.starts_with("HTTP/1.1 204") || head.starts_with("HTTP/1.1 304") {
        return Ok((head, body));
    }
    if let Some(length) = header(&head, "content-length") {
        body.resize(length, 0);
        from.read_exact(&mut body)?;
    } else if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        loop {
            let start = body.len();
            from.read_until(b'\n', &mut body)?;
            let size = String::from_utf8_lossy(&body[start..]).into_owned();
            let size = usize::from_str_radix(size.trim().split(';').next().unwrap_or("0"), 16).unwrap_or(0);
            let start = body.len();
            body.resize(start + size + 2, 0);
            from.read_exact(&mut body[start..])?;
            if size == 0 {
                break;
            }
        }
    }
    Ok((head, body))
}
