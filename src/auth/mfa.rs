//! Second factors by Auth0's MFA API: the list, a challenge, and the answer to it.
//!
//! An [`MfaToken`] gives [`Authenticator`]s; one of them gives a [`Challenge`]; a code or an
//! accepted push gives tokens.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::authenticator::{Authenticator, AuthenticatorJson};
use super::client::Client;
use super::error::AuthError;
use super::error_response::MfaToken;
use super::error_table::NextStep;
use super::mfa_error::MfaError;
use super::request::{self, TokenRequest};
use super::step::Step;
use crate::args::Factor;
use crate::fields;
use crate::http::{self, Response};
use crate::response::TokenResponse;

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";
const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

/// Seconds between polls: Auth0 documents a few, RFC 8628 §3.2 says five.
const INTERVAL: u64 = 5;

/// Added to the interval when the tenant says `slow_down` (RFC 8628 §3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// A second factor that waits for its proof.
#[derive(Debug)]
pub(crate) enum Challenge<'a> {
    Code(CodeChallenge<'a>),
    Push(Push<'a>),
}

/// A factor that is proven by a code.
#[derive(Debug)]
pub(crate) struct CodeChallenge<'a> {
    token: &'a MfaToken,
    kind: CodeKind,
}

#[derive(Debug)]
enum CodeKind {
    Otp,
    Message { oob_code: SecretString },
    Recovery,
}

/// A notification on the person's phone.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    token: &'a MfaToken,
    oob_code: SecretString,
    /// How long to wait before each poll.
    pub(crate) interval: Duration,
}

/// What one poll for a push finds.
#[derive(Debug)]
pub(crate) enum PushStatus {
    Accepted(Box<TokenResponse>),
    Pending,
}

impl Client<'_> {
    /// The second factors that can be used, at least one.
    pub(crate) fn authenticators(&self, token: &MfaToken) -> Result<Vec<Authenticator>, AuthError> {
        let url = self.mfa_url("authenticators")?;
        let response = self.http.get_with(&url, request::bearer(&token.0)?)?;
        let host = || http::host(&url);
        if response.status == StatusCode::NOT_FOUND {
            return Err(MfaError::NoApi { host: host() }.into());
        }
        if !response.status.is_success() {
            return Err(AuthError::refused(Step::SecondFactor, &url, &response));
        }
        let mut listed: Vec<AuthenticatorJson> = parse(&url, &response)?;
        listed.retain(AuthenticatorJson::is_active);
        if listed.is_empty() {
            return Err(MfaError::NotEnrolled { host: host() }.into());
        }
        let known = listed.into_iter().filter_map(AuthenticatorJson::known);
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return Err(MfaError::NotUsable.into());
        }
        Ok(known)
    }

    /// Starts a factor: sends the message or the push, where it has one.
    pub(crate) fn challenge<'t>(
        &self,
        token: &'t MfaToken,
        authenticator: &Authenticator,
    ) -> Result<Challenge<'t>, AuthError> {
        let code = |kind| Challenge::Code(CodeChallenge { token, kind });
        let channel = match authenticator.factor {
            Factor::Otp => return Ok(code(CodeKind::Otp)),
            Factor::RecoveryCode => return Ok(code(CodeKind::Recovery)),
            Factor::Sms => "sms",
            Factor::Voice => "voice",
            Factor::Email => "email",
            Factor::Push => "auth0",
        };
        let url = self.mfa_url("challenge")?;
        let mut request = TokenRequest::without_grant(self, Step::SecondFactor);
        request.add(fields::MFA_TOKEN, token.0.expose_secret());
        request.add(fields::CHALLENGE_TYPE, "oob");
        request.add(fields::AUTHENTICATOR_ID, &authenticator.id);
        request.add(fields::OOB_CHANNEL, channel);
        let challenge: ChallengeJson = parse(&url, &request.send(&url)?)?;
        let oob_code = challenge.oob_code;
        // The tenant says whether the person has to enter a code.
        if challenge.binding_method.as_deref() == Some("prompt") {
            return Ok(code(CodeKind::Message { oob_code }));
        }
        let interval = challenge.interval.unwrap_or(INTERVAL).clamp(1, 60);
        Ok(Challenge::Push(Push {
            token,
            oob_code,
            interval: Duration::from_secs(interval),
        }))
    }

    /// Answers a challenge with a code.
    pub(crate) fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        code: &SecretString,
    ) -> Result<TokenResponse, AuthError> {
        let (step, grant_type) = match challenge.kind {
            CodeKind::Otp => (Step::Otp, MFA_OTP),
            CodeKind::Message { .. } => (Step::MessageCode, MFA_OOB),
            CodeKind::Recovery => (Step::RecoveryCode, MFA_RECOVERY_CODE),
        };
        let mut request = TokenRequest::new(self, step, grant_type);
        request.add(fields::MFA_TOKEN, challenge.token.0.expose_secret());
        match &challenge.kind {
            CodeKind::Otp => request.add(fields::OTP, code.expose_secret()),
            CodeKind::Recovery => request.add(fields::RECOVERY_CODE, code.expose_secret()),
            CodeKind::Message { oob_code } => {
                request.add(fields::OOB_CODE, oob_code.expose_secret());
                request.add(fields::BINDING_CODE, code.expose_secret());
            }
        }
        request.tokens()
    }

    /// Polls once for a push; a tenant that asks for fewer polls gets them from then on.
    pub(crate) fn poll(&self, push: &mut Push<'_>) -> Result<PushStatus, AuthError> {
        let mut request = TokenRequest::new(self, Step::Push, MFA_OOB);
        request.add(fields::MFA_TOKEN, push.token.0.expose_secret());
        request.add(fields::OOB_CODE, push.oob_code.expose_secret());
        let response = request.tokens();
        match response {
            Ok(tokens) => Ok(PushStatus::Accepted(Box::new(tokens))),
            Err(error) => match error.next_step() {
                Some(NextStep::PollAgain) => Ok(PushStatus::Pending),
                Some(NextStep::PollSlower) => {
                    push.interval += SLOW_DOWN;
                    Ok(PushStatus::Pending)
                }
                _ => Err(error),
            },
        }
    }

    fn mfa_url(&self, path: &str) -> Result<Url, AuthError> {
        let base = self.provider.mfa_url.as_ref();
        base.and_then(|base| base.join(path).ok())
            .ok_or(AuthError::Unsendable("the issuer has no MFA API"))
    }
}

/// The response of `POST /mfa/challenge` to an out-of-band factor.
#[derive(Deserialize)]
struct ChallengeJson {
    oob_code: SecretString,
    binding_method: Option<String>,
    interval: Option<u64>,
}

fn parse<T: for<'de> Deserialize<'de>>(url: &Url, response: &Response) -> Result<T, AuthError> {
    serde_json::from_slice(&response.body).map_err(|_| {
        let problem = "it is not the expected JSON".to_owned();
        AuthError::invalid(url, "MFA API response", response, problem)
    })
}
