//! The cases: a token, the requirements on it, and the expected verdict.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use padlock::keys::{KeySet, Keys, Origin, SharedSecret};
use padlock::verify::{Gates, Kind, Policy, Requirement, Rule, Untrusted, verify};
use secrecy::SecretSlice;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Signature-only cases whose flaw was lost in conversion, so that the token equals that of a valid
/// case. A JWT verifier rejects both at the payload.
const IDENTICAL_TO_A_VALID_CASE: [&str; 2] = ["wycheproof-jws-367", "wycheproof-jws-370"];

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
    typ: Option<String>,
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

/// The verdict: accepted, or the codes of the broken rules and the message.
pub(crate) type Verdict = Result<(), (Vec<&'static str>, String)>;

impl Case {
    pub(crate) fn expects_accept(&self) -> bool {
        self.expect == "accept"
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
        let origin = Origin::Local {
            allow_short_secrets: allow_short,
        };
        Keys::published(
            KeySet::parse(self.key["jwks"].to_string().as_bytes(), origin).expect("a key set"),
        )
    }

    pub(crate) fn policy(&self) -> Policy {
        let kind = match self.profile.as_str() {
            "id_token" => Kind::IdToken,
            "access_token" if !self.requires_exp_off => Kind::AccessToken,
            _ => Kind::Jwt,
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
            typ: self.typ.clone(),
            nonce: self.nonce.clone(),
            max_age: self.max_age,
            organization: self.org.clone(),
            ..Policy::new(kind, algorithms)
        }
    }

    fn gates(&self) -> Gates {
        let claims = self.required_claims.iter();
        Gates {
            scopes: self.required_scopes.clone(),
            permissions: self.required_permissions.clone(),
            claims: claims
                .map(|(name, value)| Requirement {
                    name: name.clone(),
                    value: Some(value.clone()),
                })
                .collect(),
            ..Gates::default()
        }
    }

    /// padlock's verdict on the case.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict_on(&self.token)
    }

    /// padlock's verdict on another token under the same policy.
    pub(crate) fn verdict_on(&self, token: &str) -> Verdict {
        let claims = verify(
            token,
            &self.keys(),
            &self.policy(),
            self.at(),
            self.access_token.as_deref(),
        )
        .map_err(|untrusted: Untrusted| codes(untrusted.reasons(), &untrusted))?;
        self.gates()
            .check(&claims, None)
            .map_err(|missing| codes(missing.reasons(), &missing))
    }

    /// Whether the verdict is the expected one. Cases of level `jws` only cover the signature.
    pub(crate) fn is_met_by(&self, verdict: &Verdict) -> bool {
        let signature_only =
            self.level == "jws" && !IDENTICAL_TO_A_VALID_CASE.contains(&self.id.as_str());
        let accepted = match verdict {
            Ok(()) => true,
            Err((codes, _)) => signature_only && !codes.iter().any(|code| precedes_payload(code)),
        };
        if signature_only && self.payload_is_object == Some(false) && verdict.is_ok() {
            return false;
        }
        accepted == self.expects_accept() || (self.outside_scope && !accepted)
    }
}

fn codes(
    reasons: &[padlock::verify::Reason],
    message: &dyn ToString,
) -> (Vec<&'static str>, String) {
    (
        reasons.iter().map(|reason| reason.rule.code()).collect(),
        message.to_string(),
    )
}

fn precedes_payload(code: &str) -> bool {
    let rules = [
        Rule::Size,
        Rule::Format,
        Rule::Header,
        Rule::Algorithm,
        Rule::Key,
        Rule::Signature,
    ];
    rules.iter().any(|rule| rule.code() == code)
}

fn cases(path: &Path) -> Vec<Case> {
    let lines = std::fs::read_to_string(path).expect("a readable file");
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
    let named = std::env::var_os("PADLOCK_VECTORS").map(PathBuf::from);
    let folder =
        named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors"));
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
