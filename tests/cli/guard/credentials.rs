//! Where a token may be in a request, and how.

use super::harness::{Answer, get};
use super::shared::{GUARD, admin, authorized, user};

/// One test each: the `Authorization` header with the token in place of `{}`, and the class.
macro_rules! authorization {
    ($($name:ident: $format:literal => $status:literal $class:literal;)*) => { $(
        #[test]
        fn $name() {
            let answer = authorized(&$format.replace("{}", &user()));
            assert_eq!((answer.status, answer.class().as_str()), ($status, $class));
        }
    )* };
}

authorization! {
    one_bearer_token_is_accepted: "Bearer {}" => 200 "";
    the_scheme_may_be_in_lower_case: "bearer {}" => 200 "";
    the_scheme_may_be_in_upper_case: "BEARER {}" => 200 "";
    several_spaces_after_the_scheme_are_one: "Bearer   {}" => 200 "";
    a_tab_after_the_scheme_makes_another_scheme: "Bearer\t{}" => 401 "no_credentials";
    a_token_without_a_scheme_is_none: "{}" => 401 "no_credentials";
    another_scheme_is_none: "Basic {}" => 401 "no_credentials";
    a_dpop_token_is_none: "DPoP {}" => 401 "no_credentials";
    a_scheme_that_begins_like_bearer_is_none: "BearerToken {}" => 401 "no_credentials";
    a_scheme_after_another_one_is_none: "Basic Bearer {}" => 401 "no_credentials";
    an_empty_header_is_none: "" => 401 "no_credentials";
    a_scheme_without_a_token_is_malformed: "Bearer" => 401 "malformed_credentials";
    two_tokens_after_the_scheme_are_malformed: "Bearer {} {}" => 401 "malformed_credentials";
    a_list_of_two_tokens_is_malformed: "Bearer {},{}" => 401 "malformed_credentials";
    a_list_of_two_credentials_is_malformed: "Bearer {}, Bearer {}" => 401 "malformed_credentials";
    a_token_before_a_comma_is_malformed: "Bearer {}," => 401 "malformed_credentials";
    a_token_in_quotes_is_malformed: "Bearer \"{}\"" => 401 "malformed_credentials";
    a_token_as_a_parameter_is_malformed: "Bearer token=\"{}\"" => 401 "malformed_credentials";
    a_tab_after_the_token_belongs_to_the_header: "Bearer {}\t" => 200 "";
    a_tab_in_the_token_is_malformed: "Bearer {}\t{}" => 401 "malformed_credentials";
    a_token_before_a_semicolon_is_malformed: "Bearer {};" => 401 "malformed_credentials";
    a_token_with_percent_signs_is_malformed: "Bearer {}%20" => 401 "malformed_credentials";
    padding_after_the_token_is_not_the_same_token: "Bearer {}=" => 401 "untrusted_token";
    a_fourth_part_makes_an_invalid_token: "Bearer {}.x" => 401 "untrusted_token";
    a_dot_after_the_token_makes_an_invalid_token: "Bearer {}." => 401 "untrusted_token";
}

/// A request without `Authorization`, whose only token is elsewhere.
fn is_not_seen(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.class().as_str()),
        (401, "no_credentials")
    );
}

/// One test each: the header that holds `Bearer TOKEN`.
macro_rules! elsewhere {
    ($($name:ident: $header:literal;)*) => { $(
        #[test]
        fn $name() {
            let value = format!("Bearer {}", admin());
            is_not_seen(&GUARD.ask(&get("/", &[($header, &value)])));
        }
    )* };
}

elsewhere! {
    a_token_for_a_proxy_is_not_seen: "Proxy-Authorization";
    a_token_that_was_forwarded_is_not_seen: "X-Forwarded-Authorization";
    a_token_in_an_original_header_is_not_seen: "X-Original-Authorization";
    a_token_in_an_underscored_header_is_not_seen: "Authorization_";
    a_token_in_an_aliased_header_is_not_seen: "HTTP_AUTHORIZATION";
    a_token_in_an_access_token_header_is_not_seen: "X-Access-Token";
    a_token_in_a_longer_name_is_not_seen: "Authorization-Copy";
}

#[test]
fn a_token_in_the_query_is_not_seen() {
    let path = format!("/?access_token={}", admin());
    is_not_seen(&GUARD.ask(&get(&path, &[])));
}

#[test]
fn a_token_in_a_cookie_is_not_seen() {
    let cookie = format!("access_token={0}; Authorization=Bearer {0}", admin());
    is_not_seen(&GUARD.ask(&get("/", &[("Cookie", &cookie)])));
}

#[test]
fn a_token_in_the_body_is_not_seen() {
    let body = format!("access_token={}", admin());
    let request = format!(
        "POST / HTTP/1.1\r\nHost: guard\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    is_not_seen(&GUARD.ask(request.as_bytes()));
}

#[test]
fn a_request_without_credentials_is_refused() {
    is_not_seen(&GUARD.ask(&get("/", &[])));
}

#[test]
fn several_authorization_headers_are_malformed_whatever_they_hold() {
    let valid = format!("Bearer {}", admin());
    for other in [valid.as_str(), "Basic cm9iaW46eA==", "", "Bearer x"] {
        for pair in [[valid.as_str(), other], [other, valid.as_str()]] {
            let headers = pair.map(|value| ("Authorization", value));
            let answer = GUARD.ask(&get("/", &headers));
            assert_eq!(answer.status, 401, "{other:?}");
            assert_eq!(answer.class(), "malformed_credentials", "{other:?}");
        }
    }
}

#[test]
fn the_name_of_the_header_is_compared_without_regard_to_case() {
    let value = format!("Bearer {}", user());
    for name in ["authorization", "AUTHORIZATION", "aUTHORIZATION"] {
        assert_eq!(GUARD.ask(&get("/", &[(name, &value)])).status, 200);
    }
}

#[test]
fn bytes_beyond_ascii_in_the_header_are_malformed() {
    let mut request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n".to_vec();
    request.extend(b"Authorization: Bearer \xc3\xa4\xff\r\n\r\n");
    let answer = GUARD.ask(&request);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.class(), "malformed_credentials");
}
