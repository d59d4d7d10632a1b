//! The table of known causes: texts of AWS's, and what they mean.

use std::sync::LazyLock;

use serde::Deserialize;

/// What a known text means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// Its name in the table.
    #[allow(
        dead_code,
        reason = "the tests tell causes apart by it, and readers of the table"
    )]
    pub(super) id: String,
    texts: Vec<String>,
    pub(crate) title: String,
    pub(crate) cause: String,
    pub(crate) next_steps: Vec<String>,
    /// Whether the queue's next try may succeed, with nothing mended.
    #[serde(default)]
    pub(crate) passes: bool,
}

#[derive(Deserialize)]
struct Table {
    cause: Vec<Known>,
}

static CAUSES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut table: Table = toml::from_str(include_str!("causes.toml")).expect("a test reads the table");
    for text in table.cause.iter_mut().flat_map(|cause| &mut cause.texts) {
        *text = text.to_lowercase();
    }
    table.cause
});

impl Known {
    fn matches(&self, lower: &str) -> bool {
        self.texts
            .iter()
            .any(|text| text.split(" & ").all(|part| lower.contains(part)))
    }
}

/// What `text`, verbatim from AWS, means; `None` where it is not known.
pub(crate) fn explain(text: &str) -> Option<&'static Known> {
    let lower = text.to_lowercase();
    CAUSES.iter().find(|cause| cause.matches(&lower))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    #[derive(Deserialize)]
    struct Examples {
        examples: BTreeMap<String, Vec<String>>,
    }

    // Breaks if a cause has no example, an example is taken for another cause, or one entry hides another.
    #[test]
    fn every_cause_is_known_by_what_aws_says() {
        let Examples { examples } = toml::from_str(include_str!("causes_examples.toml")).unwrap();
        let mut wrong = Vec::new();
        for (id, texts) in &examples {
            for text in texts {
                let found = explain(text).map_or("nothing", |cause| cause.id.as_str());
                if found != id {
                    wrong.push(format!("{found} instead of {id}: {text}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let ids: HashSet<&str> = CAUSES.iter().map(|cause| cause.id.as_str()).collect();
        assert_eq!(ids.len(), CAUSES.len(), "two causes of one name");
        let tested: HashSet<&str> = examples.keys().map(String::as_str).collect();
        assert_eq!(ids, tested);
        assert!(explain("Essential container in task exited").is_none());
    }

    // Breaks if a text of the table ends unlike all others on the card, or says nothing.
    #[test]
    fn the_table_reads_like_the_rest() {
        for Known {
            id,
            title,
            cause,
            next_steps,
            ..
        } in CAUSES.iter()
        {
            assert!(!title.ends_with('.') && title.len() < 60, "{id}: {title}");
            assert!(cause.ends_with('.'), "{id}: {cause}");
            assert!((1..=3).contains(&next_steps.len()), "{id}");
            assert!(
                next_steps.iter().all(|step| !step.ends_with('.')),
                "{id}: {next_steps:?}"
            );
        }
    }
}
