//! A key set (RFC 7517 §5), and the one key in it for a token.

use std::collections::HashMap;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::document::KeyDocument;
use super::error::KeyError;
use super::jwk::{Jwk, VerificationKey};
use super::material::Distinct;
use super::origin::KeySetOrigin;
use super::pem;
use super::request::KeyRequest;
use crate::strict_json::{self, JsonError};

/// The size limit in bytes: room for 10,000 keys with their certificates.
const MAX_BYTES: usize = 32 << 20;

const KEY_SET: &str = "a key set (JWKS)";

/// An issuer's keys. One that cannot be used is kept with the reason, for the error about a token
/// that names it.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    by_kid: HashMap<String, Vec<usize>>,
    /// Whether it is one key without a name, given by itself: for tokens with any `kid`.
    is_nameless: bool,
}

/// Why a document is not a key set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The document is larger than a key set may be.
    #[error("it is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// The document is not one JSON object, or a name occurs twice in an object.
    #[error("it is {0}")]
    NotJson(String),
    /// The object has no array of keys.
    #[error("it has no \"keys\" array")]
    NoKeys,
    /// It is another document.
    #[error("{}it is {}, expected {expected}", no_keys(*.found, expected), .found.name())]
    OtherDocument {
        /// What it is.
        found: KeyDocument,
        /// What it should be.
        expected: &'static str,
    },
    /// The only key cannot be used.
    #[error("{0}")]
    Unusable(String),
}

/// What a key set lacks that is another JSON document.
fn no_keys(found: KeyDocument, expected: &str) -> &'static str {
    if found.is_json() && expected == KEY_SET {
        "it has no \"keys\" array: "
    } else {
        ""
    }
}

impl KeySetError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::OtherDocument { found, .. } => found.next_step(),
            Self::TooLarge | Self::NotJson(_) | Self::NoKeys | Self::Unusable(_) => None,
        }
    }
}

impl KeySet {
    /// Parses a JWKS document. Unknown or damaged keys in it do not affect the others.
    pub fn parse(bytes: &[u8], origin: KeySetOrigin) -> Result<Self, KeySetError> {
        check_size(bytes.len())?;
        let document = strict_json::object(bytes).map_err(|error| not_json(bytes, &error))?;
        let Some(Value::Array(members)) = document.get("keys") else {
            return Err(other_document(bytes, KEY_SET).unwrap_or(KeySetError::NoKeys));
        };
        let keys = members.iter().map(|member| Jwk::parse(member, origin));
        Ok(Self::new(keys.collect(), false))
    }

    /// Parses the user's own file with one key: a public key or certificate in PEM, or a JWK.
    pub fn of_key_file(bytes: &[u8], origin: KeySetOrigin) -> Result<Self, KeySetError> {
        check_size(bytes.len())?;
        // Editors on Windows write a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let key = match KeyDocument::of(bytes) {
            KeyDocument::PublicKey | KeyDocument::Certificate => {
                pem::key(bytes).map_err(KeySetError::Unusable)?
            }
            KeyDocument::Key | KeyDocument::SecretKey => {
                let members = strict_json::object(bytes);
                let members = members.map_err(|error| KeySetError::NotJson(error.to_string()))?;
                Jwk::parse(&Value::Object(members), origin)
            }
            found => {
                let expected = "a public key or certificate in PEM, or one key (JWK)";
                return Err(KeySetError::OtherDocument { found, expected });
            }
        };
        key.usable().map_err(KeySetError::Unusable)?;
        let is_nameless = key.kid.is_none();
        Ok(Self::new(vec![key], is_nameless))
    }

    /// The algorithms that the first key is for.
    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        self.keys.first().map(Jwk::algorithms).unwrap_or_default()
    }

    /// How many keys there are, and for each of these algorithms the number of keys that signatures
    /// can be verified with.
    pub(crate) fn usable(&self, algorithms: &[Algorithm]) -> (usize, Vec<(Algorithm, usize)>) {
        let number = |algorithm: Algorithm| {
            let request = KeyRequest::any(algorithm);
            let is_usable =
                |key: &&Jwk| key.matches(&request).is_ok() && key.prepare(algorithm).is_ok();
            self.keys.iter().filter(is_usable).count()
        };
        let numbers = algorithms.iter().map(|one| (*one, number(*one)));
        let numbers = numbers.filter(|(_, number)| *number > 0);
        (self.keys.len(), numbers.collect())
    }

    /// Why no key can be used with this algorithm.
    pub(crate) fn problem(&self, algorithm: Algorithm) -> String {
        let (request, keys) = (KeyRequest::any(algorithm), self.keys.iter());
        let matching = keys.clone().find(|key| key.matches(&request).is_ok());
        let unusable = matching.and_then(|key| key.prepare(algorithm).err());
        unusable
            .unwrap_or_else(|| no_match(keys, &request))
            .to_string()
    }

    fn new(mut keys: Vec<Jwk>, is_nameless: bool) -> Self {
        refuse_secrets_among_public_keys(&mut keys);
        let mut by_kid: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(kid) = &key.kid {
                by_kid.entry(kid.clone()).or_default().push(index);
            }
        }
        Self {
            keys,
            by_kid,
            is_nameless,
        }
    }

    /// The number of keys, usable or not.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it contains shared secrets (kty oct).
    pub(super) fn has_secrets(&self) -> bool {
        self.keys.iter().any(Jwk::is_secret)
    }

    /// The keys that a token may be checked with: the one with its `kid`; without a `kid`, the one
    /// with its thumbprint, else the only one that fits, else each of a few. Of two copies of a key
    /// one counts. Two different keys with one `kid` are an error: RFC 7517 §4.5 asks for distinct
    /// ones.
    pub(super) fn keys(&self, request: &KeyRequest<'_>) -> Result<Vec<VerificationKey>, KeyError> {
        match request.kid {
            Some(kid) if !self.is_nameless => self.named(kid, request).map(|key| vec![key]),
            _ => self.fitting(request),
        }
    }

    fn named(&self, kid: &str, request: &KeyRequest<'_>) -> Result<VerificationKey, KeyError> {
        let named = self.by_kid.get(kid).ok_or(KeyError::NotFound)?;
        let named = named.iter().filter_map(|&index| self.keys.get(index));
        let matching = distinct(named.clone().filter(|key| key.matches(request).is_ok()));
        match matching.as_slice() {
            [key] => key.prepare(request.algorithm),
            [] => Err(no_match(named, request)),
            several => Err(KeyError::SameKid(several.len())),
        }
    }

    /// The keys for a token without a `kid`.
    fn fitting(&self, request: &KeyRequest<'_>) -> Result<Vec<VerificationKey>, KeyError> {
        let matching = distinct(self.keys.iter().filter(|key| key.matches(request).is_ok()));
        if let Some(key) = by_thumbprint(&matching, request) {
            return Ok(vec![key.prepare(request.algorithm)?]);
        }
        let prepared = matching.iter().map(|key| key.prepare(request.algorithm));
        let (mut usable, mut unusable) = (Vec::new(), None);
        for key in prepared {
            match key {
                Ok(key) => usable.push(key),
                Err(error) => unusable = unusable.or(Some(error)),
            }
        }
        let problem = || {
            unusable
                .clone()
                .unwrap_or_else(|| no_match(self.keys.iter(), request))
        };
        match usable.len() {
            0 => Err(problem()),
            // For an ID token, a damaged key counts as a reason to doubt which key is right.
            1 if !request.may_try_several && matching.len() > 1 => Err(KeyError::OneOfSeveral {
                number: matching.len(),
                problem: problem().to_string(),
            }),
            1 => Ok(usable),
            number if !request.may_try_several => Err(KeyError::Several(number)),
            number if number > KeyRequest::MAX_TRIED => Err(KeyError::TooMany(number)),
            _ => Ok(usable),
        }
    }
}

fn check_size(length: usize) -> Result<(), KeySetError> {
    if length > MAX_BYTES {
        return Err(KeySetError::TooLarge);
    }
    Ok(())
}

fn not_json(bytes: &[u8], error: &JsonError) -> KeySetError {
    let other = other_document(bytes, KEY_SET);
    other.unwrap_or_else(|| KeySetError::NotJson(error.to_string()))
}

/// Another document than a key set, where it is recognized as one.
fn other_document(bytes: &[u8], expected: &'static str) -> Option<KeySetError> {
    let found = KeyDocument::of(bytes);
    let is_recognized = !matches!(
        found,
        KeyDocument::KeySet | KeyDocument::Json | KeyDocument::Empty
    );
    is_recognized.then_some(KeySetError::OtherDocument { found, expected })
}

/// One of each key.
fn distinct<'k>(keys: impl Iterator<Item = &'k Jwk>) -> Vec<&'k Jwk> {
    let mut seen = Distinct::default();
    keys.filter(|key| seen.is_new(&key.material, key.issuer.as_deref()))
        .collect()
}

/// The only key with the token's thumbprint, of SHA-256 if the token has both.
fn by_thumbprint<'k>(keys: &[&'k Jwk], request: &KeyRequest<'_>) -> Option<&'k Jwk> {
    let thumbprints = [request.sha256_thumbprint, request.sha1_thumbprint];
    let mut found = thumbprints
        .iter()
        .enumerate()
        .filter_map(|(index, wanted)| {
            let wanted = (*wanted)?;
            let mut having = keys.iter().filter(|key| key.has_thumbprint(index, wanted));
            having.next().filter(|_| having.next().is_none()).copied()
        });
    found.next()
}

/// Why none of these keys matches.
fn no_match<'k>(mut keys: impl Iterator<Item = &'k Jwk>, request: &KeyRequest<'_>) -> KeyError {
    let reason = keys.next().and_then(|key| key.matches(request).err());
    reason.map_or(KeyError::NotFound, KeyError::Unusable)
}

/// No issuer publishes both: everyone who may read its public keys would learn the secrets.
fn refuse_secrets_among_public_keys(keys: &mut [Jwk]) {
    if keys.iter().all(Jwk::is_secret) {
        return;
    }
    for key in keys.iter_mut().filter(|key| key.is_secret()) {
        key.refuse("a shared secret (kty oct) is not used from a set that has public keys");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_limit_is_the_largest_size_allowed() {
        assert!(check_size(MAX_BYTES).is_ok());
        assert!(matches!(
            check_size(MAX_BYTES + 1),
            Err(KeySetError::TooLarge)
        ));
    }
}
