//! The page where a person enters or confirms the code of a device (RFC 8628 §3.3).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use url::form_urlencoded;

use super::html::{button, escaped, field, form, page};
use super::visit::{Next, Visit, fields};
use crate::tenant::error_responses;
use crate::tenant::grants::device::{self, DeviceAnswer};
use crate::tenant::state::TenantState;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;

/// `GET /activate`
pub(crate) async fn show(State(state): State<Arc<TenantState>>, uri: Uri) -> Response {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query: HashMap<String, String> = query.into_owned().collect();
    let code = query.get("user_code").map_or("", String::as_str);
    let id = random_token("visit_");
    state
        .visits()
        .insert(id.clone(), Visit::new(HashMap::new()));
    code_page(&id, code, None)
}

fn code_page(id: &str, code: &str, problem: Option<&str>) -> Response {
    let content = field("user_code", "text", "Code that the device shows", code)
        + &button("action", "code", "Continue");
    page(
        "Connect a device",
        problem,
        &form(&[("visit", id)], &content),
    )
}

/// `POST /activate`, as the pages' forms do.
pub(crate) async fn submit(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    proceed(&state, &headers, &body).unwrap_or_else(|page| page)
}

fn proceed(state: &TenantState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = fields(headers, body)?;
    let id = fields.get("visit").cloned().unwrap_or_default();
    let visit = state.visits().remove(&id);
    let mut visit = visit.ok_or_else(|| error_responses::page(400, "This page has expired"))?;
    if let Some(code) = fields.get("user_code") {
        let Some(scope) = device::scope_of(state, code) else {
            state.visits().insert(id.clone(), visit);
            return Ok(code_page(&id, code, Some("No device shows this code.")));
        };
        visit
            .query
            .insert("user_code".to_owned(), code.trim().to_owned());
        visit.query.insert("scope".to_owned(), scope);
    }
    let code = visit.query.get("user_code").cloned().unwrap_or_default();
    let answer = match visit.next(&id, &fields, &state.options()) {
        Next::Page(page) => {
            state.visits().insert(id, visit);
            return Ok(page);
        }
        Next::Accepted(email) => DeviceAnswer::Confirms(email),
        Next::Declined => DeviceAnswer::Cancels,
    };
    device::answer(state, &code, &answer);
    let text = match answer {
        DeviceAnswer::Confirms(_) => "Your device is connected.",
        DeviceAnswer::Cancels => "The device was not connected.",
    };
    Ok(page(
        text,
        None,
        &format!("<p>{}</p>", escaped("You can close this window.")),
    ))
}
