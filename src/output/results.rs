//! The results of commands, as their forms are given them.

use secrecy::SecretString;

use crate::response::{NoIdToken, TokenResponse, TokenResponseError, Userinfo};
use crate::verify::{Claims, VerifiedToken};

/// The result of a sign-in.
pub(crate) struct SignIn<'a> {
    pub(crate) id_token: &'a VerifiedToken<'a>,
    pub(crate) response: &'a TokenResponse,
    pub(crate) userinfo: Option<&'a Userinfo>,
    /// Whether to add a table of all claims to the user's.
    pub(crate) all_claims: bool,
}

/// The result of `verify` for one token.
pub(crate) struct VerifiedClaims<'a> {
    pub(crate) claims: &'a Claims,
    /// Seconds since 1970, for relative times.
    pub(crate) now: i64,
}

/// The tokens of a saved session.
pub(crate) struct SessionTokens<'a> {
    pub(crate) access_token: Option<&'a SecretString>,
    pub(crate) token_type: Option<&'a str>,
    pub(crate) scope: Option<&'a str>,
    /// Of the access token, in seconds since 1970.
    pub(crate) expires_at: Option<i64>,
    pub(crate) id_token: Option<&'a SecretString>,
    /// Of the `id_token`, in seconds since 1970.
    pub(crate) id_token_expires_at: Option<i64>,
}

impl SessionTokens<'_> {
    pub(super) fn access_token(&self) -> Result<&SecretString, TokenResponseError> {
        self.access_token.ok_or(TokenResponseError::NoAccessToken)
    }

    pub(super) fn id_token(&self) -> Result<&SecretString, TokenResponseError> {
        let missing = TokenResponseError::NoIdToken(NoIdToken::NotRequested);
        self.id_token.ok_or(missing)
    }
}
