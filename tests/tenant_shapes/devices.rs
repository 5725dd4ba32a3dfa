//! The device authorization grant.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tenant::{CLIENT_ID, CLIENT_SECRET, DEVICE_CODE, DeviceAnswer, Tenant};
use crate::{error_of, post_to};

/// A poll with a device code: status, `error` or nothing.
fn poll(tenant: &Tenant, code: &Value) -> (u16, String) {
    let fields = json!({ "grant_type": DEVICE_CODE, "device_code": code, "client_id": CLIENT_ID });
    let response = post_to(tenant, "oauth/token", &fields);
    let status = response.status().as_u16();
    let body: Value = response.json().unwrap();
    (
        status,
        body["error"].as_str().unwrap_or_default().to_owned(),
    )
}

fn device_code(tenant: &Tenant) -> Value {
    let fields = json!({ "client_id": CLIENT_ID, "scope": "openid" });
    let response = post_to(tenant, "oauth/device/code", &fields);
    assert_eq!(response.status(), 200);
    let body: Value = response.json().unwrap();
    assert_eq!(
        (&body["expires_in"], &body["interval"]),
        (&json!(900), &json!(0))
    );
    body["device_code"].clone()
}

#[test]
fn a_device_code_is_pending_until_it_is_confirmed_cancelled_or_expired() {
    let tenant = || {
        Tenant::builder()
            .native()
            .device_interval(Duration::ZERO)
            .user_code("ABCD")
            .start()
    };
    let pending = (403, "authorization_pending".to_owned());
    let invalid = (403, "invalid_grant".to_owned());

    let confirmed = tenant();
    let code = device_code(&confirmed);
    assert_eq!(poll(&confirmed, &code), pending);
    let answer = DeviceAnswer::Confirms("robin@percy.test".to_owned());
    assert_eq!(confirmed.answer_device("ABCD", &answer), 1);
    assert_eq!(poll(&confirmed, &code), (200, String::new()));
    assert_eq!(poll(&confirmed, &code), invalid);

    let cancelled = tenant();
    let code = device_code(&cancelled);
    cancelled.answer_device("ABCD", &DeviceAnswer::Cancels);
    assert_eq!(poll(&cancelled, &code), (403, "access_denied".to_owned()));

    let expired = tenant();
    let code = device_code(&expired);
    expired.change(|options| options.device_code_lifetime(Duration::ZERO));
    assert_eq!(poll(&expired, &code), (403, "expired_token".to_owned()));
    assert_eq!(poll(&expired, &code), invalid, "said once");

    let fast = tenant();
    let code = device_code(&fast);
    fast.change(|options| options.device_interval(Duration::from_secs(60)));
    assert_eq!(poll(&fast, &code), pending);
    assert_eq!(poll(&fast, &code), (429, "slow_down".to_owned()));
}

#[test]
fn only_a_native_application_without_a_secret_may_use_the_device_grant() {
    let tenant = Tenant::start();
    let fields = json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET });
    let error = error_of(post_to(&tenant, "oauth/device/code", &fields));
    assert_eq!((error.0, &*error.1), (403, "unauthorized_client"));
}
