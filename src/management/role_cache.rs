//! Roles of many users: requested at most once a minute per user, with one token for all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::client::{ManagementToken, RolesClient};
use super::error::ManagementError;
use crate::failure::Failure;

/// Users whose roles are cached, to bound memory.
const CAPACITY: usize = 4096;

/// Seconds for which roles are cached, so that a change of them is soon seen.
const MAX_AGE: i64 = 60;

/// Caches the roles of one tenant's users; shared by threads.
pub(crate) struct RoleCache {
    client: RolesClient,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<ManagementToken>,
    users: Users,
}

impl RoleCache {
    /// Requests nothing before the first user.
    pub(crate) fn new(client: RolesClient) -> Self {
        Self {
            client,
            state: Mutex::default(),
        }
    }

    /// The roles of a user; none without a user.
    pub(crate) fn roles(&self, sub: Option<&str>) -> Result<Vec<String>, Failure> {
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        // Locked during the request, so that the threads make one.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.client.now();
        if let Some(roles) = state.users.get(sub, now) {
            return Ok(roles.to_vec());
        }
        let roles = self.fetch(&mut state.token, sub, now)?;
        let expires_at = state.token.as_ref().map_or(now, |token| token.expires_at);
        state.users.insert(sub, &roles, now, expires_at);
        Ok(roles)
    }

    /// With the existing token; with a new one if it has expired or the tenant rejects it.
    fn fetch(
        &self,
        token: &mut Option<ManagementToken>,
        sub: &str,
        now: i64,
    ) -> Result<Vec<String>, Failure> {
        let client = self.client.with_fresh_deadline();
        if let Some(token) = token.as_ref().filter(|token| now < token.expires_at) {
            match client.roles_with(token, sub) {
                Err(ManagementError::NotAllowed { status: 401, .. }) => {}
                roles => return Ok(roles?),
            }
        }
        let new = token.insert(client.new_token()?);
        Ok(client.roles_with(new, sub)?)
    }
}

/// Each user's roles, and until when they may be used, in seconds since 1970.
#[derive(Default)]
struct Users(HashMap<String, (i64, Vec<String>)>);

impl Users {
    fn get(&self, sub: &str, now: i64) -> Option<&[String]> {
        let (until, roles) = self.0.get(sub)?;
        // A clock that is set back must not extend their lifetime.
        (until.saturating_sub(MAX_AGE)..*until)
            .contains(&now)
            .then_some(roles)
    }

    fn insert(&mut self, sub: &str, roles: &[String], now: i64, until: i64) {
        if self.0.len() >= CAPACITY {
            self.0.clear();
        }
        self.0.insert(
            sub.to_owned(),
            (until.min(now.saturating_add(MAX_AGE)), roles.to_owned()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600;

    #[test]
    fn roles_are_cached_for_a_minute_and_no_longer_than_the_token() {
        for (token, seconds) in [(NOW + 86_400, 60), (NOW + 5, 5), (i64::MAX, 60)] {
            let mut users = Users::default();
            users.insert("a", &["admin".to_owned()], NOW, token);
            assert!(users.get("a", NOW + seconds - 1).is_some(), "{seconds}");
            assert!(users.get("a", NOW + seconds).is_none(), "{seconds}");
            assert!(users.get("a", NOW - 120).is_none() && users.get("b", NOW).is_none());
        }
    }

    #[test]
    fn the_number_of_cached_users_is_limited() {
        let mut users = Users::default();
        for number in 0..10_000 {
            users.insert(&number.to_string(), &[], NOW, i64::MAX);
            assert!(users.0.len() <= CAPACITY && users.get(&number.to_string(), NOW).is_some());
        }
    }
}
