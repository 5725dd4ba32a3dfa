//! Which product a provider is, as far as padlock treats it differently.

use url::Url;

use super::discovery::DiscoveryDocument;

/// Which product a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderKind {
    /// Has a dashboard, Actions and an MFA API.
    Auth0,
    /// Takes a one-time code beside the password.
    Keycloak,
    /// Any other.
    Other,
}

impl ProviderKind {
    /// What the discovery document shows: Auth0's own host or member, or Keycloak's paths.
    pub(super) fn of(document: &DiscoveryDocument, token_url: &Url) -> Self {
        let host = token_url.host_str().unwrap_or_default();
        let is_keycloaks = |path: &str| path.contains("/protocol/openid-connect/");
        if document.mfa_challenge_endpoint.is_some() || host.ends_with(".auth0.com") {
            Self::Auth0
        } else if is_keycloaks(token_url.path())
            || document.jwks_uri.as_deref().is_some_and(is_keycloaks)
        {
            Self::Keycloak
        } else {
            Self::Other
        }
    }

    /// Whether it is an Auth0 tenant.
    pub(crate) fn is_auth0(self) -> bool {
        self == Self::Auth0
    }

    /// What a message calls the server.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Auth0 => "tenant",
            Self::Keycloak | Self::Other => "provider",
        }
    }
}
