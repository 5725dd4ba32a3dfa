//! A failure as people and scripts are told of it: classes and exit codes are stable.

/// Why a run ended without its result. Safe to show: no secret stands in it, and foreign text is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind it is; decides the exit code.
    pub class: Class,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// The tenant's HTTP status, where it refused.
    pub status: Option<u16>,
    /// The tenant's `error`, where it refused.
    pub code: Option<String>,
    /// Every rule that a token broke, or every claim that it lacks.
    pub reasons: Vec<String>,
    /// The second factors that the account offers, as `--factor` names them.
    pub factors: Box<[&'static str]>,
    /// Whether the exit code alone is to tell of it.
    pub silent: bool,
}

impl Failure {
    /// A failure that no tenant answered.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: None,
            status: None,
            code: None,
            reasons: Vec::new(),
            factors: Box::default(),
            silent: false,
        }
    }

    /// The same failure with a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What kind of failure ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Anything not foreseen, or stdout that cannot be written to.
    Internal,
    /// Arguments or settings missing or invalid.
    Usage,
    /// The tenant says that the e-mail address, the password or the one-time code is wrong.
    WrongCredentials,
    /// A second factor is needed and none was given.
    MfaRequired,
    /// The application may not do this.
    TenantRefused,
    /// Too many attempts or requests.
    Throttled,
    /// No connection, no TLS, no answer in time, or a server error.
    Unreachable,
    /// An answer that is no token answer.
    BadAnswer,
    /// A token failed verification.
    UntrustedToken,
    /// A genuine token lacks a required claim.
    ClaimMissing,
    /// Ctrl-C.
    Interrupted,
}

impl Class {
    /// The name in `--error-format json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::WrongCredentials => "wrong_credentials",
            Self::MfaRequired => "mfa_required",
            Self::TenantRefused => "tenant_refused",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::BadAnswer => "bad_answer",
            Self::UntrustedToken => "untrusted_token",
            Self::ClaimMissing => "claim_missing",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code.
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::WrongCredentials => 3,
            Self::MfaRequired => 4,
            Self::TenantRefused => 5,
            Self::Throttled => 6,
            Self::Unreachable | Self::BadAnswer => 7,
            Self::UntrustedToken => 8,
            Self::ClaimMissing => 9,
            Self::Interrupted => 130,
        }
    }
}
