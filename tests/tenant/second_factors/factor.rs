//! Factors that a user has enrolled.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tenant::directory::User;
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
    /// A code sent by `sms`, `voice` or `email`.
    Message {
        channel: &'static str,
        code: String,
    },
    /// A push notification, answered after this many polls; accepted unless there is an error.
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

    /// An authenticator app; see [`super::totp::totp`]. Each code is accepted once.
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

    /// A push that the user accepts after `polls` pending responses.
    pub(crate) fn push_accepted_after(polls: usize) -> Self {
        Self::new(
            Credential::Push { polls, error: None },
            Some("Robin's phone"),
        )
    }

    /// A push that the user declines after `polls` pending responses.
    pub(crate) fn push_declined_after(polls: usize, error: Response) -> Self {
        Self::new(
            Credential::Push {
                polls,
                error: Some(error),
            },
            Some("Robin's phone"),
        )
    }

    /// A push that the user ignores.
    pub(crate) fn push_never_answered() -> Self {
        Self::push_accepted_after(usize::MAX)
    }

    /// A recovery code, valid once; the response includes the next one.
    pub(crate) fn recovery_code(code: &str) -> Self {
        Self::new(Credential::RecoveryCode(code.to_owned()), None)
    }

    /// Enrolled but never confirmed.
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

    /// The authenticator type: `otp`, `oob` or `recovery-code`.
    pub(crate) fn kind(&self) -> &'static str {
        match self.credential {
            Credential::Otp(_) | Credential::Totp(_) => "otp",
            Credential::Message { .. } | Credential::Push { .. } => "oob",
            Credential::RecoveryCode(_) => "recovery-code",
        }
    }

    /// The `oob_channel`; Auth0 calls its own push `auth0`.
    pub(crate) fn channel(&self) -> Option<&'static str> {
        match self.credential {
            Credential::Message { channel, .. } => Some(channel),
            Credential::Push { .. } => Some("auth0"),
            _ => None,
        }
    }

    /// The entry in the list of authenticators.
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

impl User {
    /// Adds a factor, and requires one from then on.
    pub(crate) fn enrol(&mut self, mut factor: Factor) {
        let number = self.factors.len() + 1;
        factor.id = format!("{}|dev_Percy{number:011}", factor.prefix());
        self.mfa_required = true;
        self.factors.push(factor);
    }
}

/// Enrolment.
impl TenantOptions {
    /// Enrols the first user in a factor, and requires one from then on.
    pub(crate) fn factor(self, factor: Factor) -> Self {
        self.first_user(|user| user.enrol(factor))
    }

    /// Five minutes by default.
    pub(crate) fn mfa_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.mfa_token_lifetime = lifetime;
        self
    }

    /// The lifetime of a message's code and of a push; five minutes by default.
    pub(crate) fn oob_code_lifetime(mut self, lifetime: Duration) -> Self {
        self.oob_code_lifetime = lifetime;
        self
    }

    /// `mfa_requirements` in the `mfa_required` response; null for none. By default none for a user
    /// with a factor, and `enroll` for one without.
    pub(crate) fn mfa_requirements(mut self, requirements: Value) -> Self {
        self.mfa_requirements = Some(requirements);
        self
    }

    /// Factors to prove one after another; one by default.
    pub(crate) fn required_factors(mut self, number: u32) -> Self {
        self.required_factors = number;
        self
    }

    /// Polls more frequent than this get `slow_down`; one second by default.
    pub(crate) fn push_interval(mut self, interval: Duration) -> Self {
        self.push_interval = interval;
        self
    }

    /// Adds `interval` to push challenges, which Auth0 omits.
    pub(crate) fn advertises_interval(mut self, seconds: u64) -> Self {
        self.advertised_interval = Some(seconds);
        self
    }

    /// Consecutive wrong codes before every code is rejected; ten by default.
    pub(crate) fn max_failed_codes(mut self, max: u32) -> Self {
        self.max_failed_codes = max;
        self
    }
}
