//! The tokens of a login: the id_token is verified, and what the login must grant is checked.

use secrecy::ExposeSecret;

use super::start::Binding;
use crate::auth::Client;
use crate::config::{ManagementApi, RolesSettings, SignInRules, TenantRef, UserGrant};
use crate::failure::Failure;
use crate::keys::{Algorithm, Keys};
use crate::management::RolesClient;
use crate::provider::PendingJwks;
use crate::response::{NoIdToken, TokenResponse, TokenResponseError, Userinfo};
use crate::verify::{
    AccessToken, Claims, Policy, Remedy, Requirements, TokenKind, TokenName, VerificationError,
    VerifiedToken, verify,
};

/// A login whose id_token is verified.
pub(super) struct SignedIn<'a> {
    pub(super) id_token: VerifiedToken<'a>,
    pub(super) response: &'a TokenResponse,
    keys: Keys,
    /// Seconds since 1970.
    now: i64,
}

impl<'a> SignedIn<'a> {
    /// Verifies the id_token of a response by every rule of OpenID Connect Core §3.1.3.7. Waits
    /// for the keys.
    pub(super) fn verify(
        response: &'a TokenResponse,
        keys: Option<PendingJwks>,
        client: &Client<'_>,
        rules: &SignInRules,
        grant: &UserGrant,
        binding: &Binding,
        now: i64,
    ) -> Result<Self, Failure> {
        let token = response
            .id_token()?
            .ok_or_else(|| no_id_token(client, grant))?;
        let token = token.expose_unverified();
        let may_be_old = keys.is_some();
        let (set, key_error) = match keys.map(PendingJwks::wait).transpose() {
            Ok(set) => (set, None),
            Err(error) => (None, Some(error)),
        };
        let secret = client.application.client_secret.as_ref();
        let secret = secret.and_then(|secret| rules.secret_encoding.shared_secret(secret));
        let mut keys = Keys::new(set, secret);
        let policy = Policy {
            issuer: Some(client.provider.issuer.clone()),
            audiences: vec![client.application.client_id.clone()],
            leeway: rules.leeway,
            max_age: rules.max_age,
            nonce: binding.nonce.clone(),
            code: binding.code.clone(),
            organization: binding.organization.clone(),
            ..Policy::new(TokenKind::IdToken, rules.algorithms.as_slice())
        };
        let access_token = response.access_token();
        let access_token = access_token.map(ExposeSecret::expose_secret);
        let mut verified = verify(token, &keys, &policy, now, access_token);
        if may_be_old && key_error.is_none() && lacks_key(&verified) {
            // The keys were fetched while the password was typed, and may have changed since.
            let newer = PendingJwks::begin(&client.http, client.provider);
            if let Ok(newer) = newer.and_then(PendingJwks::wait) {
                keys = keys.with_set(newer);
                verified = verify(token, &keys, &policy, now, access_token);
            }
        }
        let id_token = verified.map_err(|error| {
            let error = error.about(TokenName::IdToken);
            let error = error.at_auth0(client.provider.kind.is_auth0());
            let error = Failure::from(error.with_clocks(client.http.clocks()));
            // A token signed with the shared secret needs no published keys; any other does.
            key_error.map_or(error, Failure::from)
        })?;
        Ok(Self {
            id_token,
            response,
            keys,
            now,
        })
    }

    /// Fails where the login does not grant what is required. Roles and claims are looked for in
    /// the id_token, scopes and permissions in the access token: it is verified too where it is a
    /// JWT, and where it is opaque the scope of the response counts.
    pub(super) fn require(
        &self,
        rules: &SignInRules,
        grant: &UserGrant,
        client: &Client<'_>,
        tenant: &TenantRef,
    ) -> Result<(), Failure> {
        let requirements = &rules.requirements;
        if requirements.is_empty() {
            return Ok(());
        }
        let verified = self.access_token(requirements, rules, grant, client)?;
        let access_token = match &verified {
            Some(claims) => AccessToken::Verified(claims),
            // Without an access token there is nothing that could carry a scope. A response that
            // does not name it grants what was requested (RFC 6749 §5.1).
            None => AccessToken::Opaque {
                scope: self
                    .response
                    .access_token()
                    .and(self.response.scope.as_deref().or(Some(&grant.scope))),
                is_encrypted: grant.audience.is_some() && self.response.access_token_is_encrypted(),
            },
        };
        let claims = self.id_token.claims();
        let from_tenant = rules.roles_from_tenant.as_ref();
        let from_tenant =
            from_tenant.map(|api| tenant_roles(claims.subject(), client, tenant, api));
        let from_tenant = from_tenant.transpose()?;
        Ok(requirements.check_login(claims, access_token, from_tenant.as_deref())?)
    }

    /// What the userinfo endpoint says of the user. A signed response is verified like a token.
    pub(super) fn userinfo(
        &self,
        client: &Client<'_>,
        rules: &SignInRules,
    ) -> Result<Userinfo, Failure> {
        let policy = Policy {
            issuer: Some(client.provider.issuer.clone()),
            audiences: vec![client.application.client_id.clone()],
            leeway: rules.leeway,
            ..Policy::new(TokenKind::Jwt, rules.algorithms.as_slice())
        };
        let verify = |jwt: &str| {
            let verified = verify(jwt, &self.keys, &policy, self.now, None)?;
            Ok(verified.into_claims())
        };
        let token = self.response.bearer()?;
        Ok(client.userinfo(token, self.id_token.claims(), verify)?)
    }

    /// The claims of the access token, where they are needed and it is a JWT.
    fn access_token(
        &self,
        requirements: &Requirements,
        rules: &SignInRules,
        grant: &UserGrant,
        client: &Client<'_>,
    ) -> Result<Option<Claims>, Failure> {
        let is_opaque = self.response.access_token_is_opaque();
        let token = self.response.access_token();
        let needed = !is_opaque && !requirements.needs_no_access_token();
        let Some(token) = token.filter(|_| needed) else {
            return Ok(None);
        };
        let policy = Policy {
            issuer: Some(client.provider.issuer.clone()),
            audiences: grant.audience.iter().cloned().collect(),
            leeway: rules.leeway,
            ..Policy::new(TokenKind::AccessToken, public_key_algorithms(rules))
        };
        let verified = verify(token.expose_secret(), &self.keys, &policy, self.now, None);
        let verified = verified.map_err(|error| {
            let error = error.about(TokenName::AccessToken);
            error.at_auth0(client.provider.kind.is_auth0())
        })?;
        Ok(Some(verified.into_claims()))
    }
}

/// Whether a newer key set may have the token's key.
fn lacks_key<T>(verified: &Result<T, VerificationError>) -> bool {
    let remedy = verified.as_ref().err().and_then(VerificationError::remedy);
    matches!(
        remedy,
        Some(Remedy::RefreshKeys | Remedy::RefreshCachedKeys)
    )
}

/// Why a response has no id_token.
fn no_id_token(client: &Client<'_>, grant: &UserGrant) -> TokenResponseError {
    let (kind, client_id) = (client.provider.kind, &client.application.client_id);
    let is_requested = grant
        .scope
        .split_whitespace()
        .any(|scope| scope == "openid");
    TokenResponseError::NoIdToken(if kind.is_auth0() && client_id.starts_with("tpc_") {
        NoIdToken::ThirdParty
    } else if is_requested {
        NoIdToken::NotIssued(kind.noun())
    } else {
        NoIdToken::NotRequested
    })
}

/// The user's roles as the tenant lists them, within what is left of the login's own time.
pub(super) fn tenant_roles(
    sub: Option<&str>,
    client: &Client<'_>,
    tenant: &TenantRef,
    api: &ManagementApi,
) -> Result<Vec<String>, Failure> {
    let settings = RolesSettings {
        tenant: tenant.clone(),
        application: client.application.clone(),
        api: api.clone(),
    };
    let management = RolesClient::new(client.http.clone(), settings, client.clock);
    management.roles(sub, client.provider)
}

/// A shared secret is the application's for an id_token, and the API's for an access token, so that
/// padlock only verifies the latter with published keys.
pub(super) fn public_key_algorithms(rules: &SignInRules) -> Vec<Algorithm> {
    let algorithms = rules.algorithms.iter().copied();
    let public: Vec<_> = algorithms.filter(|one| !one.is_symmetric()).collect();
    if public.is_empty() {
        vec![Algorithm::RS256]
    } else {
        public
    }
}
