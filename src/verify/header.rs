//! The header (RFC 7515 §4): what it may say, and which parts of it are heard.

use serde_json::{Map, Value};

use super::policy::{Kind, Policy};
use super::reason::{Remedy, Rule, Untrusted, quote, show};
use crate::json;
use crate::keys::Algorithm;

/// What is heard of a header. Keys and links to keys in it (jwk, jku, x5u, x5c) are not: trust comes from the caller.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// Read a header's JSON and hold it to the policy.
pub(super) fn read(bytes: &[u8], policy: &Policy) -> Result<Header, Untrusted> {
    let members = json::object(bytes).map_err(|error| {
        Untrusted::because(Rule::Header, format!("the token's header is {error}"))
    })?;
    let algorithm = algorithm(&members, policy)?;
    no_extensions(&members)?;
    typ(&members, policy)?;
    match members.get("kid") {
        None => Ok(Header {
            algorithm,
            kid: None,
        }),
        Some(Value::String(kid)) => Ok(Header {
            algorithm,
            kid: Some(kid.clone()),
        }),
        other => Err(Untrusted::because(
            Rule::Header,
            format!("kid is {}, not a string", show(other)),
        )),
    }
}

fn algorithm(members: &Map<String, Value>, policy: &Policy) -> Result<Algorithm, Untrusted> {
    let offered = members.get("alg");
    let known = offered
        .and_then(Value::as_str)
        .and_then(|name| name.parse::<Algorithm>().ok());
    if let Some(algorithm) = known.filter(|algorithm| policy.algorithms.contains(algorithm)) {
        return Ok(algorithm);
    }
    let allowed: Vec<&str> = policy
        .algorithms
        .iter()
        .map(|algorithm| algorithm.name())
        .collect();
    let unsigned = match offered {
        Some(Value::String(name)) if name.eq_ignore_ascii_case("none") => {
            ", so the token is not signed at all"
        }
        _ => "",
    };
    let message = format!(
        "alg is {}{unsigned}; allowed is {}",
        show(offered),
        allowed.join(", ")
    );
    Err(Untrusted::because(Rule::Algorithm, message).with_remedy(known.map(Remedy::AllowAlgorithm)))
}

/// padlock knows no extension of JWS, so whatever `crit` lists, and whether it lists anything, the token is refused
/// (RFC 7515 §4.1.11). An unencoded payload needs `crit` and has no place in a JWT (RFC 7797 §7).
fn no_extensions(members: &Map<String, Value>) -> Result<(), Untrusted> {
    if let Some(names) = members.get("crit") {
        let message = format!(
            "crit asks for extensions that padlock does not know: {}",
            show(Some(names))
        );
        return Err(Untrusted::because(Rule::Header, message));
    }
    match members.get("b64") {
        None | Some(Value::Bool(true)) => Ok(()),
        other => Err(Untrusted::because(
            Rule::Header,
            format!("b64 is {}, which no JWT may have", show(other)),
        )),
    }
}

/// A token that says it is of another kind is refused (RFC 8725 §3.11); one that does not say is taken as asked.
fn typ(members: &Map<String, Value>, policy: &Policy) -> Result<(), Untrusted> {
    let refuse = |expected: &str| {
        let message = format!("typ is {}, expected {expected}", show(members.get("typ")));
        Err(Untrusted::because(Rule::Header, message))
    };
    let typ = match members.get("typ") {
        None => None,
        Some(Value::String(typ)) => Some(media_subtype(typ)),
        Some(_) => return refuse("a string"),
    };
    if let Some(asked) = &policy.typ {
        return if typ.as_deref() == Some(&*media_subtype(asked)) {
            Ok(())
        } else {
            refuse(&quote(asked))
        };
    }
    let is_of_a_named_kind = typ.as_deref().is_some_and(|typ| typ.contains('+'));
    match policy.kind {
        Kind::AccessToken if is_of_a_named_kind && typ.as_deref() != Some("at+jwt") => {
            refuse("\"at+jwt\" or \"JWT\"")
        }
        Kind::IdToken if is_of_a_named_kind => refuse("\"JWT\""),
        _ => Ok(()),
    }
}

/// A media type without its `application/`, in lower case (RFC 7515 §4.1.9).
fn media_subtype(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: Kind, header: &Value) -> Result<Header, (Rule, String)> {
        let policy = Policy::new(kind, [Algorithm::RS256, Algorithm::ES256]);
        read(header.to_string().as_bytes(), &policy).map_err(|untrusted| {
            let reason = &untrusted.reasons()[0];
            (reason.rule, reason.message.clone())
        })
    }

    /// The rule that a header with these members beside a right `alg` breaks, if any.
    fn broken(kind: Kind, members: &Value) -> Option<Rule> {
        let mut header = json!({ "alg": "RS256" });
        header
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        check(kind, &header).err().map(|(rule, _)| rule)
    }

    #[test]
    fn only_an_allowed_algorithm_is_accepted() {
        assert_eq!(
            check(Kind::Jwt, &json!({ "alg": "ES256" }))
                .ok()
                .map(|header| header.algorithm),
            Some(Algorithm::ES256)
        );
        let others = [
            "none", "None", "", "RS512", "PS256", "HS256", "rs256", "RS256 ", "RS256\n", "ES256K",
        ]
        .map(Value::from);
        for alg in others
            .into_iter()
            .chain([json!(null), json!(["RS256"]), json!(true), json!({})])
        {
            assert_eq!(
                check(Kind::Jwt, &json!({ "alg": alg }))
                    .err()
                    .map(|(rule, _)| rule),
                Some(Rule::Algorithm),
                "{alg}"
            );
        }
        assert!(
            check(Kind::Jwt, &json!({}))
                .is_err_and(|(_, message)| message == "alg is missing; allowed is RS256, ES256")
        );
    }

    #[test]
    fn a_refused_algorithm_that_padlock_knows_is_offered_as_the_remedy() {
        let remedy = |alg: &str| {
            let policy = Policy::new(Kind::IdToken, [Algorithm::RS256]);
            read(json!({ "alg": alg }).to_string().as_bytes(), &policy)
                .err()
                .and_then(|untrusted| untrusted.remedy())
        };
        assert_eq!(
            remedy("HS256"),
            Some(Remedy::AllowAlgorithm(Algorithm::HS256))
        );
        assert_eq!(remedy("none"), None);
    }

    #[test]
    fn a_token_without_a_signature_is_called_that() {
        let message = |alg: &str| {
            check(Kind::Jwt, &json!({ "alg": alg }))
                .err()
                .map(|(_, message)| message)
                .unwrap()
        };
        assert!(message("nOnE").contains("not signed at all"));
        assert!(!message("RS512").contains("not signed at all"));
    }

    #[test]
    fn extensions_are_refused_whatever_they_are() {
        for crit in [
            json!(["exp"]),
            json!(["b64"]),
            json!([]),
            json!("x"),
            json!(null),
            json!({}),
            json!([1]),
        ] {
            assert_eq!(
                broken(Kind::Jwt, &json!({ "crit": crit, "b64": true })),
                Some(Rule::Header),
                "{crit}"
            );
        }
        assert_eq!(
            broken(Kind::Jwt, &json!({ "b64": false })),
            Some(Rule::Header)
        );
        assert_eq!(broken(Kind::Jwt, &json!({ "b64": true })), None);
    }

    #[test]
    fn keys_in_the_header_and_unknown_members_are_not_heard() {
        let members = json!({ "jwk": 5, "jku": "file:///etc/passwd", "x5u": {}, "x5c": [], "x5t": 1, "foo": "bar", "zip": "DEF" });
        assert_eq!(broken(Kind::IdToken, &members), None);
    }

    #[test]
    fn kid_is_a_string() {
        for kid in [json!(1), json!(null), json!(["k"]), json!(true), json!({})] {
            assert_eq!(
                broken(Kind::Jwt, &json!({ "kid": kid })),
                Some(Rule::Header),
                "{kid}"
            );
        }
        assert_eq!(
            check(Kind::Jwt, &json!({ "alg": "RS256", "kid": "ü/ 1" }))
                .ok()
                .and_then(|header| header.kid),
            Some("ü/ 1".into())
        );
    }

    #[test]
    fn a_token_of_another_kind_is_refused_by_its_typ() {
        for typ in ["JWT", "jwt", "application/jwt", "JOSE"] {
            assert_eq!(broken(Kind::IdToken, &json!({ "typ": typ })), None, "{typ}");
            assert_eq!(
                broken(Kind::AccessToken, &json!({ "typ": typ })),
                None,
                "{typ}"
            );
        }
        for typ in ["at+jwt", "application/AT+JWT"] {
            assert_eq!(
                broken(Kind::AccessToken, &json!({ "typ": typ })),
                None,
                "{typ}"
            );
            assert_eq!(
                broken(Kind::IdToken, &json!({ "typ": typ })),
                Some(Rule::Header),
                "{typ}"
            );
        }
        for typ in [
            "secevent+jwt",
            "application/logout+jwt",
            "dpop+jwt",
            "JOSE+JSON",
        ] {
            assert_eq!(
                broken(Kind::IdToken, &json!({ "typ": typ })),
                Some(Rule::Header),
                "{typ}"
            );
            assert_eq!(
                broken(Kind::AccessToken, &json!({ "typ": typ })),
                Some(Rule::Header),
                "{typ}"
            );
            assert_eq!(broken(Kind::Jwt, &json!({ "typ": typ })), None, "{typ}");
        }
        for typ in [json!(1), json!(null), json!(["JWT"])] {
            assert_eq!(
                broken(Kind::Jwt, &json!({ "typ": typ })),
                Some(Rule::Header),
                "{typ}"
            );
        }
    }

    #[test]
    fn a_typ_that_the_caller_asks_for_must_be_there() {
        let policy = Policy {
            typ: Some("at+jwt".into()),
            ..Policy::new(Kind::AccessToken, [Algorithm::RS256])
        };
        for (header, holds) in [
            (json!({ "alg": "RS256", "typ": "application/at+jwt" }), true),
            (json!({ "alg": "RS256", "typ": "JWT" }), false),
            (json!({ "alg": "RS256" }), false),
        ] {
            assert_eq!(
                read(header.to_string().as_bytes(), &policy).is_ok(),
                holds,
                "{header}"
            );
        }
    }

    #[test]
    fn a_header_is_one_json_object() {
        let policy = Policy::new(Kind::Jwt, [Algorithm::RS256]);
        for header in [
            "1",
            "[]",
            "{}{}",
            "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
            "\u{feff}{\"alg\":\"RS256\"}",
        ] {
            let untrusted = read(header.as_bytes(), &policy).err();
            assert_eq!(
                untrusted.map(|untrusted| untrusted.reasons()[0].rule),
                Some(Rule::Header),
                "{header}"
            );
        }
    }
}
