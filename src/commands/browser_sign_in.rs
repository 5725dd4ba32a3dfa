//! Signs in with the browser of this machine: the login page, the wait, the code for tokens.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use super::start::{Binding, SignInStart, SignInTokens};
use crate::auth::{Authorization, AuthorizationRequest};
use crate::browser::{self, BrowserError, Environment, Event, RedirectListener};
use crate::config::BrowserMethod;
use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::http;
use crate::input::{Answer, Countdown, Question, Terminal};
use crate::output::SignInAddress;
use crate::redact::remember;
use crate::response::AuthorizationResponse;

/// How long the person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Columns of a host in a line for people.
const MAX_COLUMNS: usize = 60;

/// Signs in with the browser. `max_age`: seconds since the user signed in, at most.
pub(super) fn with_browser<'c>(
    method: BrowserMethod,
    max_age: Option<u32>,
    start: SignInStart<'_, 'c>,
) -> Result<SignInTokens<'c>, Failure> {
    let SignInStart {
        client, context, ..
    } = start;
    let endpoint = client.provider.require_browser()?;
    let authorization = Authorization::new()?;
    let listener = RedirectListener::start(&method.redirect_uri, authorization.state.clone())?;
    let keys = start.keys.if_reachable(true)?;
    let request = AuthorizationRequest {
        method: &method,
        redirect_uri: &listener.redirect_uri,
        grant: start.grant,
        max_age,
    };
    let address = client.authorization_address(&endpoint, &authorization, &request);
    let wait = BrowserWait::new(
        &listener,
        &authorization,
        &address,
        start.tenant_from,
        context,
    );
    let response = wait.response(method.opens)?;
    authorization.hide();
    let client = client.with_fresh_deadline();
    let keys = keys.map(|keys| keys.or_retried(&client.http));
    let code = client.code_of(response)?;
    let response = client.authorization_code(&code, &listener.redirect_uri, &authorization)?;
    Ok(SignInTokens {
        response,
        client,
        keys,
        user_name: method.email.clone(),
        binding: binding(authorization, code, method),
    })
}

fn binding(authorization: Authorization, code: SecretString, method: BrowserMethod) -> Binding {
    Binding {
        nonce: Some(authorization.nonce),
        code: Some(code),
        organization: method.organization,
        account: method.email,
    }
}

/// The wait for the browser's return.
struct BrowserWait<'a> {
    listener: &'a RedirectListener,
    authorization: &'a Authorization,
    address: &'a str,
    host: String,
    until: Instant,
    context: &'a Context<'a>,
}

impl<'a> BrowserWait<'a> {
    fn new(
        listener: &'a RedirectListener,
        authorization: &'a Authorization,
        address: &'a Url,
        named_by: Option<&'static str>,
        context: &'a Context<'a>,
    ) -> Self {
        let host = escape::host(&http::host(address), MAX_COLUMNS);
        let source = named_by.map(|source| format!(" (from {source})"));
        Self {
            listener,
            authorization,
            address: address.as_str(),
            host: host + source.as_deref().unwrap_or_default(),
            until: Instant::now() + PATIENCE,
            context,
        }
    }

    fn response(&self, opens: bool) -> Result<AuthorizationResponse, Failure> {
        let environment = Environment::read(self.context.variables);
        let is_opened = opens && environment.has_browser();
        self.announce(is_opened)?;
        if is_opened {
            browser::open(&environment, self.address, self.listener.sender());
        } else if self.can_paste() {
            return self.pasted_or_returned();
        }
        loop {
            match self.next() {
                Some(Event::Returned(response)) => return Ok(*response),
                Some(Event::NotOpened) if self.can_paste() => {
                    return self.pasted_or_returned();
                }
                Some(Event::NotOpened) => {
                    (self.context.note)("no browser could be opened: open the address yourself");
                }
                None => return Err(late()),
            }
        }
    }

    fn next(&self) -> Option<Event> {
        let what = "Waiting for the sign-in in the browser";
        let mut countdown = Countdown::new(what, self.until, self.context.interactivity);
        countdown.wait_for(|time| self.listener.next(time))
    }

    /// Says where to sign in: at the terminal, else on stderr.
    fn announce(&self, is_opened: bool) -> Result<(), Failure> {
        if !self.context.interactivity.is_interactive() {
            (self.context.show_sign_in)(&SignInAddress::Browser {
                host: &self.host,
                address: self.address,
                is_opened,
            });
            return Ok(());
        }
        let terminal = Terminal::open()?;
        let host = &self.host;
        let text = if is_opened {
            format!(
                "Opening the browser to sign in at {host}. If it does not open, go to this address:"
            )
        } else {
            format!("To sign in at {host}, open this address in a browser:")
        };
        terminal.print(&format!("{text}\n\n{}\n", self.address), 0)?;
        Ok(())
    }

    /// Whether a person can paste the address that a browser on another machine ends at. Elsewhere
    /// than on Unix a question cannot be withdrawn when the browser returns.
    fn can_paste(&self) -> bool {
        cfg!(unix) && self.context.interactivity.is_interactive()
    }

    /// The first of the browser's return and an address that is pasted.
    fn pasted_or_returned(&self) -> Result<AuthorizationResponse, Failure> {
        let mut terminal = Terminal::open()?;
        let returned = RefCell::new(None);
        let is_over = || {
            if let Some(Event::Returned(response)) = self.listener.next(Duration::ZERO) {
                *returned.borrow_mut() = Some(response);
            }
            returned.borrow().is_some() || Instant::now() >= self.until
        };
        terminal.print(PASTE, 0)?;
        let question = Question {
            text: "Address: ",
            what: "address",
            answer: Answer::Secret,
        };
        while let Some(pasted) = terminal.ask_while_needed(&question, &is_over)? {
            match self.pasted(&pasted) {
                Some(response) => return Ok(response),
                None => terminal.print(&not_the_redirect(self.listener), 0)?,
            }
        }
        let returned = returned.take();
        returned.map_or_else(|| Err(late()), |response| Ok(*response))
    }

    /// The same checks as for a request to the redirect URI.
    fn pasted(&self, address: &Zeroizing<String>) -> Option<AuthorizationResponse> {
        let query = self.listener.redirect_uri.query_of(address.trim())?;
        remember(address.trim());
        AuthorizationResponse::read(query, &self.authorization.state)
    }
}

fn late() -> Failure {
    let minutes = PATIENCE.as_secs() / 60;
    BrowserError::Late { minutes }.into()
}

const PASTE: &str = "If the browser runs on another machine, it ends at a page that it cannot \
                     open. Paste the address of that page here; it is not shown.";

fn not_the_redirect(listener: &RedirectListener) -> String {
    format!(
        "That is not where this sign-in ends: the address begins with {}? and has the state of \
         this sign-in. Paste it again.",
        listener.redirect_uri.as_str()
    )
}
