//! `--claim`: how a claim is named and printed.

use serde_json::json;

use crate::output::stdout;
use crate::program::{login_at, says};
use crate::tenant::Tenant;

#[test]
fn a_claim_is_printed_bare_if_it_is_a_string_and_as_json_otherwise() {
    let tenant = Tenant::builder()
        .claim("odd", json!("a\u{202e}\n\tb"))
        .claim("list", json!([1, "x"]))
        .start();
    let claim = |name: &str| stdout(login_at(&tenant).args(["--claim", name]));
    assert_eq!(claim("email"), "robin@percy.test\n");
    assert_eq!(
        claim("odd"),
        "a\u{202e}\n\tb\n",
        "what goes into a pipe is not escaped"
    );
    assert_eq!(claim("list"), "[1,\"x\"]\n");
    assert_eq!(claim("email_verified"), "true\n");
}

#[test]
fn several_claims_are_printed_one_per_line() {
    let tenant = Tenant::builder()
        .claim("odd", json!("a\u{2028}\nb"))
        .claim("list", json!(["x\u{85}"]))
        .start();
    let mut login = login_at(&tenant);
    for name in ["email", "odd", "list", "email_verified"] {
        login.args(["--claim", name]);
    }
    assert_eq!(
        stdout(&mut login),
        "robin@percy.test\n\"a\\u2028\\nb\"\n[\"x\\u0085\"]\ntrue\n"
    );
    let mut login = login_at(&tenant);
    login.args(["--claim", "nope", "--claim", "email", "--claim", "neither"]);
    login
        .assert()
        .code(9)
        .stdout("")
        .stderr(says("no claim \"nope\" and no claim \"neither\""));
}

#[test]
fn a_claim_is_named_exactly_or_by_a_pointer_or_by_a_path() {
    let tenant = Tenant::builder()
        .claim("https://acme.example/app", json!({ "roles": ["admin"] }))
        .claim("a.b", json!("exact"))
        .claim("a", json!({ "b": "path", "c/d": [{ "e": 1.50 }] }))
        .start();
    for (name, text) in [
        ("a.b", "exact\n"),
        ("/a/b", "path\n"),
        ("/a/c~1d/0/e", "1.5\n"),
        ("a.c/d.0.e", "1.5\n"),
        ("https://acme.example/app.roles", "[\"admin\"]\n"),
    ] {
        assert_eq!(stdout(login_at(&tenant).args(["--claim", name])), text);
    }
    let mut login = login_at(&tenant);
    login.args(["--require-claim", "/a/b=path", "--require-role", "admin"]);
    login.args(["--roles-claim", "https://acme.example/app.roles"]);
    login.assert().code(0);
    let mut login = login_at(&tenant);
    login.args(["--require-claim", "a.x.y"]).assert().code(9);
}

#[test]
fn a_missing_claim_exits_with_9() {
    login_at(&Tenant::start())
        .args(["--claim", "nope"])
        .assert()
        .code(9)
        .stdout("")
        .stderr(says("nope"));
}
