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
use super::push::{self, Push, PushStatus};
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
    /// Whether a person or a command may have taken time.
    has_waited: bool,
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
            has_waited: interactivity.is_interactive(),
        }
    }

    /// Proves what the tenant requires, one factor after another, until it issues tokens.
    pub(super) fn prove(&mut self, required: MfaRequired) -> Result<TokenResponse, AuthError> {
        let mut required = required;
        for proven in 0..MAX_FACTORS {
            let authenticator = self.authenticator(&required, proven)?;
            let outcome = self.attempt(&required.token, &authenticator);
            self.has_waited |= self.waits_for(authenticator.factor);
            match outcome? {
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
            let enrolled = self.client_after_wait().authenticators(required)?;
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
        let client = self.client_after_wait();
        let timeout = client.deadline().timeout();
        if authenticator.factor == Factor::Push && timeout <= push::TOO_SHORT {
            let seconds = timeout.as_secs_f64();
            return Err(MfaError::NoTime { seconds }.into());
        }
        match client.challenge(token, authenticator)? {
            Challenge::Code(challenge) => self.answer(&challenge, authenticator),
            Challenge::Push(push) => self.wait_for(push, authenticator),
        }
    }

    /// Where codes come from. One that was given beforehand is sent for one factor only.
    fn code_source(&self) -> &CodeSource {
        match &self.settings.code {
            CodeSource::Given(_) | CodeSource::Stdin if self.is_code_used => &CodeSource::Prompt,
            source => source,
        }
    }

    /// Whether proving a factor takes the time of a person or a command.
    fn waits_for(&self, factor: Factor) -> bool {
        factor == Factor::Push || self.choice().source_for(factor).takes_time()
    }

    /// The client for what follows, with a fresh deadline where a person or a command took time.
    pub(super) fn client_after_wait(&self) -> Client<'c> {
        self.client.with_fresh_deadline_if(self.has_waited)
    }

    fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        for _ in 1..TRIES {
            match self.answer_once(challenge, authenticator) {
                Err(error)
                    if error.next_step() == Some(NextStep::TryAnotherCode)
                        && self.choice().can_prompt_for(authenticator.factor) =>
                {
                    Terminal::open()?.print("That code is wrong; try again.", 0)?;
                }
                outcome => return outcome,
            }
        }
        self.answer_once(challenge, authenticator)
    }

    fn answer_once(
        &self,
        challenge: &CodeChallenge<'_>,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        let code = self.code(authenticator)?;
        let has_waited = self.has_waited || self.waits_for(authenticator.factor);
        let client = self.client.with_fresh_deadline_if(has_waited);
        client.answer(challenge, &code)
    }

    fn code(&self, authenticator: &Authenticator) -> Result<SecretString, AuthError> {
        if !self.choice().has_code_for(authenticator.factor) {
            let offered = vec![authenticator.factor];
            return Err(MfaError::NoCode { offered }.into());
        }
        let question = authenticator.question();
        let client = self.client_after_wait();
        let request = client.code_request(&question, self.interactivity);
        let source = self.choice().source_for(authenticator.factor);
        let code = input::code(source, &request)?;
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
        let client = self.client.with_fresh_deadline();
        let deadline = client.deadline();
        let until = Instant::now() + deadline.remaining();
        let what = format!(
            "Waiting for the push{} to be accepted",
            authenticator.location()
        );
        let mut countdown = Countdown::new(&what, until, self.interactivity);
        while let Some(pause) = push.next_pause(deadline.remaining()) {
            countdown.pause(pause);
            if let PushStatus::Accepted(outcome) = client.poll(&mut push)? {
                return Ok(outcome);
            }
        }
        let problem = push.into_problem();
        let seconds = deadline.timeout().as_secs_f64();
        Err(MfaError::Unanswered { seconds, problem }.into())
    }

    /// Whether the person can be asked for a code when the login starts over.
    pub(super) fn can_prompt(&self) -> bool {
        let first = self.first.as_ref();
        first.is_some_and(|first| self.choice().can_prompt_for(first.factor))
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
