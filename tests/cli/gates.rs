//! Gates: a genuine token that does not grant enough exits with 9, and every miss is named.

use serde_json::{Value, json};

use crate::program::{access_token_of, error_of, login_at, padlock, padlock_at, says, verify_at};
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, Signing, Tenant, TenantOptions, refusals};

const ROLES: &str = "https://acme.example/roles";

/// A tenant whose access tokens grant something.
fn generous() -> TenantOptions {
    let options = Tenant::builder().access_token_claim("scope", json!("openid read:orders"));
    let options = options.access_token_claim("permissions", json!(["read:orders"]));
    options.access_token_claim(ROLES, json!(["admin"])).access_token_claim("tier", json!(5))
}

fn exit(tenant: &Tenant, flags: &[&str]) -> i32 {
    verify_at(tenant).args(flags).arg(access_token_of(tenant)).output().unwrap().status.code().unwrap()
}

/// The reasons why a login of the right user does not get through.
fn missing(tenant: &Tenant, flags: &[&str]) -> Vec<String> {
    let error = error_of(login_at(tenant).args(flags));
    assert_eq!((&error["class"], &error["exit"]), (&json!("claim_missing"), &json!(9)), "{error}");
    error["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_token_that_grants_everything_required_passes() {
    let tenant = generous().start();
    let flags = ["--require-scope", "read:orders", "--require-scope", "openid", "--require-permission", "read:orders"];
    let more =
        ["--require-role", "admin", "--roles-claim", ROLES, "--require-claim", "tier=5", "--require-claim", "iss"];
    assert_eq!(exit(&tenant, &[&flags[..], &more].concat()), 0);
}

#[test]
fn no_part_of_a_word_is_a_scope_a_permission_or_a_role() {
    let tenant = generous().start();
    for flags in [
        ["--require-scope", "read:order"],
        ["--require-scope", "openid read:orders"],
        ["--require-permission", "read"],
        ["--require-role", "admin"],
        ["--require-claim", "tier=\"5\""],
        ["--require-claim", "tier=50"],
        ["--require-claim", "nope"],
    ] {
        assert_eq!(exit(&tenant, &flags), 9, "{flags:?}");
    }
    assert_eq!(exit(&tenant, &["--require-role", "adm", "--roles-claim", ROLES]), 9);
}

#[test]
fn all_misses_are_named_together_and_nothing_is_printed() {
    let tenant = generous().start();
    let flags = ["--require-scope", "s", "--require-permission", "p", "--require-role", "r", "--require-claim", "c=1"];
    let error = error_of(verify_at(&tenant).args(flags).arg(access_token_of(&tenant)));
    assert_eq!((&error["class"], &error["exit"]), (&json!("claim_missing"), &json!(9)));
    let reasons: Vec<_> = error["reasons"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for (reason, word) in reasons.iter().zip(["scope \"s\"", "permission \"p\"", "role \"r\"", "claim \"c\""]) {
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn a_forged_token_passes_no_gate() {
    let tenant = generous().sign_access_token_with(Signing::foreign_key()).start();
    assert_eq!(exit(&tenant, &["--require-scope", "openid"]), 8);
    assert_eq!(exit(&tenant, &["--require-scope", "nope"]), 8);
}

#[test]
fn roles_need_a_role_to_be_looked_for() {
    padlock().args(["verify", "--jwks", "x", "--roles-claim", "a", "t"]).assert().code(2);
    padlock().args(["verify", "--jwks", "x", "--roles-from-tenant", "t"]).assert().code(2);
}

#[test]
fn a_login_looks_for_claims_and_roles_in_the_id_token() {
    let tenant = Tenant::builder().claim(ROLES, json!(["admin"])).claim("tier", json!("gold")).start();
    let flags = ["--require-role", "admin", "--roles-claim", ROLES, "--require-claim", "tier=gold"];
    login_at(&tenant).args(flags).assert().code(0).stdout(says("Robin Percy"));
    let reasons = missing(&tenant, &["--require-role", "root", "--roles-claim", ROLES, "--require-claim", "tier=iron"]);
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}

#[test]
fn a_login_looks_for_scopes_and_permissions_in_the_verified_access_token() {
    let tenant = Tenant::start();
    let api = ["--audience", AUDIENCE];
    login_at(&tenant).args(api).args(["--require-permission", "read:messages"]).assert().code(0);
    login_at(&tenant).args(api).args(["--require-scope", "openid"]).assert().code(0);
    let reasons =
        missing(&tenant, &[&api[..], &["--require-permission", "write:messages", "--require-scope", "x"]].concat());
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}

#[test]
fn a_login_whose_access_token_is_forged_passes_no_gate() {
    for options in [
        Tenant::builder().sign_access_token_with(Signing::foreign_key()),
        Tenant::builder().sign_access_token_with(Signing::hs256(CLIENT_SECRET.as_bytes())),
        Tenant::builder().access_token_claim("aud", json!(CLIENT_ID)),
        Tenant::builder().access_token_claim("iss", json!("https://evil.test/")),
        Tenant::builder().access_token_claim("exp", json!(1)),
    ] {
        let tenant = options.start();
        let error = error_of(login_at(&tenant).args(["--audience", AUDIENCE, "--require-permission", "read:messages"]));
        assert_eq!((&error["exit"], &error["message"]), (&json!(8), &json!("the access token is not to be trusted")));
    }
}

#[test]
fn an_access_token_signed_with_a_secret_is_not_blamed_on_the_logins_algorithm() {
    let hs256 = Signing::hs256(CLIENT_SECRET.as_bytes());
    let tenant = Tenant::builder().hs256().sign_access_token_with(hs256).start();
    let error = error_of(login_at(&tenant).args(["--audience", AUDIENCE, "--require-permission", "read:messages"]));
    assert!(error["hint"].as_str().unwrap().starts_with("only the API itself knows the secret of HS256"), "{error}");
}

#[test]
fn of_an_opaque_access_token_the_scope_that_the_tenant_answered_counts() {
    let tenant = Tenant::start();
    login_at(&tenant).args(["--require-scope", "openid"]).assert().code(0);
    assert_eq!(missing(&tenant, &["--require-scope", "read:messages"]).len(), 1);
    assert_eq!(missing(&tenant, &["--require-permission", "read:messages"]).len(), 1);
    for lacking in [Tenant::builder().without_member("scope"), Tenant::builder().without_access_token()] {
        assert_eq!(missing(&lacking.start(), &["--require-scope", "openid"]).len(), 1);
    }
}

#[test]
fn an_hs256_login_verifies_its_access_token_with_the_published_keys() {
    let tenant = Tenant::builder().hs256().start();
    let mut login = login_at(&tenant);
    login.args(["--audience", AUDIENCE, "--require-permission", "read:messages"]).assert().code(0);
}

/// A tenant whose application may ask the Management API, and whose user has these roles.
fn managed(roles: &[&str]) -> TenantOptions {
    Tenant::builder().management(&["read:users"]).roles(roles)
}

#[test]
fn roles_are_asked_of_the_tenant_after_a_login() {
    let tenant = managed(&["admin", "editor"]).claim("roles", json!(["root"])).start();
    let flags = ["--roles-from-tenant", "--require-role"];
    login_at(&tenant).args(flags).arg("editor").assert().code(0).stdout(says("Robin Percy"));
    let reasons = missing(&tenant, &[&flags[..], &["root"]].concat());
    assert!(reasons[0].contains("the tenant does not list it"), "{reasons:?}");
    let asked = tenant.requests().into_iter().find(|request| request.path.contains("/users/")).unwrap();
    assert!(asked.path.starts_with("/api/v2/users/auth0%7C65f1c0de8a1b2c3d4e5f0001/roles?"), "{}", asked.path);
    assert!(asked.header("authorization").unwrap().starts_with("Bearer "));
}

#[test]
fn roles_of_every_page_count() {
    let names: Vec<String> = (0..120).map(|number| format!("role-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tenant = managed(&names).start();
    for role in ["role-0", "role-49", "role-50", "role-119"] {
        login_at(&tenant).args(["--roles-from-tenant", "--require-role", role]).assert().code(0);
    }
    tenant.forget();
    login_at(&tenant).args(["--roles-from-tenant", "--require-role", "role-120"]).assert().code(9);
    assert_eq!(tenant.requests().iter().filter(|request| request.path.contains("/users/")).count(), 3);
    let full = managed(&names[..100]).start();
    login_at(&full).args(["--roles-from-tenant", "--require-role", "role-99"]).assert().code(0);
    assert_eq!(full.requests().iter().filter(|request| request.path.contains("/users/")).count(), 2);
}

#[test]
fn roles_are_asked_of_the_tenant_for_tokens_from_elsewhere() {
    let id = "auth0|65f1c0de8a1b2c3d4e5f0001";
    let tenant = managed(&["admin"]).access_token_claim("sub", json!(id)).start();
    let token = access_token_of(&tenant);
    let verify = |role: &str, token: &str| {
        let mut verify = padlock_at(&tenant);
        verify.args(["verify", "--issuer", &tenant.issuer(), "--roles-from-tenant", "--require-role", role]);
        verify.write_stdin(token.to_owned());
        verify
    };
    verify("admin", &token).assert().code(0);
    verify("root", &token).assert().code(9);
    tenant.forget();
    verify("admin", &format!("{token}\n{token}\n{token}")).assert().code(0);
    assert_eq!(tenant.requests_to("/oauth/token").len(), 1, "one token serves all");
    assert_eq!(tenant.requests().iter().filter(|request| request.path.contains("/users/")).count(), 1);
}

#[test]
fn a_user_that_the_tenant_does_not_know_has_no_roles() {
    for sub in ["auth0|nobody", "..", ".", "../../x?y#z", ""] {
        let tenant = managed(&["admin"]).access_token_claim("sub", json!(sub)).start();
        let mut verify = padlock_at(&tenant);
        verify.args(["verify", "--issuer", &tenant.issuer(), "--roles-from-tenant", "--require-role", "admin"]);
        verify.arg(access_token_of(&tenant)).assert().code(9);
    }
}

#[test]
fn the_tenants_refusals_of_roles_are_explained() {
    let flags = ["--roles-from-tenant", "--require-role", "admin"];
    let told = |options: TenantOptions| error_of(login_at(&options.start()).args(flags));
    let unauthorised = told(Tenant::builder());
    assert_eq!(
        (&unauthorised["class"], &unauthorised["exit"]),
        (&json!("tenant_refused"), &json!(5)),
        "{unauthorised}"
    );
    let too_little = told(Tenant::builder().management(&["read:clients"]));
    assert_eq!((&too_little["class"], &too_little["status"]), (&json!("tenant_refused"), &json!(403)), "{too_little}");
    assert!(too_little["hint"].as_str().unwrap().contains("read:users"), "{too_little}");
    let path = "/api/v2/users/auth0%7C65f1c0de8a1b2c3d4e5f0001/roles";
    let throttled = told(managed(&[]).answers(path, refusals::management_limit(0)));
    assert_eq!((&throttled["class"], &throttled["exit"]), (&json!("throttled"), &json!(6)), "{throttled}");
    let garbled = told(managed(&[]).answers(path, crate::tenant::Answer::new(200, "{\"roles\":[{}]}")));
    assert_eq!((&garbled["class"], &garbled["exit"]), (&json!("bad_answer"), &json!(7)), "{garbled}");
    let broken = told(managed(&[]).answers(path, crate::tenant::Answer::new(503, "")));
    assert_eq!(broken["exit"], json!(7), "{broken}");
}

#[test]
fn asking_for_roles_needs_one_tenant_and_a_secret() {
    let tenant = managed(&["admin"]).start();
    let flags = ["--roles-from-tenant", "--require-role", "admin"];
    let mut several = padlock_at(&tenant);
    several.args(["verify", "--issuer", &tenant.issuer(), "--issuer", "https://other.test/"]).args(flags);
    several.arg("a.b.c").assert().code(2).stderr(says("asks one tenant"));
    let mut nameless = padlock_at(&tenant);
    nameless.args(["verify", "--jwks", "/dev/null"]).args(flags).arg("a.b.c").assert().code(2);
    login_at(&tenant).env_remove("AUTH0_CLIENT_SECRET").args(flags).assert().code(2).stderr(says("client secret"));
    assert_eq!(tenant.passwords_received(), 0);
}
