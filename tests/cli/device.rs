//! Sign-in on another device: the code, the polls, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{error_of, padlock_at, process_at, says};
use crate::tenant::{
    AUDIENCE, CLIENT_ID, DEVICE, DeviceAnswer, EMAIL, Fault, TOKEN, Tenant, TenantOptions,
    error_responses,
};
use crate::terminal::{assert_died, at_columns};

const CODE: &str = "WDJB-MJHT";

/// A tenant that does not slow padlock down.
fn tenant() -> TenantOptions {
    Tenant::builder().native().device_interval(Duration::ZERO)
}

struct DeviceLogin {
    child: Child,
    stderr: BufReader<ChildStderr>,
    announced: String,
}

fn begin(tenant: &Tenant, arguments: &[&str]) -> DeviceLogin {
    let mut process = process_at(tenant, &[&["login", "--device"], arguments].concat());
    process
        .env("XDG_CACHE_HOME", "/dev/null")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = process.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut announced = String::new();
    while !announced.contains("user_code=") {
        assert!(
            stderr.read_line(&mut announced).unwrap() > 0,
            "ended: {announced}"
        );
    }
    DeviceLogin {
        child,
        stderr,
        announced,
    }
}

impl DeviceLogin {
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

fn confirm(tenant: &Tenant) {
    let answer = DeviceAnswer::Confirms(EMAIL.to_owned());
    assert_eq!(tenant.answer_device(CODE, &answer), 1);
}

#[test]
fn a_confirmed_code_signs_in() {
    let tenant = tenant().start();
    let arguments = ["--audience", AUDIENCE, "--parameter", "a=b", "-o", "json"];
    let login = begin(&tenant, &arguments);
    for part in [
        "127.0.0.1",
        "/activate",
        CODE,
        "/activate?user_code=WDJB-MJHT",
        "15m",
    ] {
        assert!(
            login.announced.contains(part),
            "{part}: {}",
            login.announced
        );
    }
    confirm(&tenant);
    let (code, stdout, stderr) = login.end();
    assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
    assert!(stdout.contains(EMAIL), "{stdout}");
    let asked = &tenant.requests_to(DEVICE)[0];
    for (name, value) in [
        ("client_id", CLIENT_ID),
        ("scope", "openid profile email"),
        ("audience", AUDIENCE),
        ("a", "b"),
    ] {
        assert_eq!(asked.field(name).as_deref(), Some(value), "{name}");
    }
    let polls = tenant.requests_to(TOKEN);
    assert_eq!(polls[0].field("client_id").as_deref(), Some(CLIENT_ID));
    assert!(polls[0].field("device_code").is_some());
}

#[test]
fn a_program_that_reads_json_gets_the_code_as_json() {
    let tenant = tenant().start();
    let login = begin(&tenant, &["--error-format", "json"]);
    let line: Value = serde_json::from_str(&login.announced).unwrap();
    assert_eq!(line["device"]["user_code"], CODE);
    assert_eq!(line["device"]["expires_in"], 900);
    assert!(!login.announced.contains("device_code"));
    confirm(&tenant);
    assert_eq!(login.end().0, Some(0));
}

#[test]
fn a_cancelled_and_an_expired_code_are_told_apart() {
    let cancelled = tenant().start();
    let login = begin(&cancelled, &[]);
    cancelled.answer_device(CODE, &DeviceAnswer::Cancels);
    let (code, stdout, stderr) = login.end();
    assert_eq!((code, &*stdout), (Some(3), ""));
    assert!(stderr.contains("cancelled"), "{stderr}");
    let refused = error_responses::error_response(403, "access_denied", "Not today");
    let refusing = tenant().fault(TOKEN, Fault::Responds(refused)).start();
    let (code, _, stderr) = begin(&refusing, &[]).end();
    assert!(code == Some(5) && stderr.contains("Not today"), "{stderr}");
    let expired = tenant().start();
    let login = begin(&expired, &[]);
    expired.change(|options| options.device_code_lifetime(Duration::ZERO));
    let (code, stdout, stderr) = login.end();
    assert_eq!((code, &*stdout), (Some(5), ""));
    assert!(stderr.contains("expired"), "{stderr}");
}

#[test]
fn the_wait_ends_when_the_code_expires() {
    let tenant = tenant()
        .device_code_lifetime(Duration::from_secs(2))
        .start();
    let (code, _, stderr) = begin(&tenant, &[]).end();
    assert!(code == Some(5) && stderr.contains("expired"), "{stderr}");
    assert!(tenant.requests_to(TOKEN).len() <= 2);
}

#[test]
fn the_time_of_the_person_does_not_count_as_padlocks() {
    let tenant = tenant().start();
    let login = begin(&tenant, &["--timeout", "1.5"]);
    std::thread::sleep(Duration::from_secs(3));
    confirm(&tenant);
    assert_eq!(login.end().0, Some(0));
}

#[test]
fn a_passing_fault_only_slows_the_polls_down() {
    for fault in [
        Fault::Status(502),
        Fault::ClosesWithoutResponse,
        Fault::Responds(error_responses::slow_down(1)),
    ] {
        let tenant = tenant().fault_first(1, TOKEN, fault).start();
        let login = begin(&tenant, &[]);
        confirm(&tenant);
        assert_eq!(login.end().0, Some(0));
        let polls = tenant.requests_to(TOKEN);
        assert_eq!(polls.len(), 2);
        let pause = polls[1].at.duration_since(polls[0].at);
        assert!(pause >= Duration::from_millis(5900), "{pause:?}");
    }
}

#[test]
fn another_account_than_the_named_one_is_refused_before_anything_is_printed() {
    let tenant = tenant().user("mallory@percy.test", "x").start();
    let login = begin(&tenant, &["--email", EMAIL, "-o", "tokens"]);
    tenant.answer_device(
        CODE,
        &DeviceAnswer::Confirms("mallory@percy.test".to_owned()),
    );
    let (code, stdout, stderr) = login.end();
    assert_eq!((code, &*stdout), (Some(5), ""));
    assert!(
        stderr.contains("mallory@percy.test, not robin@percy.test"),
        "{stderr}"
    );
}

#[test]
fn an_application_that_may_not_use_the_flow_is_told_what_to_do() {
    let tenant = Tenant::builder().public_client().start();
    let error = error_of(padlock_at(&tenant).args(["login", "--device"]));
    assert_eq!((&error["exit"], &error["status"]), (&json!(5), &json!(403)));
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("Device Code") && hint.contains("--browser"),
        "{hint}"
    );
}

#[test]
fn a_provider_without_the_flow_is_reported_with_what_it_offers() {
    let tenant = tenant()
        .plain_provider()
        .discovery_member(
            "grant_types_supported",
            json!(["authorization_code", "password"]),
        )
        .without_discovery_member("device_authorization_endpoint")
        .start();
    let mut login = padlock_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    login
        .args(["login", "--device"])
        .assert()
        .code(5)
        .stderr(says("password").and(says("--browser")));
}

#[test]
fn a_confidential_application_of_another_provider_authenticates() {
    use crate::tenant::{CLIENT_SECRET, DEVICE_CODE};
    let tenant = tenant()
        .plain_provider()
        .client_secret(CLIENT_SECRET)
        .grants(&[DEVICE_CODE])
        .start();
    let mut process = process_at(&tenant, &["login", "--device"]);
    process
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let child = process.spawn().unwrap();
    while tenant.answer_device(CODE, &DeviceAnswer::Confirms(EMAIL.to_owned())) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.wait_with_output().unwrap().status.success());
    let asked = &tenant.requests_to(DEVICE)[0];
    assert_eq!(asked.field("client_secret").as_deref(), Some(CLIENT_SECRET));
}

#[test]
fn an_odd_response_names_what_it_lacks() {
    let body = json!({ "device_code": "hunter2", "verification_uri": "https://a.test/" });
    let tenant = tenant()
        .responds(DEVICE, crate::tenant::Response::json(200, &body))
        .start();
    let error = error_of(padlock_at(&tenant).args(["login", "--device"]));
    assert_eq!(error["class"], "bad_answer");
    let shown = error.to_string();
    assert!(
        shown.contains("user_code") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn at_a_terminal_the_code_is_shown_with_the_time_that_is_left() {
    let tenant = tenant().start();
    let mut session = at_columns(80, &tenant, &["login", "--device"]);
    session.exp_string("/activate").unwrap();
    session
        .exp_string(&format!("enter the code {CODE}"))
        .unwrap();
    session
        .exp_string("Waiting for the sign-in to be confirmed (15m left)")
        .unwrap();
    confirm(&tenant);
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("Robin Percy"), "{shown}");
}

#[test]
fn a_qr_code_is_drawn_where_the_terminal_has_the_characters() {
    let tenant = tenant().start();
    let shown = |locale: &str, columns: u16| {
        let process = process_at(&tenant, &["login", "--device"]);
        let mut shell = std::process::Command::new("/bin/sh");
        shell
            .env_clear()
            .envs(tenant.settings())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("LANG", locale)
            .arg("-c")
            .arg(format!("stty cols {columns} rows 40 && exec \"$0\" \"$@\""))
            .arg(process.get_program())
            .args(process.get_args());
        let mut session = crate::terminal::at_terminal(shell);
        let shown = session.exp_string("Waiting").unwrap();
        session.send_control('c').unwrap();
        session.exp_eof().unwrap();
        assert_died(&session, "SIGINT");
        shown
    };
    let drawn = |text: &str| text.contains("\u{1b}[30;107m");
    assert!(drawn(&shown("C.UTF-8", 80)));
    assert!(!drawn(&shown("C", 80)));
    assert!(!drawn(&shown("C.UTF-8", 20)));
}
