//! Child processes: the worker and the functions. How they start, what becomes of their output, how they end.
//!
//! No child outlives this process. Each has a pipe for standard input that is held open: when this process ends, however it
//! ends, the pipe closes, which the children watch for. On an orderly end they get SIGTERM, and SIGKILL if that does not help.

use std::ffi::OsString;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};

/// Time between SIGTERM and SIGKILL. ECS's default is 30 s; the worker has nothing to save, and the app is to close
/// promptly.
pub const TERMINATION_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the output pipes of a child that has exited are read further: a grandchild may hold them open.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// CloudWatch Logs' limit for one event.
pub const MAX_LINE: usize = 256 << 10;

/// What every child takes over from our environment: what programs need to be found and to start, nothing that
/// could reach another AWS account or change what they do.
const NEEDED_VARIABLES: [&str; 13] = [
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

/// An executable and its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Its arguments, such as the hidden subcommand that makes the app a worker.
    pub args: Vec<OsString>,
}

impl Program {
    /// An executable with arguments.
    pub fn new<A: Into<OsString>>(path: impl Into<PathBuf>, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            path: path.into(),
            args: args.into_iter().map(Into::into).collect(),
        }
    }
}

/// The environment of a child: names and values.
#[derive(Clone, Debug)]
pub enum Environment {
    /// These variables, and of ours only what programs need to start.
    Only(Vec<(String, String)>),
    /// All of ours, with these on top: where credentials are found by rules that many variables are part of.
    Ours(Vec<(String, String)>),
}

/// A child and the pipe whose end it watches.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Kept outside the child, whose `wait` closes it.
    lifeline: Option<ChildStdin>,
}

impl Process {
    /// Its process id, until it is waited for.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Writes to its standard input, which stays open.
    ///
    /// # Errors
    /// The child has ended, or closed it.
    pub async fn tell(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.lifeline {
            Some(pipe) => {
                pipe.write_all(bytes).await?;
                pipe.flush().await
            }
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for its own end. May be given up and called again.
    ///
    /// # Errors
    /// The system cannot tell.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Asks the child to end, and ends it if it does not within [`TERMINATION_TIMEOUT`].
    ///
    /// # Errors
    /// As of [`Self::wait`].
    pub async fn terminate(&mut self) -> io::Result<ExitStatus> {
        // Children watch for the end of their standard input; those that do not get the signal.
        drop(self.lifeline.take());
        signal(&self.child, false);
        if let Ok(status) = tokio::time::timeout(TERMINATION_TIMEOUT, self.child.wait()).await {
            return status;
        }
        self.kill().await
    }

    /// Ends the child and its group at once.
    ///
    /// # Errors
    /// As of [`Self::wait`].
    pub async fn kill(&mut self) -> io::Result<ExitStatus> {
        signal(&self.child, true);
        self.child.start_kill()?;
        self.child.wait().await
    }
}

/// Starts `program` with more arguments.
///
/// # Errors
/// It cannot be started.
pub fn spawn(
    program: &Program,
    more_args: impl IntoIterator<Item = OsString>,
    environment: Environment,
) -> io::Result<Process> {
    let mut command = Command::new(&program.path);
    command.args(&program.args).args(more_args);
    let variables = match environment {
        Environment::Ours(variables) => variables,
        Environment::Only(variables) => {
            command.env_clear();
            for name in NEEDED_VARIABLES {
                if let Some(value) = std::env::var_os(name) {
                    command.env(name, value);
                }
            }
            variables
        }
    };
    command
        .envs(variables)
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
pub fn kill_group(pid: Option<u32>) {
    if let Some(pid) = pid.and_then(|pid| rustix::process::Pid::from_raw(pid as i32)) {
        // It is gone already, as a rule.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
pub fn kill_group(_pid: Option<u32>) {}

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
pub fn exit_code(status: ExitStatus) -> i32 {
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
pub fn was_terminated(status: ExitStatus) -> bool {
    const BY_SIGTERM: i32 = 128 + 15;
    const BY_SIGKILL: i32 = 128 + 9;
    matches!(exit_code(status), BY_SIGTERM | BY_SIGKILL)
}

/// Where a child's lines go.
pub trait LineSink: Clone + Send + 'static {
    /// Takes lines that were written just now, without their ends; some may be empty.
    fn append(&self, lines: Vec<String>) -> impl Future<Output = ()> + Send;
}

/// The output of a child on its way to a log.
#[derive(Debug)]
pub struct Output {
    readers: Vec<tokio::task::JoinHandle<()>>,
    flush: Vec<mpsc::Sender<oneshot::Sender<()>>>,
}

impl Output {
    /// Sends the lines of both pipes to `log`. Must be called within a tokio runtime.
    pub fn collect(process: &mut Process, log: &impl LineSink) -> Self {
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

    fn add(&mut self, pipe: impl AsyncRead + Send + Unpin + 'static, log: impl LineSink) {
        let (sender, receiver) = mpsc::channel(1);
        self.flush.push(sender);
        self.readers.push(tokio::spawn(copy_lines(pipe, log, receiver)));
    }

    /// Waits until everything that the child has written so far is in the log.
    pub async fn flushed(&self) {
        for reader in &self.flush {
            let (done, waits) = oneshot::channel();
            if reader.send(done).await.is_ok() {
                let _ = waits.await;
            }
        }
    }

    /// Waits for the end of both pipes, a few seconds at most.
    pub async fn ended(self) {
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
    log: impl LineSink,
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
