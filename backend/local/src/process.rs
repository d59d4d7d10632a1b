//! Child processes: the worker and the functions. How they start, what becomes of their output, how they end.
//!
//! No child outlives the backend. Each has a pipe for standard input that we hold open and never write to: when
//! this process ends, however it ends, the pipe closes, which the children watch for. On an orderly end they get
//! SIGTERM, and SIGKILL if that does not help.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};

use crate::account::REGION;
use crate::logs::LogWriter;
use crate::{Credentials, Program};

/// Time between SIGTERM and SIGKILL. ECS's default is 30 s; the worker has nothing to save, and the app is to close
/// promptly.
pub(crate) const TERMINATION_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the output pipes of a child that has exited are read further: a grandchild may hold them open.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// CloudWatch Logs' limit for one event.
pub(crate) const MAX_LINE: usize = 256 << 10;

/// What children take over from our environment: what programs need to be found and to start, nothing that
/// could reach another AWS account or change what they do.
const INHERITED_VARIABLES: [&str; 13] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "RUST_BACKTRACE",
];

/// How children reach this backend; `environment()` of the backend is the same for everybody else.
pub(crate) fn aws_environment(endpoint: &str, credentials: &Credentials) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", &credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        // Older clients retry against the instance metadata service, which is a long wait for nothing.
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// A child and the pipe whose end it watches.
pub(crate) struct Process {
    child: Child,
    /// Kept outside the child, whose `wait` closes it.
    lifeline: Option<ChildStdin>,
}

impl Process {
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its own end. May be given up and called again.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Asks the child to end, and ends it if it does not within [`TERMINATION_TIMEOUT`].
    pub(crate) async fn terminate(&mut self) -> io::Result<ExitStatus> {
        // Children watch for the end of their standard input; those that do not get the signal.
        drop(self.lifeline.take());
        signal(&self.child, false);
        if let Ok(status) = tokio::time::timeout(TERMINATION_TIMEOUT, self.child.wait()).await {
            return status;
        }
        self.kill().await
    }

    /// Ends the child and its group at once.
    pub(crate) async fn kill(&mut self) -> io::Result<ExitStatus> {
        signal(&self.child, true);
        self.child.start_kill()?;
        self.child.wait().await
    }
}

/// Starts `program` with exactly this environment and what it needs to start at all.
pub(crate) fn spawn(
    program: &Program,
    more_args: &[String],
    environment: impl IntoIterator<Item = (String, String)>,
) -> io::Result<Process> {
    let mut command = Command::new(&program.path);
    command.args(&program.args).args(more_args).env_clear();
    for name in INHERITED_VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A group of its own: Ctrl-C in the terminal is for us, who then end the children in order; and what the
    // child itself starts ends with it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let lifeline = child.stdin.take();
    Ok(Process { child, lifeline })
}

/// Ends what a child that has ended may have left running in its group, as the end of a container does.
#[cfg(unix)]
pub(crate) fn kill_group(pid: Option<u32>) {
    if let Some(pid) = pid.and_then(|pid| rustix::process::Pid::from_raw(pid as i32)) {
        // It is gone already, as a rule.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
pub(crate) fn kill_group(_pid: Option<u32>) {}

#[cfg(unix)]
fn signal(child: &Child, kill: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if kill { Signal::KILL } else { Signal::TERM };
    if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(pid as i32)) {
        // It may have ended by itself just now.
        let _ = kill_process_group(pid, signal);
    }
}

/// Elsewhere the closed standard input is the request to end.
#[cfg(not(unix))]
fn signal(_child: &Child, _kill: bool) {}

/// The exit code as a container runtime gives it: 128 and the signal's number for a signal.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal))
            .unwrap_or(-1)
    }
    #[cfg(not(unix))]
    status.code().unwrap_or(-1)
}

/// Whether [`Process::terminate`] ended it before its work was done.
pub(crate) fn was_terminated(status: ExitStatus) -> bool {
    const BY_SIGTERM: i32 = 128 + 15;
    const BY_SIGKILL: i32 = 128 + 9;
    matches!(exit_code(status), BY_SIGTERM | BY_SIGKILL)
}

/// The output of a child on its way to a log stream.
pub(crate) struct Output {
    readers: Vec<tokio::task::JoinHandle<()>>,
    flush: Vec<mpsc::Sender<oneshot::Sender<()>>>,
}

impl Output {
    /// Sends the lines of both pipes to `log`.
    pub(crate) fn collect(process: &mut Process, log: &LogWriter) -> Self {
        let mut output = Self {
            readers: Vec::new(),
            flush: Vec::new(),
        };
        if let Some(pipe) = process.child.stdout.take() {
            output.add(pipe, log.clone());
        }
        if let Some(pipe) = process.child.stderr.take() {
            output.add(pipe, log.clone());
        }
        output
    }

    fn add(&mut self, pipe: impl AsyncRead + Send + Unpin + 'static, log: LogWriter) {
        let (sender, receiver) = mpsc::channel(1);
        self.flush.push(sender);
        self.readers.push(tokio::spawn(copy_lines(pipe, log, receiver)));
    }

    /// Waits until everything that the child has written so far is in the log.
    pub(crate) async fn flushed(&self) {
        for reader in &self.flush {
            let (done, waits) = oneshot::channel();
            if reader.send(done).await.is_ok() {
                let _ = waits.await;
            }
        }
    }

    /// Waits for the end of both pipes, [`DRAIN_TIMEOUT`] at most.
    pub(crate) async fn ended(self) {
        drop(self.flush);
        let end = tokio::time::Instant::now() + DRAIN_TIMEOUT;
        for mut reader in self.readers {
            if tokio::time::timeout_at(end, &mut reader).await.is_err() {
                reader.abort();
            }
        }
    }
}

async fn copy_lines(
    mut pipe: impl AsyncRead + Unpin,
    log: LogWriter,
    mut flush: mpsc::Receiver<oneshot::Sender<()>>,
) {
    let mut lines = Lines::default();
    let mut buffer = vec![0; 64 << 10];
    let mut flushing = true;
    loop {
        tokio::select! {
            // Output first: a flush is answered only when there is none left to read.
            biased;
            read = pipe.read(&mut buffer) => {
                let Ok(count @ 1..) = read else { break };
                log.append(lines.push(&buffer[..count])).await;
            }
            request = flush.recv(), if flushing => match request {
                Some(done) => { let _ = done.send(()); }
                None => flushing = false,
            },
        }
    }
    log.append(lines.finish()).await;
}

/// Bytes into lines, whole, and none longer than a log event may be.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.partial.extend_from_slice(piece);
            while self.partial.len() > MAX_LINE {
                let rest = self.partial.split_off(boundary(&self.partial));
                lines.push(text(&std::mem::replace(&mut self.partial, rest)));
            }
            if pieces.peek().is_some() {
                lines.push(text(&std::mem::take(&mut self.partial)));
            }
        }
        lines
    }

    fn finish(&mut self) -> Vec<String> {
        if self.partial.is_empty() {
            Vec::new()
        } else {
            vec![text(&std::mem::take(&mut self.partial))]
        }
    }
}

/// Where a line that is too long may be cut without cutting a character.
fn boundary(bytes: &[u8]) -> usize {
    (MAX_LINE - 3..=MAX_LINE)
        .rev()
        .find(|&at| bytes[at] & 0xC0 != 0x80)
        .unwrap_or(MAX_LINE)
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a line is lost, joined with another, or split where the pipe happened to be read.
    #[test]
    fn lines_across_reads() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"a\r\nb"), ["a"]);
        assert_eq!(lines.push(b"c\n\nd"), ["bc", ""]);
        assert_eq!(lines.finish(), ["d"]);
        assert!(lines.finish().is_empty());
    }

    // Breaks if one endless line takes all the memory, or a cut breaks a character in two.
    #[test]
    fn long_lines_are_cut() {
        let mut lines = Lines::default();
        let long = "é".repeat(MAX_LINE) + "\n";
        let mut cut: Vec<String> = long
            .as_bytes()
            .chunks(1000)
            .flat_map(|chunk| lines.push(chunk))
            .collect();
        cut.extend(lines.finish());
        assert!(
            cut.len() > 1
                && cut
                    .iter()
                    .all(|line| line.len() <= MAX_LINE && !line.contains('\u{FFFD}'))
        );
        assert_eq!(cut.concat() + "\n", long);
    }
}
