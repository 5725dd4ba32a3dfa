//! A person's visit, from the first page to the last: who signed in, and with what.

use std::collections::HashMap;

use axum::http::HeaderMap;

use super::html::{button, escaped, field, form, page};
use crate::tenant::directory::User;
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::second_factors::factor::Credential;
use crate::tenant::transport::request_log;
use crate::tenant::transport::response::Response;

/// The visits that have not ended.
pub(crate) type Visits = HashMap<String, Visit>;

/// A person's visit.
#[derive(Clone, Default)]
pub(crate) struct Visit {
    /// What the application asked for.
    pub(super) query: HashMap<String, String>,
    user: Option<String>,
    is_proven: bool,
}

/// What a form leads to.
pub(super) enum Next {
    Page(Response),
    Accepted(String),
    Declined,
}

impl Visit {
    pub(super) fn new(query: HashMap<String, String>) -> Self {
        Self {
            query,
            ..Self::default()
        }
    }

    /// The page that comes next, or the end.
    pub(super) fn next(
        &mut self,
        id: &str,
        fields: &HashMap<String, String>,
        options: &TenantOptions,
    ) -> Next {
        let text = |name: &str| fields.get(name).map(String::as_str);
        let mut problem = None;
        if let (Some(email), Some(password)) = (text("username"), text("password")) {
            let user = options.directory.user(email);
            match user.filter(|user| user.password == password) {
                Some(user) if user.blocked || user.denied.is_some() => {
                    problem = Some("This account may not log in.");
                }
                Some(user) => self.user = Some(user.email.clone()),
                None => problem = Some("Wrong email or password."),
            }
        }
        let user = self
            .user
            .as_deref()
            .and_then(|email| options.directory.user(email));
        let Some(user) = user else {
            return Next::Page(self.login_page(id, problem));
        };
        if let Some(code) = text("code") {
            self.is_proven = has_otp(user, code);
            problem = (!self.is_proven).then_some("Wrong code.");
        }
        if user.mfa_required && !self.is_proven {
            let content = field("code", "text", "Code from the authenticator app", "")
                + &button("action", "code", "Continue");
            return Next::Page(page(
                "One more step",
                problem,
                &form(&[("visit", id)], &content),
            ));
        }
        match text("consent") {
            Some("yes") => Next::Accepted(user.email.clone()),
            Some(_) => Next::Declined,
            None => Next::Page(self.consent_page(id, user)),
        }
    }

    fn login_page(&self, id: &str, problem: Option<&str>) -> Response {
        let hint = self.query.get("login_hint").map_or("", String::as_str);
        let content = field("username", "text", "Email address", hint)
            + &field("password", "password", "Password", "")
            + &button("action", "login", "Log in");
        page("Log in", problem, &form(&[("visit", id)], &content))
    }

    fn consent_page(&self, id: &str, user: &User) -> Response {
        let asked = |name: &str| self.query.get(name).map_or("", String::as_str);
        let content = format!(
            "<p>{} is asked for access to <b>{}</b> {}</p>{}{}",
            escaped(&user.email),
            escaped(asked("scope")),
            escaped(asked("audience")),
            button("consent", "yes", "Accept"),
            button("consent", "no", "Decline"),
        );
        page("Authorize padlock", None, &form(&[("visit", id)], &content))
    }
}

fn has_otp(user: &User, code: &str) -> bool {
    user.factors.iter().any(|factor| match &factor.credential {
        Credential::Otp(expected) => expected == code,
        _ => false,
    })
}

/// The fields of a form that a browser sends.
pub(super) fn fields(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HashMap<String, String>, Response> {
    let fields = request_log::parse_fields(headers, body);
    let fields = fields.ok_or_else(error_responses::malformed_body)?;
    let text =
        |(name, value): (String, serde_json::Value)| Some((name, value.as_str()?.to_owned()));
    Ok(fields.into_iter().filter_map(text).collect())
}
