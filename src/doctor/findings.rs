//! What was found so far, and what that means for the checks that were not reached.

use crate::failure::Failure;
use crate::output::{Check, State};
use crate::redact::redact;

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

    /// All checks in order. One that was not reached is unknown because of the last bad one before
    /// it; a wrong clock keeps nothing from being asked.
    pub(super) fn complete(self) -> Vec<Check> {
        let mut reason = "not checked".to_owned();
        let mut checks = Vec::with_capacity(ORDER.len());
        for name in ORDER {
            let found = self.0.iter().find(|check| check.name == name);
            if found.is_some_and(|check| check.state == State::Bad) && name != "clock" {
                reason = format!("not checked, since {name} is bad");
            }
            let unknown = || Check {
                name,
                state: State::Unknown,
                detail: reason.clone(),
                next_step: None,
                class: None,
            };
            checks.push(hidden(found.cloned().unwrap_or_else(unknown)));
        }
        checks
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

/// Without secrets: a server may repeat what it was sent.
fn hidden(check: Check) -> Check {
    Check {
        detail: redact(&check.detail).into_owned(),
        next_step: check.next_step.map(|step| redact(&step).into_owned()),
        ..check
    }
}
