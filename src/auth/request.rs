//! One request of an application: its fields, its proof, its encoding, its answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::answer::TokenAnswer;
use super::{AuthError, Client, Step, assertion, refusal};
use crate::config::ClientAuthentication;
use crate::http::{self, Answer};
use crate::provider::Encoding;

/// Auth0 then counts attempts by the user's address rather than by the back-end's.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("auth0-forwarded-for");

/// Fields whose values are secrets.
const SECRET_FIELDS: [&str; 8] = [
    "password",
    "client_secret",
    "client_assertion",
    "mfa_token",
    "otp",
    "oob_code",
    "binding_code",
    "recovery_code",
];

/// A request in the making; secrets among its fields are borrowed, never copied before they are sent.
pub(super) struct Request<'a> {
    client: &'a Client<'a>,
    step: Step,
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Request<'a> {
    pub(super) fn new(client: &'a Client<'a>, step: Step) -> Self {
        Self {
            client,
            step,
            fields: Vec::new(),
        }
    }

    /// For the token endpoint, which Actions may want to tell more.
    pub(super) fn for_tokens(client: &'a Client<'a>, step: Step, grant_type: &'a str) -> Self {
        let parameters = client
            .extras
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let fields = std::iter::once(("grant_type", grant_type))
            .chain(parameters)
            .collect();
        Self {
            client,
            step,
            fields,
        }
    }

    pub(super) fn add(&mut self, name: &'static str, value: &'a str) {
        self.fields.push((name, value));
    }

    pub(super) fn add_some(&mut self, name: &'static str, value: Option<&'a str>) {
        self.fields.extend(value.map(|value| (name, value)));
    }

    /// Sends the request to the token endpoint and reads the tokens.
    pub(super) fn tokens(&self) -> Result<TokenAnswer, AuthError> {
        let url = &self.client.provider.token_url;
        let answer = self.send(url)?;
        TokenAnswer::read(&answer.body)
            .map_err(|problem| AuthError::bad_tokens(url, &answer, problem))
    }

    /// Sends the request; an answer that is no success is an error.
    pub(super) fn send(&self, url: &Url) -> Result<Answer, AuthError> {
        let client = self.client;
        let assertion = assertion::of(client)?;
        let mut fields = Fields(self.fields.clone());
        let mut headers = HeaderMap::new();
        authenticate(client, assertion.as_ref(), &mut fields, &mut headers)?;
        if let Some(address) = client.extras.forwarded_for {
            headers.insert(FORWARDED_FOR, header(&address.to_string())?);
        }
        let (content_type, body) = fields.encode(client.provider.encoding)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let secrets = fields.secrets(&client.application.authentication);
        let answer = client
            .http
            .post(url, headers, body)
            .map_err(|error| error.without(&secrets))?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(refusal::read(
            self.step,
            &http::host(url),
            &answer,
            &secrets,
        ))
    }
}

/// `Authorization: Bearer …` (RFC 6750 §2.1).
pub(super) fn bearer(token: &SecretString) -> Result<HeaderMap, AuthError> {
    let value = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = header(&value)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

/// Adds what proves the application: RFC 6749 §2.3.1, or RFC 7523 §2.2.
fn authenticate<'a>(
    client: &'a Client<'_>,
    assertion: Option<&'a SecretString>,
    fields: &mut Fields<'a>,
    headers: &mut HeaderMap,
) -> Result<(), AuthError> {
    let id = client.application.client_id.as_str();
    match &client.application.authentication {
        ClientAuthentication::None => fields.0.push(("client_id", id)),
        ClientAuthentication::SecretPost(secret) => {
            fields
                .0
                .extend([("client_id", id), ("client_secret", secret.expose_secret())]);
        }
        ClientAuthentication::SecretBasic(secret) => {
            headers.insert(AUTHORIZATION, basic(id, secret)?);
        }
        ClientAuthentication::PrivateKeyJwt(_) => {
            fields.0.extend([
                ("client_id", id),
                ("client_assertion_type", assertion::TYPE),
            ]);
            fields
                .0
                .extend(assertion.map(|assertion| ("client_assertion", assertion.expose_secret())));
        }
    }
    Ok(())
}

/// Both halves are form-encoded first, so that a colon in the ID does no harm.
fn basic(id: &str, secret: &SecretString) -> Result<HeaderValue, AuthError> {
    let encode = |text: &str| {
        Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
    };
    let pair = Zeroizing::new(format!(
        "{}:{}",
        *encode(id),
        *encode(secret.expose_secret())
    ));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = header(&value)?;
    value.set_sensitive(true);
    Ok(value)
}

fn header(text: &str) -> Result<HeaderValue, AuthError> {
    HeaderValue::from_str(text)
        .map_err(|_| AuthError::Unsendable("a header would hold characters that none may"))
}

/// Names and values of a body.
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    /// What a server could repeat, and a message must not.
    fn secrets(&self, authentication: &'a ClientAuthentication) -> Vec<&'a str> {
        let fields = self
            .0
            .iter()
            .filter(|(name, _)| SECRET_FIELDS.contains(name))
            .map(|(_, value)| *value);
        let basic = match authentication {
            ClientAuthentication::SecretBasic(secret) => Some(secret.expose_secret()),
            _ => None,
        };
        fields.chain(basic).collect()
    }

    fn encode(&self, encoding: Encoding) -> Result<(&'static str, Zeroizing<Vec<u8>>), AuthError> {
        // Room for every field fully escaped: a buffer that grows leaves copies behind.
        let room = self
            .0
            .iter()
            .map(|(name, value)| 6 * (name.len() + value.len()) + 8)
            .sum();
        match encoding {
            Encoding::Json => {
                let mut body = Zeroizing::new(Vec::with_capacity(room));
                serde_json::to_writer(&mut *body, self)
                    .map_err(|_| AuthError::Unsendable("the fields are no JSON"))?;
                Ok(("application/json", body))
            }
            Encoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
                form.extend_pairs(&self.0);
                Ok((
                    "application/x-www-form-urlencoded",
                    Zeroizing::new(form.finish().into_bytes()),
                ))
            }
        }
    }
}

impl Serialize for Fields<'_> {
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
        let fields = Fields(vec![("grant_type", "password"), ("password", &password)]);
        let (_, json) = fields.encode(Encoding::Json).unwrap();
        let back: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(back["password"], password.as_str());
        let (_, form) = fields.encode(Encoding::Form).unwrap();
        let back = form_urlencoded::parse(&form)
            .find(|(name, _)| name == "password")
            .unwrap();
        assert_eq!(back.1, password.as_str());
    }
}
