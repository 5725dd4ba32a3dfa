//! Logins that wait for a second factor: MFA tokens, challenges and used codes.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::tenant::error_responses;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;

#[derive(Default)]
pub(crate) struct Transactions {
    open: HashMap<String, Transaction>,
    challenges: HashMap<String, Challenge>,
    failed_codes: HashMap<String, u32>,
    used_codes: HashSet<(String, String)>,
    recovery_codes: HashMap<String, String>,
}

struct Transaction {
    grant: Grant,
    /// How many factors were proven before.
    proven: u32,
    started: Instant,
}

struct Challenge {
    mfa_token: String,
    factor: String,
    started: Instant,
    polls: usize,
    polled: Option<Instant>,
    slow_downs: u64,
}

impl Transactions {
    /// Stores the grant and returns an `mfa_token` for it.
    pub(crate) fn start(&mut self, grant: Grant) -> String {
        self.start_after(0, grant)
    }

    /// Counts a factor as proven. Returns a new `mfa_token` if more are required.
    pub(crate) fn prove(&mut self, mfa_token: &str, required: u32) -> Option<String> {
        let transaction = self.open.get(mfa_token)?;
        let (proven, grant) = (transaction.proven + 1, transaction.grant.clone());
        (proven < required).then(|| self.start_after(proven, grant))
    }

    fn start_after(&mut self, proven: u32, grant: Grant) -> String {
        let token = random_token("Fe26.2*1*");
        self.open.insert(
            token.clone(),
            Transaction {
                grant,
                proven,
                started: Instant::now(),
            },
        );
        token
    }

    /// The grant that an `mfa_token` was issued for.
    pub(crate) fn grant(&self, mfa_token: &str, lifetime: Duration) -> Result<Grant, Response> {
        let transaction = self
            .open
            .get(mfa_token)
            .ok_or_else(error_responses::malformed_mfa_token)?;
        if transaction.started.elapsed() > lifetime {
            return Err(error_responses::expired_mfa_token());
        }
        Ok(transaction.grant.clone())
    }

    /// Returns the `oob_code` of a new challenge.
    pub(crate) fn challenge(&mut self, mfa_token: &str, factor: &str) -> String {
        let code = random_token("Fe26.2*1*");
        let (mfa_token, factor) = (mfa_token.to_owned(), factor.to_owned());
        self.challenges.insert(
            code.clone(),
            Challenge {
                mfa_token,
                factor,
                started: Instant::now(),
                polls: 0,
                polled: None,
                slow_downs: 0,
            },
        );
        code
    }

    /// The id of the factor that was challenged.
    pub(crate) fn challenged_factor(
        &self,
        oob_code: &str,
        mfa_token: &str,
        lifetime: Duration,
    ) -> Result<String, Response> {
        let challenge = self
            .challenges
            .get(oob_code)
            .ok_or_else(error_responses::malformed_oob_code)?;
        if challenge.mfa_token != mfa_token {
            return Err(error_responses::oob_code_of_other_login());
        }
        if challenge.started.elapsed() > lifetime {
            return Err(error_responses::expired_oob_code());
        }
        Ok(challenge.factor.clone())
    }

    /// Counts a poll; `slow_down` if it comes within `interval` of the last one.
    pub(crate) fn poll(&mut self, oob_code: &str, interval: Duration) -> Result<usize, Response> {
        let challenge = self
            .challenges
            .get_mut(oob_code)
            .ok_or_else(error_responses::malformed_oob_code)?;
        let last = challenge.polled.replace(Instant::now());
        if last.is_some_and(|last| last.elapsed() < interval) {
            challenge.slow_downs += 1;
            let seconds = interval.as_secs().max(1) * challenge.slow_downs;
            return Err(error_responses::slow_down(seconds));
        }
        challenge.polls += 1;
        Ok(challenge.polls)
    }

    /// Consecutive wrong codes of a user, after `update`.
    pub(crate) fn failed_codes(&mut self, user: &str, update: impl FnOnce(&mut u32)) -> u32 {
        let failed = self.failed_codes.entry(user.to_owned()).or_default();
        update(failed);
        *failed
    }

    /// Whether a code is used for the first time.
    pub(crate) fn is_first_use(&mut self, factor: &str, code: &str) -> bool {
        self.used_codes.insert((factor.to_owned(), code.to_owned()))
    }

    /// The recovery code that replaced the enrolled one.
    pub(crate) fn recovery_code(&self, user: &str) -> Option<&str> {
        self.recovery_codes.get(user).map(String::as_str)
    }

    pub(crate) fn replace_recovery_code(&mut self, user: &str) -> String {
        let mut code = random_token("")
            .to_ascii_uppercase()
            .replace(['-', '_'], "7");
        code.truncate(24);
        self.recovery_codes.insert(user.to_owned(), code.clone());
        code
    }
}
