//! The userinfo endpoint (OpenID Connect Core §5.3).

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use secrecy::SecretString;

use super::client::Client;
use super::error::AuthError;
use super::error_response::TokenErrorResponse;
use super::request;
use super::step::Step;
use crate::http::{self, Response};
use crate::response::{Userinfo, UserinfoError, without_mark};
use crate::verify::{Claims, TokenName, VerificationError};

/// A provider may sign its response, and then sends it as a JWT (§5.3.2).
const FORMS: HeaderValue = HeaderValue::from_static("application/json, application/jwt;q=0.9");

impl Client<'_> {
    /// Queries the endpoint with the access token; `claims` are those of the id_token, and `verify`
    /// verifies a response that is a JWT.
    pub(crate) fn userinfo(
        &self,
        token: &SecretString,
        claims: &Claims,
        verify: impl FnOnce(&str) -> Result<Claims, VerificationError>,
    ) -> Result<Userinfo, AuthError> {
        let url = self.provider.userinfo_url.as_ref();
        let url = url.ok_or(AuthError::NoUserinfo)?;
        let mut headers = request::bearer(token)?;
        headers.insert(ACCEPT, FORMS);
        let response = self.http.get_with(url, headers)?;
        let status = response.status.as_u16();
        if matches!(status, 401 | 403) {
            let refusal = TokenErrorResponse::of_userinfo(status);
            return Err(AuthError::Refused(Box::new(refusal)));
        }
        if !response.status.is_success() {
            return Err(AuthError::refused(Step::Userinfo, self, url, &response));
        }
        let userinfo = match jwt(&response) {
            None => Userinfo::parse(without_mark(&response.body), claims.subject()),
            Some(jwt) => {
                let verified = verify(jwt).map_err(|error| {
                    AuthError::UntrustedUserinfo(error.about(TokenName::Userinfo))
                })?;
                Userinfo::parse(verified.text(), claims.subject())
            }
        };
        userinfo.map_err(|source| match source {
            UserinfoError::OtherUser { .. } => AuthError::OtherUser(source),
            UserinfoError::Malformed(_) => AuthError::InvalidUserinfo {
                host: http::host(url),
                status,
                source,
                hint: self.provider.address_hint(),
            },
        })
    }
}

/// The response if it is a JWT: by its type, or because it has the form of one.
fn jwt(response: &Response) -> Option<&str> {
    let text = std::str::from_utf8(without_mark(&response.body)).ok()?;
    let text = text.trim();
    let kind = response.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    let is_jwt = media_type.eq_ignore_ascii_case("application/jwt")
        || (text.starts_with("ey") && text.split('.').count() >= 3);
    is_jwt.then_some(text)
}
