//! One job's log out of three log groups: what the two functions and the task wrote.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use posterframe_contract::{JobId, names};

use crate::session::Session;
use crate::store::Entry;
use crate::{ClientError, Job, LogLevel, LogLine, LogSource};

/// Where the reading of one job's logs stands.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Of the task's stream: the forward token, for the task with this ARN.
    token: Option<(String, String)>,
    /// Lines of that stream that were read.
    count: usize,
}

impl Tail {
    /// What is new since the last call.
    pub(crate) async fn read(&mut self, session: &Session, job: &Job) -> Result<Vec<Entry>, ClientError> {
        let mut lines = self.functions(session, job).await?;
        lines.extend(self.task(session, job).await?);
        Ok(lines)
    }

    /// The functions' lines name the job; their streams are shared by many jobs.
    async fn functions(&mut self, session: &Session, job: &Job) -> Result<Vec<Entry>, ClientError> {
        let mut lines = Vec::new();
        let started = job.phases[0].started.unwrap_or(job.created);
        // A minute early, for clocks that disagree.
        let from = (started.unix_timestamp() - 60) * 1000;
        for (function, source) in [
            (&session.backend.upload_function, LogSource::UploadTrigger),
            (&session.backend.thumbnail_function, LogSource::ThumbnailTrigger),
        ] {
            let mut pages = session
                .logs
                .filter_log_events()
                .log_group_name(names::function_log_group(function))
                .start_time(from)
                .filter_pattern(format!("\"{}\"", job.id))
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = match page {
                    Ok(page) => page,
                    // The group is absent until the function's first line.
                    Err(error) if error.code() == Some("ResourceNotFoundException") => break,
                    Err(error) => return Err(ClientError::aws("Reading the functions' logs", &error)),
                };
                for event in page.events() {
                    let (Some(id), Some(message)) = (event.event_id(), event.message()) else {
                        continue;
                    };
                    lines.push(Entry {
                        event: Some(id.to_owned()),
                        line: parse(event.timestamp().unwrap_or(0), source, message, job.id),
                    });
                }
            }
        }
        Ok(lines)
    }

    async fn task(&mut self, session: &Session, job: &Job) -> Result<Vec<Entry>, ClientError> {
        let Some(task) = &job.task else {
            return Ok(Vec::new());
        };
        let backend = &session.backend;
        let stream = names::task_log_stream(names::LOG_STREAM_PREFIX, &backend.container, task.id());
        let mut lines = Vec::new();
        loop {
            let token = self
                .token
                .as_ref()
                .filter(|(arn, _)| *arn == task.arn)
                .map(|(_, token)| token.clone());
            if token.is_none() {
                self.count = 0;
            }
            let answer = session
                .logs
                .get_log_events()
                .log_group_name(names::task_log_group(&backend.task_family))
                .log_stream_name(&stream)
                .start_from_head(true)
                .set_next_token(token.clone())
                .send()
                .await;
            let page = match answer {
                Ok(page) => page,
                // The stream is absent until the task's first line.
                Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(lines),
                Err(error) => return Err(ClientError::aws("Reading the task's log", &error)),
            };
            for event in page.events() {
                self.count += 1;
                let message = event.message().unwrap_or_default();
                lines.push(Entry {
                    // A stream is read from its head, so that a line's place in it names it.
                    event: Some(format!("{stream}/{}", self.count)),
                    line: parse(event.timestamp().unwrap_or(0), LogSource::Worker, message, job.id),
                });
            }
            let next = page.next_forward_token().map(str::to_owned);
            // The same token back means the end for now.
            if next.is_none() || next == token {
                return Ok(lines);
            }
            self.token = next.map(|next| (task.arn.clone(), next));
        }
    }
}

/// `LEVEL job{id=…}: message`, as our programs write; anything else is taken as it is.
fn parse(unix_millis: i64, source: LogSource, raw: &str, job: JobId) -> LogLine {
    let text = raw.trim_end().trim_start();
    let levels = HashMap::from([
        ("TRACE", LogLevel::Debug),
        ("DEBUG", LogLevel::Debug),
        ("INFO", LogLevel::Info),
        ("WARN", LogLevel::Warn),
        ("ERROR", LogLevel::Error),
    ]);
    let (level, message) = text
        .split_once(' ')
        .and_then(|(word, rest)| Some((*levels.get(word)?, rest.trim_start())))
        .unwrap_or((LogLevel::Info, text));
    let message = message
        .strip_prefix(&format!("job{{id={job}}}: "))
        .unwrap_or(message);
    LogLine {
        unix_millis,
        source,
        level,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if level or job id stay in the text, or a foreign line loses some of its own.
    #[test]
    fn lines_are_taken_apart() {
        let job = JobId::new();
        let line = |raw: &str| {
            let line = parse(0, LogSource::Worker, raw, job);
            (line.level, line.message)
        };
        assert_eq!(
            line(&format!(" INFO job{{id={job}}}: new file\n")),
            (LogLevel::Info, "new file".into())
        );
        assert_eq!(line("ERROR no frame"), (LogLevel::Error, "no frame".into()));
        assert_eq!(
            line("thread main panicked"),
            (LogLevel::Info, "thread main panicked".into())
        );
    }
}
