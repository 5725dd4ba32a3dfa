//! Claims and their values.

use super::*;

#[test]
fn numbers_that_a_double_cannot_distinguish_are_not_equal() {
    for (claim, required) in [
        ("12345678901234567890123", "n=12345678901234567890124"),
        ("18446744073709551616", "n=18446744073709551617"),
        ("9007199254740993", "n=9007199254740992.0"),
        ("9007199254740992.0", "n=9007199254740993"),
        ("1e-400", "n=0"),
        ("0", "n=1e-400"),
        ("[1e300]", "n=[1e300]"),
    ] {
        let claims: Value = serde_json::from_str(&format!("{{\"n\":{claim}}}")).unwrap();
        assert_eq!(
            unmet(&requiring(required), &claims),
            ["claim"],
            "{claim} {required}"
        );
    }
    for (claim, required) in [
        ("9007199254740993", "n=9007199254740993"),
        ("0", "n=0"),
        ("2.5", "n=2.50"),
        ("-1", "n=-1.0"),
    ] {
        let claims: Value = serde_json::from_str(&format!("{{\"n\":{claim}}}")).unwrap();
        assert!(
            unmet(&requiring(required), &claims).is_empty(),
            "{claim} {required}"
        );
    }
}

#[test]
fn a_claim_must_have_exactly_the_value() {
    let claims = json!({
        "tier": "gold", "level": 5, "ok": true, "one": 1, "text": "5", "list": ["a", "b"],
        "no": null, "object": { "a": 1, "b": [2.0] },
    });
    for met in [
        "tier=gold",
        "tier=\"gold\"",
        "level=5",
        "level=5.0",
        "ok=true",
        "text=\"5\"",
        "list=[\"a\",\"b\"]",
        "no=null",
        "object={\"b\":[2],\"a\":1}",
        "tier",
        "level",
    ] {
        assert!(unmet(&requiring(met), &claims).is_empty(), "{met}");
    }
    for not_met in [
        "tier=Gold",
        "tier=gol",
        "tier=",
        "level=6",
        "level=\"5\"",
        "text=5",
        "ok=1",
        "one=true",
        "list=a",
        "list=[\"b\",\"a\"]",
        "list=[\"a\"]",
        "object={\"a\":1}",
        "object={\"a\":2,\"b\":[2]}",
        "object={\"a\":2,\"a\":1,\"b\":[2]}",
        "object={\"a\":1,\"b\":[2],\"c\":3}",
        "no",
        "absent",
        "absent=null",
    ] {
        assert_eq!(unmet(&requiring(not_met), &claims), ["claim"], "{not_met}");
    }
}

#[test]
fn large_numbers_are_not_rounded() {
    assert_eq!(
        unmet(
            &requiring("n=9007199254740993"),
            &json!({ "n": 9_007_199_254_740_992_u64 })
        ),
        ["claim"]
    );
    assert!(
        unmet(
            &requiring("n=18446744073709551615"),
            &json!({ "n": u64::MAX })
        )
        .is_empty()
    );
}

#[test]
fn a_value_is_json_if_it_parses_and_text_otherwise() {
    let value = |text| ClaimRequirement::parse(text).value;
    assert_eq!(value("a=5"), Some(json!(5)));
    assert_eq!(value("a=x=y"), Some(json!("x=y")));
    assert_eq!(value("a="), Some(json!("")));
    assert_eq!(value("a"), None);
    assert_eq!(
        ClaimRequirement::parse("https://acme.example/role=x").name,
        "https://acme.example/role"
    );
}

#[test]
fn every_unmet_requirement_is_reported() {
    let requirements = Requirements {
        scopes: vec!["s".into()],
        permissions: vec!["p".into()],
        roles: vec!["r".into()],
        roles_claim: "roles".into(),
        claims: vec![ClaimRequirement::parse("c\u{1b}=5")],
        ..Requirements::default()
    };
    assert_eq!(
        unmet(&requirements, &json!({})),
        ["scope", "permission", "role", "claim"]
    );
    let error = requirements.check(&verified(&json!({})), None).unwrap_err();
    assert_eq!(
        error.reasons(),
        [
            r#"the scope "s" is not granted; scope is missing"#,
            r#"the permission "p" is not granted; permissions is missing"#,
            r#"the role "r" is not granted; "roles" is missing"#,
            r#"the claim "c\u{1b}" is missing, expected 5"#,
        ]
    );
}
