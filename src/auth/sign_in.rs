//! From a password to tokens: the grant and, where the tenant requires one, a second factor.

use secrecy::SecretString;

use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::mfa_required::MfaRequired;
use super::request::GrantOutcome;
use super::second_factor::SecondFactorFlow;
use crate::args::Factor;
use crate::config::{SecondFactor, UserGrant};
use crate::failure::{Class, Diagnose};
use crate::input::{
    self, CodeSource, CredentialsDialogue, Interactivity, PasswordRecipient, Terminal,
};
use crate::provider::{Provider, ProviderKind};
use crate::response::TokenResponse;

/// How often a person may type another password.
const RETRIES: usize = 2;

/// A sign-in with a password.
pub(crate) struct PasswordSignIn<'a, 'c> {
    pub(crate) client: &'a Client<'c>,
    pub(crate) grant: &'a UserGrant,
    /// Auth0's database connection.
    pub(crate) realm: Option<&'a str>,
    pub(crate) email: &'a str,
    pub(crate) recipient: &'a PasswordRecipient,
    pub(crate) password: SecretString,
    /// Whether a person typed the password, and may correct it.
    pub(crate) is_prompted: bool,
    pub(crate) second_factor: SecondFactor,
    pub(crate) interactivity: Interactivity,
}

impl<'c> PasswordSignIn<'_, 'c> {
    /// The tokens, and the client to continue with, which has a fresh deadline where a person may
    /// have taken time over a second factor. The password is wiped in the end.
    pub(crate) fn sign_in(mut self) -> Result<(TokenResponse, Client<'c>), AuthError> {
        ensure_factor_is_taken(self.client.provider, &self.second_factor)?;
        let totp = self.totp()?;
        let (outcome, client) = self.first_grant(totp.as_ref())?;
        let required = match outcome {
            GrantOutcome::Tokens(response) => return Ok((*response, client)),
            GrantOutcome::MfaRequired(required) => *required,
        };
        let settings = &self.second_factor;
        let mut flow = SecondFactorFlow::new(&client, settings, self.interactivity);
        let response = match flow.prove(required) {
            Err(error) if error.next_step() == Some(NextStep::StartOver) && flow.can_prompt() => {
                let notice = "The login took too long and is starting over. Enter a new code.";
                Terminal::open()?.print(notice, 0)?;
                match self.grant(&client.with_fresh_deadline(), None)? {
                    GrantOutcome::Tokens(response) => *response,
                    GrantOutcome::MfaRequired(required) => flow.prove(*required)?,
                }
            }
            outcome => outcome?,
        };
        let client = flow.client_after_wait();
        Ok((response, client))
    }

    /// The grant, again after a wrong password where a person can type another one.
    fn first_grant(
        &mut self,
        totp: Option<&SecretString>,
    ) -> Result<(GrantOutcome, Client<'c>), AuthError> {
        let mut client = self.client_after_code(totp);
        // A one-time code beside the password may be used up.
        let may_retry = self.is_prompted && totp.is_none();
        let retries = if may_retry { RETRIES } else { 0 };
        for _ in 0..retries {
            match self.grant(&client, totp) {
                Err(error) if error.class() == Class::WrongCredentials => {}
                outcome => return Ok((outcome?, client)),
            }
            let mut dialogue = CredentialsDialogue::default();
            self.password = dialogue.another_password(self.email, self.recipient)?;
            client = client.with_fresh_deadline();
        }
        Ok((self.grant(&client, totp)?, client))
    }

    fn grant(
        &self,
        client: &Client<'_>,
        totp: Option<&SecretString>,
    ) -> Result<GrantOutcome, AuthError> {
        client.password(self.grant, self.realm, self.email, &self.password, totp)
    }

    /// The code that goes beside the password, where the provider has no MFA API.
    fn totp(&self) -> Result<Option<SecretString>, AuthError> {
        let source = &self.second_factor.code;
        if self.client.provider.mfa_url.is_some() || source.is_prompt() {
            return Ok(None);
        }
        let code = input::code(source, &self.client.code_request("", self.interactivity))?;
        Ok(Some(input::without_separators(&code)))
    }

    /// The client with a fresh deadline if reading the code took time.
    fn client_after_code(&self, totp: Option<&SecretString>) -> Client<'c> {
        let has_waited = totp.is_some() && self.second_factor.code.takes_time();
        self.client.with_fresh_deadline_if(has_waited)
    }
}

impl Client<'_> {
    /// Proves the second factor that the renewal of a session requires.
    pub(crate) fn prove(
        &self,
        required: MfaRequired,
        settings: &SecondFactor,
        interactivity: Interactivity,
    ) -> Result<TokenResponse, AuthError> {
        SecondFactorFlow::new(self, settings, interactivity).prove(required)
    }
}

/// Fails where a second factor is given that the provider cannot take: Auth0 takes any by its MFA
/// API, Keycloak a one-time code beside the password, other providers none.
pub(crate) fn ensure_factor_is_taken(
    provider: &Provider,
    settings: &SecondFactor,
) -> Result<(), AuthError> {
    if provider.mfa_url.is_some() {
        return Ok(());
    }
    let takes_otp = provider.kind == ProviderKind::Keycloak;
    let setting = match (&settings.code, settings.factor) {
        (_, Some(factor)) if !(takes_otp && factor == Factor::Otp) => "--factor",
        (CodeSource::Given(_), _) if !takes_otp => "--otp (or PADLOCK_OTP)",
        (CodeSource::Stdin, _) if !takes_otp => "--otp-stdin",
        (CodeSource::Command(_), _) if !takes_otp => "--otp-command",
        (CodeSource::Totp(_), _) if !takes_otp => {
            "--totp-secret-file (or PADLOCK_TOTP_SECRET_FILE)"
        }
        _ => return Ok(()),
    };
    let host = provider.host();
    Err(AuthError::FactorNotTaken { setting, host })
}
