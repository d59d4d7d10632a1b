//! `posterframe doctor`: checks every component that a job needs.

use std::collections::BTreeMap;
use std::process::ExitCode;

use futures::StreamExt;
use posterframe_client::doctor::{CheckState, Component, ComponentCheck};
use serde_json::json;

use super::Common;
use super::say::say;

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// One JSON object a line and part
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    super::shutdown::block_on(async {
        let (backend, local) = crate::backend::resolve(&paths, &common.overrides()).await?;
        if !args.json {
            say!("{}", backend.label());
        }
        let mut checks = crate::doctor::check(backend, paths);
        let mut failed = 0;
        // Results come in any order. For people they are printed in the order in which a job needs the components.
        let mut waiting = BTreeMap::new();
        let mut next = Component::ALL.into_iter().peekable();
        while let Some(check) = checks.next().await {
            failed += usize::from(check.finding.state == CheckState::Failed);
            if args.json {
                say!("{}", as_json(&check));
                continue;
            }
            waiting.insert(check.part, check);
            while let Some(check) = next.peek().and_then(|part| waiting.remove(part)) {
                say_check(&check);
                next.next();
            }
        }
        drop(checks);
        if let Some(local) = local {
            super::shutdown::closed(local.shutdown()).await;
        }
        if !args.json {
            match failed {
                0 => say!("Jobs can run here."),
                1 => say!("1 check failed."),
                _ => say!("{failed} checks failed."),
            }
        }
        Ok(if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

fn say_check(check: &ComponentCheck) {
    let finding = &check.finding;
    let word = match finding.state {
        CheckState::Passed => "ok",
        CheckState::Warning => "warning",
        CheckState::Failed => "FAILED",
        CheckState::NotNeeded => "–",
    };
    say!("  {:<8} {:<18}  {}", word, check.part.label(), finding.what);
    let indent = " ".repeat(31);
    if let Some(advice) = &finding.advice {
        say!("{indent}{advice}");
    }
    if let Some(remedy) = &finding.remedy {
        for line in remedy.text.lines() {
            say!("{indent}  {line}");
        }
    }
}

fn as_json(check: &ComponentCheck) -> serde_json::Value {
    let finding = &check.finding;
    json!({
        "part": check.part.id(),
        "state": finding.state.id(),
        "what": finding.what,
        "advice": finding.advice,
        "remedy": finding.remedy.as_ref().map(|remedy| &remedy.text),
        "ms": check.took.as_millis() as u64,
    })
}
