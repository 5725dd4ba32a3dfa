//! Verification of a JWT: token, keys and policy in; verified claims or every violated rule out.
//!
//! The token never chooses how it is verified: the caller sets the algorithms and the keys, and the
//! header only selects one of the keys. No network and no clock: the caller passes the time.
//!
//! `jsonwebtoken` signs here but does not verify: it accepts forty of the attack tokens in
//! `tests/vectors` (duplicate names, unknown `crit`, keys unsuitable for their algorithm, `aud` and
//! `iss` checked only if present), and it parses the key again for each token.

mod violation;
mod error;
mod policy;
mod not_a_token;
mod compact;
mod registered;
mod time_rules;
mod allowed_times;
mod claims;
mod claim_path;
mod issuer_names;
mod unverified;
mod header;
mod plan;
mod claim_rules;
mod verifier;
mod known;
mod requirements;

pub use claims::{Claims, VerifiedToken};
pub(crate) use claims::{has_rounded_number, texts};
pub(crate) use compact::MAX_BYTES;
pub(crate) use error::Clocks;
pub use error::{Remedy, TokenName, VerificationError};
pub use issuer_names::IssuerNames;
pub(crate) use known::KnownTokens;
pub use policy::{AuthorizedParty, Policy, TokenKind};
pub use requirements::{AccessToken, ClaimRequirement, Requirements, Unmet};
pub use unverified::UnverifiedToken;
pub use verifier::Verifier;
pub use violation::{Rule, Violation};

use crate::keys::Keys;

/// Verifies one token at `now` (seconds since 1970). `access_token` is the one issued with an
/// ID token, for `at_hash`.
///
/// # Errors
/// The first fatal violation or, where the signature is valid, every claim that violates a rule.
pub fn verify<'t>(
    token: &'t str,
    keys: &Keys,
    policy: &Policy,
    now: i64,
    access_token: Option<&str>,
) -> Result<VerifiedToken<'t>, VerificationError> {
    let mut token = UnverifiedToken::parse(token)?;
    Verifier::new(keys.clone(), policy.clone()).verify(&mut token, now, access_token)
}

#[cfg(test)]
mod tests;
