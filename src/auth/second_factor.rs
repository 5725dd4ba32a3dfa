//! A second factor: choose one, and prove it by a code or an accepted push.

use std::time::Instant;

use secrecy::SecretString;

use super::authenticator::Authenticator;
use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::mfa::{Challenge, CodeChallenge};
use super::mfa_error::MfaError;
use super::mfa_required::{MfaRequired, MfaToken};
use super::push::{Push, PushStatus};
use super::request::GrantOutcome;
use crate::args::Factor;
use crate::config::SecondFactor;
use crate::input::{self, CodeSource, Countdown, InputError, Interactivity};
use crate::response::TokenResponse;

/// How often a person may type a code.
const TRIES: usize = 3;

/// How many factors a tenant may ask for in one login.
const MAX_FACTORS: usize = 3;

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
            return self.choose(&enrolled).cloned();
        }
        if let Some(first) = &self.first {
            return Ok(first.clone());
        }
        let enrolled = self.client.authenticators(required)?;
        let chosen = self.choose(&enrolled)?.clone();
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
        if self.settings.code.may_wait() {
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
    ) -> Result<GrantOutcome, AuthError> {
        if self.code_source().may_wait() {
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
        Ok(input::code(self.code_source(), &question)?)
    }

    fn wait_for(
        &self,
        mut push: Push<'_>,
        authenticator: &Authenticator,
    ) -> Result<GrantOutcome, AuthError> {
        let client = self.client_after_prompt();
        let seconds = client.timeout().as_secs_f64();
        let until = Instant::now() + client.remaining();
        let what = format!(
            "Waiting for the push{} to be accepted",
            authenticator.location()
        );
        let countdown = Countdown::new(&what, until);
        while countdown.pause(push.pause()) {
            match client.poll(&mut push) {
                Ok(PushStatus::Accepted(outcome)) => return Ok(outcome),
                Ok(PushStatus::Pending) => {}
                Err(_) if Instant::now() >= until => break,
                Err(error) => return Err(error),
            }
        }
        let problem = push.into_problem();
        Err(MfaError::Unanswered { seconds, problem }.into())
    }

    /// A code that was known before the message was sent is not the code in the message, unless the
    /// user says so.
    fn has_code_for(&self, factor: Factor) -> bool {
        let by_message = matches!(
            factor,
            Factor::Sms | Factor::Voice | Factor::Email | Factor::Push
        );
        match self.code_source() {
            CodeSource::Prompt => self.can_prompt(),
            CodeSource::Given(_) => !by_message || self.settings.factor.is_some(),
            CodeSource::Stdin | CodeSource::Command(_) => true,
        }
    }

    /// Whether the person can be asked for a code.
    pub(super) fn can_prompt(&self) -> bool {
        self.interactivity.is_interactive() && self.code_source().is_prompt()
    }

    /// The factor to use. Nothing is sent to a phone in vain: where no code can be had, this fails.
    fn choose<'f>(&self, enrolled: &'f [Authenticator]) -> Result<&'f Authenticator, AuthError> {
        let wanted = self.wanted(enrolled);
        let candidates = self.candidates(enrolled, wanted);
        let offered = kinds(enrolled);
        let is_named = wanted.is_some();
        let Some(first) = candidates.first().copied() else {
            // Only a factor that was named can be missing: the list is not empty.
            let wanted = wanted.unwrap_or(Factor::Otp);
            return Err(MfaError::NotOffered { wanted, offered }.into());
        };
        let has_code = !self.code_source().is_prompt() || self.can_prompt();
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

    /// The named factor. For another factor after it, the name counts only if it is offered.
    fn wanted(&self, enrolled: &[Authenticator]) -> Option<Factor> {
        let is_offered = |wanted: &Factor| enrolled.iter().any(|one| one.factor == *wanted);
        let named = self.settings.factor;
        named.filter(|wanted| !self.is_code_used || is_offered(wanted))
    }

    /// The named factors; without a name and with a code at hand, the authenticator app. All apps
    /// are one choice, since the code of any is accepted.
    fn candidates<'f>(
        &self,
        enrolled: &'f [Authenticator],
        named: Option<Factor>,
    ) -> Vec<&'f Authenticator> {
        let is_otp = |one: &Authenticator| one.factor == Factor::Otp;
        let code_at_hand = !self.code_source().is_prompt();
        let otp = code_at_hand && enrolled.iter().any(is_otp);
        let wanted = named.or(otp.then_some(Factor::Otp));
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
