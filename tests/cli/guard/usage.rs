//! Flags that would weaken a guard, and those that contradict each other.

use crate::program::{error_of, padlock, printed, says};
use crate::tenant::AUDIENCE;

const TRUST: [&str; 5] = [
    "guard",
    "--listen=127.0.0.1:0",
    "--issuer=https://percy.test/",
    "--audience",
    AUDIENCE,
];

/// One test each: flags that a guard does not take, and what the message names.
macro_rules! refused_flags {
    ($($name:ident: $flags:expr, $text:literal;)*) => { $(
        #[test]
        fn $name() {
            let mut command = padlock();
            command.args(TRUST).args($flags);
            command.assert().code(2).stdout("").stderr(says($text));
        }
    )* };
}

refused_flags! {
    another_time_is_refused: ["--at=2020-01-01T00:00:00Z"], "--at";
    any_audience_is_refused: ["--any-audience"], "--any-audience";
    bound_tokens_are_refused: ["--allow-bound"], "--allow-bound";
    a_nonce_is_refused: ["--nonce=x"], "--nonce";
    the_age_of_a_sign_in_is_refused: ["--max-age=1"], "--max-age";
    silence_is_refused: ["--quiet"], "--quiet";
    short_secrets_are_refused: ["--allow-short-secret"], "--allow-short-secret";
    roles_from_the_tenant_are_refused: ["--roles-from-tenant"], "--roles-from-tenant";
    an_access_token_in_a_file_is_refused: ["--access-token-file=x"], "--access-token-file";
    a_token_as_an_argument_is_refused: ["eyJ.e30.x"], "argument";
    two_checks_of_one_name_are_refused: ["--check=a", "--check=a"], "--check a";
    a_check_with_a_slash_is_refused: ["--check=a/b"], "--check";
    a_check_without_a_name_is_refused: ["--check="], "--check";
    an_address_for_an_unknown_check_is_refused: ["--listen-for=a=127.0.0.1:0"], "\"a\"";
    an_address_for_the_check_without_a_name_is_refused: ["--listen-for==127.0.0.1:0"], "--listen-for";
    two_claims_in_one_header_are_refused: ["--pass-claim=sub=X-User", "--pass-claim=name=x-user"], "x-user";
    a_claim_in_a_header_of_the_message_is_refused: ["--pass-claim=sub=Content-Length"], "--pass-claim";
    a_claim_in_a_cookie_is_refused: ["--pass-claim=sub=Set-Cookie"], "--pass-claim";
    a_claim_in_a_header_that_redirects_a_proxy_is_refused:
        ["--pass-claim=sub=X-Accel-Redirect"], "--pass-claim";
    a_claim_in_an_underscored_header_is_refused: ["--pass-claim=sub=X_User"], "--pass-claim";
    a_host_name_as_an_address_is_refused: ["--listen=example.com:80"], "--listen";
    a_relative_path_as_an_address_is_refused: ["--listen=unix:p.sock"], "absolute";
    a_mode_that_is_not_octal_is_refused: ["--socket-mode=0999"], "--socket-mode";
}

#[test]
fn an_audience_is_required() {
    let mut command = padlock();
    command.args(&TRUST[..3]);
    let error = error_of(&mut command);
    assert_eq!(error["exit"], 2, "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("--audience"),
        "{error}"
    );
}

#[test]
fn an_empty_audience_is_refused() {
    let mut command = padlock();
    command.args(&TRUST[..3]).args(["--audience", ""]);
    command.assert().code(2).stdout("");
}

#[test]
fn an_address_is_required() {
    let mut command = padlock();
    command.args(["guard", TRUST[2], "--audience", AUDIENCE]);
    command.assert().code(2).stderr(says("--listen"));
}

#[test]
fn a_source_of_keys_is_required() {
    let mut command = padlock();
    command.args(["guard", TRUST[1], "--audience", AUDIENCE]);
    command.assert().code(2).stderr(says("--issuer"));
}

#[test]
fn the_environment_of_a_login_does_not_weaken_a_guard() {
    let mut command = padlock();
    command.args(&TRUST[..3]).env("AUTH0_AUDIENCE", AUDIENCE);
    command.env("PADLOCK_AUDIENCE", AUDIENCE);
    command.assert().code(2).stderr(says("--audience"));
}

#[test]
fn the_help_names_no_flag_that_weakens_it() {
    let help = printed(padlock().args(["guard", "--help"]));
    for flag in [
        "--any-audience",
        "--allow-bound",
        "--allow-short-secret",
        "--roles-from",
        "--nonce",
    ] {
        assert!(!help.contains(flag), "{flag}");
    }
    for flag in [
        "--listen ",
        "--listen-for ",
        "--check ",
        "--pass-claim ",
        "--explain",
        "--audience ",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}
