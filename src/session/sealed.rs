//! A record that is encrypted under a key from the keyring, so that its file alone is of no use.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::redact::remember;

/// The format of the files that this padlock writes.
const VERSION: u32 = 1;

/// Bytes of a key.
const KEY: usize = 32;

/// Bytes of a key's ID.
const ID: usize = 16;

/// The content of a file.
#[derive(Deserialize, Serialize)]
struct Sealed {
    version: u32,
    /// Under which ID the keyring has the key.
    key: String,
    /// The nonce, and what AES-256-GCM made of the record with it, in base64url.
    #[serde(rename = "sealed")]
    text: String,
}

/// A key for records.
#[derive(Debug)]
pub(super) struct SealingKey {
    pub(super) id: String,
    key: LessSafeKey,
}

impl SealingKey {
    /// A new key, and its text for the keyring; `None` where the system has no random numbers.
    pub(super) fn generate() -> Option<(Self, Zeroizing<String>)> {
        let (mut id, mut key) = ([0; ID], Zeroizing::new([0; KEY]));
        rand::fill(&mut id).ok()?;
        rand::fill(&mut *key).ok()?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*key));
        let made = Self::parse(&URL_SAFE_NO_PAD.encode(id), text.as_bytes())?;
        Some((made, text))
    }

    /// The key that the keyring has under this ID; `None` if that is no key.
    pub(super) fn parse(id: &str, text: &[u8]) -> Option<Self> {
        remember(std::str::from_utf8(text).ok()?);
        let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let key = UnboundKey::new(&AES_256_GCM, &key).ok()?;
        Some(Self {
            id: id.to_owned(),
            key: LessSafeKey::new(key),
        })
    }

    /// The content of the file of a session with this ID. A nonce is random: with 2³² writes under
    /// one key, two are the same with a probability of 2⁻³³ (NIST SP 800-38D §8.3).
    pub(super) fn seal(&self, session: &str, record: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).ok()?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(NONCE_LEN + record.len() + 16));
        sealed.extend(nonce);
        sealed.extend(record);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(session);
        let text = &mut sealed[NONCE_LEN..];
        let tag = self.key.seal_in_place_separate_tag(nonce, aad, text).ok()?;
        sealed.extend_from_slice(tag.as_ref());
        let sealed = Sealed {
            version: VERSION,
            key: self.id.clone(),
            text: URL_SAFE_NO_PAD.encode(&*sealed),
        };
        serde_json::to_vec(&sealed).ok().map(Zeroizing::new)
    }

    /// The record in the content of a file; `None` if it was not sealed with this key for this
    /// session.
    pub(super) fn open(&self, session: &str, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let sealed: Sealed = serde_json::from_slice(content).ok()?;
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(sealed.text).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(bytes.get(..NONCE_LEN)?).ok()?;
        let aad = Aad::from(session);
        let text = self.key.open_in_place(nonce, aad, &mut bytes[NONCE_LEN..]);
        Some(Zeroizing::new(text.ok()?.to_vec()))
    }
}

/// The ID of the key in the content of a file.
pub(super) fn key_id(content: &[u8]) -> Result<String, String> {
    let sealed = serde_json::from_slice::<Sealed>(content);
    let sealed =
        sealed.map_err(|error| format!("line {}, column {}", error.line(), error.column()));
    Ok(sealed?.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_record_opens_with_its_key_for_its_session_alone() {
        let (key, text) = SealingKey::generate().unwrap();
        let sealed = key.seal("session", b"record").unwrap();
        assert_eq!(key_id(&sealed).unwrap(), key.id);
        assert!(!sealed.windows(6).any(|window| window == b"record"));
        let again = SealingKey::parse(&key.id, text.as_bytes()).unwrap();
        assert_eq!(&**again.open("session", &sealed).unwrap(), b"record");
        assert_ne!(key.seal("session", b"record").unwrap(), sealed);
        assert!(key.open("other", &sealed).is_none());
        let (other, _) = SealingKey::generate().unwrap();
        assert!(other.open("session", &sealed).is_none());
    }

    #[test]
    fn a_changed_byte_of_a_sealed_record_or_of_a_key_is_found() {
        let (key, text) = SealingKey::generate().unwrap();
        let sealed = key.seal("session", b"record").unwrap();
        let record: Sealed = serde_json::from_slice(&sealed).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(record.text).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = Sealed {
                version: VERSION,
                key: key.id.clone(),
                text: URL_SAFE_NO_PAD.encode(changed),
            };
            let content = serde_json::to_vec(&changed).unwrap();
            assert!(key.open("session", &content).is_none(), "{at}");
        }
        for content in ["", "{}", r#"{"version":1,"key":"a","sealed":"AAAA"}"#] {
            assert!(key.open("session", content.as_bytes()).is_none());
        }
        for bad in [&text.as_bytes()[1..], b"", b"\xff", b"!"] {
            assert!(SealingKey::parse("a", bad).is_none());
        }
    }
}
