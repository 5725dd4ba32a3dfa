//! The userinfo endpoint (OpenID Connect Core §5.3).

use secrecy::SecretString;

use super::client::Client;
use super::error::AuthError;
use super::error_response::TokenErrorResponse;
use super::request;
use super::step::Step;
use crate::http;
use crate::response::{Userinfo, UserinfoError};
use crate::verify::Claims;

impl Client<'_> {
    /// Queries the endpoint with the access token; `claims` are those of the id_token.
    pub(crate) fn userinfo(
        &self,
        token: &SecretString,
        claims: &Claims,
    ) -> Result<Userinfo, AuthError> {
        let url = self.provider.userinfo_url.as_ref();
        let url = url.ok_or(AuthError::NoUserinfo)?;
        let response = self.http.get_with(url, request::bearer(token)?)?;
        let status = response.status.as_u16();
        if matches!(status, 401 | 403) {
            let refusal = TokenErrorResponse::of_userinfo(status);
            return Err(AuthError::Refused(Box::new(refusal)));
        }
        if !response.status.is_success() {
            let (step, provider) = (Step::Userinfo, self.provider);
            return Err(AuthError::refused(step, provider, url, &response));
        }
        Userinfo::parse(&response.body, claims.subject()).map_err(|source| match source {
            UserinfoError::OtherUser { .. } => AuthError::OtherUser(source),
            UserinfoError::Malformed(_) => AuthError::InvalidUserinfo {
                host: http::host(url),
                status,
                source,
                kind: self.provider.kind,
            },
        })
    }
}
