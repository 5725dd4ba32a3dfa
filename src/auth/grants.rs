//! The grants: resource owner password credentials, authorization code, client credentials.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::authorization::Authorization;
use super::client::Client;
use super::error::AuthError;
use super::request::{GrantOutcome, TokenRequest};
use super::step::Step;
use crate::config::{RedirectUri, UserGrant};
use crate::fields;
use crate::response::TokenResponse;

/// Auth0's grant for a password that belongs to a named database connection.
pub(super) const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";

impl Client<'_> {
    /// The resource owner password credentials grant (RFC 6749 §4.3), or Auth0's variant of it for
    /// a realm. `totp` is the one-time code that Keycloak takes beside the password.
    pub(crate) fn password(
        &self,
        grant: &UserGrant,
        realm: Option<&str>,
        email: &str,
        password: &SecretString,
        totp: Option<&SecretString>,
    ) -> Result<GrantOutcome, AuthError> {
        let grant_type = match realm {
            Some(_) => PASSWORD_REALM,
            None => "password",
        };
        let mut request = TokenRequest::new(self, Step::Password, grant_type);
        request.add(fields::USERNAME, email);
        request.add(fields::PASSWORD, password.expose_secret());
        request.add_some(fields::TOTP, totp.map(ExposeSecret::expose_secret));
        request.add_some(fields::REALM, realm);
        request.add_some(fields::AUDIENCE, grant.audience.as_deref());
        request.add(fields::SCOPE, &grant.scope);
        request.outcome()
    }

    /// The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.5). The code is sent once.
    pub(crate) fn authorization_code(
        &self,
        code: &SecretString,
        redirect_uri: &RedirectUri,
        authorization: &Authorization,
    ) -> Result<TokenResponse, AuthError> {
        let step = Step::AuthorizationCode;
        let mut request = TokenRequest::new(self, step, "authorization_code");
        request.add(fields::CODE, code.expose_secret());
        request.add(fields::REDIRECT_URI, redirect_uri.as_str());
        let verifier = authorization.verifier.expose_secret();
        request.add(fields::CODE_VERIFIER, verifier);
        request.tokens()
    }

    /// The client credentials grant (RFC 6749 §4.4): a token for the application itself.
    pub(crate) fn client_credentials(
        &self,
        audience: Option<&str>,
        scope: Option<&str>,
        organization: Option<&str>,
    ) -> Result<TokenResponse, AuthError> {
        let grant_type = "client_credentials";
        let mut request = TokenRequest::new(self, Step::ClientCredentials, grant_type);
        request.add_some(fields::AUDIENCE, audience);
        request.add_some(fields::SCOPE, scope);
        request.add_some(fields::ORGANIZATION, organization);
        request.tokens()
    }

    /// Refreshes an access token (RFC 6749 §6), or gets one for another audience (Auth0's
    /// multi-resource refresh tokens).
    pub(crate) fn refresh(
        &self,
        refresh_token: &SecretString,
        audience: Option<&str>,
        scope: Option<&str>,
    ) -> Result<GrantOutcome, AuthError> {
        let mut request = TokenRequest::new(self, Step::Refresh, "refresh_token");
        request.add(fields::REFRESH_TOKEN, refresh_token.expose_secret());
        request.add_some(fields::AUDIENCE, audience);
        request.add_some(fields::SCOPE, scope);
        request.outcome()
    }

    /// Revokes a refresh token (RFC 7009 §2.1); it is no error that it is not valid any more.
    pub(crate) fn revoke(&self, endpoint: &Url, token: &SecretString) -> Result<(), AuthError> {
        let mut request = TokenRequest::without_grant(self, Step::Revocation);
        request.add(fields::TOKEN, token.expose_secret());
        request.add(fields::TOKEN_TYPE_HINT, "refresh_token");
        request.send(endpoint).map(drop)
    }
}
