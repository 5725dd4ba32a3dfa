//! The key of a token: by its `kid`, by its thumbprint, or because it is the only one that fits.

use super::*;

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
fn different_keys_under_one_kid_are_ambiguous() {
    let several = Err(KeyError::SameKid(2));
    for other in [json!({ "e": "Aw" }), json!({ "n": "!" })] {
        let set = [rsa(&json!({})), rsa(&other)];
        for may_try_several in [false, true] {
            let request = KeyRequest {
                may_try_several,
                ..request(Algorithm::RS256, Some("k"))
            };
            assert_eq!(count(&set, &request), several, "{other}");
        }
    }
}

#[test]
fn a_key_that_is_listed_twice_is_one_key() {
    let padded = URL_SAFE_NO_PAD.decode(N).unwrap();
    let padded = URL_SAFE_NO_PAD.encode([&[0][..], &padded].concat());
    for copy in [
        json!({}),
        json!({ "alg": "RS256" }),
        json!({ "n": padded }),
        json!({ "e": "AAEAAQ" }),
    ] {
        let set = [rsa(&json!({})), rsa(&copy)];
        assert_eq!(find(&set, Algorithm::RS256, Some("k")), Ok(()), "{copy}");
        assert_eq!(find(&set, Algorithm::RS256, None), Ok(()), "{copy}");
    }
    let two_names = [rsa(&json!({ "kid": "a" })), rsa(&json!({ "kid": "b" }))];
    assert_eq!(find(&two_names, Algorithm::RS256, None), Ok(()));
    let two_issuers = [
        rsa(&json!({ "issuer": "a" })),
        rsa(&json!({ "issuer": "b" })),
    ];
    assert_eq!(
        find(&two_issuers, Algorithm::RS256, None),
        Err(KeyError::Several(2))
    );
    assert_eq!(find(&[oct("a"), oct("a")], Algorithm::HS256, None), Ok(()));
}

#[test]
fn without_a_kid_an_id_token_is_refused_where_several_keys_fit() {
    let set = [
        rsa(&json!({ "kid": "a" })),
        other_rsa(1, &json!({ "kid": "b" })),
    ];
    assert_eq!(
        find(&set, Algorithm::RS256, None),
        Err(KeyError::Several(2))
    );
}

#[test]
fn without_a_kid_another_token_is_checked_with_each_of_at_most_eight_keys() {
    let number_for = |keys: u16| {
        let set: Vec<_> = (0..keys)
            .map(|number| other_rsa(number, &json!({})))
            .collect();
        let request = KeyRequest {
            may_try_several: true,
            ..request(Algorithm::RS256, None)
        };
        count(&set, &request)
    };
    assert_eq!(number_for(8), Ok(8));
    assert_eq!(number_for(9), Err(KeyError::TooMany(9)));
}

#[test]
fn without_a_kid_a_key_that_cannot_be_used_does_not_count() {
    for weak in [
        json!({ "n": "AQAB" }),
        json!({ "n": null }),
        json!({ "d": "AQAB" }),
    ] {
        let set = [rsa(&weak), rsa(&json!({ "kid": "b" }))];
        let access_token = KeyRequest {
            may_try_several: true,
            ..request(Algorithm::RS256, None)
        };
        assert_eq!(count(&set, &access_token), Ok(1), "{weak}");
        let of_id_token = find(&set, Algorithm::RS256, None).unwrap_err();
        assert!(
            matches!(of_id_token, KeyError::OneOfSeveral { number: 2, .. }),
            "{weak}"
        );
        let error = find(&[rsa(&weak), rsa(&weak)], Algorithm::RS256, None).unwrap_err();
        assert!(matches!(error, KeyError::Unusable(_)), "{weak}: {error:?}");
    }
    let off_curve = json!({ "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ" });
    let error = find(&[off_curve], Algorithm::ES256, None).unwrap_err();
    assert!(matches!(error, KeyError::Unusable(_)), "{error:?}");
}

#[test]
fn unknown_damaged_and_future_keys_do_not_affect_the_others() {
    let others = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "k", "pub": "AA" }),
        json!({ "kty": "LWE", "kid": "k" }),
        json!({ "kty": ["RSA"], "kid": "k" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed448", "kid": "k", "x": "AA" }),
        rsa(&json!({ "alg": "RS1" })),
        rsa(&json!({ "alg": 5 })),
        rsa(&json!({ "kid": 5 })),
        rsa(&json!({ "use": "enc", "n": 7 })),
    ];
    let set = [&others[..], &[rsa(&json!({}))], &others[..]].concat();
    assert_eq!(find(&set, Algorithm::RS256, Some("k")), Ok(()));
    assert_eq!(find(&set, Algorithm::RS256, None), Ok(()));
}

#[test]
fn a_thumbprint_selects_a_key_where_there_is_no_kid() {
    let set = [
        rsa(&json!({ "x5t": "YQ", "x5t#S256": "c2hh" })),
        other_rsa(1, &json!({ "kid": "b", "x5t": "Yg==", "x5t#S256": "c2hh" })),
        other_rsa(2, &json!({ "x5c": ["AAEC"] })),
    ];
    let of = |sha256_thumbprint, sha1_thumbprint| KeyRequest {
        sha256_thumbprint,
        sha1_thumbprint,
        ..request(Algorithm::RS256, None)
    };
    let computed = URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        &[0, 1, 2],
    ));
    assert_eq!(count(&set, &of(None, Some("Yg"))), Ok(1));
    assert_eq!(count(&set, &of(Some(&computed), None)), Ok(1));
    assert_eq!(
        count(&set, &of(Some("c2hh"), Some("YQ"))),
        Ok(1),
        "the first is not unique"
    );
    for (sha256, sha1) in [(Some("c2hh"), None), (Some("eA"), Some("eA")), (None, None)] {
        assert_eq!(count(&set, &of(sha256, sha1)), Err(KeyError::Several(3)));
    }
    let named = KeyRequest {
        kid: Some("k"),
        ..of(None, Some("Yg"))
    };
    let same_kid = count(&set, &named);
    assert_eq!(
        same_kid,
        Err(KeyError::SameKid(2)),
        "a kid comes before a thumbprint"
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
fn each_of_ten_thousand_keys_is_found() {
    let member = |number: u16| other_rsa(number, &json!({ "kid": number.to_string() }));
    let members: Vec<Value> = (0..10_000).map(member).collect();
    let text = json!({ "keys": members }).to_string();
    let set = Keys::published(KeySet::parse(text.as_bytes(), KeySetOrigin::Published).unwrap());
    for kid in ["0", "9999"] {
        assert!(only(&set, Algorithm::RS256, Some(kid)).is_ok());
    }
    let error = only(&set, Algorithm::RS256, None).unwrap_err();
    assert_eq!(error, KeyError::Several(10_000));
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
