//! The grants that end a login with a second factor.

use serde_json::json;

use super::endpoints;
use super::factor::Proof;
use super::totp::totp_window;
use crate::tenant::directory::User;
use crate::tenant::error_responses;
use crate::tenant::grants::request::Exchange;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::transport::response::Response;

/// The code of an authenticator app.
pub(crate) fn otp(exchange: &Exchange<'_>) -> Result<Response, Response> {
    let (_, grant) = exchange.transaction()?;
    let code = exchange.fields.required("otp")?;
    let user = endpoints::user(exchange.options, &grant)?;
    let right = user
        .factors
        .iter()
        .filter(|factor| factor.active)
        .any(|factor| match &factor.proof {
            Proof::Otp(expected) => expected == code,
            Proof::Totp(secret) => {
                totp_window(secret).iter().any(|expected| expected == code)
                    && exchange.shared.transactions().use_up(&factor.id, code)
            }
            _ => false,
        });
    exchange.proven(user, right, error_responses::wrong_otp)?;
    Ok(exchange.token_response(exchange.login(user, &grant)))
}

/// The answer to a challenge: a code from a message, or a push that is looked at until it is answered.
pub(crate) fn oob(exchange: &Exchange<'_>) -> Result<Response, Response> {
    let (token, grant) = exchange.transaction()?;
    let code = exchange.fields.required("oob_code")?;
    let user = endpoints::user(exchange.options, &grant)?;
    let id = exchange.shared.transactions().challenged(code, token)?;
    let factor = user
        .factors
        .iter()
        .find(|factor| factor.id == id)
        .ok_or_else(error_responses::malformed_oob_code)?;
    match &factor.proof {
        Proof::Message { code: expected, .. } => {
            let right = exchange.fields.required("binding_code")? == expected;
            exchange.proven(user, right, error_responses::wrong_binding_code)?;
        }
        Proof::Push { polls, refusal } => {
            let looks = exchange
                .shared
                .transactions()
                .poll(code, exchange.options.push_interval)?;
            match refusal {
                _ if looks <= *polls => return Err(error_responses::authorization_pending()),
                Some(refusal) => return Err(refusal.clone()),
                None => {}
            }
        }
        _ => return Err(error_responses::malformed_oob_code()),
    }
    Ok(exchange.token_response(exchange.login(user, &grant)))
}

/// The code that the user kept for this day; the answer holds the next one.
pub(crate) fn recovery_code(exchange: &Exchange<'_>) -> Result<Response, Response> {
    let (_, grant) = exchange.transaction()?;
    let code = exchange.fields.required("recovery_code")?;
    let user = endpoints::user(exchange.options, &grant)?;
    let enrolled = user.factors.iter().find_map(|factor| match &factor.proof {
        Proof::RecoveryCode(code) if factor.active => Some(code.clone()),
        _ => None,
    });
    let replaced = exchange
        .shared
        .transactions()
        .recovery_code(&user.email)
        .map(str::to_owned);
    let right = enrolled.is_some_and(|enrolled| replaced.unwrap_or(enrolled) == code);
    exchange.proven(user, right, error_responses::wrong_recovery_code)?;
    let mut members = exchange.login(user, &grant);
    let next = exchange
        .shared
        .transactions()
        .replace_recovery_code(&user.email);
    members.insert("recovery_code".to_owned(), json!(next));
    Ok(exchange.token_response(members))
}

impl Exchange<'_> {
    /// The `mfa_token`, and what was asked for when it was given.
    fn transaction(&self) -> Result<(&str, Grant), Response> {
        let token = self.fields.required("mfa_token")?;
        let grant = self
            .shared
            .transactions()
            .grant(token, self.options.mfa_token_lifetime)?;
        if grant.client == self.client.id {
            Ok((token, grant))
        } else {
            Err(error_responses::foreign_mfa_token())
        }
    }

    /// Counts wrong codes, and takes none at all once there were too many.
    fn proven(&self, user: &User, right: bool, wrong: fn() -> Response) -> Result<(), Response> {
        let mut transactions = self.shared.transactions();
        if transactions.failed_codes(&user.email, |_| {}) >= self.options.max_failed_codes {
            return Err(error_responses::too_many_failed_codes());
        }
        transactions.failed_codes(&user.email, |failed| {
            *failed = if right { 0 } else { *failed + 1 }
        });
        if right { Ok(()) } else { Err(wrong()) }
    }
}
