//! Second factors: what a user is enrolled with, and what each takes as credential.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tenant::options::TenantOptions;
use crate::tenant::transport::response::Response;

#[derive(Clone, Debug)]
pub(crate) struct Factor {
    pub(crate) id: String,
    pub(crate) credential: Credential,
    pub(crate) active: bool,
    name: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// An authenticator app that always shows this code.
    Otp(String),
    /// An authenticator app with this secret (RFC 6238).
    Totp(Vec<u8>),
    /// A message with this code, by `sms`, `voice` or `email`.
    Message {
        channel: &'static str,
        code: String,
    },
    /// A question on the user's phone, answered after so many polls; no refusal: accepted.
    Push {
        polls: usize,
        error: Option<Response>,
    },
    RecoveryCode(String),
}

impl Factor {
    /// An authenticator app that always shows this code.
    pub(crate) fn otp(code: &str) -> Self {
        Self::new(Credential::Otp(code.to_owned()), None)
    }

    /// An authenticator app; [`totp`] gives the code of the moment. Each code is taken once.
    pub(crate) fn totp(secret: &[u8]) -> Self {
        Self::new(Credential::Totp(secret.to_vec()), None)
    }

    pub(crate) fn sms(name: &str, code: &str) -> Self {
        Self::message("sms", name, code)
    }

    pub(crate) fn voice(name: &str, code: &str) -> Self {
        Self::message("voice", name, code)
    }

    pub(crate) fn email(name: &str, code: &str) -> Self {
        Self::message("email", name, code)
    }

    /// A push that the user accepts; `polls` requests are told to wait before that.
    pub(crate) fn push_accepted_after(polls: usize) -> Self {
        Self::new(
            Credential::Push { polls, error: None },
            Some("Robin's phone"),
        )
    }

    /// A push that the user declines; `polls` requests are told to wait before that.
    pub(crate) fn push_declined_after(polls: usize, error: Response) -> Self {
        Self::new(
            Credential::Push {
                polls,
                error: Some(error),
            },
            Some("Robin's phone"),
        )
    }

    /// A push that nobody looks at.
    pub(crate) fn push_never_answered() -> Self {
        Self::push_accepted_after(usize::MAX)
    }

    /// The code is good once; the answer then holds the next one.
    pub(crate) fn recovery_code(code: &str) -> Self {
        Self::new(Credential::RecoveryCode(code.to_owned()), None)
    }

    /// Enrolled, but never confirmed.
    pub(crate) fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    /// The name in the list of authenticators.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    fn message(channel: &'static str, name: &str, code: &str) -> Self {
        Self::new(
            Credential::Message {
                channel,
                code: code.to_owned(),
            },
            Some(name),
        )
    }

    fn new(credential: Credential, name: Option<&str>) -> Self {
        Self {
            id: String::new(),
            credential,
            active: true,
            name: name.map(str::to_owned),
        }
    }

    /// `otp`, `oob` or `recovery-code`.
    pub(crate) fn kind(&self) -> &'static str {
        match self.credential {
            Credential::Otp(_) | Credential::Totp(_) => "otp",
            Credential::Message { .. } | Credential::Push { .. } => "oob",
            Credential::RecoveryCode(_) => "recovery-code",
        }
    }

    /// How a challenge reaches the user; Auth0 calls its push `auth0`.
    pub(crate) fn channel(&self) -> Option<&'static str> {
        match self.credential {
            Credential::Message { channel, .. } => Some(channel),
            Credential::Push { .. } => Some("auth0"),
            _ => None,
        }
    }

    /// The factor in the list of authenticators.
    pub(crate) fn to_json(&self) -> Value {
        let mut members =
            json!({ "id": self.id, "authenticator_type": self.kind(), "active": self.active });
        if let Some(channel) = self.channel() {
            members["oob_channel"] = json!(channel);
        }
        if let Some(name) = &self.name {
            members["name"] = json!(name);
        }
        members
    }

    fn prefix(&self) -> &'static str {
        match self.credential {
            Credential::Otp(_) | Credential::Totp(_) => "totp",
            Credential::Message { channel, .. } => channel,
            Credential::Push { .. } => "push",
            Credential::RecoveryCode(_) => "recovery-code",
        }
    }
}

/// What users are enrolled with.
impl TenantOptions {
    /// One more factor of the first user, who needs one from now on.
    pub(crate) fn factor(self, mut factor: Factor) -> Self {
        self.first_user(|user| {
            user.mfa_required = true;
            factor.id = format!(
                "{}|dev_Percy{:011}",
                factor.prefix(),
                user.factors.len() + 1
            );
            user.factors.push(factor);
        })
    }

    /// How long an `mfa_token` is good; ten minutes otherwise.
    pub(crate) fn mfa_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.mfa_token_lifetime = lifetime;
        self
    }

    /// Who looks at a push again sooner than this is told to slow down; a second otherwise.
    pub(crate) fn push_interval(mut self, interval: Duration) -> Self {
        self.push_interval = interval;
        self
    }

    /// A challenge by push says how many seconds to leave between looks, which Auth0's leaves out.
    pub(crate) fn advertises_interval(mut self, seconds: u64) -> Self {
        self.advertised_interval = Some(seconds);
        self
    }

    /// Wrong codes in a row after which none is taken; ten otherwise.
    pub(crate) fn max_failed_codes(mut self, max: u32) -> Self {
        self.max_failed_codes = max;
        self
    }
}
