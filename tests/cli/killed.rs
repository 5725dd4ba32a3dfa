//! A process that is killed at any step of writing what is not a session: the cached token of an
//! application, and the record of used one-time codes (`state/fault.rs`, in debug builds alone).

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::program::{login_at, padlock_at, printed, private};
use crate::tenant::{AUDIENCE, Factor, TOKEN, Tenant};

/// Whether the run was killed; it is for the test to know whether it may have ended.
fn is_killed_at(step: usize, run: &mut Command) -> bool {
    let output = run.env("PADLOCK_KILL_AT", step.to_string()).output();
    match output.unwrap().status.signal() {
        Some(signal) => {
            assert_eq!(signal, 9, "step {step}");
            true
        }
        None => false,
    }
}

/// No new file is left of a run that was killed.
fn assert_tidy(state: &TempDir) {
    let names = fs::read_dir(state.path().join("padlock")).unwrap();
    let names: Vec<_> = names.map(|one| one.unwrap().file_name()).collect();
    let is_new = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".new");
    assert!(!names.iter().any(is_new), "{names:?}");
}

#[test]
fn a_kill_while_a_token_is_cached_costs_a_request_at_most() {
    for step in 1.. {
        let (tenant, state) = (Tenant::start(), TempDir::new().unwrap());
        let run = || {
            let mut run = padlock_at(&tenant);
            run.env("XDG_STATE_HOME", state.path());
            run.args(["client-credentials", "--audience", AUDIENCE]);
            run
        };
        if !is_killed_at(step, &mut run()) {
            // The key of the file names and the token, six steps each.
            assert!(step > 12, "{step}");
            return;
        }
        let before = tenant.requests_to(TOKEN).len();
        let token = printed(&mut run());
        assert_eq!(printed(&mut run()), token);
        assert!(tenant.requests_to(TOKEN).len() <= before + 1, "{step}");
        assert_tidy(&state);
    }
}

#[test]
fn a_kill_while_a_code_is_recorded_never_sends_it_twice() {
    let tenant = Tenant::builder().factor(Factor::totp(b"12345678901234567890"));
    let (tenant, state) = (tenant.start(), TempDir::new().unwrap());
    let secret = state.path().join("secret");
    // The tenant takes every one of these codes for wrong, so that all of them are sent.
    let address = "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK&period=1";
    fs::write(&secret, address).unwrap();
    private(&secret);
    let run = || {
        let mut run = login_at(&tenant);
        run.env("XDG_STATE_HOME", state.path());
        run.arg("--totp-secret-file").arg(&secret);
        run
    };
    for step in 1.. {
        let is_killed = is_killed_at(step, &mut run());
        // Too many wrong codes are 6.
        let code = run().output().unwrap().status.code();
        assert!(matches!(code, Some(3 | 6)), "{step}: {code:?}");
        assert_tidy(&state);
        if !is_killed {
            // The space of a record is taken once more before it is known whether it is needed.
            assert!(step > 8, "{step}");
            break;
        }
    }
    let requests = tenant.requests_to(TOKEN);
    let codes: Vec<_> = requests.iter().filter_map(|one| one.field("otp")).collect();
    let different: BTreeSet<_> = codes.iter().collect();
    assert_eq!(codes.len(), different.len(), "{codes:?}");
    assert!(codes.len() > 8);
}
