//! Tokens for the application itself (RFC 6749 §4.4).

use super::request::Exchange;
use crate::tenant::directory::Api;
use crate::tenant::error_responses;
use crate::tenant::transport::response::Response;

/// RFC 6749 §4.4: a token for the application itself, which knows no user and no `id_token`.
pub(super) fn client_credentials(exchange: &Exchange<'_>) -> Result<Response, Response> {
    let audience = exchange
        .fields
        .text("audience")
        .ok_or_else(error_responses::no_audience)?;
    let management = Api {
        identifier: exchange.shared.management(),
        scopes: exchange.client.management_scopes.clone(),
    };
    let (api, authorized) = if audience == management.identifier {
        (&management, !management.scopes.is_empty())
    } else {
        let api = exchange
            .api(audience)
            .ok_or_else(|| error_responses::service_not_enabled(audience))?;
        (
            api,
            exchange
                .client
                .authorized_apis
                .iter()
                .any(|identifier| identifier == audience),
        )
    };
    if !authorized {
        return Err(error_responses::api_not_authorized(audience));
    }
    let asked = exchange
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
    Ok(exchange.token_response(exchange.own_token(api)))
}
