//! A rule while it is edited.

use posterframe_contract::{Rule, Selector};
use serde::{Deserialize, Serialize};

/// What a rule goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Kind {
    Every,
    Evenly,
    Parts,
    Scenes,
    #[default]
    Best,
}

impl Kind {
    /// All of them, in the order on the screen.
    pub(super) const ALL: [Self; 5] = [Self::Every, Self::Evenly, Self::Parts, Self::Scenes, Self::Best];
    /// What they are called.
    pub(super) const LABELS: [&'static str; 5] = ["Every", "Evenly", "At %", "Scenes", "Best"];
}

/// What was typed for each kind of rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct RuleDraft {
    pub(super) kind: Kind,
    /// `10s`, `250f`.
    pub(super) step: String,
    pub(super) count: String,
    /// Per cent, separated by spaces or commas.
    pub(super) parts: String,
    pub(super) best: String,
    /// A time; empty where it does not matter.
    pub(super) apart: String,
}

impl Default for RuleDraft {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            step: "10s".to_owned(),
            count: "9".to_owned(),
            parts: "10, 50, 90".to_owned(),
            best: "5".to_owned(),
            apart: "5s".to_owned(),
        }
    }
}

impl RuleDraft {
    /// What it selects.
    ///
    /// # Errors
    /// What is wrong with what was typed, in a sentence.
    pub(in super::super) fn selectors(&self) -> Result<Vec<Selector>, String> {
        let rule = match self.kind {
            Kind::Every => format!("every {}", self.step.trim()),
            Kind::Evenly => format!("count {}", self.count.trim()),
            Kind::Parts => return self.parts(),
            Kind::Scenes => "scenes".to_owned(),
            Kind::Best if self.apart.trim().is_empty() => format!("best {}", self.best.trim()),
            Kind::Best => format!("best {} apart {}", self.best.trim(), self.apart.trim()),
        };
        let rule = rule.parse::<Rule>();
        rule.map(|rule| vec![Selector::Rule(rule)])
            .map_err(|error| format!("Expected {}", error.expected()))
    }

    /// The best frame alone: what a batch begins with.
    pub(in super::super) fn best_one() -> Self {
        Self {
            best: "1".to_owned(),
            apart: String::new(),
            ..Self::default()
        }
    }

    /// In a few words: `Best frame`, `9 frames, evenly`.
    pub(in super::super) fn words(&self) -> String {
        match self.kind {
            Kind::Every => format!("Every {}", self.step.trim()),
            Kind::Evenly => format!("{} frames, evenly", self.count.trim()),
            Kind::Parts => format!("At {} %", self.parts.trim()),
            Kind::Scenes => "Each scene".to_owned(),
            Kind::Best if self.best.trim() == "1" => "Best frame · 1 each".to_owned(),
            Kind::Best => format!("Best {} frames", self.best.trim()),
        }
    }

    fn parts(&self) -> Result<Vec<Selector>, String> {
        let parts = self.parts.split([' ', ',', ';']);
        let parts = parts
            .map(|part| part.trim().trim_end_matches('%'))
            .filter(|part| !part.is_empty());
        let parts = parts.map(|part| {
            let moment = format!("{part}%").parse();
            moment
                .map(Selector::At)
                .map_err(|_| format!("Expected numbers from 0 to 100, such as 10, 50, 90, not “{part}”"))
        });
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        if parts.is_empty() {
            return Err("Expected numbers from 0 to 100, such as 10, 50, 90".to_owned());
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a kind gives another rule than the command line's word for it, or a wrong one gives any.
    #[test]
    fn rules_of_the_command_line() {
        let with = |kind, change: fn(&mut RuleDraft)| {
            let mut draft = RuleDraft {
                kind,
                ..RuleDraft::default()
            };
            change(&mut draft);
            let selectors = draft.selectors()?;
            Ok::<_, String>(selectors.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let same: fn(&mut RuleDraft) = |_| {};
        assert_eq!(with(Kind::Every, same).unwrap(), ["every 10s"]);
        assert_eq!(
            with(Kind::Every, |draft| draft.step = "250f".into()).unwrap(),
            ["every 250f"]
        );
        assert_eq!(with(Kind::Evenly, same).unwrap(), ["count 9"]);
        assert_eq!(with(Kind::Parts, same).unwrap(), ["10%", "50%", "90%"]);
        assert_eq!(
            with(Kind::Parts, |draft| draft.parts = "33.3% 5".into()).unwrap(),
            ["33.3%", "5%"]
        );
        assert_eq!(with(Kind::Scenes, same).unwrap(), ["scenes"]);
        assert_eq!(with(Kind::Best, same).unwrap(), ["best 5 apart 5s"]);
        assert_eq!(with(Kind::Best, |draft| draft.apart.clear()).unwrap(), ["best 5"]);
        for (kind, change) in [
            (
                Kind::Every,
                (|draft: &mut RuleDraft| draft.step = "10x".into()) as fn(&mut RuleDraft),
            ),
            (Kind::Evenly, |draft| draft.count = "0".into()),
            (Kind::Parts, |draft| draft.parts = "120".into()),
            (Kind::Parts, |draft| draft.parts = " ,".into()),
            (Kind::Best, |draft| draft.best.clear()),
        ] {
            assert!(
                with(kind, change).unwrap_err().starts_with("Expected "),
                "{kind:?}"
            );
        }
    }
}
