//! The body of a request: fields, in the encoding that the endpoint expects.

use secrecy::{ExposeSecret, SecretString};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::error::AuthError;
use crate::fields::{self, Field};
use crate::provider::RequestEncoding;

/// Names and values of a body; values are borrowed, so that no secret is copied before it is sent.
#[derive(Clone, Default)]
pub(super) struct Body<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Body<'a> {
    pub(super) fn add(&mut self, field: Field, value: &'a str) {
        self.0.push((field.name, value));
    }

    /// Adds fields that are not padlock's own.
    pub(super) fn add_parameters(&mut self, parameters: &'a [(String, SecretString)]) {
        let parameters = parameters.iter();
        let parameters = parameters.map(|(name, value)| (name.as_str(), value.expose_secret()));
        self.0.extend(parameters);
    }

    /// The values of a name.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(other, _)| *other == name);
        values.map(|(_, value)| *value)
    }

    /// The values that are secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &'a str> {
        let secrets = self.0.iter().filter(|(name, _)| fields::is_secret(name));
        secrets.map(|(_, value)| *value)
    }

    /// Whether the request is an attempt at a password or a code.
    pub(super) fn is_attempt(&self) -> bool {
        self.0
            .iter()
            .any(|(name, _)| fields::counts_as_attempt(name))
    }

    /// Whether the request has a code that the server accepts once.
    pub(super) fn is_accepted_once(&self) -> bool {
        self.0.iter().any(|(name, _)| *name == fields::CODE.name)
    }

    /// The media type and the bytes.
    pub(super) fn encode(
        &self,
        encoding: RequestEncoding,
    ) -> Result<(&'static str, Zeroizing<Vec<u8>>), AuthError> {
        // Room for every field fully escaped: a buffer that grows leaves copies in memory.
        let sizes = self
            .0
            .iter()
            .map(|(name, value)| 6 * (name.len() + value.len()) + 8);
        let room = sizes.sum();
        match encoding {
            RequestEncoding::Json => {
                let mut body = Zeroizing::new(Vec::with_capacity(room));
                serde_json::to_writer(&mut *body, self).map_err(|_| {
                    AuthError::Unsendable("the fields could not be encoded as JSON")
                })?;
                Ok(("application/json", body))
            }
            RequestEncoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
                form.extend_pairs(&self.0);
                let body = Zeroizing::new(form.finish().into_bytes());
                Ok(("application/x-www-form-urlencoded", body))
            }
        }
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            let is_repeated = self.0[..index].iter().any(|(other, _)| other == name);
            match self.values(name).count() {
                1 => map.serialize_entry(name, value)?,
                // A JSON object has each name once (RFC 8259 §4).
                _ if is_repeated => {}
                _ => map.serialize_entry(name, &self.values(name).collect::<Vec<_>>())?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_reaches_the_wire_unchanged() {
        let password = "p\"ä\\ %&=+\u{1F512}\n".repeat(100);
        let mut body = Body::default();
        body.add(fields::GRANT_TYPE, "password");
        body.add(fields::PASSWORD, &password);
        let (_, json) = body.encode(RequestEncoding::Json).unwrap();
        let back: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(back["password"], password.as_str());
        let (_, form) = body.encode(RequestEncoding::Form).unwrap();
        let mut back = form_urlencoded::parse(&form);
        let (_, back) = back.find(|(name, _)| name == "password").unwrap();
        assert_eq!(back, password.as_str());
    }
}
