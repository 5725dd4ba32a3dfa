//! Second factors by Auth0's MFA API: the list, a challenge, and the answer to it.
//!
//! An [`MfaToken`] gives [`Authenticator`]s; one of them gives a [`Challenge`]; a code or an
//! accepted push gives tokens, or the request for another factor.

use std::time::Instant;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;

use super::authenticator::Authenticator;
use super::client::Client;
use super::error::AuthError;
use super::error_response::TokenErrorResponse;
use super::error_table;
use super::mfa_error::MfaError;
use super::mfa_required::{MfaRequired, MfaToken};
use super::push::{MFA_OOB, Push};
use super::request::{self, GrantOutcome, TokenRequest};
use super::step::Step;
use super::ways::Ways;
use crate::args::Factor;
use crate::failure::{Class, Diagnose};
use crate::fields;
use crate::http::{self, Response};
use crate::response::{Members, without_mark};

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

const NO_API: &str = "sign in with {ways}, or with an account that needs no second factor";

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

impl Client<'_> {
    /// The second factors that can be used, at least one.
    pub(crate) fn authenticators(
        &self,
        required: &MfaRequired,
    ) -> Result<Vec<Authenticator>, AuthError> {
        let host = || self.provider.host();
        let not_enrolled = || MfaError::NotEnrolled {
            hint: Ways::after(Step::SecondFactor, self).fill(error_table::ENROLL),
            host: host(),
        };
        if required.is_not_enrolled() {
            return Err(not_enrolled().into());
        }
        let response = self.list(&required.token).map_err(without_list)?;
        let listed =
            active(&response.body).ok_or_else(|| {
                match TokenErrorResponse::in_success(Step::SecondFactor, self, &response) {
                    Some(refusal) => AuthError::from(refusal),
                    None => MfaError::NoList {
                        problem: format!("{} sent no list", host()),
                    }
                    .into(),
                }
            })?;
        if listed.is_empty() {
            return Err(not_enrolled().into());
        }
        let known: Vec<_> = listed.iter().filter_map(Authenticator::read).collect();
        if known.is_empty() {
            return Err(MfaError::NotUsable.into());
        }
        Ok(required.supported(known))
    }

    fn list(&self, token: &MfaToken) -> Result<Response, AuthError> {
        let url = self.mfa_url("authenticators")?;
        let response = self.http.get_with(&url, request::bearer(&token.0)?)?;
        if response.status == StatusCode::NOT_FOUND {
            let host = http::host(&url);
            let ways = Ways::after(Step::SecondFactor, self);
            let hint = ways.fill(NO_API);
            return Err(MfaError::NoApi { host, hint }.into());
        }
        if response.status.is_success() {
            return Ok(response);
        }
        Err(AuthError::refused(
            Step::SecondFactor,
            self,
            &url,
            &response,
        ))
    }

    /// Starts a factor: sends the message or the push, where it has one. Auth0 needs no
    /// `oob_channel`, and a strict tenant refuses that of an e-mail: the authenticator decides.
    pub(crate) fn challenge<'t>(
        &self,
        token: &'t MfaToken,
        authenticator: &Authenticator,
    ) -> Result<Challenge<'t>, AuthError> {
        let code = |kind| Challenge::Code(CodeChallenge { token, kind });
        match authenticator.factor {
            Factor::Otp => return Ok(code(CodeKind::Otp)),
            Factor::RecoveryCode => return Ok(code(CodeKind::Recovery)),
            Factor::Sms | Factor::Voice | Factor::Email | Factor::Push => {}
        }
        let url = self.mfa_url("challenge")?;
        let mut request = TokenRequest::without_grant(self, Step::SecondFactor);
        request.add(fields::MFA_TOKEN, token.0.expose_secret());
        request.add(fields::CHALLENGE_TYPE, "oob");
        request.add(fields::AUTHENTICATOR_ID, &authenticator.id);
        let started = Instant::now();
        let response = request.send(&url)?;
        let round_trip = started.elapsed();
        let text = String::from_utf8_lossy(without_mark(&response.body));
        let members = Members::parse(&text).ok();
        let found = members.and_then(|members| Some((members.secret("oob_code")?, members)));
        let (oob_code, members) = found.ok_or_else(|| {
            request.refusal_in(&response).unwrap_or_else(|| {
                let problem = "it has no oob_code".to_owned();
                AuthError::invalid(self.provider, &url, "MFA API response", &response, problem)
            })
        })?;
        // The tenant says whether the person has to enter a code.
        if members.text("binding_method").as_deref() == Some("prompt") {
            return Ok(code(CodeKind::Message { oob_code }));
        }
        let interval = members.seconds("interval");
        let push = Push::new(token, oob_code, interval, round_trip);
        Ok(Challenge::Push(push))
    }

    /// Answers a challenge with a code.
    pub(crate) fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        code: &SecretString,
    ) -> Result<GrantOutcome, AuthError> {
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
        request.outcome()
    }

    fn mfa_url(&self, path: &str) -> Result<Url, AuthError> {
        let base = self.provider.mfa_url.as_ref();
        base.and_then(|base| base.join(path).ok())
            .ok_or(AuthError::Unsendable("the issuer has no MFA API"))
    }
}

/// The elements that the user has confirmed; `None` if the body is no list. An element that is no
/// object is ignored.
fn active(body: &[u8]) -> Option<Vec<Members<'_>>> {
    let listed: Vec<&RawValue> = serde_json::from_slice(without_mark(body)).ok()?;
    let members = listed.into_iter().map(|one| Members::parse(one.get()));
    let members = members.filter_map(Result::ok);
    Some(members.filter(Authenticator::is_active).collect())
}

/// A list that could not be read means that a second factor is required and not proven.
fn without_list(error: AuthError) -> AuthError {
    match error {
        AuthError::Http(_) | AuthError::Refused(_) | AuthError::InvalidResponse { .. }
            if matches!(error.class(), Class::Unreachable | Class::BadAnswer) =>
        {
            let problem = error.to_string();
            MfaError::NoList { problem }.into()
        }
        error => error,
    }
}
