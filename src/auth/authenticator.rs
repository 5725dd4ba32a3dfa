//! A second factor that a user has enrolled, and how a person is asked about it.

use serde::Deserialize;

use crate::args::Factor;
use crate::escape;

/// A second factor that a user has enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authenticator {
    pub(super) id: String,
    pub(crate) factor: Factor,
    /// Part of a phone number, an e-mail address, a device. Escaped.
    name: Option<String>,
}

/// One element of `GET /mfa/authenticators`.
#[derive(Deserialize)]
pub(super) struct AuthenticatorJson {
    id: String,
    authenticator_type: String,
    oob_channel: Option<String>,
    name: Option<String>,
    active: Option<bool>,
}

impl AuthenticatorJson {
    /// Whether the user has confirmed it.
    pub(super) fn is_active(&self) -> bool {
        self.active != Some(false)
    }

    /// The authenticator, if it is of a kind that padlock knows.
    pub(super) fn known(self) -> Option<Authenticator> {
        let kind = self.authenticator_type.as_str();
        let factor = match (kind, self.oob_channel.as_deref()) {
            ("otp", _) => Factor::Otp,
            ("recovery-code", _) => Factor::RecoveryCode,
            ("oob", Some("sms")) => Factor::Sms,
            ("oob", Some("voice")) => Factor::Voice,
            ("oob", Some("email")) => Factor::Email,
            ("oob", Some("auth0")) => Factor::Push,
            _ => return None,
        };
        let name = self.name.filter(|name| !name.is_empty());
        Some(Authenticator {
            id: self.id,
            factor,
            name: name.map(|name| escape::excerpt(&name, 60)),
        })
    }
}

impl Authenticator {
    /// Its line in a menu.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.factor {
            Factor::Otp => return "code from an authenticator app".to_owned(),
            Factor::RecoveryCode => return "recovery code".to_owned(),
            Factor::Sms => "code by text message",
            Factor::Voice => "code by phone call",
            Factor::Email => "code by e-mail",
            Factor::Push => "push notification",
        };
        format!("{kind}{}", self.location())
    }

    /// The prompt for its code.
    pub(crate) fn question(&self) -> String {
        let source = match self.factor {
            Factor::Otp => return "Code from the authenticator app: ".to_owned(),
            Factor::RecoveryCode => return "Recovery code: ".to_owned(),
            Factor::Sms => "text message",
            Factor::Voice => "phone call",
            Factor::Email => "e-mail",
            Factor::Push => "push notification",
        };
        format!("Code from the {source}{}: ", self.location())
    }

    /// ` to XXXXXXXXX9167`, ` on Robin's phone`, or nothing.
    pub(crate) fn location(&self) -> String {
        let preposition = match self.factor {
            Factor::Push => "on",
            _ => "to",
        };
        let name = self.name.as_deref();
        name.map(|name| format!(" {preposition} {name}"))
            .unwrap_or_default()
    }
}
