//! Which requests padlock sends again, and how often.

use std::thread;
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{
    AUDIENCE, AUTHENTICATORS, DISCOVERY, Factor, Fault, Http2Fault, JWKS, MFA_OTP, Response, TOKEN,
    Tenant, USERINFO, error_responses,
};

/// A gateway's response.
fn busy(status: u16) -> Response {
    Response::new(status, "<html>busy</html>").retry_after("0")
}

/// How many token requests were of this grant.
fn grants_of(tenant: &Tenant, grant: &str) -> usize {
    let requests = tenant.requests_to(TOKEN);
    let is_grant = |value: Option<String>| value.as_deref() == Some(grant);
    requests
        .iter()
        .filter(|request| is_grant(request.field("grant_type")))
        .count()
}

#[test]
fn a_request_without_a_password_is_sent_again_after_429_and_503() {
    for status in [429, 503] {
        let tenant = Tenant::builder()
            .responds_first(1, TOKEN, busy(status))
            .start();
        padlock_at(&tenant)
            .args(["client-credentials", "--audience", AUDIENCE])
            .assert()
            .code(0);
        assert_eq!(grants_of(&tenant, "client_credentials"), 2, "{status}");
        for path in [JWKS, USERINFO] {
            let tenant = Tenant::builder()
                .responds_first(1, path, busy(status))
                .start();
            login_at(&tenant).arg("--userinfo").assert().code(0);
            assert_eq!(tenant.requests_to(path).len(), 2, "{path} {status}");
        }
    }
}

#[test]
fn a_request_without_a_password_is_not_sent_again_by_the_tenants_rate_limit_alone() {
    let response = Response::new(429, "<html>").header("x-ratelimit-reset", "0");
    // What fails before the password is sent is asked for again; this comes later.
    let tenant = Tenant::builder()
        .responds_first(1, JWKS, response.header("x-ratelimit-remaining", "0"))
        .delay(JWKS, Duration::from_secs(2))
        .start();
    login_at(&tenant).assert().code(6);
    assert_eq!(tenant.requests_to(JWKS).len(), 1);
}

#[test]
fn a_one_time_code_is_sent_once_although_the_tenant_is_busy() {
    for response in [
        busy(503),
        busy(429),
        error_responses::too_many_attempts().retry_after("0"),
    ] {
        assert_eq!(codes_sent_to(response), 1);
    }
    let limited = error_responses::too_many_requests(0).retry_after("0");
    assert_eq!(
        codes_sent_to(limited),
        3,
        "a rate limit says that none was looked at"
    );
}

/// How often a code is sent to a tenant that responds so to it.
fn codes_sent_to(response: Response) -> usize {
    let tenant = Tenant::builder()
        .factor(Factor::otp("123456"))
        .delay(AUTHENTICATORS, Duration::from_millis(300))
        .start();
    let mut login = login_at(&tenant);
    login.args(["--otp", "123456"]);
    let run = thread::spawn(move || login.output().expect("padlock starts"));
    while tenant.requests_to(AUTHENTICATORS).is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    tenant.change(|options| options.responds(TOKEN, response));
    let output = run.join().expect("the run ends");
    assert_ne!(output.status.code(), Some(0));
    grants_of(&tenant, MFA_OTP)
}

#[test]
fn a_push_that_is_polled_too_often_is_not_polled_again_at_once() {
    let tenant = Tenant::builder()
        .factor(Factor::push_accepted_after(1))
        .push_interval(Duration::from_secs(2))
        .advertises_interval(1)
        .start();
    login_at(&tenant)
        .args(["--factor", "push"])
        .assert()
        .code(0);
    let polls = tenant.requests_to(TOKEN);
    for pair in polls[1..].windows(2) {
        let pause = pair[1].at.duration_since(pair[0].at);
        assert!(pause >= Duration::from_millis(900), "{pause:?}");
    }
}

#[test]
fn a_request_that_http2_refuses_to_process_is_sent_again() {
    for fault in [
        Http2Fault::RefusesStream,
        Http2Fault::ClosesAfter { last_stream: 0 },
    ] {
        let tenant = Tenant::builder()
            .tls()
            .hs256()
            .http2_fault_first(1, fault.clone())
            .start();
        login_at(&tenant)
            .arg("-v")
            .assert()
            .code(0)
            .stderr(says("did not process the request; retrying"));
        assert_eq!(tenant.passwords_received(), 1, "{fault:?}");
    }
}

#[test]
fn a_request_that_http2_may_have_processed_is_not_sent_again() {
    for fault in [
        Http2Fault::ClosesAfter { last_stream: 1 },
        Http2Fault::Breaks {
            text: String::new(),
        },
    ] {
        let tenant = Tenant::builder()
            .tls()
            .hs256()
            .http2_fault_first(1, fault.clone())
            .start();
        let error = error_of(&mut login_at(&tenant));
        assert_eq!(
            (&error["class"], &error["exit"]),
            (&json!("unreachable"), &json!(7))
        );
        assert_eq!(tenant.requests().len(), 0, "{fault:?}");
    }
}

#[test]
fn a_tenant_that_refuses_every_stream_is_reported_as_such() {
    let tenant = Tenant::builder()
        .tls()
        .hs256()
        .http2_fault_first(9, Http2Fault::ClosesAfter { last_stream: 0 })
        .start();
    login_at(&tenant)
        .assert()
        .code(7)
        .stderr(says("did not process the request").and(says("may have arrived").not()));
}

#[test]
fn nothing_is_sent_once_the_time_limit_is_over() {
    let tenant = Tenant::builder()
        .delay(DISCOVERY, Duration::from_millis(400))
        .start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", tenant.url(), "--timeout", "0.3"]);
    login.assert().code(7).stderr(says("within 0.3 s"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_token_response_in_gzip_over_the_limit_ends_the_run_at_once() {
    let tenant = Tenant::builder().fault(TOKEN, Fault::GzipBomb).start();
    login_at(&tenant)
        .assert()
        .code(7)
        .stderr(says("longer than 1 MiB"));
}

#[test]
fn discovery_and_userinfo_may_be_compressed_or_begin_with_a_byte_order_mark() {
    for fault in [
        Fault::Gzip { announced: true },
        Fault::Gzip { announced: false },
        Fault::ByteOrderMark,
    ] {
        let tenant = Tenant::builder()
            .fault(DISCOVERY, fault.clone())
            .fault(USERINFO, fault)
            .start();
        login_at(&tenant)
            .env_remove("AUTH0_DOMAIN")
            .args(["--issuer", tenant.url(), "--userinfo"])
            .assert()
            .code(0);
    }
}
