//! No waiting: connection and keys are ready when the password is, and nothing is done twice.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rexpect::session::{PtySession, spawn_command};

use crate::program::{login_at, process_at};
use crate::tenant::{
    DISCOVERY, EMAIL, Fault, JWKS, RecordedRequest, TOKEN, Tenant, TenantOptions, USER_PASSWORD,
    error_responses,
};
use crate::terminal::assert_died;

const LONG: Duration = Duration::from_millis(400);

/// A login at its password prompt, once the tenant has responded to this many requests.
fn prompted(tenant: &Tenant, requests: usize) -> PtySession {
    let mut session = spawn_command(process_at(tenant, &["--email", EMAIL]), Some(10_000))
        .expect("the pseudo-terminal opens");
    session.exp_string("Password for").expect("padlock prompts");
    let started = Instant::now();
    while tenant.requests().len() < requests && started.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(5));
    }
    // Until the response is read as well, and the connection is free again.
    sleep(Duration::from_millis(50));
    session
}

fn enter_password(mut session: PtySession) -> String {
    session
        .send_line(USER_PASSWORD)
        .expect("the terminal takes input");
    session.exp_eof().expect("the program ends")
}

fn transports() -> [TenantOptions; 3] {
    [
        Tenant::builder(),
        Tenant::builder().tls(),
        Tenant::builder().tls().only_http_1(),
    ]
}

fn routes(tenant: &Tenant) -> Vec<String> {
    tenant
        .requests()
        .iter()
        .map(|received| received.route().to_owned())
        .collect()
}

#[test]
fn keys_are_fetched_during_the_prompt_and_the_password_uses_the_same_connection() {
    for options in transports() {
        let tenant = options.start();
        let session = prompted(&tenant, 1);
        assert_eq!(routes(&tenant), [JWKS]);
        assert!(enter_password(session).contains("Robin Percy"));
        assert_eq!(routes(&tenant), [JWKS, TOKEN]);
        assert_eq!(
            tenant.connections(),
            1,
            "only one round trip remains after Enter"
        );
    }
}

#[test]
fn a_login_with_hs256_opens_its_connection_during_the_prompt_too() {
    let tenant = Tenant::builder().tls().hs256().start();
    assert!(enter_password(prompted(&tenant, 1)).contains("Robin Percy"));
    assert_eq!(
        (routes(&tenant), tenant.connections()),
        (vec![JWKS.to_owned(), TOKEN.to_owned()], 1)
    );
}

#[test]
fn a_login_with_hs256_fetches_no_keys_without_a_prompt() {
    let tenant = Tenant::builder().tls().hs256().start();
    login_at(&tenant).assert().code(0);
    assert_eq!(
        (routes(&tenant), tenant.connections()),
        (vec![TOKEN.to_owned()], 1)
    );
}

#[test]
fn without_a_prompt_token_and_keys_are_requested_in_parallel() {
    for options in transports() {
        let tenant = options.delay(TOKEN, LONG).delay(JWKS, LONG).start();
        login_at(&tenant).assert().code(0);
        let at: Vec<Instant> = tenant
            .requests()
            .iter()
            .map(|received: &RecordedRequest| received.at)
            .collect();
        assert_eq!(at.len(), 2);
        assert!(
            at[1].duration_since(at[0]) < LONG,
            "neither waits for the other's response"
        );
    }
}

#[test]
fn a_connection_closed_during_the_prompt_is_reopened_and_the_password_sent_once() {
    for options in transports() {
        let tenant = options.idle_timeout(Duration::from_millis(100)).start();
        let session = prompted(&tenant, 1);
        sleep(LONG);
        assert!(enter_password(session).contains("Robin Percy"));
        assert_eq!((tenant.passwords_received(), tenant.connections()), (1, 2));
    }
}

#[test]
fn keys_that_failed_to_load_during_the_prompt_are_fetched_with_the_password() {
    let tenant = Tenant::builder()
        .tls()
        .fault_first(1, JWKS, Fault::ClosesWithoutResponse)
        .start();
    let session = prompted(&tenant, 1);
    assert!(enter_password(session).contains("Robin Percy"));
    assert_eq!(
        (tenant.passwords_received(), tenant.requests_to(JWKS).len()),
        (1, 2)
    );
}

#[test]
fn keys_that_failed_or_hang_during_the_prompt_are_asked_for_anew() {
    for fault in [Fault::Status(500), Fault::Status(404), Fault::NoResponse] {
        let tenant = Tenant::builder().fault_first(1, JWKS, fault).start();
        let session = prompted(&tenant, 1);
        sleep(Duration::from_millis(1200));
        assert!(enter_password(session).contains("Robin Percy"));
        assert_eq!(
            (tenant.passwords_received(), tenant.requests_to(JWKS).len()),
            (1, 2)
        );
    }
}

#[test]
fn keys_are_asked_for_once_however_long_discovery_takes() {
    let tenant = Tenant::builder()
        .delay(DISCOVERY, Duration::from_millis(1200))
        .delay(JWKS, LONG)
        .start();
    login_at(&tenant)
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", tenant.url()])
        .assert()
        .code(0);
    assert_eq!(tenant.requests_to(JWKS).len(), 1);
}

#[test]
fn a_login_with_hs256_succeeds_although_the_keys_failed_to_load() {
    let tenant = Tenant::builder()
        .hs256()
        .fault(JWKS, Fault::Status(500))
        .start();
    assert!(enter_password(prompted(&tenant, 1)).contains("Robin Percy"));
    login_at(&tenant)
        .args(["--algorithm", "HS256,RS256"])
        .assert()
        .code(0);
}

#[test]
fn time_spent_at_the_prompt_does_not_count() {
    let tenant = Tenant::builder().tls().start();
    let process = process_at(&tenant, &["--email", EMAIL, "--timeout", "0.5"]);
    let mut session = spawn_command(process, Some(10_000)).expect("the pseudo-terminal opens");
    session.exp_string("Password for").expect("padlock prompts");
    sleep(Duration::from_millis(800));
    assert!(enter_password(session).contains("Robin Percy"));
}

#[test]
fn ctrl_c_ends_the_run_at_once_while_the_tenant_does_not_respond() {
    let tenant = Tenant::builder().fault(TOKEN, Fault::NoResponse).start();
    let mut session = prompted(&tenant, 1);
    session.send_line(USER_PASSWORD).unwrap();
    sleep(Duration::from_millis(300));
    let started = Instant::now();
    session.send_control('c').unwrap();
    session.exp_eof().expect("the program ends");
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_died(&session, "SIGINT");
}

#[test]
fn a_retry_is_reported_at_a_terminal() {
    let response = error_responses::too_many_requests(0).retry_after("0");
    let tenant = Tenant::builder().responds_first(1, TOKEN, response).start();
    let shown = enter_password(prompted(&tenant, 1));
    assert!(
        shown.contains("asks to retry later (status 429); retrying in 0."),
        "{shown}"
    );
    assert!(shown.contains("Robin Percy"), "{shown}");
}

#[test]
fn two_requests_that_fail_in_the_same_way_are_reported_once() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let tenant = Tenant::start();
    let domain = format!("http://{closed}");
    let arguments = [
        "--domain",
        &domain,
        "--email",
        EMAIL,
        "--password",
        USER_PASSWORD,
    ];
    let mut session = spawn_command(process_at(&tenant, &arguments), Some(10_000))
        .expect("the pseudo-terminal opens");
    let shown = session.exp_eof().expect("the program ends");
    assert_eq!(shown.matches("retrying").count(), 2, "{shown}");
}
