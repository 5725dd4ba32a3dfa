//! From a token to its verdict: whose it is, whether it passes verification, and whether it meets
//! the requirements.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::config::KeySource;
use crate::failure::Failure;
use crate::management::RoleCache;
use crate::provider::{JwksLocation, JwksSnapshot, JwksSource};
use crate::verify::{
    Claims, IssuerNames, KnownTokens, Policy, Remedy, Requirements, Unmet, UnverifiedToken,
    VerificationError, VerifiedToken, Verifier,
};

/// The result for one token.
pub(crate) enum Verdict {
    Valid(Arc<Claims>),
    Invalid(VerificationError),
    /// Valid, but it does not meet the requirements.
    Unmet(Unmet),
    /// Its keys or its user's roles cannot be fetched.
    Unavailable(Failure),
}

/// The claims of a token, why it is invalid, or why that cannot be determined.
pub(crate) type Verified = Result<Result<Arc<Claims>, VerificationError>, Failure>;

/// What tokens are verified against, shared by threads.
pub(crate) struct Criteria {
    /// At least one. If there are several, each policy names its issuer.
    pub(crate) issuers: Vec<TrustedIssuer>,
    pub(crate) requirements: Requirements,
    /// Whether claims beyond those of the rules are looked at.
    pub(crate) reads_claims: bool,
    /// The tenant's roles; `None` if roles are in a claim.
    pub(crate) roles: Option<RoleCache>,
    /// The access token issued with an ID token, for `at_hash`.
    pub(crate) access_token: Option<SecretString>,
    /// Verify as of this time instead of now, in seconds since 1970.
    pub(crate) at: Option<i64>,
    /// This machine's clock, by which keys expire even if `at` is set.
    pub(crate) clock: fn() -> i64,
}

/// One issuer's keys, and the rules for its tokens.
pub(crate) struct TrustedIssuer {
    pub(crate) policy: Policy,
    pub(crate) jwks: JwksSource,
}

/// Verifies tokens in one thread.
pub(crate) struct TokenVerifier<'r> {
    criteria: &'r Criteria,
    names: IssuerNames<'r>,
    verifiers: Vec<IssuerVerifier<'r>>,
    known: KnownTokens,
}

/// Verifies the tokens of one issuer with the keys fetched last.
struct IssuerVerifier<'r> {
    issuer: &'r TrustedIssuer,
    current: Option<(Arc<JwksSnapshot>, Verifier)>,
    /// The generation of the keys.
    generation: u64,
    /// Another number whenever there is another verifier.
    keys: u64,
    /// Whether keys were fetched for the token at hand.
    has_fetched: bool,
}

/// How often keys are renewed for one token: first from another thread's fetch, then from the
/// issuer.
const MAX_RENEWALS: usize = 2;

impl Criteria {
    /// The time as of which tokens are verified, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.at.unwrap_or_else(self.clock)
    }
}

impl<'r> TokenVerifier<'r> {
    /// For one of so many threads.
    pub(crate) fn new(criteria: &'r Criteria, threads: usize) -> Self {
        let issuers = criteria.issuers.iter();
        let names = issuers.clone().map(|one| one.policy.issuer.as_deref());
        Self {
            criteria,
            names: IssuerNames::new(names.map(Option::unwrap_or_default).collect()),
            verifiers: issuers.map(IssuerVerifier::new).collect(),
            known: KnownTokens::new(criteria.reads_claims, threads),
        }
    }

    /// The verdict on a line of text. Bytes that are not UTF-8 are replaced by a character that is
    /// invalid in a token; a token that was verified before needs no look at that.
    pub(crate) fn verdict_on_line(
        &mut self,
        line: &[u8],
        before_wait: &mut dyn FnMut(),
    ) -> Verdict {
        match self.known(line, before_wait) {
            Ok(Some(claims)) => self.requirements_verdict(claims, before_wait),
            Ok(None) => {
                let text = std::str::from_utf8(line)
                    .map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed);
                let result = self.verify_new(&text, before_wait);
                self.verdict_of(result, before_wait)
            }
            Err(failure) => Verdict::Unavailable(failure),
        }
    }

    /// The verdict on one token. `before_wait` is called before anything that may wait for the
    /// network, so that verdicts known by then need not wait too.
    pub(crate) fn verdict(&mut self, token: &str, before_wait: &mut dyn FnMut()) -> Verdict {
        let result = self.verify(token, before_wait);
        self.verdict_of(result, before_wait)
    }

    fn verdict_of(&self, result: Verified, before_wait: &mut dyn FnMut()) -> Verdict {
        match result {
            Ok(Ok(claims)) => self.requirements_verdict(claims, before_wait),
            Ok(Err(error)) => Verdict::Invalid(error),
            Err(failure) => Verdict::Unavailable(failure),
        }
    }

    /// The verdict on the claims of a token that passed verification.
    fn requirements_verdict(&self, claims: Arc<Claims>, before_wait: &mut dyn FnMut()) -> Verdict {
        let requirements = &self.criteria.requirements;
        if requirements.is_empty() {
            return Verdict::Valid(claims);
        }
        let roles = self.criteria.roles.as_ref();
        let roles = roles.map(|roles| roles.roles(claims.subject(), before_wait));
        match roles.transpose() {
            Err(failure) => Verdict::Unavailable(failure),
            Ok(roles) => match requirements.check(&claims, roles.as_deref()) {
                Ok(()) => Verdict::Valid(claims),
                Err(unmet) => Verdict::Unmet(unmet),
            },
        }
    }

    /// The keys of the issuer that a token claims to be from.
    pub(crate) fn source_of(&self, token: &str) -> Option<&'r JwksSource> {
        let mut token = UnverifiedToken::parse(token).ok()?;
        let issuer = token.issuer_among(&self.names).ok()?;
        Some(&self.criteria.issuers.get(issuer)?.jwks)
    }

    /// The claims of one token that passes verification, whatever is required of it beyond that. A
    /// token that did so before costs no second signature check: times and keys are checked again,
    /// and everything else about it is the same.
    pub(crate) fn verify(&mut self, token: &str, before_wait: &mut dyn FnMut()) -> Verified {
        match self.known(token.as_bytes(), before_wait)? {
            Some(claims) => Ok(Ok(claims)),
            None => self.verify_new(token, before_wait),
        }
    }

    /// The same for a token that is not known.
    pub(crate) fn verify_new(&mut self, token: &str, before_wait: &mut dyn FnMut()) -> Verified {
        let selected = UnverifiedToken::parse(token)
            .and_then(|mut token| Ok((token.issuer_among(&self.names)?, token)));
        match selected {
            Ok((issuer, mut parsed)) => {
                let verifier = &mut self.verifiers[issuer];
                let result = verifier.verify(&mut parsed, self.criteria, before_wait)?;
                let keys = verifier.keys;
                Ok(result.map(|verified| {
                    let (claims, times) = verified.into_parts();
                    let claims = Arc::new(claims);
                    // Its hash is compared with that of another token.
                    if self.criteria.access_token.is_none() {
                        self.known.add(token, (issuer, keys), &claims, times);
                    }
                    claims
                }))
            }
            Err(error) => {
                // A malformed token must not hide that the only issuer's keys cannot be fetched.
                if let [verifier] = self.verifiers.as_mut_slice() {
                    let issuer = verifier.issuer;
                    let (keys, _) = verifier.current((self.criteria.clock)(), before_wait)?;
                    issuer.jwks.settle(keys, true);
                }
                Ok(Err(error))
            }
        }
    }
}

impl TokenVerifier<'_> {
    /// The claims of a token that was verified before, under keys that may still be used.
    pub(crate) fn known(
        &mut self,
        token: &[u8],
        before_wait: &mut dyn FnMut(),
    ) -> Result<Option<Arc<Claims>>, Failure> {
        let Some(found) = self.known.find(token) else {
            return Ok(None);
        };
        let verifier = &mut self.verifiers[found.issuer];
        let clock = (self.criteria.clock)();
        let issuer = verifier.issuer;
        let (keys, _) = verifier.current(clock, before_wait)?;
        issuer.jwks.settle(keys, true);
        if verifier.keys != found.keys {
            return Ok(None);
        }
        let now = self.criteria.at.unwrap_or(clock);
        Ok(self.known.claims(&found, &issuer.policy, now))
    }
}

impl<'r> IssuerVerifier<'r> {
    fn new(issuer: &'r TrustedIssuer) -> Self {
        Self {
            issuer,
            current: None,
            generation: 0,
            keys: 0,
            has_fetched: false,
        }
    }

    /// Verifies a token. Keys are renewed if they have expired, or do not fit the token and may
    /// have been published again since.
    fn verify<'t>(
        &mut self,
        token: &mut UnverifiedToken<'t>,
        criteria: &Criteria,
        before_wait: &mut dyn FnMut(),
    ) -> Result<Result<VerifiedToken<'t>, VerificationError>, Failure> {
        let access_token = criteria
            .access_token
            .as_ref()
            .map(ExposeSecret::expose_secret);
        self.has_fetched = false;
        let mut renewals = 0;
        loop {
            let clock = (criteria.clock)();
            let issuer = self.issuer;
            let (keys, verifier) = self.current(clock, before_wait)?;
            let result = verifier.verify(token, criteria.at.unwrap_or(clock), access_token);
            let doubt = result.as_ref().err().and_then(doubt);
            issuer.jwks.settle(keys, doubt.is_none());
            let Some(doubt) = doubt else {
                return Ok(result);
            };
            let keys = Arc::clone(keys);
            if !keys.may_be_outdated(clock) || renewals == MAX_RENEWALS {
                return Ok(self.refused(result, &keys));
            }
            renewals += 1;
            before_wait();
            self.generation = issuer.jwks.generation();
            match issuer.jwks.newer_than(&keys) {
                Ok(Some(newer)) => {
                    self.has_fetched = newer.is_new();
                    self.current = Some(issuer.with_verifier(newer));
                    self.keys += 1;
                }
                Ok(None) => return Ok(self.refused(result, &keys)),
                // The keys at hand are good, and the token's key is among them.
                Err(_) if doubt == Remedy::RefreshCachedKeys => return Ok(result),
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The result, which says when the keys were fetched, unless that was for this token.
    fn refused<'t>(
        &self,
        result: Result<VerifiedToken<'t>, VerificationError>,
        keys: &JwksSnapshot,
    ) -> Result<VerifiedToken<'t>, VerificationError> {
        match keys.fetched_at.filter(|_| !self.has_fetched) {
            Some(at) => result.map_err(|error| error.with_keys_fetched_at(at)),
            None => result,
        }
    }

    /// The keys that are valid at `clock` and their verifier; fetches them if there are none.
    fn current(
        &mut self,
        clock: i64,
        before_wait: &mut dyn FnMut(),
    ) -> Result<&mut (Arc<JwksSnapshot>, Verifier), Failure> {
        let generation = self.issuer.jwks.generation();
        let is_newest = self.generation == generation;
        let is_over = |(keys, _): &mut (Arc<JwksSnapshot>, _)| !is_newest || !keys.is_valid(clock);
        let old = self.current.take_if(is_over);
        match &mut self.current {
            Some(current) => Ok(current),
            none => {
                before_wait();
                // Should they change in between, the next token gets the newer ones.
                self.generation = generation;
                let keys = self.issuer.jwks.current()?;
                self.has_fetched = keys.is_new();
                Ok(none.insert(match old {
                    Some((old, verifier)) if old.has_same_content(&keys) => (keys, verifier),
                    _ => {
                        self.keys += 1;
                        self.issuer.with_verifier(keys)
                    }
                }))
            }
        }
    }
}

impl TrustedIssuer {
    /// Each issuer with its policy; `remote` makes the source of keys that are fetched.
    pub(crate) fn all<E>(
        keys: KeySource,
        policy: &Policy,
        mut remote: impl FnMut(JwksLocation) -> Result<JwksSource, E>,
    ) -> Result<Vec<Self>, E> {
        let trusted = |jwks, issuer: Option<String>| Self {
            jwks,
            policy: Policy {
                issuer,
                ..policy.clone()
            },
        };
        match keys {
            KeySource::Local(keys) => Ok(vec![trusted(JwksSource::local(keys), None)]),
            KeySource::Url(url) => Ok(vec![trusted(remote(JwksLocation::Url(url))?, None)]),
            KeySource::Issuers(issuers) => {
                let issuers = issuers.into_iter().map(|issuer| {
                    let jwks = remote(JwksLocation::Issuer(issuer.clone()))?;
                    Ok(trusted(jwks, Some(issuer)))
                });
                issuers.collect()
            }
        }
    }

    fn with_verifier(&self, keys: Arc<JwksSnapshot>) -> (Arc<JwksSnapshot>, Verifier) {
        let verifier = Verifier::new(keys.keys.clone(), self.policy.clone());
        (keys, verifier)
    }
}

/// What newer keys could change about a token that failed verification.
fn doubt(error: &VerificationError) -> Option<Remedy> {
    let is_about_keys =
        |remedy: &Remedy| matches!(remedy, Remedy::RefreshKeys | Remedy::RefreshCachedKeys);
    error.remedy().filter(is_about_keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Algorithm, KeySet, KeySetOrigin, Keys};
    use crate::verify::TokenKind;

    /// Its header is `{"alg":"RS256","kid":"x"}`.
    const FORGED: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AA";

    #[test]
    fn a_key_that_the_newest_keys_lack_is_not_fetched_again() {
        let set = KeySet::parse(br#"{"keys":[]}"#, KeySetOrigin::Published).unwrap();
        let issuer = TrustedIssuer {
            policy: Policy::new(TokenKind::Jwt, [Algorithm::RS256]),
            jwks: JwksSource::local(Keys::published(set)),
        };
        let criteria = Criteria {
            issuers: vec![issuer],
            requirements: Requirements::default(),
            reads_claims: false,
            roles: None,
            access_token: None,
            at: None,
            clock: || 1_767_225_600,
        };
        let mut verifier = TokenVerifier::new(&criteria, 1);
        for _ in 0..3 {
            let verdict = verifier.verdict(FORGED, &mut || ());
            assert!(matches!(verdict, Verdict::Invalid(_)));
        }
    }
}
