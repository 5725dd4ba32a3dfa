//! Faults of responses.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::post;
use crate::tenant::{
    Fault, JWKS, RetryAfter, TOKEN, Tenant, TenantOptions, http_date, jwks_with_rsa_keys,
    jwks_with_small_keys, now,
};

/// Timeouts for responses that never arrive, and for those that do.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn http(timeout: Duration) -> Client {
    Client::builder()
        .no_proxy()
        .timeout(timeout)
        .redirect(Policy::none())
        .build()
        .unwrap()
}

pub(crate) fn keys(tenant: &Tenant) -> reqwest::Result<Response> {
    keys_within(SHORT, tenant)
}

fn keys_within(timeout: Duration, tenant: &Tenant) -> reqwest::Result<Response> {
    http(timeout)
        .get(format!("{}.well-known/jwks.json", tenant.url()))
        .send()
}

fn failing(fault: Fault) -> Tenant {
    Tenant::builder().fault(JWKS, fault).start()
}

/// The announced length, the length received, and whether the body was complete.
fn body(timeout: Duration, fault: Fault) -> (Option<u64>, usize, bool) {
    let tenant = failing(fault);
    let mut response = keys_within(timeout, &tenant).unwrap();
    let announced = response.content_length();
    let mut body = Vec::new();
    let end = response.read_to_end(&mut body);
    (announced, body.len(), end.is_ok())
}

#[test]
fn a_fault_can_replace_the_response() {
    let text = |fault: Fault| keys(&failing(fault)).and_then(Response::text).unwrap();
    assert!(text(Fault::Html).starts_with("<!DOCTYPE html>"));
    assert_eq!(text(Fault::EmptyBody), "");
    assert!(
        serde_json::from_str::<Value>(&text(Fault::WrongShape))
            .unwrap()
            .is_object()
    );
    let status = |fault: Fault| keys(&failing(fault)).unwrap();
    assert_eq!(status(Fault::Status(502)).status(), 502);
    let seconds = status(Fault::RetryAfter {
        status: 503,
        when: RetryAfter::Seconds(2),
    });
    assert_eq!(seconds.headers()["retry-after"], "2");
    let date = status(Fault::RetryAfter {
        status: 429,
        when: RetryAfter::Date(2),
    });
    assert!(
        date.headers()["retry-after"]
            .to_str()
            .unwrap()
            .ends_with(" GMT")
    );
    let reset = status(Fault::RetryAfter {
        status: 429,
        when: RetryAfter::Reset(2),
    });
    assert!(
        reset.headers()["x-ratelimit-reset"]
            .to_str()
            .unwrap()
            .parse::<i64>()
            .unwrap()
            > now()
    );
}

#[test]
fn a_redirect_points_to_another_tenant() {
    let other = Tenant::start();
    for status in [301, 302, 303, 307, 308] {
        let tenant = failing(Fault::Redirects {
            status,
            to: other.url().to_owned(),
        });
        let response = keys(&tenant).unwrap();
        assert_eq!(response.status(), status);
        let location = response.headers()["location"].to_str().unwrap();
        assert_eq!(
            Client::builder()
                .no_proxy()
                .build()
                .unwrap()
                .get(location)
                .send()
                .unwrap()
                .status(),
            200
        );
    }
    assert_eq!(other.requests_to(JWKS).len(), 5);
}

#[test]
fn a_fault_can_corrupt_the_response() {
    let whole = keys(&Tenant::start()).unwrap().text().unwrap().len();
    let announced = Some(whole as u64);
    assert_eq!(
        body(LONG, Fault::ClosesMidBody),
        (announced, whole / 2, false)
    );
    assert_eq!(body(SHORT, Fault::drips()), (None, 1, false));
    assert_eq!(
        body(SHORT, Fault::ContentLengthTooLong),
        (announced.map(|bytes| bytes + 10), whole, false)
    );
    assert_eq!(
        body(LONG, Fault::ContentLengthTooShort),
        (announced.map(|bytes| bytes / 2), whole / 2, true)
    );
    assert!(
        keys(&failing(Fault::TruncatedBody))
            .unwrap()
            .json::<Value>()
            .is_err()
    );
    let bytes = keys(&failing(Fault::InvalidUtf8)).unwrap().bytes().unwrap();
    assert!(String::from_utf8(bytes.to_vec()).is_err());
    assert_eq!(
        keys(&failing(Fault::WrongContentType)).unwrap().headers()["content-type"],
        "text/plain"
    );
}

#[test]
fn a_fault_can_withhold_the_response() {
    let silent = failing(Fault::NoResponse);
    assert!(keys(&silent).unwrap_err().is_timeout());
    let closing = failing(Fault::ClosesWithoutResponse);
    let error = keys(&closing).unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert_eq!((silent.requests().len(), closing.requests().len()), (1, 1));
}

#[test]
fn responses_can_be_huge() {
    let bytes = 8 << 20;
    assert_eq!(
        body(
            LONG,
            Fault::HugeBody {
                bytes,
                announced: false
            }
        ),
        (None, bytes, true)
    );
    assert_eq!(
        body(
            LONG,
            Fault::HugeBody {
                bytes,
                announced: true
            }
        ),
        (Some(bytes as u64), bytes, true)
    );
    let tenant = failing(Fault::GzipBomb);
    let bomb = keys_within(LONG, &tenant).unwrap();
    assert_eq!(bomb.headers()["content-encoding"], "gzip");
    assert!(bomb.bytes().unwrap().len() < 1 << 20);
    let headers = failing(Fault::HugeHeaders);
    let address = headers
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /.well-known/jwks.json HTTP/1.0\r\n\r\n")
        .unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    assert!(response.len() > 1 << 20);
}

#[test]
fn faults_end_after_the_given_number_of_requests() {
    let tenant = Tenant::builder()
        .fault_first(2, TOKEN, Fault::ClosesWithoutResponse)
        .start();
    let body = crate::body(&json!({}));
    let login = || {
        http(LONG)
            .post(format!("{}oauth/token", tenant.url()))
            .json(&body)
            .send()
    };
    assert!(login().is_err() && login().is_err());
    assert_eq!(login().unwrap().status(), 200);
    assert_eq!(tenant.passwords_received(), 3);
    tenant.change(|options| options.fault("/oauth/*", Fault::Status(500)));
    assert_eq!(login().unwrap().status(), 500);
    tenant.change(TenantOptions::without_scripts);
    assert_eq!(login().unwrap().status(), 200);
}

#[test]
fn key_sets_can_be_large_or_change() {
    let sets = [jwks_with_small_keys(10_000), json!({ "keys": [] })];
    let tenant = Tenant::builder().jwks_sequence(sets).start();
    let large = keys_within(LONG, &tenant).unwrap().text().unwrap();
    assert!(
        large.len() < 1 << 20 && large.contains("percy-current"),
        "{}",
        large.len()
    );
    assert_eq!(
        keys(&tenant).unwrap().json::<Value>().unwrap(),
        json!({ "keys": [] })
    );
    assert_eq!(
        keys(&tenant).unwrap().json::<Value>().unwrap()["keys"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(jwks_with_rsa_keys(10_000).to_string().len() > 4_000_000);
}

#[test]
fn headers_delays_and_the_clock_can_be_set() {
    let tenant = Tenant::builder()
        .cache_control("max-age=60")
        .clock_ahead(3600)
        .start();
    tenant.change(|options| {
        options
            .delay(JWKS, SHORT / 4)
            .without_header(JWKS, "content-type")
    });
    let start = Instant::now();
    let response = keys(&tenant).unwrap();
    assert!(start.elapsed() >= SHORT / 4);
    assert_eq!(
        (
            &response.headers()["cache-control"],
            response.headers().get("content-type")
        ),
        (&"max-age=60".parse().unwrap(), None)
    );
    let dates = [3598, 3599, 3600].map(|ahead| http_date(now() + ahead));
    assert!(
        dates
            .iter()
            .any(|date| response.headers()["date"] == **date)
    );
    let tokens: Value = post(&tenant, &json!({})).json().unwrap();
    let claims: Value =
        jsonwebtoken::dangerous::insecure_decode(tokens["id_token"].as_str().unwrap())
            .unwrap()
            .claims;
    assert!(claims["iat"].as_i64().unwrap() > now() + 3500);
}
