//! The second half of a login that wants a second factor: choose it, prove it, start over once if it took too long.

use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::args::Factor;
use crate::auth::{
    AuthError, Authenticator, Challenge, Client, CodeChallenge, Granted, Meaning, MfaError,
    MfaToken, Poll, Push, TokenAnswer,
};
use crate::config::{CodeSource, SecondFactor};
use crate::error::Error;
use crate::input::{self, Person, Waiting};

/// How often a person may type a code.
const TRIES: usize = 3;

/// What the second half of a login needs.
pub(super) struct Prover<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) settings: &'a SecondFactor,
    pub(super) person: Person,
    /// For one push, from its sending on.
    pub(super) timeout: Duration,
    /// The password once more, should the login have to start over.
    pub(super) password: &'a dyn Fn() -> Result<Granted, AuthError>,
}

impl Prover<'_> {
    /// From the proof of the password to the tokens.
    pub(super) fn prove(&self, token: &MfaToken) -> Result<TokenAnswer, Error> {
        let enrolled = self.client.authenticators(token)?;
        let chosen = self.choose(&enrolled)?;
        match self.attempt(token, chosen) {
            Err(Error::Auth(error))
                if error.meaning() == Some(Meaning::Expired) && self.can_type() =>
            {
                input::tell("The login took too long and starts over; a new code is needed.")?;
                match (self.password)()? {
                    Granted::Tokens(answer) => Ok(*answer),
                    Granted::SecondFactor(token) => self.attempt(&token, chosen),
                }
            }
            outcome => outcome,
        }
    }

    fn attempt(&self, token: &MfaToken, chosen: &Authenticator) -> Result<TokenAnswer, Error> {
        match self.client.after(self.person).challenge(token, chosen)? {
            Challenge::Code(challenge) => self.answer(&challenge, chosen),
            Challenge::Push(push) => self.wait(push, chosen),
        }
    }

    fn answer(
        &self,
        challenge: &CodeChallenge<'_>,
        chosen: &Authenticator,
    ) -> Result<TokenAnswer, Error> {
        for _ in 1..TRIES {
            let code = self.code(chosen)?;
            match self.send(challenge, &code) {
                Err(error) if error.meaning() == Some(Meaning::WrongCode) && self.can_type() => {
                    input::tell("That code is wrong; try again.")?;
                }
                outcome => return Ok(outcome?),
            }
        }
        Ok(self.send(challenge, &self.code(chosen)?)?)
    }

    /// A command that gives the code may have asked a person for a password of its own.
    fn send(
        &self,
        challenge: &CodeChallenge<'_>,
        code: &SecretString,
    ) -> Result<TokenAnswer, AuthError> {
        let asked = matches!(
            self.settings.code,
            CodeSource::Command(_) | CodeSource::Prompt
        );
        let client = if asked {
            self.client.again()
        } else {
            self.client.clone()
        };
        client.answer(challenge, code)
    }

    fn code(&self, chosen: &Authenticator) -> Result<SecretString, Error> {
        if !self.has_code_for(chosen.factor) {
            return Err(missing(MfaError::NoCode {
                offered: vec![chosen.factor],
            }));
        }
        Ok(input::code(&self.settings.code, &question(chosen))?)
    }

    fn wait(&self, mut push: Push<'_>, chosen: &Authenticator) -> Result<TokenAnswer, Error> {
        let client = self.client.after(self.person);
        let until = Instant::now() + client.left();
        let waiting = Waiting::new(
            format!("Waiting for the push{} to be accepted", at(chosen)),
            until,
        );
        while waiting.pause(push.interval) {
            match client.poll(&mut push) {
                Ok(Poll::Tokens(answer)) => return Ok(*answer),
                Ok(Poll::Unanswered) => {}
                Err(_) if Instant::now() >= until => break,
                Err(error) => return Err(error.into()),
            }
        }
        Err(missing(MfaError::Unanswered {
            seconds: self.timeout.as_secs_f64(),
        }))
    }

    /// A code that was known before the message was sent is none that the message brings, unless somebody says so.
    fn has_code_for(&self, factor: Factor) -> bool {
        let by_message = matches!(
            factor,
            Factor::Sms | Factor::Voice | Factor::Email | Factor::Push
        );
        match self.settings.code {
            CodeSource::Prompt => self.can_type(),
            CodeSource::Given(_) => !by_message || self.settings.factor.is_some(),
            CodeSource::Stdin | CodeSource::Command(_) => true,
        }
    }

    fn can_type(&self) -> bool {
        self.person == Person::AtTerminal && matches!(self.settings.code, CodeSource::Prompt)
    }

    /// The factor to use. Nothing is sent to a phone for nothing: where no code can be had, this fails.
    fn choose<'f>(&self, enrolled: &'f [Authenticator]) -> Result<&'f Authenticator, Error> {
        let fitting = self.fitting(enrolled);
        let kinds = kinds(enrolled);
        let Some(first) = fitting.first().copied() else {
            // Only a factor that was named can be missing: the list is not empty.
            let wanted = self.settings.factor.unwrap_or(Factor::Otp);
            return Err(missing(MfaError::NotOffered {
                wanted,
                offered: kinds,
            }));
        };
        let has_code = !matches!(self.settings.code, CodeSource::Prompt) || self.can_type();
        let named = self.settings.factor.is_some();
        let needs_none = named && first.factor == Factor::Push;
        if !(has_code || needs_none) {
            return Err(missing(MfaError::NoCode { offered: kinds }));
        }
        match fitting.as_slice() {
            [only] if !(named || self.has_code_for(only.factor)) => {
                Err(missing(MfaError::NoCode { offered: kinds }))
            }
            [only] => Ok(only),
            several if self.person == Person::AtTerminal => ask(several),
            _ if named => Ok(first),
            _ => Err(missing(MfaError::Several { offered: kinds })),
        }
    }

    /// What is asked for; with a code at hand and no word which, the authenticator app. All apps are one choice, since any
    /// app's code is taken.
    fn fitting<'f>(&self, enrolled: &'f [Authenticator]) -> Vec<&'f Authenticator> {
        let at_hand = !matches!(self.settings.code, CodeSource::Prompt);
        let has_otp = enrolled
            .iter()
            .any(|authenticator| authenticator.factor == Factor::Otp);
        let wanted = self
            .settings
            .factor
            .or((at_hand && has_otp).then_some(Factor::Otp));
        let mut fitting: Vec<&Authenticator> = Vec::new();
        for authenticator in enrolled {
            let merged = |known: &&&Authenticator| {
                known.factor == Factor::Otp && authenticator.factor == Factor::Otp
            };
            if wanted.is_none_or(|wanted| wanted == authenticator.factor)
                && !fitting.iter().any(|known| merged(&known))
            {
                fitting.push(authenticator);
            }
        }
        fitting
    }
}

fn missing(error: MfaError) -> Error {
    Error::Auth(error.into())
}

fn ask<'f>(offered: &[&'f Authenticator]) -> Result<&'f Authenticator, Error> {
    let listed: Vec<_> = offered
        .iter()
        .map(|one| (one.factor.name(), words(one)))
        .collect();
    let place = input::choice("The account has several second factors:", &listed)?;
    offered
        .get(place)
        .copied()
        .ok_or_else(|| input::InputError::NoChoice.into())
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

fn words(authenticator: &Authenticator) -> String {
    let at = at(authenticator);
    match authenticator.factor {
        Factor::Otp => "the code that an authenticator app shows".to_owned(),
        Factor::Sms => format!("a code by text message{at}"),
        Factor::Voice => format!("a code by telephone call{at}"),
        Factor::Email => format!("a code by e-mail{at}"),
        Factor::Push if at.is_empty() => "a question on the phone".to_owned(),
        Factor::Push => format!("a question{at}"),
        Factor::RecoveryCode => {
            "the code that was kept for the day when all else is lost".to_owned()
        }
    }
}

fn question(authenticator: &Authenticator) -> String {
    let at = at(authenticator);
    match authenticator.factor {
        Factor::Otp => "Code of the authenticator app: ".to_owned(),
        Factor::Sms => format!("Code of the text message{at}: "),
        Factor::Voice => format!("Code of the telephone call{at}: "),
        Factor::Email => format!("Code of the e-mail{at}: "),
        Factor::Push => format!("Code of the push{at}: "),
        Factor::RecoveryCode => "Recovery code: ".to_owned(),
    }
}

fn at(authenticator: &Authenticator) -> String {
    let name = authenticator.name.as_deref();
    let preposition = if authenticator.factor == Factor::Push {
        "on"
    } else {
        "to"
    };
    name.map(|name| format!(" {preposition} {name}"))
        .unwrap_or_default()
}
