//! Roles of many users: requested at most once a minute per user, with one token for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::{ManagementToken, RolesClient};
use super::error::ManagementError;
use crate::failure::{Class, Failure};
use crate::moment::Moment;

/// Users whose roles are cached, to bound memory.
const CAPACITY: usize = 4096;

/// Seconds for which roles are cached, so that a change of them is soon seen.
const MAX_AGE: i64 = 60;

/// Seconds for which a tenant that could not be reached is not asked again.
const RETRY_INTERVAL: i64 = 10;

/// Caches the roles of one tenant's users; shared by threads.
pub(crate) struct RoleCache {
    client: RolesClient,
    token: Mutex<Option<Arc<ManagementToken>>>,
    users: Mutex<Users>,
    /// When the tenant could last not be reached, and why.
    unreachable: Mutex<Option<(Moment, Failure)>>,
    /// A lock for each user who is asked for, so that threads ask once.
    requests: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

impl RoleCache {
    /// Requests nothing before the first user.
    pub(crate) fn new(client: RolesClient) -> Self {
        Self {
            client,
            token: Mutex::default(),
            users: Mutex::default(),
            unreachable: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// The roles of a user; none without a user. `before_wait` is called before anything that may
    /// wait for the network.
    pub(crate) fn roles(
        &self,
        sub: Option<&str>,
        before_wait: &mut dyn FnMut(),
    ) -> Result<Vec<String>, Failure> {
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        if let Some(roles) = self.cached(sub) {
            return Ok(roles);
        }
        before_wait();
        let request = Arc::clone(lock(&self.requests).entry(sub.to_owned()).or_default());
        let _request = lock(&request);
        // Another thread may have asked meanwhile.
        let roles = self.cached(sub).map_or_else(|| self.ask(sub), Ok);
        lock(&self.requests).remove(sub);
        roles
    }

    fn cached(&self, sub: &str) -> Option<Vec<String>> {
        let now = self.client.now();
        lock(&self.users).get(sub, now).map(<[String]>::to_vec)
    }

    /// Asks the tenant, unless it could not be reached a moment ago: not each of many lines waits
    /// for the time limit.
    fn ask(&self, sub: &str) -> Result<Vec<String>, Failure> {
        let now = self.client.now();
        let known = lock(&self.unreachable).clone();
        if let Some((_, failure)) = known.filter(|(at, _)| at.age(now) < RETRY_INTERVAL) {
            return Err(failure);
        }
        self.fetch(sub).inspect_err(|failure| {
            // A response, though an error, may be about this user alone.
            if failure.class == Class::Unreachable && failure.status.is_none() {
                let now = Moment::at(self.client.now());
                *lock(&self.unreachable) = Some((now, failure.clone()));
            }
        })
    }

    /// With the existing token; with a new one if it has expired or the tenant rejects it.
    fn fetch(&self, sub: &str) -> Result<Vec<String>, Failure> {
        let client = self.client.with_fresh_deadline();
        let token = self.token(&client, None)?;
        let (token, roles) = match client.roles_with(&token, sub) {
            Err(ManagementError::NotAllowed { status: 401, .. }) => {
                let token = self.token(&client, Some(&token))?;
                let roles = client.roles_with(&token, sub);
                (token, roles)
            }
            roles => (token, roles),
        };
        let roles = roles.map_err(|error| client.explained(error, &token.issuer))?;
        let now = client.now();
        lock(&self.users).insert(sub, &roles, now, token.remaining(now));
        Ok(roles)
    }

    /// The token of all threads: a new one if it has expired, or is the one that was rejected.
    fn token(
        &self,
        client: &RolesClient,
        rejected: Option<&Arc<ManagementToken>>,
    ) -> Result<Arc<ManagementToken>, Failure> {
        // Locked during the request, so that the threads make one.
        let mut token = lock(&self.token);
        let is_rejected = |token: &Arc<ManagementToken>| {
            rejected.is_some_and(|rejected| Arc::ptr_eq(rejected, token))
        };
        let now = client.now();
        match token
            .as_ref()
            .filter(|one| one.remaining(now) > 0 && !is_rejected(one))
        {
            Some(token) => Ok(Arc::clone(token)),
            None => Ok(Arc::clone(token.insert(Arc::new(client.new_token()?)))),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each user's roles: when they came, and for how many seconds they may be used.
#[derive(Default)]
struct Users(HashMap<String, (Moment, i64, Vec<String>)>);

impl Users {
    fn get(&self, sub: &str, now: i64) -> Option<&[String]> {
        let (came, max_age, roles) = self.0.get(sub)?;
        (came.age(now) < *max_age).then_some(roles)
    }

    fn insert(&mut self, sub: &str, roles: &[String], now: i64, max_age: i64) {
        if self.0.len() >= CAPACITY {
            self.0.clear();
        }
        let entry = (Moment::at(now), max_age.min(MAX_AGE), roles.to_owned());
        self.0.insert(sub.to_owned(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600;

    #[test]
    fn roles_are_cached_for_a_minute_and_no_longer_than_the_token() {
        for (token, seconds) in [(86_400, 60), (5, 5), (i64::MAX, 60)] {
            let mut users = Users::default();
            users.insert("a", &["admin".to_owned()], NOW, token);
            assert!(users.get("a", NOW + seconds - 1).is_some(), "{seconds}");
            assert!(users.get("a", NOW + seconds).is_none(), "{seconds}");
            assert!(users.get("b", NOW).is_none());
        }
    }

    #[test]
    fn roles_that_just_came_are_used_whatever_the_clock_says() {
        for now in [i64::MIN, 0, i64::MAX] {
            let mut users = Users::default();
            users.insert("a", &[], now, i64::MAX);
            assert!(users.get("a", now).is_some(), "{now}");
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
