//! Which key of a set is used, and which never is.

mod documents;
mod fitness;
mod secrets;
mod selection;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

const LOCAL: KeySetOrigin = KeySetOrigin::Local {
    allow_short_secrets: false,
};

/// The modulus of the RSA key of RFC 7515 §A.2.
const N: &str = "\
    ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B\
    m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5\
    z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7\
    aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

/// The RSA key of RFC 7515 §A.2 with some members replaced, or removed by null.
fn rsa(changes: &Value) -> Value {
    let mut key = json!({ "kty": "RSA", "kid": "k", "use": "sig", "e": "AQAB", "n": N });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => key.as_object_mut().unwrap().shift_remove(name),
            value => key
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    key
}

/// Another RSA key for each number.
fn other_rsa(number: u16, changes: &Value) -> Value {
    let mut modulus = URL_SAFE_NO_PAD.decode(N).unwrap();
    modulus[100..102].copy_from_slice(&number.to_be_bytes());
    let mut key = rsa(changes);
    key["n"] = URL_SAFE_NO_PAD.encode(modulus).into();
    key
}

fn oct(kid: &str) -> Value {
    let secret = URL_SAFE_NO_PAD.encode(kid.repeat(64));
    json!({ "kty": "oct", "kid": kid, "k": secret })
}

fn keys(members: &[Value], origin: KeySetOrigin) -> Keys {
    Keys::published(
        KeySet::parse(json!({ "keys": members }).to_string().as_bytes(), origin).unwrap(),
    )
}

/// The request of an ID token.
fn request(algorithm: Algorithm, kid: Option<&str>) -> KeyRequest<'_> {
    KeyRequest {
        algorithm,
        kid,
        sha256_thumbprint: None,
        sha1_thumbprint: None,
        may_try_several: false,
        takes_svid_keys: false,
    }
}

/// The number of keys for a request.
fn count(members: &[Value], request: &KeyRequest<'_>) -> Result<usize, KeyError> {
    let candidates = keys(members, LOCAL).candidates(request);
    candidates.map(|candidates| candidates.keys.len())
}

fn find(members: &[Value], algorithm: Algorithm, kid: Option<&str>) -> Result<(), KeyError> {
    let found = count(members, &request(algorithm, kid));
    found.map(|number| assert_eq!(number, 1))
}

/// The only key for a request.
fn only(keys: &Keys, algorithm: Algorithm, kid: Option<&str>) -> Result<VerificationKey, KeyError> {
    let mut candidates = keys.candidates(&request(algorithm, kid))?;
    assert_eq!(candidates.keys.len(), 1);
    Ok(candidates.keys.remove(0))
}

/// Why an RSA key with these changes cannot be used for RS256.
fn refusal(changes: &Value) -> String {
    match find(&[rsa(changes)], Algorithm::RS256, Some("k")) {
        Err(KeyError::Unusable(reason)) => reason,
        other => panic!("{changes}: {other:?}"),
    }
}
