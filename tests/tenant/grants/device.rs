//! The device authorization grant (RFC 8628), as Auth0 has it: for native applications without a
//! secret.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;

use super::client_authentication::authenticate_client;
use super::request::{Fields, TokenRequest};
use crate::tenant::directory::{
    AUTHORIZATION_CODE, Client, DEVICE_CODE, MFA_GRANTS, REFRESH_TOKEN, strings,
};
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;
use crate::tenant::{NATIVE_CLIENT_ID, Tenant, error_responses};

/// Device codes by their value. One that was redeemed, refused or reported as expired is gone.
pub(crate) type DeviceCodes = HashMap<String, DeviceCode>;

pub(crate) struct DeviceCode {
    grant: Grant,
    user_code: String,
    started: Instant,
    polled: Option<Instant>,
    slow_downs: u64,
    answer: Option<DeviceAnswer>,
}

/// What the person does in the browser.
#[derive(Clone, Debug)]
pub(crate) enum DeviceAnswer {
    /// Confirms, as the user with this e-mail address.
    Confirms(String),
    Cancels,
}

/// `POST /oauth/device/code` (RFC 8628 §3.1).
pub(crate) async fn device_code(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    start(&state, &headers, &body).unwrap_or_else(|error| error)
}

fn start(state: &TenantState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = state.options();
    let client = authenticate_client(state, &options, headers, &fields)?;
    if !client.allows_grant(DEVICE_CODE) {
        return Err(error_responses::grant_not_allowed(DEVICE_CODE));
    }
    let code = random_token("");
    let user_code = options.user_code.clone();
    let url = format!("{}activate", state.url);
    let response = json!({
        "device_code": code,
        "user_code": user_code,
        "verification_uri": url,
        "verification_uri_complete": format!("{url}?user_code={user_code}"),
        "expires_in": options.device_code_lifetime.as_secs(),
        "interval": options.device_interval.as_secs(),
    });
    let text = |name: &str| fields.text(name).map(str::to_owned);
    let device_code = DeviceCode {
        grant: Grant {
            user: None,
            client: client.id.clone(),
            audience: text("audience"),
            scope: text("scope"),
            nonce: None,
        },
        user_code,
        started: Instant::now(),
        polled: None,
        slow_downs: 0,
        answer: None,
    };
    state.device_codes().insert(code, device_code);
    Ok(Response::json(200, &response))
}

/// The grant with which the device polls (§3.4).
pub(super) fn device(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let code = request.fields.required("device_code")?;
    let grant = poll(request, code)?;
    let user = grant
        .user_in(&request.options.directory)
        .ok_or_else(error_responses::unknown_device_code)?;
    Ok(request.token_response(request.login_tokens(user, &grant)))
}

fn poll(request: &TokenRequest<'_>, code: &str) -> Result<Grant, Response> {
    let options = request.options;
    let mut codes = request.state.device_codes();
    let found = codes
        .get_mut(code)
        .filter(|one| one.grant.client == request.client.id);
    let found = found.ok_or_else(error_responses::unknown_device_code)?;
    if found.started.elapsed() > options.device_code_lifetime {
        codes.remove(code);
        return Err(error_responses::expired_device_code());
    }
    let last = found.polled.replace(Instant::now());
    if last.is_some_and(|last| last.elapsed() < options.device_interval) {
        found.slow_downs += 1;
        let seconds = options.device_interval.as_secs().max(1) * found.slow_downs;
        return Err(error_responses::slow_down(seconds));
    }
    match found.answer.clone() {
        None => Err(error_responses::device_pending()),
        Some(DeviceAnswer::Cancels) => {
            codes.remove(code);
            Err(error_responses::device_cancelled())
        }
        Some(DeviceAnswer::Confirms(user)) => {
            let user = Some(user);
            let grant = codes.remove(code).map(|found| Grant {
                user,
                ..found.grant
            });
            grant.ok_or_else(error_responses::unknown_device_code)
        }
    }
}

impl TenantOptions {
    /// Makes the first application a native one: no secret, and the grants of browser and device.
    pub(crate) fn native(self) -> Self {
        self.first_client(|client| {
            client.secret = None;
            client.grants = strings(
                &[
                    &[AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN],
                    &MFA_GRANTS[..],
                ]
                .concat(),
            );
        })
    }

    /// Adds a native application, without a secret.
    pub(crate) fn native_client(self) -> Self {
        let native = Client {
            id: NATIVE_CLIENT_ID.to_owned(),
            secret: None,
            keys: Vec::new(),
            grants: strings(&[AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN]),
            authorized_apis: Vec::new(),
            management_scopes: Vec::new(),
        };
        self.client(native)
    }

    /// What the person types; tenants set its form, of up to 20 characters.
    pub(crate) fn user_code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.user_code);
        self
    }

    /// Fifteen minutes by default.
    pub(crate) fn device_code_lifetime(mut self, lifetime: Duration) -> Self {
        self.device_code_lifetime = lifetime;
        self
    }

    /// Five seconds by default.
    pub(crate) fn device_interval(mut self, interval: Duration) -> Self {
        self.device_interval = interval;
        self
    }
}

impl Tenant {
    /// Answers every device code with this user code, and returns how many there are.
    pub(crate) fn answer_device(&self, user_code: &str, answer: &DeviceAnswer) -> usize {
        self::answer(&self.state, user_code, answer)
    }
}

/// Answers every device code with this user code, and returns how many there are.
pub(crate) fn answer(state: &TenantState, user_code: &str, answer: &DeviceAnswer) -> usize {
    let mut codes = state.device_codes();
    let shown = codes.values_mut().filter(|one| one.user_code == user_code);
    shown.map(|one| one.answer = Some(answer.clone())).count()
}

/// What the device with this user code asks for; `None`: there is none.
pub(crate) fn scope_of(state: &TenantState, user_code: &str) -> Option<String> {
    let codes = state.device_codes();
    let found = codes
        .values()
        .find(|one| one.user_code == user_code.trim())?;
    Some(found.grant.scope.clone().unwrap_or_default())
}
