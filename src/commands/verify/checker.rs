//! A token's verdict: whose it is, whether it is genuine, and whether it grants what is required.

use secrecy::{ExposeSecret, SecretString};

use super::trust::{self, Trust};
use crate::Surroundings;
use crate::args::VerifyArgs;
use crate::cache::Cache;
use crate::commands::roles::TenantRoles;
use crate::config::{ConfigError, KeySource, read_secret};
use crate::error::Error;
use crate::http::Http;
use crate::verify::{Claims, Gates, Missing, Remedy, Untrusted, Verifier, claimed_issuer};

/// What tokens are checked with; threads share it.
pub(super) struct Checker {
    trusted: Vec<Trust>,
    gates: Gates,
    roles: Option<TenantRoles>,
    access_token: Option<SecretString>,
    at: Option<i64>,
    clock: fn() -> i64,
}

/// What is said of one token.
pub(super) enum Verdict {
    Trusted(Claims),
    Untrusted(Untrusted),
    /// Genuine, and not enough.
    Lacking(Missing),
}

impl Checker {
    /// Reads what the flags name, with a word for the person about a setting that was passed over. Nothing is fetched yet.
    pub(super) fn load(args: &VerifyArgs, surroundings: &Surroundings<'_>) -> Result<(Self, Vec<String>), Error> {
        let source = KeySource::load(&args.keys)?;
        let remote = matches!(source, KeySource::Issuers(_) | KeySource::Address(_));
        let (mut network, mut notes) = (None, Vec::new());
        if remote || args.gates.roles_from_tenant {
            let settings;
            (settings, notes) = args.network(surroundings.variables)?;
            // The documents are kept by this machine's clock, whatever --at says.
            network = Some((Http::new(&settings, surroundings)?, Cache::open((surroundings.clock)())));
        }
        let asks = network.as_ref().filter(|_| args.gates.roles_from_tenant);
        let checker = Self {
            trusted: trust::load(args, &source, network.as_ref())?,
            gates: args.gates.gates(),
            roles: asks.map(|(http, _)| roles(args, http.clone(), surroundings)).transpose()?,
            access_token: access_token(args)?,
            at: args.rules.at,
            clock: surroundings.clock,
        };
        Ok((checker, notes))
    }

    /// The time as of which tokens are verified, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.at.unwrap_or_else(self.clock)
    }
}

fn roles(args: &VerifyArgs, http: Http, surroundings: &Surroundings<'_>) -> Result<TenantRoles, Error> {
    let named = (args.keys.issuer.as_slice(), &args.keys.expect_issuer);
    // An application belongs to one tenant, and its secret must reach no other.
    let (([issuer], _) | ([], Some(issuer))) = named else { return Err(ConfigError::RolesOfSeveral.into()) };
    let settings = args.roles_application(issuer, surroundings.variables)?;
    Ok(TenantRoles::new(http, issuer.clone(), settings, surroundings.clock))
}

fn access_token(args: &VerifyArgs) -> Result<Option<SecretString>, ConfigError> {
    args.rules.access_token_file.as_deref().map(|path| read_secret(path, "the access token")).transpose()
}

/// One thread's work with a checker: it remembers the headers that it has seen.
pub(super) struct Check<'c> {
    checker: &'c Checker,
    issuers: Vec<&'c str>,
    verifiers: Vec<Option<Verifier<'c>>>,
}

impl<'c> Check<'c> {
    pub(super) fn new(checker: &'c Checker) -> Self {
        let issuers = checker.trusted.iter().map(|trust| trust.policy.issuer.as_deref().unwrap_or_default()).collect();
        Self { checker, issuers, verifiers: checker.trusted.iter().map(|_| None).collect() }
    }

    /// What is to be said of a token. An error: nothing can be said, since keys or roles could not be had.
    pub(super) fn verdict(&mut self, token: &str) -> Result<Verdict, Error> {
        let claims = match self.claims(token)? {
            Ok(claims) => claims,
            Err(untrusted) => return Ok(Verdict::Untrusted(untrusted)),
        };
        let gates = &self.checker.gates;
        if gates.is_empty() {
            return Ok(Verdict::Trusted(claims));
        }
        let sub = claims.get("sub").and_then(|sub| sub.as_str());
        let roles = self.checker.roles.as_ref().map(|roles| roles.of(sub)).transpose()?;
        Ok(match gates.check(&claims, roles.as_deref()) {
            Ok(()) => Verdict::Trusted(claims),
            Err(missing) => Verdict::Lacking(missing),
        })
    }

    fn claims(&mut self, token: &str) -> Result<Result<Claims, Untrusted>, Error> {
        let whose = match claimed_issuer(token, &self.issuers) {
            Ok(whose) => whose,
            Err(untrusted) => return Ok(Err(untrusted)),
        };
        let trust = &self.checker.trusted[whose];
        let (now, access_token) = (self.checker.now(), self.checker.access_token.as_ref());
        let access_token = access_token.map(ExposeSecret::expose_secret);
        let verifier = match &mut self.verifiers[whose] {
            Some(verifier) => verifier,
            empty => empty.insert(Verifier::new(trust.keys()?, &trust.policy)),
        };
        let verdict = verifier.verify(token, now, access_token);
        let stale = matches!(&verdict, Err(untrusted) if untrusted.remedy() == Some(Remedy::RefreshKeys));
        match if stale { trust.fresh_keys()? } else { None } {
            None => Ok(verdict),
            Some(keys) => {
                *verifier = Verifier::new(keys, &trust.policy);
                Ok(verifier.verify(token, now, access_token))
            }
        }
    }
}
