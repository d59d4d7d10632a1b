//! One function: its program, which stays started between invocations, and one invocation of it at a time.

use std::time::{Duration, Instant};

use posterframe_contract::names;
use posterframe_process::{self as process, Environment, LineSink as _, Output, Process};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::Program;
use crate::account::function_arn;
use crate::clock::{date_path, now_ms};
use crate::error::Error;
use crate::http;
use crate::lambda::runtime_api::{Invocation, RuntimeApi};
use crate::logs::{LogWriter, Logs};

/// The functions' timeout, as on AWS.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The memory size that the function is told; it is not enforced here.
const MEMORY_MB: u32 = 128;

/// What a function is made of.
pub(super) struct FunctionOptions {
    pub(super) name: &'static str,
    pub(super) program: Program,
    pub(super) environment: Vec<(String, String)>,
    pub(super) logs: Logs,
}

/// A way to invoke a function.
#[derive(Clone)]
pub(super) struct Function {
    requests: mpsc::Sender<InvokeRequest>,
}

struct InvokeRequest {
    event: String,
    result: oneshot::Sender<Result<Value, String>>,
}

impl Function {
    /// Starts the function's Runtime API and its program, which end with `stop`.
    pub(super) async fn start(
        options: FunctionOptions,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let failed = |source| Error::Port { port: 0, source };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (invocations, next) = mpsc::channel(1);
        let api = RuntimeApi::new(address.to_string(), next);
        let handler = api.clone();
        tasks.spawn(http::accept(listener, stop.clone(), move |request| {
            let api = handler.clone();
            async move { api.handle(request).await }
        }));
        let (sender, requests) = mpsc::channel(1);
        let host = Host {
            options,
            api,
            invocations,
            program: None,
        };
        tasks.spawn(host.run(requests, stop));
        Ok(Self { requests: sender })
    }

    /// Invokes the function with an event. An error is what the function, or its program's end, said.
    pub(super) async fn invoke(&self, event: String) -> Result<Value, String> {
        let (result, answer) = oneshot::channel();
        let ended = || "the backend on this machine was closed".to_owned();
        self.requests
            .send(InvokeRequest { event, result })
            .await
            .map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// Owns the child process.
struct Host {
    options: FunctionOptions,
    api: RuntimeApi,
    invocations: mpsc::Sender<Invocation>,
    program: Option<Running>,
}

struct Running {
    child: Process,
    output: Output,
    log: LogWriter,
}

impl Host {
    async fn run(mut self, mut requests: mpsc::Receiver<InvokeRequest>, stop: CancellationToken) {
        // Started before the first event, which would wait for the start otherwise.
        self.warm_up();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = ended(&mut self.program) => self.bury().await,
                request = requests.recv() => {
                    let Some(request) = request else { break };
                    let answer = tokio::select! {
                        answer = self.invoke(request.event) => answer,
                        () = stop.cancelled() => Err("the backend on this machine was closed".to_owned()),
                    };
                    // The event source may have gone with the backend.
                    let _ = request.result.send(answer);
                }
            }
        }
        if let Some(mut program) = self.program.take() {
            let pid = program.child.id();
            let _ = program.child.terminate().await;
            process::kill_group(pid);
            program.output.ended().await;
        }
    }

    fn warm_up(&mut self) {
        if self.program.is_some() {
            return;
        }
        let stream = stream_name();
        let name = self.options.name;
        let group = names::function_log_group(name);
        let log = self.options.logs.writer(group.clone(), stream.clone());
        let lambda = [
            ("AWS_LAMBDA_RUNTIME_API", self.api.address()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MB.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
            ("_HANDLER", "bootstrap".to_owned()),
        ];
        let lambda = lambda.map(|(name, value)| (name.to_owned(), value));
        let environment = self.options.environment.iter().cloned().chain(lambda);
        match process::spawn(
            &self.options.program,
            [],
            Environment::Only(environment.collect()),
        ) {
            Ok(mut child) => {
                let output = Output::collect(&mut child, &log);
                self.program = Some(Running { child, output, log });
            }
            Err(error) => {
                tracing::error!(
                    "{name} could not be started: {error}: {}",
                    self.options.program.path.display()
                );
            }
        }
    }

    async fn invoke(&mut self, event: String) -> Result<Value, String> {
        // The program may have exited since the last invocation, which is no failure of this event.
        if self
            .program
            .as_mut()
            .is_some_and(|program| program.child.has_ended())
        {
            self.bury().await;
        }
        self.warm_up();
        let Some(program) = &mut self.program else {
            return Err(format!(
                "{} could not be started",
                self.options.program.path.display()
            ));
        };
        let (id, started) = (Uuid::new_v4().to_string(), Instant::now());
        program
            .log
            .append(vec![format!("START RequestId: {id} Version: $LATEST")])
            .await;
        let (result, answer) = oneshot::channel();
        let invocation = Invocation {
            id: id.clone(),
            arn: function_arn(self.options.name),
            deadline_ms: now_ms() + TIMEOUT.as_millis() as i64,
            event,
            result,
        };
        let answered = async {
            // Resolves when the program fetches its next invocation, which it does once it has started.
            let _ = self.invocations.send(invocation).await;
            answer.await
        };
        let outcome = tokio::select! {
            // A response that has arrived counts, even if the program exited after it.
            biased;
            answer = answered => answer.unwrap_or_else(|_| Err(format!("RequestId: {id} Error: Runtime exited"))),
            status = program.child.wait() => Err(match status {
                Ok(status) => format!("RequestId: {id} Error: Runtime exited: {status}"),
                Err(error) => format!("RequestId: {id} Error: Runtime exited: {error}"),
            }),
            () = tokio::time::sleep(TIMEOUT) => {
                Err(format!("RequestId: {id} Error: Task timed out after {:.2} seconds", TIMEOUT.as_secs_f64()))
            }
        };
        program.output.flushed().await;
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        let mut lines: Vec<String> = outcome.as_ref().err().cloned().into_iter().collect();
        lines.push(format!("END RequestId: {id}"));
        lines.push(format!(
            "REPORT RequestId: {id}\tDuration: {millis:.2} ms\tBilled Duration: {} ms\tMemory Size: {MEMORY_MB} MB",
            millis.ceil()
        ));
        program.log.append(lines).await;
        if outcome.is_err() && (program.child.has_ended() || started.elapsed() >= TIMEOUT) {
            self.bury().await;
        }
        outcome
    }

    /// The program has ended, or is ended: the next invocation starts a new one, with a log stream of its own.
    async fn bury(&mut self) {
        if let Some(mut program) = self.program.take() {
            let pid = program.child.id();
            let _ = program.child.kill().await;
            process::kill_group(pid);
            program.output.ended().await;
        }
        self.api.forget();
    }
}

/// Waits for the program's end; for ever where there is none.
async fn ended(program: &mut Option<Running>) {
    match program {
        Some(program) => {
            let _ = program.child.wait().await;
        }
        None => std::future::pending().await,
    }
}

/// `2026/11/24/[$LATEST]` and 32 hexadecimal digits.
fn stream_name() -> String {
    format!("{}/[$LATEST]{}", date_path(now_ms()), Uuid::new_v4().simple())
}
