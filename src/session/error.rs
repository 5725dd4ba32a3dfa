//! Why there is no usable session.

use crate::failure::{Class, Diagnose};
use crate::keyring::KeyringError;
use crate::state::StateError;

/// Why there is no usable session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The accounts of the sessions that there are.
    #[error("there is no saved session{}", of_others(.0))]
    None(Vec<String>),
    /// What tells them apart, one line for each.
    #[error("several saved sessions fit, and the settings do not say which one to use")]
    Ambiguous(Vec<String>),
    /// The same where they could all be ended.
    #[error("several saved sessions fit, and the settings do not say which one to end")]
    AmbiguousEnd(Vec<String>),
    #[error("the session of {account} has ended: {reason}")]
    Ended { account: String, reason: String },
    #[error("the session of {account} was signed out, and still has to be revoked at {tenant}")]
    SignedOut { account: String, tenant: String },
    #[error("the session of {account} was saved by a newer padlock (format {version})")]
    Newer { account: String, version: u32 },
    #[error("the refresh token of {account} was not tried again, since you declined")]
    Declined { account: String },
    #[error("the renewed id_token is not for the user of the session: its {claim} has changed")]
    OtherUser { claim: &'static str },
    /// The provider ignores an audience that it does not grant.
    #[error("the access token that the {server} issued is not for {audience}")]
    OtherAudience {
        server: &'static str,
        audience: String,
        is_auth0: bool,
    },
    #[error("the {server} issued no refresh token, so that there is no session to save")]
    NoRefreshToken {
        server: &'static str,
        is_auth0: bool,
    },
    /// The old refresh token is used up, and the new one could not be stored.
    #[error("the session of {account} is lost: its new refresh token could not be stored")]
    Lost { account: String, source: Box<Self> },
    /// The account.
    #[error("the key of the session of {0} is no longer in the keyring, so that it cannot be read")]
    NoKey(String),
    #[error("the session could not be encrypted: the system has no random numbers")]
    NotSealed,
}

fn of_others(accounts: &[String]) -> String {
    match accounts {
        [] => String::new(),
        accounts => format!(
            " for this tenant, application and account; there is one of {}",
            accounts.join(", and one of ")
        ),
    }
}

impl Diagnose for SessionError {
    fn class(&self) -> Class {
        match self {
            Self::State(error) => error.class(),
            Self::Keyring(error) => error.class(),
            Self::Ambiguous(_) | Self::AmbiguousEnd(_) => Class::Usage,
            Self::None(_)
            | Self::Ended { .. }
            | Self::SignedOut { .. }
            | Self::Declined { .. }
            | Self::NoKey(_) => Class::NoSession,
            Self::OtherUser { .. } => Class::UntrustedToken,
            Self::OtherAudience { .. } | Self::NoRefreshToken { .. } => Class::TenantRefused,
            Self::Newer { .. } | Self::Lost { .. } | Self::NotSealed => Class::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::State(error) => return error.hint(),
            Self::Keyring(error) => return error.hint(),
            Self::NotSealed => return None,
            Self::NoKey(_) => {
                "bring the keyring back that has it, sign in again with padlock --save, or give the \
                 session up with padlock logout --local"
            }
            Self::None(others) if others.is_empty() => "sign in once with padlock --save",
            Self::None(_) => {
                "sign in with padlock --save, or name another session with --profile, --domain, \
                 --client-id or --email"
            }
            Self::Ambiguous(_) => "choose one with --email, --profile, --domain or --client-id",
            Self::AmbiguousEnd(_) => {
                "choose one with --email, --profile, --domain or --client-id, or end all with --all"
            }
            Self::Ended { .. }
            | Self::Lost { .. }
            | Self::Declined { .. }
            | Self::OtherUser { .. } => "sign in again with padlock --save",
            Self::SignedOut { .. } => {
                "run padlock logout again to revoke it, or sign in again with padlock --save"
            }
            Self::Newer { .. } => "update padlock, or sign in again with padlock --save",
            Self::OtherAudience { is_auth0: true, .. } => {
                "add the API under Applications → your application → Multi-Resource Refresh Token, \
                 or sign in with --audience and --save"
            }
            Self::OtherAudience { .. } => "sign in with --audience and --save",
            Self::NoRefreshToken { is_auth0: true, .. } => {
                "switch on Refresh Token under Applications → your application → Settings → \
                 Advanced Settings → Grant Types, and Allow Offline Access under Applications → \
                 APIs → your API → Settings"
            }
            Self::NoRefreshToken { .. } => {
                "ask the provider's administrator to allow the scope offline_access and the grant \
                 refresh_token"
            }
        };
        Some(hint.to_owned())
    }

    fn reasons(&self) -> Vec<String> {
        match self {
            Self::Ambiguous(sessions) | Self::AmbiguousEnd(sessions) => sessions.clone(),
            _ => Vec::new(),
        }
    }
}
