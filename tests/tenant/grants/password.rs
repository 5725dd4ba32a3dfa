//! The password grant (RFC 6749 §4.3).

use super::request::TokenRequest;
use crate::tenant::directory::User;
use crate::tenant::error_responses;
use crate::tenant::options::Flavor;
use crate::tenant::second_factors::factor::Credential;
use crate::tenant::second_factors::totp::totp_window;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::transport::response::Response;

/// With a realm, this is Auth0's `password-realm` grant.
pub(super) fn password(
    request: &TokenRequest<'_>,
    realm: Option<&str>,
) -> Result<Response, Response> {
    let directory = &request.options.directory;
    let (username, password) = (
        request.fields.required("username")?,
        request.fields.required("password")?,
    );
    let grant = request.grant(username)?;
    match realm {
        Some(realm) if !directory.connections.iter().any(|name| name == realm) => {
            return Err(error_responses::unknown_realm());
        }
        None if directory.default_connection.is_none() => {
            return Err(error_responses::no_default_directory());
        }
        _ => {}
    }
    let user = request.user(username, password)?;
    if request.options.flavor == Flavor::Keycloak {
        request.check_totp(user)?;
        return Ok(request.token_response(request.login_tokens(user, &grant)));
    }
    if user.mfa_required {
        let token = request.state.transactions().start(grant);
        return Err(request.mfa_required(user, &token));
    }
    Ok(request.token_response(request.login_tokens(user, &grant)))
}

impl TokenRequest<'_> {
    fn wrong_password(&self) -> Response {
        match self.options.flavor {
            Flavor::Keycloak => error_responses::invalid_user_credentials(),
            Flavor::Auth0 | Flavor::Plain => error_responses::wrong_password(),
        }
    }

    /// Keycloak takes the code in the same request, and does not say that one is missing.
    fn check_totp(&self, user: &User) -> Result<(), Response> {
        let sent = self.fields.text("totp").unwrap_or_default();
        let is_accepted = |credential: &Credential| match credential {
            Credential::Otp(code) => Some(sent == code),
            Credential::Totp(secret) => Some(totp_window(secret).iter().any(|code| code == sent)),
            _ => None,
        };
        let mut factors = user.factors.iter();
        let accepted = factors.find_map(|factor| is_accepted(&factor.credential));
        if accepted.unwrap_or(true) {
            Ok(())
        } else {
            Err(error_responses::invalid_user_credentials())
        }
    }

    /// The requested grant; the audience must be a registered API.
    fn grant(&self, username: &str) -> Result<Grant, Response> {
        let audience = self
            .fields
            .text("audience")
            .filter(|&audience| audience != self.userinfo());
        match audience {
            Some(audience) if self.api(audience).is_none() => {
                Err(error_responses::unknown_audience())
            }
            _ => Ok(Grant {
                user: Some(username.to_owned()),
                client: self.client.id.clone(),
                audience: audience.map(str::to_owned),
                scope: self.fields.text("scope").map(str::to_owned),
                nonce: None,
            }),
        }
    }

    /// Checks the password, after brute-force protection.
    fn user(&self, username: &str, password: &str) -> Result<&User, Response> {
        let directory = &self.options.directory;
        let user = directory
            .user(username)
            .ok_or_else(|| self.wrong_password())?;
        if self.state.failed_logins(username, |_| {}) >= directory.max_failed_logins {
            return Err(error_responses::too_many_attempts());
        }
        if user.password != password {
            let failed = self.state.failed_logins(username, |failed| *failed += 1);
            let blocked = failed >= directory.max_failed_logins;
            return Err(if blocked {
                error_responses::too_many_attempts()
            } else {
                self.wrong_password()
            });
        }
        self.state.failed_logins(username, |failed| *failed = 0);
        match user.denied {
            _ if user.blocked => Err(error_responses::user_blocked()),
            Some(denied) => Err(denied()),
            None => Ok(user),
        }
    }
}
