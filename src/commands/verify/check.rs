//! Tokens and their verdicts: whose each is, whether it is genuine, and whether it grants what is required.

use std::borrow::Cow;
use std::iter::{self, Peekable};
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::checker::{Checker, Verdict};
use super::keyring::Held;
use crate::error::Error;
use crate::verify::{Claims, Remedy, Untrusted, Verifier, claimed_issuer};

/// One thread's work with a checker: it has the keys in hand that it has needed so far.
pub(super) struct Check<'c> {
    checker: &'c Checker,
    issuers: Vec<&'c str>,
    held: Vec<Option<Arc<Held>>>,
}

impl<'c> Check<'c> {
    pub(super) fn new(checker: &'c Checker) -> Self {
        let issuers = checker
            .trusted
            .iter()
            .map(|trust| trust.policy.issuer.as_deref().unwrap_or_default())
            .collect();
        Self {
            checker,
            issuers,
            held: checker.trusted.iter().map(|_| None).collect(),
        }
    }

    /// What is to be said of one token.
    pub(super) fn verdict(&mut self, token: &str) -> Result<Verdict, Error> {
        let mut verdict = None;
        self.each(iter::once((1, Cow::Borrowed(token))), |_, said| {
            verdict = Some(said)
        })?;
        verdict.ok_or(Error::Thread)
    }

    /// Says of each numbered token in turn what is to be said of it. An error: of this one and those behind it nothing
    /// can be said, since keys or roles could not be had.
    pub(super) fn each<'t>(
        &mut self,
        tokens: impl Iterator<Item = (u64, Cow<'t, str>)>,
        mut say: impl FnMut(u64, Verdict),
    ) -> Result<(), Error> {
        let mut tokens = tokens.peekable();
        loop {
            let ended = Round::new(self).judge(&mut tokens, &mut say)?;
            let Some(whose) = ended else { return Ok(()) };
            let held = &mut self.held[whose];
            *held = Some(self.checker.trusted[whose].keys.renewed(held.as_ref())?);
        }
    }
}

/// A part of that work during which the keys stay the same: the verifiers remember the headers that they have seen.
struct Round<'r> {
    checker: &'r Checker,
    issuers: &'r [&'r str],
    verifiers: Vec<Option<(&'r Held, Verifier<'r>)>>,
}

/// Why a token has no verdict yet: this issuer's keys are to be renewed.
struct Outdated(usize);

impl<'r> Round<'r> {
    fn new(check: &'r Check<'_>) -> Self {
        let with_keys = check.held.iter().zip(&check.checker.trusted);
        let verifiers = with_keys.map(|(held, trust)| {
            let held = held.as_deref()?;
            Some((held, Verifier::new(&held.keys, &trust.policy)))
        });
        Self {
            checker: check.checker,
            issuers: &check.issuers,
            verifiers: verifiers.collect(),
        }
    }

    /// Goes on until the tokens end, or until one needs other keys of an issuer: that token is left where it is.
    fn judge<'t>(
        &mut self,
        tokens: &mut Peekable<impl Iterator<Item = (u64, Cow<'t, str>)>>,
        say: &mut impl FnMut(u64, Verdict),
    ) -> Result<Option<usize>, Error> {
        while let Some((number, token)) = tokens.peek() {
            match self.claims(token) {
                Ok(claims) => say(*number, self.verdict(claims)?),
                Err(Outdated(whose)) => return Ok(Some(whose)),
            }
            tokens.next();
        }
        Ok(None)
    }

    fn claims(&mut self, token: &str) -> Result<Result<Claims, Untrusted>, Outdated> {
        let whose = match claimed_issuer(token, self.issuers) {
            Ok(whose) => whose,
            Err(untrusted) => return Ok(Err(untrusted)),
        };
        let clock = (self.checker.clock)();
        let Some((held, verifier)) = self.verifiers[whose]
            .as_mut()
            .filter(|(held, _)| held.is_good(clock))
        else {
            return Err(Outdated(whose));
        };
        let access_token = self
            .checker
            .access_token
            .as_ref()
            .map(ExposeSecret::expose_secret);
        match verifier.verify(token, self.checker.at.unwrap_or(clock), access_token) {
            Err(untrusted)
                if untrusted.remedy() == Some(Remedy::RefreshKeys) && held.may_lack(clock) =>
            {
                Err(Outdated(whose))
            }
            verdict => Ok(verdict),
        }
    }

    fn verdict(&self, claims: Result<Claims, Untrusted>) -> Result<Verdict, Error> {
        let (gates, claims) = match (&self.checker.gates, claims) {
            (_, Err(untrusted)) => return Ok(Verdict::Untrusted(untrusted)),
            (gates, Ok(claims)) if gates.is_empty() => return Ok(Verdict::Trusted(claims)),
            (gates, Ok(claims)) => (gates, claims),
        };
        let sub = claims.get("sub").and_then(|sub| sub.as_str());
        let roles = self
            .checker
            .roles
            .as_ref()
            .map(|roles| roles.of(sub))
            .transpose()?;
        Ok(match gates.check(&claims, roles.as_deref()) {
            Ok(()) => Verdict::Trusted(claims),
            Err(missing) => Verdict::Lacking(missing),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::verify::keyring::Keyring;
    use crate::commands::verify::trust::Trust;
    use crate::keys::{Algorithm, KeySet, Keys, Origin};
    use crate::verify::{Kind, Policy};

    /// Its header is `{"alg":"RS256","kid":"x"}`.
    const FORGED: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AA";

    #[test]
    fn for_a_key_that_the_freshest_keys_lack_the_first_verdict_stands() {
        let keys = KeySet::parse(br#"{"keys":[]}"#, Origin::Published).unwrap();
        let policy = Policy::new(Kind::Jwt, [Algorithm::RS256].as_slice());
        let checker = Checker::of(Trust {
            policy,
            keys: Keyring::local(Keys::published(keys)),
        });
        let mut check = Check::new(&checker);
        check.held[0] = Some(checker.trusted[0].keys.renewed(None).unwrap());
        let mut tokens = (1..=3)
            .map(|number| (number, Cow::Borrowed(FORGED)))
            .peekable();
        let mut refused = 0;
        let said = |_, verdict| refused += u32::from(matches!(verdict, Verdict::Untrusted(_)));
        assert_eq!(
            Round::new(&check)
                .judge(&mut tokens, &mut { said })
                .unwrap(),
            None,
            "no other keys are asked for"
        );
        assert_eq!(refused, 3);
    }
}
