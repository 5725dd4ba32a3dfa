//! Shared secrets, and keys that must never serve as one.

use secrecy::SecretString;

use super::*;

#[test]
fn a_public_key_is_never_used_for_hmac_and_a_secret_for_nothing_else() {
    let secret = || SharedSecret::new(&SecretString::from("s".repeat(64)), false);
    let set = json!({ "keys": [rsa(&json!({}))] }).to_string();
    let set = KeySet::parse(set.as_bytes(), LOCAL).unwrap();
    let both = Keys::new(Some(set), Some(secret()));
    let is_secret = |algorithm| only(&both, algorithm, Some("k")).map(|key| key.is_secret());
    assert_eq!(is_secret(Algorithm::HS256), Ok(true));
    assert_eq!(is_secret(Algorithm::RS256), Ok(false));
    assert!(matches!(
        find(&[rsa(&json!({}))], Algorithm::HS256, Some("k")),
        Err(KeyError::NotGiven(_))
    ));
    assert!(matches!(
        only(&Keys::shared(secret()), Algorithm::RS256, None),
        Err(KeyError::NotGiven(_))
    ));
}

#[test]
fn a_published_secret_is_never_used() {
    let set = keys(&[oct("k")], KeySetOrigin::Published);
    let error = only(&set, Algorithm::HS256, Some("k")).unwrap_err();
    assert_eq!(
        error,
        KeyError::Unusable("a shared secret (kty oct) must not be published".into())
    );
}

#[test]
fn a_secret_among_public_keys_is_never_used() {
    assert!(matches!(
        find(&[oct("k"), rsa(&json!({}))], Algorithm::HS256, Some("k")),
        Err(KeyError::Unusable(_))
    ));
    assert_eq!(
        find(
            &[oct("k"), rsa(&json!({ "kid": "r" }))],
            Algorithm::RS256,
            Some("r")
        ),
        Ok(())
    );
}

#[test]
fn secrets_of_a_local_set_are_found_by_their_kid() {
    assert_eq!(
        find(&[oct("a"), oct("b")], Algorithm::HS512, Some("b")),
        Ok(())
    );
    assert_eq!(
        find(&[oct("a"), oct("b")], Algorithm::HS256, None),
        Err(KeyError::Several(2))
    );
}

#[test]
fn a_token_may_be_signed_with_any_of_the_given_secrets() {
    let secret = |length: usize| SharedSecret::new(&SecretString::from("s".repeat(length)), false);
    let both = Keys::shared_secrets(vec![secret(32), secret(64)]);
    let candidates = both
        .candidates(&request(Algorithm::HS256, Some("k")))
        .unwrap();
    assert_eq!((candidates.keys.len(), candidates.left_out), (2, None));
    let candidates = both.candidates(&request(Algorithm::HS512, None)).unwrap();
    assert_eq!(candidates.keys.len(), 1);
    assert!(matches!(candidates.left_out, Some(KeyError::TooShort(_))));
    let short = Keys::shared_secrets(vec![secret(8), secret(9)]);
    let error = short
        .candidates(&request(Algorithm::HS256, None))
        .unwrap_err();
    assert!(matches!(error, KeyError::TooShort(reason) if reason.contains("8 bytes")));
}
