//! One request of an application: its fields, its authentication, its response.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::assertion::{self, assertion};
use super::body::Body;
use super::client::Client;
use super::error::AuthError;
use super::error_response::TokenErrorResponse;
use super::mfa_required::MfaRequired;
use super::step::Step;
use crate::config::ClientAuthentication;
use crate::fields::{self, Field};
use crate::http::{self, Response, RetryPolicy};
use crate::provider::RequestEncoding;
use crate::redact::remember;
use crate::response::{self, TokenResponse};

/// Auth0 then counts attempts by the user's IP address instead of the back-end's.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("auth0-forwarded-for");

/// What the grant of a user gets.
#[derive(Debug)]
pub(crate) enum GrantOutcome {
    Tokens(Box<TokenResponse>),
    /// A second factor is required first, or another one.
    MfaRequired(Box<MfaRequired>),
}

/// A request that is being put together.
pub(super) struct TokenRequest<'a> {
    client: &'a Client<'a>,
    step: Step,
    body: Body<'a>,
    encoding: RequestEncoding,
}

impl<'a> TokenRequest<'a> {
    /// For the token endpoint, with the fields that Actions may expect.
    pub(super) fn new(client: &'a Client<'a>, step: Step, grant_type: &'a str) -> Self {
        let mut request = Self::without_grant(client, step);
        request.add(fields::GRANT_TYPE, grant_type);
        request.add_parameters();
        request
    }

    /// For another endpoint of the application's.
    pub(super) fn without_grant(client: &'a Client<'a>, step: Step) -> Self {
        Self {
            client,
            step,
            body: Body::default(),
            encoding: client.provider.encoding,
        }
    }

    /// The same as a form, whatever the token endpoint expects.
    pub(super) fn in_a_form(self) -> Self {
        Self {
            encoding: RequestEncoding::Form,
            ..self
        }
    }

    /// Adds the fields that Actions may expect.
    pub(super) fn add_parameters(&mut self) {
        self.body.add_parameters(&self.client.options.parameters);
    }

    pub(super) fn add(&mut self, field: Field, value: &'a str) {
        self.body.add(field, value);
    }

    pub(super) fn add_some(&mut self, field: Field, value: Option<&'a str>) {
        if let Some(value) = value {
            self.add(field, value);
        }
    }

    /// Sends the request to the token endpoint and reads the tokens, or which second factor is
    /// required first.
    pub(super) fn outcome(&self) -> Result<GrantOutcome, AuthError> {
        let has_mfa_api = self.client.provider.mfa_url.is_some();
        match self.tokens() {
            Ok(response) => Ok(GrantOutcome::Tokens(Box::new(response))),
            Err(AuthError::Refused(mut refusal)) if has_mfa_api => match refusal.mfa.take() {
                Some(required) => Ok(GrantOutcome::MfaRequired(required)),
                None => Err(AuthError::Refused(refusal)),
            },
            Err(other) => Err(other),
        }
    }

    /// Sends the request to the token endpoint and reads the tokens.
    pub(super) fn tokens(&self) -> Result<TokenResponse, AuthError> {
        let tokens = self.exchange();
        tokens.map_err(|error| error.at(self.client.provider))
    }

    fn exchange(&self) -> Result<TokenResponse, AuthError> {
        let client = self.client;
        let (response, url) = self.send_for_tokens()?;
        let tokens = TokenResponse::parse(&response.body);
        let recovery_code = match &tokens {
            Ok(tokens) => tokens.recovery_code.clone(),
            Err(_) => response::recovery_code(&response.body),
        };
        if let Some(code) = recovery_code {
            (client.show_recovery_code)(code.expose_secret());
        }
        let has_token = tokens.as_ref().is_ok_and(TokenResponse::has_token);
        if let Some(refusal) = (!has_token).then(|| self.refusal_in(&response)).flatten() {
            return Err(refusal);
        }
        let what = "token response";
        tokens
            .map_err(|problem| AuthError::invalid(client.provider, &url, what, &response, problem))
    }

    /// Sends the request to the token endpoint; the response, and where it is from. Where a cached
    /// document named the endpoint and there is none, a fresh one may name another.
    fn send_for_tokens(&self) -> Result<(Response, Url), AuthError> {
        let Client { provider, http, .. } = self.client;
        let url = provider.token_url.clone();
        let error = match self.send(&url) {
            Ok(response) => return Ok((response, url)),
            Err(error) => error,
        };
        let renewed = error.is_about_the_address().then(|| provider.renewed(http));
        match renewed.flatten().map(|renewed| renewed.token_url) {
            Some(moved) if moved != url => Ok((self.send(&moved)?, moved)),
            _ => Err(error),
        }
    }

    /// The error in a response whose status is 2xx although it is one.
    pub(super) fn refusal_in(&self, response: &Response) -> Option<AuthError> {
        let refusal = TokenErrorResponse::in_success(self.step, self.client, response);
        refusal.map(AuthError::from)
    }

    /// Sends the request; a response that is no success is an error.
    pub(super) fn send(&self, url: &Url) -> Result<Response, AuthError> {
        let client = self.client;
        let assertion = assertion(client)?;
        let mut body = self.body.clone();
        let mut headers = authenticate(client, assertion.as_ref(), &mut body)?;
        if let Some(address) = client.options.forwarded_for {
            let address = HeaderValue::from_str(&address.to_string()).map_err(unsendable)?;
            headers.insert(FORWARDED_FOR, address);
        }
        let (content_type, bytes) = body.encode(self.encoding)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        body.secrets().for_each(remember);
        let retry = if body.is_accepted_once() {
            RetryPolicy::Once
        } else if body.is_attempt() {
            RetryPolicy::Attempt
        } else {
            RetryPolicy::Harmless
        };
        let response = client.http.post(url, headers, bytes, retry)?;
        response::remember_secrets(&response.body);
        if response.status.is_success() {
            return Ok(response);
        }
        let refused = AuthError::refused(self.step, client, url, &response);
        Err(refused.naming_method(client, basic_secret(client).is_some()))
    }
}

/// `Authorization: Bearer …` (RFC 6750 §2.1).
pub(super) fn bearer(token: &SecretString) -> Result<HeaderMap, AuthError> {
    http::bearer(token).map_err(|_| AuthError::UnsendableToken)
}

/// Adds the client authentication: RFC 6749 §2.3.1, or RFC 7523 §2.2.
fn authenticate<'a>(
    client: &'a Client<'_>,
    assertion: Option<&'a SecretString>,
    body: &mut Body<'a>,
) -> Result<HeaderMap, AuthError> {
    let client_id = client.application.client_id.as_str();
    if let Some(secret) = basic_secret(client) {
        let secret = secret.expose_secret();
        if client.provider.kind.is_auth0() {
            // Auth0's MFA API requires it beside the header too.
            body.add(fields::CLIENT_ID, client_id);
            return basic(client_id, secret);
        }
        let [client_id, secret] = [client_id, secret].map(form_encoded);
        return basic(&client_id, &secret);
    }
    body.add(fields::CLIENT_ID, client_id);
    match &client.application.authentication {
        ClientAuthentication::Secret(secret)
        | ClientAuthentication::SecretPost(secret)
        | ClientAuthentication::SecretBasic(secret) => {
            body.add(fields::CLIENT_SECRET, secret.expose_secret());
        }
        ClientAuthentication::PrivateKeyJwt(_) => {
            body.add(fields::CLIENT_ASSERTION_TYPE, assertion::TYPE);
            if let Some(assertion) = assertion {
                body.add(fields::CLIENT_ASSERTION, assertion.expose_secret());
            }
        }
        ClientAuthentication::None => {}
    }
    Ok(HeaderMap::new())
}

/// RFC 6749 §2.3.1 encodes both parts first, so that a colon in the ID does no harm. Auth0 does not.
fn form_encoded(text: &str) -> Zeroizing<String> {
    let encoded = form_urlencoded::byte_serialize(text.as_bytes());
    Zeroizing::new(encoded.collect())
}

/// The secret, where it is sent as HTTP Basic.
fn basic_secret<'a>(client: &'a Client<'_>) -> Option<&'a SecretString> {
    match &client.application.authentication {
        ClientAuthentication::SecretBasic(secret) => Some(secret),
        ClientAuthentication::Secret(secret) => {
            (!client.provider.takes_secret_in_body()).then_some(secret)
        }
        ClientAuthentication::None
        | ClientAuthentication::SecretPost(_)
        | ClientAuthentication::PrivateKeyJwt(_) => None,
    }
}

fn basic(client_id: &str, secret: &str) -> Result<HeaderMap, AuthError> {
    let pair = Zeroizing::new(format!("{client_id}:{secret}"));
    let credentials = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    http::authorization("Basic", &credentials).map_err(unsendable)
}

fn unsendable(_: reqwest::header::InvalidHeaderValue) -> AuthError {
    AuthError::Unsendable("a header value has invalid characters")
}
