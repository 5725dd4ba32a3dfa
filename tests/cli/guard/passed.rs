//! Claims as headers of the response (`--pass-claim`).

use serde_json::{Value, json};

use super::harness::{get, guard_at, token_of, with_token};
use super::shared::{GUARD, admin, ask, token, user};
use crate::tenant::Tenant;

/// The header `X-List` for this value of the claim `list`.
fn passed(value: &Value) -> String {
    let token = token(json!({ "list": value }));
    let answer = GUARD.ask(&with_token("/", &token));
    assert_eq!(answer.status, 200);
    answer.header("x-list").expect("the header").to_owned()
}

/// One test each: a claim and its header.
macro_rules! passed {
    ($($name:ident: $value:tt => $header:literal;)*) => { $(
        #[test]
        fn $name() {
            assert_eq!(passed(&json!($value)), $header);
        }
    )* };
}

passed! {
    text_in_ascii_is_passed_as_it_is: "auth0|robin <a@b.c>" => "auth0|robin <a@b.c>";
    empty_text_is_passed_as_nothing: "" => "";
    text_beyond_ascii_is_encoded: "Zoë" => "%22Zo%C3%AB%22";
    a_line_end_in_a_claim_starts_no_header: "a\r\nX-User: root" => "%22a%5Cr%5CnX-User%3A%20root%22";
    a_nul_in_a_claim_is_encoded: "a\0b" => "%22a%5Cu0000b%22";
    a_tab_in_a_claim_is_encoded: "a\tb" => "%22a%5Ctb%22";
    spaces_around_text_are_kept: " a " => "%22%20a%20%22";
    a_list_is_encoded: ["a", "b,c"] => "%5B%22a%22%2C%22b%2Cc%22%5D";
    an_object_is_encoded: { "a": 1 } => "%7B%22a%22%3A1%7D";
    a_number_is_passed_as_it_is: 42 => "42";
    a_truth_value_is_passed_as_it_is: true => "true";
}

#[test]
fn every_header_is_in_every_200_and_empty_without_the_claim() {
    let answer = GUARD.ask(&with_token("/", &user()));
    assert_eq!(answer.header("x-user"), Some("auth0|robin"));
    assert_eq!(answer.header("x-name"), Some(""));
    assert_eq!(answer.header("x-list"), Some(""));
}

#[test]
fn a_refusal_passes_no_claim() {
    for request in [
        with_token("/admin", &user()),
        get("/", &[]),
        with_token("/x", &admin()),
    ] {
        let answer = GUARD.ask(&request);
        assert_eq!(answer.header("x-user"), None, "{answer:?}");
    }
}

#[test]
fn a_header_that_a_client_sends_is_never_sent_back() {
    for name in ["X-User", "x-user", "X_User", "X-Name"] {
        let answer = ask("/", &user(), (name, "root"));
        assert_eq!(answer.header("x-user"), Some("auth0|robin"), "{name}");
        assert_eq!(answer.header("x-name"), Some(""), "{name}");
        assert_eq!(answer.header("x_user"), None, "{name}");
    }
}

#[test]
fn a_nested_claim_can_be_passed() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &["--pass-claim=realm_access.roles=X-Roles"]);
    let token = token_of(&tenant, json!({ "realm_access": { "roles": ["a"] } }));
    let answer = guard.ask(&with_token("/", &token));
    assert_eq!(answer.header("x-roles"), Some("%5B%22a%22%5D"));
}
