//! Failures as users and scripts see them; classes and exit codes are stable.

/// Why a run failed. Safe to show: contains no secret, and text from outside is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its kind, which decides the exit code.
    pub class: Class,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The server's HTTP status, if it responded with an error.
    pub status: Option<u16>,
    /// The server's `error`, if it responded with one.
    pub code: Option<String>,
    /// Every rule that a token violates, or every requirement that it does not meet.
    pub reasons: Vec<String>,
    /// The second factors that the account offers, as `--factor` names them.
    pub factors: Box<[&'static str]>,
    /// Whether nothing is printed, so that only the exit code reports it.
    pub is_silent: bool,
}

impl Failure {
    /// A failure without a hint or an error response.
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
            is_silent: false,
        }
    }

    /// The same failure, reported by the exit code alone.
    pub(crate) fn silent(self) -> Self {
        Self {
            is_silent: true,
            ..self
        }
    }

    /// The same failure with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a stage's error means to users and scripts, stated beside the error's definition.
pub(crate) trait Diagnose: std::error::Error {
    /// The kind of failure.
    fn class(&self) -> Class;

    /// What to do next; starts with a verb.
    fn hint(&self) -> Option<String>;

    /// The server's HTTP status, if it responded with an error.
    fn status(&self) -> Option<u16> {
        None
    }

    /// The server's `error`, if it responded with one.
    fn code(&self) -> Option<String> {
        None
    }

    /// Every rule that a token violates, or every requirement that it does not meet.
    fn reasons(&self) -> Vec<String> {
        Vec::new()
    }

    /// The second factors that the account offers, as `--factor` names them.
    fn factors(&self) -> Box<[&'static str]> {
        Box::default()
    }
}

impl<E: Diagnose> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            class: error.class(),
            message: with_causes(&error),
            hint: error.hint(),
            status: error.status(),
            code: error.code(),
            reasons: error.reasons(),
            factors: error.factors(),
            is_silent: false,
        }
    }
}

/// The message, followed by its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = causes.map(ToString::to_string).collect();
    messages.join(": ")
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A bug in padlock, or stdout that cannot be written to.
    Internal,
    /// Missing or invalid arguments or settings.
    Usage,
    /// The e-mail address, the password or the one-time code is wrong.
    WrongCredentials,
    /// A second factor is required.
    MfaRequired,
    /// The tenant refused the request.
    TenantRefused,
    /// Too many attempts or requests.
    Throttled,
    /// No connection, no TLS, no response in time, or a server error.
    Unreachable,
    /// An invalid response.
    BadAnswer,
    /// A token failed verification.
    UntrustedToken,
    /// A valid token does not meet the requirements.
    ClaimMissing,
    /// No saved session, or one that has ended.
    NoSession,
    /// `run`: there is no such command.
    CommandNotFound,
    /// `run`: the command cannot be executed.
    CommandNotExecutable,
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
            Self::NoSession => "no_session",
            Self::CommandNotFound => "command_not_found",
            Self::CommandNotExecutable => "command_not_executable",
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
            Self::NoSession => 10,
            Self::CommandNotExecutable => 126,
            Self::CommandNotFound => 127,
            Self::Interrupted => 130,
        }
    }
}
