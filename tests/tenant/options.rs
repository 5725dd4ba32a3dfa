//! What a tenant is like before it starts, and what a test changes about it.

use std::time::Duration;

use serde_json::Value;

use super::answer::Answer;
use super::directory::Directory;
use super::signing::Signing;
use super::tokens::TokenOptions;
use super::{CLIENT_SECRET, Tenant};

pub(crate) const TOKEN: &str = "/oauth/token";
pub(crate) const AUTHENTICATORS: &str = "/mfa/authenticators";
pub(crate) const CHALLENGE: &str = "/mfa/challenge";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const USERINFO: &str = "/userinfo";
pub(crate) const ROLES: &str = "/api/v2/users/{id}/roles";
pub(crate) const JWKS: &str = "/.well-known/jwks.json";
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A tenant to be; the methods that change it are here, in `directory.rs` and in `tokens.rs`.
#[derive(Clone)]
pub(crate) struct TenantOptions {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    issuer: Option<String>,
    pub(super) directory: Directory,
    pub(super) id_token: TokenOptions,
    pub(super) access_token: TokenOptions,
    pub(super) token_answer: TokenOptions,
    pub(super) userinfo: TokenOptions,
    pub(super) jwks: Option<Value>,
    pub(super) rotate_refresh_tokens: bool,
    pub(super) mfa_token_life: Duration,
    pub(super) push_interval: Duration,
    pub(super) code_attempts: u32,
    scripts: Vec<Script>,
}

/// An answer that takes the place of what a path would say, a number of times or for ever.
#[derive(Clone)]
struct Script {
    path: String,
    left: Option<usize>,
    answer: Answer,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            tls: false,
            issuer: None,
            directory: Directory::default(),
            id_token: TokenOptions::default(),
            access_token: TokenOptions::default(),
            token_answer: TokenOptions::default(),
            userinfo: TokenOptions::default(),
            jwks: None,
            rotate_refresh_tokens: false,
            mfa_token_life: Duration::from_secs(600),
            push_interval: Duration::from_secs(1),
            code_attempts: 10,
            scripts: Vec::new(),
        }
    }
}

/// Where it listens and what it answers.
impl TenantOptions {
    /// Starts the tenant; it accepts connections when this returns.
    pub(crate) fn start(self) -> Tenant {
        Tenant::with(self)
    }

    /// The host in its URL, `127.0.0.1` otherwise; it listens on 127.0.0.1 alone.
    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The port, any free one otherwise.
    pub(crate) fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// HTTPS, with HTTP/1.1 and HTTP/2 by ALPN, and a certificate for localhost and 127.0.0.1.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// What `iss` and the discovery document say instead of the URL.
    pub(crate) fn issuer_is(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.to_owned());
        self
    }

    /// The `id_token` is signed with the client secret.
    pub(crate) fn hs256(self) -> Self {
        let secret = self.directory.clients.first().and_then(|client| client.secret.clone());
        self.sign_with(Signing::hs256(secret.unwrap_or_else(|| CLIENT_SECRET.to_owned()).as_bytes()))
    }

    /// The key set, in place of the two keys in `keys/jwks.json`.
    pub(crate) fn jwks(mut self, jwks: Value) -> Self {
        self.jwks = Some(jwks);
        self
    }

    /// The token endpoint refuses every request like this, whatever it holds.
    pub(crate) fn refuses(self, refusal: Answer) -> Self {
        self.answers(TOKEN, refusal)
    }

    /// The token endpoint answers every request like this, whatever it holds.
    pub(crate) fn answer(self, status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let answer = headers.iter().fold(Answer::new(status, body), |answer, (name, value)| answer.header(name, value));
        self.answers(TOKEN, answer)
    }

    /// A path, any path, answers like this.
    pub(crate) fn answers(mut self, path: &str, answer: Answer) -> Self {
        self.scripts.push(Script { path: path.to_owned(), left: None, answer });
        self
    }

    /// The next `times` requests to a path are answered like this, and then as ever.
    pub(crate) fn answers_first(mut self, times: usize, path: &str, answer: Answer) -> Self {
        self.scripts.push(Script { path: path.to_owned(), left: Some(times), answer });
        self
    }

    /// All paths answer as they should again.
    pub(crate) fn without_answers(mut self) -> Self {
        self.scripts.clear();
        self
    }

    pub(super) fn issuer(&self, url: &str) -> String {
        self.issuer.clone().unwrap_or_else(|| url.to_owned())
    }

    /// The scripted answer for a path, counted off.
    pub(super) fn scripted(&mut self, path: &str) -> Option<Answer> {
        let script = self.scripts.iter_mut().find(|script| script.path == path && script.left != Some(0))?;
        script.left = script.left.map(|left| left - 1);
        Some(script.answer.clone())
    }
}
