//! The keys of sealed records, which are in the keyring. It is not asked for anything until a key is
//! needed.

use std::cell::RefCell;
use std::ffi::OsString;
use std::rc::Rc;
use std::time::Duration;

use super::sealed::SealingKey;
use crate::config::Variables;
use crate::keyring::{Keyring, KeyringError};

/// The variable with the address of the session bus.
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// How long a call of the keyring may take, without a dialog.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The keys of sealed records.
pub(super) struct SealingKeys {
    addresses: OsString,
    wait: Duration,
    /// The connection, once it was needed; what failed once is not tried again.
    keyring: RefCell<Option<Result<Keyring, KeyringError>>>,
    found: RefCell<Vec<Rc<SealingKey>>>,
}

impl SealingKeys {
    /// `timeout` bounds each call of the keyring, if it is short.
    pub(super) fn new(variables: Variables<'_>, timeout: Duration) -> Self {
        Self {
            addresses: variables(BUS).unwrap_or_default(),
            wait: timeout.min(LONGEST_WAIT),
            keyring: RefCell::default(),
            found: RefCell::default(),
        }
    }

    /// Fails where no key can be stored without a question to the user. A keyring that is not running
    /// is started only if `starts_service` says so.
    pub(super) fn ensure_available(&self, starts_service: bool) -> Result<(), KeyringError> {
        self.with(starts_service, Keyring::ensure_unlocked)
    }

    /// The key of this ID, if the keyring has it.
    pub(super) fn find(&self, id: &str) -> Result<Option<Rc<SealingKey>>, KeyringError> {
        let found = self.found.borrow().iter().find(|key| key.id == id).cloned();
        if found.is_some() {
            return Ok(found);
        }
        let Some(text) = self.with(true, |keyring| keyring.find(id))? else {
            return Ok(None);
        };
        let key = SealingKey::parse(id, &text).ok_or(KeyringError::Invalid)?;
        Ok(Some(self.keep(key)))
    }

    /// A new key, which the keyring shows with this label.
    pub(super) fn create(&self, label: &str) -> Result<Rc<SealingKey>, KeyringError> {
        let (key, text) = SealingKey::generate().ok_or(KeyringError::NoRandomNumbers)?;
        self.with(true, |keyring| {
            keyring.store(&key.id, label, text.as_bytes())
        })?;
        Ok(self.keep(key))
    }

    pub(super) fn remove(&self, id: &str) -> Result<(), KeyringError> {
        self.with(true, |keyring| keyring.remove(id))
    }

    fn keep(&self, key: SealingKey) -> Rc<SealingKey> {
        let key = Rc::new(key);
        self.found.borrow_mut().push(Rc::clone(&key));
        key
    }

    fn with<T>(
        &self,
        starts_service: bool,
        call: impl FnOnce(&mut Keyring) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        let mut keyring = self.keyring.borrow_mut();
        let open = || Keyring::open(&self.addresses, self.wait, starts_service);
        match keyring.get_or_insert_with(open) {
            Err(error) => Err(error.clone()),
            Ok(opened) => {
                let result = call(opened);
                if let Err(error) = &result
                    && error.ends_connection()
                {
                    *keyring = Some(Err(error.clone()));
                }
                result
            }
        }
    }
}
