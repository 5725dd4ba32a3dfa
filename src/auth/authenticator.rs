//! A second factor that a user has enrolled, and how a person is asked about it.

use crate::args::Factor;
use crate::escape;
use crate::response::Members;

/// A second factor that a user has enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authenticator {
    pub(super) id: String,
    pub(crate) factor: Factor,
    /// Part of a phone number, an e-mail address, a device. Escaped.
    name: Option<String>,
}

/// The factors that one of Auth0's names means, in any of its vocabularies: the types of the
/// MFA API and of `mfa_requirements`, the out-of-band channels, the prefixes of IDs.
pub(super) fn factors_of(name: &str) -> &'static [Factor] {
    match name {
        "otp" | "totp" => &[Factor::Otp],
        "sms" => &[Factor::Sms],
        "voice" => &[Factor::Voice],
        "phone" => &[Factor::Sms, Factor::Voice],
        "email" => &[Factor::Email],
        "auth0" | "push" | "push-notification" => &[Factor::Push],
        "recovery-code" => &[Factor::RecoveryCode],
        "oob" => &[Factor::Sms, Factor::Voice, Factor::Email, Factor::Push],
        _ => &[],
    }
}

impl Authenticator {
    /// Reads one element of `GET /mfa/authenticators`. `None` if it is of a kind that padlock does
    /// not know.
    pub(super) fn read(json: &Members<'_>) -> Option<Self> {
        let id = json.text("id");
        let factor = factor(json, id.as_deref().unwrap_or_default())?;
        // Only the challenge of a message or a push names the authenticator.
        let needs_id = !matches!(factor, Factor::Otp | Factor::RecoveryCode);
        let id = id.or_else(|| (!needs_id).then(String::new))?;
        let name = json.text("name").filter(|name| !name.is_empty());
        Some(Self {
            id,
            factor,
            name: name.map(|name| escape::excerpt(&name, 60)),
        })
    }

    /// Whether the user has confirmed the factor of this element.
    pub(super) fn is_active(json: &Members<'_>) -> bool {
        json.flag("active") != Some(false)
    }

    #[cfg(test)]
    pub(super) fn of(factor: Factor) -> Self {
        Self {
            id: String::new(),
            factor,
            name: None,
        }
    }

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

/// The factor: its type, narrowed down by the channel and the ID's prefix where the type names
/// several; without a type, what the prefix and the channel say.
fn factor(json: &Members<'_>, id: &str) -> Option<Factor> {
    let kind = json
        .text("authenticator_type")
        .or_else(|| json.text("type"));
    let prefix = id.split_once('|').map(|(prefix, _)| prefix.to_owned());
    let channels = json
        .text("oob_channel")
        .into_iter()
        .chain(json.list("oob_channels"));
    let narrower: Vec<_> = match &kind {
        Some(_) => channels.chain(prefix).collect(),
        None => prefix.into_iter().chain(channels).collect(),
    };
    let possible = kind.as_deref().map(factors_of);
    let named = narrower.iter().flat_map(|name| factors_of(name));
    match possible {
        Some([only]) => Some(*only),
        Some(several) => {
            let mut named = named.filter(|factor| several.contains(factor));
            let is_phone = kind.as_deref() == Some("phone");
            named.next().copied().or(is_phone.then_some(Factor::Sms))
        }
        None => named.copied().next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Factor> {
        let members = Members::parse(json).unwrap();
        Authenticator::read(&members).map(|one| one.factor)
    }

    #[test]
    fn an_authenticator_is_known_by_any_of_its_members() {
        for (json, factor) in [
            (r#"{"id":"x","authenticator_type":"otp"}"#, Factor::Otp),
            (
                r#"{"authenticator_type":"recovery-code"}"#,
                Factor::RecoveryCode,
            ),
            (
                r#"{"id":"x","authenticator_type":"oob","oob_channel":"sms"}"#,
                Factor::Sms,
            ),
            (
                r#"{"id":"x","authenticator_type":"oob","oob_channel":"auth0"}"#,
                Factor::Push,
            ),
            (
                r#"{"id":"push|dev_1","authenticator_type":"oob"}"#,
                Factor::Push,
            ),
            (
                r#"{"id":"sms|dev_1","type":"oob","oob_channels":["voice"]}"#,
                Factor::Voice,
            ),
            (
                r#"{"id":"x|dev_1","type":"phone","oob_channel":"voice"}"#,
                Factor::Voice,
            ),
            (r#"{"id":"sms|dev_1","type":"phone"}"#, Factor::Sms),
            (r#"{"id":"x","type":"phone"}"#, Factor::Sms),
            (
                r#"{"id":"push|dev_1","type":"push-notification"}"#,
                Factor::Push,
            ),
            (r#"{"id":"email|dev_1"}"#, Factor::Email),
            (r#"{"id":"totp|dev_1"}"#, Factor::Otp),
            (
                r#"{"id":"dev_1","oob_channels":["sms","voice"]}"#,
                Factor::Sms,
            ),
            (
                r#"{"id":"dev_1","authenticator_type":5,"type":"email"}"#,
                Factor::Email,
            ),
        ] {
            assert_eq!(read(json), Some(factor), "{json}");
        }
        for json in [
            "{}",
            r#"{"id":5}"#,
            r#"{"id":"x"}"#,
            r#"{"id":"webauthn-roaming|1"}"#,
            r#"{"id":"totp|1","authenticator_type":"webauthn-roaming"}"#,
            r#"{"authenticator_type":"oob","oob_channel":"sms"}"#,
            r#"{"id":"x","authenticator_type":"oob","oob_channel":"pigeon"}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
