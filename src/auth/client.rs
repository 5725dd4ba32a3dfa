//! One application at one tenant, with a deadline.

use crate::config::{Application, TokenRequestOptions};
use crate::deadline::Deadline;
use crate::http::Http;
use crate::input::{CodeRequest, Interactivity};
use crate::provider::Provider;

/// One application at one tenant. Its deadline is that of its HTTP client.
#[derive(Clone)]
pub(crate) struct Client<'a> {
    pub(crate) http: Http,
    pub(crate) provider: &'a Provider,
    pub(crate) application: &'a Application,
    pub(super) options: &'a TokenRequestOptions,
    /// This machine's clock, in seconds since 1970.
    pub(crate) clock: fn() -> i64,
    /// Shows a new recovery code, which the tenant sends only once, before anything else can fail.
    pub(super) show_recovery_code: &'a dyn Fn(&str),
    /// Prints a note for the user at once.
    note: &'a dyn Fn(&str),
}

impl<'a> Client<'a> {
    pub(crate) fn new(
        http: &Http,
        provider: &'a Provider,
        application: &'a Application,
        options: &'a TokenRequestOptions,
        clock: fn() -> i64,
    ) -> Self {
        Self {
            http: http.clone(),
            provider,
            application,
            options,
            clock,
            show_recovery_code: &|_| (),
            note: &|_| (),
        }
    }

    /// The same, showing a new recovery code as soon as the tenant sends one.
    pub(crate) fn showing_recovery_codes(self, show: &'a dyn Fn(&str)) -> Self {
        Self {
            show_recovery_code: show,
            ..self
        }
    }

    /// The same, printing notes for the user.
    pub(crate) fn noting(self, note: &'a dyn Fn(&str)) -> Self {
        Self { note, ..self }
    }

    /// What reading a one-time code depends on; `question` is the prompt.
    pub(super) fn code_request<'r>(
        &'r self,
        question: &'r str,
        interactivity: Interactivity,
    ) -> CodeRequest<'r> {
        CodeRequest {
            question,
            deadline: self.deadline(),
            interactivity,
            clock: self.clock,
            note: self.note,
        }
    }

    /// The same with a fresh deadline: the time that a person takes does not count.
    pub(crate) fn with_fresh_deadline(&self) -> Self {
        Self {
            http: self.http.with_fresh_deadline(),
            ..self.clone()
        }
    }

    /// The same with another deadline.
    pub(crate) fn with_http(self, http: Http) -> Self {
        Self { http, ..self }
    }

    /// The same, with a fresh deadline if a person or a command may have taken time.
    pub(crate) fn with_fresh_deadline_if(&self, has_waited: bool) -> Self {
        let http = self.http.clone();
        Self {
            http: http.with_fresh_deadline_if(has_waited),
            ..self.clone()
        }
    }

    /// When the run has to end.
    pub(crate) fn deadline(&self) -> Deadline {
        self.http.deadline()
    }
}
