//! What the userinfo endpoint says about the user (OpenID Connect Core §5.3).

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value};

use super::refusal::{self, Meaning, Refusal};
use super::{AuthError, Client, Step, request};
use crate::failure::Class;
use crate::http;
use crate::json;
use crate::text;
use crate::verify::Claims;

/// Claims about the same user as the id_token's. Only [`Client::userinfo`] makes one.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Userinfo(Map<String, Value>);

impl Userinfo {
    /// All claims with their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl Client<'_> {
    /// Asks with the access token. The answer's `sub` must be the id_token's (§5.3.2): another user's access token could
    /// have been put in.
    pub(crate) fn userinfo(
        &self,
        token: &SecretString,
        claims: &Claims,
    ) -> Result<Userinfo, AuthError> {
        let url = self
            .provider
            .userinfo_url
            .as_ref()
            .ok_or(AuthError::NoUserinfo)?;
        let host = http::host(url);
        let bad = |status, problem| AuthError::BadAnswer {
            host: host.clone(),
            what: "userinfo",
            status,
            problem,
        };
        let answer = self.http.get_with(url, request::bearer(token)?);
        let answer = answer.map_err(|error| error.without(&[token.expose_secret()]))?;
        let status = answer.status.as_u16();
        if matches!(status, 401 | 403) {
            return Err(refused(status));
        }
        if !answer.status.is_success() {
            return Err(refusal::read(
                Step::Userinfo,
                &host,
                &answer,
                &[token.expose_secret()],
            ));
        }
        let said =
            json::object(&answer.body).map_err(|problem| bad(status, problem.to_string()))?;
        match (said.get("sub"), claims.get("sub")) {
            (Some(Value::String(found)), Some(Value::String(wanted))) if found == wanted => {
                Ok(Userinfo(said))
            }
            (found, _) => Err(AuthError::OtherUser {
                found: found.map_or_else(
                    || "missing".to_owned(),
                    |found| text::excerpt(&found.to_string(), 100),
                ),
            }),
        }
    }
}

/// The reason stands in a header, in few words (RFC 6750 §3).
fn refused(status: u16) -> AuthError {
    AuthError::Refused(Box::new(Refusal {
        class: Class::TenantRefused,
        message: format!("the userinfo endpoint refused the access token (status {status})"),
        hint: Some("the scope must contain openid; see --scope and AUTH0_SCOPE".to_owned()),
        status,
        code: None,
        meaning: Meaning::No,
        mfa_token: None,
    }))
}
