//! The grants that complete a login with a second factor.

use serde_json::{Value, json};

use super::endpoints;
use super::factor::Credential;
use super::totp::totp_window;
use crate::tenant::directory::User;
use crate::tenant::error_responses;
use crate::tenant::grants::request::TokenRequest;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::transport::response::Response;

/// The `mfa-otp` grant.
pub(crate) fn otp(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let (token, grant) = request.transaction()?;
    let code = request.fields.required("otp")?;
    let user = endpoints::user(request.options, &grant)?;
    let correct = user
        .factors
        .iter()
        .filter(|factor| factor.active)
        .any(|factor| match &factor.credential {
            Credential::Otp(expected) => expected == code,
            Credential::Totp(secret) => {
                totp_window(secret).iter().any(|expected| expected == code)
                    && request.state.transactions().is_first_use(&factor.id, code)
            }
            _ => false,
        });
    request.check_code(user, correct, error_responses::wrong_otp)?;
    request.after_factor(token, user, &grant)
}

/// The `mfa-oob` grant: a code from a message, or a push that the client polls.
pub(crate) fn oob(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let (token, grant) = request.transaction()?;
    let code = request.fields.required("oob_code")?;
    let user = endpoints::user(request.options, &grant)?;
    let id = request.state.transactions().challenged_factor(
        code,
        token,
        request.options.oob_code_lifetime,
    )?;
    let factor = user
        .factors
        .iter()
        .find(|factor| factor.id == id)
        .ok_or_else(error_responses::malformed_oob_code)?;
    match &factor.credential {
        Credential::Message { code: expected, .. } => {
            let correct = request.fields.required("binding_code")? == expected;
            request.check_code(user, correct, error_responses::wrong_binding_code)?;
        }
        Credential::Push { polls, error } => {
            let polled = request
                .state
                .transactions()
                .poll(code, request.options.push_interval)?;
            match error {
                _ if polled <= *polls => return Err(error_responses::authorization_pending()),
                Some(error) => return Err(error.clone()),
                None => {}
            }
        }
        _ => return Err(error_responses::malformed_oob_code()),
    }
    request.after_factor(token, user, &grant)
}

/// The `mfa-recovery-code` grant; the response includes a new recovery code.
pub(crate) fn recovery_code(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let (_, grant) = request.transaction()?;
    let code = request.fields.required("recovery_code")?;
    let user = endpoints::user(request.options, &grant)?;
    let enrolled = user
        .factors
        .iter()
        .find_map(|factor| match &factor.credential {
            Credential::RecoveryCode(code) if factor.active => Some(code.clone()),
            _ => None,
        });
    let replaced = request
        .state
        .transactions()
        .recovery_code(&user.email)
        .map(str::to_owned);
    let correct = enrolled.is_some_and(|enrolled| replaced.unwrap_or(enrolled) == code);
    request.check_code(user, correct, error_responses::wrong_recovery_code)?;
    let mut members = request.login_tokens(user, &grant);
    let next = request
        .state
        .transactions()
        .replace_recovery_code(&user.email);
    members.insert("recovery_code".to_owned(), json!(next));
    Ok(request.token_response(members))
}

impl TokenRequest<'_> {
    /// Tokens, or the request for another factor.
    fn after_factor(&self, token: &str, user: &User, grant: &Grant) -> Result<Response, Response> {
        let next = self
            .state
            .transactions()
            .prove(token, self.options.required_factors);
        match next {
            Some(token) => Err(self.mfa_required(user, &token)),
            None => Ok(self.token_response(self.login_tokens(user, grant))),
        }
    }

    /// The response that requires a second factor of this user.
    pub(crate) fn mfa_required(&self, user: &User, token: &str) -> Response {
        let has_factor = user.factors.iter().any(|factor| factor.active);
        let requirements = self.options.mfa_requirements.clone();
        let requirements = requirements.unwrap_or_else(|| {
            if has_factor {
                Value::Null
            } else {
                json!({ "enroll": [{ "type": "otp" }, { "type": "phone" }] })
            }
        });
        error_responses::mfa_required_of(token, &requirements)
    }

    /// The `mfa_token` and the grant it was issued for.
    fn transaction(&self) -> Result<(&str, Grant), Response> {
        let token = self.fields.required("mfa_token")?;
        let grant = self
            .state
            .transactions()
            .grant(token, self.options.mfa_token_lifetime)?;
        if grant.client == self.client.id {
            Ok((token, grant))
        } else {
            Err(error_responses::mfa_token_of_other_client())
        }
    }

    /// Counts wrong codes, and rejects every code after too many.
    fn check_code(
        &self,
        user: &User,
        correct: bool,
        error: fn() -> Response,
    ) -> Result<(), Response> {
        let mut transactions = self.state.transactions();
        if transactions.failed_codes(&user.email, |_| {}) >= self.options.max_failed_codes {
            return Err(error_responses::too_many_failed_codes());
        }
        transactions.failed_codes(&user.email, |failed| {
            *failed = if correct { 0 } else { *failed + 1 }
        });
        if correct { Ok(()) } else { Err(error()) }
    }
}
