//! Everything that a network and a server can do wrong. Each time: the documented exit code, a
//! message that helps, an end in time, and no password sent more often than promised. The results
//! are written to `faults.md` in the folder for temporary files below `target`.

mod connections;
mod responses;
mod scenario;

use std::path::Path;
use std::{fs, thread};

use scenario::Scenario;

/// Most scenarios wait, so that many can run at the same time.
const IN_PARALLEL: usize = 8;

const HEADER: &str = "\
| fault | exit | class | time s | requests | passwords | message |
|---|---|---|---|---|---|---|
";

#[test]
fn every_fault_ends_in_time_with_a_helpful_message_and_sends_no_extra_password() {
    let mut scenarios = responses::scenarios();
    scenarios.extend(responses::scenarios().into_iter().map(Scenario::over_tls));
    scenarios.extend(connections::scenarios());
    let results = run_all(scenarios);
    let rows: String = results.iter().flatten().map(String::as_str).collect();
    let table = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults.md");
    fs::write(table, format!("{HEADER}{rows}")).expect("a folder below target");
    let problems: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The row of each scenario, or the problem with its result.
fn run_all(scenarios: Vec<Scenario>) -> Vec<Result<String, String>> {
    let mut scenarios = scenarios.into_iter().peekable();
    let mut results = Vec::new();
    while scenarios.peek().is_some() {
        let running: Vec<_> = scenarios
            .by_ref()
            .take(IN_PARALLEL)
            .map(|scenario| thread::spawn(move || scenario.run()))
            .collect();
        let finished = running.into_iter().map(thread::JoinHandle::join);
        results.extend(finished.map(|result| result.expect("a scenario does not panic")));
    }
    results
}
