//! `--claim`: how a claim is named and printed.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::output::stdout;
use crate::program::{login_at, padlock, private, says};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, Response, Signing, Tenant, USERINFO};

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

/// An integer beyond 64 bits, and one that a double cannot hold.
const LARGE: [&str; 2] = ["123456789012345678901234567890", "9007199254740993.0"];

#[test]
fn a_required_integer_of_any_length_is_compared_and_shown_with_all_its_digits() {
    const ID: &str = "123456789012345678901234567890";
    const OTHER: &str = "123456789012345678901234567891";
    let claims = format!(
        r#"{{"iss":"i","sub":"u","aud":"a","exp":4102444800,"id":{ID},"ids":[1,{ID}],"text":"{ID}"}}"#
    );
    let header = json!({ "alg": "HS256" }).as_object().unwrap().clone();
    let token = Signing::hs256(CLIENT_SECRET.as_bytes()).sign(&header, claims.as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let require = |requirement: &str| {
        let mut verify = padlock();
        verify
            .args(["verify", "--any-audience", "--secret-file"])
            .arg(private(&secret))
            .args(["--require-claim", requirement, &token]);
        verify.assert()
    };
    for met in [
        format!("id={ID}"),
        format!("ids=[1.0, {ID}]"),
        format!("ids.1={ID}"),
    ] {
        require(&met).code(0).stderr("");
    }
    let refused = require(&format!("id={OTHER}")).code(9).stdout("");
    refused.stderr(says(&format!("is {ID}, expected {OTHER}")));
    let refused = require(&format!("ids=[1,{OTHER}]")).code(9);
    refused.stderr(says(&format!("is [1,{ID}], expected [1,{OTHER}]")));
    let refused = require(&format!("text={ID}")).code(9);
    refused.stderr(says(&format!("--require-claim 'text=\"{ID}\"'")));
}

#[test]
fn large_numbers_keep_their_digits_wherever_they_are_printed() {
    let claims = format!(
        r#"{{"iss":"https://a.test","sub":"u","aud":"{CLIENT_ID}","exp":4102444800,"iat":1,"n":{},"list":[{}]}}"#,
        LARGE[0], LARGE[1]
    );
    let header = json!({ "alg": "HS256" }).as_object().unwrap().clone();
    let token = Signing::hs256(CLIENT_SECRET.as_bytes()).sign(&header, claims.as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let verify = || {
        let mut verify = padlock();
        verify
            .args(["verify", "--audience", CLIENT_ID, "--secret-file"])
            .arg(private(&secret));
        verify
    };
    let both = || says(LARGE[0]).and(says(LARGE[1]));
    for flags in [
        &["--output", "json"][..],
        &["-o", "table"],
        &["--claim", "n", "--claim", "list"],
    ] {
        verify()
            .args(flags)
            .arg(&token)
            .assert()
            .code(0)
            .stdout(both());
    }
    let lines = format!("{token}\n{token}\n");
    verify().write_stdin(lines).assert().code(0).stdout(both());
    for (flag, requirement) in [
        ("--require-claim", "n=5"),
        ("--require-member", "n=x"),
        ("--require-claim", "n=123456789012345678901234567891"),
    ] {
        let unmet = verify()
            .args([flag, requirement])
            .arg(&token)
            .assert()
            .code(9)
            .stdout("");
        unmet.stderr(says(&format!("is {}", LARGE[0])));
    }
}

#[test]
fn large_numbers_of_userinfo_keep_their_digits() {
    let tenant = Tenant::start();
    let sub = stdout(login_at(&tenant).args(["--claim", "sub"]));
    let sub = Value::from(sub.trim_end());
    let body = format!(r#"{{"sub":{sub},"n":{}}}"#, LARGE[0]);
    tenant.change(|options| options.responds(USERINFO, Response::new(200, body)));
    for output in ["json", "table"] {
        let mut login = login_at(&tenant);
        login.args(["--userinfo", "-o", output]);
        if output == "table" {
            login.arg("--all-claims");
        }
        login.assert().code(0).stdout(says(LARGE[0]));
    }
}
