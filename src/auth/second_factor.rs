//! A second factor: choose one, and prove it by a code or an accepted push.

use std::time::Instant;

use secrecy::SecretString;

use super::authenticator::Authenticator;
use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::factor_choice::FactorChoice;
use super::mfa::{Challenge, CodeChallenge};
use super::mfa_error::MfaError;
use super::mfa_required::{MfaRequired, MfaToken};
use super::push::{Push, PushStatus};
use super::request::GrantOutcome;
use crate::args::Factor;
use crate::config::SecondFactor;
use crate::input::{self, CodeSource, Countdown, Interactivity, Terminal};
use crate::response::TokenResponse;

/// How often a person may type a code.
const TRIES: usize = 3;

/// How many factors a tenant may ask for in one login: one, and three more after it.
const MAX_FACTORS: usize = 4;

/// What a second factor needs.
pub(super) struct SecondFactorFlow<'a, 'c> {
    client: &'a Client<'c>,
    settings: &'a SecondFactor,
    interactivity: Interactivity,
    /// The first factor, chosen once: a login that starts over uses it again.
    first: Option<Authenticator>,
    /// Whether a factor was proven, and with it the code that was given beforehand used up.
    is_code_used: bool,
}

impl<'a, 'c> SecondFactorFlow<'a, 'c> {
    pub(super) fn new(
        client: &'a Client<'c>,
        settings: &'a SecondFactor,
        interactivity: Interactivity,
    ) -> Self {
        Self {
            client,
            settings,
            interactivity,
            first: None,
            is_code_used: false,
        }
    }

    /// Proves what the tenant requires, one factor after another, until it issues tokens.
    pub(super) fn prove(&mut self, required: MfaRequired) -> Result<TokenResponse, AuthError> {
        let mut required = required;
        for proven in 0..MAX_FACTORS {
            let authenticator = self.authenticator(&required, proven)?;
            match self.attempt(&required.token, &authenticator)? {
                GrantOutcome::Tokens(response) => return Ok(*response),
                GrantOutcome::MfaRequired(next) => required = *next,
            }
            self.is_code_used = true;
        }
        Err(MfaError::TooMany { max: MAX_FACTORS }.into())
    }

    fn authenticator(
        &mut self,
        required: &MfaRequired,
        proven: usize,
    ) -> Result<Authenticator, AuthError> {
        if proven > 0 {
            let enrolled = self.client_after_code().authenticators(required)?;
            return self.choice().choose(&enrolled).cloned();
        }
        if let Some(first) = &self.first {
            return Ok(first.clone());
        }
        let enrolled = self.client.authenticators(required)?;
        let chosen = self.choice().choose(&enrolled)?.clone();
        Ok(self.first.insert(chosen).clone())
    }

    /// Proves a factor once, from its challenge to the outcome.
    fn attempt(
        &self,
        token: &MfaToken,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        let client = self.client_after_prompt();
        match client.challenge(token, authenticator)? {
            Challenge::Code(challenge) => self.answer(&challenge, authenticator),
            Challenge::Push(push) => self.wait_for(push, authenticator),
        }
    }

    /// Where the code comes from. One that was given beforehand is sent for one factor only.
    fn code_source(&self) -> &CodeSource {
        match &self.settings.code {
            CodeSource::Given(_) | CodeSource::Stdin if self.is_code_used => &CodeSource::Prompt,
            source => source,
        }
    }

    /// The client for what follows a code, with a fresh deadline where reading that took time.
    fn client_after_code(&self) -> Client<'c> {
        if self.settings.code.is_typed() {
            self.client.with_fresh_deadline()
        } else {
            self.client_after_prompt()
        }
    }

    fn client_after_prompt(&self) -> Client<'c> {
        self.client
            .with_fresh_deadline_if_prompted(self.interactivity)
    }

    fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        for _ in 1..TRIES {
            let code = self.code(authenticator)?;
            match self.send(challenge, &code) {
                Err(error)
                    if error.next_step() == Some(NextStep::TryAnotherCode) && self.can_prompt() =>
                {
                    Terminal::open()?.print("That code is wrong; try again.", 0)?;
                }
                outcome => return outcome,
            }
        }
        self.send(challenge, &self.code(authenticator)?)
    }

    fn send(
        &self,
        challenge: &CodeChallenge<'_>,
        code: &SecretString,
    ) -> Result<GrantOutcome, AuthError> {
        if self.code_source().is_typed() {
            let client = self.client.with_fresh_deadline();
            client.answer(challenge, code)
        } else {
            self.client.answer(challenge, code)
        }
    }

    fn code(&self, authenticator: &Authenticator) -> Result<SecretString, AuthError> {
        if !self.choice().has_code_for(authenticator.factor) {
            let offered = vec![authenticator.factor];
            return Err(MfaError::NoCode { offered }.into());
        }
        let question = authenticator.question();
        let deadline = self.client.deadline();
        let code = input::code(self.code_source(), &question, deadline)?;
        Ok(match authenticator.factor {
            // A recovery code is sent as it was handed out.
            Factor::RecoveryCode => code,
            _ => input::without_separators(&code),
        })
    }

    fn wait_for(
        &self,
        mut push: Push<'_>,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        let client = self.client_after_prompt();
        let deadline = client.deadline();
        let until = Instant::now() + deadline.remaining();
        let what = format!(
            "Waiting for the push{} to be accepted",
            authenticator.location()
        );
        let mut countdown = Countdown::new(&what, until, self.interactivity);
        while countdown.pause(push.pause()) {
            match client.poll(&mut push) {
                Ok(PushStatus::Accepted(outcome)) => return Ok(outcome),
                Ok(PushStatus::Pending) => {}
                Err(_) if Instant::now() >= until => break,
                Err(error) => return Err(error),
            }
        }
        let problem = push.into_problem();
        let seconds = deadline.timeout().as_secs_f64();
        Err(MfaError::Unanswered { seconds, problem }.into())
    }

    /// Whether the person can be asked for a code.
    pub(super) fn can_prompt(&self) -> bool {
        self.choice().can_prompt()
    }

    fn choice(&self) -> FactorChoice<'_> {
        FactorChoice {
            code: self.code_source(),
            named: self.settings.factor,
            is_first: !self.is_code_used,
            interactivity: self.interactivity,
        }
    }
}
