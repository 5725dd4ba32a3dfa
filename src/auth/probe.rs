//! A token request without a user or a code, which shows whether the client is known and the grant
//! allowed. It counts as no attempt to sign in, since it names no one who could.

use super::client::Client;
use super::error::AuthError;
use super::request::TokenRequest;
use super::step::Step;
use crate::fields;
use crate::response::TokenResponse;

/// A grant with which users sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbedGrant {
    Password,
    AuthorizationCode,
    Device,
}

impl ProbedGrant {
    /// The one that applications have least often first.
    pub(crate) const ALL: [Self; 3] = [Self::Device, Self::AuthorizationCode, Self::Password];

    /// Its name in a request (RFC 6749 §4, RFC 8628 §3.4).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AuthorizationCode => "authorization_code",
            Self::Device => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }

    fn step(self) -> Step {
        match self {
            Self::Password => Step::Password,
            Self::AuthorizationCode => Step::AuthorizationCode,
            Self::Device => Step::Device,
        }
    }
}

impl Client<'_> {
    /// Asks for tokens by a grant, without what the grant needs besides the client.
    pub(crate) fn probe(
        &self,
        grant: ProbedGrant,
        realm: Option<&str>,
    ) -> Result<TokenResponse, AuthError> {
        let name = match realm {
            Some(_) => super::grants::PASSWORD_REALM,
            None => grant.name(),
        };
        let mut request = TokenRequest::without_grant(self, grant.step());
        request.add(fields::GRANT_TYPE, name);
        request.add_some(fields::REALM, realm);
        request.tokens()
    }
}
