//! Faults of responses, the same over plain HTTP and over TLS.

use serde_json::json;

use super::scenario::Scenario;
use crate::tenant::{
    Fault, JWKS, Response, RetryAfter, Tenant, error_responses, jwks_with_rsa_keys,
    jwks_with_small_keys, now,
};

/// All of them.
pub(super) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = incomplete();
    scenarios.extend(server_errors());
    scenarios.extend(throttled());
    scenarios.extend(rate_limits());
    scenarios.extend(bodies());
    scenarios.extend(redirects());
    scenarios.extend(failing_keys());
    scenarios.extend(unusual_keys());
    scenarios
}

fn incomplete() -> Vec<Scenario> {
    vec![
        Scenario::token("no response", Fault::NoResponse).times_out(),
        Scenario::token("one byte a second", Fault::drips()).times_out(),
        Scenario::token("Content-Length too long", Fault::ContentLengthTooLong).times_out(),
        Scenario::token("Content-Length too short", Fault::ContentLengthTooShort),
        Scenario::token("closes without a response", Fault::ClosesWithoutResponse)
            .unreachable("sent an incomplete response: the connection was closed"),
        Scenario::token("closes mid-body", Fault::ClosesMidBody)
            .unreachable("sent an incomplete response: the connection was closed"),
    ]
}

fn server_errors() -> Vec<Scenario> {
    let retry_after = |status, seconds| Fault::RetryAfter {
        status,
        when: RetryAfter::Seconds(seconds),
    };
    vec![
        Scenario::token("500", Fault::Status(500)).unreachable("status 500"),
        Scenario::token("502", Fault::Status(502)).unreachable("status 502"),
        Scenario::token("503", Fault::Status(503)).unreachable("status 503"),
        Scenario::token("500, Retry-After: 0", retry_after(500, 0)).unreachable("status 500"),
        Scenario::token("502, Retry-After: 0", retry_after(502, 0)).unreachable("status 502"),
        Scenario::token("503, Retry-After: 0", retry_after(503, 0)).unreachable("status 503"),
        Scenario::token("503, Retry-After: an hour", retry_after(503, 3600))
            .unreachable("status 503"),
    ]
}

fn throttled() -> Vec<Scenario> {
    let too_many_requests = |name: &str, when| {
        let fault = Fault::RetryAfter { status: 429, when };
        Scenario::token(name, fault).throttled("too many requests")
    };
    let too_many_attempts = error_responses::too_many_attempts().retry_after("0");
    let deep = format!(
        "{{\"error\":\"too_many_attempts\",\"x\":{}1{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    vec![
        Scenario::token("429", Fault::Status(429)).throttled("too many requests"),
        too_many_requests("429, a page, Retry-After: now", RetryAfter::Date(0)),
        too_many_requests("429, a page, x-ratelimit-reset: now", RetryAfter::Reset(0)),
        too_many_requests(
            "429, a page, x-ratelimit-reset: in an hour",
            RetryAfter::Reset(3600),
        ),
        Scenario::token("429, too_many_attempts", Fault::Responds(too_many_attempts))
            .throttled("blocked after too many attempts"),
        Scenario::token(
            "429, deep JSON, Retry-After: 0",
            Fault::Responds(Response::new(429, deep).retry_after("0")),
        )
        .throttled("blocked after too many attempts"),
    ]
}

fn rate_limits() -> Vec<Scenario> {
    let limited = |name: &str, response| {
        Scenario::token(&format!("rate limit, {name}"), Fault::Responds(response))
            .throttled("rate limit")
    };
    let now = now();
    vec![
        limited(
            "Retry-After: 0",
            error_responses::too_many_requests(now + 3600).retry_after("0"),
        )
        .passwords(3),
        limited("reset now", error_responses::too_many_requests(now)).passwords(3),
        limited(
            "reset in an hour",
            error_responses::too_many_requests(now + 3600),
        ),
        limited(
            "of the Management API",
            error_responses::management_rate_limit(now),
        )
        .passwords(3),
    ]
}

fn bodies() -> Vec<Scenario> {
    vec![
        Scenario::token("HTML page", Fault::Html).bad_answer("not a JSON object"),
        Scenario::token("empty body", Fault::EmptyBody).bad_answer("not a JSON object"),
        Scenario::token("truncated JSON", Fault::TruncatedBody).bad_answer("not JSON"),
        Scenario::token("JSON of the wrong shape", Fault::WrongShape).bad_answer("wrong type"),
        Scenario::token("100 MiB", Fault::huge_body()).bad_answer("longer than 1 MiB"),
        Scenario::token("gzip bomb", Fault::GzipBomb).bad_answer("longer than 1 MiB"),
        Scenario::token("gzip, announced", Fault::Gzip { announced: true }).succeeds(),
        Scenario::token("gzip, not announced", Fault::Gzip { announced: false }).succeeds(),
        Scenario::token("byte order mark", Fault::ByteOrderMark).succeeds(),
        Scenario::token("invalid UTF-8", Fault::InvalidUtf8).bad_answer("not UTF-8"),
        Scenario::token("Content-Type: text/plain", Fault::WrongContentType).succeeds(),
        Scenario::token("headers of a megabyte", Fault::HugeHeaders)
            .bad_answer("invalid HTTP response"),
    ]
}

fn redirects() -> Vec<Scenario> {
    let redirect = |status| {
        let to = "http://thief.percy.test/".to_owned();
        let fault = Fault::Redirects { status, to };
        Scenario::token(&format!("redirect {status}"), fault).bad_answer("redirects to")
    };
    [301, 302, 303, 307, 308].map(redirect).into()
}

fn failing_keys() -> Vec<Scenario> {
    let retry_after = |status, seconds| Fault::RetryAfter {
        status,
        when: RetryAfter::Seconds(seconds),
    };
    vec![
        Scenario::keys("no response", Fault::NoResponse).times_out(),
        Scenario::keys("500", Fault::Status(500)).unreachable("status 500"),
        Scenario::keys("429", Fault::Status(429)).throttled("status 429"),
        Scenario::keys("429, Retry-After: an hour", retry_after(429, 3600)).throttled("status 429"),
        Scenario::keys("404", Fault::Status(404)).bad_answer("status 404"),
        Scenario::keys("HTML page", Fault::Html).bad_answer("key set"),
        Scenario::keys("gzip bomb", Fault::GzipBomb).bad_answer("longer than 1 MiB"),
        Scenario::keys("gzip", Fault::Gzip { announced: false }).succeeds(),
        Scenario::keys("byte order mark", Fault::ByteOrderMark).succeeds(),
        Scenario::keys("closes mid-body", Fault::ClosesMidBody)
            .unreachable("sent an incomplete response: the connection was closed"),
        Scenario::new(
            "keys: 503 once, Retry-After: 0",
            Tenant::builder().fault_first(1, JWKS, retry_after(503, 0)),
        )
        .succeeds(),
    ]
}

fn unusual_keys() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "10,000 keys in 1 MiB",
            Tenant::builder().jwks(jwks_with_small_keys(10_000)),
        )
        .succeeds(),
        Scenario::new(
            "10,000 keys in 4 MiB",
            Tenant::builder().jwks(jwks_with_rsa_keys(10_000)),
        )
        .bad_answer("longer than 1 MiB"),
        Scenario::new(
            "keys that change between requests",
            Tenant::builder().jwks_sequence([json!({ "keys": [] })]),
        )
        .succeeds(),
    ]
}
