//! `padlock doctor`: each fault is found where it is, and nothing counts as an attempt to sign in.

use std::net::TcpListener;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{login_at, padlock, padlock_at, printed, says};
use crate::proxy::Proxy;
use crate::tenant::{Response, TOKEN, Tenant, TenantOptions};

/// The order of a sign-in.
const CHECKS: [&str; 11] = [
    "settings",
    "proxy",
    "dns",
    "connection",
    "tls",
    "discovery",
    "issuer",
    "keys",
    "clock",
    "client",
    "grant",
];

fn doctor_at(tenant: &Tenant) -> Command {
    let mut doctor = padlock_at(tenant);
    doctor.arg("doctor");
    doctor
}

/// The same, where the tenant is found by discovery.
fn doctor_at_issuer(tenant: &Tenant) -> Command {
    let mut doctor = doctor_at(tenant);
    doctor
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    doctor
}

/// The JSON, and the exit code.
fn diagnosed(doctor: &mut Command) -> (Value, i32) {
    let output = doctor.args(["--output", "json"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let diagnosis = serde_json::from_slice(&output.stdout);
    let diagnosis: Value = diagnosis.unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let checks = diagnosis["checks"].as_array().unwrap().iter();
    let names: Vec<_> = checks
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, CHECKS);
    (diagnosis, output.status.code().unwrap())
}

fn check<'d>(diagnosis: &'d Value, name: &str) -> &'d Value {
    let mut checks = diagnosis["checks"].as_array().unwrap().iter();
    checks.find(|check| check["name"] == name).unwrap()
}

fn states(diagnosis: &Value) -> String {
    let checks = diagnosis["checks"].as_array().unwrap().iter();
    let letters = checks.map(|check| match check["state"].as_str().unwrap() {
        "good" => '+',
        "bad" => '-',
        _ => '?',
    });
    letters.collect()
}

/// Asserts that this check is bad with these words and this exit code, and has a next step.
fn assert_bad(doctor: &mut Command, name: &str, words: &str, exit: i32) -> Value {
    let (diagnosis, code) = diagnosed(doctor);
    let bad = check(&diagnosis, name);
    assert_eq!(bad["state"], "bad", "{diagnosis:#}");
    assert!(bad["detail"].as_str().unwrap().contains(words), "{bad:#}");
    assert!(bad["next_step"].is_string(), "{bad:#}");
    assert_eq!(code, exit, "{diagnosis:#}");
    diagnosis
}

#[test]
fn everything_is_good_at_a_tenant_that_is_set_up_right() {
    let tenant = Tenant::builder().tls().start();
    for doctor in [doctor_at, doctor_at_issuer] {
        let (diagnosis, exit) = diagnosed(&mut doctor(&tenant));
        assert_eq!(
            (states(&diagnosis).as_str(), exit),
            ("+++++++++++", 0),
            "{diagnosis:#}"
        );
    }
    let table = printed(&mut doctor_at(&tenant));
    for words in [
        "good",
        "AUTH0_CLIENT_ID",
        "from the environment",
        "(secret)",
    ] {
        assert!(table.contains(words), "{table}");
    }
}

#[test]
fn nothing_that_is_sent_names_a_user_or_could_count_as_an_attempt() {
    let tenant = Tenant::start();
    for flags in [
        &[][..],
        &["--browser"],
        &["--device"],
        &["--realm", "users"],
    ] {
        diagnosed(
            doctor_at(&tenant)
                .args(flags)
                .env("PADLOCK_EMAIL", "robin@percy.test"),
        );
    }
    let requests = tenant.requests_to(TOKEN);
    assert!(requests.len() >= 4);
    for request in requests {
        for field in ["username", "password", "code", "device_code"] {
            assert_eq!(request.field(field), None);
        }
    }
}

#[test]
fn each_setting_is_shown_with_its_source_and_never_a_secret() {
    let tenant = Tenant::start();
    let mut doctor = doctor_at(&tenant);
    doctor
        .env("PADLOCK_PASSWORD", "hunter2")
        .args(["--audience", "https://api.percy.test"]);
    let (diagnosis, _) = diagnosed(&mut doctor);
    let settings = diagnosis["settings"].as_array().unwrap();
    let of = |name: &str| settings.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(of("AUTH0_CLIENT_ID")["value"], "padlock-cli");
    assert_eq!(of("AUTH0_CLIENT_ID")["source"], "the environment");
    assert_eq!(of("AUTH0_AUDIENCE")["value"], "https://api.percy.test");
    assert_eq!(of("AUTH0_AUDIENCE")["source"], "--audience");
    for secret in ["AUTH0_CLIENT_SECRET", "PADLOCK_PASSWORD"] {
        assert_eq!(of(secret)["value"], Value::Null);
    }
    let secret = tenant
        .settings()
        .into_iter()
        .find(|(name, _)| *name == "AUTH0_CLIENT_SECRET");
    let text = diagnosis.to_string();
    assert!(
        !text.contains("hunter2") && !text.contains(&secret.unwrap().1),
        "{text}"
    );
}

#[test]
fn a_missing_setting_is_bad_and_what_does_not_need_it_is_still_checked() {
    let tenant = Tenant::start();
    let mut doctor = doctor_at(&tenant);
    let diagnosis = assert_bad(
        doctor.env_remove("AUTH0_CLIENT_ID"),
        "settings",
        "client ID",
        2,
    );
    assert_eq!(states(&diagnosis), "-++++++++??");
    let diagnosis = assert_bad(padlock().arg("doctor"), "settings", "client ID", 2);
    assert_eq!(states(&diagnosis), "-??????????");
    let reason = check(&diagnosis, "grant")["detail"].as_str().unwrap();
    assert_eq!(reason, "not checked, since settings is bad");
    let mut unreadable = doctor_at(&tenant);
    assert_bad_without_step(unreadable.args(["--env-file", "nowhere.env"]));
}

fn assert_bad_without_step(doctor: &mut Command) {
    let (diagnosis, exit) = diagnosed(doctor);
    assert_eq!((states(&diagnosis).as_str(), exit), ("-??????????", 2));
}

#[test]
fn a_name_without_an_address_ends_the_checks_of_the_network() {
    let tenant = Tenant::start();
    let mut doctor = doctor_at(&tenant);
    let diagnosis = assert_bad(
        doctor.args(["--domain", "nowhere.invalid"]),
        "dns",
        "host name not found",
        7,
    );
    assert_eq!(states(&diagnosis), "++-????????");
    let mut doctor = doctor_at(&tenant);
    doctor
        .env_remove("AUTH0_CLIENT_ID")
        .args(["--domain", "nowhere.invalid"]);
    let diagnosis = assert_bad(&mut doctor, "dns", "host name not found", 2);
    let reason = |name| check(&diagnosis, name)["detail"].as_str().unwrap();
    assert_eq!(reason("keys"), "not checked, since dns is bad");
}

#[test]
fn a_port_that_refuses_is_no_wrong_name() {
    let tenant = Tenant::start();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut doctor = doctor_at(&tenant);
    let issuer = format!("https://localhost:{port}/");
    doctor
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", &issuer]);
    let diagnosis = assert_bad(&mut doctor, "connection", "connection refused", 7);
    assert_eq!(states(&diagnosis), "+++-???????");
}

#[test]
fn an_untrusted_certificate_is_bad() {
    let tenant = Tenant::builder().tls().start();
    let mut doctor = doctor_at(&tenant);
    let diagnosis = assert_bad(
        doctor.env_remove("PADLOCK_CA_FILE"),
        "tls",
        "certificate",
        7,
    );
    assert_eq!(states(&diagnosis), "++++-??????");
    let mut missing = doctor_at(&tenant);
    assert_bad(
        missing.env("PADLOCK_CA_FILE", "nowhere.pem"),
        "tls",
        "nowhere.pem",
        2,
    );
}

#[test]
fn a_proxy_that_cannot_be_reached_is_bad_and_named() {
    let tenant = Tenant::builder().host("localhost").tls().start();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut doctor = doctor_at(&tenant);
    let proxy = format!("http://user:hunter2@127.0.0.1:{port}");
    let diagnosis = assert_bad(doctor.env("HTTPS_PROXY", proxy), "proxy", "proxy", 7);
    assert_eq!(states(&diagnosis), "+-?????????");
    assert!(!diagnosis.to_string().contains("hunter2"));
}

#[test]
fn a_proxy_that_works_is_named_and_looks_names_up() {
    let tenant = Tenant::builder().host("localhost").tls().start();
    let proxy = Proxy::start(200);
    let mut doctor = doctor_at(&tenant);
    doctor.env("HTTPS_PROXY", format!("http://{}", proxy.address));
    let (diagnosis, exit) = diagnosed(&mut doctor);
    assert_eq!((states(&diagnosis).as_str(), exit), ("+++++++++++", 0));
    for name in ["proxy", "dns"] {
        let detail = check(&diagnosis, name)["detail"].as_str().unwrap();
        assert!(detail.contains(&proxy.address), "{detail}");
    }
}

#[test]
fn a_clock_that_differs_by_more_than_the_leeway_is_bad() {
    for (ahead, words) in [(3600, "1h slower than"), (-3600, "ahead of")] {
        let tenant = Tenant::builder().clock_ahead(ahead).start();
        let diagnosis = assert_bad(&mut doctor_at(&tenant), "clock", words, 8);
        assert_eq!(states(&diagnosis), "++++++++-++");
    }
    let tenant = Tenant::builder().clock_ahead(30).start();
    assert_eq!(diagnosed(&mut doctor_at(&tenant)).1, 0);
}

#[test]
fn a_document_of_another_issuer_is_bad_and_the_right_spelling_is_named() {
    let tenant = Tenant::start();
    let issuer = tenant.issuer();
    let without_slash = issuer.trim_end_matches('/');
    let mut doctor = doctor_at_issuer(&tenant);
    doctor.env("AUTH0_ISSUER", without_slash);
    let diagnosis = assert_bad(&mut doctor, "issuer", "calls itself", 7);
    assert_eq!(states(&diagnosis), "++++++-?+??");
    let step = check(&diagnosis, "issuer")["next_step"].as_str().unwrap();
    assert!(step.contains(&issuer) && step.contains("slash"), "{step}");
    let other = Tenant::builder()
        .issuer("https://other.percy.test/")
        .start();
    let diagnosis = assert_bad(&mut doctor_at(&other), "issuer", "other.percy.test", 7);
    assert_eq!(states(&diagnosis), "++++++-++++");
    let step = check(&diagnosis, "issuer")["next_step"].as_str().unwrap();
    assert!(step.contains("--domain"), "{step}");
}

#[test]
fn a_server_without_a_discovery_document_is_bad() {
    let path = "/.well-known/openid-configuration";
    let tenant = Tenant::builder()
        .responds(path, Response::new(404, ""))
        .start();
    let diagnosis = assert_bad(&mut doctor_at(&tenant), "discovery", "status 404", 7);
    assert_eq!(states(&diagnosis), "+++++-??+??");
}

#[test]
fn a_provider_that_signs_with_hs256_alone_is_bad_until_that_is_configured() {
    let member = "id_token_signing_alg_values_supported";
    let tenant = Tenant::builder()
        .hs256()
        .discovery_member(member, json!(["HS256"]))
        .start();
    for doctor in [doctor_at, doctor_at_issuer] {
        let mut default = doctor(&tenant);
        assert_bad(default.env_remove("AUTH0_ALGORITHM"), "keys", "HS256", 2);
        let (diagnosis, exit) = diagnosed(doctor(&tenant).env("AUTH0_ALGORITHM", "HS256"));
        assert_eq!((states(&diagnosis).as_str(), exit), ("+++++++++++", 0));
    }
}

#[test]
fn a_key_set_without_a_usable_key_is_bad_and_says_what_its_keys_are_for() {
    let member = "id_token_signing_alg_values_supported";
    let tenant = Tenant::builder().without_discovery_member(member).start();
    let step_of = |tenant: &Tenant, algorithm: &str| {
        let mut doctor = doctor_at(tenant);
        let diagnosis = assert_bad(doctor.args(["--algorithm", algorithm]), "keys", "", 8);
        let step = check(&diagnosis, "keys")["next_step"].clone();
        step.as_str().unwrap().to_owned()
    };
    assert!(step_of(&tenant, "ES384").contains("RS256"));
    let empty = Tenant::builder().jwks(json!({ "keys": [] })).start();
    assert!(step_of(&empty, "RS256").contains("administrator"));
    let text = Tenant::builder().jwks(json!("nothing")).start();
    assert_bad_key_set(&text);
}

fn assert_bad_key_set(tenant: &Tenant) {
    assert_bad(&mut doctor_at(tenant), "keys", "key set", 7);
}

#[test]
fn a_client_that_the_tenant_does_not_know_is_bad() {
    let tenant = Tenant::start();
    for doctor in [doctor_at, doctor_at_issuer] {
        let mut unknown = doctor(&tenant);
        unknown.args(["--client-id", "other"]);
        let diagnosis = assert_bad(&mut unknown, "client", "client ID", 5);
        assert_eq!(states(&diagnosis), "+++++++++-?");
        let mut wrong = doctor(&tenant);
        assert_bad(
            wrong.env("AUTH0_CLIENT_SECRET", "wrong"),
            "client",
            "client",
            5,
        );
    }
}

#[test]
fn a_grant_that_the_client_may_not_use_is_bad() {
    let tenant = Tenant::builder().grants(&["authorization_code"]).start();
    for doctor in [doctor_at, doctor_at_issuer] {
        let diagnosis = assert_bad(&mut doctor(&tenant), "grant", "password grant", 5);
        assert_eq!(states(&diagnosis), "++++++++++-");
        let (diagnosis, exit) = diagnosed(doctor(&tenant).arg("--browser"));
        assert_eq!((states(&diagnosis).as_str(), exit), ("+++++++++++", 0));
        assert_bad(doctor(&tenant).arg("--device"), "grant", "device", 5);
    }
}

#[test]
fn a_provider_that_does_not_list_the_grant_is_bad_and_gets_no_request() {
    let tenant = with_member("grant_types_supported", json!(["authorization_code"])).start();
    let diagnosis = assert_bad(&mut doctor_at_issuer(&tenant), "grant", "password", 5);
    assert_eq!(states(&diagnosis), "+++++++++?-");
    assert_eq!(tenant.requests_to(TOKEN).len(), 0);
}

fn with_member(name: &str, value: Value) -> TenantOptions {
    Tenant::builder()
        .plain_provider()
        .discovery_member(name, value)
}

#[test]
fn an_answer_that_does_not_decide_is_unknown() {
    let missing = || {
        let body = json!({"error": "invalid_request", "error_description": "username is missing"});
        Response::json(400, &body)
    };
    let busy = || Response::json(429, &json!({"error": "too_many_requests"}));
    for response in [missing(), busy()] {
        let tenant = Tenant::builder()
            .plain_provider()
            .token_error(response)
            .start();
        let (diagnosis, exit) = diagnosed(&mut doctor_at_issuer(&tenant));
        assert_eq!(
            (states(&diagnosis).as_str(), exit),
            ("+++++++++??", 0),
            "{diagnosis:#}"
        );
    }
}

#[test]
fn the_first_bad_check_decides_the_exit_and_is_the_error() {
    let tenant = Tenant::builder().clock_ahead(3600).start();
    let mut doctor = doctor_at(&tenant);
    doctor
        .args(["--client-id", "other"])
        .assert()
        .code(8)
        .stdout(says("bad"))
        .stderr(
            says("2 of 11 checks are bad; clock: this machine's clock")
                .and(says("hint: set this machine's clock")),
        );
}

#[test]
fn a_secret_that_a_server_repeats_is_hidden() {
    let secret = crate::tenant::CLIENT_SECRET;
    let echo = json!({ "error": "access_denied", "error_description": format!("not {secret}") });
    let tenant = Tenant::builder()
        .responds(TOKEN, Response::json(401, &echo))
        .start();
    for output in ["table", "json"] {
        let mut doctor = doctor_at(&tenant);
        let output = doctor.args(["--output", output]).output().unwrap();
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(shown.contains("[hidden]"), "{shown}");
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_grant_is_unknown_where_no_refusal_shows_when_grants_are_looked_at() {
    let grants = [
        "password",
        "authorization_code",
        "urn:ietf:params:oauth:grant-type:device_code",
    ];
    let tenant = Tenant::builder().grants(&grants).start();
    let (diagnosis, exit) = diagnosed(&mut doctor_at(&tenant));
    assert_eq!((states(&diagnosis).as_str(), exit), ("++++++++++?", 0));
    let detail = check(&diagnosis, "grant")["detail"].as_str().unwrap();
    assert!(detail.contains("only a sign-in shows"), "{detail}");
}

#[test]
fn json_has_every_value_as_it_is_and_a_table_escapes_it() {
    let tenant = Tenant::start();
    let audience = format!("a\u{202e}b{}", "x".repeat(300));
    let mut doctor = doctor_at(&tenant);
    let (diagnosis, _) = diagnosed(doctor.env("AUTH0_AUDIENCE", &audience));
    let settings = diagnosis["settings"].as_array().unwrap();
    assert!(
        settings
            .iter()
            .any(|setting| setting["value"] == audience.as_str())
    );
    let table = printed(doctor_at(&tenant).env("AUTH0_AUDIENCE", &audience));
    assert!(
        table.contains("a\\u{202e}bxxx") && table.contains("x…"),
        "{table}"
    );
}

#[test]
fn the_ca_of_a_dot_env_serves_as_it_does_at_a_login() {
    let tenant = Tenant::builder().tls().start();
    let ca = "PADLOCK_CA_FILE=root.pem\n";
    let same = format!("AUTH0_DOMAIN={}\n{ca}", tenant.url());
    let other = format!("AUTH0_DOMAIN=other.test\n{ca}");
    for (text, is_used) in [(same.as_str(), true), (&other, false), (ca, false)] {
        let folder = crate::settings::folder_with(".env", text);
        std::fs::copy(tenant.ca_file(), folder.path().join("root.pem")).unwrap();
        let at = |mut command: Command| {
            command.env_remove("PADLOCK_CA_FILE");
            command.current_dir(folder.path());
            command
        };
        let (diagnosis, exit) = diagnosed(&mut at(doctor_at(&tenant)));
        let expected = if is_used { ("good", 0) } else { ("bad", 7) };
        assert_eq!(
            check(&diagnosis, "tls")["state"],
            expected.0,
            "{text}: {diagnosis:#}"
        );
        assert_eq!(exit, expected.1, "{text}");
        at(login_at(&tenant)).assert().code(expected.1);
    }
}
