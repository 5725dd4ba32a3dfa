//! Claims and their values.

use super::*;

#[test]
fn integers_of_any_length_are_equal_if_all_digits_are() {
    const LONG: &str = "12345678901234567890123";
    for (claim, required) in [
        (LONG, LONG),
        ("-12345678901234567890123", "-12345678901234567890123"),
        ("18446744073709551616", "18446744073709551616"),
        (
            r#"[1, {"a" : 12345678901234567890123, "b":2.50}]"#,
            r#"[1.0,{"b":2.5,"a":12345678901234567890123}]"#,
        ),
        (
            r#"{"\u0061":[18446744073709551616,"x"]}"#,
            r#"{"a":[18446744073709551616,"\u0078"]}"#,
        ),
    ] {
        assert_eq!(refusal(claim, &format!("n={required}")), None, "{claim}");
        assert_eq!(refusal(claim, &format!("n= {required} ")), None, "{claim}");
    }
    for (claim, required) in [
        (LONG, "12345678901234567890124"),
        (LONG, "-12345678901234567890123"),
        ("18446744073709551616", "18446744073709551617"),
        ("[18446744073709551616]", "[18446744073709551616,1]"),
        ("[18446744073709551616]", "18446744073709551616"),
        ("[18446744073709551616]", "[18446744073709551616.0]"),
        (
            r#"{"a":18446744073709551616}"#,
            r#"{"a":18446744073709551616,"b":1}"#,
        ),
        (
            r#"{"a":18446744073709551616}"#,
            r#"{"b":18446744073709551616}"#,
        ),
        (
            r#"{"a":18446744073709551616}"#,
            r#"{"a":18446744073709551617}"#,
        ),
    ] {
        let message = refusal(claim, &format!("n={required}"));
        let expected = format!("is {claim}, expected {required}");
        assert!(message.clone().unwrap().contains(&expected), "{message:?}");
    }
}

#[test]
fn numbers_that_a_double_cannot_distinguish_are_not_equal() {
    for (claim, required) in [
        ("9007199254740993", "n=9007199254740992.0"),
        ("9007199254740992.0", "n=9007199254740993"),
        ("1e-400", "n=0"),
        ("0", "n=1e-400"),
        ("[1e300]", "n=[1e300]"),
    ] {
        assert!(refusal(claim, required).is_some(), "{claim} {required}");
    }
    for (claim, required) in [
        ("9007199254740993", "n=9007199254740993"),
        ("0", "n=0"),
        ("2.5", "n=2.50"),
        ("-1", "n=-1.0"),
        ("1.0", "n=1"),
        ("1", "n=1.0"),
    ] {
        assert_eq!(refusal(claim, required), None, "{claim} {required}");
    }
}

#[test]
fn a_claim_is_shown_in_one_form_and_its_large_numbers_with_all_digits() {
    for (claim, shown) in [
        (r#"{ "a" : 1 }"#, r#"{"a":1}"#),
        ("[]", "empty"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("2.50", "2.50"),
    ] {
        let message = refusal(claim, "n=x").unwrap();
        let expected = format!("is {shown}, expected \"x\"");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn the_other_type_is_suggested_only_where_nothing_else_differs() {
    const LONG: &str = "12345678901234567890123";
    let quoted = format!("\"{LONG}\"");
    let (for_number, for_text) = (format!("n={LONG}"), format!("n={quoted}"));
    for (claim, required, suggested) in [
        ("\"22\"", "n=22", Some("n=\"22\"")),
        ("22", "n=\"22\"", Some("n=22")),
        (&quoted, &for_number, Some(&for_text)),
        (LONG, &for_text, Some(&for_number)),
        ("\"[1, 2]\"", "n=[1, 2]", Some("n=\"[1, 2]\"")),
        ("22", "n=abc", None),
        ("22", "n=\"23\"", None),
        ("\"abc\"", "n=22", None),
        ("\"abc\"", "n=abd", None),
    ] {
        let message = refusal(claim, required).unwrap();
        let advice = message.split_once("--require-claim ");
        let advice = advice.map(|(_, advice)| advice.trim_matches('\''));
        assert_eq!(advice, suggested, "{message}");
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
    let value = |text| {
        ClaimRequirement::parse(text)
            .value
            .map(|value| value.shown())
    };
    assert_eq!(value("a=5").as_deref(), Some("5"));
    assert_eq!(value("a=x=y").as_deref(), Some("\"x=y\""));
    assert_eq!(value("a=").as_deref(), Some("\"\""));
    assert_eq!(value("a"), None);
    assert!(ClaimRequirement::parse("a=").has_value());
    assert!(!ClaimRequirement::parse("a").has_value());
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
    assert_eq!(error.hint(), None, "the reasons say it all");
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
