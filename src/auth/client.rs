//! The application as the token endpoint sees it: what it may ask for, and how it proves itself.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::request::Request;
use super::{AuthError, MfaToken, Step, TokenAnswer};
use crate::config::{Application, ClientCredentials, Extras, Login};
use crate::http::Http;
use crate::input::Person;
use crate::provider::Provider;

/// Auth0's grant for a password that belongs to a named database connection.
const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";

/// One application at one tenant. The deadline is that of its HTTP client.
#[derive(Clone)]
pub(crate) struct Client<'a> {
    pub(crate) http: Http,
    pub(super) provider: &'a Provider,
    pub(super) application: &'a Application,
    pub(super) extras: &'a Extras,
    /// This machine's clock, in seconds since 1970.
    pub(crate) clock: fn() -> i64,
}

/// What a right password gets.
#[derive(Debug)]
pub(crate) enum Granted {
    Tokens(Box<TokenAnswer>),
    /// A second factor is to be shown first.
    SecondFactor(MfaToken),
}

impl<'a> Client<'a> {
    pub(crate) fn new(
        http: &Http,
        provider: &'a Provider,
        application: &'a Application,
        extras: &'a Extras,
        clock: fn() -> i64,
    ) -> Self {
        Self {
            http: http.clone(),
            provider,
            application,
            extras,
            clock,
        }
    }

    /// The same with a fresh deadline: the time that a person takes does not count.
    pub(crate) fn again(&self) -> Self {
        Self {
            http: self.http.again(),
            ..self.clone()
        }
    }

    /// The same, with a fresh deadline where somebody is there who may have taken their time.
    pub(crate) fn after(&self, person: Person) -> Self {
        if person == Person::AtTerminal {
            self.again()
        } else {
            self.clone()
        }
    }

    /// How long is left until the deadline.
    pub(crate) fn left(&self) -> Duration {
        self.http.left()
    }

    /// The resource owner password credentials grant (RFC 6749 §4.3), or Auth0's variant of it for a realm.
    pub(crate) fn password(
        &self,
        login: &Login,
        email: &str,
        password: &SecretString,
    ) -> Result<Granted, AuthError> {
        let grant_type = if login.realm.is_some() {
            PASSWORD_REALM
        } else {
            "password"
        };
        let mut request = Request::for_tokens(self, Step::Password, grant_type);
        request.add("username", email);
        request.add("password", password.expose_secret());
        request.add_some("realm", login.realm.as_deref());
        request.add_some("audience", login.audience.as_deref());
        request.add("scope", &login.scope);
        match request.tokens() {
            Ok(answer) => Ok(Granted::Tokens(Box::new(answer))),
            Err(AuthError::Refused(mut refusal)) => match refusal.mfa_token.take() {
                Some(token) if self.provider.mfa_url.is_some() => Ok(Granted::SecondFactor(token)),
                _ => Err(AuthError::Refused(refusal)),
            },
            Err(other) => Err(other),
        }
    }

    /// The client credentials grant (RFC 6749 §4.4): a token for the application itself.
    pub(crate) fn client_credentials(
        &self,
        settings: &ClientCredentials,
    ) -> Result<TokenAnswer, AuthError> {
        let mut request = Request::for_tokens(self, Step::ClientCredentials, "client_credentials");
        request.add_some("audience", settings.audience.as_deref());
        request.add_some("scope", settings.scope.as_deref());
        request.tokens()
    }
}
