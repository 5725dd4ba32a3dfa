//! No waiting: what can be done before the password is there is done by then, and nothing is done twice.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rexpect::session::{PtySession, spawn_command};

use crate::program::{login_at, process_at};
use crate::tenant::{
    EMAIL, Fault, JWKS, RecordedRequest, TOKEN, Tenant, TenantOptions, USER_PASSWORD,
};

const LONG: Duration = Duration::from_millis(400);

/// A person who is being asked for the password, once the tenant has answered what was asked of it before that.
fn asked(tenant: &Tenant, requests: usize) -> PtySession {
    let mut session = spawn_command(process_at(tenant, &["--email", EMAIL]), Some(10_000))
        .expect("a pseudo-terminal");
    session.exp_string("Password for").expect("a prompt");
    let started = Instant::now();
    while tenant.requests().len() < requests && started.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(5));
    }
    // Until the answer is read as well, and the connection free again.
    sleep(Duration::from_millis(50));
    session
}

fn types(mut session: PtySession) -> String {
    session
        .send_line(USER_PASSWORD)
        .expect("a terminal that listens");
    session.exp_eof().expect("the program ends")
}

fn both_transports() -> [TenantOptions; 3] {
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
fn while_the_person_types_the_keys_come_and_the_password_finds_an_open_connection() {
    for options in both_transports() {
        let tenant = options.start();
        let session = asked(&tenant, 1);
        assert_eq!(routes(&tenant), [JWKS]);
        assert!(types(session).contains("Robin Percy"));
        assert_eq!(routes(&tenant), [JWKS, TOKEN]);
        assert_eq!(
            tenant.connections(),
            1,
            "one round trip is left after Enter"
        );
    }
}

#[test]
fn a_login_by_shared_secret_finds_an_open_connection_too() {
    let tenant = Tenant::builder().tls().hs256().start();
    assert!(types(asked(&tenant, 1)).contains("Robin Percy"));
    assert_eq!(
        (routes(&tenant), tenant.connections()),
        (vec![JWKS.to_owned(), TOKEN.to_owned()], 1)
    );
}

#[test]
fn a_login_by_shared_secret_asks_for_no_keys_where_the_password_is_at_hand() {
    let tenant = Tenant::builder().tls().hs256().start();
    login_at(&tenant).assert().code(0);
    assert_eq!(
        (routes(&tenant), tenant.connections()),
        (vec![TOKEN.to_owned()], 1)
    );
}

#[test]
fn with_the_password_at_hand_token_and_keys_are_asked_for_side_by_side() {
    for options in both_transports() {
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
            "neither waits for the other's answer"
        );
    }
}

#[test]
fn a_connection_that_the_tenant_closed_meanwhile_is_opened_again_for_one_password() {
    for options in both_transports() {
        let tenant = options.idle_timeout(Duration::from_millis(100)).start();
        let session = asked(&tenant, 1);
        sleep(LONG);
        assert!(types(session).contains("Robin Percy"));
        assert_eq!((tenant.passwords_received(), tenant.connections()), (1, 2));
    }
}

#[test]
fn keys_that_could_not_be_had_while_the_person_typed_are_asked_for_beside_the_password() {
    let tenant = Tenant::builder()
        .tls()
        .fault_first(1, JWKS, Fault::ClosesWithoutResponse)
        .start();
    let session = asked(&tenant, 1);
    assert!(types(session).contains("Robin Percy"));
    assert_eq!(
        (tenant.passwords_received(), tenant.requests_to(JWKS).len()),
        (1, 2)
    );
}

#[test]
fn a_shared_secret_needs_no_keys_that_could_not_be_had() {
    let tenant = Tenant::builder()
        .hs256()
        .fault(JWKS, Fault::Status(500))
        .start();
    assert!(types(asked(&tenant, 1)).contains("Robin Percy"));
    login_at(&tenant)
        .args(["--algorithm", "HS256,RS256"])
        .assert()
        .code(0);
}

#[test]
fn the_time_that_a_person_takes_to_type_does_not_count() {
    let tenant = Tenant::builder().tls().start();
    let process = process_at(&tenant, &["--email", EMAIL, "--timeout", "0.5"]);
    let mut session = spawn_command(process, Some(10_000)).expect("a pseudo-terminal");
    session.exp_string("Password for").expect("a prompt");
    sleep(Duration::from_millis(800));
    assert!(types(session).contains("Robin Percy"));
}

#[test]
fn ctrl_c_ends_at_once_while_the_tenant_thinks() {
    let tenant = Tenant::builder().fault(TOKEN, Fault::NoResponse).start();
    let mut session = asked(&tenant, 1);
    session.send_line(USER_PASSWORD).unwrap();
    sleep(Duration::from_millis(300));
    let started = Instant::now();
    session.send_control('c').unwrap();
    session.exp_eof().expect("the program ends");
    assert!(started.elapsed() < Duration::from_secs(1));
    let status = format!("{:?}", session.process().wait().expect("the program ends"));
    assert!(status.ends_with(", 130)"), "{status}");
}

#[test]
fn who_waits_at_a_terminal_is_told_that_a_request_is_repeated() {
    let answer = crate::tenant::Response::new(503, "").retry_after("0");
    let tenant = Tenant::builder().responds_first(1, TOKEN, answer).start();
    let shown = types(asked(&tenant, 1));
    assert!(
        shown.contains("asks to wait (status 503); trying again in 0."),
        "{shown}"
    );
    assert!(shown.contains("Robin Percy"), "{shown}");
}

#[test]
fn two_requests_that_fail_alike_are_told_of_once() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let tenant = Tenant::start();
    let domain = format!("http://{nobody}");
    let arguments = [
        "--domain",
        &domain,
        "--email",
        EMAIL,
        "--password",
        USER_PASSWORD,
    ];
    let mut session =
        spawn_command(process_at(&tenant, &arguments), Some(10_000)).expect("a pseudo-terminal");
    let shown = session.exp_eof().expect("the program ends");
    assert_eq!(shown.matches("trying again").count(), 2, "{shown}");
}
