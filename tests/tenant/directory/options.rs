//! What a test registers at the tenant, or takes away.

use super::{Api, Client, MFA_GRANTS, User, strings};
use crate::tenant::options::TenantOptions;

/// What is registered. Where one user or one application is meant, it is the first.
impl TenantOptions {
    /// One more user.
    pub(crate) fn user(mut self, email: &str, password: &str) -> Self {
        let user = User::new(email, password, self.directory.users.len() + 1);
        self.directory.users.push(user);
        self
    }

    /// Changes the first user.
    pub(crate) fn first_user(mut self, how: impl FnOnce(&mut User)) -> Self {
        how(&mut self.directory.users[0]);
        self
    }

    /// What the first user may do at the API.
    pub(crate) fn permissions(self, permissions: &[&str]) -> Self {
        self.first_user(|user| user.permissions = strings(permissions))
    }

    /// What the Management API tells of the first user.
    pub(crate) fn roles(self, roles: &[&str]) -> Self {
        self.first_user(|user| user.roles = strings(roles))
    }

    /// An administrator blocked the first user.
    pub(crate) fn blocked(self) -> Self {
        self.first_user(|user| user.blocked = true)
    }

    /// The first user needs a second factor, and has none; see [`TenantOptions::factor`].
    pub(crate) fn mfa_required(self) -> Self {
        self.first_user(|user| user.mfa_required = true)
    }

    /// Wrong passwords in a row after which a user is blocked; ten otherwise.
    pub(crate) fn max_failed_logins(mut self, max: u32) -> Self {
        self.directory.max_failed_logins = max;
        self
    }

    /// One more application.
    pub(crate) fn client(mut self, client: Client) -> Self {
        self.directory.clients.push(client);
        self
    }

    /// Changes the first application.
    pub(crate) fn first_client(mut self, how: impl FnOnce(&mut Client)) -> Self {
        how(&mut self.directory.clients[0]);
        self
    }

    pub(crate) fn client_secret(self, secret: &str) -> Self {
        self.first_client(|client| client.secret = Some(secret.to_owned()))
    }

    /// The first application has no secret.
    pub(crate) fn public_client(self) -> Self {
        self.first_client(|client| client.secret = None)
    }

    /// The grant types that the first application may use, and no others.
    pub(crate) fn grants(self, grants: &[&str]) -> Self {
        self.first_client(|client| client.grants = strings(grants))
    }

    /// The first application may not go on after `mfa_required`.
    pub(crate) fn without_mfa_grants(self) -> Self {
        self.first_client(|client| {
            client
                .grants
                .retain(|grant| !MFA_GRANTS.contains(&&**grant))
        })
    }

    /// The first application may ask for the Management API, with these scopes.
    pub(crate) fn management_scopes(self, scopes: &[&str]) -> Self {
        self.first_client(|client| client.management_scopes = strings(scopes))
    }

    /// One more API, which the first application may not ask for in its own name.
    pub(crate) fn api(mut self, identifier: &str, scopes: &[&str]) -> Self {
        self.directory.apis.push(Api {
            identifier: identifier.to_owned(),
            scopes: strings(scopes),
        });
        self
    }

    /// One more database connection.
    pub(crate) fn connection(mut self, name: &str) -> Self {
        self.directory.connections.push(name.to_owned());
        self
    }

    /// The plain password grant has no directory to look in.
    pub(crate) fn without_default_directory(mut self) -> Self {
        self.directory.default_connection = None;
        self
    }
}
