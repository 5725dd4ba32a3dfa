//! The user's keyring over the Secret Service API, which GNOME, KDE and others offer. It is never
//! unlocked from here: an operation that needs a dialog fails.

use std::ffi::OsStr;
use std::time::Duration;

use zeroize::Zeroizing;

use super::bus::Bus;
use super::error::KeyringError;
use super::message::{Message, Method, Writer};

/// The service's name on the bus.
const SERVICE: &str = "org.freedesktop.secrets";

/// The object of the service.
const ROOT: &str = "/org/freedesktop/secrets";

/// The keyring for new items.
const DEFAULT: &str = "/org/freedesktop/secrets/aliases/default";

/// The path that means none.
const NONE: &str = "/";

/// The user's keyring.
pub(crate) struct Keyring {
    bus: Bus,
    /// The path of the session, in which secrets are plain: the bus is this user's.
    session: String,
    starts_service: bool,
}

/// The items that were found.
struct Found {
    unlocked: Vec<String>,
    locked: Vec<String>,
}

impl Keyring {
    /// Connects to the service over the session bus at one of these addresses. `wait` bounds each
    /// call. A service that is not running is started only if `starts_service` says so.
    pub(crate) fn open(
        addresses: &OsStr,
        wait: Duration,
        starts_service: bool,
    ) -> Result<Self, KeyringError> {
        if addresses.is_empty() {
            return Err(KeyringError::NoBus);
        }
        let mut keyring = Self {
            bus: Bus::connect(&addresses.to_string_lossy(), wait)?,
            session: String::new(),
            starts_service,
        };
        let mut arguments = Writer::default();
        arguments.text("plain");
        arguments.signature("s");
        arguments.text("");
        let reply = keyring.call(ROOT, "Secret.Service", "OpenSession", "sv", &arguments)?;
        let mut reply = reply.arguments();
        reply.signature()?;
        reply.text()?;
        reply.text()?.clone_into(&mut keyring.session);
        Ok(keyring)
    }

    /// Fails where nothing can be stored without a question.
    pub(crate) fn ensure_unlocked(&mut self) -> Result<(), KeyringError> {
        let mut arguments = Writer::default();
        arguments.text("org.freedesktop.Secret.Collection");
        arguments.text("Locked");
        let reply = self.call(DEFAULT, "DBus.Properties", "Get", "ss", &arguments)?;
        let mut reply = reply.arguments();
        if reply.signature()? != b"b" {
            return Err(KeyringError::Invalid);
        }
        match reply.number()? {
            0 => Ok(()),
            _ => Err(KeyringError::Locked),
        }
    }

    /// The secret of this ID, if it is there.
    pub(crate) fn find(&mut self, id: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        let found = self.search(id)?;
        let Some(item) = found.unlocked.first() else {
            if !found.locked.is_empty() {
                return Err(KeyringError::Locked);
            }
            // A locked keyring may not say what it holds.
            return match self.ensure_unlocked() {
                Ok(()) | Err(KeyringError::NoDefault) => Ok(None),
                Err(error) => Err(error),
            };
        };
        let mut arguments = Writer::default();
        arguments.text(&self.session);
        let reply = self.call(item, "Secret.Item", "GetSecret", "o", &arguments)?;
        let mut reply = reply.arguments();
        reply.structure();
        reply.text()?;
        reply.bytes()?;
        Ok(Some(Zeroizing::new(reply.bytes()?.to_vec())))
    }

    /// Stores a secret under a new ID.
    pub(crate) fn store(
        &mut self,
        id: &str,
        label: &str,
        secret: &[u8],
    ) -> Result<(), KeyringError> {
        let mut arguments = Writer::default();
        arguments.array(|properties| {
            properties.structure();
            properties.text("org.freedesktop.Secret.Item.Label");
            properties.signature("s");
            properties.text(label);
            properties.structure();
            properties.text("org.freedesktop.Secret.Item.Attributes");
            properties.signature("a{ss}");
            properties.dictionary(&attributes(id));
        });
        arguments.structure();
        arguments.text(&self.session);
        arguments.bytes(&[]);
        arguments.bytes(secret);
        arguments.text("text/plain");
        arguments.number(0);
        let signature = "a{sv}(oayays)b";
        let interface = "Secret.Collection";
        let reply = self.call(DEFAULT, interface, "CreateItem", signature, &arguments)?;
        let mut reply = reply.arguments();
        reply.text()?;
        ensure_done(reply.text()?)
    }

    /// Removes the secret of this ID, if it is there.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), KeyringError> {
        let found = self.search(id)?;
        for item in found.unlocked.iter().chain(&found.locked) {
            let none = Writer::default();
            let reply = self.call(item, "Secret.Item", "Delete", "", &none)?;
            ensure_done(reply.arguments().text()?)?;
        }
        Ok(())
    }

    fn search(&mut self, id: &str) -> Result<Found, KeyringError> {
        let mut arguments = Writer::default();
        arguments.dictionary(&attributes(id));
        let reply = self.call(ROOT, "Secret.Service", "SearchItems", "a{ss}", &arguments)?;
        let mut reply = reply.arguments();
        let owned = |paths: Vec<&str>| paths.into_iter().map(str::to_owned).collect();
        Ok(Found {
            unlocked: owned(reply.texts()?),
            locked: owned(reply.texts()?),
        })
    }

    fn call(
        &mut self,
        path: &str,
        interface: &str,
        name: &str,
        signature: &str,
        arguments: &Writer,
    ) -> Result<Message, KeyringError> {
        let method = Method {
            destination: SERVICE,
            path,
            interface: &format!("org.freedesktop.{interface}"),
            name,
            starts_service: self.starts_service,
        };
        self.bus.call(method, signature, arguments)
    }
}

/// What an item is found by.
fn attributes(id: &str) -> [(&str, &str); 2] {
    [("application", "padlock"), ("key", id)]
}

/// Fails where the service wants to ask the user before it does what it was asked for.
fn ensure_done(prompt: &str) -> Result<(), KeyringError> {
    match prompt {
        NONE => Ok(()),
        _ => Err(KeyringError::Asks),
    }
}
