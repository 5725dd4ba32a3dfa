//! What each way to sign in starts with, and what it ends with.

use secrecy::SecretString;

use super::login_keys::KeysForLogin;
use crate::auth::Client;
use crate::config::UserGrant;
use crate::context::Context;
use crate::provider::PendingJwks;
use crate::response::TokenResponse;

/// What each way to sign in starts with.
pub(super) struct SignInStart<'a, 'c> {
    pub(super) client: Client<'c>,
    pub(super) grant: &'a UserGrant,
    pub(super) keys: KeysForLogin,
    /// The source that names the tenant, where the person should know it.
    pub(super) tenant_from: Option<&'static str>,
    pub(super) context: &'a Context<'a>,
}

/// What each way to sign in ends with: tokens that are not verified, and what they are held to.
pub(super) struct SignInTokens<'c> {
    pub(super) response: TokenResponse,
    /// To continue with; its deadline does not include the time that a person took.
    pub(super) client: Client<'c>,
    pub(super) keys: Option<PendingJwks>,
    pub(super) binding: Binding,
    /// The user name that was signed in with, where it is known.
    pub(super) user_name: Option<String>,
}

/// What ties an id_token to this login, besides the rules for every one.
#[derive(Debug, Default)]
pub(super) struct Binding {
    pub(super) nonce: Option<String>,
    /// The authorization code that it was issued for.
    pub(super) code: Option<SecretString>,
    pub(super) organization: Option<String>,
    /// The only account that may sign in, where a browser could be signed in with another one.
    pub(super) account: Option<String>,
}
