//! Roles from the Management API: for a login, for a token issued elsewhere, for many tokens.

use std::thread::sleep;
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{access_token_of, error_of, login_at, padlock_at, process_at, says};
use crate::requirements::unmet;
use crate::stream::Stream;
use crate::tenant::{
    DISCOVERY, EMAIL, Factor, Response, TOKEN, Tenant, TenantOptions, USER_PASSWORD,
    error_responses, now,
};
use crate::terminal::at_terminal;

const FLAGS: [&str; 3] = ["--roles-from-tenant", "--require-role", "admin"];
const USER: &str = "auth0|65f1c0de8a1b2c3d4e5f0001";
const PATH: &str = "/api/v2/users/auth0%7C65f1c0de8a1b2c3d4e5f0001/roles";

/// A tenant whose application may use the Management API, and whose user has these roles.
fn managed(roles: &[&str]) -> TenantOptions {
    Tenant::builder()
        .management_scopes(&["read:users"])
        .roles(roles)
}

/// The same, with access tokens of that user.
fn managed_user(roles: &[&str]) -> TenantOptions {
    managed(roles).access_token_claim("sub", json!(USER))
}

/// How often the user's roles were requested.
fn role_requests(tenant: &Tenant) -> usize {
    tenant.requests_to(PATH).len()
}

#[test]
fn after_a_login_the_tenant_is_asked_for_roles() {
    let tenant = managed(&["admin", "editor"])
        .claim("roles", json!(["root"]))
        .start();
    login_at(&tenant)
        .args(["--roles-from-tenant", "--require-role", "editor"])
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    let reasons = unmet(&tenant, &["--roles-from-tenant", "--require-role", "root"]);
    assert!(
        reasons[0].contains("the tenant does not list it"),
        "{reasons:?}"
    );
    let request = &tenant.requests_to(PATH)[0];
    let authorization = request.header("authorization").unwrap();
    assert!(authorization.starts_with("Bearer "));
}

#[test]
fn roles_on_every_page_count() {
    let names: Vec<String> = (0..120).map(|number| format!("role-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tenant = managed(&names).start();
    for role in ["role-0", "role-49", "role-50", "role-119"] {
        login_at(&tenant)
            .args(["--roles-from-tenant", "--require-role", role])
            .assert()
            .code(0);
    }
    tenant.clear_requests();
    login_at(&tenant)
        .args(["--roles-from-tenant", "--require-role", "role-120"])
        .assert()
        .code(9);
    assert_eq!(role_requests(&tenant), 3);
    let full = managed(&names[..100]).start();
    login_at(&full)
        .args(["--roles-from-tenant", "--require-role", "role-99"])
        .assert()
        .code(0);
    assert_eq!(role_requests(&full), 2);
}

#[test]
fn roles_count_whatever_the_size_of_a_servers_pages() {
    let role = |number: usize| json!({ "name": format!("role-{number}") });
    let page = |numbers: std::ops::Range<usize>| {
        let roles: Vec<_> = numbers.map(role).collect();
        Response::json(200, &json!({ "roles": roles, "total": 30 }))
    };
    let short = managed(&[])
        .responds_first(1, PATH, page(0..10))
        .responds_first(1, PATH, page(10..20))
        .responds(PATH, page(20..30))
        .start();
    let all: Vec<_> = (0..60).map(role).collect();
    let bare = managed(&[])
        .responds(PATH, Response::json(200, &json!(all)))
        .start();
    for (tenant, last, requests) in [(short, "role-29", 3), (bare, "role-59", 2)] {
        login_at(&tenant)
            .args(["--roles-from-tenant", "--require-role", last])
            .assert()
            .code(0);
        assert_eq!(role_requests(&tenant), requests);
    }
}

#[test]
fn for_tokens_issued_elsewhere_the_tenant_is_asked_for_roles() {
    let tenant = managed_user(&["admin"]).start();
    let token = access_token_of(&tenant);
    let verify = |role: &str, token: &str| {
        let mut verify = padlock_at(&tenant);
        verify.args([
            "verify",
            "--any-audience",
            "--issuer",
            &tenant.issuer(),
            "--roles-from-tenant",
            "--require-role",
            role,
        ]);
        verify.write_stdin(token.to_owned());
        verify
    };
    verify("admin", &token).assert().code(0);
    verify("root", &token).assert().code(9);
    tenant.clear_requests();
    verify("admin", &format!("{token}\n{token}\n{token}"))
        .assert()
        .code(0);
    assert_eq!(
        tenant.requests_to("/oauth/token").len(),
        1,
        "one management token is enough for all"
    );
    assert_eq!(role_requests(&tenant), 1);
}

#[test]
fn the_roles_of_several_users_are_asked_for_at_once_but_of_no_more_than_eight() {
    let delay = Duration::from_millis(700);
    let tenant = managed(&[]).delay("/api/v2/users/*", delay).start();
    let tokens = (0..20).map(|user| {
        let sub = json!(format!("auth0|{user}"));
        tenant.change(|options| options.access_token_claim("sub", sub));
        access_token_of(&tenant)
    });
    let tokens: Vec<_> = tokens.collect();
    tenant.clear_requests();
    let issuer = tenant.issuer();
    let mut verify = padlock_at(&tenant);
    verify
        .args(["verify", "--any-audience", "--issuer", &issuer])
        .args(FLAGS)
        .write_stdin(tokens.join("\n"))
        .assert()
        .code(9);
    let requests = tenant.requests();
    let asked = requests
        .iter()
        .filter(|request| request.path.contains("/roles"));
    let asked: Vec<_> = asked.map(|request| request.at).collect();
    assert_eq!(asked.len(), 20);
    // A request that arrives before the delay of another one is over arrives before its response.
    let at_once = |first: &Instant| {
        let under_way = asked
            .iter()
            .filter(|at| (*first..*first + delay).contains(*at));
        under_way.count()
    };
    let most = asked.iter().map(at_once).max().unwrap();
    assert!((2..=8).contains(&most), "{most}");
}

#[test]
fn a_user_that_the_tenant_does_not_know_has_no_roles() {
    for sub in ["auth0|stranger", "..", ".", "../../x?y#z", " "] {
        let tenant = managed(&["admin"])
            .access_token_claim("sub", json!(sub))
            .start();
        let mut verify = padlock_at(&tenant);
        verify
            .args(["verify", "--any-audience", "--issuer", &tenant.issuer()])
            .args(FLAGS)
            .arg(access_token_of(&tenant))
            .assert()
            .code(9);
    }
}

#[test]
fn refusals_by_the_management_api_are_explained() {
    let error = |options: TenantOptions| error_of(login_at(&options.start()).args(FLAGS));
    let unauthorized = error(Tenant::builder());
    assert_eq!(
        (&unauthorized["class"], &unauthorized["exit"]),
        (&json!("tenant_refused"), &json!(5)),
        "{unauthorized}"
    );
    let insufficient = error(Tenant::builder().management_scopes(&["read:clients"]));
    assert_eq!(
        (&insufficient["class"], &insufficient["status"]),
        (&json!("tenant_refused"), &json!(403)),
        "{insufficient}"
    );
    assert!(
        insufficient["hint"]
            .as_str()
            .unwrap()
            .contains("read:users"),
        "{insufficient}"
    );
    let throttled =
        error(managed(&[]).responds(PATH, error_responses::management_rate_limit(now() + 3630)));
    assert_eq!(
        (&throttled["class"], &throttled["exit"]),
        (&json!("throttled"), &json!(6)),
        "{throttled}"
    );
    let unknown =
        error(managed(&[]).responds(PATH, Response::new(404, "{\"message\":\"no such page\"}")));
    assert_eq!(
        (&unknown["class"], &unknown["exit"]),
        (&json!("bad_answer"), &json!(7)),
        "{unknown}"
    );
    let malformed = error(managed(&[]).responds(PATH, Response::new(200, "{\"roles\":[{}]}")));
    assert_eq!(
        (&malformed["class"], &malformed["exit"]),
        (&json!("bad_answer"), &json!(7)),
        "{malformed}"
    );
    assert_eq!(throttled["hint"], json!("try again in 1h"), "{throttled}");
    let broken = error(managed(&[]).responds(PATH, Response::new(503, "")));
    assert_eq!(broken["exit"], json!(7), "{broken}");
}

#[test]
fn a_tenant_with_a_custom_domain_names_the_audience_of_its_own_domain() {
    let audience = "https://acme.eu.auth0.com/api/v2/";
    let tenant = managed_user(&["admin"])
        .management_audience(audience)
        .start();
    let failure = error_of(login_at(&tenant).args(FLAGS));
    assert_eq!(failure["exit"], json!(5), "{failure}");
    let hint = failure["hint"].as_str().unwrap();
    assert!(hint.contains("--management-audience"), "{failure}");
    login_at(&tenant)
        .args(FLAGS)
        .args(["--management-audience", audience])
        .assert()
        .code(0);
    login_at(&tenant)
        .args(FLAGS)
        .env("AUTH0_MANAGEMENT_AUDIENCE", audience)
        .assert()
        .code(0);
    let verify = |flags: &[&str]| {
        let mut verify = padlock_at(&tenant);
        verify.args(["verify", "--any-audience", "--issuer", &tenant.issuer()]);
        verify.args(FLAGS).args(flags).arg(access_token_of(&tenant));
        verify
    };
    verify(&["--management-audience", audience])
        .assert()
        .code(0);
    verify(&[])
        .assert()
        .code(5)
        .stderr(says("--management-audience"));
    login_at(&tenant)
        .args(FLAGS)
        .args(["--management-audience", "https://other.test/api/v2/"])
        .assert()
        .code(5)
        .stderr(says("--management-audience").not());
}

#[test]
fn the_rate_limit_of_the_management_api_is_waited_for() {
    let tenant = managed(&["admin"])
        .responds_first(2, PATH, error_responses::management_rate_limit(now()))
        .start();
    login_at(&tenant).args(FLAGS).assert().code(0);
    assert_eq!(role_requests(&tenant), 3);
}

#[test]
fn a_rate_limit_that_outlasts_the_timeout_is_not_waited_for() {
    // The same limit with more and with less time; an hour is too long for either.
    for (reset, timeout, exit, requests) in [(6, "30", 0, 2), (6, "3", 6, 1), (3600, "30", 6, 1)] {
        let limit = error_responses::management_rate_limit(now() + reset);
        let tenant = managed(&["admin"]).responds_first(1, PATH, limit).start();
        let mut login = login_at(&tenant);
        login.args(FLAGS).args(["--timeout", timeout]);
        login.assert().code(exit);
        assert_eq!(role_requests(&tenant), requests, "{reset} s, {timeout} s");
    }
}

#[test]
fn a_token_that_the_tenant_repeats_is_redacted() {
    let tenant = managed(&[]).access_token("hunter2-token").start();
    tenant.change(|options| {
        options.responds(
            PATH,
            Response::json(403, &json!({ "message": "not hunter2-token" })),
        )
    });
    login_at(&tenant)
        .args(FLAGS)
        .assert()
        .code(5)
        .stderr(says("[hidden]").and(says("hunter2").not()));
}

#[test]
fn roles_from_the_tenant_require_one_tenant_and_a_secret() {
    let tenant = managed(&["admin"]).start();
    let mut several = padlock_at(&tenant);
    several
        .args([
            "verify",
            "--any-audience",
            "--issuer",
            &tenant.issuer(),
            "--issuer",
            "https://other.test/",
        ])
        .args(FLAGS);
    several
        .arg("a.b.c")
        .assert()
        .code(2)
        .stderr(says("asks one tenant"));
    let mut nameless = padlock_at(&tenant);
    nameless
        .args(["verify", "--any-audience", "--jwks", "/dev/null"])
        .args(FLAGS)
        .arg("a.b.c")
        .assert()
        .code(2);
    login_at(&tenant)
        .env_remove("AUTH0_CLIENT_SECRET")
        .args(FLAGS)
        .assert()
        .code(2)
        .stderr(says("client secret"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn when_the_management_token_expires_a_stream_gets_a_new_one_and_asks_for_roles_again() {
    let tenant = managed_user(&["admin"]).start();
    let token = access_token_of(&tenant);
    tenant.change(|options| options.member("expires_in", json!(1)));
    tenant.clear_requests();
    let mut stream = Stream::open(&tenant, &FLAGS, &token);
    sleep(Duration::from_millis(1100));
    tenant.change(|options| options.roles(&[]));
    assert_eq!(
        stream.verdict(&token)["class"],
        "claim_missing",
        "a role that was taken away"
    );
    assert_eq!(tenant.requests_to(TOKEN).len(), role_requests(&tenant));
    assert_eq!(stream.exit(), Some(9));
}

#[test]
fn a_management_token_that_is_refused_is_replaced_once() {
    let tenant = managed_user(&["admin"]).start();
    let known = access_token_of(&tenant);
    tenant.change(|options| options.access_token_claim("sub", json!("auth0|other")));
    let other = access_token_of(&tenant);
    tenant.clear_requests();
    let mut stream = Stream::open(&tenant, &FLAGS, &known);
    let path = "/api/v2/users/auth0%7Cother/roles";
    tenant.change(|options| options.responds_first(1, path, error_responses::invalid_token()));
    assert_eq!(
        stream.verdict(&other)["class"],
        "claim_missing",
        "unknown to the tenant"
    );
    assert_eq!(
        (
            tenant.requests_to(TOKEN).len(),
            tenant.requests_to(path).len()
        ),
        (2, 2)
    );
    assert_eq!(stream.exit(), Some(9));
    let tenant = managed_user(&["admin"])
        .responds(PATH, error_responses::invalid_token())
        .start();
    let error = error_of(login_at(&tenant).args(FLAGS));
    assert_eq!(
        (&error["status"], &error["exit"]),
        (&json!(401), &json!(5)),
        "{error}"
    );
    assert_eq!(role_requests(&tenant), 1, "a new token is not replaced");
}

#[test]
fn roles_share_the_timeout_of_the_login() {
    let slow = Duration::from_millis(600);
    let tenant = managed(&["admin"])
        .delay(TOKEN, slow)
        .delay(PATH, slow)
        .start();
    login_at(&tenant)
        .args(FLAGS)
        .args(["--timeout", "1.5"])
        .assert()
        .code(7)
        .stdout("")
        .stderr(says("within 1.5 s"));
    login_at(&tenant)
        .args(FLAGS)
        .args(["--timeout", "5"])
        .assert()
        .code(0);
}

#[test]
fn time_spent_on_a_second_factor_does_not_count_towards_the_timeout_of_roles() {
    let tenant = managed(&["admin"])
        .factor(Factor::otp("1"))
        .delay(PATH, Duration::from_millis(200))
        .start();
    let arguments = [
        "--email",
        EMAIL,
        "--password",
        USER_PASSWORD,
        "--timeout",
        "1",
    ];
    let mut session = at_terminal(process_at(&tenant, &[&arguments[..], &FLAGS].concat()));
    session.exp_string("app: ").unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    session.send_line("1").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn an_issuer_is_discovered_only_once() {
    let tenant = managed(&["admin"]).start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .args(FLAGS)
        .assert()
        .code(0);
    assert_eq!(
        (tenant.requests_to(DISCOVERY).len(), role_requests(&tenant)),
        (1, 1)
    );
}
