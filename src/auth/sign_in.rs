//! From a password to tokens: the grant and, where the tenant requires one, a second factor.

use secrecy::SecretString;

use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::grants::PasswordGrantOutcome;
use super::second_factor::SecondFactorFlow;
use crate::config::{PasswordGrant, SecondFactor};
use crate::input::{self, CodeSource, Interactivity};
use crate::response::TokenResponse;

/// A sign-in with a password.
pub(crate) struct PasswordSignIn<'a, 'c> {
    pub(crate) client: &'a Client<'c>,
    pub(crate) grant: &'a PasswordGrant,
    pub(crate) email: &'a str,
    pub(crate) password: SecretString,
    pub(crate) second_factor: SecondFactor,
    pub(crate) interactivity: Interactivity,
}

impl<'c> PasswordSignIn<'_, 'c> {
    /// The tokens, and the client to continue with, which has a fresh deadline where a person may
    /// have taken time over a second factor. The password is wiped in the end.
    pub(crate) fn sign_in(self) -> Result<(TokenResponse, Client<'c>), AuthError> {
        let token = match self.grant(self.client)? {
            PasswordGrantOutcome::Tokens(response) => return Ok((*response, self.client.clone())),
            PasswordGrantOutcome::MfaRequired(token) => token,
        };
        let flow = SecondFactorFlow {
            client: self.client,
            settings: &self.second_factor,
            interactivity: self.interactivity,
        };
        let enrolled = self.client.authenticators(&token)?;
        let authenticator = flow.choose(&enrolled)?;
        let response = match flow.attempt(&token, authenticator) {
            Err(error) if error.next_step() == Some(NextStep::StartOver) && flow.can_prompt() => {
                input::print_line(
                    "The login took too long and is starting over. Enter a new code.",
                )?;
                let client = self.client.with_fresh_deadline();
                match self.grant(&client)? {
                    PasswordGrantOutcome::Tokens(response) => *response,
                    PasswordGrantOutcome::MfaRequired(token) => {
                        flow.attempt(&token, authenticator)?
                    }
                }
            }
            outcome => outcome?,
        };
        let client = match self.second_factor.code {
            CodeSource::Given(_) => self.client.clone(),
            CodeSource::Stdin | CodeSource::Command(_) | CodeSource::Prompt => {
                self.client.with_fresh_deadline()
            }
        };
        Ok((response, client))
    }

    fn grant(&self, client: &Client<'_>) -> Result<PasswordGrantOutcome, AuthError> {
        client.password(self.grant, self.email, &self.password)
    }
}
