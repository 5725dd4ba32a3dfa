//! What a key is good for.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};
use base64::engine::general_purpose::STANDARD;

use super::*;

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
        (json!({ "e": "AQ AB" }), "e is not base64url"),
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
    let key = only(&valid, Algorithm::ES256, Some("k")).unwrap();
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
fn an_rsa_key_verifies_each_algorithm_with_its_hash_and_padding() {
    let pem: String = include_str!("../../../tests/tenant/keys/current.pem")
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
            let key = only(&keys, verified_by, None).unwrap();
            let is_valid = key.verify(b"message", &signature);
            assert_eq!(
                is_valid,
                signed_by == verified_by,
                "signed with {signed_by}, verified with {verified_by}"
            );
        }
    }
}

#[test]
fn numbers_may_be_plain_or_padded_base64() {
    let plain = N.replace('-', "+").replace('_', "/");
    for (n, e) in [
        (plain.clone() + "==", "AQAB"),
        (plain, "AQAB="),
        (N.to_owned() + "==", "AQAB"),
    ] {
        let set = [rsa(&json!({ "n": n, "e": e })), rsa(&json!({}))];
        assert_eq!(
            find(&set, Algorithm::RS256, Some("k")),
            Ok(()),
            "{n}: the same key"
        );
    }
}

#[test]
fn a_key_of_spiffe_is_used_for_plain_jwts_from_a_local_file_alone() {
    let svid = [
        rsa(&json!({ "use": "jwt-svid" })),
        rsa(&json!({ "use": "x509-svid" })),
    ];
    let plain = KeyRequest {
        takes_svid_keys: true,
        ..request(Algorithm::RS256, Some("k"))
    };
    assert_eq!(count(&svid, &plain), Ok(1));
    let reason = refusal(&json!({ "use": "jwt-svid" }));
    assert!(reason.contains("--kind jwt"), "{reason}");
    let published = keys(&svid, KeySetOrigin::Published)
        .candidates(&plain)
        .unwrap_err();
    assert_eq!(published, KeyError::Unusable("use is not \"sig\"".into()));
}
