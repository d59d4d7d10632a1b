//! The queue, what could not be handled, and the two functions.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::examiner::Examiner;
use super::facts::attributes;
use super::fault::Fault;
use super::report::{CheckResult, Component};
use super::signed_request::{SignedRequest, send};

/// What stands for itself in a path.
const PATH_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

impl Examiner {
    pub(super) async fn queue(&self) -> Result<CheckResult, Fault> {
        let facts = self.queue_facts().await?;
        Ok(CheckResult::passed(format!(
            "{}, {} waiting",
            facts.name,
            events(facts.waiting)
        )))
    }

    pub(super) async fn dead_letters(&self) -> Result<CheckResult, Fault> {
        let facts = self
            .queue_facts()
            .await
            .map_err(|_| Fault::DependsOn(Component::Queue))?;
        let Some(arn) = &facts.dead_letters else {
            return Ok(CheckResult::warning(
                format!("{} has none: an event that cannot be handled is lost", facts.name),
                "Run script/deploy again to bring the stack up to date",
            ));
        };
        let letters = attributes(self.session().await, arn).await?;
        if letters.waiting > 0 {
            return Ok(CheckResult::warning(
                format!(
                    "{} could not be handled, kept in {}",
                    events(letters.waiting),
                    letters.name
                ),
                "Read the upload function's log, mend the cause, then start a redrive of the queue",
            ));
        }
        Ok(CheckResult::passed(format!("{}, empty", letters.name)))
    }

    /// A function's state. `fed` ones take their events from the queue.
    pub(super) async fn function(&self, name: &str, fed: bool) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let get = async |path: String| -> Result<Value, Fault> {
            let request = SignedRequest {
                service: "lambda",
                method: "GET",
                path: &path,
                headers: &[],
                body: String::new(),
            };
            let text = send(session, request).await?;
            serde_json::from_str(&text).map_err(|error| Fault::Other(error.to_string()))
        };
        let escaped = utf8_percent_encode(name, PATH_ESCAPES);
        let config = get(format!("/2015-03-31/functions/{escaped}/configuration")).await?;
        let field = |name: &str| config.get(name).and_then(Value::as_str).unwrap_or_default();
        let (state, update) = (field("State"), field("LastUpdateStatus"));
        if state == "Failed" || update == "Failed" {
            let why = [field("StateReason"), field("LastUpdateStatusReason")].concat();
            return Ok(CheckResult::failed(
                format!("{name} cannot run ({why})"),
                "Run script/deploy again; the function's log group says more",
            ));
        }
        if state == "Pending" || update == "InProgress" {
            return Ok(CheckResult::warning(
                format!("{name} is being made or changed"),
                "Check again in a minute",
            ));
        }
        if fed {
            // Who may not look at the mapping hears nothing about it.
            let mappings = get(format!(
                "/2015-03-31/event-source-mappings/?FunctionName={escaped}"
            ))
            .await;
            if let Some(problem) = mappings
                .ok()
                .and_then(|mappings| mapping_problem(name, &mappings))
            {
                return Ok(problem);
            }
        }
        Ok(CheckResult::passed(name))
    }
}

/// What is wrong with the link from queue to function.
fn mapping_problem(name: &str, mappings: &Value) -> Option<CheckResult> {
    let mappings = mappings.get("EventSourceMappings")?.as_array()?;
    let state = |mapping: &Value| mapping.get("State").and_then(Value::as_str).map(str::to_owned);
    let states: Vec<String> = mappings.iter().filter_map(state).collect();
    let advice = "Enable the trigger in the function's settings, or run script/deploy again";
    if mappings.is_empty() {
        return Some(CheckResult::failed(
            format!("no queue feeds {name}, so that no job would start"),
            advice,
        ));
    }
    let working = |state: &String| matches!(state.as_str(), "Enabled" | "Enabling" | "Updating" | "Creating");
    if !states.is_empty() && !states.iter().any(working) {
        let states = states.join(", ").to_lowercase();
        return Some(CheckResult::failed(
            format!("the queue's trigger of {name} is {states}, so that no job would start"),
            advice,
        ));
    }
    None
}

fn events(count: u64) -> String {
    if count == 1 {
        "1 event".to_owned()
    } else {
        format!("{count} events")
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::facts;
    use super::super::report::CheckState;
    use super::*;

    // Breaks if a queue's dead letters are not found, or a switched-off trigger passes.
    #[test]
    fn queues_and_triggers_are_read() {
        let answer = r#"{"Attributes":{"ApproximateNumberOfMessages":"3",
            "RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:r:1:dead\",\"maxReceiveCount\":80}"}}"#;
        let facts = facts("q", answer).unwrap();
        assert_eq!(
            (facts.waiting, facts.dead_letters.as_deref()),
            (3, Some("arn:aws:sqs:r:1:dead"))
        );
        let problem = |text: &str| mapping_problem("f", &serde_json::from_str(text).unwrap());
        let off = problem(r#"{"EventSourceMappings":[{"State":"Disabled"}]}"#).unwrap();
        assert_eq!(off.state, CheckState::Failed);
        assert!(problem(r#"{"EventSourceMappings":[]}"#).is_some());
        assert!(problem(r#"{"EventSourceMappings":[{"State":"Enabled"}]}"#).is_none());
    }
}
