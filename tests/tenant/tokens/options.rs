//! The tokens that the tenant makes, and what a test changes about them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::random_bytes;
use super::signing::Signing;
use crate::tenant::options::TenantOptions;

/// What differs from the token, or the answer, that Auth0 would make.
#[derive(Clone)]
pub(crate) struct TokenOptions {
    pub(crate) signing: Signing,
    omitted: bool,
    raw: Option<String>,
    claims: Vec<MemberChange>,
    header: Vec<MemberChange>,
}

/// A member that is set, or taken out where there is no value.
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
    /// A JWT with these claims, unless something else was asked for.
    pub(crate) fn jwt(&self, claims: Map<String, Value>) -> Option<String> {
        self.token(|| {
            let claims = Value::Object(apply_changes(claims, &self.claims)).to_string();
            self.signing.sign(
                &apply_changes(self.signing.header(), &self.header),
                claims.as_bytes(),
            )
        })
    }

    /// What only the tenant can read, unless something else was asked for: encrypted, with its issuer in the open, as Auth0's are.
    pub(crate) fn opaque(&self, issuer: &str) -> Option<String> {
        self.token(|| {
            let header = json!({ "alg": "dir", "enc": "A256GCM", "iss": issuer }).to_string();
            let parts = [12, 180, 16].map(|length| URL_SAFE_NO_PAD.encode(random_bytes(length)));
            format!("{}..{}", URL_SAFE_NO_PAD.encode(header), parts.join("."))
        })
    }

    /// One more change; no value takes the member out.
    pub(crate) fn with_claim(mut self, name: &str, value: Option<Value>) -> Self {
        self.claims.push((name.to_owned(), value));
        self
    }

    /// The members of a JSON object as the test wants them.
    pub(crate) fn members(&self, members: Map<String, Value>) -> Map<String, Value> {
        apply_changes(members, &self.claims)
    }

    fn token(&self, make: impl FnOnce() -> String) -> Option<String> {
        (!self.omitted).then(|| self.raw.clone().unwrap_or_else(make))
    }
}

/// What the tokens hold and how they are signed.
impl TenantOptions {
    /// A claim of the `id_token`.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        self.id_token.claims.push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.id_token.claims.push((name.to_owned(), None));
        self
    }

    /// A member of the `id_token`'s header.
    pub(crate) fn id_token_header(mut self, name: &str, value: Value) -> Self {
        self.id_token.header.push((name.to_owned(), Some(value)));
        self
    }

    pub(crate) fn without_id_token_header(mut self, name: &str) -> Self {
        self.id_token.header.push((name.to_owned(), None));
        self
    }

    /// The `id_token`, word for word.
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

    /// A claim of the access token, where that is a JWT.
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

    /// A member of the access token's header, where that is a JWT.
    pub(crate) fn access_token_header(mut self, name: &str, value: Value) -> Self {
        self.access_token
            .header
            .push((name.to_owned(), Some(value)));
        self
    }

    /// The access token, word for word.
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

    /// A member of the token answer itself: `expires_in`, `token_type`, ….
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
