//! The cases: a token, the requirements on it, and the expected verdict.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use padlock::keys::{KeySet, KeySetOrigin, Keys, SharedSecret};
use padlock::verify::{ClaimRequirement, Policy, Requirements, Rule, TokenKind, Violation, verify};
use secrecy::SecretSlice;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Signature-only cases whose flaw was lost in conversion, so that the token equals that of a valid
/// case. A JWT verifier rejects both at the payload.
const IDENTICAL_TO_A_VALID_CASE: [&str; 2] = ["wycheproof-jws-367", "wycheproof-jws-370"];

/// Cases whose verdict padlock changes on purpose, and the reason.
pub(crate) const ACCEPTED: [(&str, &str); 1] = [(
    "oidf-Evaluate_foundMoreThanOneKeyWithRightKidKtyAlgAndUseSig",
    "the set lists the same key twice (equal modulus and exponent), and that is one key, so that \
     nothing is ambiguous; two different keys under one kid stay refused",
)];

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) why: String,
    level: String,
    pub(crate) profile: String,
    pub(crate) token: String,
    pub(crate) key: Value,
    pub(crate) alg_allowed: Vec<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    now: Option<i64>,
    pub(crate) leeway: u32,
    pub(crate) nonce: Option<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) org: Option<String>,
    pub(crate) access_token: Option<String>,
    #[serde(default)]
    pub(crate) required_scopes: Vec<String>,
    #[serde(default)]
    pub(crate) required_permissions: Vec<String>,
    #[serde(default)]
    pub(crate) required_claims: Map<String, Value>,
    #[serde(default)]
    pub(crate) requires_exp_off: bool,
    #[serde(default)]
    outside_scope: bool,
    payload_is_object: Option<bool>,
    pub(crate) expect: String,
    pub(crate) fail: Option<String>,
    #[serde(default)]
    pub(crate) also: Vec<String>,
}

/// The verdict: accepted, or every violated rule.
pub(crate) type Verdict = Result<(), Vec<Violation>>;

impl Case {
    pub(crate) fn expects_accept(&self) -> bool {
        self.expect == "accept" || ACCEPTED.iter().any(|(id, _)| *id == self.id)
    }

    /// Whether short secrets are allowed: yes, unless the case tests their rejection.
    pub(crate) fn allows_short_secrets(&self) -> bool {
        self.expects_accept() || self.fail.as_deref() != Some("key")
    }

    /// The time of verification.
    pub(crate) fn at(&self) -> i64 {
        self.now.unwrap_or(1_767_225_600)
    }

    pub(crate) fn keys(&self) -> Keys {
        let allow_short = self.allows_short_secrets();
        let secret = |bytes: Vec<u8>| {
            Keys::shared(SharedSecret::new(&SecretSlice::from(bytes), allow_short))
        };
        if let Some(text) = self.key["secret"].as_str() {
            return secret(text.into());
        }
        if let Some(text) = self.key["secret_b64url"].as_str() {
            return secret(URL_SAFE_NO_PAD.decode(text).expect("base64url"));
        }
        let origin = KeySetOrigin::Local {
            allow_short_secrets: allow_short,
        };
        Keys::published(
            KeySet::parse(self.key["jwks"].to_string().as_bytes(), origin).expect("a key set"),
        )
    }

    pub(crate) fn policy(&self) -> Policy {
        let kind = match self.profile.as_str() {
            "id_token" => TokenKind::IdToken,
            "access_token" if !self.requires_exp_off => TokenKind::AccessToken,
            _ => TokenKind::Jwt,
        };
        let algorithms: Vec<_> = self
            .alg_allowed
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        Policy {
            issuer: self.issuer.clone(),
            audiences: self.audience.clone().into_iter().collect(),
            leeway: self.leeway,
            nonce: self.nonce.clone(),
            max_age: self.max_age,
            organization: self.org.clone(),
            ..Policy::new(kind, algorithms)
        }
    }

    fn requirements(&self) -> Requirements {
        let claims = self.required_claims.iter();
        Requirements {
            scopes: self.required_scopes.clone(),
            permissions: self.required_permissions.clone(),
            claims: claims
                .map(|(name, value)| ClaimRequirement::parse(&format!("{name}={value}")))
                .collect(),
            ..Requirements::default()
        }
    }

    /// padlock's verdict on the case.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict_on(&self.token)
    }

    /// padlock's verdict on another token under the same policy.
    pub(crate) fn verdict_on(&self, token: &str) -> Verdict {
        let access_token = self.access_token.as_deref();
        let verified = verify(token, &self.keys(), &self.policy(), self.at(), access_token)
            .map_err(|error| error.violations().to_vec())?;
        self.requirements()
            .check(verified.claims(), None)
            .map_err(|unmet| unmet.violations().to_vec())
    }

    /// Whether the verdict is the expected one. Cases of level `jws` only cover the signature.
    pub(crate) fn is_met_by(&self, verdict: &Verdict) -> bool {
        let signature_only =
            self.level == "jws" && !IDENTICAL_TO_A_VALID_CASE.contains(&self.id.as_str());
        let accepted = match verdict {
            Ok(()) => true,
            Err(violations) => {
                signature_only && !violations.iter().any(|found| precedes_payload(found.rule))
            }
        };
        if signature_only && self.payload_is_object == Some(false) && verdict.is_ok() {
            return false;
        }
        accepted == self.expects_accept() || (self.outside_scope && !accepted)
    }
}

/// A control or formatting character.
pub(crate) fn is_unsafe_for_terminals(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

fn precedes_payload(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Size | Rule::Format | Rule::Header | Rule::Algorithm | Rule::Key | Rule::Signature
    )
}

fn cases(path: &Path) -> Vec<Case> {
    let lines = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

pub(crate) fn own_cases() -> Vec<Case> {
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/attacks.jsonl"))
}

pub(crate) fn external_cases() -> Vec<Case> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment names the folder with more cases"
    )]
    let named = std::env::var_os("PADLOCK_VECTORS");
    if let Some(folder) = named {
        return cases(&Path::new(&folder).join("external.jsonl"));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let path = folder.join("external.jsonl");
    if path.exists() {
        return cases(&path);
    }
    println!(
        "skipped: no external.jsonl in {} (set PADLOCK_VECTORS to another folder)",
        folder.display()
    );
    Vec::new()
}
