//! The rules for a token's header (RFC 7515 §4).

use serde_json::{Map, Value};

use super::error::{Remedy, VerificationError};
use super::policy::{Policy, TokenKind};
use super::violation::{Rule, show};
use crate::keys::Algorithm;
use crate::strict_json;

/// The header parameters that padlock uses. Keys and links to keys (jwk, jku, x5u, x5c) are
/// ignored: the caller decides which keys are trusted.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// `x5t#S256`, if it is a string: it may select a key where there is no `kid`.
    pub(super) sha256_thumbprint: Option<String>,
    /// `x5t`, likewise.
    pub(super) sha1_thumbprint: Option<String>,
}

/// Parses a header and checks it against the policy.
pub(super) fn read(bytes: &[u8], policy: &Policy) -> Result<Header, VerificationError> {
    let members = strict_json::object(bytes).map_err(|error| {
        VerificationError::because(Rule::Header, format!("the token's header is {error}"))
    })?;
    let algorithm = algorithm(&members, policy)?;
    check_extensions(&members)?;
    check_typ(&members, policy)?;
    let kid = match members.get("kid") {
        None => None,
        Some(Value::String(kid)) if kid.is_empty() => {
            let message = "kid is empty, so that it names no key";
            return Err(VerificationError::because(Rule::Key, message));
        }
        Some(Value::String(kid)) => Some(kid.clone()),
        other => return Err(refuse("kid", other, "a string")),
    };
    let text = |name| members.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Header {
        algorithm,
        kid,
        sha256_thumbprint: text("x5t#S256"),
        sha1_thumbprint: text("x5t"),
    })
}

fn refuse(name: &str, value: Option<&Value>, expected: &str) -> VerificationError {
    let message = format!("{name} is {}, expected {expected}", show(value));
    VerificationError::because(Rule::Header, message)
}

fn algorithm(
    members: &Map<String, Value>,
    policy: &Policy,
) -> Result<Algorithm, VerificationError> {
    let alg = members.get("alg");
    let known = alg
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
    let unsigned = match alg {
        Some(Value::String(name)) if name.eq_ignore_ascii_case("none") => {
            " (the token is not signed)"
        }
        _ => "",
    };
    let message = format!(
        "alg is {}{unsigned}, expected {}",
        show(alg),
        allowed.join(" or ")
    );
    Err(VerificationError::because(Rule::Algorithm, message)
        .with_remedy(known.map(Remedy::AllowAlgorithm)))
}

/// padlock supports no JWS extensions, so it refuses every token with `crit` (RFC 7515 §4.1.11). A
/// JWT must not have an unencoded payload (RFC 7797 §7).
fn check_extensions(members: &Map<String, Value>) -> Result<(), VerificationError> {
    if let Some(names) = members.get("crit") {
        let message = format!(
            "crit requires extensions that padlock does not support: {}",
            show(Some(names))
        );
        return Err(VerificationError::because(Rule::Header, message));
    }
    match members.get("b64") {
        None | Some(Value::Bool(true)) => Ok(()),
        other => Err(refuse("b64", other, "true")),
    }
}

/// A token whose `typ` names another kind of token is refused (RFC 8725 §3.11). A token without
/// `typ`, or with a general one, may be of any kind.
fn check_typ(members: &Map<String, Value>, policy: &Policy) -> Result<(), VerificationError> {
    let value = members.get("typ");
    let typ = match value {
        None => return Ok(()),
        Some(Value::String(typ)) => media_subtype(typ),
        Some(_) => return Err(refuse("typ", value, "a string")),
    };
    let names_a_kind = typ.contains('+');
    match policy.kind {
        TokenKind::AccessToken if names_a_kind && typ != "at+jwt" => {
            Err(refuse("typ", value, "\"at+jwt\" or \"JWT\""))
        }
        TokenKind::IdToken if names_a_kind => Err(refuse("typ", value, "\"JWT\"")),
        _ => Ok(()),
    }
}

/// A media type without `application/`, in lower case (RFC 7515 §4.1.9).
fn media_subtype(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: TokenKind, header: &Value) -> Result<Header, VerificationError> {
        let policy = Policy::new(kind, [Algorithm::RS256, Algorithm::ES256]);
        read(header.to_string().as_bytes(), &policy)
    }

    fn message(header: &Value) -> String {
        let error = check(TokenKind::Jwt, header).err().unwrap();
        error.violations()[0].message.clone()
    }

    /// The rule that a header with a valid `alg` and these members violates, if any.
    fn violated(kind: TokenKind, members: &Value) -> Option<Rule> {
        let mut header = json!({ "alg": "RS256" });
        header
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        check(kind, &header)
            .err()
            .map(|error| error.violations()[0].rule)
    }

    #[test]
    fn only_an_allowed_algorithm_is_accepted() {
        let allowed = check(TokenKind::Jwt, &json!({ "alg": "ES256" })).unwrap();
        assert_eq!(allowed.algorithm, Algorithm::ES256);
        let others = [
            "none", "None", "", "RS512", "PS256", "HS256", "rs256", "RS256 ", "RS256\n", "ES256K",
        ]
        .map(Value::from);
        for alg in others
            .into_iter()
            .chain([json!(null), json!(["RS256"]), json!(true), json!({})])
        {
            assert_eq!(
                violated(TokenKind::Jwt, &json!({ "alg": alg })),
                Some(Rule::Algorithm),
                "{alg}"
            );
        }
        assert_eq!(
            message(&json!({})),
            "alg is missing, expected RS256 or ES256"
        );
    }

    #[test]
    fn an_error_names_the_algorithm_to_allow_if_padlock_supports_it() {
        let remedy = |alg: &str| {
            check(TokenKind::IdToken, &json!({ "alg": alg }))
                .err()
                .and_then(|error| error.remedy())
        };
        assert_eq!(
            remedy("HS256"),
            Some(Remedy::AllowAlgorithm(Algorithm::HS256))
        );
        assert_eq!(remedy("none"), None);
    }

    #[test]
    fn an_error_says_that_a_token_is_not_signed() {
        assert!(message(&json!({ "alg": "nOnE" })).contains("not signed"));
        assert!(!message(&json!({ "alg": "RS512" })).contains("not signed"));
    }

    #[test]
    fn every_extension_is_refused() {
        for crit in [
            json!(["exp"]),
            json!(["b64"]),
            json!([]),
            json!("x"),
            json!(null),
            json!({}),
            json!([1]),
        ] {
            let members = json!({ "crit": crit, "b64": true });
            assert_eq!(
                violated(TokenKind::Jwt, &members),
                Some(Rule::Header),
                "{crit}"
            );
        }
        let b64 = |value: bool| violated(TokenKind::Jwt, &json!({ "b64": value }));
        assert_eq!(b64(false), Some(Rule::Header));
        assert_eq!(b64(true), None);
    }

    #[test]
    fn keys_and_unknown_parameters_are_ignored() {
        let members = json!({
            "jwk": 5, "jku": "file:///etc/passwd", "x5u": {}, "x5c": [], "x5t": 1,
            "foo": "bar", "zip": "DEF",
        });
        assert_eq!(violated(TokenKind::IdToken, &members), None);
    }

    #[test]
    fn kid_is_a_string_that_is_not_empty() {
        let others = [json!(1), json!(null), json!(["k"]), json!(true), json!({})];
        for kid in others {
            let rule = violated(TokenKind::Jwt, &json!({ "kid": kid }));
            assert_eq!(rule, Some(Rule::Header), "{kid}");
        }
        assert_eq!(
            violated(TokenKind::Jwt, &json!({ "kid": "" })),
            Some(Rule::Key)
        );
        let header = check(TokenKind::Jwt, &json!({ "alg": "RS256", "kid": "ü/ 1" })).unwrap();
        assert_eq!(header.kid.as_deref(), Some("ü/ 1"));
    }

    #[test]
    fn a_token_whose_typ_names_another_kind_is_refused() {
        const ANY_KIND: [&str; 4] = ["JWT", "jwt", "application/jwt", "JOSE"];
        const ACCESS_TOKEN: [&str; 2] = ["at+jwt", "application/AT+JWT"];
        const OTHER_KINDS: [&str; 4] = [
            "secevent+jwt",
            "application/logout+jwt",
            "dpop+jwt",
            "JOSE+JSON",
        ];
        let is_refused = |kind, typ: &str| {
            let rule = violated(kind, &json!({ "typ": typ }));
            assert!(matches!(rule, None | Some(Rule::Header)), "{typ}");
            rule.is_some()
        };
        for typ in ANY_KIND {
            assert!(!is_refused(TokenKind::IdToken, typ), "{typ}");
            assert!(!is_refused(TokenKind::AccessToken, typ), "{typ}");
        }
        for typ in ACCESS_TOKEN {
            assert!(is_refused(TokenKind::IdToken, typ), "{typ}");
            assert!(!is_refused(TokenKind::AccessToken, typ), "{typ}");
        }
        for typ in OTHER_KINDS {
            assert!(is_refused(TokenKind::IdToken, typ), "{typ}");
            assert!(is_refused(TokenKind::AccessToken, typ), "{typ}");
            assert!(!is_refused(TokenKind::Jwt, typ), "{typ}");
        }
    }

    #[test]
    fn typ_is_a_string() {
        for typ in [json!(1), json!(null), json!(["JWT"])] {
            let members = json!({ "typ": typ });
            assert_eq!(
                violated(TokenKind::Jwt, &members),
                Some(Rule::Header),
                "{typ}"
            );
        }
    }

    #[test]
    fn a_header_is_one_json_object() {
        let policy = Policy::new(TokenKind::Jwt, [Algorithm::RS256]);
        for header in [
            "1",
            "[]",
            "{}{}",
            "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
            "\u{feff}{\"alg\":\"RS256\"}",
        ] {
            let error = read(header.as_bytes(), &policy).err().unwrap();
            assert_eq!(error.violations()[0].rule, Rule::Header, "{header}");
        }
    }
}
