//! A required claim, and how its value is compared and shown.

use serde_json::{Number, Value};

use super::super::claims::{Claims, has_rounded_number};
use super::super::violation::show;
use crate::escape::{escape_json, excerpt};
use crate::strict_json;

/// A required claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRequirement {
    /// The claim's name.
    pub name: String,
    /// The required value, or `None` for any value but null.
    pub value: Option<Value>,
}

/// 2⁵³, from which on one double represents several integers.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

impl ClaimRequirement {
    /// Parses `NAME` or `NAME=VALUE`. VALUE is JSON if it parses as strict JSON, else a string.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            None => Self {
                name: text.into(),
                value: None,
            },
            Some((name, value)) => {
                let value = strict_json::value(value.as_bytes()).unwrap_or_else(|_| value.into());
                Self {
                    name: name.into(),
                    value: Some(value),
                }
            }
        }
    }
}

/// The claim as it came: large numbers with all their digits; escaped and shortened.
pub(super) fn shown(claims: &Claims, name: &str) -> String {
    match claims.locate(name) {
        Some(found) if has_rounded_number(found.value) => excerpt(&escape_json(&found.text()), 80),
        found => show(found.map(|found| found.value)),
    }
}

/// How to require the claim's own type, where that is all that differs.
pub(super) fn other_type(requirement: &ClaimRequirement, claim: Option<&Value>) -> String {
    let name = &requirement.name;
    match (claim, &requirement.value) {
        (Some(Value::String(text)), Some(value)) if is_json_of(text, value) => {
            let wanted = excerpt(&format!("{name}=\"{text}\""), 120);
            format!("; to require this text, quote it: --require-claim '{wanted}'")
        }
        (Some(claim), Some(Value::String(text))) if is_json_of(text, claim) => {
            let wanted = excerpt(&format!("{name}={text}"), 120);
            format!("; to require this value, leave out the quotes: --require-claim '{wanted}'")
        }
        _ => String::new(),
    }
}

fn is_json_of(text: &str, value: &Value) -> bool {
    let json = value.to_string();
    text == json
}

/// Whether two JSON values are equal: numbers by value (5 is 5.0), members of objects in any order.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => is_same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, value)| right.get(name).is_some_and(|other| is_same(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

/// Integers of 64 bits are compared exactly. Other numbers were parsed as doubles: one that is
/// large, or was rounded to zero, represents many numbers and is equal to none.
fn is_same_number(left: &Number, right: &Number) -> bool {
    if !left.is_f64() && !right.is_f64() {
        return left == right;
    }
    let is_exact = |number: f64| number.is_normal() && number.abs() < EXACT_BELOW;
    left.as_f64()
        .is_some_and(|value| is_exact(value) && right.as_f64() == Some(value))
}
