//! What was found so far, and what that means for the checks that were not reached.

use crate::failure::Failure;
use crate::output::{Check, State};

/// All checks, in the order of a sign-in.
const ORDER: [&str; 11] = [
    "settings",
    "proxy",
    "dns",
    "connection",
    "tls",
    "discovery",
    "issuer",
    "keys",
    "clock",
    "client",
    "grant",
];

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Check>);

impl Findings {
    pub(super) fn good(&mut self, name: &'static str, detail: impl Into<String>) {
        self.add(name, State::Good, detail.into());
    }

    pub(super) fn unknown(&mut self, name: &'static str, detail: impl Into<String>) {
        self.add(name, State::Unknown, detail.into());
    }

    /// The failure that a run would end with.
    pub(super) fn bad(&mut self, name: &'static str, failure: Failure) {
        let mut detail = failure.message;
        if !failure.reasons.is_empty() {
            detail = format!("{detail} ({})", failure.reasons.join("; "));
        }
        self.0.push(Check {
            name,
            state: State::Bad,
            detail,
            next_step: failure.hint,
            class: Some(failure.class),
        });
    }

    /// All checks in order: those that were not reached are unknown, because of the first bad one.
    pub(super) fn complete(mut self) -> Vec<Check> {
        let rank = |name: &str| ORDER.iter().position(|one| *one == name);
        self.0.sort_by_key(|check| rank(check.name));
        let cause = self.0.iter().find(|check| check.state == State::Bad);
        let reason = cause.map_or_else(
            || "not checked".to_owned(),
            |check| format!("not checked, since {} is bad", check.name),
        );
        for name in ORDER {
            if !self.0.iter().any(|check| check.name == name) {
                self.unknown(name, reason.clone());
            }
        }
        self.0.sort_by_key(|check| rank(check.name));
        self.0
    }

    fn add(&mut self, name: &'static str, state: State, detail: String) {
        self.0.push(Check {
            name,
            state,
            detail,
            next_step: None,
            class: None,
        });
    }
}
