//! Requirements: what a valid token must also grant.

mod value;

use serde_json::Value;

use super::claims::Claims;
use super::violation::{Rule, Violation, quote, show};
use crate::failure::{Class, Diagnose};
pub use value::ClaimRequirement;
use value::shown;

/// What a valid token must also grant: everything in these lists.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// Scopes, in a claim that separates them by spaces (RFC 8693 §4.2) or is a list.
    pub scopes: Vec<String>,
    /// Permissions in the array `permissions`.
    pub permissions: Vec<String>,
    /// Roles in the array that `roles_claim` names.
    pub roles: Vec<String>,
    /// The claim that contains roles.
    pub roles_claim: String,
    /// Claims, with their values where one is required.
    pub claims: Vec<ClaimRequirement>,
    /// Lists and what they must contain.
    pub members: Vec<(String, String)>,
    /// The claim that contains scopes; `None`: `scope`, else `scp`.
    pub scope_claim: Option<String>,
}

/// The requirements that a valid token does not meet.
#[derive(Debug, thiserror::Error)]
#[error("the token is valid, but does not meet the requirements")]
pub struct Unmet(Vec<Violation>);

impl Unmet {
    /// One violation for each requirement, at least one.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0
    }
}

impl Diagnose for Unmet {
    fn class(&self) -> Class {
        Class::ClaimMissing
    }

    fn hint(&self) -> Option<String> {
        None
    }

    fn reasons(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// The access token issued with an ID token: it has the scopes and permissions of a login.
#[derive(Clone, Copy, Debug)]
pub enum AccessToken<'c> {
    /// A JWT, verified.
    Verified(&'c Claims),
    /// Only the API can read it; its scopes are those of the token response (RFC 6749 §5.1).
    Opaque {
        /// The response's `scope`.
        scope: Option<&'c str>,
        /// Whether it is encrypted for the API (RFC 7516), so that it may have permissions.
        is_encrypted: bool,
    },
}

impl Requirements {
    /// Whether nothing is required.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs_no_access_token()
            && self.roles.is_empty()
            && self.claims.is_empty()
            && self.members.is_empty()
    }

    /// Everything that is in these lists or in those of `added`, whose claims for scopes and roles
    /// count.
    #[must_use]
    pub fn and(mut self, added: Self) -> Self {
        self.scopes.extend(added.scopes);
        self.permissions.extend(added.permissions);
        self.roles.extend(added.roles);
        self.claims.extend(added.claims);
        self.members.extend(added.members);
        Self {
            roles_claim: added.roles_claim,
            scope_claim: added.scope_claim,
            ..self
        }
    }

    /// Whether no scope and no permission is required.
    #[must_use]
    pub fn needs_no_access_token(&self) -> bool {
        self.scopes.is_empty() && self.permissions.is_empty()
    }

    /// Checks the claims of one token. `roles` are from the tenant and replace those of the claim.
    pub fn check(&self, claims: &Claims, roles: Option<&[String]>) -> Result<(), Unmet> {
        self.check_login(claims, AccessToken::Verified(claims), roles)
    }

    /// Checks roles and claims of a login's ID token, scopes and permissions of its access token.
    pub fn check_login(
        &self,
        claims: &Claims,
        access_token: AccessToken<'_>,
        roles: Option<&[String]>,
    ) -> Result<(), Unmet> {
        let response_scope;
        let (scope, permissions) = match access_token {
            AccessToken::Verified(claims) => (self.scope(claims), claims.get("permissions")),
            AccessToken::Opaque { scope, .. } => {
                response_scope = scope.map(Value::from);
                (response_scope.as_ref(), None)
            }
        };
        let mut unmet = Vec::new();
        unmet.extend(self.unmet_scopes(scope));
        if let AccessToken::Opaque {
            is_encrypted: true, ..
        } = access_token
        {
            unmet.extend(self.unknown_permissions());
        } else {
            unmet.extend(self.unmet_permissions(permissions));
        }
        unmet.extend(self.unmet_roles(claims, roles));
        unmet.extend(self.unmet_claims(claims));
        unmet.extend(self.unmet_members(claims));
        if unmet.is_empty() {
            Ok(())
        } else {
            Err(Unmet(unmet))
        }
    }

    /// The claim with the scopes of a token: `scope` (RFC 8693 §4.2), else `scp` (Entra, Okta), or the
    /// claim that the caller names; text or a list.
    fn scope<'c>(&self, claims: &'c Claims) -> Option<&'c Value> {
        match (&self.scope_claim, claims.get("scope")) {
            (Some(name), _) => claims.find(name),
            // Duende and UAA write a list. Auth0, whose tokens have `permissions`, writes text: a list
            // in them is not what was granted.
            (None, Some(Value::Array(_))) if claims.get("permissions").is_some() => None,
            (None, Some(scope)) => Some(scope),
            (None, None) => claims.get("scp"),
        }
    }

    fn unmet_members(&self, claims: &Claims) -> impl Iterator<Item = Violation> {
        self.members.iter().filter_map(|(name, member)| {
            let claim = claims.find(name);
            let message = format!(
                "the claim {} is {}, expected a list with {}",
                quote(name),
                shown(claims.locate(name).as_ref()),
                quote(member)
            );
            (!is_member(claim, member)).then(|| Violation::new(Rule::Claim, message))
        })
    }

    fn unmet_scopes(&self, granted: Option<&Value>) -> impl Iterator<Item = Violation> {
        let scopes: Vec<&str> = match granted {
            Some(Value::String(scope)) => scope.split(' ').collect(),
            Some(Value::Array(scopes)) => scopes.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        self.scopes
            .iter()
            .filter(move |scope| scope.is_empty() || !scopes.contains(&scope.as_str()))
            .map(move |scope| {
                Violation::new(
                    Rule::Scope,
                    format!(
                        "the scope {} is not granted; scope is {}",
                        quote(scope),
                        show(granted)
                    ),
                )
            })
    }

    fn unmet_permissions(&self, granted: Option<&Value>) -> impl Iterator<Item = Violation> {
        self.permissions
            .iter()
            .filter(move |permission| !is_member(granted, permission))
            .map(move |permission| {
                let message = format!(
                    "the permission {} is not granted; permissions is {}",
                    quote(permission),
                    show(granted)
                );
                Violation::new(Rule::Permission, message)
            })
    }

    fn unknown_permissions(&self) -> impl Iterator<Item = Violation> {
        self.permissions.iter().map(|permission| {
            let message = format!(
                "the permission {} cannot be checked: the access token is encrypted for the API, \
                 and only that can read it",
                quote(permission)
            );
            Violation::new(Rule::Permission, message)
        })
    }

    fn unmet_roles(
        &self,
        claims: &Claims,
        tenant_roles: Option<&[String]>,
    ) -> impl Iterator<Item = Violation> {
        let claim = claims.find(&self.roles_claim);
        let has = move |role: &String| {
            match tenant_roles {
                Some(roles) => roles.contains(role),
                // One role as text counts as a list of one.
                None => is_member(claim, role) || claim.is_some_and(|claim| claim == role),
            }
        };
        self.roles
            .iter()
            .filter(move |role| !has(role))
            .map(move |role| {
                let source = if tenant_roles.is_some() {
                    "the tenant does not list it for this user".to_owned()
                } else {
                    let found = shown(claims.locate(&self.roles_claim).as_ref());
                    format!("{} is {found}", quote(&self.roles_claim))
                };
                Violation::new(
                    Rule::Role,
                    format!("the role {} is not granted; {source}", quote(role)),
                )
            })
    }

    fn unmet_claims(&self, claims: &Claims) -> impl Iterator<Item = Violation> {
        self.claims.iter().filter_map(|requirement| {
            let name = &requirement.name;
            let claim = claims.locate(name);
            let (expected, advice) = match (&claim, &requirement.value) {
                (Some(claim), Some(value)) if value.is_of(claim) => return None,
                (Some(claim), None) if !claim.value.is_null() => return None,
                (Some(claim), Some(value)) => (value.shown(), value.other_type(name, claim)),
                (None, Some(value)) => (value.shown(), String::new()),
                (_, None) => ("a value".into(), String::new()),
            };
            let message = format!(
                "the claim {} is {}, expected {expected}{advice}",
                quote(name),
                shown(claim.as_ref()),
            );
            Some(Violation::new(Rule::Claim, message))
        })
    }
}

fn is_member(list: Option<&Value>, member: &str) -> bool {
    list.and_then(Value::as_array)
        .is_some_and(|members| members.iter().any(|value| value == member))
}

#[cfg(test)]
mod tests;
