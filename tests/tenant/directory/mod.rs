//! What is registered at the tenant: users, applications, APIs and connections.

pub(super) mod client_key;
pub(super) mod demo_users;
mod options;

use client_key::ClientKey;
use serde_json::{Map, Value};

use crate::tenant::second_factors::factor::Factor;
use crate::tenant::transport::response::Response;
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, REALM, USER_PASSWORD};

pub(crate) const PASSWORD: &str = "password";
pub(crate) const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
pub(crate) const MFA_OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";
pub(crate) const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
/// The dashboard enables all three with one switch.
pub(crate) const MFA_GRANTS: [&str; 3] = [MFA_OTP, MFA_OOB, MFA_RECOVERY_CODE];

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) id: String,
    pub(crate) nickname: String,
    pub(crate) name: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) blocked: bool,
    /// An Action refuses the user's logins with this response.
    pub(crate) denied: Option<fn() -> Response>,
    pub(crate) mfa_required: bool,
    pub(crate) factors: Vec<Factor>,
    /// Only the Management API shows them.
    pub(crate) roles: Vec<String>,
    /// Claims that an Action adds to the user's `id_token`.
    pub(crate) claims: Map<String, Value>,
}

impl User {
    /// `number` makes the id unique.
    pub(crate) fn new(email: &str, password: &str, number: usize) -> Self {
        let nickname = email.split('@').next().unwrap_or(email);
        Self {
            email: email.to_owned(),
            password: password.to_owned(),
            id: format!("auth0|65f1c0de8a1b2c3d4e5f{number:04x}"),
            nickname: nickname.to_owned(),
            name: email.to_owned(),
            permissions: vec!["read:messages".to_owned()],
            blocked: false,
            denied: None,
            mfa_required: false,
            factors: Vec::new(),
            roles: Vec::new(),
            claims: Map::new(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// None: a public client, unless it has keys.
    pub(crate) secret: Option<String>,
    /// Keys that verify its assertions.
    pub(crate) keys: Vec<ClientKey>,
    pub(crate) grants: Vec<String>,
    /// The APIs it may request with client credentials.
    pub(crate) authorized_apis: Vec<String>,
    /// Its scopes at the Management API; empty: not authorized.
    pub(crate) management_scopes: Vec<String>,
}

impl Client {
    pub(crate) fn allows_grant(&self, grant: &str) -> bool {
        self.grants.iter().any(|allowed| allowed == grant)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) identifier: String,
    pub(crate) scopes: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) users: Vec<User>,
    pub(crate) clients: Vec<Client>,
    pub(crate) apis: Vec<Api>,
    /// Database connections; a realm is the name of one.
    pub(crate) connections: Vec<String>,
    /// For the password grant without a realm; the "default directory" in the dashboard.
    pub(crate) default_connection: Option<String>,
    /// Consecutive wrong passwords that block a user.
    pub(crate) max_failed_logins: u32,
}

impl Directory {
    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }
}

impl Default for Directory {
    fn default() -> Self {
        let robin = User {
            name: "Robin Percy".to_owned(),
            ..User::new(EMAIL, USER_PASSWORD, 1)
        };
        let client = Client {
            id: CLIENT_ID.to_owned(),
            secret: Some(CLIENT_SECRET.to_owned()),
            keys: Vec::new(),
            grants: strings(
                &[
                    &[
                        PASSWORD,
                        PASSWORD_REALM,
                        CLIENT_CREDENTIALS,
                        AUTHORIZATION_CODE,
                        REFRESH_TOKEN,
                    ],
                    &MFA_GRANTS[..],
                ]
                .concat(),
            ),
            authorized_apis: strings(&[AUDIENCE]),
            management_scopes: Vec::new(),
        };
        let api = Api {
            identifier: AUDIENCE.to_owned(),
            scopes: strings(&["read:messages", "write:messages"]),
        };
        Self {
            users: vec![robin],
            clients: vec![client],
            apis: vec![api],
            connections: strings(&[REALM]),
            default_connection: Some(REALM.to_owned()),
            max_failed_logins: 10,
        }
    }
}

pub(crate) fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
