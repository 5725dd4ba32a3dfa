//! What a caller asks of a token. Nothing in the token can change it.

use secrecy::SecretString;

use crate::keys::Algorithm;

/// Which kind of token is expected: it decides which claims must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TokenKind {
    /// An OpenID Connect ID token: iss, sub, aud, exp and iat (OpenID Connect Core §2 and §3.1.3.7).
    #[value(help = "ID token of OpenID Connect: requires iss, sub, aud, exp and iat")]
    IdToken,
    /// An access token for an API: iss, aud and exp (RFC 9068 §2.2).
    #[value(help = "access token for an API: requires iss, aud and exp")]
    AccessToken,
    /// Any JWT (RFC 7519): only what the policy names, and the times that are there.
    #[value(help = "any JWT: requires only what the flags ask for")]
    Jwt,
}

/// Who `azp` of an ID token may name. OpenID Connect Core (errata 2) leaves this to profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AuthorizedParty {
    /// One of the expected audiences; with several audiences in the token it must be there.
    #[default]
    Audience,
    /// This client; it must be there.
    Client(String),
    /// Anyone, or no one in particular.
    Any,
}

/// The rules that a token is held to. What is `None` or empty is not asked for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The kind of token expected.
    pub kind: TokenKind,
    /// The algorithms a signature may have.
    pub algorithms: Vec<Algorithm>,
    /// What `iss` must be, byte for byte.
    pub issuer: Option<String>,
    /// What it may be instead, byte for byte. `{tenantid}` stands for the token's `tid`, which must
    /// then be a UUID (Entra).
    pub other_issuers: Vec<String>,
    /// What `aud` must contain: any one of these. For an ID token, the client's identifier.
    pub audiences: Vec<String>,
    /// Who `azp` of an ID token may name.
    pub authorized_party: AuthorizedParty,
    /// Whether a token that is bound to a key is accepted: another program checks the proof.
    pub allow_bound: bool,
    /// Seconds by which clocks may differ.
    pub leeway: u32,
    /// What `nonce` must be.
    pub nonce: Option<String>,
    /// The authorization code that the ID token was issued for, which `c_hash` must be of.
    pub code: Option<SecretString>,
    /// Seconds since the login, at most.
    pub max_age: Option<u32>,
    /// An Auth0 organization: compared with `org_id` if it starts with `org_`, else in lower case with `org_name`.
    pub organization: Option<String>,
}

impl Policy {
    /// Seconds of leeway where the caller sets none.
    pub const DEFAULT_LEEWAY: u32 = 60;

    /// A policy that asks for a kind of token and its algorithms, with the default leeway and nothing more.
    #[must_use]
    pub fn new(kind: TokenKind, algorithms: impl Into<Vec<Algorithm>>) -> Self {
        Self {
            kind,
            algorithms: algorithms.into(),
            issuer: None,
            other_issuers: Vec::new(),
            audiences: Vec::new(),
            authorized_party: AuthorizedParty::Audience,
            allow_bound: false,
            leeway: Self::DEFAULT_LEEWAY,
            nonce: None,
            code: None,
            max_age: None,
            organization: None,
        }
    }
}
