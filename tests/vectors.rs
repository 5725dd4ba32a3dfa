//! Token test vectors: each case says what a careful verifier answers, and padlock must answer the same.
//!
//! `tests/vectors/attacks.jsonl` always runs. A folder with more (`external.jsonl`) is named by `PADLOCK_VECTORS`, or lies
//! beside the repository at `../shared/vectors`; where there is none, its cases are passed over with a message.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at a file it can't read, and prints a table"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use padlock::keys::{KeySet, Keys, Origin, SharedSecret};
use padlock::verify::{Gates, Kind, Policy, Requirement, Rule, Untrusted, verify};
use secrecy::SecretSlice;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Cases that padlock answers otherwise on purpose.
const CONTRADICTED: [(&str, &str); 1] = [(
    "auth0-net-SucceedsWhenNonceShouldBeIgnored",
    "its auth_time lies 20 hours ahead of the clock; the attack auth-time-future demands that such a login is refused, and the \
     strict answer wins where two cases contradict each other",
)];

/// Cases of signatures alone whose token is byte for byte that of a valid case (the fault was lost on the way here): a JWT
/// verifier refuses them at the payload, like the valid one.
const SAME_AS_A_VALID_ONE: [&str; 2] = ["wycheproof-jws-367", "wycheproof-jws-370"];

#[derive(Deserialize)]
struct Case {
    id: String,
    source: String,
    why: String,
    level: String,
    profile: String,
    token: String,
    key: Value,
    alg_allowed: Vec<String>,
    issuer: Option<String>,
    audience: Option<String>,
    now: Option<i64>,
    leeway: u32,
    nonce: Option<String>,
    max_age: Option<u32>,
    org: Option<String>,
    access_token: Option<String>,
    typ: Option<String>,
    #[serde(default)]
    required_scopes: Vec<String>,
    #[serde(default)]
    required_permissions: Vec<String>,
    #[serde(default)]
    required_claims: Map<String, Value>,
    #[serde(default)]
    requires_exp_off: bool,
    #[serde(default)]
    outside_scope: bool,
    payload_is_object: Option<bool>,
    expect: String,
    fail: Option<String>,
    #[serde(default)]
    also: Vec<String>,
}

/// What padlock says: nothing, or the codes of the broken rules and the message.
type Verdict = Result<(), (Vec<&'static str>, String)>;

impl Case {
    fn expects_accept(&self) -> bool {
        self.expect == "accept"
    }

    fn keys(&self) -> Keys {
        // A secret that is short is allowed, unless the case is there to see it refused.
        let allow_short = self.expects_accept() || self.fail.as_deref() != Some("key");
        let secret = |bytes: Vec<u8>| Keys::shared(SharedSecret::new(&SecretSlice::from(bytes), allow_short));
        if let Some(text) = self.key["secret"].as_str() {
            return secret(text.into());
        }
        if let Some(text) = self.key["secret_b64url"].as_str() {
            return secret(URL_SAFE_NO_PAD.decode(text).expect("base64url"));
        }
        let origin = Origin::Local { allow_short_secrets: allow_short };
        Keys::published(KeySet::parse(self.key["jwks"].to_string().as_bytes(), origin).expect("a key set"))
    }

    fn policy(&self) -> Policy {
        let kind = match self.profile.as_str() {
            "id_token" => Kind::IdToken,
            "access_token" if !self.requires_exp_off => Kind::AccessToken,
            _ => Kind::Jwt,
        };
        let algorithms: Vec<_> = self.alg_allowed.iter().filter_map(|name| name.parse().ok()).collect();
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
                .map(|(name, value)| Requirement { name: name.clone(), value: Some(value.clone()) })
                .collect(),
            ..Gates::default()
        }
    }

    fn verdict(&self) -> Verdict {
        let now = self.now.unwrap_or(1_767_225_600);
        let claims = verify(&self.token, &self.keys(), &self.policy(), now, self.access_token.as_deref())
            .map_err(|untrusted: Untrusted| codes(untrusted.reasons(), &untrusted))?;
        self.gates().check(&claims, None).map_err(|missing| codes(missing.reasons(), &missing))
    }

    /// Whether the verdict is the expected one. A case of level jws ends with the signature.
    fn is_met_by(&self, verdict: &Verdict) -> bool {
        let signature_only = self.level == "jws" && !SAME_AS_A_VALID_ONE.contains(&self.id.as_str());
        let holds = match verdict {
            Ok(()) => true,
            Err((codes, _)) => signature_only && !codes.iter().any(|code| is_before_payload(code)),
        };
        if signature_only && self.payload_is_object == Some(false) && verdict.is_ok() {
            return false;
        }
        holds == self.expects_accept() || (self.outside_scope && !holds)
    }
}

fn codes(reasons: &[padlock::verify::Reason], message: &dyn ToString) -> (Vec<&'static str>, String) {
    (reasons.iter().map(|reason| reason.rule.code()).collect(), message.to_string())
}

fn is_before_payload(code: &str) -> bool {
    let rules = [Rule::Size, Rule::Format, Rule::Header, Rule::Algorithm, Rule::Key, Rule::Signature];
    rules.iter().any(|rule| rule.code() == code)
}

fn cases(path: &Path) -> Vec<Case> {
    let lines = std::fs::read_to_string(path).expect("a readable file of cases");
    lines.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

fn own_cases() -> Vec<Case> {
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/attacks.jsonl"))
}

fn foreign_cases() -> Vec<Case> {
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment where more cases are")]
    let named = std::env::var_os("PADLOCK_VECTORS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors"));
    let path = folder.join("external.jsonl");
    if path.exists() {
        return cases(&path);
    }
    println!("passed over: no external.jsonl in {} (PADLOCK_VECTORS names another folder)", folder.display());
    Vec::new()
}

/// The project a case was taken from.
fn project(source: &str) -> &str {
    source
        .split([' ', '/'])
        .take(2)
        .last()
        .filter(|_| source.contains('/'))
        .unwrap_or(source.split(' ').next().unwrap_or(""))
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
    wrong_accepts: usize,
    wrong_rejects: usize,
    on_purpose: usize,
}

#[test]
fn every_case_gets_the_expected_verdict() {
    let mut table: BTreeMap<String, Tally> = BTreeMap::new();
    let mut faults = String::new();
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let verdict = case.verdict();
        let tally = table.entry(project(&case.source).to_owned()).or_default();
        *if verdict.is_ok() { &mut tally.accepted } else { &mut tally.rejected } += 1;
        if case.is_met_by(&verdict) {
            continue;
        }
        if verdict.is_err() && CONTRADICTED.iter().any(|(id, _)| *id == case.id) {
            tally.on_purpose += 1;
            continue;
        }
        *if case.expects_accept() { &mut tally.wrong_rejects } else { &mut tally.wrong_accepts } += 1;
        writeln!(faults, "{}: expected {} ({}), got {verdict:?}", case.id, case.expect, case.why).expect("a line");
    }
    println!(
        "{:<28} {:>8} {:>8} {:>13} {:>13} {:>10}",
        "source", "accepted", "rejected", "wrong accepts", "wrong rejects", "on purpose"
    );
    for (source, t) in &table {
        println!(
            "{source:<28} {:>8} {:>8} {:>13} {:>13} {:>10}",
            t.accepted, t.rejected, t.wrong_accepts, t.wrong_rejects, t.on_purpose
        );
    }
    for (id, reason) in CONTRADICTED {
        println!("rejected on purpose: {id}: {reason}");
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_refusal_names_the_broken_rule() {
    for case in own_cases() {
        let (Some(expected), Err((codes, message))) = (&case.fail, case.verdict()) else { continue };
        let hinted = codes.iter().any(|code| code == expected || case.also.iter().any(|also| also == code));
        assert!(hinted, "{}: expected {expected}, got {codes:?} ({message})", case.id);
    }
}

#[test]
fn no_message_carries_anything_harmful_to_a_terminal() {
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let Err((_, message)) = case.verdict() else { continue };
        let harmful = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!message.contains(harmful), "{}: {message:?}", case.id);
        assert!(message.chars().count() < 800, "{}: {message}", case.id);
    }
}

#[test]
fn no_case_takes_long() {
    for case in own_cases().into_iter().chain(foreign_cases()) {
        let start = Instant::now();
        let _ = case.verdict();
        assert!(start.elapsed() < Duration::from_millis(500), "{}", case.id);
    }
}
