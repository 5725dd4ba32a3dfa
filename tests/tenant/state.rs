//! State that the server shares with the test.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use super::grants::authorization_code::AuthorizationCodes;
use super::grants::device::DeviceCodes;
use super::grants::refresh::RefreshTokens;
use super::options::TenantOptions;
use super::pages::visit::Visits;
use super::second_factors::transactions::Transactions;
use super::tokens::issue::Grant;
use super::transport::connection::ConnectionFault;
use super::transport::fault::Fault;
use super::transport::http2::Http2Fault;
use super::transport::request_log::RequestLog;

pub(super) struct TenantState {
    /// With a trailing slash.
    pub(super) url: String,
    pub(super) requests: RequestLog,
    options: Mutex<TenantOptions>,
    failed_logins: Mutex<HashMap<String, u32>>,
    access_tokens: Mutex<HashMap<String, Grant>>,
    refresh_tokens: Mutex<RefreshTokens>,
    transactions: Mutex<Transactions>,
    device_codes: Mutex<DeviceCodes>,
    authorization_codes: Mutex<AuthorizationCodes>,
    visits: Mutex<Visits>,
    assertions: Mutex<HashSet<(String, String)>>,
}

impl TenantState {
    pub(super) fn new(url: String, options: TenantOptions) -> Self {
        Self {
            url,
            requests: RequestLog::default(),
            options: Mutex::new(options),
            failed_logins: Mutex::default(),
            access_tokens: Mutex::default(),
            refresh_tokens: Mutex::default(),
            transactions: Mutex::default(),
            device_codes: Mutex::default(),
            authorization_codes: Mutex::default(),
            visits: Mutex::default(),
            assertions: Mutex::default(),
        }
    }

    /// A snapshot of the options.
    pub(super) fn options(&self) -> TenantOptions {
        self.lock().clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(TenantOptions) -> TenantOptions) {
        let mut options = self.lock();
        *options = change(options.clone());
    }

    /// The next fault of a path; uses it up.
    pub(super) fn fault(&self, path: &str) -> Option<Fault> {
        self.lock().scripts.fault(path)
    }

    /// The fault of the next connection; uses it up.
    pub(super) fn next_connection(&self) -> Option<ConnectionFault> {
        self.lock().next_connection()
    }

    /// The fault of the next HTTP/2 connection; uses it up.
    pub(super) fn next_http2_connection(&self) -> Option<Http2Fault> {
        self.lock().next_http2_connection()
    }

    /// Consecutive failed logins of a user, after `update`.
    pub(super) fn failed_logins(&self, user: &str, update: impl FnOnce(&mut u32)) -> u32 {
        let mut failed = self.failed_logins.lock().expect("no handler panicked");
        let count = failed.entry(user.to_owned()).or_default();
        update(count);
        *count
    }

    pub(super) fn management_audience(&self) -> String {
        let audience = self.lock().management_audience.clone();
        audience.unwrap_or_else(|| format!("{}api/v2/", self.url))
    }

    /// Remembers the grant of an access token.
    pub(super) fn store_access_token(&self, access_token: Option<&str>, grant: Grant) {
        let mut access_tokens = self.access_tokens.lock().expect("no handler panicked");
        access_tokens.extend(access_token.map(|token| (token.to_owned(), grant)));
    }

    pub(super) fn access_token_grant(&self, access_token: &str) -> Option<Grant> {
        self.access_tokens
            .lock()
            .expect("no handler panicked")
            .get(access_token)
            .cloned()
    }

    /// Hold the guard for one statement only, as for [`Self::transactions`].
    pub(super) fn refresh_tokens(&self) -> MutexGuard<'_, RefreshTokens> {
        self.refresh_tokens.lock().expect("no handler panicked")
    }

    /// Logins that wait for a second factor. Hold the guard for one statement only: a second call
    /// in the same statement would deadlock.
    pub(super) fn transactions(&self) -> MutexGuard<'_, Transactions> {
        self.transactions.lock().expect("no handler panicked")
    }

    /// Hold the guard for one function only.
    pub(super) fn device_codes(&self) -> MutexGuard<'_, DeviceCodes> {
        self.device_codes.lock().expect("no handler panicked")
    }

    /// Hold the guard for one statement only.
    pub(super) fn visits(&self) -> MutexGuard<'_, Visits> {
        self.visits.lock().expect("no handler panicked")
    }

    pub(super) fn authorization_codes(&self) -> MutexGuard<'_, AuthorizationCodes> {
        self.authorization_codes
            .lock()
            .expect("no handler panicked")
    }

    /// Whether a client uses this assertion for the first time.
    pub(super) fn is_first_use(&self, client: &str, jti: &str) -> bool {
        let mut used = self.assertions.lock().expect("no handler panicked");
        used.insert((client.to_owned(), jti.to_owned()))
    }

    fn lock(&self) -> MutexGuard<'_, TenantOptions> {
        self.options.lock().expect("no change panicked")
    }
}
