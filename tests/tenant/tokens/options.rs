//! Changes to tokens and token responses.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::random_bytes;
use super::signing::Signing;
use crate::tenant::options::TenantOptions;

/// Differences from what Auth0 would issue.
#[derive(Clone)]
pub(crate) struct TokenOptions {
    pub(crate) signing: Signing,
    omitted: bool,
    raw: Option<String>,
    claims: Vec<MemberChange>,
    header: Vec<MemberChange>,
}

/// A member to set, or to remove if there is no value.
type MemberChange = (String, Option<Value>);

impl Default for TokenOptions {
    fn default() -> Self {
        let signing = Signing::current_key();
        Self {
            signing,
            omitted: false,
            raw: None,
            claims: Vec::new(),
            header: Vec::new(),
        }
    }
}

impl TokenOptions {
    /// A JWT with these claims, unless the test omits or replaces it.
    pub(crate) fn jwt(&self, claims: Map<String, Value>) -> Option<String> {
        self.token(|| {
            let claims = Value::Object(apply_changes(claims, &self.claims)).to_string();
            self.signing.sign(
                &apply_changes(self.signing.header(), &self.header),
                claims.as_bytes(),
            )
        })
    }

    /// An opaque token, unless the test omits or replaces it. Auth0's are encrypted, with the issuer
    /// in the header.
    pub(crate) fn opaque(&self, issuer: &str) -> Option<String> {
        self.token(|| {
            let header = json!({ "alg": "dir", "enc": "A256GCM", "iss": issuer }).to_string();
            let parts = [12, 180, 16].map(|length| URL_SAFE_NO_PAD.encode(random_bytes(length)));
            format!("{}..{}", URL_SAFE_NO_PAD.encode(header), parts.join("."))
        })
    }

    /// Sets a claim; None removes it.
    pub(crate) fn with_claim(mut self, name: &str, value: Option<Value>) -> Self {
        self.claims.push((name.to_owned(), value));
        self
    }

    /// The members of a JSON object, with the test's changes.
    pub(crate) fn members(&self, members: Map<String, Value>) -> Map<String, Value> {
        apply_changes(members, &self.claims)
    }

    fn token(&self, make: impl FnOnce() -> String) -> Option<String> {
        (!self.omitted).then(|| self.raw.clone().unwrap_or_else(make))
    }
}

/// What tokens contain and how they are signed.
impl TenantOptions {
    /// Sets a claim of the `id_token`.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        self.id_token.claims.push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.id_token.claims.push((name.to_owned(), None));
        self
    }

    /// Sets a header parameter of the `id_token`.
    pub(crate) fn id_token_header(mut self, name: &str, value: Value) -> Self {
        self.id_token.header.push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_id_token_header(mut self, name: &str) -> Self {
        self.id_token.header.push((name.to_owned(), None));
        self
    }

    /// Replaces the `id_token`.
    pub(crate) fn id_token(mut self, raw: &str) -> Self {
        self.id_token.raw = Some(raw.to_owned());
        self
    }

    pub(crate) fn without_id_token(mut self) -> Self {
        self.id_token.omitted = true;
        self
    }

    /// Key and algorithm of the `id_token`.
    pub(crate) fn sign_with(mut self, signing: Signing) -> Self {
        self.id_token.signing = signing;
        self
    }

    /// Sets a claim of the access token if it is a JWT.
    pub(crate) fn access_token_claim(mut self, name: &str, value: Value) -> Self {
        self.access_token
            .claims
            .push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_access_token_claim(mut self, name: &str) -> Self {
        self.access_token.claims.push((name.to_owned(), None));
        self
    }

    /// Sets a header parameter of the access token if it is a JWT.
    pub(crate) fn access_token_header(mut self, name: &str, value: Value) -> Self {
        self.access_token
            .header
            .push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_access_token_header(mut self, name: &str) -> Self {
        self.access_token.header.push((name.to_owned(), None));
        self
    }

    /// Replaces the access token.
    pub(crate) fn access_token(mut self, raw: &str) -> Self {
        self.access_token.raw = Some(raw.to_owned());
        self
    }

    pub(crate) fn without_access_token(mut self) -> Self {
        self.access_token.omitted = true;
        self
    }

    /// Key and algorithm of the access token.
    pub(crate) fn sign_access_token_with(mut self, signing: Signing) -> Self {
        self.access_token.signing = signing;
        self
    }

    /// Sets a member of the token response, such as `expires_in`.
    pub(crate) fn member(mut self, name: &str, value: Value) -> Self {
        self.token_response
            .claims
            .push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_member(mut self, name: &str) -> Self {
        self.token_response.claims.push((name.to_owned(), None));
        self
    }
}

fn apply_changes(mut members: Map<String, Value>, changes: &[MemberChange]) -> Map<String, Value> {
    for (name, value) in changes {
        match value {
            Some(value) => drop(members.insert(name.clone(), value.clone())),
            None => drop(members.shift_remove(name)),
        }
    }
    members
}
