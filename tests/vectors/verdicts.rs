//! Every case gets the verdict that it should, quickly and in words fit for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::cases::{Case, Verdict, foreign_cases, own_cases};
use crate::program::Program;

/// Cases that padlock answers otherwise on purpose.
const CONTRADICTED: [(&str, &str); 1] = [(
    "auth0-net-SucceedsWhenNonceShouldBeIgnored",
    "its auth_time lies 20 hours ahead of the clock; the attack auth-time-future demands that such a login is refused, and the \
     strict answer wins where two cases contradict each other",
)];

/// The project or the specification that a case was taken from.
fn origin(source: &str) -> String {
    let words = if source.starts_with("RFC") { 2 } else { 1 };
    source.split(' ').take(words).collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
    wrong_accepts: usize,
    wrong_rejects: usize,
    on_purpose: usize,
}

#[test]
fn every_case_gets_the_expected_verdict() {
    judge("the library", Case::verdict);
}

#[test]
fn every_case_gets_the_expected_verdict_on_the_command_line() {
    let padlock = Program::new();
    judge("the program", |case| padlock.verdict(case));
    assert_eq!(
        padlock.connections(),
        0,
        "no case may make padlock fetch anything"
    );
}

/// Holds every verdict against the expected one, and prints them by their source.
fn judge(who: &str, verdict_of: impl Fn(&Case) -> Verdict) {
    let mut table: BTreeMap<String, Tally> = BTreeMap::new();
    let mut faults = String::new();
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let verdict = verdict_of(&case);
        let tally = table.entry(origin(&case.source)).or_default();
        *if verdict.is_ok() {
            &mut tally.accepted
        } else {
            &mut tally.rejected
        } += 1;
        if case.is_met_by(&verdict) {
            continue;
        }
        if verdict.is_err() && CONTRADICTED.iter().any(|(id, _)| *id == case.id) {
            tally.on_purpose += 1;
            continue;
        }
        *if case.expects_accept() {
            &mut tally.wrong_rejects
        } else {
            &mut tally.wrong_accepts
        } += 1;
        writeln!(
            faults,
            "{}: expected {} ({}), got {verdict:?}",
            case.id, case.expect, case.why
        )
        .expect("a line");
    }
    println!("verdicts of {who}");
    println!(
        "{:<38} {:>8} {:>8} {:>13} {:>13} {:>10}",
        "source", "accepted", "rejected", "wrong accepts", "wrong rejects", "on purpose"
    );
    for (source, t) in &table {
        println!(
            "{source:<38} {:>8} {:>8} {:>13} {:>13} {:>10}",
            t.accepted, t.rejected, t.wrong_accepts, t.wrong_rejects, t.on_purpose
        );
    }
    for (id, reason) in CONTRADICTED {
        println!("rejected on purpose: {id}: {reason}");
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_refusal_names_the_broken_rule() {
    for case in own_cases() {
        let (Some(expected), Err((codes, message))) = (&case.fail, case.verdict()) else {
            continue;
        };
        let hinted = codes
            .iter()
            .any(|code| code == expected || case.also.iter().any(|also| also == code));
        assert!(
            hinted,
            "{}: expected {expected}, got {codes:?} ({message})",
            case.id
        );
    }
}

#[test]
fn no_message_carries_anything_harmful_to_a_terminal() {
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let Err((_, message)) = case.verdict() else {
            continue;
        };
        let harmful = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!message.contains(harmful), "{}: {message:?}", case.id);
        assert!(message.chars().count() < 800, "{}: {message}", case.id);
    }
}

#[test]
fn no_case_takes_long() {
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let start = Instant::now();
        let _ = case.verdict();
        assert!(start.elapsed() < Duration::from_millis(500), "{}", case.id);
    }
}
