//! The key set, fetched while a person signs in, or while the password is checked.

use crate::config::SignInRules;
use crate::failure::Failure;
use crate::http::Http;
use crate::keys::Algorithm;
use crate::provider::{PendingJwks, Provider};

/// The key set of a login.
pub(super) struct KeysForLogin {
    pending: Option<PendingJwks>,
    are_needed: bool,
}

impl KeysForLogin {
    /// A person who types finds a connection open already, which alone is worth the request.
    pub(super) fn begin(
        http: &Http,
        provider: &Provider,
        rules: &SignInRules,
        is_person_asked: bool,
    ) -> Result<Self, Failure> {
        let for_access_token = !rules.requirements.needs_no_access_token();
        let is_public = |algorithm: &Algorithm| !algorithm.is_symmetric();
        let are_needed = for_access_token || rules.algorithms.iter().any(is_public);
        let pending = if are_needed {
            Some(PendingJwks::begin(http, provider)?)
        } else if is_person_asked {
            PendingJwks::begin(http, provider).ok()
        } else {
            None
        };
        Ok(Self {
            pending,
            are_needed,
        })
    }

    /// The keys, if they are needed. Fails, before a person is asked for anything, where the host
    /// is known to be unreachable by then.
    pub(super) fn if_reachable(
        self,
        is_person_asked: bool,
    ) -> Result<Option<PendingJwks>, Failure> {
        let mut pending = self.pending;
        if let (Some(pending), true) = (&mut pending, is_person_asked)
            && let Some(error) = pending.unreachable()
        {
            return Err(error.into());
        }
        Ok(pending.filter(|_| self.are_needed))
    }
}
