//! What is kept of a session. Never the password.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::error::SessionError;
use super::stored_tokens::{
    NewTokens, StoredAccessToken, StoredIdToken, Wanted, WantedToken, is_valid, secret, sorted,
};
use super::unverified;
use crate::config::TenantRef;
use crate::escape;
use crate::redact::{redact, remember};
use crate::response::TokenResponse;
use crate::verify::Claims;

/// The format of the records that this padlock writes.
const VERSION: u32 = 1;

/// What is kept of a session; times in seconds since 1970. Members of later versions are kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    version: u32,
    /// Counts the changes of the record.
    pub(crate) generation: u64,
    pub(crate) tenant: SavedTenant,
    /// `iss` of the `id_token`.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// Whether the application authenticated with a secret or a key.
    pub(crate) is_confidential: bool,
    pub(crate) subject: String,
    /// The user's e-mail address or name, from the `id_token`.
    pub(crate) account: String,
    /// The user name that was signed in with.
    pub(crate) user_name: Option<String>,
    /// What the session was opened for.
    pub(crate) audience: Option<String>,
    /// The scope that was granted.
    pub(crate) scope: Option<String>,
    pub(crate) signed_in_at: i64,
    pub(crate) renewed_at: Option<i64>,
    #[serde(with = "secret")]
    pub(crate) refresh_token: SecretString,
    pub(crate) id_token: Option<StoredIdToken>,
    pub(crate) access_tokens: Vec<StoredAccessToken>,
    /// Set once the tenant has said that the refresh token is of no use any more.
    #[serde(default)]
    pub(crate) ended: Option<Ended>,
    /// Set by a logout until the tenant has revoked the refresh token.
    #[serde(default)]
    pub(crate) is_signed_out: bool,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// The tenant of a session, as it was named at the sign-in: a domain or an issuer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SavedTenant {
    domain: Option<String>,
    issuer: Option<String>,
    discovery_url: Option<String>,
}

/// Why a session has ended, and since when.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Ended {
    pub(crate) at: i64,
    /// Safe to show.
    pub(crate) reason: String,
}

/// A sign-in that becomes a session.
pub(crate) struct SignedInSession<'a> {
    pub(crate) tenant: &'a TenantRef,
    pub(crate) client_id: &'a str,
    pub(crate) is_confidential: bool,
    pub(crate) issuer: &'a str,
    pub(crate) user_name: Option<&'a str>,
    pub(crate) audience: Option<&'a str>,
    /// The scope that was asked for.
    pub(crate) scope: &'a str,
    pub(crate) refresh_token: &'a SecretString,
    pub(crate) tokens: NewTokens<'a>,
}

impl Session {
    pub(super) fn new(sign_in: &SignedInSession<'_>, claims: &Claims) -> Self {
        let text = |name| claims.get(name).and_then(Value::as_str);
        let subject = claims.subject().unwrap_or_default();
        let account = text("email").or(text("name"));
        let account = account.or(sign_in.user_name).unwrap_or(subject);
        let mut session = Self {
            version: VERSION,
            generation: 0,
            tenant: SavedTenant::of(sign_in.tenant),
            issuer: sign_in.issuer.to_owned(),
            client_id: sign_in.client_id.to_owned(),
            is_confidential: sign_in.is_confidential,
            subject: subject.to_owned(),
            account: account.to_owned(),
            user_name: sign_in.user_name.map(str::to_owned),
            audience: sign_in.audience.map(str::to_owned),
            scope: Some(sign_in.scope.to_owned()),
            signed_in_at: sign_in.tokens.asked_at,
            renewed_at: None,
            refresh_token: sign_in.refresh_token.clone(),
            id_token: None,
            access_tokens: Vec::new(),
            ended: None,
            is_signed_out: false,
            other: Map::new(),
        };
        if let Some(scope) = &sign_in.tokens.response.scope {
            session.scope = Some(scope.clone());
        }
        session.store(None, None, sign_in.tokens);
        session
    }

    /// Reads a record.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed = serde_json::from_slice::<Self>(bytes);
        // serde's own message could repeat a value.
        parsed.map_err(|error| format!("line {}, column {}", error.line(), error.column()))
    }

    /// Whether this padlock understands the record.
    pub(super) fn is_newer(&self) -> bool {
        self.version > VERSION
    }

    pub(super) fn newer_error(&self) -> SessionError {
        SessionError::Newer {
            account: self.shown_account(),
            version: self.version,
        }
    }

    /// Counts on from an earlier record.
    pub(super) fn follow(&mut self, generation: u64) {
        self.generation = generation.saturating_add(1);
        let stored = self.access_tokens.iter_mut();
        stored.for_each(|stored| stored.generation = self.generation);
        if let Some(stored) = &mut self.id_token {
            stored.generation = self.generation;
        }
    }

    /// The record as text: secrets.
    pub(super) fn to_json(&self) -> Zeroizing<Vec<u8>> {
        // Serializing strings and numbers does not fail.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Leaves its tokens out of every text for people from here on.
    pub(super) fn remember_secrets(&self) {
        remember(self.refresh_token.expose_secret());
        let tokens = self.access_tokens.iter().map(|stored| &stored.token);
        let id_token = self.id_token.as_ref().map(|stored| &stored.token);
        for token in tokens.chain(id_token) {
            remember(token.expose_secret());
        }
    }

    /// The account for messages.
    pub(crate) fn shown_account(&self) -> String {
        escape::excerpt(&self.account, 100)
    }

    /// The tenant for messages.
    pub(crate) fn shown_tenant(&self) -> String {
        escape::excerpt(&self.issuer, 100)
    }

    /// Fails where no token of it may be used any more.
    pub(crate) fn ensure_alive(&self) -> Result<(), SessionError> {
        if self.is_signed_out {
            return Err(SessionError::SignedOut {
                account: self.shown_account(),
                tenant: self.shown_tenant(),
            });
        }
        match &self.ended {
            None => Ok(()),
            Some(ended) => Err(SessionError::Ended {
                account: self.shown_account(),
                reason: ended.reason.clone(),
            }),
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.ended.is_none() && !self.is_signed_out
    }

    /// Whether a stored token is what is wanted, and valid for long enough.
    pub(crate) fn has(&self, wanted: &Wanted, now: i64) -> bool {
        match wanted.token {
            WantedToken::Access => self.access_token(wanted).is_some_and(|stored| {
                is_valid(stored.obtained_at, stored.expires_at, wanted.min_ttl, now)
            }),
            WantedToken::Id => self.id_token.as_ref().is_some_and(|stored| {
                is_valid(stored.obtained_at, stored.expires_at, wanted.min_ttl, now)
            }),
        }
    }

    /// Whether a token that is wanted came after this generation of the record, and has not
    /// expired: another process has just renewed it, and it cannot become any better.
    pub(crate) fn has_newer(&self, wanted: &Wanted, generation: u64, now: i64) -> bool {
        let (came_with, expires_at) = match wanted.token {
            WantedToken::Access => match self.access_token(wanted) {
                Some(stored) => (stored.generation, stored.expires_at),
                None => return false,
            },
            WantedToken::Id => match &self.id_token {
                Some(stored) => (stored.generation, stored.expires_at),
                None => return false,
            },
        };
        came_with > generation && expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// The stored access token for what is wanted, however old.
    pub(crate) fn access_token(&self, wanted: &Wanted) -> Option<&StoredAccessToken> {
        let audience = self.audience_for(wanted);
        let scope = wanted.scope.as_deref().map(sorted);
        let mut tokens = self.access_tokens.iter();
        tokens.find(|stored| stored.audience.as_deref() == audience && stored.asked_scope == scope)
    }

    /// The audience of a token that is wanted.
    pub(crate) fn audience_for<'a>(&'a self, wanted: &'a Wanted) -> Option<&'a str> {
        wanted.audience.as_deref().or(self.audience.as_deref())
    }

    /// The audience and the scope that a renewal has to name: only what differs from the session's.
    pub(crate) fn to_ask_for<'a>(&self, wanted: &'a Wanted) -> (Option<&'a str>, Option<&'a str>) {
        let audience = wanted.audience.as_deref();
        let audience = audience.filter(|audience| Some(*audience) != self.audience.as_deref());
        (audience, wanted.scope.as_deref())
    }

    /// Whether the provider's response has the access token that is wanted: a JWT names its
    /// audience, and of an opaque token nothing shows that it is for another audience than the
    /// session's.
    pub(crate) fn is_for_audience(&self, token: &SecretString, wanted: &Wanted) -> bool {
        let Some(audience) = self.audience_for(wanted) else {
            return true;
        };
        let is_named = unverified::is_for(token, audience);
        is_named.unwrap_or_else(|| Some(audience) == self.audience.as_deref())
    }

    /// Takes over the rotated refresh token.
    pub(crate) fn rotate(&mut self, response: &TokenResponse, now: i64) {
        self.count_change();
        self.renewed_at = Some(now);
        if let Some(token) = response.refresh_token() {
            self.refresh_token = token.clone();
        }
        self.access_tokens
            .retain(|stored| stored.expires_at.is_some_and(|expires_at| now < expires_at));
    }

    /// Takes over the tokens of a renewal.
    pub(crate) fn take_over(&mut self, wanted: &Wanted, tokens: NewTokens<'_>) {
        let audience = self.audience_for(wanted).map(str::to_owned);
        self.store(audience, wanted.scope.as_deref().map(sorted), tokens);
    }

    /// Forgets the access token for what is wanted.
    pub(crate) fn forget_token(&mut self, wanted: &Wanted) {
        let audience = self.audience_for(wanted).map(str::to_owned);
        let scope = wanted.scope.as_deref().map(sorted);
        self.access_tokens
            .retain(|stored| stored.audience != audience || stored.asked_scope != scope);
    }

    /// Ends the session: nothing of it is used any more. The reason is shown on stdout too, so the
    /// secrets that the provider repeats in it are taken out here.
    pub(crate) fn end(&mut self, reason: &str, now: i64) {
        self.count_change();
        self.access_tokens.clear();
        let reason = redact(reason).into_owned();
        self.ended = Some(Ended { at: now, reason });
    }

    /// Marks the session as signed out: nothing of it is used any more but for its revocation.
    pub(crate) fn sign_out(&mut self) {
        self.count_change();
        self.access_tokens.clear();
        self.id_token = None;
        self.is_signed_out = true;
    }

    /// A record that was written by another program may already have the last number.
    fn count_change(&mut self) {
        self.generation = self.generation.saturating_add(1);
    }

    fn store(&mut self, audience: Option<String>, scope: Option<String>, tokens: NewTokens<'_>) {
        let (response, asked_at) = (tokens.response, tokens.asked_at);
        let audience = audience.or_else(|| self.audience.clone());
        let lifetime = response.expires_in.map(unverified::whole);
        if let Some(token) = response.access_token() {
            let expires_at = lifetime.map(|seconds| asked_at.saturating_add(seconds));
            self.access_tokens
                .retain(|one| one.audience != audience || one.asked_scope != scope);
            self.access_tokens.push(StoredAccessToken {
                audience,
                asked_scope: scope,
                scope: response.scope.clone().or_else(|| self.scope.clone()),
                token: token.clone(),
                token_type: response.token_type.clone(),
                obtained_at: asked_at,
                expires_at: expires_at.or_else(|| unverified::expiry(token)),
                generation: self.generation,
            });
        }
        if let Some((token, claims)) = tokens.id_token {
            let token = SecretString::from(token);
            self.id_token = Some(StoredIdToken {
                expires_at: unverified::expiry(&token),
                token,
                claims: String::from_utf8_lossy(claims.text()).into_owned(),
                obtained_at: asked_at,
                generation: self.generation,
            });
        }
    }
}

impl SavedTenant {
    fn of(tenant: &TenantRef) -> Self {
        match tenant {
            TenantRef::Auth0(url) => Self {
                domain: Some(url.to_string()),
                issuer: None,
                discovery_url: None,
            },
            TenantRef::Issuer { issuer, document } => Self {
                domain: None,
                issuer: Some(issuer.clone()),
                discovery_url: document.as_ref().map(ToString::to_string),
            },
        }
    }

    /// The tenant, unless someone has changed the record.
    pub(crate) fn tenant(&self) -> Option<TenantRef> {
        let (domain, issuer) = (self.domain.as_deref(), self.issuer.as_deref());
        TenantRef::saved(domain, issuer, self.discovery_url.as_deref())
    }
}
