//! The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636): for a user who is signed in to
//! the tenant already, or after its login page.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::State;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::{Host, Url, form_urlencoded};

use super::request::TokenRequest;
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::pages::login;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;

/// How the tenant treats browsers.
#[derive(Clone, Copy, Default)]
pub(crate) struct BrowserOptions {
    /// Asks before it redirects to the person's own machine.
    confirms_loopback: bool,
    /// Accepts any port of a callback on the person's own machine.
    ignores_loopback_port: bool,
    pub(crate) shows_login_page: bool,
}

/// Codes that were not redeemed yet.
pub(crate) type AuthorizationCodes = HashMap<String, AuthorizationCode>;

pub(crate) struct AuthorizationCode {
    grant: Grant,
    redirect_uri: String,
    code_challenge: Option<String>,
}

/// `GET /authorize`, as the person's browser calls it.
pub(crate) async fn authorize(State(state): State<Arc<TenantState>>, uri: Uri) -> Response {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query: HashMap<String, String> = query.into_owned().collect();
    respond(&state, &query).unwrap_or_else(|page| page)
}

fn respond(state: &TenantState, query: &HashMap<String, String>) -> Result<Response, Response> {
    let options = state.options();
    let text = |name: &str| query.get(name).map(String::as_str);
    let clients = &options.directory.clients;
    let client = clients
        .iter()
        .find(|client| Some(client.id.as_str()) == text("client_id"));
    if client.is_none() {
        return Err(error_responses::page(400, "Unknown client"));
    }
    let redirect_uri = text("redirect_uri").unwrap_or_default();
    // Callback URLs are compared exactly.
    let is_callback = |callback: &String| {
        callback == redirect_uri
            || (options.browsers.ignores_loopback_port
                && is_loopback(redirect_uri)
                && without_port(callback) == without_port(redirect_uri))
    };
    if !options.callbacks.iter().any(is_callback) {
        return Err(error_responses::page(403, "Callback URL mismatch"));
    }
    let back = |parameters: &[(&str, &str)]| return_with(query, parameters);
    if text("response_type") != Some("code") {
        return Err(back(&[("error", "unsupported_response_type")]));
    }
    if is_loopback(redirect_uri) && text("prompt") == Some("none") {
        return Err(back(&[("error", "interaction_required")]));
    }
    if is_loopback(redirect_uri)
        && options.browsers.confirms_loopback
        && text("confirmed").is_none()
    {
        return Ok(error_responses::page(
            200,
            "Do you want to continue to this application?",
        ));
    }
    if options.browsers.shows_login_page {
        return Ok(login::begin(state, query));
    }
    let first = options.directory.users.first();
    Ok(grant(state, query, first.map(|user| user.email.clone())))
}

/// Returns to the application with a code for this user.
pub(crate) fn grant(
    state: &TenantState,
    query: &HashMap<String, String>,
    user: Option<String>,
) -> Response {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let code = random_token("");
    let granted = AuthorizationCode {
        grant: Grant {
            user,
            client: text("client_id"),
            audience: query.get("audience").cloned(),
            scope: query.get("scope").cloned(),
            nonce: query.get("nonce").cloned(),
        },
        redirect_uri: text("redirect_uri"),
        code_challenge: query.get("code_challenge").cloned(),
    };
    state.authorization_codes().insert(code.clone(), granted);
    return_with(query, &[("code", &code)])
}

/// Returns to the application with these parameters, and its `state`.
pub(crate) fn return_with(
    query: &HashMap<String, String>,
    parameters: &[(&str, &str)],
) -> Response {
    let text = |name: &str| query.get(name).map(String::as_str);
    let (uri, state) = (text("redirect_uri").unwrap_or_default(), text("state"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    query.extend_pairs(state.map(|state| ("state", state)));
    let location = format!("{uri}?{}", query.finish());
    Response::new(302, "").header("location", &location)
}

fn without_port(uri: &str) -> Option<Url> {
    let mut url = Url::parse(uri).ok()?;
    url.set_port(None).ok()?;
    Some(url)
}

fn is_loopback(uri: &str) -> bool {
    let url = Url::parse(uri).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Redeems a code, which works once.
pub(super) fn authorization_code(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let fields = request.fields;
    let code = request
        .state
        .authorization_codes()
        .remove(fields.required("code")?);
    let code = code.filter(|code| code.grant.client == request.client.id);
    let code = code.ok_or_else(error_responses::invalid_authorization_code)?;
    if fields.text("redirect_uri") != Some(&code.redirect_uri) {
        return Err(error_responses::invalid_authorization_code());
    }
    if let Some(challenge) = &code.code_challenge {
        let verifier = fields.text("code_verifier").unwrap_or_default();
        let found = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        if &found != challenge {
            return Err(error_responses::wrong_code_verifier());
        }
    }
    let user = code
        .grant
        .user_in(&request.options.directory)
        .ok_or_else(error_responses::invalid_authorization_code)?;
    Ok(request.token_response(request.login_tokens(user, &code.grant)))
}

impl TenantOptions {
    /// The callback URLs of the applications, `http://127.0.0.1:8484/callback` by default.
    pub(crate) fn callbacks(mut self, callbacks: &[&str]) -> Self {
        self.callbacks = callbacks.iter().map(|&url| url.to_owned()).collect();
        self
    }

    /// Accepts any port of a callback on this machine (RFC 8252 §7.3), as Auth0 does not.
    pub(crate) fn ignores_loopback_port(mut self) -> Self {
        self.browsers.ignores_loopback_port = true;
        self
    }

    /// Asks the person to confirm a redirect to their own machine: another program could listen
    /// there. A browser confirms with the parameter `confirmed`.
    pub(crate) fn confirms_loopback(mut self) -> Self {
        self.browsers.confirms_loopback = true;
        self
    }
}
