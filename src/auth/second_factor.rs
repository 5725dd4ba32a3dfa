//! A second factor: choose one, and prove it by a code or an accepted push.

use std::time::Instant;

use secrecy::SecretString;

use super::authenticator::Authenticator;
use super::client::Client;
use super::error::AuthError;
use super::error_response::MfaToken;
use super::error_table::NextStep;
use super::mfa::{Challenge, CodeChallenge, Push, PushStatus};
use super::mfa_error::MfaError;
use crate::args::Factor;
use crate::config::SecondFactor;
use crate::input::{self, CodeSource, Countdown, InputError, Interactivity};
use crate::response::TokenResponse;

/// How often a person may type a code.
const TRIES: usize = 3;

/// What a second factor needs.
pub(super) struct SecondFactorFlow<'a, 'c> {
    pub(super) client: &'a Client<'c>,
    pub(super) settings: &'a SecondFactor,
    pub(super) interactivity: Interactivity,
}

impl SecondFactorFlow<'_, '_> {
    /// Proves a factor once, from its challenge to the tokens.
    pub(super) fn attempt(
        &self,
        token: &MfaToken,
        authenticator: &Authenticator,
    ) -> Result<TokenResponse, AuthError> {
        let client = self.client_after_prompt();
        match client.challenge(token, authenticator)? {
            Challenge::Code(challenge) => self.answer(&challenge, authenticator),
            Challenge::Push(push) => self.wait_for(push, authenticator),
        }
    }

    fn client_after_prompt(&self) -> Client<'_> {
        self.client
            .with_fresh_deadline_if_prompted(self.interactivity)
    }

    fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        authenticator: &Authenticator,
    ) -> Result<TokenResponse, AuthError> {
        for _ in 1..TRIES {
            let code = self.code(authenticator)?;
            match self.send(challenge, &code) {
                Err(error)
                    if error.next_step() == Some(NextStep::TryAnotherCode) && self.can_prompt() =>
                {
                    input::print_line("That code is wrong; try again.")?;
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
    ) -> Result<TokenResponse, AuthError> {
        if self.settings.code.may_wait() {
            let client = self.client.with_fresh_deadline();
            client.answer(challenge, code)
        } else {
            self.client.answer(challenge, code)
        }
    }

    fn code(&self, authenticator: &Authenticator) -> Result<SecretString, AuthError> {
        if !self.has_code_for(authenticator.factor) {
            let offered = vec![authenticator.factor];
            return Err(MfaError::NoCode { offered }.into());
        }
        let question = authenticator.question();
        Ok(input::code(&self.settings.code, &question)?)
    }

    fn wait_for(
        &self,
        mut push: Push<'_>,
        authenticator: &Authenticator,
    ) -> Result<TokenResponse, AuthError> {
        let client = self.client_after_prompt();
        let timeout = client.timeout();
        let until = Instant::now() + client.remaining();
        let what = format!(
            "Waiting for the push{} to be accepted",
            authenticator.location()
        );
        let countdown = Countdown::new(&what, until);
        while countdown.pause(push.interval) {
            match client.poll(&mut push) {
                Ok(PushStatus::Accepted(response)) => return Ok(*response),
                Ok(PushStatus::Pending) => {}
                Err(_) if Instant::now() >= until => break,
                Err(error) => return Err(error),
            }
        }
        let seconds = timeout.as_secs_f64();
        Err(MfaError::Unanswered { seconds }.into())
    }

    /// A code that was known before the message was sent is not the code in the message, unless the
    /// user says so.
    fn has_code_for(&self, factor: Factor) -> bool {
        let by_message = matches!(
            factor,
            Factor::Sms | Factor::Voice | Factor::Email | Factor::Push
        );
        match self.settings.code {
            CodeSource::Prompt => self.can_prompt(),
            CodeSource::Given(_) => !by_message || self.settings.factor.is_some(),
            CodeSource::Stdin | CodeSource::Command(_) => true,
        }
    }

    /// Whether the person can be asked for a code.
    pub(super) fn can_prompt(&self) -> bool {
        self.interactivity.is_interactive() && self.settings.code.is_prompt()
    }

    /// The factor to use. Nothing is sent to a phone in vain: where no code can be had, this fails.
    pub(super) fn choose<'f>(
        &self,
        enrolled: &'f [Authenticator],
    ) -> Result<&'f Authenticator, AuthError> {
        let candidates = self.candidates(enrolled);
        let offered = kinds(enrolled);
        let is_named = self.settings.factor.is_some();
        let Some(first) = candidates.first().copied() else {
            // Only a factor that was named can be missing: the list is not empty.
            let wanted = self.settings.factor.unwrap_or(Factor::Otp);
            return Err(MfaError::NotOffered { wanted, offered }.into());
        };
        let has_code = !self.settings.code.is_prompt() || self.can_prompt();
        let needs_no_code = is_named && first.factor == Factor::Push;
        if !(has_code || needs_no_code) {
            return Err(MfaError::NoCode { offered }.into());
        }
        match candidates.as_slice() {
            [only] if !(is_named || self.has_code_for(only.factor)) => {
                Err(MfaError::NoCode { offered }.into())
            }
            [only] => Ok(only),
            several if self.interactivity.is_interactive() => ask(several),
            _ if is_named => Ok(first),
            _ => Err(MfaError::Several { offered }.into()),
        }
    }

    /// The named factors; without a name and with a code at hand, the authenticator app. All apps
    /// are one choice, since the code of any is accepted.
    fn candidates<'f>(&self, enrolled: &'f [Authenticator]) -> Vec<&'f Authenticator> {
        let is_otp = |one: &Authenticator| one.factor == Factor::Otp;
        let code_at_hand = !self.settings.code.is_prompt();
        let otp = code_at_hand && enrolled.iter().any(is_otp);
        let wanted = self.settings.factor.or(otp.then_some(Factor::Otp));
        let mut candidates: Vec<&Authenticator> = Vec::new();
        for authenticator in enrolled {
            let is_wanted = wanted.is_none_or(|wanted| wanted == authenticator.factor);
            let is_listed = is_otp(authenticator) && candidates.iter().any(|one| is_otp(one));
            if is_wanted && !is_listed {
                candidates.push(authenticator);
            }
        }
        candidates
    }
}

fn ask<'f>(offered: &[&'f Authenticator]) -> Result<&'f Authenticator, AuthError> {
    let described = offered
        .iter()
        .map(|one| (one.factor.name(), one.describe()));
    let described: Vec<_> = described.collect();
    let index = input::choice("The account has several second factors:", &described)?;
    let chosen = offered.get(index).copied();
    Ok(chosen.ok_or(InputError::NoChoice)?)
}

/// Each kind once, in the tenant's order.
fn kinds(enrolled: &[Authenticator]) -> Vec<Factor> {
    let mut kinds = Vec::new();
    for authenticator in enrolled {
        if !kinds.contains(&authenticator.factor) {
            kinds.push(authenticator.factor);
        }
    }
    kinds
}
