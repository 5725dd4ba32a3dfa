//! Every case gets the expected verdict, quickly and in text that is safe for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use padlock::verify::Violation;

use crate::cases::{ACCEPTED, Case, Verdict, external_cases, is_unsafe_for_terminals, own_cases};
use crate::program::Program;

/// Cases where padlock deliberately differs.
const DELIBERATE: [(&str, &str); 1] = [(
    "auth0-net-SucceedsWhenNonceShouldBeIgnored",
    "its auth_time is 20 hours in the future; the case auth-time-future requires rejection, and \
     the stricter of two contradictory cases wins",
)];

/// The project or specification that a case comes from.
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
    deliberate: usize,
}

#[test]
fn every_case_gets_the_expected_verdict() {
    compare("the library", Case::verdict);
}

#[test]
fn every_case_gets_the_expected_verdict_on_the_command_line() {
    let padlock = Program::new();
    compare("the program", |case| padlock.verdict(case));
    assert_eq!(
        padlock.connections(),
        0,
        "no case may cause a network request"
    );
}

/// Compares every verdict with the expected one, and prints a table by source.
fn compare(name: &str, verdict_of: impl Fn(&Case) -> Verdict) {
    let mut table: BTreeMap<String, Tally> = BTreeMap::new();
    let mut mismatches = String::new();
    for case in own_cases().into_iter().chain(external_cases()) {
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
        if verdict.is_err() && DELIBERATE.iter().any(|(id, _)| *id == case.id) {
            tally.deliberate += 1;
            continue;
        }
        *if case.expects_accept() {
            &mut tally.wrong_rejects
        } else {
            &mut tally.wrong_accepts
        } += 1;
        writeln!(
            mismatches,
            "{}: expected {} ({}), got {verdict:?}",
            case.id, case.expect, case.why
        )
        .expect("a line");
    }
    println!("verdicts of {name}");
    println!(
        "{:<38} {:>8} {:>8} {:>13} {:>13} {:>10}",
        "source", "accepted", "rejected", "wrong accepts", "wrong rejects", "deliberate"
    );
    for (source, t) in &table {
        println!(
            "{source:<38} {:>8} {:>8} {:>13} {:>13} {:>10}",
            t.accepted, t.rejected, t.wrong_accepts, t.wrong_rejects, t.deliberate
        );
    }
    for (id, reason) in DELIBERATE {
        println!("deliberately rejected: {id}: {reason}");
    }
    for (id, reason) in ACCEPTED {
        println!("deliberately accepted: {id}: {reason}");
    }
    assert!(mismatches.is_empty(), "{mismatches}");
}

#[test]
fn every_rejection_names_the_violated_rule() {
    for case in own_cases() {
        let (Some(expected), Err(violations)) = (&case.fail, case.verdict()) else {
            continue;
        };
        let is_expected =
            |code: &str| code == expected || case.also.iter().any(|also| also == code);
        assert!(
            violations
                .iter()
                .any(|found| is_expected(found.rule.code())),
            "{}: expected {expected}, got {violations:?}",
            case.id
        );
    }
}

#[test]
fn messages_are_safe_for_terminals() {
    for case in own_cases().into_iter().chain(external_cases()) {
        for Violation { message, .. } in case.verdict().err().unwrap_or_default() {
            assert!(
                !message.contains(is_unsafe_for_terminals),
                "{}: {message:?}",
                case.id
            );
            assert!(message.chars().count() < 400, "{}: {message}", case.id);
        }
    }
}

#[test]
fn every_case_is_fast() {
    for case in own_cases().into_iter().chain(external_cases()) {
        let start = Instant::now();
        let _ = case.verdict();
        assert!(start.elapsed() < Duration::from_millis(500), "{}", case.id);
    }
}
