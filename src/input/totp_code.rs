//! A code computed from the secret of an authenticator app, each at most once.

use std::thread;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::code_request::CodeRequest;
use super::countdown::Countdown;
use super::error::InputError;
use crate::deadline::Deadline;
use crate::totp::{Reserved, TotpSecret, UsedSteps};

/// How often the next step is waited for: ten of them are Auth0's time limit for a second factor.
const WAITS: usize = 10;

/// Fails where the use of a code could not be recorded.
pub(super) fn ensure_recordable(secret: &TotpSecret, deadline: Deadline) -> Result<(), InputError> {
    UsedSteps::open(secret, deadline).map_err(InputError::CodeNotRecorded)?;
    Ok(())
}

/// The code of the current time step; of the next one, where a process of this user used it.
pub(super) fn unused(
    secret: &TotpSecret,
    request: &CodeRequest<'_>,
) -> Result<SecretString, InputError> {
    let mut deadline = request.deadline;
    let used = UsedSteps::open(secret, deadline).map_err(InputError::CodeNotRecorded)?;
    for _ in 0..=WAITS {
        let reserved = used.reserve((request.clock)(), deadline);
        match reserved.map_err(InputError::CodeNotRecorded)? {
            Reserved::Code(code) => return Ok(code),
            Reserved::UsedUntil(next) => wait(next, request),
        }
        deadline = deadline.restarted();
    }
    Err(InputError::CodesUsed)
}

fn wait(until: i64, request: &CodeRequest<'_>) {
    let seconds = until.saturating_sub((request.clock)()).max(1);
    let pause = Duration::from_secs(seconds.unsigned_abs());
    let what = "The current one-time code was used already; waiting for the next one";
    if request.interactivity.is_interactive() {
        let mut countdown = Countdown::new(what, Instant::now() + pause, request.interactivity);
        countdown.pause(pause);
    } else {
        (request.note)(&format!(
            "the current one-time code was used already; waiting {seconds} s for the next one"
        ));
        thread::sleep(pause);
    }
}
