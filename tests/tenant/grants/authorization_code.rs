//! The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636), for a user who is signed in to
//! the tenant already.

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
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;

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
    let client = client.ok_or_else(|| error_responses::page(400, "Unknown client"))?;
    let redirect_uri = text("redirect_uri").unwrap_or_default();
    // Callback URLs are compared exactly.
    if !options
        .callbacks
        .iter()
        .any(|callback| callback == redirect_uri)
    {
        return Err(error_responses::page(403, "Callback URL mismatch"));
    }
    let back = |parameters: &[(&str, &str)]| redirect(redirect_uri, text("state"), parameters);
    if text("response_type") != Some("code") {
        return Err(back(&[("error", "unsupported_response_type")]));
    }
    if is_loopback(redirect_uri) && text("prompt") == Some("none") {
        return Err(back(&[("error", "interaction_required")]));
    }
    if is_loopback(redirect_uri) && options.confirms_loopback && text("confirmed").is_none() {
        return Ok(error_responses::page(
            200,
            "Do you want to continue to this application?",
        ));
    }
    let user = options
        .directory
        .users
        .first()
        .map(|user| user.email.clone());
    let code = random_token("");
    let granted = AuthorizationCode {
        grant: Grant {
            user,
            client: client.id.clone(),
            audience: query.get("audience").cloned(),
            scope: query.get("scope").cloned(),
            nonce: query.get("nonce").cloned(),
        },
        redirect_uri: redirect_uri.to_owned(),
        code_challenge: query.get("code_challenge").cloned(),
    };
    state.authorization_codes().insert(code.clone(), granted);
    Ok(back(&[("code", &code)]))
}

fn redirect(uri: &str, state: Option<&str>, parameters: &[(&str, &str)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    query.extend_pairs(state.map(|state| ("state", state)));
    let location = format!("{uri}?{}", query.finish());
    Response::new(302, "").header("location", &location)
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

    /// Asks the person to confirm a redirect to their own machine: another program could listen
    /// there. A browser confirms with the parameter `confirmed`.
    pub(crate) fn confirms_loopback(mut self) -> Self {
        self.confirms_loopback = true;
        self
    }
}
