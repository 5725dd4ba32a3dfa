//! A process that is killed at any step of a renewal.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;

use super::{Home, assert_current, refreshes, rotating};
use crate::program::{printed, says};
use crate::tenant::{TOKEN, Tenant, TenantOptions};

/// Runs `padlock token`, which kills itself after this step of the run.
fn killed_at(home: &Home, tenant: &Tenant, step: usize) -> Output {
    let mut run = home.run(tenant, &["token"]);
    run.env("PADLOCK_KILL_AT", step.to_string());
    run.output().unwrap()
}

/// The steps of a renewal, in order.
fn steps() -> Vec<String> {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    let log = home.state().join("steps");
    printed(home.run(&tenant, &["token"]).env("PADLOCK_STEPS", &log));
    let lines = fs::read_to_string(log).unwrap();
    let lines = lines.lines().map(|line| line.split_once(' ').unwrap().1);
    lines.map(str::to_owned).collect()
}

#[test]
fn a_renewal_that_is_killed_at_any_step_leaves_a_session_that_works() {
    let steps = steps();
    assert!(steps.len() >= 12, "{steps:?}");
    // .ci/long repeats this until there are hundreds of kills.
    let rounds = option_env!("PADLOCK_KILL_ROUNDS").and_then(|rounds| rounds.parse().ok());
    let rounds: usize = rounds.unwrap_or(1);
    let mut kills = 0;
    for _ in 0..rounds {
        for (index, step) in steps.iter().enumerate() {
            // With an overlap, as Auth0 has by default, the old token is accepted once more.
            let overlap = Duration::from_secs(60);
            let tenant = Tenant::builder().refresh_token_overlap(overlap).start();
            let home = Home::new();
            home.sign_in(&tenant);
            home.let_tokens_expire();
            let output = killed_at(&home, &tenant, index + 1);
            assert_eq!(output.status.signal(), Some(9), "{step}");
            kills += 1;
            let was_sent = !refreshes(&tenant).is_empty();
            let mut run = home.run(&tenant, &["token"]);
            let output = run.assert().code(0);
            let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
            let is_written = steps[..=index]
                .iter()
                .filter(|one| *one == "new file written");
            // The first is the mark's, the second the session's.
            let is_lost = was_sent && is_written.count() < 2;
            if is_lost {
                assert!(stderr.contains("an earlier renewal"), "{step}: {stderr}");
            }
            assert_eq!(
                refreshes(&tenant).len(),
                if is_lost { 2 } else { 1 },
                "{step}"
            );
            assert_current(&home, &tenant);
            // Nothing is left of the accident.
            home.let_tokens_expire();
            let again = home.run(&tenant, &["token"]).assert().code(0);
            again.stderr("");
        }
    }
    assert_eq!(kills, rounds * steps.len());
}

#[test]
fn where_reuse_ends_the_grant_the_interrupted_session_is_reported_as_dead() {
    let position = steps()
        .iter()
        .position(|step| step == "response received")
        .unwrap();
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    killed_at(&home, &tenant, position + 1);
    let mut run = home.run(&tenant, &["token"]);
    run.assert()
        .code(10)
        .stderr(says("an earlier renewal").and(says("--save")));
    tenant.clear_requests();
    home.run(&tenant, &["token"]).assert().code(10);
    assert_eq!(tenant.requests().len(), 0);
}

/// `padlock token`, which has sent the refresh token.
fn waiting_for_the_response(home: &Home, tenant: &Tenant) -> Child {
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_padlock"))
        .env_clear()
        .envs(tenant.settings())
        .env("XDG_STATE_HOME", home.state())
        .env("XDG_CONFIG_HOME", "/dev/null")
        .arg("token")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while refreshes(tenant).is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn where_the_new_refresh_token_cannot_be_stored_the_token_is_printed_and_the_loss_reported() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    tenant.change(|options| options.delay(TOKEN, Duration::from_secs(5)));
    let child = waiting_for_the_response(&home, &tenant);
    // No file can take the place of a folder.
    let file = home.session_file();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("is lost") && stderr.contains("--save"),
        "{stderr}"
    );
    let token = String::from_utf8(output.stdout).unwrap();
    assert_eq!(token.trim_end().split('.').count(), 3, "{token}");
}

#[test]
fn a_kill_while_the_response_is_awaited_is_reported_and_tried_once() {
    let overlap = Duration::from_secs(60);
    let tenant = Tenant::builder().refresh_token_overlap(overlap).start();
    let home = Home::new();
    home.sign_in(&tenant);
    home.let_tokens_expire();
    tenant.change(|options| options.delay(TOKEN, Duration::from_secs(30)));
    let mut child = waiting_for_the_response(&home, &tenant);
    child.kill().unwrap();
    child.wait().unwrap();
    tenant.change(TenantOptions::without_scripts);
    let mut run = home.run(&tenant, &["token"]);
    run.assert().code(0).stderr(says("an earlier renewal"));
    assert_current(&home, &tenant);
}

#[test]
fn a_save_that_is_killed_leaves_no_session_or_a_whole_one() {
    for step in 1.. {
        let (tenant, home) = (rotating().start(), Home::new());
        let mut login = home.with(crate::program::login_at(&tenant));
        login.arg("--save").env("PADLOCK_KILL_AT", step.to_string());
        let output = login.output().unwrap();
        let code = home
            .run(&tenant, &["token"])
            .output()
            .unwrap()
            .status
            .code();
        assert!(matches!(code, Some(0 | 10)), "{step}: {code:?}");
        if output.status.success() {
            assert!(step > 8, "{step}");
            return;
        }
        home.sign_in(&tenant);
        home.token(&tenant);
    }
}
