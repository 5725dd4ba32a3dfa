//! A parsed token before verification, which may only select the issuer that verifies it.

use super::compact::{self, Compact, Part};
use super::error::VerificationError;
use super::issuer_names::IssuerNames;
use super::registered::{Registered, RegisteredClaims};
use super::violation::Rule;

/// A token in compact form; nothing in it is verified.
#[derive(Debug)]
pub struct UnverifiedToken<'t> {
    pub(super) compact: Compact<'t>,
    payload: Vec<u8>,
    /// Parsed at most once: before the signature is checked only if there are several issuers.
    claims: Option<RegisteredClaims>,
}

impl<'t> UnverifiedToken<'t> {
    /// Splits a token into its parts (RFC 7515 §7.1).
    ///
    /// # Errors
    /// The text is not three base64url parts.
    pub fn parse(token: &'t str) -> Result<Self, VerificationError> {
        let compact = compact::split(token)?;
        let mut payload = Vec::new();
        compact.decode(Part::Payload, &mut payload)?;
        Ok(Self {
            compact,
            payload,
            claims: None,
        })
    }

    /// The index of the issuer that equals the token's `iss`. Its keys and policy then verify the
    /// token, so that one issuer's keys never verify another's tokens. With one issuer the payload
    /// is not parsed.
    ///
    /// # Errors
    /// The payload is not a JSON object, or `iss` is none of the issuers.
    pub fn issuer_among(&mut self, issuers: &IssuerNames<'_>) -> Result<usize, VerificationError> {
        if issuers.is_one() {
            return Ok(0);
        }
        let claims = RegisteredClaims::read(&self.payload)?;
        let claimed = claims.text(Registered::Issuer);
        let index = claimed.and_then(|claimed| issuers.index_of(claimed));
        self.claims = Some(claims);
        index.ok_or_else(|| {
            let message = format!("iss is none of the trusted issuers: {}", issuers.quoted());
            VerificationError::because(Rule::Issuer, message)
        })
    }

    /// Takes the claims that rules look at, and the JSON text of all.
    pub(super) fn take_claims(&mut self) -> Result<(RegisteredClaims, Vec<u8>), VerificationError> {
        let claims = match self.claims.take() {
            Some(claims) => claims,
            None => RegisteredClaims::read(&self.payload)?,
        };
        Ok((claims, std::mem::take(&mut self.payload)))
    }
}
