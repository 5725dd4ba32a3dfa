//! Tests of the fake tenant: it must behave as Auth0 does wherever padlock depends on it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test without its fixture should fail"
)]

#[path = "../tenant/mod.rs"]
mod tenant;

mod apis;
mod browsers;
mod clients;
mod connections;
mod devices;
mod faults;
mod logins;
mod second_factors;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD};

fn http() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

/// The parameters of a successful password grant, with changes; null removes one.
fn body(changes: &Value) -> Value {
    let mut fields = json!({
        "grant_type": "password",
        "username": EMAIL,
        "password": USER_PASSWORD,
        "scope": "openid profile email",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    });
    let members = fields.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    fields
}

fn post(tenant: &Tenant, changes: &Value) -> Response {
    http()
        .post(format!("{}oauth/token", tenant.url()))
        .json(&body(changes))
        .send()
        .expect("a response")
}

fn post_to(tenant: &Tenant, path: &str, body: &Value) -> Response {
    http()
        .post(format!("{}{path}", tenant.url()))
        .json(body)
        .send()
        .expect("a response")
}

/// The status, `error` and `error_description`.
fn error_of(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().expect("JSON");
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (status, text("error"), text("error_description"))
}
