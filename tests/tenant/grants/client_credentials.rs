//! Tokens for the application itself (RFC 6749 §4.4).

use super::request::TokenRequest;
use crate::tenant::directory::Api;
use crate::tenant::error_responses;
use crate::tenant::transport::response::Response;

/// RFC 6749 §4.4: a token for the application itself, which knows no user and no `id_token`.
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
    let asked = request
        .fields
        .text("scope")
        .unwrap_or_default()
        .split_whitespace();
    let too_much: Vec<&str> = asked
        .filter(|asked| !api.scopes.iter().any(|scope| scope == asked))
        .collect();
    if !too_much.is_empty() {
        return Err(error_responses::scopes_not_granted(&too_much.join(", ")));
    }
    Ok(request.token_response(request.client_token(api)))
}
