//! The secrets of this run.
//!
//! They are global, since everything that writes to stderr has to leave them out: prompts, notes,
//! log lines, failures and the panic hook, on any thread.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::{foreign, search};

/// The most that are kept: a stream of tokens may ask for an access token now and again.
const MOST: usize = 256;

static KNOWN: Mutex<Vec<Arc<SecretString>>> = Mutex::new(Vec::new());

/// The same secret, which no text for people shows from here on.
pub(crate) fn known(secret: SecretString) -> SecretString {
    remember(secret.expose_secret());
    secret
}

/// Leaves this secret out of every text for people from here on.
pub(crate) fn remember(secret: &str) {
    let mut known = lock();
    if known.iter().any(|known| known.expose_secret() == secret) {
        return;
    }
    foreign::prepare_for(secret);
    // The first are the user's own.
    if known.len() == MOST {
        known.remove(MOST / 2);
    }
    known.push(Arc::new(secret.into()));
}

/// The text without the secrets of this run, for people and logs.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    // Not locked during the search: the panic hook calls this too.
    let known = lock().clone();
    let secrets = known.iter().map(|secret| secret.expose_secret());
    search::without(text, secrets, &foreign::texts())
}

/// Wipes the secrets of this run; what is written after this is not searched for them.
pub fn forget() {
    lock().clear();
    foreign::forget();
}

fn lock() -> MutexGuard<'static, Vec<Arc<SecretString>>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
