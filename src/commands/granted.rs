//! What a login must grant: the gates, held against the tokens that came.

use secrecy::ExposeSecret;

use super::roles::Asker;
use crate::args::GateArgs;
use crate::auth::{Client, TokenAnswer};
use crate::config::Login;
use crate::error::Error;
use crate::keys::{Algorithm, Keys};
use crate::provider::Provider;
use crate::verify::{AccessToken, Claims, Gates, Kind, Policy, verify};

/// A login whose `id_token` is trusted.
pub(super) struct LoggedIn<'a> {
    pub(super) settings: &'a Login,
    pub(super) provider: &'a Provider,
    pub(super) keys: &'a Keys,
    pub(super) answer: &'a TokenAnswer,
    pub(super) claims: &'a Claims,
    /// Seconds by which clocks may differ.
    pub(super) leeway: u32,
    /// Unix seconds.
    pub(super) now: i64,
}

impl LoggedIn<'_> {
    /// Roles and claims are looked for in the `id_token`, scopes and permissions in the access token: verified too where it
    /// is a JWT, while of an opaque one the scope that the tenant answered counts.
    pub(super) fn grants(&self, args: &GateArgs, client: &Client<'_>) -> Result<(), Error> {
        let gates = args.gates();
        if gates.is_empty() {
            return Ok(());
        }
        let access_token = self.access_token(&gates)?;
        let access_token = match &access_token {
            Some(claims) => AccessToken::Verified(claims),
            // Without an access token there is nothing that could carry a scope.
            None => AccessToken::Opaque {
                scope: self
                    .answer
                    .access_token
                    .as_ref()
                    .and(self.answer.scope.as_deref()),
            },
        };
        let sub = self.claims.get("sub").and_then(|sub| sub.as_str());
        let roles = args
            .roles_from_tenant
            .then(|| self.roles(sub, client))
            .transpose()?;
        gates
            .check_login(self.claims, access_token, roles.as_deref())
            .map_err(Error::Lacks)
    }

    fn access_token(&self, gates: &Gates) -> Result<Option<Claims>, Error> {
        let token = self
            .answer
            .access_token
            .as_ref()
            .filter(|_| !self.answer.access_token_is_opaque());
        let Some(token) = token.filter(|_| !gates.needs_no_access_token()) else {
            return Ok(None);
        };
        let policy = Policy {
            issuer: Some(self.provider.issuer.clone()),
            audiences: self.settings.audience.iter().cloned().collect(),
            leeway: self.leeway,
            ..Policy::new(Kind::AccessToken, self.algorithms())
        };
        let claims = verify(token.expose_secret(), self.keys, &policy, self.now, None);
        claims.map(Some).map_err(Error::UntrustedAccessToken)
    }

    /// The secret that HS256 needs is the application's for an `id_token`, and the API's for an access token.
    fn algorithms(&self) -> Vec<Algorithm> {
        let public: Vec<_> = self
            .settings
            .algorithms
            .iter()
            .copied()
            .filter(|a| !a.is_symmetric())
            .collect();
        if public.is_empty() {
            vec![Algorithm::RS256]
        } else {
            public
        }
    }

    /// What is left of the login's own time is for them, too.
    fn roles(&self, sub: Option<&str>, client: &Client<'_>) -> Result<Vec<String>, Error> {
        let settings = &self.settings.for_roles(&self.provider.issuer);
        Asker {
            http: &client.http,
            provider: self.provider,
            settings,
            clock: client.clock,
        }
        .roles(sub)
    }
}
