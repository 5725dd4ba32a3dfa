//! Which time steps were used, so that no process of the user sends a code twice: a provider refuses
//! the second one (RFC 6238 §5.2), and some lock the account.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::secret::TotpSecret;
use crate::deadline::Deadline;
use crate::escape;
use crate::state::{Fingerprints, SILENTLY, StateError, StateFolder};

/// The steps that are remembered of a secret; older ones are refused by providers anyway.
const MOST: usize = 64;

/// The steps of one secret that were used, in the user's state folder. A clock that is set back does
/// no harm: each step is remembered, not only the last.
pub(crate) struct UsedSteps<'a> {
    secret: &'a TotpSecret,
    folder: StateFolder,
    /// The file's name, which reveals no secret.
    name: String,
}

/// What came of the wish for a code.
pub(crate) enum Reserved {
    /// It is recorded as used, and on the disk.
    Code(SecretString),
    /// The current code was used. The next one begins then, in seconds since 1970.
    UsedUntil(i64),
}

/// The content of a file.
#[derive(Default, Deserialize, Serialize)]
struct Record {
    /// In the order in which they were used.
    used: Vec<u64>,
}

impl<'a> UsedSteps<'a> {
    /// Finds out whether steps can be recorded: where they cannot, no code is sent.
    pub(crate) fn open(secret: &'a TotpSecret, deadline: Deadline) -> Result<Self, StateError> {
        let folder = StateFolder::create()?;
        let fingerprints = Fingerprints::open(&folder, deadline)?;
        let [key, parameters] = secret.identity();
        let fingerprint = fingerprints.of(&[b"totp", &key, &parameters]);
        let found = Self {
            secret,
            folder,
            name: format!("totp-{fingerprint}.json"),
        };
        let _lock = found.folder.lock(&found.name, deadline, SILENTLY)?;
        found.read()?;
        // The space of a record, or the reason why there is none.
        drop(found.folder.prepare(&found.name, 1024)?);
        Ok(found)
    }

    /// The current code, if no process used it.
    pub(crate) fn reserve(&self, now: i64, deadline: Deadline) -> Result<Reserved, StateError> {
        let _lock = self.folder.lock(&self.name, deadline, SILENTLY)?;
        let mut record = self.read()?;
        let step = self.secret.step_at(now);
        if record.used.contains(&step) {
            let next = self.secret.begin_of(step.saturating_add(1));
            return Ok(Reserved::UsedUntil(next));
        }
        record.used.push(step);
        let excess = record.used.len().saturating_sub(MOST);
        record.used.drain(..excess);
        // Serializing numbers does not fail.
        let content = serde_json::to_vec(&record).unwrap_or_default();
        self.folder.write(&self.name, &content)?;
        Ok(Reserved::Code(self.secret.code_of(step)))
    }

    fn read(&self) -> Result<Record, StateError> {
        let Some(content) = self.folder.read(&self.name)? else {
            return Ok(Record::default());
        };
        serde_json::from_slice(&content).map_err(|error| StateError::Damaged {
            path: escape::path(&self.folder.path_of(&self.name)),
            problem: error.to_string(),
        })
    }
}
