//! Verification of a JWT: token, keys and policy in; trusted claims or every broken rule out.
//!
//! The token never chooses how it is checked: algorithms and keys are the caller's, the header only picks among the keys.
//! No network and no clock: whoever calls says what time it is.

mod claims;
mod compact;
mod gates;
mod header;
mod policy;
mod reason;
mod rules;
mod times;

use serde_json::{Map, Value};

use crate::json;
use crate::keys::{Algorithm, Keys, NoKey, ReadyKey};

pub use claims::Claims;
pub(crate) use compact::MAX_BYTES;
pub use gates::{AccessToken, Gates, Missing, Requirement};
pub use policy::{Kind, Policy};
pub use reason::{Reason, Remedy, Rule, Untrusted};

use header::Header;
use reason::quote;

/// Check one token at `now` (Unix seconds). `access_token` is the one that came beside an ID token, for `at_hash`.
pub fn verify(
    token: &str,
    keys: &Keys,
    policy: &Policy,
    now: i64,
    access_token: Option<&str>,
) -> Result<Claims, Untrusted> {
    Verifier::new(keys, policy).verify(token, now, access_token)
}

/// Checks many tokens with the same keys and policy; tokens that share a header share the work that it takes.
#[derive(Debug)]
pub struct Verifier<'k> {
    keys: &'k Keys,
    policy: &'k Policy,
    /// By header; so few that looking through them is the quickest way to find one.
    plans: Vec<(String, Plan<'k>)>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// How a signature is checked, which the header and the keys decide.
#[derive(Clone, Copy, Debug)]
struct Plan<'k> {
    algorithm: Algorithm,
    key: ReadyKey<'k>,
}

/// Headers that are remembered, and bytes of the longest one: enough for every key of an issuer, and no more memory
/// however many tokens come.
const REMEMBERED_HEADERS: usize = 64;
const REMEMBERED_LENGTH: usize = 1024;

impl<'k> Verifier<'k> {
    /// A verifier for one issuer's keys and one policy.
    #[must_use]
    pub fn new(keys: &'k Keys, policy: &'k Policy) -> Self {
        Self {
            keys,
            policy,
            plans: Vec::new(),
            payload: Vec::new(),
            signature: Vec::new(),
        }
    }

    /// Check one token at `now` (Unix seconds). `access_token` is the one that came beside an ID token, for `at_hash`.
    pub fn verify(
        &mut self,
        token: &str,
        now: i64,
        access_token: Option<&str>,
    ) -> Result<Claims, Untrusted> {
        let parts = compact::split(token)?;
        compact::decode("payload", parts.payload, &mut self.payload)?;
        compact::decode("signature", parts.signature, &mut self.signature)?;
        let Plan { algorithm, key } = self.plan(parts.header)?;
        if !key.verify(parts.signed.as_bytes(), &self.signature) {
            let message = format!(
                "the signature is not right: the token was changed, or signed with another key ({algorithm})"
            );
            return Err(Untrusted::because(Rule::Signature, message));
        }
        let claims = payload_of(&self.payload)?;
        let context = rules::Context {
            algorithm,
            now,
            access_token,
        };
        let broken = rules::broken(&claims, self.policy, &context);
        if broken.is_empty() {
            Ok(Claims::verified(claims, std::mem::take(&mut self.payload)))
        } else {
            Err(broken.into())
        }
    }

    fn plan(&mut self, header: &str) -> Result<Plan<'k>, Untrusted> {
        if let Some((_, plan)) = self.plans.iter().find(|(known, _)| known == header) {
            return Ok(*plan);
        }
        let mut bytes = Vec::new();
        compact::decode("header", header, &mut bytes)?;
        let Header { algorithm, kid } = header::read(&bytes, self.policy)?;
        let key = self
            .keys
            .key(algorithm, kid.as_deref())
            .map_err(|reason| no_key(reason, algorithm, kid.as_deref()))?;
        let plan = Plan { algorithm, key };
        if header.len() <= REMEMBERED_LENGTH {
            if self.plans.len() >= REMEMBERED_HEADERS {
                self.plans.clear();
            }
            self.plans.push((header.to_owned(), plan));
        }
        Ok(plan)
    }
}

fn no_key(reason: NoKey, algorithm: Algorithm, kid: Option<&str>) -> Untrusted {
    let (message, remedy) = match (reason, kid.map(quote)) {
        (NoKey::Unknown, Some(kid)) => (
            format!("no key is called {kid} (the token's kid)"),
            Some(Remedy::RefreshKeys),
        ),
        (NoKey::Unknown, None) => (
            "there are no keys to check the signature with".into(),
            Some(Remedy::RefreshKeys),
        ),
        (NoKey::Ambiguous, Some(kid)) => (
            format!("several keys are called {kid} (the token's kid) and fit {algorithm}"),
            None,
        ),
        (NoKey::Ambiguous, None) => (
            format!("the token names no key (kid), and several fit {algorithm}"),
            None,
        ),
        (NoKey::Unfit(reason), Some(kid)) => (
            format!("its key {kid} cannot be used for {algorithm} because {reason}"),
            None,
        ),
        (NoKey::Unfit(reason), None) => (
            format!("no key can be used for {algorithm} because {reason}"),
            None,
        ),
        (NoKey::NotGiven(reason), _) => (
            format!("the token is signed with {algorithm}, and {reason}"),
            None,
        ),
    };
    Untrusted::because(Rule::Key, message).with_remedy(remedy)
}

/// Which of several issuers a token says that it is from. Nothing is checked by that: it is good only for choosing whose
/// keys and policy to check the token with, and that policy must name the issuer, so that one issuer's keys never serve
/// another's tokens. With one issuer there is nothing to choose.
///
/// # Errors
/// The token cannot be taken apart, or says none of them.
pub fn claimed_issuer(token: &str, issuers: &[&str]) -> Result<usize, Untrusted> {
    if issuers.len() == 1 {
        return Ok(0);
    }
    let parts = compact::split(token)?;
    let mut payload = Vec::new();
    compact::decode("payload", parts.payload, &mut payload)?;
    let claims = payload_of(&payload)?;
    let claimed = claims.get("iss").and_then(Value::as_str);
    let index = claimed.and_then(|claimed| issuers.iter().position(|issuer| *issuer == claimed));
    index.ok_or_else(|| {
        let trusted: Vec<String> = issuers.iter().map(|issuer| quote(issuer)).collect();
        Untrusted::because(
            Rule::Issuer,
            format!("iss is none of the trusted issuers: {}", trusted.join(", ")),
        )
    })
}

fn payload_of(bytes: &[u8]) -> Result<Map<String, Value>, Untrusted> {
    json::object(bytes).map_err(|error| {
        Untrusted::because(Rule::Payload, format!("the token's payload is {error}"))
    })
}

#[cfg(test)]
mod tests;
