//! The account that signs in with a browser, compared with the one that `--email` names.

use serde_json::json;

use crate::browsing::{begin, tenant, visit};
use crate::tenant::{AUDIENCE, EMAIL, TenantOptions, USERINFO};

fn login_as(options: TenantOptions, email: &str, more: &[&str]) -> (i32, String) {
    let tenant = options.start();
    let arguments = ["--email", email, "--error-format", "json"];
    let login = begin(&tenant, &[&arguments, more].concat());
    visit(&login.sign_in());
    let ended = login.end();
    (ended.code.unwrap(), ended.stdout + &ended.stderr)
}

#[test]
fn another_account_is_refused_before_anything_is_printed() {
    for output in [
        &[][..],
        &["-o", "access-token"],
        &["-o", "tokens"],
        &["--claim", "sub"],
    ] {
        let more = [output, &["--audience", AUDIENCE]].concat();
        let (code, shown) = login_as(tenant(), "mallory@percy.test", &more);
        assert_eq!(code, 5, "{shown}");
        assert!(shown.starts_with('{') && !shown.contains("eyJ"), "{shown}");
        assert!(
            shown.contains("robin@percy.test, not mallory@percy.test"),
            "{shown}"
        );
    }
}

#[test]
fn an_account_is_named_in_any_letter_case_and_by_any_claim_that_names_one() {
    let without_email = || {
        tenant()
            .without_claim("email")
            .without_userinfo_claim("email")
    };
    for (options, email) in [
        (tenant(), EMAIL),
        (tenant(), "Robin@Percy.TEST"),
        (
            without_email().claim("preferred_username", json!("robin")),
            "robin",
        ),
        (
            tenant().claim("upn", json!("robin@corp.test")),
            "robin@corp.test",
        ),
        (tenant(), "auth0|65f1c0de8a1b2c3d4e5f0001"),
    ] {
        let (code, shown) = login_as(options, email, &[]);
        assert_eq!(code, 0, "{email}: {shown}");
    }
    for (options, email) in [
        (tenant(), "robin"),
        (tenant(), "Robin Percy"),
        (tenant(), "robin@percy.tes"),
        (
            without_email().claim("preferred_username", json!("robin")),
            EMAIL,
        ),
    ] {
        let (code, shown) = login_as(options, email, &[]);
        assert_eq!(code, 5, "{email}: {shown}");
    }
}

#[test]
fn where_the_id_token_has_no_email_address_userinfo_is_asked() {
    let thin = || tenant().without_claim("email");
    let tenant = thin().start();
    let login = begin(&tenant, &["--email", EMAIL]);
    assert_eq!(login.finish().code, Some(0));
    assert_eq!(tenant.requests_to(USERINFO).len(), 1);
    let (code, _) = login_as(thin(), "mallory@percy.test", &[]);
    assert_eq!(code, 5);
    let unnamed = thin().without_userinfo_claim("email");
    let (code, shown) = login_as(unnamed, EMAIL, &[]);
    assert!(code == 5 && shown.contains("--scope"), "{shown}");
}
