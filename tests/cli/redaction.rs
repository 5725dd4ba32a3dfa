//! A secret that a server repeats is shown nowhere, whatever it is repeated in and however encoded.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use url::form_urlencoded;

use crate::program::{login_at, padlock_at, printed, process_at};
use crate::tenant::{
    AUDIENCE, AUTHENTICATORS, CLIENT_ID, CLIENT_SECRET, EMAIL, Factor, Response, TOKEN, Tenant,
    TenantOptions, USERINFO,
};
use crate::terminal::at_terminal;

/// Every encoding changes it.
const PASSWORD: &str = "Pä\"ss\\ w&'<+%/7?z";

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn json_text(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
}

/// The ways in which a server may write a text.
fn encodings(text: &str) -> Vec<String> {
    let hexadecimal: Vec<String> = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    let base64 = ["", "a", "ab"].map(|before| STANDARD.encode(format!("{before}{text}")));
    let url = ["", "a", "ab"].map(|before| URL_SAFE_NO_PAD.encode(format!("{before}{text}")));
    let mut encodings = vec![
        text.to_owned(),
        json_text(text),
        percent(text),
        percent(text).to_lowercase(),
        percent(&json_text(text)),
        form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        html(text),
        hexadecimal.concat(),
        hexadecimal.concat().to_lowercase(),
    ];
    encodings.extend(base64);
    encodings.extend(url);
    encodings
}

/// Fails if a text shows the secret as it is, or in one of the encodings.
fn assert_hidden(shown: &str, encoded: &str, secret: &str) {
    let shown = shown.to_lowercase();
    for form in [encoded, secret, &json_text(secret), &json_text(encoded)] {
        // Of base64 the last character may be its neighbour's.
        let form = form.trim_end_matches('=').to_lowercase();
        let form = form.chars().take(form.chars().count() - 1);
        let form: String = form.collect();
        assert!(!shown.contains(&form), "{form} in {shown}");
    }
}

/// What a login writes to stderr with every detail.
fn stderr_of(tenant: &Tenant, more: &[&str]) -> String {
    let mut login = padlock_at(tenant);
    login.args(["--email", EMAIL, "--password", PASSWORD, "-vv"]);
    let output = login.args(more).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

fn tenant() -> TenantOptions {
    Tenant::builder().first_user(|user| PASSWORD.clone_into(&mut user.password))
}

fn error(error: &str, description: &str) -> Response {
    let json = json!({ "error": error, "error_description": description });
    Response::json(403, &json)
}

/// Checks that a secret is not shown if a tenant repeats it, in any encoding, as `repeats` says.
fn assert_hidden_where(
    secret: &str,
    more: &[&str],
    repeats: impl Fn(TenantOptions, &str) -> TenantOptions,
) {
    for (index, encoded) in encodings(secret).into_iter().enumerate() {
        let tenant = repeats(tenant(), &encoded).start();
        let format = ["text", "json"][index % 2];
        let shown = stderr_of(&tenant, &[more, &["--error-format", format]].concat());
        assert!(shown.contains("[hidden]"), "{encoded}: {shown}");
        assert_hidden(&shown, &encoded, secret);
    }
}

#[test]
fn a_password_in_an_error_response_is_hidden() {
    assert_hidden_where(PASSWORD, &[], |tenant, text| {
        let text = format!("wrong: {text}, try again");
        tenant.responds(TOKEN, error("invalid_grant", &text))
    });
    assert_hidden_where(PASSWORD, &[], |tenant, text| {
        tenant.responds(TOKEN, error(text, "wrong"))
    });
}

#[test]
fn a_client_secret_in_an_error_response_is_hidden_however_it_was_sent() {
    for method in ["client_secret_post", "client_secret_basic"] {
        let arguments = ["--client-auth", method];
        assert_hidden_where(CLIENT_SECRET, &arguments, |tenant, text| {
            tenant.responds(TOKEN, error("invalid_client", text))
        });
    }
    let credentials = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    let arguments = ["--client-auth", "client_secret_basic"];
    assert_hidden_where(&credentials, &arguments, |tenant, text| {
        tenant.responds(TOKEN, error("invalid_client", &format!("Basic {text}")))
    });
}

#[test]
fn a_password_in_the_issuer_the_header_or_a_claim_of_the_id_token_is_hidden() {
    let cases: [fn(TenantOptions, &str) -> TenantOptions; 4] = [
        |tenant, text| tenant.claim("iss", json!(text)),
        |tenant, text| tenant.claim("aud", json!([text, "b"])),
        |tenant, text| tenant.id_token_header("kid", json!(text)),
        |tenant, text| tenant.id_token_header("alg", json!(text)),
    ];
    for case in cases {
        assert_hidden_where(PASSWORD, &[], case);
    }
    let requirement = ["--require-scope", "x", "--audience", AUDIENCE];
    assert_hidden_where(PASSWORD, &requirement, |tenant, text| {
        tenant.access_token_claim("scope", json!(text))
    });
    assert_hidden_where(PASSWORD, &["--require-claim", "x=y"], |tenant, text| {
        tenant.claim("x", json!(text))
    });
}

#[test]
fn a_password_in_a_userinfo_response_is_hidden() {
    assert_hidden_where(PASSWORD, &["--userinfo"], |tenant, text| {
        tenant.responds(USERINFO, Response::json(200, &json!({ "sub": text })))
    });
}

#[test]
fn a_password_in_a_redirect_is_hidden() {
    for encoded in encodings(PASSWORD) {
        // A header carries no character beyond ASCII.
        if !encoded.is_ascii() {
            continue;
        }
        for before in ["x", &"x".repeat(195)] {
            let location = format!("https://percy.test/{before}{encoded}");
            let redirect = Response::new(302, "").header("location", &location);
            let shown = stderr_of(&tenant().responds(TOKEN, redirect).start(), &[]);
            assert!(shown.contains("redirects to"), "{shown}");
            assert_hidden(&shown, &encoded[..encoded.len().min(12)], PASSWORD);
        }
    }
}

#[test]
fn a_token_in_a_redirect_of_userinfo_or_the_management_api_is_hidden() {
    const ACCESS_TOKEN: &str = "hunter2+token/9000=";
    let roles = "/api/v2/users/*";
    for (path, flags) in [
        (USERINFO, &["--userinfo"][..]),
        (roles, &["--roles-from-tenant", "--require-role", "admin"]),
    ] {
        for encoded in encodings(ACCESS_TOKEN) {
            let location = format!("https://percy.test/{encoded}");
            let redirect = Response::new(302, "").header("location", &location);
            let tenant = tenant()
                .access_token(ACCESS_TOKEN)
                .management_scopes(&["read:users"])
                .responds(path, redirect)
                .start();
            let shown = stderr_of(&tenant, flags);
            assert!(
                shown.contains("redirects to https://percy.test/"),
                "{shown}"
            );
            assert!(shown.contains("[hidden]"), "{shown}");
            assert_hidden(&shown, &encoded, ACCESS_TOKEN);
        }
    }
}

#[test]
fn a_password_in_the_name_of_a_header_is_hidden() {
    for encoded in encodings("Hunter2Hunter2") {
        let name = format!("x-{}", encoded.trim_end_matches('='));
        let tenant = Tenant::builder().header(TOKEN, &name, "y").start();
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL, "--password", "Hunter2Hunter2", "-vv"]);
        let stderr = String::from_utf8(login.output().unwrap().stderr).unwrap();
        assert!(stderr.contains("[hidden]"), "{stderr}");
        assert_hidden(&stderr, &encoded, "Hunter2Hunter2");
    }
}

#[test]
fn a_password_in_the_text_of_a_goaway_frame_is_hidden() {
    for encoded in encodings(PASSWORD) {
        let tenant = tenant()
            .tls()
            .goes_away(&format!("it was {encoded}"))
            .start();
        let shown = stderr_of(&tenant, &[]);
        assert!(shown.contains("it was "), "{shown}");
        assert_hidden(&shown, &encoded, PASSWORD);
    }
}

#[test]
fn a_password_in_the_name_of_a_second_factor_is_hidden_in_the_menu() {
    for encoded in encodings(PASSWORD) {
        let tenant = tenant()
            .factor(Factor::sms(&encoded, "654321"))
            .factor(Factor::otp("123456"))
            .start();
        let arguments = ["--email", EMAIL, "--password", PASSWORD];
        let mut session = at_terminal(process_at(&tenant, &arguments));
        let menu = session.exp_string("Which one? [1] ").unwrap();
        assert!(menu.contains("[hidden]"), "{encoded}: {menu}");
        assert_hidden(&menu, &encoded, PASSWORD);
        session.send_line("1").unwrap();
        let question = session.exp_string(": ").unwrap();
        assert_hidden(&question, &encoded, PASSWORD);
    }
}

#[test]
fn a_code_a_token_for_a_second_factor_and_an_access_token_are_hidden() {
    let tenant = tenant().factor(Factor::otp("123456")).start();
    let echo = error(
        "invalid_grant",
        "the code 123456 of Fe26.1ngp8c2rU is 31323334353 6",
    );
    tenant.change(|tenant| tenant.responds(AUTHENTICATORS, echo));
    let shown = stderr_of(&tenant, &["--otp", "123456"]);
    assert!(shown.contains("the code [hidden] of"), "{shown}");

    let tenant = Tenant::start();
    let token = printed(login_at(&tenant).args(["--output", "access-token"]));
    let echo = error("invalid_token", &percent(token.trim()));
    let tenant = Tenant::builder()
        .access_token(token.trim())
        .responds(USERINFO, echo)
        .start();
    let mut login = login_at(&tenant);
    let output = login.args(["--userinfo", "-v"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains(&token[..16]), "{stderr}");
}

#[test]
fn no_part_of_a_secret_is_left_where_its_text_is_cut() {
    for length in (440..500).step_by(3) {
        let text = format!("{}{}", "x".repeat(length), CLIENT_SECRET);
        let tenant = tenant()
            .responds(TOKEN, error("invalid_client", &text))
            .start();
        let shown = stderr_of(&tenant, &[]);
        assert!(!shown.contains(&CLIENT_SECRET[..8]), "{length}: {shown}");
    }
}

#[test]
fn a_short_secret_is_hidden_only_where_it_is_the_whole_value() {
    let hidden = |description: &str| {
        let response = error("invalid_client", description);
        let tenant = Tenant::builder().responds(TOKEN, response).start();
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL, "--password", "the"]);
        let stderr = String::from_utf8(login.output().unwrap().stderr).unwrap();
        stderr.contains("[hidden]")
    };
    assert!(hidden("the") && hidden("it was \"the\""));
    assert!(!hidden("the one"));
}

#[test]
fn a_password_that_is_an_ordinary_word_is_hidden_only_in_the_words_of_a_server() {
    let shown = |description: &str, header: &str| {
        let tenant = Tenant::builder()
            .responds(TOKEN, error("invalid_grant", description))
            .header(TOKEN, header, "y")
            .start();
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL, "--password", "wrong", "-vv"]);
        String::from_utf8(login.output().unwrap().stderr).unwrap()
    };
    let repeated = shown("your password wrong has expired", "x-wrong");
    assert!(
        repeated.contains("your password [hidden] has expired"),
        "{repeated}"
    );
    assert!(repeated.contains("x-[hidden]"), "{repeated}");
    let own = shown("Wrong email or password.", "x");
    assert!(
        own.contains("the e-mail address or the password is wrong"),
        "{own}"
    );
}

#[test]
fn results_on_stdout_are_not_redacted() {
    let nickname = "robin-robin";
    let tenant = Tenant::builder()
        .first_user(|user| nickname.clone_into(&mut user.password))
        .claim("nickname", json!(nickname))
        .start();
    for output in ["table", "json"] {
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL, "--password", nickname]);
        let stdout = printed(login.args(["--output", output]));
        assert!(stdout.contains(nickname), "{stdout}");
    }
}
