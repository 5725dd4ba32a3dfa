//! Roles that the tenant tells: one token for its Management API, one answer for each user.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::auth::Client;
use crate::config::ClientCredentials;
use crate::error::Error;
use crate::http::Http;
use crate::management::Management;
use crate::provider::Provider;

/// Users whose roles are remembered: memory stays flat however many tokens come.
const REMEMBERED: usize = 4096;

/// Asks the tenant for roles, in the name of an application.
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
    token: Option<SecretString>,
    roles: HashMap<String, Vec<String>>,
}

impl TenantRoles {
    /// Nothing is asked before the first user.
    pub(crate) fn new(http: Http, issuer: String, settings: ClientCredentials, clock: fn() -> i64) -> Self {
        Self { http, issuer, settings, clock, told: Mutex::default() }
    }

    /// The roles of `sub`; without one, none.
    pub(crate) fn of(&self, sub: Option<&str>) -> Result<Vec<String>, Error> {
        let Some(sub) = sub else { return Ok(Vec::new()) };
        // Held while the tenant is asked, so that it is asked once.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(roles) = told.roles.get(sub) {
            return Ok(roles.clone());
        }
        let http = self.http.again();
        let token = match told.token.take() {
            Some(token) => token,
            None => self.token(&http)?,
        };
        let roles = Management { http: &http, issuer: &self.issuer, token: &token }.roles(sub)?;
        told.token = Some(token);
        if told.roles.len() >= REMEMBERED {
            told.roles.clear();
        }
        told.roles.insert(sub.to_owned(), roles.clone());
        Ok(roles)
    }

    fn token(&self, http: &Http) -> Result<SecretString, Error> {
        let provider = Provider::find(http, &self.settings.place)?;
        let (application, extras) = (&self.settings.application, &self.settings.extras);
        let client = Client::new(http, &provider, application, extras, self.clock);
        let answer = client.client_credentials(&self.settings)?;
        let token = answer.bearer().map_err(|problem| Error::Lacking { problem, hint: None })?;
        Ok(token.clone())
    }
}
