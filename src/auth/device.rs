//! The device authorization grant (RFC 8628): the person signs in with a browser elsewhere.

use std::time::Duration;

use secrecy::ExposeSecret;
use url::Url;

use super::authorization_error::AuthorizationError;
use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::pace::{Pace, Pending};
use super::request::TokenRequest;
use super::step::Step;
use crate::config::UserGrant;
use crate::fields;
use crate::response::{DeviceAuthorization, TokenResponse};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A code that waits for the person.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    pub(crate) authorization: DeviceAuthorization,
    pace: Pace,
    /// Why the last poll found nothing out.
    problem: Option<String>,
}

/// What one poll finds.
#[derive(Debug)]
pub(crate) enum DeviceStatus {
    Confirmed(Box<TokenResponse>),
    Pending,
}

impl DeviceCode {
    /// How long to wait before the next poll.
    pub(crate) fn pause(&self) -> Duration {
        self.pace.pause()
    }

    /// How long the code is valid.
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs_f64(self.authorization.expires_in)
    }

    /// The code was not confirmed in time.
    pub(crate) fn expired(self) -> AuthError {
        let problem = self.problem;
        AuthorizationError::Expired { problem }.into()
    }
}

impl Client<'_> {
    /// Asks for a code (§3.1).
    pub(crate) fn device_code(
        &self,
        endpoint: &Url,
        grant: &UserGrant,
    ) -> Result<DeviceCode, AuthError> {
        let mut request = TokenRequest::without_grant(self, Step::Device).in_a_form();
        request.add(fields::SCOPE, &grant.scope);
        request.add_some(fields::AUDIENCE, grant.audience.as_deref());
        request.add_parameters();
        let response = request.send(endpoint);
        let response = response.map_err(|error| error.at(self.provider))?;
        let parsed = DeviceAuthorization::parse(&response.body);
        let authorization = parsed.map_err(|problem| {
            request.refusal_in(&response).unwrap_or_else(|| {
                let what = "device authorization response";
                AuthError::invalid(self.provider, endpoint, what, &response, problem)
            })
        })?;
        Ok(DeviceCode {
            pace: Pace::of_device(authorization.interval),
            authorization,
            problem: None,
        })
    }

    /// Polls once (§3.4). A provider that asks for fewer polls, or is unreachable for a while, gets
    /// fewer from then on: the person may still confirm.
    pub(crate) fn poll_device(&self, code: &mut DeviceCode) -> Result<DeviceStatus, AuthError> {
        let mut request = TokenRequest::new(self, Step::Device, DEVICE_CODE);
        let device_code = &code.authorization.device_code;
        request.add(fields::DEVICE_CODE, device_code.expose_secret());
        let error = match request.tokens() {
            Ok(response) => return Ok(DeviceStatus::Confirmed(Box::new(response))),
            Err(error) => error,
        };
        code.problem = None;
        let pending = match error.next_step() {
            Some(NextStep::PollAgain) => Pending::Unanswered,
            Some(NextStep::PollSlower) => Pending::SlowDown,
            _ if error.may_pass() => {
                code.problem = Some(error.to_string());
                Pending::Fault
            }
            _ => return Err(error),
        };
        code.pace.polled(error.pause(), pending);
        Ok(DeviceStatus::Pending)
    }
}
