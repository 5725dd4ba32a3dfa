//! Flags that do not go together are refused before anything is sent, and never ignored silently.

use crate::program::{login_at, padlock, printed, says};
use crate::tenant::Tenant;

/// The forms of a login's result that are no table.
const NO_TABLE: [&str; 6] = [
    "json",
    "id-token",
    "access-token",
    "tokens",
    "header",
    "curl",
];

fn refuses(arguments: &[&str], message: &str) {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let refused = login.args(arguments).assert().code(2).stdout("");
    refused.stderr(says(message));
    assert_eq!(tenant.requests().len(), 0, "{arguments:?}");
}

#[test]
fn all_claims_is_refused_with_every_output_that_is_no_table() {
    for form in NO_TABLE {
        let message = "--all-claims can only be combined with --output table";
        refuses(&["--all-claims", "--output", form], message);
    }
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let shown = printed(login.args(["--all-claims", "--output", "table"]));
    assert!(
        shown.contains("auth_time") || shown.contains("iat"),
        "{shown}"
    );
}

#[test]
fn userinfo_is_refused_with_every_output_that_shows_no_claims() {
    for form in &NO_TABLE[1..] {
        let message = "--userinfo can only be combined with --output table or --output json";
        refuses(&["--userinfo", "--output", form], message);
    }
}

#[test]
fn an_encoding_of_the_client_secret_is_refused_where_it_is_no_key() {
    for encoding in ["text", "base64"] {
        let message = "only HS256, HS384 and HS512 use --client-secret-encoding";
        refuses(&["--client-secret-encoding", encoding], message);
    }
}

#[test]
fn a_rule_of_verify_that_the_kind_of_token_does_not_have_is_refused() {
    let tenant = Tenant::start();
    let refuses = |arguments: &[&str], message: &str| {
        let mut verify = crate::program::verify_at(&tenant);
        let refused = verify.args(arguments).arg("e30.e30.AA").assert().code(2);
        refused.stderr(says(message));
    };
    for kind in ["access-token", "jwt"] {
        let message = "--authorized-party is a rule for id_tokens";
        refuses(&["--authorized-party", "any", "--kind", kind], message);
    }
    let message = "--access-token-file is for the at_hash of an id_token";
    let folder = crate::settings::folder_with("token", "a.b.c");
    let token = folder.path().join("token").display().to_string();
    refuses(&["--access-token-file", &token], message);
    let message = "--allow-short-secret is for keys in a file";
    refuses(&["--allow-short-secret"], message);
    let mut verify = padlock();
    verify.args(["verify", "--any-audience", "--allow-short-secret", "--jwks"]);
    let keys = format!("{}.well-known/jwks.json", tenant.issuer());
    verify
        .args([&keys, "e30.e30.AA"])
        .assert()
        .code(2)
        .stderr(says(message));
    assert_eq!(tenant.requests().len(), 0);
}
