//! What a login costs the processor: the system's certificates once, and no random generator that times the CPU.

use std::process::Command;

use crate::program::process_at;
use crate::tenant::{EMAIL, Tenant, USER_PASSWORD};

/// Milliseconds of CPU time that twenty logins take together, as the shell accounts for its children.
fn twenty_logins(tenant: &Tenant) -> f64 {
    let login = process_at(tenant, &["--email", EMAIL, "--password", USER_PASSWORD]);
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(tenant.settings()).args([
        "-c",
        "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do \"$0\" \"$@\" || exit; done >/dev/null; times",
    ]);
    shell.arg(login.get_program()).args(login.get_args());
    let output = shell.output().expect("a shell");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let children = text.lines().last().expect("a line on the children");
    children.split_whitespace().map(milliseconds).sum()
}

/// `0m0.190000s`, whatever stands for the decimal point.
fn milliseconds(time: &str) -> f64 {
    let (minutes, seconds) = time.trim_end_matches('s').split_once('m').expect("minutes and seconds");
    let seconds: f64 = seconds.replace(',', ".").parse().expect("seconds");
    (minutes.parse::<f64>().expect("minutes") * 60.0 + seconds) * 1e3
}

#[test]
fn tls_costs_a_login_no_more_than_a_few_times_what_it_costs_without() {
    let (plain, tls) = (Tenant::start(), Tenant::builder().tls().start());
    let (without, with) = (twenty_logins(&plain), twenty_logins(&tls));
    // Two to three times as a rule, and five where a generator is seeded by timing the CPU. What is built to be fast needs
    // so little without TLS that the times say nothing; there the seeding shows as 25 ms and more for each login.
    assert!(
        with < 3.5 * without || with < 20.0 * 10.0,
        "twenty logins take {with} ms of CPU time with TLS, {without} ms without"
    );
}
