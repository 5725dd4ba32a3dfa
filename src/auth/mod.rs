//! The token endpoint: a grant in, the tokens that it answers out.

mod answer;
mod grant;
mod refusal;

pub(crate) use answer::TokenAnswer;
pub(crate) use refusal::Refusal;

use crate::config::{ClientCredentials, Login};
use crate::http::{Http, HttpError};
use crate::provider::Provider;
use grant::Grant;
use secrecy::{ExposeSecret, SecretString};

/// Auth0's grant for a password that belongs to a named database connection.
const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";

/// Why the token endpoint gave no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    #[error("the answer of {host} is no token answer: {problem}")]
    BadAnswer { host: String, status: u16, problem: String },
}

/// The resource owner password credentials grant (RFC 6749 §4.3), or Auth0's variant of it for a realm.
pub(crate) fn password(
    http: &Http,
    provider: &Provider,
    login: &Login,
    email: &str,
    password: &SecretString,
) -> Result<TokenAnswer, AuthError> {
    let mut grant = Grant::new(if login.realm.is_some() { PASSWORD_REALM } else { "password" });
    grant.add("username", email);
    grant.add("password", password.expose_secret());
    grant.add_some("realm", login.realm.as_deref());
    grant.add_some("audience", login.audience.as_deref());
    grant.add("scope", &login.scope);
    grant.authenticate(&login.application);
    grant.send(http, provider)
}

/// The client credentials grant (RFC 6749 §4.4): a token for the application itself.
pub(crate) fn client_credentials(
    http: &Http,
    provider: &Provider,
    settings: &ClientCredentials,
) -> Result<TokenAnswer, AuthError> {
    let mut grant = Grant::new("client_credentials");
    grant.add_some("audience", settings.audience.as_deref());
    grant.add_some("scope", settings.scope.as_deref());
    grant.authenticate(&settings.application);
    grant.send(http, provider)
}
