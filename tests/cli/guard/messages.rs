//! Messages that two programs could read in two ways, and those that are too much.

use super::harness::{Answer, get, with_token};
use super::shared::{GUARD, admin, user};

/// The statuses of all responses to a head, with an administrator's token in place of `{}`, and
/// then a request of its own for `/admin` in the same bytes.
fn statuses(head: &str) -> Vec<u16> {
    let valid = head.replace("{}", &format!("Authorization: Bearer {}", admin()));
    let mut bytes = valid.into_bytes();
    bytes.extend(get("/admin", &[]));
    let answers = GUARD.send(&bytes);
    answers.iter().map(|answer| answer.status).collect()
}

/// One test each: a request that is refused, and whose connection ends with it, so that no byte
/// after it becomes a request.
macro_rules! refused_messages {
    ($($name:ident: $head:literal;)*) => { $(
        #[test]
        fn $name() {
            assert_eq!(statuses($head), [400]);
        }
    )* };
}

refused_messages! {
    two_different_lengths_are_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n";
    a_list_of_lengths_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: 0, 44\r\n\r\n";
    a_length_with_a_sign_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: +0\r\n\r\n";
    a_negative_length_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: -1\r\n\r\n";
    a_length_in_hexadecimal_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: 0x0\r\n\r\n";
    a_length_that_no_number_holds_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length: 99999999999999999999999\r\n\r\n";
    an_unknown_transfer_coding_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nTransfer-Encoding: xchunked\r\n\r\n";
    a_transfer_coding_after_chunked_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nTransfer-Encoding: chunked, identity\r\n\r\n";
    a_transfer_coding_in_http_1_0_is_refused:
        "POST /admin HTTP/1.0\r\nHost: a\r\n{}\r\nTransfer-Encoding: chunked\r\n\r\n";
    a_folded_header_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\nX-A: b\r\n {}\r\n\r\n";
    a_folded_header_with_a_tab_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\t{}\r\n\r\n";
    a_space_before_the_first_header_is_refused:
        "GET /admin HTTP/1.1\r\n {}\r\nHost: a\r\n\r\n";
    a_space_before_the_colon_is_refused:
        "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\nContent-Length : 44\r\n\r\n";
    a_header_without_a_colon_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\n{}\r\nX-A\r\n\r\n";
    a_header_without_a_name_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\n{}\r\n: b\r\n\r\n";
    a_nul_in_a_header_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\n{}\r\nX-A: b\0c\r\n\r\n";
    a_nul_in_a_name_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\n{}\r\nX\0A: b\r\n\r\n";
    a_carriage_return_in_a_header_is_refused:
        "GET /admin HTTP/1.1\r\nHost: a\r\n{}\r\nX-A: b\rX-B: c\r\n\r\n";
    a_nul_in_the_target_is_refused:
        "GET /admin\0 HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n";
    two_spaces_in_the_request_line_are_refused:
        "GET  /admin HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n";
    a_space_in_the_target_is_refused:
        "GET /ad min HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n";
    a_request_line_without_a_version_is_refused:
        "GET /admin\r\nHost: a\r\n{}\r\n\r\n";
    an_unknown_version_is_refused:
        "GET /admin HTTP/1.2\r\nHost: a\r\n{}\r\n\r\n";
    a_version_in_lower_case_is_refused:
        "GET /admin http/1.1\r\nHost: a\r\n{}\r\n\r\n";
    a_method_with_a_colon_is_refused:
        "GE:T /admin HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n";
}

/// One test each: a body whose end another program could see elsewhere gets its decision, and the
/// connection ends with it.
macro_rules! last_messages {
    ($($name:ident: $fields:literal;)*) => { $(
        #[test]
        fn $name() {
            let head = "POST /admin HTTP/1.1\r\nHost: a\r\n{}\r\n";
            let chunks = "0\r\n\r\n";
            assert_eq!(statuses(&format!("{head}{}\r\n\r\n{chunks}", $fields)), [200]);
        }
    )* };
}

last_messages! {
    a_connection_ends_with_a_chunked_request: "Transfer-Encoding: chunked";
    a_connection_ends_with_a_request_that_has_two_ends:
        "Content-Length: 5\r\nTransfer-Encoding: chunked";
    a_connection_ends_with_a_request_that_has_the_ends_in_the_other_order:
        "Transfer-Encoding: chunked\r\nContent-Length: 5";
    a_connection_ends_with_a_request_that_has_two_transfer_codings:
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked";
}

/// The statuses of what comes in one piece, without any credentials after the first request.
fn of(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

#[test]
fn the_preface_of_http_2_gets_no_decision() {
    let answers = GUARD.send_and_end(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert!(!of(&answers).contains(&200), "{answers:?}");
}

#[test]
fn bytes_that_are_no_http_get_no_decision() {
    for bytes in [
        &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
        b"\0\0\0\0",
        b"\xff\xff\r\n\r\n",
    ] {
        let answers = GUARD.send_and_end(bytes);
        assert!(
            answers.len() <= 1 && !of(&answers).contains(&200),
            "{answers:?}"
        );
    }
}

#[test]
fn a_request_that_ends_in_its_head_gets_no_decision() {
    let whole = with_token("/admin", &admin());
    for length in [1, 10, 40, whole.len() - 2, whole.len() - 1] {
        let answers = GUARD.send_and_end(&whole[..length]);
        assert!(!of(&answers).contains(&200), "{length}: {answers:?}");
    }
}

#[test]
fn a_request_in_the_body_of_another_gets_no_decision() {
    let inner = String::from_utf8(with_token("/admin", &admin())).unwrap();
    let outer = format!(
        "POST /admin HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\n\r\n{inner}",
        inner.len(),
        user()
    );
    assert_eq!(of(&GUARD.send(outer.as_bytes())), [403]);
}

/// One test each: chunks that another program could end elsewhere. The second request is never
/// answered as the first one.
macro_rules! odd_chunks {
    ($($name:ident: $body:literal;)*) => { $(
        #[test]
        fn $name() {
            let head = "POST /admin HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
            let mut bytes = format!("{head}\r\n{}", $body).into_bytes();
            bytes.extend(with_token("/admin", &admin()));
            let answers = GUARD.send(&bytes);
            assert_eq!(of(&answers), [401]);
        }
    )* };
}

odd_chunks! {
    a_chunk_length_with_a_sign_ends_the_connection: "+0\r\n\r\n";
    a_chunk_length_with_a_prefix_ends_the_connection: "0x0\r\n\r\n";
    a_chunk_length_that_no_number_holds_ends_the_connection: "fffffffffffffffff\r\n\r\n";
    a_chunk_without_its_line_end_ends_the_connection: "1\r\nab\r\n0\r\n\r\n";
    a_bare_line_feed_after_a_chunk_length_ends_the_connection: "0\n\r\n";
    a_line_feed_in_a_chunk_extension_ends_the_connection: "0;a\nb\r\n\r\n";
}

#[test]
fn lines_that_end_in_a_line_feed_alone_cannot_hide_a_request() {
    let token = user();
    let request = format!("GET /admin HTTP/1.1\nHost: a\nAuthorization: Bearer {token}\n\n");
    let mut bytes = request.into_bytes();
    bytes.extend(get("/admin", &[]));
    let answers = of(&GUARD.send(&bytes));
    assert!(!answers.contains(&200), "{answers:?}");
}

#[test]
fn each_request_of_a_connection_gets_its_own_decision() {
    let (admin, user) = (admin(), user());
    let request = |path: &str, authorization: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: a\r\n{authorization}\r\n")
    };
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let all = [
        request("/admin", &bearer(&admin)),
        request("/admin", ""),
        request("/admin", &bearer(&user)),
        request("/nothing", &bearer(&admin)),
        request("/orders", &bearer(&user)),
        request("/admin", &bearer("x")),
        request("/admin", &bearer(&admin)),
    ];
    let mut connection = GUARD.connect();
    connection.write(all.concat().as_bytes());
    let answers: Vec<_> = all.iter().map(|_| connection.answer().status).collect();
    assert_eq!(answers, [200, 401, 403, 403, 200, 401, 200]);
}

#[test]
fn a_client_of_http_1_0_gets_a_decision_and_the_end_of_the_connection() {
    let request =
        |token: &str| format!("GET /admin HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n");
    for (token, status) in [(admin(), 200), (user(), 403)] {
        let mut connection = GUARD.connect();
        connection.write(request(&token).as_bytes());
        assert_eq!(of(&connection.answers()), [status]);
    }
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let long = "a".repeat(300_000);
    assert_eq!(GUARD.ask(&get("/", &[("X-Long", &long)])).status, 431);
    let answer = GUARD.ask(&with_token("/admin", &long));
    assert_eq!(answer.status, 431);
}

#[test]
fn a_target_that_is_too_long_is_refused() {
    let long = format!("/{}", "a".repeat(300_000));
    let answers = of(&GUARD.send(&get(&long, &[])));
    assert!(matches!(answers[..], [414 | 431]), "{answers:?}");
}

#[test]
fn too_many_headers_are_refused() {
    let many: Vec<_> = (0..101).map(|number| format!("X-{number}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "a")).collect();
    assert_eq!(GUARD.ask(&get("/", &many)).status, 431);
}

#[test]
fn many_headers_and_a_long_token_are_no_obstacle() {
    let long = super::shared::token(serde_json::json!({ "groups": ["a".repeat(20_000)] }));
    let many: Vec<_> = (0..97).map(|number| format!("X-{number}")).collect();
    let authorization = format!("Bearer {long}");
    let mut headers: Vec<_> = many.iter().map(|name| (name.as_str(), "a")).collect();
    headers.push(("Authorization", &authorization));
    assert_eq!(GUARD.ask(&get("/", &headers)).status, 200);
}

#[test]
fn a_client_that_sends_no_more_after_its_request_gets_the_response() {
    let keeps = String::from_utf8(with_token("/admin", &admin())).unwrap();
    let keeps = keeps.replace("Connection: close\r\n", "");
    for _ in 0..50 {
        assert_eq!(of(&GUARD.send_and_end(keeps.as_bytes())), [200]);
        assert_eq!(
            of(&GUARD.send_and_end(keeps.repeat(3).as_bytes())),
            [200; 3]
        );
    }
}
