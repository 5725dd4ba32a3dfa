//! Why a token failed verification, and what the user can do about it.

use std::fmt;

use super::violation::{Rule, Violation};
use crate::duration;
use crate::failure::{Class, Diagnose};
use crate::keys::Algorithm;

/// A token that failed verification: one fatal violation or, where the signature is valid, every
/// claim that violates a rule.
#[derive(Debug)]
pub struct VerificationError {
    token: TokenName,
    /// Whether the hint may name Auth0's dashboard.
    is_auth0: bool,
    violations: Vec<Violation>,
    remedy: Option<Remedy>,
    clocks: Option<Clocks>,
    /// Whether its issuer may have published other keys by now.
    are_keys_old: bool,
}

/// What the token is, for the message and the hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenName {
    /// The id_token of a login.
    IdToken,
    /// The access token of a login.
    AccessToken,
    /// A userinfo response that is a JWT.
    Userinfo,
    /// A token issued elsewhere.
    Token,
}

/// What the caller can do about a token that failed verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// No key has its `kid`: fetch the issuer's keys again, once.
    RefreshKeys,
    /// The signature does not fit its key: fetch the issuer's keys again, once, if they are from a
    /// cache, since the issuer may have replaced the key. If that fails, the keys at hand decide.
    RefreshCachedKeys,
    /// Its algorithm is this one, which the policy does not allow.
    AllowAlgorithm(Algorithm),
    /// The shared secret gives another signature: compare it, or decode it.
    CheckSecret,
    /// The shared secret is shorter than the hash of the token's algorithm.
    AllowShortSecret,
    /// The signature is valid, and `iss` is not the expected one.
    ExpectIssuer,
    /// What to do about this text.
    NextStep(&'static str),
}

/// This machine's clock and a server's, both in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// This machine's.
    pub here: i64,
    /// The server's.
    pub there: i64,
}

impl VerificationError {
    pub(super) fn because(rule: Rule, message: impl Into<String>) -> Self {
        Violation::new(rule, message).into()
    }

    pub(super) fn with_remedy(self, remedy: Option<Remedy>) -> Self {
        Self { remedy, ..self }
    }

    /// The same error about this kind of token.
    #[must_use]
    pub fn about(self, token: TokenName) -> Self {
        Self { token, ..self }
    }

    /// The same error about a token of an Auth0 tenant, or of another issuer.
    #[must_use]
    pub fn at_auth0(self, is_auth0: bool) -> Self {
        Self { is_auth0, ..self }
    }

    /// The same error, with the clocks to compare if a rule about times is violated.
    #[must_use]
    pub fn with_clocks(self, clocks: Option<Clocks>) -> Self {
        let clocks = clocks.filter(|_| self.is_about_time());
        Self { clocks, ..self }
    }

    /// The same error about a token whose issuer's keys were fetched at this time (seconds since
    /// 1970), and may not be fetched again yet.
    #[must_use]
    pub fn with_keys_fetched_at(mut self, at: i64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact for every real clock")]
        let time = duration::rfc3339(at as f64);
        let age = format!(
            "; the keys were last fetched at {time}, and are fetched again for such a token at \
             most once a minute"
        );
        if let Some(violation) = self.violations.first_mut() {
            violation.message.push_str(&age);
        }
        self.are_keys_old = true;
        self
    }

    /// Every violation, at least one.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// What might help.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.remedy
    }

    /// Whether a rule about times is violated, so that a wrong clock may be the cause.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        self.violations.iter().any(Violation::is_about_time)
    }
}

impl From<Violation> for VerificationError {
    fn from(violation: Violation) -> Self {
        vec![violation].into()
    }
}

impl From<Vec<Violation>> for VerificationError {
    fn from(violations: Vec<Violation>) -> Self {
        Self {
            token: TokenName::Token,
            is_auth0: false,
            violations,
            remedy: None,
            clocks: None,
            are_keys_old: false,
        }
    }
}

impl fmt::Display for VerificationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.token {
            TokenName::IdToken => "id_token",
            TokenName::AccessToken => "access token",
            TokenName::Userinfo => "userinfo response",
            TokenName::Token => "token",
        };
        write!(formatter, "the {name} failed verification")
    }
}

impl std::error::Error for VerificationError {}

impl Diagnose for VerificationError {
    fn class(&self) -> Class {
        Class::UntrustedToken
    }

    fn hint(&self) -> Option<String> {
        if let Some(clocks) = self.clocks {
            return Some(compare(clocks));
        }
        match self.remedy {
            Some(Remedy::AllowAlgorithm(algorithm)) => Some(self.allow(algorithm)),
            _ if self.are_keys_old => Some(NEWER_KEYS.to_owned()),
            Some(Remedy::CheckSecret) if self.token == TokenName::IdToken => {
                Some(CHECK_SECRET.to_owned())
            }
            Some(Remedy::AllowShortSecret) => Some(self.short_secret().to_owned()),
            Some(Remedy::ExpectIssuer) if self.token == TokenName::Token => {
                Some(EXPECT_ISSUER.to_owned())
            }
            Some(Remedy::NextStep(step)) if self.token == TokenName::Token => Some(step.to_owned()),
            _ => self.is_about_time().then(|| check_clock(self.token)),
        }
    }

    fn reasons(&self) -> Vec<String> {
        self.violations.iter().map(ToString::to_string).collect()
    }
}

const NEWER_KEYS: &str = "if the issuer has published new keys since, try again in a minute, or add \
                          --no-cache to fetch them now";

const CHECK_SECRET: &str = "compare the client secret with the application's; if the key is what that \
                            encodes in base64, add --client-secret-encoding base64";

const EXPECT_ISSUER: &str = "if the owner of the keys issues tokens with that iss too, and you trust \
                             it, name it with --expect-issuer";

impl VerificationError {
    fn short_secret(&self) -> &'static str {
        match self.token {
            TokenName::Token => {
                "use a secret as long as the hash; --allow-short-secret accepts this one, which is \
                 easier to guess"
            }
            _ => {
                "give the application a client secret as long as the hash, or set it to RS256; \
                 RFC 7518 forbids shorter ones"
            }
        }
    }

    fn allow(&self, algorithm: Algorithm) -> String {
        let at_auth0 = |page: &str| {
            if self.is_auth0 {
                format!(" (Applications → {page})")
            } else {
                String::new()
            }
        };
        match (self.token, algorithm.is_symmetric()) {
            (TokenName::AccessToken, true) => format!(
                "set the API to RS256{}: only the API itself knows the secret for {algorithm}",
                at_auth0("APIs → … → Settings")
            ),
            (TokenName::Userinfo, _) => format!(
                "allow {algorithm} with --algorithm if the provider signs userinfo responses with \
                 it"
            ),
            (TokenName::IdToken | TokenName::AccessToken, _) => format!(
                "set AUTH0_ALGORITHM={algorithm} if the application is configured to sign with \
                 {algorithm}{}",
                at_auth0("… → Advanced Settings → OAuth")
            ),
            (TokenName::Token, true) => format!(
                "pass the issuer's shared secret with --secret-file if {algorithm} is the right \
                 algorithm"
            ),
            (TokenName::Token, false) => {
                format!("add --algorithm {algorithm} if the issuer signs with it")
            }
        }
    }
}

fn check_clock(token: TokenName) -> String {
    match token {
        TokenName::Token => {
            "get a new token; if this one should still be valid, compare this machine's clock with \
             the issuer's"
        }
        TokenName::IdToken | TokenName::AccessToken | TokenName::Userinfo => {
            "compare this machine's clock with the issuer's; --leeway allows a larger difference"
        }
    }
    .to_owned()
}

/// Seconds by which correct clocks may appear to differ, since a response takes time to arrive.
const USUAL_DIFFERENCE: u64 = 10;

#[expect(clippy::cast_precision_loss, reason = "exact for every real clock")]
fn compare(Clocks { here, there }: Clocks) -> String {
    let (ours, theirs) = (
        duration::rfc3339(here as f64),
        duration::rfc3339(there as f64),
    );
    let difference = here.saturating_sub(there);
    let seconds = difference.unsigned_abs();
    if seconds <= USUAL_DIFFERENCE {
        return format!(
            "check how the token is issued: this machine's clock ({ours}) agrees with the tenant's"
        );
    }
    let direction = if difference.is_positive() {
        "ahead"
    } else {
        "behind"
    };
    format!(
        "set this machine's clock: it says {ours} and the tenant's {theirs}, so it is {} \
         {direction}",
        duration::short(seconds)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [TokenName; 4] = [
        TokenName::IdToken,
        TokenName::AccessToken,
        TokenName::Userinfo,
        TokenName::Token,
    ];

    fn hint(rule: Rule, remedy: Option<Remedy>, token: TokenName) -> Option<String> {
        let error = VerificationError::because(rule, "").with_remedy(remedy);
        error.about(token).hint()
    }

    #[test]
    fn a_remedy_is_a_hint_where_the_user_can_take_it() {
        for (remedy, text, taken_by) in [
            (Remedy::CheckSecret, CHECK_SECRET, TokenName::IdToken),
            (Remedy::ExpectIssuer, EXPECT_ISSUER, TokenName::Token),
            (Remedy::NextStep("do this"), "do this", TokenName::Token),
        ] {
            for token in KINDS {
                let hint = hint(Rule::Signature, Some(remedy), token);
                let expected = (token == taken_by).then_some(text);
                assert_eq!(hint.as_deref(), expected, "{remedy:?} {token:?}");
            }
        }
    }

    #[test]
    fn a_violated_rule_about_times_has_a_hint_about_the_clock() {
        for (token, text) in [
            (TokenName::Token, "get a new token"),
            (TokenName::IdToken, "--leeway"),
            (TokenName::AccessToken, "--leeway"),
            (TokenName::Userinfo, "--leeway"),
        ] {
            let hint = hint(Rule::Expiry, None, token).unwrap();
            assert!(hint.contains(text), "{hint}");
            assert!(hint.contains("compare this machine's clock"), "{hint}");
        }
        assert_eq!(hint(Rule::Audience, None, TokenName::Token), None);
    }

    #[test]
    fn clocks_that_differ_by_more_than_ten_seconds_are_compared() {
        const THERE: i64 = 1_767_229_200;
        for (difference, text) in [
            (0, "agrees with the tenant's"),
            (10, "agrees with the tenant's"),
            (-10, "agrees with the tenant's"),
            (11, "so it is 11s ahead"),
            (-11, "so it is 11s behind"),
            (7200, "so it is 2h ahead"),
        ] {
            let here = THERE + difference;
            let clocks = Some(Clocks { here, there: THERE });
            let hint = |rule| {
                VerificationError::because(rule, "")
                    .with_clocks(clocks)
                    .hint()
            };
            let about_time = hint(Rule::IssuedAt).unwrap();
            assert!(about_time.contains(text), "{difference}: {about_time}");
            assert!(about_time.contains("2026-01-01T"), "{about_time}");
            assert_eq!(hint(Rule::Nonce), None);
        }
    }
}
