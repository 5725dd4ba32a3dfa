//! Which key of a set is used, and which never is.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
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

fn oct(kid: &str) -> Value {
    let secret = URL_SAFE_NO_PAD.encode([7; 64]);
    json!({ "kty": "oct", "kid": kid, "k": secret })
}

fn keys(members: &[Value], origin: KeySetOrigin) -> Keys {
    Keys::published(
        KeySet::parse(json!({ "keys": members }).to_string().as_bytes(), origin).unwrap(),
    )
}

fn find(members: &[Value], algorithm: Algorithm, kid: Option<&str>) -> Result<(), KeyError> {
    keys(members, LOCAL).key(algorithm, kid).map(|_| ())
}

/// Why an RSA key with these changes cannot be used for RS256.
fn refusal(changes: &Value) -> String {
    match find(&[rsa(changes)], Algorithm::RS256, Some("k")) {
        Err(KeyError::Unusable(reason)) => reason,
        other => panic!("{changes}: {other:?}"),
    }
}

#[test]
fn a_key_is_found_by_exactly_its_kid() {
    let set = [rsa(&json!({ "kid": "a" })), rsa(&json!({ "kid": "ü/ 1" }))];
    for kid in ["a", "ü/ 1"] {
        assert_eq!(find(&set, Algorithm::RS256, Some(kid)), Ok(()));
    }
    for kid in ["A", "a ", "", "a\0", "*", "../a", "u\u{308}/ 1"] {
        assert_eq!(
            find(&set, Algorithm::RS256, Some(kid)),
            Err(KeyError::NotFound),
            "{kid}"
        );
    }
}

#[test]
fn a_key_without_a_kid_is_not_used_for_a_token_with_one() {
    assert_eq!(
        find(&[rsa(&json!({ "kid": null }))], Algorithm::RS256, Some("k")),
        Err(KeyError::NotFound)
    );
}

#[test]
fn without_a_kid_the_only_matching_key_is_used() {
    let others = [
        rsa(&json!({ "use": "enc" })),
        rsa(&json!({ "alg": "PS256" })),
        json!({ "kty": "EC", "crv": "P-256" }),
        json!(5),
    ];
    let set = [&others[..], &[rsa(&json!({ "kid": null }))]].concat();
    assert_eq!(find(&set, Algorithm::RS256, None), Ok(()));
    assert_eq!(find(&[], Algorithm::RS256, None), Err(KeyError::NotFound));
}

#[test]
fn two_matching_keys_are_ambiguous() {
    let same_kid = [rsa(&json!({})), rsa(&json!({ "e": "Aw" }))];
    assert_eq!(
        find(&same_kid, Algorithm::RS256, Some("k")),
        Err(KeyError::Ambiguous)
    );
    assert_eq!(
        find(
            &[rsa(&json!({ "kid": "a" })), rsa(&json!({ "kid": "b" }))],
            Algorithm::RS256,
            None
        ),
        Err(KeyError::Ambiguous)
    );
    let one_damaged = [rsa(&json!({})), rsa(&json!({ "n": "!" }))];
    assert_eq!(
        find(&one_damaged, Algorithm::RS256, Some("k")),
        Err(KeyError::Ambiguous)
    );
}

#[test]
fn keys_for_different_purposes_may_have_the_same_kid() {
    let set = [
        json!({ "kty": "EC", "kid": "k", "crv": "P-256" }),
        rsa(&json!({ "alg": "RS256" })),
        rsa(&json!({ "alg": "PS256" })),
        rsa(&json!({ "use": "enc" })),
    ];
    assert_eq!(find(&set, Algorithm::RS256, Some("k")), Ok(()));
    assert_eq!(find(&set, Algorithm::PS256, Some("k")), Ok(()));
}

#[test]
fn a_key_for_another_use_is_refused() {
    for usage in [
        json!("enc"),
        json!("SIG"),
        json!("tls"),
        json!(""),
        json!(5),
        json!(["sig"]),
    ] {
        assert!(
            refusal(&json!({ "use": usage })).contains("use is not \"sig\""),
            "{usage}"
        );
    }
    for operations in [
        json!(["encrypt"]),
        json!(["sign"]),
        json!([]),
        json!("verify"),
        json!(["Verify"]),
    ] {
        assert!(
            refusal(&json!({ "key_ops": operations })).contains("key_ops"),
            "{operations}"
        );
    }
    assert_eq!(
        find(
            &[rsa(&json!({ "use": null, "key_ops": ["verify"] }))],
            Algorithm::RS256,
            Some("k")
        ),
        Ok(())
    );
}

#[test]
fn a_key_with_another_alg_is_refused() {
    for alg in ["PS256", "RS512", "RSA-OAEP", "rs256", "HS256"] {
        assert!(refusal(&json!({ "alg": alg })).contains(alg), "{alg}");
    }
    assert!(refusal(&json!({ "alg": 5 })).contains("alg is not a string"));
}

#[test]
fn a_key_of_another_type_is_refused() {
    for (changes, key_type) in [
        (json!({ "kty": "EC", "crv": "P-256" }), "EC P-256"),
        (json!({ "kty": "XYZ" }), "XYZ"),
        (json!({ "kty": null }), "no kty"),
        (json!({ "kty": "rsa" }), "rsa"),
    ] {
        assert!(refusal(&changes).contains(key_type), "{changes}");
    }
    let p384 = json!({ "kty": "EC", "kid": "k", "crv": "P-384", "x": "AA", "y": "AA" });
    let reason = find(&[p384], Algorithm::ES256, Some("k")).unwrap_err();
    assert_eq!(
        reason,
        KeyError::Unusable("the key type is EC P-384".into())
    );
}

#[test]
fn damaged_numbers_are_refused() {
    for (changes, fault) in [
        (json!({ "n": null }), "n is missing"),
        (json!({ "e": 65537 }), "e is missing"),
        (json!({ "n": "!!!!" }), "n is not base64url"),
        (json!({ "e": "AQAB=" }), "e is not base64url"),
        (json!({ "n": "AQ" }), "1 bits"),
        (json!({ "e": "AQ" }), "exponent"),
    ] {
        assert!(
            refusal(&changes).contains(fault),
            "{changes}: {}",
            refusal(&changes)
        );
    }
}

#[test]
fn a_key_whose_private_key_is_published_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(
            refusal(&json!({ name: "AQAB" })).contains("private key"),
            "{name}"
        );
    }
}

#[test]
fn a_point_must_be_on_its_curve() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let jwk = |x: &[u8], y: &[u8]| {
        let [x, y] = [x, y].map(|octets| URL_SAFE_NO_PAD.encode(octets));
        json!({ "kty": "EC", "kid": "k", "crv": "P-256", "x": x, "y": y })
    };
    let valid = keys(&[jwk(&point[1..33], &point[33..])], LOCAL);
    let signature = pair.sign(&SystemRandom::new(), b"message").unwrap();
    let key = valid.key(Algorithm::ES256, Some("k")).unwrap();
    assert!(key.verify(b"message", signature.as_ref()));
    assert!(!key.verify(b"other", signature.as_ref()));
    let error = find(
        &[jwk(&point[33..], &point[1..33])],
        Algorithm::ES256,
        Some("k"),
    )
    .unwrap_err();
    assert_eq!(
        error,
        KeyError::Unusable("it is not a valid EC P-256 key".into())
    );
}

#[test]
fn a_public_key_is_never_used_for_hmac_and_a_secret_for_nothing_else() {
    let secret = || SharedSecret::new(&SecretString::from("s".repeat(64)), false);
    let set = json!({ "keys": [rsa(&json!({}))] }).to_string();
    let set = KeySet::parse(set.as_bytes(), LOCAL).unwrap();
    let both = Keys::new(Some(set), Some(secret()));
    assert!(matches!(
        both.key(Algorithm::HS256, Some("k")),
        Ok(VerificationKey::Secret(_))
    ));
    assert!(matches!(
        both.key(Algorithm::RS256, Some("k")),
        Ok(VerificationKey::Public(_))
    ));
    assert!(matches!(
        find(&[rsa(&json!({}))], Algorithm::HS256, Some("k")),
        Err(KeyError::NotGiven(_))
    ));
    assert!(matches!(
        Keys::shared(secret()).key(Algorithm::RS256, None),
        Err(KeyError::NotGiven(_))
    ));
}

#[test]
fn a_published_secret_is_never_used() {
    let set = keys(&[oct("k")], KeySetOrigin::Published);
    let error = set.key(Algorithm::HS256, Some("k")).unwrap_err();
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
        Err(KeyError::Ambiguous)
    );
}

#[test]
fn a_key_set_is_one_json_object_with_an_array_of_keys() {
    let parse = |text: &str| KeySet::parse(text.as_bytes(), LOCAL).map(|set| set.len());
    assert_eq!(parse(r#"{"keys":[]}"#).unwrap(), 0);
    assert_eq!(parse(r#"{"keys":[5,null,"x",{}],"more":1}"#).unwrap(), 4);
    for text in ["{}", r#"{"keys":{}}"#, r#"{"kty":"RSA"}"#] {
        assert!(matches!(parse(text), Err(KeySetError::NoKeys)), "{text}");
    }
    for text in [
        "",
        "<html>",
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
fn a_set_of_ten_thousand_keys_is_fast() {
    let members: Vec<Value> = (0..10_000)
        .map(|number| rsa(&json!({ "kid": number.to_string() })))
        .collect();
    let text = json!({ "keys": members }).to_string();
    let start = std::time::Instant::now();
    let set = Keys::published(KeySet::parse(text.as_bytes(), KeySetOrigin::Published).unwrap());
    for kid in ["0", "9999"] {
        assert!(set.key(Algorithm::RS256, Some(kid)).is_ok());
    }
    assert_eq!(
        set.key(Algorithm::RS256, None).err(),
        Some(KeyError::Ambiguous)
    );
    assert!(
        start.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn an_rsa_key_verifies_each_algorithm_with_its_hash_and_padding() {
    let pem: String = include_str!("../../tests/tenant/keys/current.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let pair = RsaKeyPair::from_der(&STANDARD.decode(pem).unwrap()).unwrap();
    let modulus = URL_SAFE_NO_PAD.encode(
        pair.public_key()
            .modulus()
            .big_endian_without_leading_zero(),
    );
    let keys = keys(
        &[json!({ "kty": "RSA", "n": modulus, "e": "AQAB" })],
        KeySetOrigin::Published,
    );
    let encodings: [(Algorithm, &dyn RsaEncoding); 6] = [
        (Algorithm::RS256, &signature::RSA_PKCS1_SHA256),
        (Algorithm::RS384, &signature::RSA_PKCS1_SHA384),
        (Algorithm::RS512, &signature::RSA_PKCS1_SHA512),
        (Algorithm::PS256, &signature::RSA_PSS_SHA256),
        (Algorithm::PS384, &signature::RSA_PSS_SHA384),
        (Algorithm::PS512, &signature::RSA_PSS_SHA512),
    ];
    for (signed_by, encoding) in encodings {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), b"message", &mut signature)
            .unwrap();
        for (verified_by, _) in encodings {
            let is_valid = keys
                .key(verified_by, None)
                .unwrap()
                .verify(b"message", &signature);
            assert_eq!(
                is_valid,
                signed_by == verified_by,
                "signed with {signed_by}, verified with {verified_by}"
            );
        }
    }
}

#[test]
fn a_curve_of_the_same_name_on_another_key_type_does_not_match() {
    // RFC 8037 §A.2
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let members = [
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
        json!({ "kty": "OKP", "crv": "X25519", "x": x }),
        json!({ "kty": "EC", "crv": "Ed25519", "x": "AA", "y": "AA" }),
    ];
    assert_eq!(find(&members, Algorithm::EdDSA, None), Ok(()));
}
