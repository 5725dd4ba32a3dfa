//! The algorithm and key for a token's header, determined once for each header.

use super::compact;
use super::error::{Remedy, VerificationError};
use super::header::{self, Header};
use super::policy::Policy;
use super::violation::{Rule, quote};
use crate::keys::{Algorithm, KeyError, Keys, VerificationKey};

/// An algorithm that the policy allows, and the key for it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) algorithm: Algorithm,
    pub(super) key: VerificationKey,
}

/// The plans for the headers seen so far.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Few enough that a linear search is fastest.
    remembered: Vec<(String, Plan)>,
    /// For the last header that was too long to remember.
    long: Option<Plan>,
}

/// The limits for remembered headers, their number and their length in bytes: enough for every key
/// of an issuer, and they keep memory use constant for any number of tokens.
const REMEMBERED_HEADERS: usize = 64;
const REMEMBERED_LENGTH: usize = 1024;

impl Plans {
    /// The plan for a header, still in base64url.
    pub(super) fn get(
        &mut self,
        header: &str,
        keys: &Keys,
        policy: &Policy,
    ) -> Result<&Plan, VerificationError> {
        let known = self
            .remembered
            .iter()
            .position(|(known, _)| known == header);
        if let Some(index) = known {
            return Ok(&self.remembered[index].1);
        }
        let plan = Plan::new(header, keys, policy)?;
        if header.len() > REMEMBERED_LENGTH {
            return Ok(self.long.insert(plan));
        }
        if self.remembered.len() >= REMEMBERED_HEADERS {
            self.remembered.clear();
        }
        self.remembered.push((header.to_owned(), plan));
        Ok(&self.remembered[self.remembered.len() - 1].1)
    }
}

impl Plan {
    fn new(header: &str, keys: &Keys, policy: &Policy) -> Result<Self, VerificationError> {
        let bytes = compact::decode("header", header)?;
        let Header { algorithm, kid } = header::read(&bytes, policy)?;
        let key = keys.key(algorithm, kid.as_deref());
        let key = key.map_err(|error| no_key(error, algorithm, kid.as_deref()))?;
        Ok(Self { algorithm, key })
    }
}

fn no_key(error: KeyError, algorithm: Algorithm, kid: Option<&str>) -> VerificationError {
    let remedy = (error == KeyError::NotFound).then_some(Remedy::RefreshKeys);
    let message = match (error, kid.map(quote)) {
        (KeyError::NotFound, Some(kid)) => format!("no key has the token's kid {kid}"),
        (KeyError::NotFound, None) => "the key set has no keys".into(),
        (KeyError::Ambiguous, Some(kid)) => {
            format!("several keys for {algorithm} have the token's kid {kid}")
        }
        (KeyError::Ambiguous, None) => {
            format!("the token has no kid, and the key set has several keys for {algorithm}")
        }
        (KeyError::Unusable(reason), Some(kid)) => {
            format!("the key with the token's kid {kid} cannot be used for {algorithm}: {reason}")
        }
        (KeyError::Unusable(reason), None) => {
            format!("no key can be used for {algorithm}: {reason}")
        }
        (KeyError::NotGiven(reason), _) => {
            format!("the token is signed with {algorithm}, but {reason}")
        }
    };
    VerificationError::because(Rule::Key, message).with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use secrecy::SecretString;

    use super::super::policy::TokenKind;
    use super::*;
    use crate::keys::SharedSecret;

    /// Plans after a token with each of these headers.
    fn plans(headers: impl IntoIterator<Item = String>) -> Plans {
        let secret = SharedSecret::new(&SecretString::from("s".repeat(32)), false);
        let keys = Keys::shared(secret);
        let policy = Policy::new(TokenKind::Jwt, [Algorithm::HS256]);
        let mut plans = Plans::default();
        for header in headers {
            let header = URL_SAFE_NO_PAD.encode(header);
            assert!(plans.get(&header, &keys, &policy).is_ok());
            assert!(plans.remembered.len() <= REMEMBERED_HEADERS);
        }
        plans
    }

    #[test]
    fn each_header_is_remembered_once() {
        let [one, other] = [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","a":1}"#].map(String::from);
        assert_eq!(plans([one.clone(), other, one]).remembered.len(), 2);
    }

    #[test]
    fn the_number_of_remembered_headers_is_limited() {
        let headers = (0..1000).map(|number| format!("{{\"alg\":\"HS256\",\"n\":{number}}}"));
        assert!(!plans(headers).remembered.is_empty());
    }

    #[test]
    fn a_long_header_is_not_remembered() {
        let long = format!("{{\"alg\":\"HS256\",\"n\":\"{}\"}}", "x".repeat(5000));
        assert!(plans([long]).remembered.is_empty());
    }
}
