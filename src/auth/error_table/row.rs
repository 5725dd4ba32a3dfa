//! A row of the error table: which responses it is about, and what they mean.

use crate::auth::step::Step;
use crate::failure::Class;
use crate::provider::ProviderKind;

/// What can be done after an error response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Nothing.
    None,
    /// Try another code, since this one is wrong.
    TryAnotherCode,
    /// Poll again, since the push has not been answered yet.
    PollAgain,
    /// Poll again, but less often (RFC 8628 §3.5).
    PollSlower,
    /// Start the login over, since it took too long.
    StartOver,
    /// Correct the client ID or its secret, since the tenant does not accept them.
    CorrectClient,
    /// Allow the grant, or use another one.
    AllowGrant,
}

/// Where a response came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) step: Step,
    /// 0: the response came by the browser's redirect.
    pub(crate) status: u16,
    pub(crate) kind: ProviderKind,
}

/// A row. In message and hint, `{host}` is replaced by the server's, and `{server}` by what it is
/// called.
pub(in crate::auth) struct ErrorRow {
    pub(super) condition: Condition,
    pub(in crate::auth) class: Class,
    pub(in crate::auth) message: &'static str,
    hint: Option<&'static str>,
    /// The hint that names Auth0's dashboard.
    auth0_hint: Option<&'static str>,
    pub(in crate::auth) next_step: NextStep,
    /// Whether to quote the server's words, which say more than the message.
    pub(in crate::auth) is_quoted: bool,
}

/// What a response must match. An empty list: anything.
#[derive(Clone, Copy)]
pub(super) struct Condition {
    /// One of the response's codes must be one of these.
    pub(super) codes: &'static [&'static str],
    /// The description, in lower case, must contain one of these.
    pub(super) phrases: &'static [&'static str],
    /// Whether there must be no description.
    pub(super) is_wordless: bool,
    /// 0: any.
    pub(super) status: u16,
    pub(super) steps: &'static [Step],
    pub(super) kinds: &'static [ProviderKind],
}

/// Only at Auth0.
pub(super) const AUTH0: &[ProviderKind] = &[ProviderKind::Auth0];
pub(super) const KEYCLOAK: &[ProviderKind] = &[ProviderKind::Keycloak];
pub(super) const NOT_KEYCLOAK: &[ProviderKind] = &[ProviderKind::Auth0, ProviderKind::Other];
/// Anywhere but at Auth0.
pub(super) const ELSEWHERE: &[ProviderKind] = &[ProviderKind::Keycloak, ProviderKind::Other];

/// A response with one of these codes.
pub(super) const fn codes(codes: &'static [&'static str]) -> Condition {
    Condition {
        codes,
        phrases: &[],
        is_wordless: false,
        status: 0,
        steps: &[],
        kinds: &[],
    }
}

/// A response whose description contains one of these phrases.
pub(super) const fn says(phrases: &'static [&'static str]) -> Condition {
    codes(&[]).says(phrases)
}

impl Condition {
    pub(super) const fn says(mut self, phrases: &'static [&'static str]) -> Self {
        self.phrases = phrases;
        self
    }

    pub(super) const fn wordless(mut self) -> Self {
        self.is_wordless = true;
        self
    }

    pub(super) const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) const fn during(mut self, steps: &'static [Step]) -> Self {
        self.steps = steps;
        self
    }

    pub(super) const fn at(mut self, kinds: &'static [ProviderKind]) -> Self {
        self.kinds = kinds;
        self
    }

    pub(super) const fn means(self, class: Class, message: &'static str) -> ErrorRow {
        ErrorRow {
            condition: self,
            class,
            message,
            hint: None,
            auth0_hint: None,
            next_step: NextStep::None,
            is_quoted: false,
        }
    }

    /// Whether a response matches; `description` in lower case.
    fn matches(&self, situation: Situation, codes: &[String], description: &str) -> bool {
        let has_code = |code: &&str| codes.iter().any(|found| found == code);
        (self.steps.is_empty() || self.steps.contains(&situation.step))
            && (self.kinds.is_empty() || self.kinds.contains(&situation.kind))
            && (self.status == 0 || self.status == situation.status)
            && (self.codes.is_empty() || self.codes.iter().any(has_code))
            && (self.phrases.is_empty() || self.phrases.iter().any(|one| description.contains(one)))
            && (!self.is_wordless || description.is_empty())
    }
}

impl ErrorRow {
    pub(super) fn matches(
        &self,
        situation: Situation,
        codes: &[String],
        description: &str,
    ) -> bool {
        self.condition.matches(situation, codes, description)
    }

    /// The hint for this kind of provider.
    pub(in crate::auth) fn hint_at(&self, kind: ProviderKind) -> Option<&'static str> {
        self.auth0_hint.filter(|_| kind.is_auth0()).or(self.hint)
    }

    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) const fn auth0(mut self, hint: &'static str) -> Self {
        self.auth0_hint = Some(hint);
        self
    }

    pub(super) const fn then(mut self, next_step: NextStep) -> Self {
        self.next_step = next_step;
        self
    }

    pub(super) const fn quoted(mut self) -> Self {
        self.is_quoted = true;
        self
    }
}
