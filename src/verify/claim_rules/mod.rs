//! The rules about claims; an error says what was found and what was expected.

mod issuer;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::policy::{AuthorizedParty, Policy, TokenKind};
use super::registered::{Registered, RegisteredClaims};
use super::time_rules;
use super::violation::{Rule, Violation, quote, quote_some, show};
use crate::keys::Algorithm;

/// What the rules need besides the claims and the policy.
pub(super) struct TokenContext<'a> {
    pub(super) algorithm: Algorithm,
    /// The only `iss` that the token's key is for, where it names one.
    pub(super) key_issuer: Option<&'a str>,
    pub(super) now: i64,
    pub(super) access_token: Option<&'a str>,
}

/// Every violated rule.
pub(super) fn violations(
    claims: &RegisteredClaims,
    policy: &Policy,
    context: &TokenContext<'_>,
) -> Vec<Violation> {
    let now = context.now;
    let verdicts = [
        (
            Rule::Issuer,
            issuer::check(claims, policy, context.key_issuer),
        ),
        (Rule::Subject, subject(claims, policy)),
        (Rule::Audience, audience(claims, policy)),
        (Rule::AuthorizedParty, authorized_party(claims, policy)),
        (Rule::Expiry, time_rules::expiry(claims, policy, now)),
        (Rule::NotBefore, time_rules::not_before(claims, policy, now)),
        (Rule::IssuedAt, time_rules::issued_at(claims, policy, now)),
        (Rule::AuthTime, time_rules::auth_time(claims, policy, now)),
        (Rule::Nonce, nonce(claims, policy)),
        (Rule::AccessTokenHash, access_token_hash(claims, context)),
        (Rule::CodeHash, code_hash(claims, policy, context)),
        (Rule::Organization, organization(claims, policy)),
        (Rule::Confirmation, confirmation(claims, policy)),
        (Rule::Kind, kind(claims, policy)),
    ];
    let failed = |(rule, verdict): (Rule, Result<(), String>)| {
        verdict.err().map(|message| Violation::new(rule, message))
    };
    verdicts.into_iter().filter_map(failed).collect()
}

/// `sub` of an ID token must be a string of 1 to 255 characters (OpenID Connect Core §2). An access
/// token may lack it, but its `sub` is such a string too, since an API decides by it (RFC 9068 §2.2).
fn subject(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    match claims.get(Registered::Subject) {
        _ if policy.kind == TokenKind::Jwt => Ok(()),
        None if policy.kind == TokenKind::AccessToken => Ok(()),
        Some(Value::String(sub)) if !sub.is_empty() && sub.chars().count() <= 255 => Ok(()),
        Some(Value::String(sub)) if !sub.is_empty() => Err(format!(
            "sub has {} characters, expected at most 255",
            sub.chars().count()
        )),
        sub => Err(format!(
            "sub is {}, expected the identifier of a user",
            show(sub)
        )),
    }
}

/// `aud` must contain one of the audiences (RFC 7519 §4.1.3: a string or an array of strings).
fn audience(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    if policy.audiences.is_empty() && policy.kind == TokenKind::Jwt {
        return Ok(());
    }
    let aud = claims.get(Registered::Audience);
    let is_expected = audiences_of(aud).is_some_and(|audiences| {
        audiences.iter().any(|audience| match &*policy.audiences {
            [] => !audience.is_empty(),
            expected => expected.iter().any(|expected| expected == audience),
        })
    });
    if is_expected {
        Ok(())
    } else {
        Err(format!(
            "aud is {}, expected {}",
            show(aud),
            one_of(&policy.audiences)
        ))
    }
}

/// `azp` must be the client if it is present, and with several audiences it must be present
/// (OpenID Connect Core §3.1.3.7), unless the policy says otherwise.
fn authorized_party(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    let azp = claims.get(Registered::AuthorizedParty);
    if policy.kind != TokenKind::IdToken || policy.authorized_party == AuthorizedParty::Any {
        return Ok(());
    }
    if let AuthorizedParty::Client(client) = &policy.authorized_party {
        return match azp {
            Some(Value::String(azp)) if azp == client => Ok(()),
            azp => Err(format!("azp is {}, expected {}", show(azp), quote(client))),
        };
    }
    let several =
        audiences_of(claims.get(Registered::Audience)).is_some_and(|audiences| audiences.len() > 1);
    let expected = one_of(&policy.audiences);
    match azp {
        None if several => Err(format!(
            "azp is missing and aud has several values, expected {expected}"
        )),
        None => Ok(()),
        Some(Value::String(azp)) if policy.audiences.contains(azp) => Ok(()),
        Some(Value::String(azp)) if policy.audiences.is_empty() && !azp.is_empty() => Ok(()),
        azp => Err(format!("azp is {}, expected {expected}", show(azp))),
    }
}

/// A token that is bound to a key (RFC 7800 §3.1; RFC 9449 §6.1, RFC 8705 §3.1) proves nothing
/// without the proof of possession.
fn confirmation(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    if policy.allow_bound || !claims.has(Registered::Confirmation) {
        return Ok(());
    }
    Err("the token is bound to a key (cnf), so it is not a bearer token".to_owned())
}

/// Claims that only a token of another kind has: ID tokens have hashes, security event tokens have
/// events (RFC 8417 §2.2), and Keycloak names the kind in a claim.
fn kind(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    let foreign: &[Registered] = match policy.kind {
        TokenKind::AccessToken => &[
            Registered::AccessTokenHash,
            Registered::CodeHash,
            Registered::Events,
        ],
        TokenKind::IdToken => &[Registered::Events],
        TokenKind::Jwt => &[],
    };
    if let Some(claim) = foreign.iter().find(|claim| claims.has(**claim)) {
        return Err(format!(
            "it is a token of another kind, since it has {}",
            claim.name()
        ));
    }
    let keycloak = claims.text(Registered::Type);
    let other = keycloak.filter(|typ| matches!(*typ, "ID" | "Refresh" | "Logout"));
    match other.filter(|_| policy.kind == TokenKind::AccessToken) {
        Some(typ) => Err(format!(
            "it is a token of another kind, since its claim typ is {typ}"
        )),
        None => Ok(()),
    }
}

/// `nonce` must be the one that was sent (OpenID Connect Core §3.1.3.7 step 11).
fn nonce(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    match (&policy.nonce, claims.get(Registered::Nonce)) {
        (None, _) => Ok(()),
        (Some(nonce), Some(Value::String(claim))) if claim == nonce => Ok(()),
        (Some(nonce), claim) => Err(format!(
            "nonce is {}, expected {}",
            show(claim),
            quote(nonce)
        )),
    }
}

/// `at_hash`, if present, must be the left half of the access token's hash (OpenID Connect Core
/// §3.1.3.6).
fn access_token_hash(claims: &RegisteredClaims, context: &TokenContext<'_>) -> Result<(), String> {
    let (Some(access_token), Some(claim)) = (
        context.access_token,
        claims.get(Registered::AccessTokenHash),
    ) else {
        return Ok(());
    };
    if is_half_hash(claim, access_token, context.algorithm) {
        Ok(())
    } else {
        Err(format!(
            "at_hash is {}, which does not match the access token",
            show(Some(claim))
        ))
    }
}

/// `c_hash`, if present, must be the left half of the code's hash (OpenID Connect Core §3.3.2.11).
fn code_hash(
    claims: &RegisteredClaims,
    policy: &Policy,
    context: &TokenContext<'_>,
) -> Result<(), String> {
    let (Some(code), Some(claim)) = (&policy.code, claims.get(Registered::CodeHash)) else {
        return Ok(());
    };
    if is_half_hash(claim, code.expose_secret(), context.algorithm) {
        Ok(())
    } else {
        Err(format!(
            "c_hash is {}, which does not match the authorization code",
            show(Some(claim))
        ))
    }
}

fn is_half_hash(claim: &Value, text: &str, algorithm: Algorithm) -> bool {
    hashes_of(algorithm).iter().any(|hash| {
        let hash = digest::digest(hash, text.as_bytes());
        *claim == URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    })
}

/// The hash of the algorithm's name. For Ed25519 that is SHA-512 inside the algorithm, and some
/// providers take SHA-256, which is as strong here.
fn hashes_of(algorithm: Algorithm) -> &'static [&'static digest::Algorithm] {
    match algorithm {
        Algorithm::HS256 | Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => {
            &[&digest::SHA256]
        }
        Algorithm::HS384 | Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => {
            &[&digest::SHA384]
        }
        Algorithm::HS512 | Algorithm::RS512 | Algorithm::PS512 | Algorithm::ES512 => {
            &[&digest::SHA512]
        }
        Algorithm::EdDSA | Algorithm::Ed25519 => &[&digest::SHA512, &digest::SHA256],
    }
}

/// The organization must match by ID or by name, which Auth0 stores in lower case.
fn organization(claims: &RegisteredClaims, policy: &Policy) -> Result<(), String> {
    let Some(organization) = &policy.organization else {
        return Ok(());
    };
    let (claim, expected) = if organization.starts_with("org_") {
        (Registered::OrganizationId, organization.clone())
    } else {
        (Registered::OrganizationName, organization.to_lowercase())
    };
    match claims.get(claim) {
        Some(Value::String(name)) if *name == expected => Ok(()),
        other => Err(format!(
            "{} is {}, expected {}",
            claim.name(),
            show(other),
            quote(&expected)
        )),
    }
}

/// The values of `aud`, or `None` if it is neither a string nor an array of strings.
fn audiences_of(aud: Option<&Value>) -> Option<Vec<&str>> {
    match aud? {
        Value::String(audience) => Some(vec![audience]),
        Value::Array(audiences) => audiences.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn one_of(audiences: &[String]) -> String {
    let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
    if audiences.is_empty() {
        "an audience".into()
    } else {
        quote_some(&audiences, " or ")
    }
}

#[cfg(test)]
mod tests;
