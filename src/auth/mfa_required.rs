//! What the tenant asks for after a correct password: which second factors, and the token to prove
//! them with.

use secrecy::SecretString;

use super::authenticator::{Authenticator, factors_of};
use crate::response::{MfaRequirements, OAuthError};

/// Proof of the correct password, valid for some minutes.
#[derive(Debug)]
pub(crate) struct MfaToken(pub(super) SecretString);

/// A second factor is required first.
#[derive(Debug)]
pub(crate) struct MfaRequired {
    pub(crate) token: MfaToken,
    requirements: Option<MfaRequirements>,
}

impl MfaRequired {
    /// What an error response asks for, if it has a token.
    pub(super) fn take_from(error: &mut OAuthError) -> Option<Self> {
        Some(Self {
            token: MfaToken(error.mfa_token.take()?),
            requirements: error.mfa_requirements.take(),
        })
    }

    /// Whether the user has no second factor yet, and has to enroll one.
    pub(super) fn is_not_enrolled(&self) -> bool {
        let requirements = self.requirements.as_ref();
        requirements.is_some_and(|asked| asked.enroll && asked.challenge.is_empty())
    }

    /// Those that the application supports, unless that leaves none.
    pub(super) fn supported(&self, enrolled: Vec<Authenticator>) -> Vec<Authenticator> {
        let Some(requirements) = &self.requirements else {
            return enrolled;
        };
        let types = requirements.challenge.iter();
        let supported: Vec<_> = types.flat_map(|name| factors_of(name)).collect();
        let is_supported = |one: &&Authenticator| supported.contains(&&one.factor);
        let left: Vec<_> = enrolled.iter().filter(is_supported).cloned().collect();
        if left.is_empty() { enrolled } else { left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Factor;

    fn supported(types: &[&str], enrolled: &[Factor]) -> Vec<Factor> {
        let required = MfaRequired {
            token: MfaToken("t".into()),
            requirements: Some(MfaRequirements {
                challenge: types.iter().map(|name| (*name).to_owned()).collect(),
                enroll: false,
            }),
        };
        let enrolled = enrolled.iter().map(|factor| Authenticator::of(*factor));
        let left = required.supported(enrolled.collect());
        left.iter().map(|one| one.factor).collect()
    }

    #[test]
    fn factors_are_filtered_in_both_vocabularies_unless_that_leaves_none() {
        use Factor::{Email, Otp, Push, RecoveryCode, Sms, Voice};
        let all = [Otp, Sms, Voice, Email, Push, RecoveryCode];
        assert_eq!(supported(&["phone"], &all), [Sms, Voice]);
        assert_eq!(supported(&["sms"], &all), [Sms]);
        assert_eq!(supported(&["push-notification"], &all), [Push]);
        assert_eq!(supported(&["auth0"], &all), [Push]);
        assert_eq!(supported(&["email", "otp"], &all), [Otp, Email]);
        assert_eq!(supported(&["recovery-code"], &all), [RecoveryCode]);
        assert_eq!(supported(&["webauthn-roaming"], &all), all);
        assert_eq!(supported(&["email"], &[Otp]), [Otp]);
        assert_eq!(supported(&[], &all), all);
    }
}
