//! Roles that the tenant tells: one token for its Management API, one answer for each user.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::auth::Client;
use crate::config::ClientCredentials;
use crate::error::Error;
use crate::http::Http;
use crate::management::{Management, ManagementError};
use crate::provider::Provider;

/// Users whose roles are remembered: memory stays flat however many tokens come.
const REMEMBERED: usize = 4096;

/// Seconds for which they are remembered, and no longer than the token that they were asked for with: whoever is given a
/// role, or loses it, need not wait long.
const LIFE: i64 = 60;

/// Asks one tenant for roles, in the name of an application.
pub(crate) struct Asker<'a> {
    /// Its deadline is for all that is asked.
    pub(crate) http: &'a Http,
    pub(crate) provider: &'a Provider,
    pub(crate) settings: &'a ClientCredentials,
    pub(crate) clock: fn() -> i64,
}

/// A token for the Management API.
struct Token {
    secret: SecretString,
    /// When its life ends, in seconds since 1970.
    until: i64,
}

impl Asker<'_> {
    /// The roles of `sub`, asked for with a token of their own; without a user, none.
    pub(crate) fn roles(&self, sub: Option<&str>) -> Result<Vec<String>, Error> {
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        let token = self.token()?;
        Ok(Management {
            http: self.http,
            issuer: &self.provider.issuer,
            token: &token.secret,
        }
        .roles(sub)?)
    }

    fn token(&self) -> Result<Token, Error> {
        let (application, extras) = (&self.settings.application, &self.settings.extras);
        let client = Client::new(self.http, self.provider, application, extras, self.clock);
        let answer = client.client_credentials(self.settings)?;
        let token = answer.bearer().map_err(|problem| Error::Lacking {
            problem,
            hint: None,
        })?;
        // Where nothing is said of its life, the tenant says when it is over.
        let life = answer.expires_in.unwrap_or(f64::INFINITY);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and parts of a second do not matter"
        )]
        let until = (self.clock)().saturating_add(life as i64);
        Ok(Token {
            secret: token.clone(),
            until,
        })
    }
}

/// Asks it about many users; threads share it.
pub(crate) struct TenantRoles {
    http: Http,
    issuer: String,
    settings: ClientCredentials,
    clock: fn() -> i64,
    told: Mutex<Told>,
}

/// What the tenant said so far.
#[derive(Default)]
struct Told {
    token: Option<Token>,
    roles: Memory,
}

impl TenantRoles {
    /// Nothing is asked before the first user.
    pub(crate) fn new(
        http: Http,
        issuer: String,
        settings: ClientCredentials,
        clock: fn() -> i64,
    ) -> Self {
        Self {
            http,
            issuer,
            settings,
            clock,
            told: Mutex::default(),
        }
    }

    /// The roles of `sub`; without one, none.
    pub(crate) fn of(&self, sub: Option<&str>) -> Result<Vec<String>, Error> {
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        // Held while the tenant is asked, so that it is asked once.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        if let Some(roles) = told.roles.find(sub, now) {
            return Ok(roles.to_vec());
        }
        let roles = self.ask(&mut told.token, sub, now)?;
        let until = told.token.as_ref().map_or(now, |token| token.until);
        told.roles.keep(sub, &roles, now, until);
        Ok(roles)
    }

    /// With the token at hand; with a new one where its life is over, or the tenant says so.
    fn ask(&self, token: &mut Option<Token>, sub: &str, now: i64) -> Result<Vec<String>, Error> {
        let http = self.http.again();
        let with = |token: &Token| {
            Management {
                http: &http,
                issuer: &self.issuer,
                token: &token.secret,
            }
            .roles(sub)
        };
        if let Some(token) = token.as_ref().filter(|token| now < token.until) {
            match with(token) {
                Err(ManagementError::NotAllowed { status: 401, .. }) => {}
                roles => return Ok(roles?),
            }
        }
        let provider = Provider::find(&http, &self.settings.place)?;
        let (settings, clock) = (&self.settings, self.clock);
        let new = Asker {
            http: &http,
            provider: &provider,
            settings,
            clock,
        }
        .token()?;
        Ok(with(token.insert(new))?)
    }
}

/// Users' roles, each until a time in seconds since 1970.
#[derive(Default)]
struct Memory(HashMap<String, (i64, Vec<String>)>);

impl Memory {
    fn find(&self, sub: &str, now: i64) -> Option<&[String]> {
        let (until, roles) = self.0.get(sub)?;
        // A clock that was set back must not make them last longer.
        (until.saturating_sub(LIFE)..*until)
            .contains(&now)
            .then_some(roles)
    }

    fn keep(&mut self, sub: &str, roles: &[String], now: i64, until: i64) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(
            sub.to_owned(),
            (until.min(now.saturating_add(LIFE)), roles.to_owned()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600;

    #[test]
    fn roles_are_remembered_for_a_minute_and_no_longer_than_the_token() {
        for (token, seconds) in [(NOW + 86_400, 60), (NOW + 5, 5), (i64::MAX, 60)] {
            let mut memory = Memory::default();
            memory.keep("a", &["admin".to_owned()], NOW, token);
            assert!(memory.find("a", NOW + seconds - 1).is_some(), "{seconds}");
            assert!(memory.find("a", NOW + seconds).is_none(), "{seconds}");
            assert!(memory.find("a", NOW - 120).is_none() && memory.find("b", NOW).is_none());
        }
    }

    #[test]
    fn so_many_users_are_remembered_and_no_more() {
        let mut memory = Memory::default();
        for number in 0..10_000 {
            memory.keep(&number.to_string(), &[], NOW, i64::MAX);
            assert!(
                memory.0.len() <= REMEMBERED && memory.find(&number.to_string(), NOW).is_some()
            );
        }
    }
}
