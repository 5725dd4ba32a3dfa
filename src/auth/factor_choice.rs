//! Which of a user's second factors to use.

use super::authenticator::Authenticator;
use super::error::AuthError;
use super::mfa_error::MfaError;
use crate::args::Factor;
use crate::input::{self, CodeSource, InputError, Interactivity};

/// What the choice depends on.
pub(super) struct FactorChoice<'a> {
    pub(super) code: &'a CodeSource,
    pub(super) named: Option<Factor>,
    /// Whether no factor was proven before.
    pub(super) is_first: bool,
    pub(super) interactivity: Interactivity,
}

impl<'a> FactorChoice<'a> {
    /// Where the code for a factor comes from. One that was known before a message was sent is not
    /// the code in the message: a person is asked for that one.
    pub(super) fn source_for(&self, factor: Factor) -> &'a CodeSource {
        match self.code {
            CodeSource::Given(_) if self.is_interactive() && is_by_message(factor) => {
                &CodeSource::Prompt
            }
            CodeSource::Totp(_) if factor != Factor::Otp => &CodeSource::Prompt,
            source => source,
        }
    }

    /// Whether there is a code for a factor. A script that names a factor means its code for it.
    pub(super) fn has_code_for(&self, factor: Factor) -> bool {
        match self.source_for(factor) {
            CodeSource::Prompt => self.is_interactive(),
            CodeSource::Given(_) => !is_by_message(factor) || self.named.is_some(),
            CodeSource::Stdin | CodeSource::Command(_) | CodeSource::Totp(_) => true,
        }
    }

    /// Whether the person can be asked for the code of a factor.
    pub(super) fn can_prompt_for(&self, factor: Factor) -> bool {
        self.is_interactive() && self.source_for(factor).is_prompt()
    }

    /// Whether a factor that the user did not name can be proven. A script sends no push that its
    /// user does not expect.
    fn can_prove(&self, factor: Factor) -> bool {
        self.is_interactive() || (factor != Factor::Push && self.has_code_for(factor))
    }

    fn is_interactive(&self) -> bool {
        self.interactivity.is_interactive()
    }

    /// The factor to use. Fails where no code is available, before anything is sent to a phone.
    pub(super) fn choose<'f>(
        &self,
        enrolled: &'f [Authenticator],
    ) -> Result<&'f Authenticator, AuthError> {
        let wanted = self.wanted(enrolled);
        let candidates = self.candidates(enrolled, wanted);
        let offered = kinds(enrolled);
        let is_named = wanted.is_some();
        let Some(first) = candidates.first().copied() else {
            // Only a factor that was named can be missing: the list is not empty.
            let wanted = wanted.unwrap_or(Factor::Otp);
            return Err(MfaError::NotOffered { wanted, offered }.into());
        };
        let has_code = !self.code.is_prompt() || self.is_interactive();
        let needs_no_code = is_named && first.factor == Factor::Push;
        if !(has_code || needs_no_code) {
            return Err(MfaError::NoCode { offered }.into());
        }
        match candidates.as_slice() {
            [only] if !(is_named || self.can_prove(only.factor)) => {
                Err(MfaError::NoCode { offered }.into())
            }
            [only] => Ok(only),
            several if self.is_interactive() => ask(several),
            _ if is_named => Ok(first),
            _ => Err(MfaError::Several { offered }.into()),
        }
    }

    /// The named factor. For another factor after it, the name counts only if it is offered.
    fn wanted(&self, enrolled: &[Authenticator]) -> Option<Factor> {
        let is_offered = |wanted: &Factor| enrolled.iter().any(|one| one.factor == *wanted);
        self.named
            .filter(|wanted| self.is_first || is_offered(wanted))
    }

    /// The named factors; without a name and with a code at hand, the authenticator app. All apps
    /// are one choice, since the code of any is accepted.
    fn candidates<'f>(
        &self,
        enrolled: &'f [Authenticator],
        named: Option<Factor>,
    ) -> Vec<&'f Authenticator> {
        let is_otp = |one: &Authenticator| one.factor == Factor::Otp;
        let code_at_hand = !self.code.is_prompt();
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

/// Whether the tenant sends a message, with a code or to be accepted.
fn is_by_message(factor: Factor) -> bool {
    match factor {
        Factor::Sms | Factor::Voice | Factor::Email | Factor::Push => true,
        Factor::Otp | Factor::RecoveryCode => false,
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
