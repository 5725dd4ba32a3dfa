//! Builder methods for what is registered at the tenant.

use super::{Api, Client, MFA_GRANTS, User, strings};
use crate::tenant::options::TenantOptions;

/// Where there can be several users or applications, "first" is the default one.
impl TenantOptions {
    /// Adds a user.
    pub(crate) fn user(mut self, email: &str, password: &str) -> Self {
        let user = User::new(email, password, self.directory.users.len() + 1);
        self.directory.users.push(user);
        self
    }

    pub(crate) fn first_user(mut self, update: impl FnOnce(&mut User)) -> Self {
        update(&mut self.directory.users[0]);
        self
    }

    /// The first user's permissions at the API.
    pub(crate) fn permissions(self, permissions: &[&str]) -> Self {
        self.first_user(|user| user.permissions = strings(permissions))
    }

    /// The first user's roles, which only the Management API shows.
    pub(crate) fn roles(self, roles: &[&str]) -> Self {
        self.first_user(|user| user.roles = strings(roles))
    }

    /// An administrator has blocked the first user.
    pub(crate) fn blocked(self) -> Self {
        self.first_user(|user| user.blocked = true)
    }

    /// Requires a second factor of the first user, who has none enrolled; see
    /// [`TenantOptions::factor`].
    pub(crate) fn mfa_required(self) -> Self {
        self.first_user(|user| user.mfa_required = true)
    }

    /// Consecutive wrong passwords that block a user; ten by default.
    pub(crate) fn max_failed_logins(mut self, max: u32) -> Self {
        self.directory.max_failed_logins = max;
        self
    }

    /// Adds an application.
    pub(crate) fn client(mut self, client: Client) -> Self {
        self.directory.clients.push(client);
        self
    }

    pub(crate) fn first_client(mut self, update: impl FnOnce(&mut Client)) -> Self {
        update(&mut self.directory.clients[0]);
        self
    }

    pub(crate) fn client_secret(self, secret: &str) -> Self {
        self.first_client(|client| client.secret = Some(secret.to_owned()))
    }

    /// Removes the first application's secret.
    pub(crate) fn public_client(self) -> Self {
        self.first_client(|client| client.secret = None)
    }

    /// The grant types that the first application is allowed to use.
    pub(crate) fn grants(self, grants: &[&str]) -> Self {
        self.first_client(|client| client.grants = strings(grants))
    }

    /// Disallows the grants that follow `mfa_required`.
    pub(crate) fn without_mfa_grants(self) -> Self {
        self.first_client(|client| {
            client
                .grants
                .retain(|grant| !MFA_GRANTS.contains(&&**grant));
        })
    }

    /// Authorizes the first application for the Management API with these scopes.
    pub(crate) fn management_scopes(self, scopes: &[&str]) -> Self {
        self.first_client(|client| client.management_scopes = strings(scopes))
    }

    /// Adds an API for which the first application may not use client credentials.
    pub(crate) fn api(mut self, identifier: &str, scopes: &[&str]) -> Self {
        self.directory.apis.push(Api {
            identifier: identifier.to_owned(),
            scopes: strings(scopes),
        });
        self
    }

    /// Adds a database connection.
    pub(crate) fn connection(mut self, name: &str) -> Self {
        self.directory.connections.push(name.to_owned());
        self
    }

    /// Leaves the password grant without a default directory.
    pub(crate) fn without_default_directory(mut self) -> Self {
        self.directory.default_connection = None;
        self
    }
}
