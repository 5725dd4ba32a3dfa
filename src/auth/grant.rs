//! One request to the token endpoint: its fields, its encoding, its answer.

use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::answer::TokenAnswer;
use super::{AuthError, refusal};
use crate::config::Application;
use crate::http::{self, Http};
use crate::provider::{Encoding, Provider};

/// The fields of a token request; secrets among them are borrowed, never copied before they are sent.
pub(super) struct Grant<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Grant<'a> {
    pub(super) fn new(grant_type: &'a str) -> Self {
        Self(vec![("grant_type", grant_type)])
    }

    pub(super) fn add(&mut self, name: &'static str, value: &'a str) {
        self.0.push((name, value));
    }

    pub(super) fn add_some(&mut self, name: &'static str, value: Option<&'a str>) {
        self.0.extend(value.map(|value| (name, value)));
    }

    /// `client_secret_post` (RFC 6749 §2.3.1), or the bare client ID of a public client.
    pub(super) fn authenticate(&mut self, application: &'a Application) {
        self.add("client_id", &application.client_id);
        self.add_some("client_secret", application.client_secret.as_ref().map(ExposeSecret::expose_secret));
    }

    /// Sends the request and reads the answer.
    pub(super) fn send(&self, http: &Http, provider: &Provider) -> Result<TokenAnswer, AuthError> {
        let url = &provider.token_url;
        let host = http::host(url);
        let (content_type, body) = self.encode(provider.encoding).map_err(|problem| AuthError::BadAnswer {
            host: host.clone(),
            status: 0,
            problem,
        })?;
        let answer = http.post(url, content_type, body)?;
        if !answer.status.is_success() {
            return Err(refusal::read(&host, &answer));
        }
        let status = answer.status.as_u16();
        TokenAnswer::read(&answer.body).map_err(|problem| AuthError::BadAnswer { host, status, problem })
    }

    fn encode(&self, encoding: Encoding) -> Result<(&'static str, Zeroizing<Vec<u8>>), String> {
        // Room for every field fully escaped: a buffer that grows leaves copies behind.
        let room = self.0.iter().map(|(name, value)| name.len() + 6 * value.len() + 8).sum();
        match encoding {
            Encoding::Json => {
                let mut body = Zeroizing::new(Vec::with_capacity(room));
                serde_json::to_writer(&mut *body, self).map_err(|error| error.to_string())?;
                Ok(("application/json", body))
            }
            Encoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
                form.extend_pairs(&self.0);
                Ok(("application/x-www-form-urlencoded", Zeroizing::new(form.finish().into_bytes())))
            }
        }
    }
}

impl Serialize for Grant<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_reaches_the_wire_unchanged() {
        let password = "p\"ä\\ %&=+\u{1F512}\n".repeat(100);
        let mut grant = Grant::new("password");
        grant.add("password", &password);
        let (_, json) = grant.encode(Encoding::Json).unwrap();
        let back: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(back["password"], password.as_str());
        let (_, form) = grant.encode(Encoding::Form).unwrap();
        let back = form_urlencoded::parse(&form).find(|(name, _)| name == "password").unwrap();
        assert_eq!(back.1, password.as_str());
    }
}
