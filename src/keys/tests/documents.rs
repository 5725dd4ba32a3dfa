//! Key sets and key files.

use super::*;

#[test]
fn a_key_set_is_one_json_object_with_an_array_of_keys() {
    let parse = |text: &str| KeySet::parse(text.as_bytes(), LOCAL).map(|set| set.len());
    assert_eq!(parse(r#"{"keys":[]}"#).unwrap(), 0);
    assert_eq!(parse(r#"{"keys":[5,null,"x",{}],"more":1}"#).unwrap(), 4);
    for text in ["{}", r#"{"keys":{}}"#] {
        assert!(matches!(parse(text), Err(KeySetError::NoKeys)), "{text}");
    }
    for text in [
        "",
        "[]",
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kid":"a","kid":"b"}]}"#,
    ] {
        assert!(
            matches!(parse(text), Err(KeySetError::NotJson(_))),
            "{text}"
        );
    }
    let too_large = format!("{{\"keys\":[]{}}}", " ".repeat(32 << 20));
    assert!(matches!(parse(&too_large), Err(KeySetError::TooLarge)));
}

#[test]
fn another_document_is_named_as_what_it_is() {
    for (text, name, step) in [
        (r#"{"kty":"RSA"}"#, "a single key (JWK)", "--key-file"),
        (
            "-----BEGIN PUBLIC KEY-----",
            "a public key in PEM",
            "--key-file",
        ),
        (
            "-----BEGIN CERTIFICATE-----",
            "a certificate in PEM",
            "--key-file",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----",
            "a private key",
            "openssl pkey",
        ),
        (
            r#"{"issuer":"https://a.example"}"#,
            "a discovery document",
            "--issuer",
        ),
        ("<html>", "a web page", "address"),
        ("ssh-rsa AAAA", "OpenSSH", "ssh-keygen"),
        ("my secret", "text", "--secret-file"),
    ] {
        let error = KeySet::parse(text.as_bytes(), LOCAL).unwrap_err();
        assert!(error.to_string().contains(name), "{text}: {error}");
        assert!(
            error.hint().unwrap().contains(step),
            "{text}: {:?}",
            error.hint()
        );
    }
    let error = KeySet::of_key_file(br#"{"keys":[]}"#, LOCAL).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it is a key set (JWKS), expected a public key or certificate in PEM, or one key (JWK)"
    );
    assert!(error.hint().unwrap().contains("--jwks"));
}

#[test]
fn only_of_json_is_it_said_that_it_has_no_keys_array() {
    let refusal = |text: &str| {
        KeySet::parse(text.as_bytes(), LOCAL)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(r#"{"id_token":"a.b.c"}"#),
        "it has no \"keys\" array: it is a token response, expected a key set (JWKS)"
    );
    assert_eq!(
        refusal("-----BEGIN PUBLIC KEY-----"),
        "it is a public key in PEM, expected a key set (JWKS)"
    );
}

#[test]
fn a_key_file_that_is_too_large_is_refused() {
    let large = vec![b' '; (32 << 20) + 1];
    let error = KeySet::of_key_file(&large, LOCAL).unwrap_err();
    assert!(matches!(error, KeySetError::TooLarge), "{error}");
}

#[test]
fn the_algorithms_of_a_key_file_are_those_that_its_key_names_or_the_usual_ones() {
    let ec = |curve| json!({ "kty": "EC", "crv": curve, "x": "AQ", "y": "Ag" });
    let x = URL_SAFE_NO_PAD.encode([7; 32]);
    for (key, expected) in [
        (rsa(&json!({})), &[Algorithm::RS256][..]),
        (rsa(&json!({ "alg": "PS384" })), &[Algorithm::PS384]),
        (ec("P-256"), &[Algorithm::ES256]),
        (ec("P-384"), &[Algorithm::ES384]),
        (ec("P-521"), &[Algorithm::ES512]),
        (
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
            &[Algorithm::EdDSA, Algorithm::Ed25519],
        ),
        (oct("k"), &[Algorithm::HS256]),
    ] {
        let set = KeySet::of_key_file(key.to_string().as_bytes(), LOCAL).unwrap();
        assert_eq!(set.algorithms(), expected, "{key}");
    }
}

#[test]
fn a_key_file_with_a_named_key_is_for_tokens_of_that_name_or_without_one() {
    let parse = |key: &Value| KeySet::of_key_file(key.to_string().as_bytes(), LOCAL).unwrap();
    let is_found =
        |key: &Value, kid| only(&Keys::published(parse(key)), Algorithm::RS256, kid).map(|_| ());
    let named = rsa(&json!({}));
    assert_eq!(is_found(&named, Some("k")), Ok(()));
    assert_eq!(is_found(&named, None), Ok(()));
    assert_eq!(is_found(&named, Some("other")), Err(KeyError::NotFound));
    let nameless = rsa(&json!({ "kid": null }));
    assert_eq!(is_found(&nameless, Some("other")), Ok(()));
}

#[test]
fn a_key_file_with_a_key_that_cannot_be_used_is_refused_at_once() {
    for (changes, problem) in [
        (json!({ "n": "AQAB" }), "17 bits"),
        (json!({ "use": "enc" }), "use is not"),
        (json!({ "d": null, "p": "AQAB" }), "private key"),
        (json!({ "kty": "AKP" }), "kty is \"AKP\""),
    ] {
        let key = rsa(&changes).to_string();
        let error = KeySet::of_key_file(key.as_bytes(), LOCAL).unwrap_err();
        assert!(error.to_string().contains(problem), "{changes}: {error}");
    }
}
