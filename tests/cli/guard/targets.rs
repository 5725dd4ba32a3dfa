//! Nothing in a request but its path selects a check, and a path does so byte for byte.

use super::harness::{get, with_token};
use super::shared::{GUARD, admin, ask, user};

/// One test each: a target that is no check, with the token that every check accepts.
macro_rules! unknown_paths {
    ($($name:ident: $path:literal;)*) => { $(
        #[test]
        fn $name() {
            let answer = GUARD.ask(&with_token($path, &admin()));
            assert_eq!((answer.status, answer.class().as_str()), (403, "unknown_path"));
        }
    )* };
}

unknown_paths! {
    two_slashes_are_not_one: "//admin";
    a_slash_at_the_end_counts: "/admin/";
    an_encoded_letter_is_not_the_letter: "/%61dmin";
    an_encoded_slash_is_not_the_slash: "/%2fadmin";
    capital_letters_count: "/ADMIN";
    a_parameter_of_a_path_counts: "/admin;x";
    a_dot_in_a_path_counts: "/./admin";
    two_dots_in_a_path_count: "/x/../admin";
    encoded_dots_in_a_path_count: "/%2e/admin";
    an_encoded_nul_counts: "/admin%00";
    an_encoded_space_counts: "/admin%20";
    a_dot_at_the_end_counts: "/admin.";
    a_backslash_is_not_a_slash: "/\\admin";
    part_of_a_name_is_not_the_name: "/adm";
    two_slashes_are_not_the_path_without_a_name: "//";
    a_path_below_a_check_is_another_one: "/admin/users";
    an_asterisk_is_no_path: "*";
}

#[test]
fn the_whole_address_as_a_target_has_the_same_path() {
    assert_eq!(GUARD.status("http://other.test/admin", &user()), 403);
    assert_eq!(GUARD.status("http://other.test/admin", &admin()), 200);
    assert_eq!(GUARD.status("http://other.test//admin", &admin()), 403);
}

#[test]
fn a_query_does_not_select_a_check() {
    for path in [
        "/admin?",
        "/admin?check=orders",
        "/admin?/orders",
        "/admin?x=/",
    ] {
        assert_eq!(GUARD.status(path, &user()), 403, "{path}");
        assert_eq!(GUARD.status(path, &admin()), 200, "{path}");
    }
}

#[test]
fn each_check_has_its_path() {
    let token = user();
    for (path, status) in [("/", 200), ("/orders", 200), ("/admin", 403)] {
        assert_eq!(GUARD.status(path, &token), status, "{path}");
    }
}

#[test]
fn an_unknown_path_needs_no_token_to_be_refused_and_gets_no_challenge() {
    let answer = GUARD.ask(&get("/nothing", &[]));
    assert_eq!((answer.status, answer.challenge()), (403, ""));
}

/// One test each: a header that other programs take for the target, the method or the client.
macro_rules! ignored_headers {
    ($($name:ident: $header:literal $value:literal;)*) => { $(
        #[test]
        fn $name() {
            let header = ($header, $value);
            assert_eq!(ask("/admin", &user(), header).status, 403);
            assert_eq!(ask("/admin", &admin(), header).status, 200);
            assert_eq!(ask("/nothing", &admin(), header).status, 403);
            let without_token = GUARD.ask(&get("/", &[header]));
            assert_eq!(without_token.status, 401);
        }
    )* };
}

ignored_headers! {
    an_original_url_changes_nothing: "X-Original-URL" "/orders";
    an_original_uri_changes_nothing: "X-Original-URI" "/orders";
    an_original_method_changes_nothing: "X-Original-Method" "OPTIONS";
    a_rewritten_url_changes_nothing: "X-Rewrite-URL" "/orders";
    a_forwarded_uri_changes_nothing: "X-Forwarded-Uri" "/orders";
    a_forwarded_prefix_changes_nothing: "X-Forwarded-Prefix" "/";
    a_forwarded_method_changes_nothing: "X-Forwarded-Method" "OPTIONS";
    a_forwarded_address_changes_nothing: "X-Forwarded-For" "127.0.0.1";
    a_forwarded_host_changes_nothing: "X-Forwarded-Host" "localhost";
    a_forwarded_protocol_changes_nothing: "X-Forwarded-Proto" "https";
    a_real_address_changes_nothing: "X-Real-IP" "127.0.0.1";
    the_standard_forwarded_header_changes_nothing: "Forwarded" "for=127.0.0.1;host=localhost";
    an_overridden_method_changes_nothing: "X-HTTP-Method-Override" "OPTIONS";
    envoys_original_path_changes_nothing: "X-Envoy-Original-Path" "/orders";
    a_verified_certificate_changes_nothing: "X-SSL-Client-Verify" "SUCCESS";
    a_user_name_changes_nothing: "X-User" "admin";
    an_upgrade_changes_nothing: "Upgrade" "h2c";
    an_expectation_changes_nothing: "Expect" "200-ok";
}

#[test]
fn another_host_changes_nothing() {
    for host in ["localhost", "admin", "", "a b", "evil.test:99999"] {
        let request = |token: &str| {
            format!(
                "GET /admin HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
                 Authorization: Bearer {token}\r\n\r\n"
            )
        };
        assert_eq!(
            GUARD.ask(request(&user()).as_bytes()).status,
            403,
            "{host:?}"
        );
        assert_eq!(
            GUARD.ask(request(&admin()).as_bytes()).status,
            200,
            "{host:?}"
        );
    }
}

#[test]
fn every_method_is_held_to_the_same() {
    for method in [
        "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "ADMIN", "get",
    ] {
        let request = |token: &str| {
            format!(
                "{method} /admin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                 Authorization: Bearer {token}\r\n\r\n"
            )
        };
        assert_eq!(GUARD.ask(request("x").as_bytes()).status, 401, "{method}");
        assert_eq!(
            GUARD.ask(request(&user()).as_bytes()).status,
            403,
            "{method}"
        );
        assert_eq!(
            GUARD.ask(request(&admin()).as_bytes()).status,
            200,
            "{method}"
        );
    }
}

#[test]
fn a_connect_request_opens_no_tunnel() {
    let request = format!(
        "CONNECT admin:443 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
        admin()
    );
    let answers = GUARD.send_and_end(request.as_bytes());
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert!(
        !statuses.contains(&200) && statuses.len() <= 1,
        "{statuses:?}"
    );
}
