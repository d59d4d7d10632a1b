//! A selector's JSON form. An object with fields that may be absent, in place of serde's own forms for enumerations, so that
//! nothing unknown is passed over and an error names its field.

use serde::{Deserialize, Serialize};

use super::rule::MAX_COUNT;
use super::{Moment, Rule, Selector, Stride};
use crate::step::Step;

/// `{ "at": "10.541" }`, `{ "rule": "every", "step": "10s" }`, `{ "rule": "best", "count": 5, "apart": "5s" }`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [{ "required": ["at"] }, { "required": ["rule"] }])))]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectorFields {
    /// The one frame at this place: `10.541`, `253f`, `50%`, `last`, `-5s`, `01:00:10:13`. Instead of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) at: Option<Moment>,
    /// The rule that gives the frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<RuleName>,
    /// Of `every`: the distance from one frame to the next, such as `10s` or `250f`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) step: Option<Stride>,
    /// Of `count` and `best`: how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000)))]
    pub(crate) count: Option<u32>,
    /// Of `best`: the least time between two frames, such as `5s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) apart: Option<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum RuleName {
    Every,
    Count,
    Keyframes,
    Scenes,
    Best,
}

/// Why the fields do not go together.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum SpellingError {
    #[error("expected either “at” or “rule”")]
    EitherOr,
    #[error("expected “step” with the rule “every”, and with no other")]
    Step,
    #[error("expected “count” with the rules “count” and “best”, and with no other")]
    Count,
    #[error("expected a “count” from 1 to {MAX_COUNT}")]
    Range,
    #[error("expected “apart” with no rule but “best”")]
    Apart,
}

impl TryFrom<SelectorFields> for Selector {
    type Error = SpellingError;

    fn try_from(spelling: SelectorFields) -> Result<Self, Self::Error> {
        let SelectorFields {
            at,
            rule,
            step,
            count,
            apart,
        } = spelling;
        if count.is_some_and(|count| !(1..=MAX_COUNT).contains(&count)) {
            return Err(SpellingError::Range);
        }
        if at.is_some() == rule.is_some() {
            return Err(SpellingError::EitherOr);
        }
        if apart.is_some() && rule != Some(RuleName::Best) {
            return Err(SpellingError::Apart);
        }
        let found = match (at, rule, step, count) {
            (Some(moment), _, None, None) => Self::At(moment),
            (_, Some(RuleName::Every), Some(step), None) => Self::Rule(Rule::Every(step)),
            (_, Some(RuleName::Count), None, Some(count)) => Self::Rule(Rule::Count(count)),
            (_, Some(RuleName::Keyframes), None, None) => Self::Rule(Rule::Keyframes),
            (_, Some(RuleName::Scenes), None, None) => Self::Rule(Rule::Scenes),
            (_, Some(RuleName::Best), None, Some(count)) => Self::Rule(Rule::Best { count, apart }),
            (_, Some(RuleName::Every), None, _) | (_, _, Some(_), _) => return Err(SpellingError::Step),
            _ => return Err(SpellingError::Count),
        };
        Ok(found)
    }
}

impl From<Selector> for SelectorFields {
    fn from(selector: Selector) -> Self {
        let none = Self::default();
        let rule = match selector {
            Selector::At(moment) => {
                return Self {
                    at: Some(moment),
                    ..none
                };
            }
            Selector::Rule(rule) => rule,
        };
        let (name, step, count, apart) = match rule {
            Rule::Every(step) => (RuleName::Every, Some(step), None, None),
            Rule::Count(count) => (RuleName::Count, None, Some(count), None),
            Rule::Keyframes => (RuleName::Keyframes, None, None, None),
            Rule::Scenes => (RuleName::Scenes, None, None, None),
            Rule::Best { count, apart } => (RuleName::Best, None, Some(count), apart),
        };
        Self {
            rule: Some(name),
            step,
            count,
            apart,
            ..none
        }
    }
}
