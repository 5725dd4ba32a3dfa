//! The algorithm and the keys for a token's header, determined once for each header.

use super::compact::{Compact, Part};
use super::error::{Remedy, VerificationError};
use super::header;
use super::policy::{Policy, TokenKind};
use super::violation::{Rule, quote};
use crate::keys::{Algorithm, Candidates, KeyError, KeyRequest, Keys, VerificationKey};

/// An algorithm that the policy allows, and the keys for it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) algorithm: Algorithm,
    candidates: Candidates,
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
    /// The plan for a token's header.
    pub(super) fn get(
        &mut self,
        compact: &Compact<'_>,
        keys: &Keys,
        policy: &Policy,
    ) -> Result<&Plan, VerificationError> {
        let header = compact.header;
        let known = self
            .remembered
            .iter()
            .position(|(known, _)| known == header);
        if let Some(index) = known {
            return Ok(&self.remembered[index].1);
        }
        let plan = Plan::new(compact, keys, policy)?;
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
    fn new(compact: &Compact<'_>, keys: &Keys, policy: &Policy) -> Result<Self, VerificationError> {
        let mut bytes = Vec::new();
        compact.decode(Part::Header, &mut bytes)?;
        let header = header::read(&bytes, policy)?;
        let (algorithm, kid) = (header.algorithm, header.kid.as_deref());
        let candidates = keys.candidates(&KeyRequest {
            algorithm,
            kid,
            sha256_thumbprint: header.sha256_thumbprint.as_deref(),
            sha1_thumbprint: header.sha1_thumbprint.as_deref(),
            may_try_several: policy.kind != TokenKind::IdToken,
            takes_svid_keys: policy.kind == TokenKind::Jwt,
        });
        Ok(Self {
            algorithm,
            candidates: candidates.map_err(|error| no_key(error, algorithm, kid))?,
        })
    }

    /// The key with which the signature is valid.
    pub(super) fn signer(
        &self,
        signed: &str,
        signature: &[u8],
    ) -> Result<&VerificationKey, VerificationError> {
        let mut keys = self.candidates.keys.iter();
        keys.find(|key| key.verify(signed.as_bytes(), signature))
            .ok_or_else(|| self.invalid_signature())
    }

    fn invalid_signature(&self) -> VerificationError {
        let Candidates { keys, left_out } = &self.candidates;
        let by_another = match keys.len() {
            1 => "another key".to_owned(),
            number => format!("a key other than the {number} that fit"),
        };
        let left_out = match left_out {
            Some(KeyError::TooShort(reason) | KeyError::Unusable(reason)) => {
                format!("; one key was not tried: {reason}")
            }
            _ => String::new(),
        };
        let message = format!(
            "invalid signature: the token was modified or signed with {by_another} ({}){left_out}",
            self.algorithm
        );
        let remedy = if self.algorithm.is_symmetric() {
            Remedy::CheckSecret
        } else {
            Remedy::RefreshCachedKeys
        };
        VerificationError::because(Rule::Signature, message).with_remedy(Some(remedy))
    }
}

fn no_key(error: KeyError, algorithm: Algorithm, kid: Option<&str>) -> VerificationError {
    let remedy = match error {
        KeyError::NotFound => Some(Remedy::RefreshKeys),
        KeyError::TooShort(_) => Some(Remedy::AllowShortSecret),
        _ => None,
    };
    let message = match (error, kid.map(quote)) {
        (KeyError::NotFound, Some(kid)) => format!("no key has the token's kid {kid}"),
        (KeyError::NotFound, None) => "the key set has no keys".into(),
        (KeyError::SameKid(number), kid) => format!(
            "{number} different keys for {algorithm} have the token's kid {}",
            kid.unwrap_or_default()
        ),
        (KeyError::Several(number), _) => format!(
            "the token has no kid, and {number} keys of the key set fit {algorithm}: an ID token \
             must name its key"
        ),
        (KeyError::OneOfSeveral { number, problem }, _) => format!(
            "the token has no kid, and the key set has {number} keys for {algorithm}, of which one \
             can be used ({problem}): an ID token must name its key"
        ),
        (KeyError::TooMany(number), _) => format!(
            "the token has no kid, and {number} keys of the key set fit {algorithm}: too many to \
             try each"
        ),
        (KeyError::Unusable(reason) | KeyError::TooShort(reason), Some(kid)) => {
            format!("the key with the token's kid {kid} cannot be used for {algorithm}: {reason}")
        }
        (KeyError::Unusable(reason) | KeyError::TooShort(reason), None) => {
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
    use crate::keys::{KeySet, KeySetOrigin, SharedSecret};

    /// Plans after a token with each of these headers.
    fn plans(headers: impl IntoIterator<Item = String>) -> Plans {
        let secret = SharedSecret::new(&SecretString::from("s".repeat(32)), false);
        let keys = Keys::shared(secret);
        let policy = Policy::new(TokenKind::Jwt, [Algorithm::HS256]);
        let mut plans = Plans::default();
        for header in headers {
            let token = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
            let compact = super::super::compact::split(&token).unwrap();
            assert!(plans.get(&compact, &keys, &policy).is_ok());
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
        // Three octets are four characters of base64url.
        let of_length = |length: usize| {
            let empty = r#"{"alg":"HS256","n":""}"#;
            let filling = "x".repeat(length / 4 * 3 - empty.len());
            empty.replace("\"\"", &format!("\"{filling}\""))
        };
        let longest = plans([of_length(REMEMBERED_LENGTH)]).remembered;
        assert_eq!(longest[0].0.len(), REMEMBERED_LENGTH);
        for length in [REMEMBERED_LENGTH + 4, 8 * REMEMBERED_LENGTH] {
            assert!(plans([of_length(length)]).remembered.is_empty(), "{length}");
        }
    }

    /// Why a token with an invalid signature is refused.
    fn refused(header: &str, keys: &Keys, policy: &Policy) -> VerificationError {
        let token = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        let compact = super::super::compact::split(&token).unwrap();
        let plan = Plan::new(&compact, keys, policy).unwrap();
        plan.signer(compact.signed, b"no signature").unwrap_err()
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_tried_is_mentioned() {
        let secret = |length| SharedSecret::new(&SecretString::from("s".repeat(length)), false);
        let policy = Policy::new(TokenKind::Jwt, [Algorithm::HS256]);
        let message = |secrets| {
            let error = refused(
                r#"{"alg":"HS256"}"#,
                &Keys::shared_secrets(secrets),
                &policy,
            );
            error.violations()[0].message.clone()
        };
        let both = message(vec![secret(32), secret(31)]);
        assert!(both.contains("(HS256); one key was not tried: "), "{both}");
        assert!(both.contains("31"), "{both}");
        let one = message(vec![secret(32)]);
        assert!(one.ends_with("(HS256)"), "{one}");
    }

    #[test]
    fn a_wrong_signature_calls_for_newer_keys_with_and_without_a_kid() {
        let n = URL_SAFE_NO_PAD.encode([0xa7; 256]);
        let set = format!(r#"{{"keys":[{{"kty":"RSA","kid":"k","n":"{n}","e":"AQAB"}}]}}"#);
        let set = KeySet::parse(set.as_bytes(), KeySetOrigin::Published).unwrap();
        let keys = Keys::published(set);
        let policy = Policy::new(TokenKind::IdToken, [Algorithm::RS256]);
        for header in [r#"{"alg":"RS256"}"#, r#"{"alg":"RS256","kid":"k"}"#] {
            let error = refused(header, &keys, &policy);
            assert_eq!(error.remedy(), Some(Remedy::RefreshCachedKeys), "{header}");
        }
    }
}
