//! The fake tenant itself: it behaves as Auth0 does where padlock depends on it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on should end"
)]

#[path = "../tenant/mod.rs"]
mod tenant;

mod apis;
mod clients;
mod connections;
mod faults;
mod logins;
mod second_factors;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD};

fn http() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

/// A password grant that succeeds, with some fields changed; null takes one out.
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
        .expect("an answer")
}

/// Posts JSON to any path.
fn post_to(tenant: &Tenant, path: &str, body: &Value) -> Response {
    http()
        .post(format!("{}{path}", tenant.url()))
        .json(body)
        .send()
        .expect("an answer")
}

/// Status and `error`, then `error_description`.
fn refused(answer: Response) -> (u16, String, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().expect("JSON");
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (status, text("error"), text("error_description"))
}
