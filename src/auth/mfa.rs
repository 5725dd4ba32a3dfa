//! Second factors by Auth0's MFA API: which there are, a challenge, and its answer.
//!
//! An [`MfaToken`] gives [`Authenticator`]s; one of them a [`Challenge`]; a code or patience turns that into tokens.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::request::{self, Request};
use super::{AuthError, Client, Meaning, MfaError, Step, TokenAnswer, refusal};
use crate::args::Factor;
use crate::http::{self, Answer};
use crate::text;

/// What Auth0's documentation asks for: a few seconds between looks; RFC 8628 §3.2 says five.
const INTERVAL: u64 = 5;
/// What a tenant that says `slow_down` is given on top (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// The proof that the password was right; it lives for some minutes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct MfaToken(SecretString);

/// A second factor that a user has enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authenticator {
    id: String,
    pub(crate) factor: Factor,
    /// Where it is: part of a number, an address, a device. Escaped.
    pub(crate) name: Option<String>,
}

/// What a second factor waits for.
#[derive(Debug)]
pub(crate) enum Challenge<'a> {
    Code(CodeChallenge<'a>),
    Push(Push<'a>),
}

/// A factor that is proven by a code.
#[derive(Debug)]
pub(crate) struct CodeChallenge<'a> {
    token: &'a MfaToken,
    kind: Code,
}

#[derive(Debug)]
enum Code {
    Otp,
    Message { oob_code: SecretString },
    Recovery,
}

/// A question on the person's phone.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    token: &'a MfaToken,
    oob_code: SecretString,
    /// How long to wait before each look.
    pub(crate) interval: Duration,
}

/// What a look at a push shows.
#[derive(Debug)]
pub(crate) enum Poll {
    Tokens(Box<TokenAnswer>),
    Unanswered,
}

impl Client<'_> {
    /// The second factors that can be used now, at least one.
    pub(crate) fn authenticators(&self, token: &MfaToken) -> Result<Vec<Authenticator>, AuthError> {
        let url = self.mfa_url("authenticators")?;
        let answer = self.http.get_with(&url, request::bearer(&token.0)?);
        let answer = answer.map_err(|error| error.without(&[token.0.expose_secret()]))?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(MfaError::NoApi {
                host: http::host(&url),
            }
            .into());
        }
        if !answer.status.is_success() {
            return Err(refusal::read(
                Step::SecondFactor,
                &http::host(&url),
                &answer,
                &[token.0.expose_secret()],
            ));
        }
        let mut listed: Vec<Listed> = read(&url, &answer)?;
        listed.retain(|one| one.active != Some(false));
        if listed.is_empty() {
            return Err(MfaError::NotEnrolled {
                host: http::host(&url),
            }
            .into());
        }
        let usable: Vec<_> = listed.into_iter().filter_map(Listed::usable).collect();
        if usable.is_empty() {
            Err(MfaError::NotUsable.into())
        } else {
            Ok(usable)
        }
    }

    /// Starts a factor: sends the message or the push, where it has one.
    pub(crate) fn challenge<'t>(
        &self,
        token: &'t MfaToken,
        of: &Authenticator,
    ) -> Result<Challenge<'t>, AuthError> {
        let channel = match of.factor {
            Factor::Otp => {
                return Ok(Challenge::Code(CodeChallenge {
                    token,
                    kind: Code::Otp,
                }));
            }
            Factor::RecoveryCode => {
                return Ok(Challenge::Code(CodeChallenge {
                    token,
                    kind: Code::Recovery,
                }));
            }
            Factor::Sms => "sms",
            Factor::Voice => "voice",
            Factor::Email => "email",
            Factor::Push => "auth0",
        };
        let url = self.mfa_url("challenge")?;
        let mut request = Request::new(self, Step::SecondFactor);
        request.add("mfa_token", token.0.expose_secret());
        request.add("challenge_type", "oob");
        request.add("authenticator_id", &of.id);
        request.add("oob_channel", channel);
        let sent: Sent = read(&url, &request.send(&url)?)?;
        // The tenant says whether the person has to bring a code back.
        if sent.binding_method.as_deref() == Some("prompt") {
            return Ok(Challenge::Code(CodeChallenge {
                token,
                kind: Code::Message {
                    oob_code: sent.oob_code,
                },
            }));
        }
        let interval = Duration::from_secs(sent.interval.unwrap_or(INTERVAL).clamp(1, 60));
        Ok(Challenge::Push(Push {
            token,
            oob_code: sent.oob_code,
            interval,
        }))
    }

    /// Answers a challenge with a code.
    pub(crate) fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        code: &SecretString,
    ) -> Result<TokenAnswer, AuthError> {
        let (step, grant_type) = match challenge.kind {
            Code::Otp => (Step::Otp, "http://auth0.com/oauth/grant-type/mfa-otp"),
            Code::Message { .. } => (
                Step::MessageCode,
                "http://auth0.com/oauth/grant-type/mfa-oob",
            ),
            Code::Recovery => (
                Step::RecoveryCode,
                "http://auth0.com/oauth/grant-type/mfa-recovery-code",
            ),
        };
        let mut request = Request::for_tokens(self, step, grant_type);
        request.add("mfa_token", challenge.token.0.expose_secret());
        match &challenge.kind {
            Code::Otp => request.add("otp", code.expose_secret()),
            Code::Recovery => request.add("recovery_code", code.expose_secret()),
            Code::Message { oob_code } => {
                request.add("oob_code", oob_code.expose_secret());
                request.add("binding_code", code.expose_secret());
            }
        }
        request.tokens()
    }

    /// Looks once whether a push is answered; a tenant that wants fewer looks gets them from then on.
    pub(crate) fn poll(&self, push: &mut Push<'_>) -> Result<Poll, AuthError> {
        let mut request = Request::for_tokens(
            self,
            Step::Push,
            "http://auth0.com/oauth/grant-type/mfa-oob",
        );
        request.add("mfa_token", push.token.0.expose_secret());
        request.add("oob_code", push.oob_code.expose_secret());
        let outcome = request.tokens();
        match outcome {
            Ok(answer) => Ok(Poll::Tokens(Box::new(answer))),
            Err(error) => match error.meaning() {
                Some(Meaning::Pending) => Ok(Poll::Unanswered),
                Some(Meaning::SlowDown) => {
                    push.interval += SLOWER;
                    Ok(Poll::Unanswered)
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

/// One element of `GET /mfa/authenticators`.
#[derive(Deserialize)]
struct Listed {
    id: String,
    authenticator_type: String,
    oob_channel: Option<String>,
    name: Option<String>,
    active: Option<bool>,
}

impl Listed {
    fn usable(self) -> Option<Authenticator> {
        let factor = match (
            self.authenticator_type.as_str(),
            self.oob_channel.as_deref(),
        ) {
            ("otp", _) => Factor::Otp,
            ("recovery-code", _) => Factor::RecoveryCode,
            ("oob", Some("sms")) => Factor::Sms,
            ("oob", Some("voice")) => Factor::Voice,
            ("oob", Some("email")) => Factor::Email,
            ("oob", Some("auth0")) => Factor::Push,
            _ => return None,
        };
        let name = self
            .name
            .filter(|name| !name.is_empty())
            .map(|name| text::excerpt(&name, 60));
        Some(Authenticator {
            id: self.id,
            factor,
            name,
        })
    }
}

/// The answer of `POST /mfa/challenge` to an out-of-band factor.
#[derive(Deserialize)]
struct Sent {
    oob_code: SecretString,
    binding_method: Option<String>,
    interval: Option<u64>,
}

fn read<T: for<'de> Deserialize<'de>>(url: &Url, answer: &Answer) -> Result<T, AuthError> {
    serde_json::from_slice(&answer.body).map_err(|_| AuthError::BadAnswer {
        host: http::host(url),
        what: "answer of the MFA API",
        status: answer.status.as_u16(),
        problem: "it is no JSON of the documented shape".to_owned(),
    })
}
