//! One guard for all tests that change nothing.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::harness::{Answer, Guard, get, token_of};
use crate::tenant::{AUDIENCE, Tenant};

/// The tenant that the shared guard trusts.
pub(super) static TENANT: LazyLock<Tenant> = LazyLock::new(Tenant::start);

/// Its check `admin` requires the permission, `orders` a scope, and `/` nothing but a valid token.
pub(super) static GUARD: LazyLock<Guard> = LazyLock::new(|| {
    Guard::for_all(&[
        "--issuer",
        &TENANT.issuer(),
        "--audience",
        AUDIENCE,
        "--explain",
        "--health-listen=127.0.0.1:0",
        "--pass-claim=sub=X-User",
        "--pass-claim=name=X-Name",
        "--pass-claim=list=X-List",
        "--check=admin",
        "--require-permission=admin",
        "--check=orders",
        "--require-scope=read:orders",
    ])
});

/// A valid token that the check `admin` does not accept.
pub(super) fn user() -> String {
    token(json!({}))
}

/// A valid token that every check accepts.
pub(super) fn admin() -> String {
    token(json!({ "permissions": ["admin"] }))
}

pub(super) fn token(changes: Value) -> String {
    token_of(&TENANT, changes)
}

/// The response to a request with this `Authorization` header.
pub(super) fn authorized(authorization: &str) -> Answer {
    GUARD.ask(&get("/", &[("Authorization", authorization)]))
}

/// The response to an administrator's or another user's request with this in addition.
pub(super) fn ask(path: &str, token: &str, header: (&str, &str)) -> Answer {
    let authorization = format!("Bearer {token}");
    GUARD.ask(&get(path, &[("Authorization", &authorization), header]))
}
