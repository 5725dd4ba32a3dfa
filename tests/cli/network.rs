//! How padlock reaches a tenant, and where it never goes.

use std::net::TcpListener;

use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{Answer, EMAIL, Tenant, USER_PASSWORD};

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    for domain in ["http://acme.test", "http://10.0.0.1", "http://localhost.evil.test"] {
        let tenant = Tenant::start();
        let mut login = padlock_at(&tenant);
        login.args(["--domain", domain, "--email", EMAIL, "--password", USER_PASSWORD]);
        login.assert().code(2).stderr(says("plain http"));
    }
}

#[test]
fn no_redirect_is_followed_and_no_password_travels_on() {
    let thief = Tenant::start();
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}oauth/token", thief.url());
        let tenant = Tenant::builder().answer(status, &[("location", &target)], "").start();
        login_at(&tenant).assert().code(7).stdout("").stderr(says("redirects").and(says(&target)));
    }
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn keys_behind_a_redirect_are_not_fetched() {
    let thief = Tenant::start();
    let target = format!("{}.well-known/jwks.json", thief.url());
    let answer = Answer::new(302, "").header("location", &target);
    let tenant = Tenant::builder().answers("/.well-known/jwks.json", answer).start();
    login_at(&tenant).assert().code(7).stdout("");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn a_private_root_is_trusted_with_a_ca_file_and_only_then() {
    let tenant = Tenant::builder().tls().start();
    login_at(&tenant).assert().code(0).stdout(says("Robin Percy"));
    let mut login = login_at(&tenant);
    login.env_remove("PADLOCK_CA_FILE").arg("--ca-file").arg(tenant.ca_file()).assert().code(0);
    let untrusted = error_of(login_at(&tenant).env_remove("PADLOCK_CA_FILE"));
    assert_eq!(untrusted["class"], "unreachable");
    assert_eq!(tenant.passwords_received(), 2);
}

#[test]
fn a_ca_file_that_holds_no_certificate_is_named() {
    let tenant = Tenant::start();
    for path in ["/dev/null", "/nowhere.pem"] {
        login_at(&tenant).args(["--ca-file", path]).assert().code(2).stderr(says(path));
    }
}

#[test]
fn a_tenant_that_does_not_listen_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--domain", &format!("http://{host}")]));
    assert_eq!((error["class"].as_str(), error["exit"].as_i64()), (Some("unreachable"), Some(7)));
    assert!(error["message"].as_str().unwrap().contains(&host));
}

#[test]
fn a_tenant_that_says_nothing_ends_the_run_at_the_time_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let domain = format!("http://{}", silent.local_addr().unwrap());
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--domain", &domain, "--timeout", "0.3"]));
    assert_eq!(error["class"], "unreachable");
    assert!(error["message"].as_str().unwrap().contains("within 0.3 s"), "{error}");
}

#[test]
fn an_answer_over_one_mebibyte_is_refused() {
    let tenant = Tenant::builder().answer(200, &[], vec![b' '; (1 << 20) + 1]).start();
    login_at(&tenant).assert().code(7).stderr(says("longer than 1 MiB"));
}

#[test]
fn an_rs256_login_without_keys_is_never_verified() {
    for status in [404, 500] {
        let tenant = Tenant::builder().answers("/.well-known/jwks.json", Answer::new(status, "")).start();
        login_at(&tenant).assert().code(7).stdout("");
    }
    let tenant = Tenant::builder().answers("/.well-known/jwks.json", Answer::new(200, "{}")).start();
    login_at(&tenant).assert().code(7).stdout("");
}

#[test]
fn when_keys_and_token_both_fail_the_tokens_error_is_told() {
    let tenant = Tenant::builder().answers("/.well-known/jwks.json", Answer::new(500, "")).start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", "wrong"]).assert().code(3);
}
