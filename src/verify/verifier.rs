//! Verifies tokens with the keys of one issuer and one policy.

use super::allowed_times::AllowedTimes;
use super::claim_rules;
use super::claims::{Claims, VerifiedToken};
use super::compact::Part;
use super::error::{Remedy, VerificationError};
use super::plan::Plans;
use super::policy::Policy;
use super::unverified::UnverifiedToken;
use super::violation::{Rule, Violation};
use crate::keys::Keys;

/// Verifies tokens of one issuer. The work for a header is done once for all tokens that share it.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    policy: Policy,
    plans: Plans,
    /// Reused, so that decoding a signature allocates nothing.
    signature: Vec<u8>,
}

impl Verifier {
    /// A verifier for the keys of one issuer and one policy.
    #[must_use]
    pub fn new(keys: Keys, policy: Policy) -> Self {
        Self {
            keys,
            policy,
            plans: Plans::default(),
            signature: Vec::new(),
        }
    }

    /// Verifies one token at `now` (seconds since 1970). `access_token` is the one issued with an
    /// ID token, for `at_hash`. The claims move into the result.
    ///
    /// # Errors
    /// The first fatal violation or, where the signature is valid, every claim that violates a
    /// rule.
    pub fn verify<'t>(
        &mut self,
        token: &mut UnverifiedToken<'t>,
        now: i64,
        access_token: Option<&str>,
    ) -> Result<VerifiedToken<'t>, VerificationError> {
        let compact = token.compact;
        compact.decode(Part::Signature, &mut self.signature)?;
        let plan = self.plans.get(&compact, &self.keys, &self.policy)?;
        let key = plan.signer(compact.signed, &self.signature)?;
        let (claims, text) = token.take_claims()?;
        let context = claim_rules::TokenContext {
            algorithm: plan.algorithm,
            key_issuer: key.issuer.as_deref(),
            now,
            access_token,
        };
        let violations = claim_rules::violations(&claims, &self.policy, &context);
        if violations.is_empty() {
            let times = AllowedTimes::at(&claims, now);
            let claims = Claims::new(claims, text);
            Ok(VerifiedToken::new(claims, compact.token, times))
        } else {
            let is_issuer = |found: &Violation| found.rule == Rule::Issuer;
            let remedy = violations
                .iter()
                .any(is_issuer)
                .then_some(Remedy::ExpectIssuer);
            Err(VerificationError::from(violations).with_remedy(remedy))
        }
    }
}
