//! The client credentials grant (RFC 6749 §4.4).

use super::request::TokenRequest;
use crate::tenant::directory::Api;
use crate::tenant::error_responses;
use crate::tenant::transport::response::Response;

pub(super) fn client_credentials(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let audience = request
        .fields
        .text("audience")
        .ok_or_else(error_responses::no_audience)?;
    let management = Api {
        identifier: request.state.management_audience(),
        scopes: request.client.management_scopes.clone(),
    };
    let (api, authorized) = if audience == management.identifier {
        (&management, !management.scopes.is_empty())
    } else {
        let api = request
            .api(audience)
            .ok_or_else(|| error_responses::service_not_enabled(audience))?;
        (
            api,
            request
                .client
                .authorized_apis
                .iter()
                .any(|identifier| identifier == audience),
        )
    };
    if !authorized {
        return Err(error_responses::api_not_authorized(audience));
    }
    let requested = request
        .fields
        .text("scope")
        .unwrap_or_default()
        .split_whitespace();
    let not_granted: Vec<&str> = requested
        .filter(|requested| !api.scopes.iter().any(|scope| scope == requested))
        .collect();
    if !not_granted.is_empty() {
        return Err(error_responses::scopes_not_granted(&not_granted.join(", ")));
    }
    Ok(request.token_response(request.client_token(api)))
}
