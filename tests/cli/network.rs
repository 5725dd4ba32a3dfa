//! How padlock connects to a tenant, and what it refuses to connect to.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{Certificate, DISCOVERY, EMAIL, Fault, Response, TOKEN, Tenant, USER_PASSWORD};

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    for domain in [
        "http://acme.test",
        "http://10.0.0.1",
        "http://localhost.evil.test",
    ] {
        let tenant = Tenant::start();
        let mut login = padlock_at(&tenant);
        login.args([
            "--domain",
            domain,
            "--email",
            EMAIL,
            "--password",
            USER_PASSWORD,
        ]);
        login.assert().code(2).stderr(says("plain http"));
    }
}

#[test]
fn no_redirect_is_followed_and_no_password_is_forwarded() {
    let thief = Tenant::start();
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}oauth/token", thief.url());
        let tenant = Tenant::builder()
            .token_response(status, &[("location", &target)], "")
            .start();
        login_at(&tenant)
            .assert()
            .code(7)
            .stdout("")
            .stderr(says("redirects").and(says(&target)));
    }
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn a_throttled_key_request_exits_with_6_and_says_when_to_try_again() {
    let response = Response::new(429, "").header("retry-after", "3600");
    let tenant = Tenant::builder()
        .responds("/.well-known/jwks.json", response)
        .start();
    login_at(&tenant)
        .assert()
        .code(6)
        .stdout("")
        .stderr(says("status 429").and(says("try again in 1h")));
}

#[test]
fn without_a_proxy_the_hint_for_a_refused_connection_is_not_about_proxy_variables() {
    let unused = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut login = padlock_at(&Tenant::start());
    login.args([
        "--domain",
        &format!("http://{unused}"),
        "--email",
        EMAIL,
        "--password",
        USER_PASSWORD,
    ]);
    let failure = error_of(&mut login);
    assert_eq!(
        failure["hint"],
        "check host and port, and that the server is running; a firewall may refuse connections too"
    );
}

#[test]
fn keys_are_not_fetched_from_a_redirect() {
    let thief = Tenant::start();
    let target = format!("{}.well-known/jwks.json", thief.url());
    let response = Response::new(302, "").header("location", &target);
    let tenant = Tenant::builder()
        .responds("/.well-known/jwks.json", response)
        .start();
    login_at(&tenant).assert().code(7).stdout("");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn a_private_root_is_trusted_with_a_ca_file_and_only_then() {
    let tenant = Tenant::builder().tls().start();
    login_at(&tenant)
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    let mut login = login_at(&tenant);
    login
        .env_remove("PADLOCK_CA_FILE")
        .arg("--ca-file")
        .arg(tenant.ca_file())
        .assert()
        .code(0);
    let untrusted = error_of(login_at(&tenant).env_remove("PADLOCK_CA_FILE"));
    assert_eq!(untrusted["class"], "unreachable");
    assert_eq!(tenant.passwords_received(), 2);
}

#[test]
fn a_self_signed_certificate_in_the_ca_file_is_trusted_as_that_certificate() {
    for kind in [Certificate::SelfSigned, Certificate::SelfSignedAuthority] {
        let tenant = Tenant::builder().certificate(kind).start();
        login_at(&tenant).assert().code(7);
        login_at(&tenant)
            .env("PADLOCK_CA_FILE", tenant.certificate_file())
            .assert()
            .code(0);
        let other = Tenant::builder().certificate(kind).start();
        login_at(&tenant)
            .env("PADLOCK_CA_FILE", other.certificate_file())
            .assert()
            .code(7);
    }
    for (kind, problem) in [
        (Certificate::ExpiredSelfSignedAuthority, "expired on"),
        (
            Certificate::SelfSignedAuthorityWithWrongName,
            "is issued for another name: other.percy.test",
        ),
    ] {
        let tenant = Tenant::builder().certificate(kind).start();
        login_at(&tenant)
            .env("PADLOCK_CA_FILE", tenant.certificate_file())
            .assert()
            .code(7)
            .stderr(says(problem));
        assert_eq!(tenant.requests().len(), 0);
    }
}

#[test]
fn a_server_certificate_in_the_ca_file_signs_no_others() {
    let tenant = Tenant::builder()
        .certificate(Certificate::SignedByServer)
        .start();
    let error = error_of(login_at(&tenant).env("PADLOCK_CA_FILE", tenant.certificate_file()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("unknown issuer"), "{message}");
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn the_servers_own_certificate_is_trusted_regardless_of_its_signer() {
    for kind in [Certificate::Valid, Certificate::UnknownRoot] {
        let tenant = Tenant::builder().certificate(kind).start();
        login_at(&tenant)
            .env("PADLOCK_CA_FILE", tenant.certificate_file())
            .assert()
            .code(0);
    }
    for (kind, problem) in [
        (Certificate::Expired, "expired on"),
        (Certificate::NotYetValid, "is not valid before"),
        (Certificate::WrongName, "is issued for another name"),
    ] {
        let tenant = Tenant::builder().certificate(kind).start();
        login_at(&tenant)
            .env("PADLOCK_CA_FILE", tenant.certificate_file())
            .assert()
            .code(7)
            .stderr(says(problem));
    }
}

#[test]
fn a_certificate_is_named_as_what_it_is() {
    for (kind, problem, hint) in [
        (
            Certificate::CommonNameOnly,
            "only in its common name",
            "subject alternative name",
        ),
        (
            Certificate::RegeneratedRoot,
            "trusted root that has its issuer's name",
            "--ca-file",
        ),
        (
            Certificate::SelfSignedAuthority,
            "is a CA certificate",
            "--ca-file",
        ),
        (Certificate::SelfSigned, "unknown issuer", "--ca-file"),
    ] {
        let tenant = Tenant::builder().certificate(kind).start();
        let error = error_of(&mut login_at(&tenant));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(problem), "{message}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{error}");
    }
}

#[test]
fn a_ca_file_without_certificates_is_named() {
    let tenant = Tenant::start();
    for path in ["/dev/null", "/nowhere.pem"] {
        login_at(&tenant)
            .args(["--ca-file", path])
            .assert()
            .code(2)
            .stderr(says(path));
    }
}

#[test]
fn a_tenant_that_refuses_connections_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let host = format!("127.0.0.1:{port}");
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--domain", &format!("http://{host}")]));
    assert_eq!(
        (error["class"].as_str(), error["exit"].as_i64()),
        (Some("unreachable"), Some(7))
    );
    assert!(error["message"].as_str().unwrap().contains(&host));
}

#[test]
fn if_the_tenant_does_not_respond_the_run_ends_at_the_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let domain = format!("http://{}", silent.local_addr().unwrap());
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--domain", &domain, "--timeout", "0.3"]));
    assert_eq!(error["class"], "unreachable");
    assert!(
        error["message"].as_str().unwrap().contains("within 0.3 s"),
        "{error}"
    );
}

#[test]
fn the_timeout_covers_all_requests_together() {
    let tenant = Tenant::builder()
        .delay(DISCOVERY, Duration::from_secs(2))
        .fault(TOKEN, Fault::NoResponse)
        .start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", tenant.url(), "--timeout", "3"]);
    let started = Instant::now();
    assert_eq!(error_of(&mut login)["class"], "unreachable");
    assert!(
        started.elapsed() < Duration::from_millis(4500),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn a_response_over_one_mebibyte_is_refused() {
    let tenant = Tenant::builder()
        .token_response(200, &[], vec![b' '; (1 << 20) + 1])
        .start();
    login_at(&tenant)
        .assert()
        .code(7)
        .stderr(says("longer than 1 MiB"));
}

#[test]
fn an_rs256_login_without_keys_fails() {
    for status in [404, 500] {
        let tenant = Tenant::builder()
            .responds("/.well-known/jwks.json", Response::new(status, ""))
            .start();
        login_at(&tenant).assert().code(7).stdout("");
    }
    let tenant = Tenant::builder()
        .responds("/.well-known/jwks.json", Response::new(200, "{}"))
        .start();
    login_at(&tenant).assert().code(7).stdout("");
}

#[test]
fn if_keys_and_token_both_fail_the_error_about_the_token_is_reported() {
    let tenant = Tenant::builder()
        .responds("/.well-known/jwks.json", Response::new(500, ""))
        .start();
    let mut login = padlock_at(&tenant);
    login
        .args(["--email", EMAIL, "--password", "wrong"])
        .assert()
        .code(3);
}

#[test]
fn ssl_cert_file_and_ssl_cert_dir_name_the_systems_roots() {
    let tenant = Tenant::builder().tls().start();
    let login = || {
        let mut login = login_at(&tenant);
        login.env_remove("PADLOCK_CA_FILE");
        login
    };
    let folder = tempfile::tempdir().unwrap();
    login()
        .env("SSL_CERT_DIR", folder.path())
        .assert()
        .code(2)
        .stderr(says("there are none"));
    login()
        .env("SSL_CERT_FILE", Tenant::builder().tls().start().ca_file())
        .assert()
        .code(7)
        .stderr(says("--ca-file"));
    std::fs::copy(tenant.ca_file(), folder.path().join("0a1b2c3d.0")).unwrap();
    login().env("SSL_CERT_DIR", folder.path()).assert().code(0);
    login()
        .env("SSL_CERT_FILE", tenant.ca_file())
        .assert()
        .code(0);
    let bundle = "/etc/ssl/certs/ca-certificates.crt";
    if std::path::Path::new(bundle).exists() {
        login()
            .env("SSL_CERT_FILE", bundle)
            .env("SSL_CERT_DIR", folder.path())
            .assert()
            .code(0);
    }
    login()
        .env("SSL_CERT_FILE", "/nowhere.pem")
        .assert()
        .code(2)
        .stderr(says("/nowhere.pem"));
}

#[test]
fn certificates_and_proxy_settings_are_read_only_if_needed() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .env("SSL_CERT_FILE", "/nowhere.pem")
        .assert()
        .code(0);
    let after_the_login = tenant.connections();
    for flag in ["--version", "--help"] {
        padlock_at(&tenant)
            .env("HTTPS_PROXY", "ftp://x")
            .args([flag, "--ca-file", "/nowhere.pem"])
            .assert()
            .code(0);
    }
    assert_eq!(tenant.connections(), after_the_login);
}

#[test]
fn a_host_name_that_does_not_resolve_is_reported() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--domain", "acme.invalid"]));
    assert_eq!(error["class"], "unreachable");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("acme.invalid is unreachable: host name not found"),
        "{message}"
    );
}

#[test]
fn if_the_clocks_differ_the_hint_shows_both() {
    for (ahead, words) in [(7200, "2h behind"), (-360_000, "4d 4h ahead")] {
        let tenant = Tenant::builder().clock_ahead(ahead).start();
        let error = error_of(&mut login_at(&tenant));
        assert_eq!(error["class"], "untrusted_token");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains("set this machine's clock: it says 20") && hint.contains(words),
            "{hint}"
        );
    }
}

#[test]
fn if_the_clocks_agree_the_hint_is_about_the_token() {
    let past = crate::tenant::now() - 7200;
    let tenant = Tenant::builder().claim("exp", past.into()).start();
    let error = error_of(&mut login_at(&tenant));
    assert!(
        error["hint"].as_str().unwrap().contains("agrees"),
        "{error}"
    );
}
