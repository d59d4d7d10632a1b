//! What came of each video, handed over as it was asked for: files in a folder, lines, or JSON.

use std::path::{Path, PathBuf};

use posterframe_client::{Job, JobState, Paths};
use serde_json::{Value, json};

use crate::backend::Running;
use crate::cli::advice;
use crate::cli::deliver::{copy, deliver};
use crate::cli::exits::{Exits, of_error};
use crate::cli::report::{error_text, exit, job_json, outcome, put_path};
use crate::cli::say::say;
use crate::{distant, fetch};

/// The most columns of a video's name in a table.
const MAX_NAME_COLUMNS: usize = 48;

#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Save the thumbnails in this folder; a file that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// One JSON object a line and job, and nothing else on standard output
    ///
    /// Paths are `video` and each file's `file`. What is no UTF-8 in them is U+FFFD there; `video_bytes` and `file_bytes` are their
    /// very bytes, percent-encoded.
    #[arg(long)]
    pub(super) json: bool,
    /// Return once the videos are uploaded
    #[arg(long)]
    pub(super) no_wait: bool,
}

/// The results of a command, as they come.
pub(in crate::cli) struct Results {
    pub(super) output: OutputArgs,
    pub(super) paths: Paths,
    /// How the jobs ended.
    pub(in crate::cli) exits: Exits,
    /// What came of each video, where a table at the end says it once more.
    table: Option<Vec<(String, String)>>,
}

impl Results {
    pub(super) fn new(output: OutputArgs, paths: Paths) -> Self {
        Self {
            output,
            paths,
            exits: Exits::default(),
            table: Some(Vec::new()),
        }
    }

    /// Those of a command that may go on and on: no table, which would only grow.
    pub(in crate::cli) fn without_end(out: Option<PathBuf>, json: bool, paths: Paths) -> Self {
        let output = OutputArgs {
            out,
            json,
            no_wait: false,
        };
        Self {
            table: None,
            ..Self::new(output, paths)
        }
    }

    /// One line a video, where there are several and the lines of their jobs are far above.
    pub(super) fn print_table(&self) {
        let table = self.table.as_deref().unwrap_or_default();
        if self.output.json || table.len() < 2 {
            return;
        }
        let widest = table.iter().map(|(video, _)| video.chars().count()).max();
        let widest = widest.unwrap_or_default().min(MAX_NAME_COLUMNS);
        say!("");
        for (video, what) in table {
            say!("{video:<widest$}  {what}");
        }
    }

    /// Says why a video is not submitted.
    pub(in crate::cli) fn refuse(&mut self, video: &Path, error: &anyhow::Error) {
        self.exits.add(of_error(error));
        let shown = distant::shown(video);
        eprintln!("posterframe: {error:#}: {shown}");
        let video = if distant::place(video).is_ok_and(|place| place.is_none()) {
            video
        } else {
            Path::new(&shown)
        };
        let name = video.file_name().unwrap_or(video.as_os_str()).to_string_lossy();
        self.tell(name.into_owned(), format!("not submitted: {error:#}"));
        if let Some(advice) = advice(error) {
            eprintln!("  {advice}");
        }
        if self.output.json {
            let nothing = Value::Null;
            let mut object = json!({
                "job_id": nothing, "state": "failed", "source": nothing, "request_key": nothing, "task_arn": nothing, "made_here": nothing,
                "stills": [], "identical_to_preview": nothing, "read": nothing, "phases": [],
                "error": format!("{error:#}"),
            });
            put_path(&mut object, "video", Some(video));
            say!("{object}");
        }
    }

    /// Says of a job that is not waited for how it goes on.
    pub(super) fn leave(&self, job: &Job, running: &Running) {
        if self.output.json {
            say!("{}", job_json(job));
        } else {
            let when = if running.is_local() {
                "when Posterframe next runs"
            } else {
                "by itself"
            };
            say!("{} is uploaded; its task goes on {when}", job.video.name);
        }
    }

    /// Hands over the result of a job that is over.
    pub(in crate::cli) fn finish(&mut self, job: &Job) {
        let mut object = job_json(job);
        let mut saved = Vec::new();
        self.exits.add(exit(job));
        if job.state == JobState::Done {
            fetch::forget(&self.paths, &job.video.path);
        }
        for (index, still) in job.stills.iter().enumerate() {
            for (number, file) in still.files.iter().enumerate() {
                match deliver(self.output.out.as_deref(), still, file) {
                    Ok(delivered) => {
                        let json = &mut object["stills"][index];
                        put_path(&mut json["files"][number], "file", Some(&delivered.file));
                        if delivered.identical == Some(false) {
                            self.exits.add(1);
                        }
                        saved.push(delivered.file.display().to_string());
                    }
                    Err(error) => self.note(&mut object, &error),
                }
            }
        }
        for (index, sheet) in job.sheets.iter().enumerate() {
            let pictures = sheet.files.iter().map(|file| file.path.as_path());
            let paths = pictures.enumerate().map(|(number, path)| (Some(number), path));
            for (picture, path) in paths.chain(sheet.vtt.as_deref().map(|vtt| (None, vtt))) {
                match copy(self.output.out.as_deref(), path) {
                    Ok(path) => {
                        let json = &mut object["sheets"][index];
                        match picture {
                            Some(number) => put_path(&mut json["files"][number], "file", Some(&path)),
                            None => put_path(json, "vtt", Some(&path)),
                        }
                        saved.push(path.display().to_string());
                    }
                    Err(error) => self.note(&mut object, &error),
                }
            }
        }
        if self.output.json {
            say!("{object}");
        } else {
            let outcome = outcome(job);
            say!("  {outcome}");
            self.tell(job.video.name.clone(), outcome);
            for file in &saved {
                say!("  saved as {file}");
            }
        }
        if let Some(error) = error_text(job) {
            eprintln!("posterframe: {}: {error}", job.video.name);
            for step in job.failure.iter().flat_map(|failure| &failure.next_steps) {
                eprintln!("  {step}");
            }
        }
    }

    fn tell(&mut self, video: String, what: String) {
        if let Some(table) = &mut self.table {
            table.push((video, what));
        }
    }

    /// Notes why a file of a job is not where it was asked for.
    fn note(&mut self, object: &mut Value, error: &anyhow::Error) {
        self.exits.add(1);
        object["error"] = json!(format!("{error:#}"));
        eprintln!("posterframe: {error:#}");
    }
}
