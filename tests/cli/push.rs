//! Push notifications: padlock polls until they are answered, or the time is up.

use std::time::{Duration, Instant};

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt;
use rexpect::session::PtySession;
use serde_json::json;

use crate::program::{error_of, login_at, says};
use crate::tenant::{
    EMAIL, Factor, Fault, MFA_OOB, Response, Tenant, TenantOptions, USER_PASSWORD, error_responses,
};
use crate::terminal::{assert_died, assert_exit, at_columns};

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

fn at_a_terminal(columns: u16, tenant: &Tenant) -> PtySession {
    at_columns(
        columns,
        tenant,
        &["--email", EMAIL, "--password", USER_PASSWORD],
    )
}

#[test]
fn a_script_that_names_the_push_factor_waits_for_it() {
    let tenant = with_factor(Factor::push_accepted_after(1))
        .push_interval(Duration::ZERO)
        .advertises_interval(1)
        .start();
    login_at(&tenant)
        .args(["--factor", "push"])
        .assert()
        .code(0)
        .stdout(says("Robin Percy"))
        .stderr("");
    let requests = tenant.requests_to("/oauth/token");
    assert_eq!(
        requests.len(),
        3,
        "the password, an early poll, a poll that counts"
    );
    assert_eq!(
        (
            requests[2].field("grant_type"),
            requests[2].field("binding_code")
        ),
        (Some(MFA_OOB.into()), None)
    );
    assert!(
        requests[2].at.duration_since(requests[1].at) >= Duration::from_millis(950),
        "the interval is kept"
    );
}

#[test]
fn a_script_that_does_not_name_the_push_factor_sends_none() {
    let tenant = with_factor(Factor::push_accepted_after(0)).start();
    login_at(&tenant)
        .assert()
        .code(4)
        .stderr(says("--factor push"));
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 0);
}

fn login_whose_push_ends_with(refusal: Response) -> (Tenant, Assert) {
    let tenant = with_factor(Factor::push_declined_after(0, refusal))
        .advertises_interval(1)
        .start();
    let login = login_at(&tenant).args(["--factor", "push"]).assert();
    (tenant, login)
}

#[test]
fn a_declined_push_exits_with_3_at_once_whatever_the_status() {
    let with_status_200 = Response {
        status: 200,
        ..error_responses::push_declined()
    };
    for refusal in [
        error_responses::push_declined(),
        error_responses::push_access_denied(),
        with_status_200,
    ] {
        let (tenant, login) = login_whose_push_ends_with(refusal);
        login
            .code(3)
            .stderr(says("the push was declined").and(says("someone else knows it")));
        assert_eq!(tenant.requests_to("/oauth/token").len(), 2);
    }
}

#[test]
fn a_push_that_is_no_longer_known_took_too_long() {
    for refusal in [
        error_responses::malformed_oob_code(),
        error_responses::expired_oob_code(),
        error_responses::expired_mfa_token(),
    ] {
        let (_tenant, login) = login_whose_push_ends_with(refusal);
        login.code(4).stderr(says("the login took too long"));
    }
}

#[test]
fn any_other_end_of_a_push_is_quoted_without_an_accusation() {
    for (status, code) in [(403, "invalid_grant"), (400, "access_denied"), (400, "odd")] {
        let refusal = error_responses::error_response(status, code, "the moon is full");
        let (_tenant, login) = login_whose_push_ends_with(refusal);
        let quotes = says("the moon is full").and(says("someone else").not());
        login.code(5).stderr(quotes);
    }
}

#[test]
fn a_passing_fault_while_a_push_is_awaited_only_slows_the_polls_down() {
    let too_many = error_responses::error_response(429, "too_many_requests", "Too many");
    let faults = [
        ("502", Fault::Status(502)),
        ("429", Fault::Responds(too_many)),
        ("reset", Fault::ClosesWithoutResponse),
        ("half a response", Fault::ClosesMidBody),
    ];
    for (name, fault) in faults {
        // The first request is the password.
        let tenant = with_factor(Factor::push_accepted_after(0))
            .push_interval(Duration::ZERO)
            .advertises_interval(1)
            .fault_after(1, "/oauth/token", fault)
            .start();
        login_at(&tenant)
            .args(["--factor", "push"])
            .assert()
            .code(0)
            .stdout(says("Robin Percy"));
        let requests = tenant.requests_to("/oauth/token");
        assert_eq!(requests.len(), 3, "{name}: password, fault, accepted");
        let pause = requests[2].at.duration_since(requests[1].at);
        assert!(pause >= Duration::from_secs(6), "{name}: {pause:?}");
        assert_eq!(tenant.passwords_received(), 1, "{name}");
    }
}

#[test]
fn a_push_that_could_not_be_asked_about_says_why() {
    let tenant = with_factor(Factor::push_never_answered())
        .advertises_interval(1)
        .fault_after(1, "/oauth/token", Fault::Status(502))
        .start();
    let error = error_of(login_at(&tenant).args(["--factor", "push", "--timeout", "3"]));
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(4), &json!("mfa_required"))
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("within 3 s") && message.contains("status 502"),
        "{message}"
    );
}

#[test]
fn slow_down_is_answered_once_after_the_longer_of_two_waits() {
    // The tenant asks for 7 s, which is longer than the interval and five seconds more.
    let refusal = error_responses::slow_down(7);
    let tenant = with_factor(Factor::push_accepted_after(0))
        .push_interval(Duration::ZERO)
        .advertises_interval(1)
        .fault_after(1, "/oauth/token", Fault::Responds(refusal))
        .start();
    login_at(&tenant)
        .args(["--factor", "push"])
        .assert()
        .code(0);
    let requests = tenant.requests_to("/oauth/token");
    assert_eq!(requests.len(), 3, "password, slow_down, accepted");
    let pause = requests[2].at.duration_since(requests[1].at);
    assert!(pause >= Duration::from_secs(7), "{pause:?}");
}

fn login_by_push(tenant: &Tenant, timeout: &str) -> Assert {
    let mut login = login_at(tenant);
    let flags = ["--factor", "push", "--timeout", timeout];
    login.args(flags).assert()
}

#[test]
fn a_push_is_polled_once_more_just_before_the_deadline() {
    // Without an interval of the tenant's, the first pause would be 5 s.
    let soon = with_factor(Factor::push_accepted_after(0)).start();
    login_by_push(&soon, "2.5")
        .code(0)
        .stdout(says("Robin Percy"));
    assert_eq!(soon.requests_to("/oauth/token").len(), 2);
    let late = with_factor(Factor::push_accepted_after(1))
        .advertises_interval(2)
        .start();
    login_by_push(&late, "4").code(0);
    let requests = late.requests_to("/oauth/token");
    assert_eq!(requests.len(), 3, "the password, pending, accepted");
    let pauses = [
        requests[1].at.duration_since(requests[0].at),
        requests[2].at.duration_since(requests[1].at),
    ];
    assert!(pauses[0] >= Duration::from_millis(1950), "{pauses:?}");
    assert!(pauses[1] < Duration::from_secs(2), "{pauses:?}");
}

#[test]
fn a_poll_that_leaves_no_room_for_the_last_one_is_left_out() {
    let tenant = with_factor(Factor::push_never_answered())
        .advertises_interval(2)
        .start();
    login_by_push(&tenant, "2.5").code(4);
    assert_eq!(tenant.requests_to("/oauth/token").len(), 2);
}

#[test]
fn no_push_is_sent_that_no_poll_could_find_accepted() {
    let tenant = with_factor(Factor::push_accepted_after(0)).start();
    login_by_push(&tenant, "1")
        .code(4)
        .stdout("")
        .stderr(says("no push was sent").and(says("within 1 s")))
        .stderr(says("--timeout"));
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 0);
}

#[test]
fn a_push_is_awaited_for_the_whole_timeout_however_long_its_challenge_took() {
    let tenant = with_factor(Factor::push_accepted_after(2))
        .push_interval(Duration::ZERO)
        .advertises_interval(1)
        .delay("/mfa/challenge", Duration::from_secs(1))
        .start();
    login_by_push(&tenant, "5.5").code(0);
    assert_eq!(tenant.requests_to("/oauth/token").len(), 4);
}

#[test]
fn the_wait_for_a_push_does_not_count_towards_the_timeout_of_what_follows() {
    let tenant = with_factor(Factor::push_accepted_after(0))
        .delay("/userinfo", Duration::from_millis(800))
        .start();
    let mut login = login_at(&tenant);
    // A code that is not needed changes nothing.
    login.args(["--factor", "push", "--otp", "1"]);
    login.args(["--userinfo", "--timeout", "2.5"]);
    login.assert().code(0).stdout(says("Robin Percy"));
}

#[test]
fn a_poll_without_a_response_ends_with_the_wait() {
    let tenant = with_factor(Factor::push_never_answered())
        .advertises_interval(1)
        .fault_after(1, "/oauth/token", Fault::NoResponse)
        .start();
    login_by_push(&tenant, "2.5")
        .code(4)
        .stderr(says("the push was not accepted within 2.5 s"));
}

#[test]
fn an_interval_is_kept_but_for_one_below_a_second() {
    for (advertised, least) in [(0, 950), (2, 1950), (3, 2950)] {
        let tenant = with_factor(Factor::push_accepted_after(1))
            .push_interval(Duration::ZERO)
            .advertises_interval(advertised)
            .start();
        login_by_push(&tenant, "30").code(0);
        let requests = tenant.requests_to("/oauth/token");
        assert_eq!(requests.len(), 3, "the password, pending, accepted");
        let pause = requests[2].at.duration_since(requests[1].at);
        assert!(
            pause >= Duration::from_millis(least),
            "{advertised} s: {pause:?}"
        );
    }
}

#[test]
fn an_unanswered_push_ends_at_the_timeout() {
    let tenant = with_factor(Factor::push_never_answered())
        .push_interval(Duration::ZERO)
        .advertises_interval(1)
        .start();
    let started = Instant::now();
    let mut login = login_at(&tenant);
    login
        .args(["--factor", "push", "--timeout", "2.5"])
        .assert()
        .code(4)
        .stderr(says("within 2.5 s"));
    assert!((2..5).contains(&started.elapsed().as_secs()));
}

#[test]
fn slow_down_makes_padlock_poll_less_often() {
    let tenant = with_factor(Factor::push_accepted_after(1))
        .push_interval(Duration::from_secs(3))
        .advertises_interval(1)
        .start();
    login_at(&tenant)
        .args(["--factor", "push"])
        .assert()
        .code(0);
    let requests = tenant.requests_to("/oauth/token");
    assert_eq!(
        requests.len(),
        4,
        "the password, pending, too soon, accepted"
    );
    assert!(
        requests[3].at.duration_since(requests[2].at) >= Duration::from_secs(6),
        "five seconds more"
    );
}

#[test]
fn at_a_terminal_the_remaining_time_is_shown() {
    let options = with_factor(Factor::push_accepted_after(1))
        .push_interval(Duration::ZERO)
        .advertises_interval(1);
    let tenant = options.start();
    let mut session = at_a_terminal(80, &tenant);
    session
        .exp_string("Waiting for the push on Robin's phone to be accepted (30 s left)")
        .unwrap();
    session.exp_string("(29 s left)").unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("Robin Percy"), "{shown}");
    assert_exit(&session, 0);
}

#[test]
fn on_a_narrow_terminal_the_countdown_stays_on_one_line() {
    let tenant = with_factor(Factor::push_accepted_after(1))
        .push_interval(Duration::ZERO)
        .advertises_interval(1)
        .start();
    let shown = at_a_terminal(40, &tenant).exp_eof().unwrap();
    let line = shown
        .lines()
        .find(|line| line.contains("Waiting for the push on"))
        .expect("a countdown");
    for frame in line.split('\r').flat_map(|frame| frame.split('\u{1b}')) {
        assert!(frame.chars().count() <= 43, "{frame:?}");
    }
}

#[test]
fn ctrl_c_ends_the_wait_for_a_push() {
    let tenant = with_factor(Factor::push_never_answered())
        .advertises_interval(1)
        .start();
    let mut session = at_a_terminal(80, &tenant);
    session.exp_string("Waiting for the push").unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    assert_died(&session, "SIGINT");
}
