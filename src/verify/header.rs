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
    let members = json::object(bytes)
        .map_err(|error| Untrusted::because(Rule::Header, format!("the token's header is {error}")))?;
    let algorithm = algorithm(&members, policy)?;
    no_extensions(&members)?;
    typ(&members, policy)?;
    match members.get("kid") {
        None => Ok(Header { algorithm, kid: None }),
        Some(Value::String(kid)) => Ok(Header { algorithm, kid: Some(kid.clone()) }),
        other => Err(Untrusted::because(Rule::Header, format!("kid is {}, not a string", show(other)))),
    }
}

fn algorithm(members: &Map<String, Value>, policy: &Policy) -> Result<Algorithm, Untrusted> {
    let offered = members.get("alg");
    let known = offered.and_then(Value::as_str).and_then(|name| name.parse::<Algorithm>().ok());
    if let Some(algorithm) = known.filter(|algorithm| policy.algorithms.contains(algorithm)) {
        return Ok(algorithm);
    }
    let allowed: Vec<&str> = policy.algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let unsigned = match offered {
        Some(Value::String(name)) if name.eq_ignore_ascii_case("none") => ", so the token is not signed at all",
        _ => "",
    };
    let message = format!("alg is {}{unsigned}; allowed is {}", show(offered), allowed.join(", "));
    Err(Untrusted::because(Rule::Algorithm, message).with_remedy(known.map(Remedy::AllowAlgorithm)))
}

/// padlock knows no extension of JWS, so whatever `crit` lists, and whether it lists anything, the token is refused
/// (RFC 7515 §4.1.11). An unencoded payload needs `crit` and has no place in a JWT (RFC 7797 §7).
fn no_extensions(members: &Map<String, Value>) -> Result<(), Untrusted> {
    if let Some(names) = members.get("crit") {
        let message = format!("crit asks for extensions that padlock does not know: {}", show(Some(names)));
        return Err(Untrusted::because(Rule::Header, message));
    }
    match members.get("b64") {
        None | Some(Value::Bool(true)) => Ok(()),
        other => Err(Untrusted::because(Rule::Header, format!("b64 is {}, which no JWT may have", show(other)))),
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
        return if typ.as_deref() == Some(&*media_subtype(asked)) { Ok(()) } else { refuse(&quote(asked)) };
    }
    let is_of_a_named_kind = typ.as_deref().is_some_and(|typ| typ.contains('+'));
    match policy.kind {
        Kind::AccessToken if is_of_a_named_kind && typ.as_deref() != Some("at+jwt") => refuse("\"at+jwt\" or \"JWT\""),
        Kind::IdToken if is_of_a_named_kind => refuse("\"JWT\""),
        _ => Ok(()),
    }
}

/// A media type without its `application/`, in lower case (RFC 7515 §4.1.9).
fn media_subtype(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ).to_owned()
}
