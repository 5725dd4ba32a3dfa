//! A required claim, and how its value is compared and shown.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Number, Value};

use super::super::claim_path::FoundClaim;
use super::super::claims::has_rounded_number;
use super::super::violation::show;
use crate::escape::{escape_json, excerpt};
use crate::strict_json;

/// A required claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRequirement {
    /// The claim's name.
    pub name: String,
    /// `None` for any value but null.
    pub(super) value: Option<RequiredValue>,
}

/// A required value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RequiredValue {
    value: Value,
    /// Its JSON text: numbers with all their digits.
    text: String,
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
            Some((name, value)) => Self {
                name: name.into(),
                value: Some(RequiredValue::parse(value)),
            },
        }
    }

    /// Whether one value is required, not just any.
    pub(crate) fn has_value(&self) -> bool {
        self.value.is_some()
    }
}

impl RequiredValue {
    fn parse(text: &str) -> Self {
        let parsed = strict_json::value(text.as_bytes());
        let (value, text) = parsed.map_or_else(
            |_| (text.into(), Value::from(text).to_string()),
            |value| (value, text.trim().to_owned()),
        );
        Self { value, text }
    }

    /// Whether a claim has this value.
    pub(super) fn is_of(&self, claim: &FoundClaim<'_>) -> bool {
        is_same(claim.value, &self.value)
            || has_rounded_number(&self.value) && is_same_text(&claim.text(), &self.text)
    }

    pub(super) fn shown(&self) -> String {
        shown_with_digits(&self.value, || self.text.clone())
    }

    /// How to require the claim's own type, where that is all that differs.
    pub(super) fn other_type(&self, name: &str, claim: &FoundClaim<'_>) -> String {
        match (claim.value, &self.value) {
            (Value::String(text), value) if is_json_of(text, value, &self.text) => {
                let wanted = excerpt(&format!("{name}={}", claim.value), 120);
                format!("; to require this text, quote it: --require-claim '{wanted}'")
            }
            (value, Value::String(text)) if is_json_of(text, value, &claim.text()) => {
                let wanted = excerpt(&format!("{name}={text}"), 120);
                format!("; to require this value, leave out the quotes: --require-claim '{wanted}'")
            }
            _ => String::new(),
        }
    }
}

/// The claim as it came: large numbers with all their digits; escaped and shortened.
pub(super) fn shown(claim: Option<&FoundClaim<'_>>) -> String {
    claim.map_or_else(
        || show(None),
        |claim| shown_with_digits(claim.value, || claim.text()),
    )
}

fn shown_with_digits(value: &Value, text: impl FnOnce() -> String) -> String {
    if has_rounded_number(value) {
        excerpt(&escape_json(&text()), 80)
    } else {
        show(Some(value))
    }
}

/// Whether a text is the JSON text of a value.
fn is_json_of(text: &str, value: &Value, json: &str) -> bool {
    let compact = value.to_string();
    [json, &compact].contains(&text)
}

/// Whether two JSON values are equal: numbers by value (5 is 5.0), members of objects in any order.
fn is_same(left: &Value, right: &Value) -> bool {
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

/// The same for JSON texts, in which integers of any length have all their digits.
fn is_same_text(left: &str, right: &str) -> bool {
    if let (Some(left), Some(right)) = (elements(left), elements(right)) {
        let mut pairs = left.iter().zip(&right);
        left.len() == right.len()
            && pairs.all(|(left, right)| is_same_text(left.get(), right.get()))
    } else if let (Some(left), Some(right)) = (members(left), members(right)) {
        let same = |(name, value): (&String, &&RawValue)| {
            let other = right.get(name);
            other.is_some_and(|other| is_same_text(value.get(), other.get()))
        };
        left.len() == right.len() && left.iter().all(same)
    } else if is_integer(left) && is_integer(right) {
        left == right
    } else {
        let parse = |text| serde_json::from_str::<Value>(text).ok();
        matches!((parse(left), parse(right)), (Some(left), Some(right)) if is_same(&left, &right))
    }
}

fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn members(text: &str) -> Option<HashMap<String, &RawValue>> {
    serde_json::from_str(text).ok()
}

/// JSON has one text for each integer (RFC 8259 §6), apart from zero, and from fractions and
/// exponents, which are none here.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit())
}
