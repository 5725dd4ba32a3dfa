//! The authorization code flow (RFC 6749 §4.1, OpenID Connect Core §3.1) for a native application
//! (RFC 8252): always with PKCE (RFC 7636), `state` and `nonce`.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::authorization_error::AuthorizationError;
use super::client::Client;
use super::error::AuthError;
use super::error_response::TokenErrorResponse;
use crate::config::{BrowserMethod, RedirectUri, UserGrant};
use crate::escape::excerpt;
use crate::fields;
use crate::redact::{known, remember};
use crate::response::AuthorizationResponse;

/// What ties the browser's return and the tokens to this login.
#[derive(Debug)]
pub(crate) struct Authorization {
    /// Stays here until the code is redeemed; the address has its digest only (RFC 7636 §4.2).
    pub(super) verifier: SecretString,
    pub(crate) state: SecretString,
    /// In the address, and then in the id_token.
    pub(crate) nonce: String,
}

impl Authorization {
    pub(crate) fn new() -> Result<Self, AuthError> {
        Ok(Self {
            verifier: known(random()?.as_str().into()),
            state: random()?.as_str().into(),
            nonce: random()?.to_string(),
        })
    }

    /// Hides what only this login and its provider know in every text from here on. Until the
    /// browser has returned, the address that the person may have to open shows it.
    pub(crate) fn hide(&self) {
        remember(self.state.expose_secret());
        remember(&self.nonce);
    }

    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.expose_secret().as_bytes()))
    }
}

/// 256 random bits, as RFC 7636 §4.1 recommends.
fn random() -> Result<Zeroizing<String>, AuthError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let unavailable = AuthError::Unsendable("no random numbers are available");
    rand::fill(bytes.as_mut()).map_err(|_| unavailable)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
}

/// What the login page is asked for.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) method: &'a BrowserMethod,
    /// With the port that padlock listens at.
    pub(crate) redirect_uri: &'a RedirectUri,
    pub(crate) grant: &'a UserGrant,
    /// Seconds since the user signed in, at most.
    pub(crate) max_age: Option<u32>,
}

impl Client<'_> {
    /// The address of the login page. It has no secret: only what OAuth puts there, and parameters
    /// that were not given as secrets.
    pub(crate) fn authorization_address(
        &self,
        endpoint: &Url,
        authorization: &Authorization,
        request: &AuthorizationRequest<'_>,
    ) -> Url {
        let AuthorizationRequest { method, grant, .. } = request;
        let max_age = request.max_age.map(|seconds| seconds.to_string());
        let mut address = endpoint.clone();
        let mut query = address.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair(fields::CLIENT_ID.name, &self.application.client_id)
            .append_pair(fields::REDIRECT_URI.name, request.redirect_uri.as_str())
            .append_pair(fields::SCOPE.name, &grant.scope)
            .append_pair("state", authorization.state.expose_secret())
            .append_pair("nonce", &authorization.nonce)
            .append_pair("code_challenge", &authorization.challenge())
            .append_pair("code_challenge_method", "S256");
        let optional = [
            (fields::AUDIENCE.name, grant.audience.as_deref()),
            (fields::ORGANIZATION.name, method.organization.as_deref()),
            ("connection", method.connection.as_deref()),
            ("prompt", method.prompt.as_deref()),
            ("max_age", max_age.as_deref()),
            ("login_hint", method.email.as_deref()),
        ];
        for (name, value) in optional {
            query.extend_pairs(value.map(|value| (name, value)));
        }
        query.extend_pairs(self.options.public_parameters());
        drop(query);
        address
    }

    /// The code with which the browser returned. It must not come from another issuer: a server in
    /// the middle could have mixed up two (RFC 9207 §2.4).
    pub(crate) fn code_of(
        &self,
        response: AuthorizationResponse,
    ) -> Result<SecretString, AuthError> {
        let malformed = |problem: String| AuthorizationError::Malformed(problem);
        if let Some(name) = response.repeated {
            return Err(malformed(format!("{name} is given twice")).into());
        }
        let issuer = || excerpt(&self.provider.issuer, 200);
        match response.issuer {
            Some(found) if found != self.provider.issuer => {
                let (expected, found) = (issuer(), excerpt(&found, 200));
                return Err(AuthorizationError::OtherIssuer { expected, found }.into());
            }
            None if self.provider.names_itself => {
                return Err(AuthorizationError::NoIssuer(issuer()).into());
            }
            _ => {}
        }
        if let Some(error) = response.error {
            let refusal = TokenErrorResponse::of_redirect(self, error, response.description);
            return Err(refusal.into());
        }
        let missing = || malformed("it has neither a code nor an error".to_owned());
        Ok(response.code.ok_or_else(missing)?)
    }
}
