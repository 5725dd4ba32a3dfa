//! Which key of a set serves, and which never does.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;

const LOCAL: Origin = Origin::Local {
    allow_short_secrets: false,
};

/// The RSA key of RFC 7515 A.2 with some members replaced, or taken away by null.
fn rsa(changes: &Value) -> Value {
    let mut key = json!({ "kty": "RSA", "kid": "k", "use": "sig", "e": "AQAB", "n": "\
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
        S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
        R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
        TW9gb54h4FRWyuXpoQ" });
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
    json!({ "kty": "oct", "kid": kid, "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" })
}

fn keys(members: &[Value], origin: Origin) -> Keys {
    Keys::published(
        KeySet::parse(json!({ "keys": members }).to_string().as_bytes(), origin).unwrap(),
    )
}

fn find(members: &[Value], algorithm: Algorithm, kid: Option<&str>) -> Result<(), NoKey> {
    keys(members, LOCAL).key(algorithm, kid).map(|_| ())
}

/// Why one RSA key with these changes can't serve RS256.
fn refusal(changes: &Value) -> String {
    match find(&[rsa(changes)], Algorithm::RS256, Some("k")) {
        Err(NoKey::Unfit(reason)) => reason,
        other => panic!("{changes}: {other:?}"),
    }
}

#[test]
fn a_key_is_found_by_its_kid_octet_for_octet() {
    let set = [rsa(&json!({ "kid": "a" })), rsa(&json!({ "kid": "ü/ 1" }))];
    for kid in ["a", "ü/ 1"] {
        assert_eq!(find(&set, Algorithm::RS256, Some(kid)), Ok(()));
    }
    for kid in ["A", "a ", "", "a\0", "*", "../a", "u\u{308}/ 1"] {
        assert_eq!(
            find(&set, Algorithm::RS256, Some(kid)),
            Err(NoKey::Unknown),
            "{kid}"
        );
    }
}

#[test]
fn a_token_that_names_a_key_never_gets_one_without_a_name() {
    assert_eq!(
        find(&[rsa(&json!({ "kid": null }))], Algorithm::RS256, Some("k")),
        Err(NoKey::Unknown)
    );
}

#[test]
fn without_a_kid_the_only_fitting_key_serves() {
    let others = [
        rsa(&json!({ "use": "enc" })),
        rsa(&json!({ "alg": "PS256" })),
        json!({ "kty": "EC", "crv": "P-256" }),
        json!(5),
    ];
    let set = [&others[..], &[rsa(&json!({ "kid": null }))]].concat();
    assert_eq!(find(&set, Algorithm::RS256, None), Ok(()));
    assert_eq!(find(&[], Algorithm::RS256, None), Err(NoKey::Unknown));
}

#[test]
fn two_keys_that_fit_are_one_too_many() {
    let twins = [rsa(&json!({})), rsa(&json!({ "e": "Aw" }))];
    assert_eq!(
        find(&twins, Algorithm::RS256, Some("k")),
        Err(NoKey::Ambiguous)
    );
    assert_eq!(
        find(
            &[rsa(&json!({ "kid": "a" })), rsa(&json!({ "kid": "b" }))],
            Algorithm::RS256,
            None
        ),
        Err(NoKey::Ambiguous)
    );
    let one_is_damaged = [rsa(&json!({})), rsa(&json!({ "n": "!" }))];
    assert_eq!(
        find(&one_is_damaged, Algorithm::RS256, Some("k")),
        Err(NoKey::Ambiguous)
    );
}

#[test]
fn one_kid_on_keys_for_different_ends_is_no_contradiction() {
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
fn a_key_for_another_end_is_refused() {
    for usage in [
        json!("enc"),
        json!("SIG"),
        json!("tls"),
        json!(""),
        json!(5),
        json!(["sig"]),
    ] {
        assert!(
            refusal(&json!({ "use": usage })).contains("its use is not \"sig\""),
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
fn a_key_bound_to_another_algorithm_is_refused() {
    for alg in ["PS256", "RS512", "RSA-OAEP", "rs256", "HS256"] {
        assert!(refusal(&json!({ "alg": alg })).contains(alg), "{alg}");
    }
    assert!(refusal(&json!({ "alg": 5 })).contains("its alg is no string"));
}

#[test]
fn a_key_of_another_kind_is_refused() {
    for (changes, kind) in [
        (json!({ "kty": "EC", "crv": "P-256" }), "EC P-256"),
        (json!({ "kty": "XYZ" }), "XYZ"),
        (json!({ "kty": null }), "no kty"),
        (json!({ "kty": "rsa" }), "rsa"),
    ] {
        assert!(refusal(&changes).contains(kind), "{changes}");
    }
    let p384 = json!({ "kty": "EC", "kid": "k", "crv": "P-384", "x": "AA", "y": "AA" });
    let reason = find(&[p384], Algorithm::ES256, Some("k")).unwrap_err();
    assert_eq!(
        reason,
        NoKey::Unfit("it is of another kind (EC P-384)".into())
    );
}

#[test]
fn damaged_numbers_are_refused() {
    for (changes, fault) in [
        (json!({ "n": null }), "it has no n"),
        (json!({ "e": 65537 }), "it has no e"),
        (json!({ "n": "!!!!" }), "its n is not base64url"),
        (json!({ "e": "AQAB=" }), "its e is not base64url"),
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
fn a_key_whose_private_half_is_published_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(
            refusal(&json!({ name: "AQAB" })).contains("private half"),
            "{name}"
        );
    }
}

#[test]
fn a_point_must_lie_on_its_curve() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let jwk = |x: &[u8], y: &[u8]| json!({ "kty": "EC", "kid": "k", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) });
    let right = keys(&[jwk(&point[1..33], &point[33..])], LOCAL);
    let signature = pair.sign(&SystemRandom::new(), b"message").unwrap();
    let key = right.key(Algorithm::ES256, Some("k")).unwrap();
    assert!(key.verify(b"message", signature.as_ref()));
    assert!(!key.verify(b"massage", signature.as_ref()));
    let off = find(
        &[jwk(&point[33..], &point[1..33])],
        Algorithm::ES256,
        Some("k"),
    )
    .unwrap_err();
    assert_eq!(off, NoKey::Unfit("it is no valid EC P-256 key".into()));
}

#[test]
fn a_public_key_never_serves_hmac_and_a_secret_serves_nothing_else() {
    let both = Keys {
        secret: Some(SharedSecret::new(
            &SecretString::from("s".repeat(64)),
            false,
        )),
        ..keys(&[rsa(&json!({}))], LOCAL)
    };
    assert!(matches!(
        both.key(Algorithm::HS256, Some("k")),
        Ok(ReadyKey::Secret(_))
    ));
    assert!(matches!(
        both.key(Algorithm::RS256, Some("k")),
        Ok(ReadyKey::Public(_))
    ));
    assert!(matches!(
        find(&[rsa(&json!({}))], Algorithm::HS256, Some("k")),
        Err(NoKey::NotGiven(_))
    ));
    let secret = Keys::shared(SharedSecret::new(
        &SecretString::from("s".repeat(64)),
        false,
    ));
    assert!(matches!(
        secret.key(Algorithm::RS256, None),
        Err(NoKey::NotGiven(_))
    ));
}

#[test]
fn a_published_secret_never_serves() {
    let set = keys(&[oct("k")], Origin::Published);
    assert!(
        matches!(set.key(Algorithm::HS256, Some("k")), Err(NoKey::Unfit(reason)) if reason.contains("no secret"))
    );
}

#[test]
fn a_secret_among_public_keys_never_serves() {
    assert!(matches!(
        find(&[oct("k"), rsa(&json!({}))], Algorithm::HS256, Some("k")),
        Err(NoKey::Unfit(_))
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
fn secrets_of_a_local_set_serve_by_their_kid() {
    assert_eq!(
        find(&[oct("a"), oct("b")], Algorithm::HS512, Some("b")),
        Ok(())
    );
    assert_eq!(
        find(&[oct("a"), oct("b")], Algorithm::HS256, None),
        Err(NoKey::Ambiguous)
    );
}

#[test]
fn a_key_set_is_one_json_object_with_a_list_of_keys() {
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
    let endless = format!("{{\"keys\":[]{}}}", " ".repeat(32 << 20));
    assert!(matches!(parse(&endless), Err(KeySetError::TooLarge)));
}

#[test]
fn a_set_of_ten_thousand_keys_is_read_and_searched_at_once() {
    let members: Vec<Value> = (0..10_000)
        .map(|number| rsa(&json!({ "kid": number.to_string() })))
        .collect();
    let text = json!({ "keys": members }).to_string();
    let start = std::time::Instant::now();
    let set = Keys::published(KeySet::parse(text.as_bytes(), Origin::Published).unwrap());
    for kid in ["0", "9999"] {
        assert!(set.key(Algorithm::RS256, Some(kid)).is_ok());
    }
    assert_eq!(
        set.key(Algorithm::RS256, None).err(),
        Some(NoKey::Ambiguous)
    );
    assert!(
        start.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn one_rsa_key_checks_each_algorithm_with_its_own_hash_and_padding() {
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
        Origin::Published,
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
        for (checked_by, _) in encodings {
            let holds = keys
                .key(checked_by, None)
                .unwrap()
                .verify(b"message", &signature);
            assert_eq!(
                holds,
                signed_by == checked_by,
                "signed by {signed_by}, checked by {checked_by}"
            );
        }
    }
}

#[test]
fn a_curve_of_the_same_name_on_another_kind_of_key_does_not_compete() {
    let members = [
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
        json!({ "kty": "EC", "crv": "Ed25519", "x": "AA", "y": "AA" }),
    ];
    assert_eq!(find(&members, Algorithm::EdDSA, None), Ok(()));
}
