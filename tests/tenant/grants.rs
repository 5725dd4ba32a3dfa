//! The grants: what each asks for and what it checks.

use super::directory::{Api, Client, User};
use super::error_responses;
use super::issue::Grant;
use super::options::TenantOptions;
use super::shared::Shared;
use super::token_endpoint::Fields;
use super::transport::response::Answer;

/// One request to the token endpoint from an application that proved who it is.
pub(super) struct Exchange<'a> {
    pub(super) shared: &'a Shared,
    pub(super) options: &'a TenantOptions,
    pub(super) client: &'a Client,
    pub(super) fields: &'a Fields,
}

/// RFC 6749 §4.3, and Auth0's variant that names the directory.
pub(super) fn password(exchange: &Exchange<'_>, realm: Option<&str>) -> Result<Answer, Answer> {
    let directory = &exchange.options.directory;
    let (username, password) = (
        exchange.fields.required("username")?,
        exchange.fields.required("password")?,
    );
    let grant = exchange.grant(username)?;
    match realm {
        Some(realm) if !directory.connections.iter().any(|name| name == realm) => {
            return Err(error_responses::unknown_realm());
        }
        None if directory.default_connection.is_none() => {
            return Err(error_responses::no_default_directory());
        }
        _ => {}
    }
    let user = exchange.user(username, password)?;
    if user.mfa_required {
        return Err(error_responses::mfa_required(
            &exchange.shared.transactions().start(grant),
        ));
    }
    Ok(exchange.answer(exchange.login(user, &grant)))
}

/// RFC 6749 §4.4: a token for the application itself, which knows no user and no `id_token`.
pub(super) fn client_credentials(exchange: &Exchange<'_>) -> Result<Answer, Answer> {
    let audience = exchange
        .fields
        .text("audience")
        .ok_or_else(error_responses::no_audience)?;
    let management = Api {
        identifier: exchange.shared.management(),
        scopes: exchange.client.management_scopes.clone(),
    };
    let (api, authorized) = if audience == management.identifier {
        (&management, !management.scopes.is_empty())
    } else {
        let api = exchange
            .api(audience)
            .ok_or_else(|| error_responses::service_not_enabled(audience))?;
        (
            api,
            exchange
                .client
                .authorized_apis
                .iter()
                .any(|identifier| identifier == audience),
        )
    };
    if !authorized {
        return Err(error_responses::api_not_authorized(audience));
    }
    let asked = exchange
        .fields
        .text("scope")
        .unwrap_or_default()
        .split_whitespace();
    let too_much: Vec<&str> = asked
        .filter(|asked| !api.scopes.iter().any(|scope| scope == asked))
        .collect();
    if !too_much.is_empty() {
        return Err(error_responses::scopes_not_granted(&too_much.join(", ")));
    }
    Ok(exchange.answer(exchange.own_token(api)))
}

impl Exchange<'_> {
    /// What is asked for in the user's name; an audience has to be an API.
    fn grant(&self, username: &str) -> Result<Grant, Answer> {
        let audience = self
            .fields
            .text("audience")
            .filter(|&audience| audience != self.userinfo());
        match audience {
            Some(unknown) if self.api(unknown).is_none() => {
                Err(error_responses::unknown_audience(unknown))
            }
            _ => Ok(Grant {
                user: Some(username.to_owned()),
                client: self.client.id.clone(),
                audience: audience.map(str::to_owned),
                scope: self.fields.text("scope").map(str::to_owned),
            }),
        }
    }

    /// The user whose password this is, as long as not too many others were tried.
    fn user(&self, username: &str, password: &str) -> Result<&User, Answer> {
        let directory = &self.options.directory;
        let known = directory
            .users
            .iter()
            .find(|user| user.email == username)
            .ok_or_else(error_responses::wrong_password)?;
        if self.shared.failed_logins(username, |_| {}) >= directory.attempts {
            return Err(error_responses::too_many_attempts());
        }
        if known.password != password {
            let failed = self.shared.failed_logins(username, |failed| *failed += 1);
            let blocked = failed >= directory.attempts;
            return Err(if blocked {
                error_responses::too_many_attempts()
            } else {
                error_responses::wrong_password()
            });
        }
        self.shared.failed_logins(username, |failed| *failed = 0);
        if known.blocked {
            Err(error_responses::user_blocked())
        } else {
            Ok(known)
        }
    }

    pub(super) fn api(&self, identifier: &str) -> Option<&Api> {
        self.options
            .directory
            .apis
            .iter()
            .find(|api| api.identifier == identifier)
    }

    pub(super) fn issuer(&self) -> String {
        self.options.issuer(&self.shared.url)
    }

    pub(super) fn userinfo(&self) -> String {
        format!("{}userinfo", self.issuer())
    }
}
